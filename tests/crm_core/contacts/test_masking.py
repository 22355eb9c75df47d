"""Numbers are hidden from who may not see them, and nothing else is."""

from __future__ import annotations

import msgspec

from crm_core.contacts.masking import masked
from crm_core.contacts.model import Party, PartyNumber
from cti.kernel.actor import Actor

MAY = Actor(id="1", name="", permissions=frozenset(("numbers.view",)))
PARTY = Party(
    id="p", kind="person", name="x", numbers=(PartyNumber("0912 345 6789", "mobile", "+989123456789", "+989123456789"),)
)


def test_whole_for_who_may() -> None:
    assert masked(PARTY, MAY) is PARTY


def test_dots_for_who_may_not() -> None:
    seen = masked(PARTY, msgspec.structs.replace(MAY, permissions=frozenset()))
    (number,) = seen.numbers
    assert (number.e164, number.key, number.kind) == (None, None, "mobile")
    assert number.raw.startswith("0912")
    assert "345" not in number.raw
    assert msgspec.structs.replace(seen, numbers=()) == msgspec.structs.replace(PARTY, numbers=())
