"""CEL and CDR from the database in which the PBX keeps them, read only.

MariaDB's ``asteriskcdrdb`` with tables ``cdr`` and ``cel`` as FreePBX and Issabel make them, and PostgreSQL as
Asterisk's documentation has it (``cel_pgsql``, ``cdr_pgsql``, ``cel_odbc``). Sites add and drop columns, so tables are
read by the names of their columns, whichever are there.

Neighbours: ``rows`` defines what comes out; ``source`` asks for periods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ami_listener.truth.rows import CdrRow, CelRow, Moments, Rows, cdr_row, cel_row
from cti.kernel.errors import ConfigurationError, DatabaseUnavailableError

_DRIVERS = {
    "mysql": "mysql+aiomysql",
    "mariadb": "mysql+aiomysql",
    "mysql+aiomysql": "mysql+aiomysql",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_PART = 400
_ROUNDS = 4
"""How often ids found by ids are looked up again: calls that a transfer joined to calls that one joined …"""


class TruthDatabase:
    """``url`` may say ``?cel=`` and ``?cdr=`` for tables of other names. Raises ``ConfigurationError``."""

    def __init__(self, url: str, zone: dt.tzinfo) -> None:
        address = _address(url)
        self._cel = _table(address, "cel")
        self._cdr = _table(address, "cdr")
        self._zone = zone
        self._engine = _engine(address.difference_update_query(["cel", "cdr"]))

    async def read(self, since: float, until: float, ahead: float = 0.0) -> Rows:
        """All rows of calls that did anything in this period, whole. Raises ``DatabaseUnavailableError``."""
        try:
            async with self._engine.connect() as connection:
                reading = _Reading(connection, Moments(self._zone, ahead), self._cel, self._cdr)
                return await reading.read(since, until)
        except (DBAPIError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise DatabaseUnavailableError(f"the PBX's CDR database cannot be read: {reason}") from error

    async def begins(self) -> float | None:
        """The oldest moment of which it has any row, None if it is empty."""
        async with self._engine.connect() as connection:
            reading = _Reading(connection, Moments(self._zone), self._cel, self._cdr)
            return await reading.begins()

    async def close(self) -> None:
        await self._engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("the URL of the PBX's CDR database cannot be read") from error
    driver = _DRIVERS.get(address.drivername)
    if driver is None:
        raise ConfigurationError(f"the PBX's CDR database must be one of {', '.join(sorted(_DRIVERS))}")
    return address.set(drivername=driver)


def _table(address: URL, name: str) -> str:
    found = address.query.get(name, name)
    if not isinstance(found, str) or not found.replace("_", "").replace(".", "").isalnum():
        raise ConfigurationError(f"{name}: not the name of a table")
    return found


def _engine(address: URL) -> AsyncEngine:
    try:
        return create_async_engine(address, pool_size=1, max_overflow=1, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"reading this CDR database needs the Python package {error.name}") from error


class _Reading:
    """One reading over one connection."""

    def __init__(self, connection: AsyncConnection, moments: Moments, cel: str, cdr: str) -> None:
        self._connection, self._moments = connection, moments
        self._tables = {"cel": cel, "cdr": cdr}

    async def read(self, since: float, until: float) -> Rows:
        cel_time, cdr_time = await self._time_column("cel"), await self._time_column("cdr")
        cel: dict[CelRow, None] = {}
        if cel_time:
            cel = dict.fromkeys(self._cel(await self._period("cel", cel_time, since, until)))
            await self._complete(cel)
        cdr: dict[CdrRow, None] = {}
        if cdr_time:
            cdr = dict.fromkeys(self._cdr(await self._period("cdr", cdr_time, since, until)))
            cdr |= dict.fromkeys(self._cdr(await self._by_ids("cdr", _ids(cel) - {r.uniqueid for r in cdr})))
        return Rows(list(cel), list(cdr))

    async def begins(self) -> float | None:
        found = []
        for kind in ("cel", "cdr"):
            column = await self._time_column(kind)
            if column:
                rows = await self._fetch(f"SELECT min({column}) AS at FROM {self._tables[kind]}")
                found.append(self._moments.read(rows[0]["at"]))
        return min((at for at in found if at is not None), default=None)

    async def _complete(self, cel: dict[CelRow, None]) -> None:
        """Add what happened before and after the period to calls that lie across its ends."""
        asked: set[str] = set()
        for _ in range(_ROUNDS):
            wanted = _ids_of_incomplete(cel) - asked
            if not wanted:
                return
            asked |= wanted
            cel |= dict.fromkeys(self._cel(await self._by_ids("cel", wanted)))

    async def _columns(self, kind: str) -> Sequence[str]:
        """The columns of a table, none if there is no such table."""
        try:
            async with self._connection.begin_nested():
                result = await self._connection.execute(text(f"SELECT * FROM {self._tables[kind]} WHERE 1 = 0"))
                return list(result.keys())
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return ()

    async def _time_column(self, kind: str) -> str | None:
        columns = await self._columns(kind)
        return next((name for name in ("eventtime", "start", "calldate") if name in columns), None)

    async def _period(self, kind: str, column: str, since: float, until: float) -> Sequence[dict[str, Any]]:
        table = self._tables[kind]
        sample = await self._fetch(f"SELECT {column} AS at FROM {table} LIMIT 1")
        if not sample:
            return ()
        bounds = {name: self._bound(sample[0]["at"], at) for name, at in (("since", since), ("until", until))}
        sql = f"SELECT * FROM {table} WHERE {column} >= :since AND {column} < :until ORDER BY {column}"
        return await self._fetch(sql, bounds)

    def _bound(self, like: Any, at: float) -> Any:
        """``at`` in the form in which this column keeps its times."""
        if isinstance(like, dt.datetime):
            return dt.datetime.fromtimestamp(at, dt.UTC) if like.tzinfo else self._moments.local(at)
        if isinstance(like, str):
            return str(self._moments.local(at)) if "-" in like else str(at)
        return type(like)(at)

    async def _by_ids(self, kind: str, ids: set[str]) -> Sequence[dict[str, Any]]:
        columns = [c for c in ("linkedid", "uniqueid") if c in await self._columns(kind)]
        wanted = sorted(ids)
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), _PART):
            part = {f"i{n}": value for n, value in enumerate(wanted[start : start + _PART])}
            names = ", ".join(f":{name}" for name in part)
            for column in columns:  # one query a column: an OR of both would use neither index
                sql = f"SELECT * FROM {self._tables[kind]} WHERE {column} IN ({names})"
                found += await self._fetch(sql, part)
        return found

    async def _fetch(self, sql: str, values: dict[str, Any] | None = None) -> Sequence[dict[str, Any]]:
        result = await self._connection.execute(text(sql), values or {})
        return [dict(row) for row in result.mappings()]

    def _cel(self, rows: Iterable[dict[str, Any]]) -> Iterable[CelRow]:
        return (row for row in (cel_row(given, self._moments) for given in rows) if row is not None)

    def _cdr(self, rows: Iterable[dict[str, Any]]) -> Iterable[CdrRow]:
        return (row for row in (cdr_row(given, self._moments) for given in rows) if row is not None)


def _ids(rows: Iterable[CelRow]) -> set[str]:
    return {i for row in rows for i in (row.uniqueid, row.linkedid)}


def _ids_of_incomplete(rows: Iterable[CelRow]) -> set[str]:
    """Ids of channels that begin before or end after these rows."""
    begun, ended = set(), set()
    for row in rows:
        if row.type == "CHAN_START":
            begun.add(row.uniqueid)
        elif row.type == "CHAN_END":
            ended.add(row.uniqueid)
    return {
        i for row in rows if not (row.uniqueid in begun and row.uniqueid in ended) for i in (row.uniqueid, row.linkedid)
    }
