"""Rows come back as they were, into either kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cti.kernel import dump
from cti.kernel.db import Database
from tests.databases import database_url, postgres

__all__ = ["database_url"]

ROWS = [
    ("a", 1, 1.5, True, b"\0\xff", "متن 'x' \\ \n"),
    ("b", -(2**62), 1795338000.123456, False, b"", ""),
    ("c", None, None, None, None, None),
]


async def make(database: Database) -> None:
    serial, blob = ("SERIAL", "BYTEA") if database.dialect == "postgresql" else ("INTEGER", "BLOB")
    async with database.transaction() as tx:
        await tx.execute(f"CREATE TABLE counted (n {serial} PRIMARY KEY, text TEXT)")
        columns = f'"order" BIGINT, at DOUBLE PRECISION, yes BOOLEAN, data {blob}, text TEXT'
        await tx.execute(f"CREATE TABLE things (id TEXT PRIMARY KEY, {columns})")


@pytest.fixture
async def source(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    await make(database)
    async with database.transaction() as tx:
        things = next(t for t in await dump.tables(tx) if t.name == "things")
        names = [column.name for column in things.columns]
        await tx.connection.execute(sa.insert(things), [dict(zip(names, row, strict=True)) for row in ROWS])
        await tx.execute("INSERT INTO counted (n, text) VALUES (7, 'seven')")
    yield database
    await database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_rows_go_into_either_kind(source: Database, tmp_path: Path, kind: str) -> None:
    url = postgres().new_url() if kind == "postgresql" else f"sqlite+aiosqlite:///{tmp_path / 'target.sqlite'}"
    target = await Database.open(url)
    await make(target)
    async with source.read() as reader, target.transaction() as tx:
        await dump.begin_snapshot(reader)
        into = {table.name: table for table in await dump.tables(tx)}
        for table in await dump.tables(reader):
            loader = dump.Loader(tx, into[table.name], [column.name for column in table.columns])
            async for batch in dump.read_rows(reader, table):
                await loader.put(dump.read_lines(dump.write_lines(batch)))
            await dump.set_counters(tx, into[table.name])
    async with target.transaction() as tx:
        rows = await tx.core(sa.select(into["things"]).order_by("id"))
        assert [tuple(row) for row in rows] == ROWS
        await tx.execute("INSERT INTO counted (text) VALUES ('eight')")
        assert await tx.one("SELECT n FROM counted WHERE text = 'eight'") == (8,)
    await target.close()


async def test_a_snapshot_does_not_see_what_is_written_meanwhile(source: Database) -> None:
    async with source.read() as reader:
        await dump.begin_snapshot(reader)
        async with source.transaction() as tx:
            await tx.execute("DELETE FROM things")
            await tx.execute("INSERT INTO counted (text) VALUES ('more')")
        assert await reader.one("SELECT count(*) FROM things") == (3,)
        assert await reader.one("SELECT count(*) FROM counted") == (1,)


async def test_tables_can_be_left_out(source: Database) -> None:
    async with source.read() as reader:
        assert [table.name for table in await dump.tables(reader, ["things"])] == ["counted"]


async def test_what_does_not_fit_is_refused(source: Database) -> None:
    async with source.transaction() as tx:
        things = next(t for t in await dump.tables(tx) if t.name == "things")
        with pytest.raises(KeyError):
            dump.Loader(tx, things, ["id", "no such column"])
        with pytest.raises(ValueError):
            await dump.Loader(tx, things, ["id", "order"]).put([["x", "no number"]])
        with pytest.raises(ValueError):
            await dump.Loader(tx, things, ["id"]).put([["x", 5]])
