"""The database: one engine over SQLite or PostgreSQL, and a transaction that publishes after its commit.

Hot paths send SQL text with ``?`` for each value (``execute``, ``executemany``, ``fetch``); lists and
searches send SQLAlchemy Core statements (``core``). No ORM. Anything that must not be told before it
is durable goes through ``Transaction.publish``.

SQLite is opened in WAL mode with one writer (``BEGIN IMMEDIATE``, so that a transaction never fails
half way for want of the lock) and several read-only connections that see the last commit.
``synchronous=FULL``: NORMAL would survive ``kill -9``, but after a power cut the newest commits of a
WAL database may be gone, and a call that was told to the CRM must not vanish. The writers above commit
in groups, so the price is one fsync per group. PostgreSQL's default, ``synchronous_commit=on``, promises
the same.

Neighbours: ``quick`` asks past the queue; each feature's ``store`` writes its SQL over this;
``cti.kernel.migrations`` makes the tables.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import CursorResult, Table, event, exc
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable
from sqlalchemy.util import await_only

from cti.kernel import sqlite
from cti.kernel.errors import ConfigurationError
from cti.kernel.quick import Asker, Dialect, PostgresQuick, SqliteQuick

Publish = Callable[[object], None]

_DRIVERS: dict[str, Dialect] = {"sqlite+aiosqlite": "sqlite", "postgresql+asyncpg": "postgresql"}

BUSY_MILLISECONDS = 5_000
"""How long SQLite waits for another process's lock before it says so; the recorder then tries again."""

COPIED = 50
"""Rows from which PostgreSQL is given them by COPY."""

_FAULTY_STATES = ("22", "23", "54")
"""SQLSTATE classes that blame the data: data exception, integrity, over a limit (PostgreSQL, appendix A)."""

_WRITER_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
    # Pages, 64 MB: an import changes the same ones again and again; the cache is taken as it is needed.
    "PRAGMA wal_autocheckpoint=16000",
    "PRAGMA cache_size=-65536",
)
_READER_PRAGMAS = (f"PRAGMA busy_timeout={BUSY_MILLISECONDS}", "PRAGMA query_only=ON", "PRAGMA cache_size=-16384")


_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


@cache
def _insert_values(table: Table, columns: int | None) -> str:
    names = table.columns.keys()[:columns]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


@cache
def _insert_arrays(table: Table, columns: int | None) -> str:
    chosen = list(table.columns)[:columns]
    types = (str(c.type.compile(dialect=_POSTGRES)).partition(" COLLATE")[0] for c in chosen)
    arrays = ", ".join(f"?::{type_}[]" for type_ in types)
    return f"INSERT INTO {table.name} ({', '.join(c.name for c in chosen)}) SELECT * FROM unnest({arrays})"


@cache
def _copyable(table: Table, columns: int | None) -> tuple[str, ...]:
    """The columns' names; none for a table with a type that the driver only knows as text."""
    chosen = list(table.columns)[:columns]
    texts = any(isinstance(c.type.dialect_impl(_POSTGRES), postgresql.TSVECTOR) for c in chosen)
    return () if texts else tuple(c.name for c in chosen)


