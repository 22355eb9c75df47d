"""Parties in the database: families, companies by name, and the rows that find them."""

from __future__ import annotations

import msgspec

from crm_core.contacts import store
from crm_core.contacts.model import CHILDREN, Party, PartyMail, PartyNumber
from cti.kernel.db import Database


def no_fields(_party: Party) -> tuple[()]:
    return ()


def made(own: str, **more: object) -> Party:
    return msgspec.structs.replace(Party(id=own, kind="person", name=f"نام {own}"), **more)  # type: ignore[arg-type]


async def rows(database: Database) -> dict[str, int]:
    found = {}
    async with database.read() as reader:
        for table in (*(one.name for one in CHILDREN), "party_index"):
            row = await reader.one(f"SELECT count(*) FROM {table}")
            found[table] = int(row[0]) if row else -1
    return found


async def test_families_and_survivors(database: Database) -> None:
    parties = [made("a"), made("b", merged_into="a"), made("c", merged_into="b"), made("d", merged_into="a"), made("e")]
    async with database.transaction() as tx:
        await store.insert(tx, parties, no_fields)
    async with database.read() as reader:
        assert sorted(await store.family(reader, "a")) == ["a", "b", "c", "d"]
        assert (await store.family(reader, "a"))[0] == "a"
        assert await store.family(reader, "e") == ("e",)
        assert await store.family(reader, "nobody") == ("nobody",)
        assert await store.survivor(reader, "c") == "a"
        assert await store.survivor(reader, "a") == "a"
        assert await store.survivor(reader, "nobody") == "nobody"


async def test_a_ring_of_merges_ends(database: Database) -> None:
    async with database.transaction() as tx:
        await store.insert(tx, [made("a", merged_into="b"), made("b", merged_into="a")], no_fields)
    async with database.read() as reader:
        assert sorted(await store.family(reader, "a")) == ["a", "b"]
        assert await store.survivor(reader, "a") == "a"


async def test_finding_rows_come_and_go_with_the_party(database: Database) -> None:
    one = made(
        "a",
        numbers=(
            PartyNumber("0912", "mobile", "+989123456789", "+989123456789"),
            PartyNumber("0912", "work", "+989123456789", "+989123456789", "2"),
            PartyNumber("201"),
        ),
        mails=(PartyMail("A@b.c"),),
        tags=("x", "y"),
        roles=("customer",),
        fields={"credit": 1},
    )
    there = {"party_number": 1, "party_mail": 1, "party_tag": 2, "party_role": 1, "party_field": 1, "party_index": 1}
    async with database.transaction() as tx:
        await store.insert(tx, [one], lambda _party: [("credit", None, 1.0)])
    assert await rows(database) == there
    async with database.transaction() as tx:
        await store.write(tx, [msgspec.structs.replace(one, deleted_at=1.0)], no_fields)
    assert set((await rows(database)).values()) == {0}
    async with database.transaction() as tx:
        await store.write(tx, [one], lambda _party: [("credit", None, 1.0)])
    assert await rows(database) == there


async def test_many_are_read_and_missing_ones_are_not(database: Database) -> None:
    async with database.transaction() as tx:
        await store.insert(tx, [made(f"{n:04}") for n in range(1_200)], no_fields)
    async with database.read() as reader:
        found = await store.get_many(reader, [f"{n:04}" for n in range(2_000)])
        assert len(found) == 1_200
        assert await store.get_many(reader, []) == []
        assert await store.get(reader, "nobody") is None


async def test_companies_by_name(database: Database) -> None:
    companies = [
        Party(id=own, kind="company", name=name) for own, name in (("1", "شركت علي"), ("2", "شرکت علی"), ("3", "ب"))
    ]
    async with database.transaction() as tx:
        await store.insert(tx, [*companies, made("p", company_id="3", company_name="ب")], no_fields)
        await store.rename_company(tx, msgspec.structs.replace(companies[2], name="تازه"))
    async with database.read() as reader:
        found = await store.companies_named(reader, ["شرکت علی", "نیست"])
        assert found == {store.name_key("شرکت علی"): ("1", "شركت علي")}
        assert await store.people_of(reader, "3") == ("p",)
        person = await store.get(reader, "p")
        assert person is not None
        assert person.company_name == "تازه"
