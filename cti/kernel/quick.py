"""What answers SQL text, and how it is asked when a call waits for the answer: one short statement, without a
transaction and past everybody who reads.

Neighbours: ``db`` opens the engines and has all that takes a transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Dialect = Literal["sqlite", "postgresql"]

_PART = 500  # texts in one IN list of SQLite


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """``?`` as asyncpg wants it: ``$1``, ``$2``, …"""
    first, *rest = sql.split("?")
    return first + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


class Asker(ABC):
    """Something that answers SQL text, which has a ``?`` for each value."""

    dialect: Dialect

    def _sql(self, sql: str) -> str:
        return sql if self.dialect == "sqlite" else numbered(sql)

    @abstractmethod
    async def fetch(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """All rows of a query."""

    async def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None

    async def fetch_in(self, sql: str, wanted: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        """All rows of a query that holds ``IN (?)`` once, for any number of texts."""
        rows: list[tuple[Any, ...]] = []
        for part_sql, values in self._in_parts(sql, wanted):
            rows += await self.fetch(part_sql, *values)
        return rows

    def _in_parts(self, sql: str, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        if self.dialect == "postgresql":
            yield sql.replace("IN (?)", "= ANY(?::text[])"), [list(wanted)]
            return
        for start in range(0, len(wanted), _PART):
            part = wanted[start : start + _PART]
            yield sql.replace("IN (?)", f"IN ({', '.join('?' * len(part))})"), part


class SqliteQuick(Asker):
    """One statement at a time on a connection of its own: one way to the driver's thread and back for each, where a
    transaction on a pooled connection takes nine."""

    dialect = "sqlite"

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._opening = asyncio.Lock()

    async def fetch(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        driver = self._driver or await self._open()
        try:
            return list(await driver.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise exc.DBAPIError.instance(sql, values, error, sqlite3.Error) from error

    async def _open(self) -> Any:
        async with self._opening:
            if self._driver is None:
                self._connection = await self._engine.connect()
                self._driver = (await self._connection.get_raw_connection()).driver_connection
        return self._driver

    async def close(self) -> None:
        self._driver = None
        if self._connection is not None:
            await self._connection.close()
        await self._engine.dispose()


class PostgresQuick(Asker):
    """One statement at a time: one way to the server and back, without a transaction and without asking first whether
    the connection is alive. A dead one is noticed by the question, which is then asked once more."""

    dialect = "postgresql"

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def fetch(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        try:
            return await self._fetch(sql, values)
        except exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self._fetch(sql, values)

    async def _fetch(self, sql: str, values: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        async with self._engine.connect() as connection:
            result = await connection.exec_driver_sql(numbered(sql), values)
            return [tuple(row) for row in result.fetchall()]

    async def close(self) -> None:
        await self._engine.dispose()
