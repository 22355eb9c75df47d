"""A statement, its rows and its end in one way to the driver's thread; large answers in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from cti.kernel import sqlite
from cti.kernel.db import Database
from cti.kernel.sqlite import AT_ONCE, Connection, Cursor

MANY = AT_ONCE * 3 + 7
COUNT = "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c LIMIT ?"


class Counting(Connection):
    ways = 0

    async def carried(self, work: Any, *values: Any) -> Any:
        self.ways += 1
        return await super().carried(work, *values)


@pytest.fixture
async def connection(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counting]:
    monkeypatch.setattr(sqlite, "Connection", Counting)
    made = await sqlite.connect(":memory:")
    assert isinstance(made, Counting)
    yield made
    await made.close()


async def asked(connection: Connection, sql: str, *values: Any) -> Cursor:
    return await connection.cursor().execute(sql, values)


async def test_one_way_for_a_small_answer(connection: Counting) -> None:
    cursor = await asked(connection, COUNT, 3)
    assert [column[0] for column in cursor.description] == ["n"]
    assert list(await cursor.fetchall()) == [(0,), (1,), (2,)]
    assert await cursor.fetchone() is None
    await cursor.close()
    assert connection.ways == 1


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, MANY])
async def test_every_row_comes_once_however_they_are_taken(connection: Counting, count: int) -> None:
    expected = [(n,) for n in range(count)]
    assert list(await (await asked(connection, COUNT, count)).fetchall()) == expected
    assert [row async for row in await asked(connection, COUNT, count)] == expected
    for size in (1, 7, AT_ONCE, MANY * 2):
        cursor, found = await asked(connection, COUNT, count), []
        while some := await cursor.fetchmany(size):
            assert len(some) <= size
            found += some
        assert found == expected


async def test_an_answer_that_is_left_holds_nothing_up(connection: Counting) -> None:
    await asked(connection, "CREATE TABLE t (n INTEGER)")
    cursor = connection.cursor()
    assert (await cursor.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(MANY)])).rowcount == MANY
    left = await asked(connection, "SELECT n FROM t")
    await left.close()
    await asked(connection, "DROP TABLE t")


async def test_what_was_written_is_counted(connection: Counting) -> None:
    await asked(connection, "CREATE TABLE t (n INTEGER PRIMARY KEY)")
    first = await asked(connection, "INSERT INTO t VALUES (7)")
    assert (first.lastrowid, first.rowcount, first.description) == (7, 1, None)
    returned = await asked(connection, "UPDATE t SET n = n + 1 RETURNING n")
    assert (list(await returned.fetchall()), returned.rowcount) == ([(8,)], 1)


async def test_the_engines_of_the_database_are_made_of_it(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'tamas.sqlite'}")
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)")
        await tx.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(MANY)])
    with pytest.raises(IntegrityError):
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO t VALUES (1)")
    async with database.read() as reader:
        driver = (await reader.connection.get_raw_connection()).driver_connection
        assert isinstance(driver, Connection)
        assert len(await reader.fetch("SELECT n FROM t")) == MANY
        streamed = await reader.connection.stream(text("SELECT n FROM t ORDER BY n"))
        assert [len(part) async for part in streamed.partitions(1000)] == [1000, MANY - 1000]
        left = await reader.connection.stream(text("SELECT n FROM t"))
        assert await left.fetchone() is not None
        await left.close()
    await database.close()
