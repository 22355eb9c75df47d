"""Where people work: found by name in any spelling, made once, also by two at the same time."""

from __future__ import annotations

import asyncio

import pytest

from crm_core.contacts import store
from crm_core.contacts.companies import settle
from crm_core.contacts.model import Party
from cti.kernel.db import Database
from cti.kernel.errors import InvalidError
from cti.kernel.ids import new_id


def at(company: str, own: str = "p", company_id: str | None = None) -> Party:
    return Party(id=own, kind="person", name="x", company_name=company, company_id=company_id)


def make(name: str, _person: Party) -> Party:
    return Party(id=new_id(0.0), kind="company", name=name)


async def test_one_is_made_for_all_of_a_batch(database: Database) -> None:
    async with database.transaction() as tx:
        companies, parties = await settle(tx, [at("شركت علي", "1"), at("شرکت علی", "2"), at("", "3")], make)
    assert len(companies) == 1
    assert [one.company_id for one in parties] == [companies[0].id, companies[0].id, None]


async def test_one_of_the_same_batch_is_found(database: Database) -> None:
    company = Party(id="c", kind="company", name="سپهر")
    async with database.transaction() as tx:
        companies, parties = await settle(tx, [at("سپهر"), company], make)
    assert (companies, parties[0].company_id) == ([], "c")


async def test_an_id_must_be_a_companys(database: Database) -> None:
    async with database.transaction() as tx:
        await store.insert(tx, [at("", "person")], lambda _party: ())
    for wrong in ("person", "nobody"):
        with pytest.raises(InvalidError, match="no such company"):
            async with database.transaction() as tx:
                await settle(tx, [at("", company_id=wrong)], make)


async def test_a_merged_company_leads_to_its_survivor(database: Database) -> None:
    old = Party(id="old", kind="company", name="old", merged_into="new")
    async with database.transaction() as tx:
        await store.insert(tx, [old, Party(id="new", kind="company", name="new")], lambda _party: ())
        _, (one,) = await settle(tx, [at("old", company_id="old")], make)
    assert (one.company_id, one.company_name) == ("new", "new")


async def test_two_at_once_make_one(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            companies, _ = await settle(tx, [at("سپهر")], make)
            await asyncio.sleep(0)
            await store.insert(tx, companies, lambda _party: ())

    await asyncio.gather(*(work() for _ in range(4)))
    async with database.read() as reader:
        assert (await reader.one("SELECT count(*) FROM party")) == (1,)
