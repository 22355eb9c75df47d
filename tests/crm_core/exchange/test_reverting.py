"""An import taken back as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.contacts.model import Draft, DraftNumber
from crm_core.exchange import reverting
from tests.crm_core.exchange.files import csv_file, many
from tests.crm_core.exchange.imports import ME, done, everybody, reverted
from web.services import Crm


async def test_made_ones_go_and_changed_ones_are_what_they_were(crm: Crm, tmp_path: Path) -> None:
    ali = await crm.contacts.create(
        ME, "person", Draft(name="علی", numbers=(DraftNumber("09121234567"),), tags=("قدیمی",))
    )
    rows = [
        ("نام", "موبایل", "شرکت", "برچسب", "توضیحات"), ("علی", "09121234567", "پارس", "نو", "یادداشت"),
        ("مریم", "09121234568", "پارس", "نو", ""), ("علی", "09121234567", "", "نوتر", ""),
    ]  # fmt: skip
    one = await done(crm, csv_file(tmp_path / "f", rows), on_match="fill")
    assert (one.created, one.updated) == (1, 2)
    assert (await crm.contacts.get(ME, ali.id)).tags == ("قدیمی", "نو", "نوتر")
    back = await reverted(crm, one)
    assert (back.state, back.reverted, back.kept) == ("reverted", 3, 0)
    (left,) = await everybody(crm)
    assert (left.id, left.tags, left.company_id, left.version) == (ali.id, ("قدیمی",), None, 3)
    assert (await crm.notes.page(ME, party=ali.id)).items == ()
    assert await crm.lookup.who(ME, "+989121234568") == ()
    assert await everybody(crm, text="مریم") == []


async def test_what_somebody_changed_since_is_left_and_listed(crm: Crm, tmp_path: Path) -> None:
    one = await done(crm, many(tmp_path / "f", 60))
    people = await everybody(crm, kind="person")
    await crm.contacts.change(ME, people[7].id, Draft(position="مدیر"))
    await crm.contacts.delete(ME, people[8].id)
    back = await reverted(crm, one)
    assert back.kept == 2  # the man, and the company that he works at
    assert {party.id for party in await crm.exchange.kept(ME, one.id)} == {people[7].id, people[7].company_id}
    assert {party.id for party in await everybody(crm)} == {people[7].id, people[7].company_id}


async def test_many_batches(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reverting, "BATCH", 101)  # a company stands beside its first person: batches end between them
    one = await done(crm, many(tmp_path / "f", 700))
    back = await reverted(crm, one)
    assert (back.reverted, back.kept) == (750, 0)
    assert await everybody(crm) == []
    async with crm.database.read() as reader:
        (row,) = await reader.fetch("SELECT count(*) FROM audit WHERE action = 'reverted' AND kind = 'import'")
    assert row[0] == 1


async def test_a_contact_that_several_batches_changed_is_what_it_was_first(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverting, "BATCH", 3)
    ali = await crm.contacts.create(ME, "person", Draft(name="علی", numbers=(DraftNumber("09121234567"),)))
    rows = [("نام", "موبایل", "برچسب"), *(("علی", "09121234567", f"t{n}") for n in range(2_500))]
    rows += [(f"م{n}", f"0935{n:07}", "t") for n in range(9)]
    one = await done(crm, csv_file(tmp_path / "f", rows), on_match="fill")
    assert len((await crm.contacts.get(ME, ali.id)).tags) == 100
    back = await reverted(crm, one)
    assert (back.reverted, back.kept) == (10, 0)
    (left,) = await everybody(crm)
    assert (left.id, left.tags) == (ali.id, ())
