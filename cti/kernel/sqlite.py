"""aiosqlite with one way to its thread and back for each statement.

Its own cursors take four: to be made, to run, to give their rows, to be closed; and each costs several times what a
look-up costs SQLite. These are made, run and emptied at once. SQLAlchemy's adapter is told to connect by ``connect``.
Neighbour: ``db`` opens its engines so.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

AT_ONCE = 500
"""Rows that come back with the statement; those of larger answers are fetched when they are asked for."""


class Connection(aiosqlite.Connection):
    """One whose cursors are ``Cursor``."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def carried(self, work: Callable[..., Any], *values: Any) -> Any:
        """What ``work`` returns in the thread of this connection."""
        return await self._execute(work, *values)  # type: ignore[no-untyped-call]


class Cursor:
    """What SQLAlchemy's adapter uses of a cursor; one statement each."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, values: Any = ()) -> Cursor:
        await self._connection.carried(self._run, sqlite3.Cursor.execute, sql, values)
        return self

    async def executemany(self, sql: str, rows: Any) -> Cursor:
        await self._connection.carried(self._run, sqlite3.Cursor.executemany, sql, rows)
        return self

    def _run(self, how: Callable[..., Any], sql: str, values: Any) -> None:
        self._cursor = self._connection._conn.cursor()
        how(self._cursor, sql, values)
        self.description = self._cursor.description
        self._fetch(AT_ONCE)

    def _fetch(self, count: int) -> None:
        """At least so many more rows, if there are; in the connection's thread."""
        cursor = self._cursor
        if cursor is None:
            return
        rows = cursor.fetchmany(count)
        self._rows += rows
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        if len(rows) < count:
            self._end()

    def _end(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    async def _have(self, count: int) -> None:
        while self._cursor is not None and len(self._rows) < count:
            await self._connection.carried(self._fetch, max(count, AT_ONCE))

    async def fetchone(self) -> Any:
        await self._have(1)
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        wanted = size or self.arraysize
        await self._have(wanted)
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> Sequence[Any]:
        while self._cursor is not None:
            await self._connection.carried(self._fetch, 10 * AT_ONCE)
        rows, self._rows = self._rows, deque()
        return rows

    def __aiter__(self) -> Cursor:
        return self

    async def __anext__(self) -> Any:
        row = await self.fetchone()
        if row is None:
            raise StopAsyncIteration
        return row

    async def close(self) -> None:
        if self._cursor is not None:
            await self._connection.carried(self._end)


def connect(database: str, **options: Any) -> Connection:
    """As ``aiosqlite.connect``; to be awaited."""
    made = Connection(lambda: sqlite3.connect(database, **options), 64)
    made._thread.daemon = True  # as SQLAlchemy's own: what nobody closed keeps no process alive
    return made