def _as_told(error: Exception) -> type[exc.DBAPIError]:
    """What SQLAlchemy would raise for it, for what does not go by SQLAlchemy."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return exc.IntegrityError
    return exc.DataError if isinstance(error, (asyncpg.DataError, ValueError, TypeError)) else exc.DBAPIError


class Reader(Asker):
    """A connection that asks."""

    def __init__(self, connection: AsyncConnection, dialect: Dialect) -> None:
        self.connection, self.dialect = connection, dialect

    async def fetch(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """All rows of a query."""
        result = await self.connection.exec_driver_sql(self._sql(sql), values)
        return [tuple(row) for row in result.fetchall()]

    async def core(self, statement: Executable) -> Sequence[tuple[Any, ...]]:
        """All rows of a Core statement."""
        result = await self.connection.execute(statement)
        return [tuple(row) for row in result.fetchall()]


class Transaction(Reader):
    """A connection that writes. Committed when its block ends, rolled back when the block raises."""

    def __init__(self, connection: AsyncConnection, dialect: Dialect) -> None:
        super().__init__(connection, dialect)
        self.events: list[object] = []
        self._spared = False
        self._sent: asyncio.Task[Any] | None = None

    async def fetch(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        await self.settled()
        return await super().fetch(sql, *values)

    async def core(self, statement: Executable) -> Sequence[tuple[Any, ...]]:
        await self.settled()
        return await super().core(statement)

    async def execute(self, sql: str, *values: Any) -> int:
        """Run one statement; the number of rows that it changed."""
        await self.settled()
        return int((await self._run(sql, values)).rowcount)

    async def executemany(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run one statement for each row of values."""
        await self.settled()
        if rows:
            await self._run(sql, list(rows))

    async def _run(self, sql: str, values: Any) -> CursorResult[Any]:
        return await self.connection.exec_driver_sql(self._sql(sql), values)

    async def execute_in(self, sql: str, wanted: Sequence[str]) -> None:
        """Run a statement that holds ``IN (?)`` once, for any number of texts."""
        for part_sql, values in self._in_parts(sql, wanted):
            await self.execute(part_sql, *values)

    async def insert(
        self, table: Table, rows: Sequence[tuple[Any, ...]], columns: int | None = None, end: str = ""
    ) -> None:
        """Insert rows of values for the first ``columns`` of ``table`` (None: all). ``end``: the end of the statement.

        On PostgreSQL all go in one statement, column by column: twenty times fewer messages than row by row. Very many
        go by COPY, which takes both sides a third less work.
        """
        if not rows:
            return
        await self._send(self._insert(table, rows, columns, end))

    async def send(self, sql: str, *values: Any) -> None:
        """Run one statement of which nobody wants to know anything."""
        await self._send(self._run(sql, values))

    async def _send(self, sending: Coroutine[Any, Any, Any]) -> None:
        await self.settled()
        if self._spared:
            self._sent = asyncio.create_task(sending)
            await asyncio.sleep(0)  # so that it is on its way before the caller goes on
        else:
            await sending

    async def settled(self) -> None:
        """Wait for what is still on its way (``spare``); raises what it raises."""
        if (sent := self._sent) is not None:
            self._sent = None
            await sent

    async def left(self) -> None:
        """The transaction fails: nothing may be on its way when it is rolled back."""
        if (sent := self._sent) is not None:
            self._sent = None
            await asyncio.gather(sent, return_exceptions=True)

    async def _insert(self, table: Table, rows: Sequence[tuple[Any, ...]], columns: int | None, end: str) -> None:
        if self.dialect == "sqlite":
            await self._run(_insert_values(table, columns) + end, list(rows))
        elif len(rows) >= COPIED and not end and (names := _copyable(table, columns)):
            await self._copy(table.name, names, rows)
        else:
            await self._run(_insert_arrays(table, columns) + end, tuple(map(list, zip(*rows, strict=True))))

    async def _copy(self, table: str, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        driver = (await self.connection.get_raw_connection()).driver_connection
        assert driver is not None
        if not driver.is_in_transaction():  # it begins with the first statement that goes by SQLAlchemy
            await self._run("SELECT 1", ())
        try:
            await driver.copy_records_to_table(table, records=rows, columns=names)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TypeError) as error:
            raise _as_told(error)(f"COPY {table}", None, error) from error

    async def spare(self) -> None:
        """What this transaction writes is much and can be done again: the next rows are made while the database takes
        in the ones before (``insert`` returns meanwhile), and on PostgreSQL it may use more memory, and a power cut may
        take the newest of it: whole transactions, in their order."""
        self._spared = True
        if self.dialect == "postgresql":
            await self.execute("SET LOCAL synchronous_commit = off")
            # A GIN index's list of what is new is sorted in within this: at once instead of in many turns.
            await self.execute("SET LOCAL work_mem = '64MB'")

    async def lock(self, key: int) -> None:
        """Hold off every other transaction that locks ``key`` until this one ends. On SQLite there is none."""
        if self.dialect == "postgresql":
            await self.execute("SELECT pg_advisory_xact_lock(?)", key)

    def publish(self, event: object) -> None:
        """Tell the bus after the commit, in this order; never if the transaction fails."""
        self.events.append(event)


