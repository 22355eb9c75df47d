"""What becomes of rows, those of one batch among them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm_core.contacts.model import Party
from crm_core.exchange.convert import Converter, Plan, Prepared
from crm_core.exchange.deciding import Decided, Decider
from crm_core.exchange.keys import keys_of
from crm_core.exchange.model import OnMatch, Policy
from crm_core.exchange.rows import Row

MAPPING = ("name", "number", "mail", "note")


def prepared(*rows: tuple[str, ...]) -> list[Prepared]:
    converter = Converter(Plan(mapping=MAPPING))
    return [converter.row(Row(n, cells)) for n, cells in enumerate(rows, 2)]


def decide(on_match: OnMatch, rows: list[Prepared], *there: Party) -> Decided:
    known = {key: one for one in there for key in keys_of(one)}
    return Decider(Policy(on_match=on_match), known, "me", 1_000.0).decide(rows)


def there(**fields: Any) -> Party:
    (row,) = prepared(("علی رضایی", "09121234567", "", ""))
    assert row.party is not None

    return msgspec.structs.replace(row.party, id="there", version=4, **fields)


def test_new_ones() -> None:
    decided = decide("skip", prepared(("علی", "09121234567", "", "سلام"), ("مریم", "09121234568", "", "")))
    assert decided.counts == {"created": 2}
    assert [party.created_by for party in decided.new.values()] == ["me", "me"]
    assert decided.new.keys() == decided.ready.keys()
    assert [(row, text) for row, _, text in decided.notes] == [(2, "سلام")]


@pytest.mark.parametrize(
    ("on_match", "counts"),
    [("skip", {"skipped": 1}), ("fill", {"updated": 1}), ("overwrite", {"updated": 1}), ("create", {"created": 1})],
)
def test_of_somebody_who_is_there(on_match: OnMatch, counts: dict[str, int]) -> None:
    decided = decide(on_match, prepared(("علی ر.", "+98 912 123 4567", "a@b.ir", "")), there())
    assert decided.counts == counts
    if "updated" in counts:
        before, after = decided.changed["there"]
        assert (before.version, after.version, after.mails[0].address) == (4, 5, "a@b.ir")
        assert decided.rows[0].before is not None


def test_twice_in_one_batch() -> None:
    rows = prepared(("علی", "09121234567", "", ""), ("علی", "09121234567", "a@b.ir", ""), ("ع", "", "a@b.ir", ""))
    assert decide("skip", rows).counts == {"created": 2, "skipped": 1}  # the third shares nothing with the first
    filled = decide("fill", rows)
    assert filled.counts == {"created": 1, "updated": 1, "skipped": 1}
    (party,) = filled.new.values()
    assert party.mails[0].address == "a@b.ir"
    assert filled.ready == {}


def test_the_image_from_before_is_kept_once() -> None:
    rows = prepared(("علی", "09121234567", "a@b.ir", ""), ("علی", "09121234567", "c@d.ir", ""))
    decided = decide("fill", rows, there())
    assert [row.before is not None for row in decided.rows] == [True, False]
    assert {row.version for row in decided.rows} == {5}
    assert len(decided.changed["there"][1].mails) == 2


def test_nothing_new_is_no_change() -> None:
    assert decide("fill", prepared(("علی رضایی", "09121234567", "", "")), there()).counts == {"skipped": 1}


def test_faulty_rows_are_kept_with_their_cells() -> None:
    decided = decide("skip", prepared(("", "09121234567", "", "")))
    assert decided.counts == {"faulty": 1}
    assert decided.rows[0].cells[1] == "09121234567"
