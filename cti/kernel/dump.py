"""The rows of a database as plain JSON values, and back into a database of either kind.

Rows are read in one snapshot, while others write on. Every table of ours is read as it really is (so that an old
version's can be read back into tables of that version); what SQLite keeps beside them for full-text search makes itself
again. Neighbours: ``cti.app.backup`` carries the rows, ``cti.kernel.migrations`` makes the tables.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from cti.kernel.db import Reader, Transaction

BATCH = 2000
Row = Sequence[Any]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Any]).decode
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


async def begin_snapshot(reader: Reader) -> None:
    """From now on ``reader`` sees the database as it is now. To be called before anything else is asked."""
    if reader.dialect == "postgresql":
        await reader.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await reader.one("SELECT 1")
    else:
        await reader.one("SELECT count(*) FROM sqlite_master")  # the first look at a table takes the snapshot


async def tables(reader: Reader, without: Collection[str] = ()) -> tuple[sa.Table, ...]:
    """The tables that hold rows of ours, those that others refer to first."""
    hidden = await _hidden(reader)

    def reflect(connection: Connection) -> tuple[sa.Table, ...]:
        found = sa.MetaData()
        found.reflect(connection, only=lambda name, _: name not in hidden and name not in without, resolve_fks=False)
        return tuple(found.sorted_tables)

    return await reader.connection.run_sync(reflect)


async def _hidden(reader: Reader) -> frozenset[str]:
    """SQLite's virtual tables, and the tables that these keep for themselves."""
    if reader.dialect == "postgresql":
        return frozenset()
    rows = await reader.fetch("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
    return frozenset(name for name, kind in rows if kind != "table" or name.startswith("sqlite_"))


async def read_rows(reader: Reader, table: sa.Table) -> AsyncIterator[list[Row]]:
    """All rows of a table, batch by batch; values that JSON has, bytes as base64."""
    columns = ", ".join(_read(column) for column in table.columns)
    quoted = _name(table.name)
    result = await reader.connection.stream(
        sa.text(f"SELECT {columns} FROM {quoted}").execution_options(max_row_buffer=BATCH)
    )
    async for batch in result.partitions(BATCH):
        yield [tuple(row) for row in batch]


def _read(column: sa.Column[Any]) -> str:
    name = _name(column.name)
    return f"array_to_string(tsvector_to_array({name}), ' ')" if isinstance(column.type, postgresql.TSVECTOR) else name


def write_lines(rows: Sequence[Row]) -> bytes:
    """Rows as JSON arrays, one a line."""
    return b"".join(_encode(row) + b"\n" for row in rows)


def read_lines(data: bytes) -> list[list[Any]]:
    """Raises ``msgspec.DecodeError`` for what is none."""
    return [_decode(line) for line in data.splitlines()]


class Loader:
    """Puts rows into a table; ``columns`` names their values in order. KeyError for a column that it has not."""

    def __init__(self, tx: Transaction, table: sa.Table, columns: Sequence[str]) -> None:
        self._tx, chosen = tx, [table.columns[name] for name in columns]
        self._convert = [_converter(column, tx.dialect == "postgresql") for column in chosen]
        self._sql = _insert_arrays(table, chosen) if tx.dialect == "postgresql" else _insert_values(table, chosen)

    async def put(self, rows: Sequence[Row]) -> None:
        ready = [
            [value if value is None else to(value) for to, value in zip(self._convert, row, strict=True)]
            for row in rows
        ]
        if not ready:
            return
        if self._tx.dialect == "postgresql":
            await self._tx.execute(self._sql, *map(list, zip(*ready, strict=True)))
        else:
            await self._tx.executemany(self._sql, [tuple(row) for row in ready])


def _converter(column: sa.Column[Any], postgres: bool) -> Callable[[Any], Any]:
    match column.type:
        case sa.Boolean():
            return bool
        case sa.LargeBinary():
            return base64.b64decode
        case sa.Float():
            return float
        case sa.Integer():
            return int
    return (lambda text: str(text).replace("\0", "")) if postgres else str


def _insert_values(table: sa.Table, columns: Sequence[sa.Column[Any]]) -> str:
    names = ", ".join(_name(column.name) for column in columns)
    return f"INSERT INTO {_name(table.name)} ({names}) VALUES ({', '.join('?' * len(columns))})"


def _insert_arrays(table: sa.Table, columns: Sequence[sa.Column[Any]]) -> str:
    places = ", ".join(f"c{number}" for number in range(len(columns)))
    arrays = ", ".join(f"?::{_array_of(column)}[]" for column in columns)
    values = ", ".join(_written(f"c{number}", column) for number, column in enumerate(columns))
    names = ", ".join(_name(column.name) for column in columns)
    return f"INSERT INTO {_name(table.name)} ({names}) SELECT {values} FROM unnest({arrays}) AS x({places})"


def _array_of(column: sa.Column[Any]) -> str:
    if isinstance(column.type, postgresql.TSVECTOR):
        return "text"
    return str(column.type.compile(dialect=_POSTGRES)).partition(" COLLATE")[0]


def _written(place: str, column: sa.Column[Any]) -> str:
    if isinstance(column.type, postgresql.TSVECTOR):
        return f"array_to_tsvector(array_remove(string_to_array({place}, ' '), ''))"
    return place


async def set_counters(tx: Transaction, table: sa.Table) -> None:
    """Let PostgreSQL's counters go on after the numbers that were put in (SQLite's do so by themselves)."""
    if tx.dialect != "postgresql":
        return
    for column in table.columns:
        if "nextval(" in str(getattr(column.server_default, "arg", "")):
            await tx.execute(
                f"SELECT setval(pg_get_serial_sequence(?, ?), coalesce(max({_name(column.name)}), 0) + 1, false) "
                f"FROM {_name(table.name)}",
                _name(table.name), column.name,
            )  # fmt: skip


async def drop_all(tx: Transaction, found: Sequence[sa.Table], versions: Collection[str]) -> None:
    """Take away these tables with the functions of their triggers, on PostgreSQL."""
    names = [table.name for table in found]
    functions = await tx.fetch(
        "SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relname = ANY(?::text[])",
        names,
    )
    for name in (*names, *versions):
        await tx.execute(f"DROP TABLE IF EXISTS {_name(name)} CASCADE")
    for (function,) in functions:
        await tx.execute(f"DROP FUNCTION {function}")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