class Database:
    """Opened with ``await Database.open(url)``; closed with ``await database.close()``."""

    def __init__(
        self,
        dialect: Dialect,
        writer: AsyncEngine,
        reader: AsyncEngine,
        quick: SqliteQuick | PostgresQuick,
        publish: Publish | None,
    ) -> None:
        self.dialect = dialect
        self._quick = quick
        self._writer, self._reader, self._publish = writer, reader, publish
        self._turn: asyncio.Lock | None = asyncio.Lock() if dialect == "sqlite" else None

    @classmethod
    async def open(cls, url: str, *, publish: Publish | None = None, readers: int = 4) -> Database:
        """Make the folder of a SQLite file, then as ``at``."""
        address, dialect = parse_url(url)
        if dialect == "sqlite":
            await asyncio.to_thread(Path(address.database or "").parent.mkdir, parents=True, exist_ok=True)
        return cls.at(url, publish=publish, readers=readers)

    @classmethod
    def at(cls, url: str, *, publish: Publish | None = None, readers: int = 4) -> Database:
        """Connect lazily: a database that is down raises on first use. ``publish`` takes what transactions tell.

        Raises ``ConfigurationError`` for a URL of another kind.
        """
        address, dialect = parse_url(url)
        if dialect == "postgresql":
            engine = create_async_engine(
                address, pool_size=readers + 1, max_overflow=4, pool_pre_ping=True, connect_args={"timeout": 10}
            )
            return cls(dialect, engine, engine, PostgresQuick(_postgres_quick(address)), publish)
        quick = SqliteQuick(_sqlite_reader(address, 1))
        return cls(dialect, _sqlite_writer(address), _sqlite_reader(address, readers), quick, publish)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction; what it ``publish``ed is told when it is durable."""
        async with self._turn or nullcontext():
            async with self._writer.begin() as connection:
                transaction = Transaction(connection, self.dialect)
                try:
                    yield transaction
                    await transaction.settled()
                except BaseException:
                    await transaction.left()
                    raise
            if self._publish is not None:
                for told in transaction.events:
                    self._publish(told)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A connection for reading; it sees what was committed before its first query."""
        async with self._reader.connect() as connection:
            yield Reader(connection, self.dialect)

    @property
    def quick(self) -> Asker:
        """For short questions that a call waits for: past the queue of readers, each on its own and in no transaction.
        It sees what was committed before."""
        return self._quick

    @property
    def writer(self) -> AsyncEngine:
        """The engine that writes, for migrations and backups."""
        return self._writer

    async def close(self) -> None:
        await self._quick.close()
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def parse_url(url: str) -> tuple[URL, Dialect]:
    """The URL taken apart. Raises ``ConfigurationError`` if it is not one that the product can use."""
    try:
        address = make_url(url)
    except exc.ArgumentError as error:
        raise ConfigurationError("the database URL cannot be read") from error
    dialect = _DRIVERS.get(address.drivername)
    if dialect is None:
        raise ConfigurationError(f"the database URL must begin with one of {', '.join(_DRIVERS)}")
    if dialect == "sqlite" and address.database in (None, "", ":memory:"):
        raise ConfigurationError("SQLite needs a file: sqlite+aiosqlite:///folder/tamas.sqlite")
    return address, dialect


def transient(error: BaseException) -> bool:
    """True if the same work may succeed later: locked, full, restarting, unreachable, tables not made yet.

    False if what was to be written is at fault, so that trying it again is useless.
    """
    if isinstance(error, exc.DBAPIError):
        if error.connection_invalidated:
            return True
        state = str(getattr(error.orig, "sqlstate", None) or "")
        faulty = isinstance(error, (exc.DataError, exc.IntegrityError)) or isinstance(
            getattr(error.orig, "__cause__", None), ValueError
        )
        return not faulty and not state.startswith(_FAULTY_STATES)
    # asyncpg raises its own classes while it connects, before SQLAlchemy can wrap them.
    return isinstance(error, (OSError, TimeoutError, exc.TimeoutError)) or type(error).__module__.startswith("asyncpg")


@contextmanager
def left_for_later(log: logging.Logger, what: str) -> Iterator[None]:
    """What fails in the block because the database is away is logged, for who will try again; all else is raised."""
    try:
        yield
    except Exception as error:
        if not transient(error):
            raise
        log.warning("%s, until the database answers: %s", what, error)


def _sqlite_writer(address: URL) -> AsyncEngine:
    engine = create_async_engine(
        address, pool_size=1, max_overflow=0, pool_timeout=None, connect_args={"async_creator_fn": sqlite.connect}
    )
    _on_connect(engine, _WRITER_PRAGMAS)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _sqlite_reader(address: URL, readers: int) -> AsyncEngine:
    engine = create_async_engine(
        address, pool_size=readers, max_overflow=0, pool_timeout=30, connect_args={"async_creator_fn": sqlite.connect}
    )
    _on_connect(engine, _READER_PRAGMAS)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _postgres_quick(address: URL) -> AsyncEngine:
    return create_async_engine(
        address, pool_size=2, max_overflow=2, isolation_level="AUTOCOMMIT", connect_args={"timeout": 10}
    )


def _execute_in_turn(cursor: Any, pragma: str) -> None:
    """Run a pragma, waiting for another process that runs the same: turning a new file to WAL takes the whole file,
    and SQLite does not use its busy timeout for that (https://sqlite.org/wal.html, section 8)."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute(pragma)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            await_only(asyncio.sleep(0.02))  # we are inside the driver's greenlet: the loop goes on


def _on_connect(engine: AsyncEngine, pragmas: tuple[str, ...]) -> None:
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own habit of opening transactions would begin them DEFERRED, behind our back.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            _execute_in_turn(cursor, pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
