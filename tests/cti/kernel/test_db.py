"""One writer, readers that see commits only, and nothing told before it is durable."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, Double, MetaData, Table, Text, column, select, table
from sqlalchemy.exc import DBAPIError

from cti.kernel.db import COPIED, Database, Transaction, left_for_later, parse_url, transient
from cti.kernel.errors import ConfigurationError
from tests.databases import Postgres


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
        await tx.execute("CREATE TABLE child (id TEXT PRIMARY KEY, parent TEXT REFERENCES parent, size FLOAT)")
    yield database
    await database.close()


async def count(database: Database, name: str) -> int:
    async with database.read() as reader:
        row = await reader.one(f"SELECT count(*) FROM {name}")
    assert row is not None
    return int(row[0])


async def test_values_come_back_as_they_went_in(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.executemany("INSERT INTO parent VALUES (?)", [("a",), ("ب",), ("c",)])
        changed = await tx.execute("INSERT INTO child VALUES (?, ?, ?)", "x", "ب", 1795310984.983198)
        assert changed == 1
    async with database.read() as reader:
        assert await reader.one("SELECT * FROM child WHERE parent = ?", "ب") == ("x", "ب", 1795310984.983198)
        assert await reader.one("SELECT * FROM child WHERE parent = ?", "none") is None
        found = await reader.fetch_in("SELECT id FROM parent WHERE id IN (?) ORDER BY id", ["a", "c", "none"])
        assert list(found) == [("a",), ("c",)]
        core = await reader.core(select(column("id")).select_from(table("parent")).order_by("id"))
        assert list(core) == [("a",), ("c",), ("ب",)]


async def test_any_number_of_texts_can_be_looked_for(database: Database) -> None:
    names = [f"n{i}" for i in range(1201)]
    async with database.transaction() as tx:
        await tx.executemany("INSERT INTO parent VALUES (?)", [(n,) for n in names])
    async with database.read() as reader:
        assert len(await reader.fetch_in("SELECT id FROM parent WHERE id IN (?)", names)) == 1201
        assert await reader.fetch_in("SELECT id FROM parent WHERE id IN (?)", []) == []


async def test_a_block_that_raises_leaves_nothing_and_tells_nothing(database_url: str) -> None:
    told: list[object] = []
    database = await Database.open(database_url, publish=told.append)
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
    with pytest.raises(ZeroDivisionError):
        await failing_transaction(database)
    assert await count(database, "parent") == 0
    assert told == []
    await database.close()


async def failing_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO parent VALUES ('a')")
        tx.publish("never")
        raise ZeroDivisionError


async def test_events_are_told_in_order_and_only_when_others_can_see_the_rows(database_url: str) -> None:
    seen: list[tuple[object, asyncio.Task[int]]] = []

    def look(event: object) -> None:
        seen.append((event, asyncio.ensure_future(count(opened, "parent"))))

    opened = await Database.open(database_url, publish=look)
    async with opened.transaction() as tx:
        await tx.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
        await tx.execute("INSERT INTO parent VALUES ('a')")
        tx.publish("one")
        tx.publish("two")
        assert seen == []
    assert [event for event, _ in seen] == ["one", "two"]
    assert [await rows for _, rows in seen] == [1, 1]
    await opened.close()


async def test_writers_take_turns_and_readers_do_not_wait(database: Database) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def long_writer() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO parent VALUES ('slow')")
            inside.set()
            await leave.wait()

    async def writer(name: str) -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO parent VALUES (?)", name)

    slow = asyncio.ensure_future(long_writer())
    await inside.wait()
    others = [asyncio.ensure_future(writer(f"w{i}")) for i in range(5)]
    assert "slow" not in await ids(database)
    leave.set()
    await asyncio.gather(slow, *others)
    assert await count(database, "parent") == 6


async def ids(database: Database) -> set[str]:
    async with database.read() as reader:
        return {str(row[0]) for row in await reader.fetch("SELECT id FROM parent")}


async def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key") as caught:
        await insert_orphan(database)
    assert not transient(caught.value)


async def insert_orphan(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO child VALUES ('x', 'nobody', 0)")


async def test_locks_serialise_transactions(database: Database) -> None:
    order: list[str] = []

    async def work(tx: Transaction, name: str) -> None:
        await tx.lock(7)
        order.append(f"{name} in")
        await asyncio.sleep(0.02)
        order.append(f"{name} out")

    async def one(name: str) -> None:
        async with database.transaction() as tx:
            await work(tx, name)

    await asyncio.gather(one("a"), one("b"))
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


async def test_sqlite_is_durable_after_a_power_cut_and_readers_cannot_write(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/deep/er/t.sqlite")
    async with database.transaction() as tx:
        assert await tx.one("PRAGMA journal_mode") == ("wal",)
        assert await tx.one("PRAGMA synchronous") == (2,)
        assert await tx.one("PRAGMA foreign_keys") == (1,)
    async with database.read() as reader:
        with pytest.raises(Exception, match="readonly"):
            await reader.fetch("CREATE TABLE t (a)")
    await database.close()


async def test_a_locked_file_and_a_stopped_server_are_worth_another_try(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with database.transaction() as tx:
        await tx.execute("PRAGMA busy_timeout=1")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="locked") as locked:
        await insert_orphan(database)
    assert transient(locked.value)
    other.close()
    await database.close()


async def test_a_restarted_server_is_found_again() -> None:
    server = Postgres()
    database = await Database.open(server.new_url())
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
    server.stop()
    with pytest.raises(Exception) as down:
        await count(database, "parent")
    assert transient(down.value)
    server.serve()
    assert await count(database, "parent") == 0
    await database.close()
    server.destroy()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "nonsense"])
def test_urls_of_other_kinds_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_url(url)


async def test_a_new_file_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
    other.execute("BEGIN EXCLUSIVE")
    database = await Database.open(f"sqlite+aiosqlite:///{path}")

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO parent VALUES ('a')")

    writing = asyncio.create_task(write())
    done, _ = await asyncio.wait({writing}, timeout=0.3)
    assert not done
    other.execute("COMMIT")
    other.close()
    await writing
    assert await count(database, "parent") == 1
    await database.close()


def test_what_the_database_delays_is_said_and_what_is_our_fault_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    with left_for_later(log, "names wait"):
        raise ConnectionRefusedError("nobody listens")
    assert "names wait, until the database answers: nobody listens" in caplog.text
    with pytest.raises(ZeroDivisionError), left_for_later(log, "names wait"):
        raise ZeroDivisionError


CHILD = Table("child", MetaData(), Column("id", Text), Column("parent", Text), Column("size", Double))


async def test_many_rows_are_all_there_and_a_faulty_one_is_told_as_ever(database: Database) -> None:
    many = [(f"k{n:03}", None, n / 3) for n in range(COPIED * 2)]
    async with database.transaction() as tx:
        await tx.insert(CHILD, many)
    async with database.read() as reader:
        assert await reader.fetch("SELECT id, parent, size FROM child ORDER BY id") == many
    for wrong in (many, [(f"m{n}", None, "no number") for n in range(COPIED)]):
        if wrong is many or database.dialect == "postgresql":
            with pytest.raises(DBAPIError) as told:
                await insert(database, wrong)
            assert not transient(told.value)
    assert await count(database, "child") == len(many)


async def insert(database: Database, rows: Sequence[tuple[object, ...]], *more: tuple[object, ...]) -> None:
    async with database.transaction() as tx:
        await tx.spare()
        await tx.insert(CHILD, rows)
        for row in more:
            await tx.insert(CHILD, [row])


async def test_what_is_on_its_way_is_there_for_what_follows(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.spare()
        for start in (0, 100):
            await tx.insert(CHILD, [(f"k{n}", None, n) for n in range(start, start + 100)])
        await tx.send("UPDATE child SET size = ? WHERE size < ?", -1.0, 50.0)
        assert await tx.one("SELECT count(*) FROM child WHERE size < 0") == (50,)
        await tx.insert(CHILD, [("last", None, 0.0)])
    assert await count(database, "child") == 201


async def test_what_is_on_its_way_and_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await insert(database, [("a", None, 0.0)], ("b", None, 0.0), ("a", None, 1.0))
    with pytest.raises(ZeroDivisionError):
        await failing_after_insert(database)
    assert await count(database, "child") == 0


async def failing_after_insert(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.spare()
        await tx.insert(CHILD, [(f"k{n}", None, n) for n in range(1000)])
        raise ZeroDivisionError
