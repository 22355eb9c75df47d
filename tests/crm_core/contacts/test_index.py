"""The index keeps in step with what it is of: written, changed, dropped, in the same transaction."""

from __future__ import annotations

import time

import pytest

from crm_core.contacts import index
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyMail, PartyNumber
from cti.kernel.actor import system
from cti.kernel.db import Database, Transaction
from web.services import Crm

WHO = system("test")


def person(n: int, name: str, *numbers: str) -> Party:
    return Party(id=f"p{n}", kind="person", name=name, numbers=tuple(PartyNumber(raw=k, key=k) for k in numbers))


async def found(database: Database, text: str) -> list[str]:
    async with database.read() as reader:
        return await index.find(reader, text)


async def full_text(tx: Transaction, word: str) -> int:
    """How many rows the full-text part itself holds a word of, stale ones too."""
    if tx.dialect == "sqlite":
        return len(await tx.fetch("SELECT rowid FROM person_words WHERE person_words MATCH ?", f'"{word}"'))
    return len(await tx.fetch("SELECT id FROM party_index WHERE words @@ ?::text::tsquery", f"'{word}'"))


async def test_put_again_replaces(database: Database) -> None:
    async with database.transaction() as tx:
        await index.put(tx, [person(1, "مریم رستگار", "+989121112233"), person(2, "سارا")])
        await index.put(tx, [person(1, "مریم احمدی", "+989350000000")])
        assert await full_text(tx, "رستگار") == 0
        assert await full_text(tx, "احمدی") == 1
    assert await found(database, "رستگار") == []
    assert await found(database, "احمدی") == ["p1"]
    assert await found(database, "1112233") == []
    assert await found(database, "5000000") == ["p1"]


async def test_drop(database: Database) -> None:
    async with database.transaction() as tx:
        await index.put(tx, [person(1, "مریم"), person(2, "مریم")])
        await index.drop(tx, ["p1", "never"])
        assert await full_text(tx, "مریم") == 1
    assert await found(database, "مریم") == ["p2"]


async def test_nothing_is_found_of_a_transaction_that_failed(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await index.put(tx, [person(1, "مریم")])
            raise ZeroDivisionError
    assert await found(database, "مریم") == []


async def test_what_a_contact_is_found_by(crm: Crm) -> None:
    made = await crm.contacts.create(
        WHO,
        "person",
        Draft(
            first_name="مریم", last_name="رستگار", company_name="داروسازی البرز", position="مدیر فروش",
            national_id="۰۰۱۲۳۴۵۶۷۹", tags=("حمل سرد",), mails=(PartyMail("m.rastegar@alborz.example"),),
            numbers=(DraftNumber("09121112233"),),
        ),
    )  # fmt: skip
    for text in (
        "مریم",
        "رستگار مریم",
        "البرز",
        "مدیر",
        "0012345679",
        "حمل",
        "m.rastegar@alborz",
        "rastegar",
        "112233",
    ):
        assert made.id in await found(crm.database, text), text
    await crm.contacts.delete(WHO, made.id)
    assert await found(crm.database, "مریم") == []
    await crm.contacts.restore(WHO, made.id)
    assert await found(crm.database, "مریم") == [made.id]


async def test_a_company_that_is_renamed_renames_what_its_people_are_found_by(crm: Crm) -> None:
    made = await crm.contacts.create(WHO, "person", Draft(name="مریم", company_name="البرز"))
    await crm.contacts.change(WHO, made.company_id or "", Draft(name="دماوند"))
    assert made.id in await found(crm.database, "دماوند")
    assert await found(crm.database, "البرز") == []


async def test_texts_replace_and_go(database: Database) -> None:
    async with database.transaction() as tx:
        await index.search_text(tx, "note", "n1", "p1", "پیگیری سفارش", 1.0)
        await index.search_text(tx, "note", "n1", "p1", "سفارش\0 تحویل شد", 2.0)
        await index.search_text(tx, "note", "n2", "", "x" * 1_000_000, 2.0)
        rows = await tx.fetch("SELECT id, text, at FROM text_index ORDER BY id")
        assert rows[0] == ("n1", "سفارش تحویل شد", 2.0)
        assert len(rows[1][1]) == index.LONGEST_TEXT
        await index.forget_text(tx, "note", "n1")
        assert await tx.fetch("SELECT id FROM text_index") == [("n2",)]


async def test_hostile_texts_are_indexed_as_they_are(database: Database) -> None:
    hostile = [
        "' | 'x':* & !",
        '" OR * NEAR(a b) {c}:^',
        "<script>alert(1)</script>",
        "%_\\",
        "ﷺ" * 5_000,
        "a " * 5_000,
    ]
    parties = [person(n, text) for n, text in enumerate(hostile)]
    async with database.transaction() as tx:
        await index.put(tx, parties)
    for text in hostile:
        await found(database, text)
    assert "p2" in await found(database, "<script>")


async def test_ten_thousand_are_indexed_quickly(database: Database) -> None:
    parties = [person(n, f"علی‌رضا محمدی {n}", f"+98912{n:07}") for n in range(5_000)]
    begin = time.perf_counter()
    async with database.transaction() as tx:
        for start in range(0, len(parties), 1_000):
            await index.put(tx, parties[start : start + 1_000])
    assert time.perf_counter() - begin < 5.0
