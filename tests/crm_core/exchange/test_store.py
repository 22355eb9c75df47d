"""What is kept of imports."""

from __future__ import annotations

import pytest

from crm_core.exchange import store
from crm_core.exchange.convert import Fault
from crm_core.exchange.model import Import, ImportRow, Policy
from cti.kernel.errors import InvalidError
from web.services import Crm


def an_import(id_: str) -> Import:
    return Import(
        id=id_, state="running", name="a\0", size=2**40, digest="d", file=id_, actor="me", actor_name="م", origin="",
        created_at=1.0, changed_at=1.0, mapping=("name", ""), policy=Policy(tags=("ب",)), fault=Fault(1, "x",
            {"n": 1}),
    )  # fmt: skip


async def test_round_trip_and_pages(crm: Crm) -> None:
    async with crm.database.transaction() as tx:
        for id_ in ("1", "2", "3"):
            await store.insert(
                tx, Import(**{**{f: getattr(an_import(id_), f) for f in Import.__struct_fields__}, "name": "a"})
            )
        assert (await store.get(tx, "2")) == Import(
            **{**{f: getattr(an_import("2"), f) for f in Import.__struct_fields__}, "name": "a"}
        )
        first = await store.page(tx, None, 2)
        assert [one.id for one in first.items] == ["3", "2"]
        assert [one.id for one in (await store.page(tx, first.next, 2)).items] == ["1"]
        assert [one.id for one in await store.unfinished(tx, "d", "me")] == ["3", "2", "1"]
        with pytest.raises(InvalidError):
            await store.page(tx, "nonsense", 2)


async def test_only_one_works_on_it(crm: Crm) -> None:
    async with crm.database.transaction() as tx:
        one = Import(**{**{f: getattr(an_import("1"), f) for f in Import.__struct_fields__}, "name": "a"})
        await store.insert(tx, one)
        assert await store.due(tx) == [("1", "", 0.0)]
        assert await store.claim(tx, "1", "", "a", 5.0)
        assert not await store.claim(tx, "1", "", "b", 5.0)
        assert await store.still(tx, "1", "running", "a", 6.0)
        assert not await store.still(tx, "1", "running", "b", 6.0)
        assert not await store.still(tx, "1", "paused", "a", 6.0)


async def test_rows(crm: Crm) -> None:
    rows = [
        ImportRow(2, 0, "created", "p1", 1), ImportRow(2, 1, "created", "c1", 1), ImportRow(2, 2, "noted", "n1"),
        ImportRow(3, 0, "faulty", faults=(Fault(0, "t", {}),), cells=("a", "b\0")), ImportRow(4, 0, "updated", "p1",
            2, "{}"),
    ]  # fmt: skip
    async with crm.database.transaction() as tx:
        await store.add_rows(tx, "i", rows)
        assert [row.row for row in await store.faulty_rows(tx, "i", -1)] == [3]
        assert [(row.row, row.part) for row in await store.written_rows(tx, "i", 9, 5)] == [(4, 0), (2, 1), (2, 0)]
        assert [row.row for row in await store.rows_of_parties(tx, "i", ["p1"])] == [2, 4]
        await store.settle_between(tx, "i", ImportRow(2, 1, "created"), 3, "reverted")
        assert [(row.row, row.part) for row in await store.written_rows(tx, "i", 9, 5)] == [(4, 0), (2, 0)]
        await store.settle_rows(tx, "i", ["p1"], "kept")
        assert await store.kept_parties(tx, "i", 5) == ["p1"]
        assert await store.written_notes(tx, "i", 5) == ["n1"]
        await store.settle_notes(tx, "i", ["n1"])
        assert await store.written_notes(tx, "i", 5) == []


async def test_mappings_that_were_used(crm: Crm) -> None:
    async with crm.database.transaction() as tx:
        assert await store.remembered(tx, "f") is None
        for mapping in (("name",), ("name", "mail")):
            await store.remember(tx, "f", mapping, Policy(on_match="fill"), 1.0)
        assert await store.remembered(tx, "f") == (("name", "mail"), Policy(on_match="fill"))
