"""The shapes: what is kept of a party fits its row and comes back."""

from __future__ import annotations

import msgspec

from crm_core.contacts.model import Draft, Parts, Party, PartyNumber, party
from crm_core.contacts.store import _row, party_of, ready

WHOLE = Party(
    id="p",
    kind="person",
    name="مریم",
    numbers=(PartyNumber("0912", "mobile", None, None, "1", "x"),),
    tags=("a",),
    fields={"credit": 5, "when": "2026-01-01", "which": ["a", "b"], "ok": True},
)


def test_a_row_has_every_column() -> None:
    columns = [column.name for column in party.columns]
    assert len(_row(WHOLE, ready(WHOLE))) == len(columns)
    assert {*Party.__struct_fields__} - {*Parts.__struct_fields__} == {*columns} - {"parts", "sort_key", "name_key"}


def test_what_goes_in_comes_out() -> None:
    assert party_of(_row(WHOLE, ready(WHOLE))) == WHOLE


def test_a_draft_says_nothing_by_itself() -> None:
    assert all(getattr(Draft(), name) is msgspec.UNSET for name in Draft.__struct_fields__)
    assert {*Draft.__struct_fields__} < {*Party.__struct_fields__}


def test_live_and_vip() -> None:
    assert WHOLE.live
    assert not msgspec.structs.replace(WHOLE, deleted_at=1.0).live
    assert not msgspec.structs.replace(WHOLE, merged_into="x").live
    assert msgspec.structs.replace(WHOLE, tier="vip").vip
