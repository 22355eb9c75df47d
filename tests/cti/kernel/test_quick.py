"""A question past the queue: answered while every reader is busy, seeing what was committed, alive after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from cti.kernel.db import Database, transient
from tests.databases import Postgres


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, readers=1)
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
    yield database
    await database.close()


async def test_it_sees_what_was_committed_and_nothing_else(database: Database) -> None:
    assert await database.quick.fetch("SELECT id FROM parent") == []
    async with database.transaction() as tx:
        await tx.executemany("INSERT INTO parent VALUES (?)", [("a",), ("ب",)])
        assert await database.quick.one("SELECT id FROM parent") is None
    assert await database.quick.one("SELECT id FROM parent WHERE id = ?", "ب") == ("ب",)
    assert sorted(await database.quick.fetch_in("SELECT id FROM parent WHERE id IN (?)", ["a", "ب", "c"])) == [
        ("a",),
        ("ب",),
    ]


async def test_many_ask_at_once_while_every_reader_is_busy(database: Database) -> None:
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(database.read())
        await reader.one("SELECT 1")
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(database.quick.one("SELECT CAST(? AS INTEGER) + 1", n) for n in range(50)))
    assert answers == [(n + 1,) for n in range(50)]


async def test_what_is_wrong_is_raised_as_by_any_reader_and_the_next_is_answered(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.quick.fetch("SELECT id FROM nowhere")
    assert await database.quick.one("SELECT 1") == (1,)


async def test_it_cannot_write_to_sqlite(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'tamas.sqlite'}")
    with pytest.raises(DBAPIError, match="readonly"):
        await database.quick.fetch("CREATE TABLE parent (id TEXT)")
    await database.close()


async def test_a_stopped_server_is_worth_another_try_and_a_restarted_one_is_found_again() -> None:
    server = Postgres()
    try:
        database = await Database.open(server.new_url())
        assert await database.quick.one("SELECT 1") == (1,)
        server.stop()
        with pytest.raises(Exception) as caught:  # the driver's own classes are among them
            await database.quick.one("SELECT 1")
        assert transient(caught.value)
        server.serve()
        assert await database.quick.one("SELECT 1") == (1,)
        server.stop()
        server.serve()
        assert await database.quick.one("SELECT 1") == (1,)  # the pooled connection was dead
        await database.close()
    finally:
        server.destroy()
