"""All the SQL of imports. Neighbours: ``model`` has the tables, ``service`` and the three at work on imports ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crm_core.exchange.convert import Fault
from crm_core.exchange.frames import Looked
from crm_core.exchange.model import (
    AT_WORK,
    Import,
    ImportRow,
    Outcome,
    Policy,
    State,
    contact_import,
    contact_import_row,
)
from crm_core.exchange.profile import Profile
from cti.kernel.db import Reader, Transaction
from cti.kernel.paging import Page, read_cursor, write_cursor

_JSON: dict[str, Any] = {
    "looked": Looked | None, "mapping": tuple[str, ...], "policy": Policy, "profile": Profile | None,
    "fault": Fault | None,
}  # fmt: skip
_NAMES = Import.__struct_fields__
_COLUMNS = ", ".join(_NAMES)
_FAULTS = msgspec.json.Decoder(tuple[Fault, ...])
_CELLS = msgspec.json.Decoder(tuple[str, ...])
_ROW = "row, part, outcome, party, version, before, faults, cells"
_PART = 500


def encode(value: Any) -> str:
    """As JSON. PostgreSQL keeps no NUL."""
    return msgspec.json.encode(value).decode().replace("\\u0000", "")


def _import(row: Sequence[Any]) -> Import:
    values = dict(zip(_NAMES, row, strict=True))
    for name, kind in _JSON.items():
        if values[name] is not None:
            values[name] = msgspec.json.decode(values[name], type=kind)
    values["remembered"] = bool(values["remembered"])
    return Import(**values)


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: encode(value) if name in _JSON and value is not None else value for name, value in changes.items()}


async def insert(tx: Transaction, one: Import) -> None:
    values = _columns({name: getattr(one, name) for name in _NAMES})
    row = tuple(values.get(column.name, "" if column.name == "runner" else 0.0) for column in contact_import.columns)
    await tx.insert(contact_import, [row])


async def get(reader: Reader, import_id: str) -> Import | None:
    row = await reader.one(f"SELECT {_COLUMNS} FROM contact_import WHERE id = ?", import_id.replace("\0", ""))
    return None if row is None else _import(row)


async def locked(tx: Transaction, import_id: str) -> Import | None:
    """As ``get``, and held until the transaction ends."""
    suffix = " FOR UPDATE" if tx.dialect == "postgresql" else ""
    row = await tx.one(f"SELECT {_COLUMNS} FROM contact_import WHERE id = ?{suffix}", import_id.replace("\0", ""))
    return None if row is None else _import(row)


async def page(reader: Reader, cursor: str | None, limit: int) -> Page[Import]:
    """The newest first."""
    before = "" if cursor is None else "WHERE id < ? "
    values = () if cursor is None else (str(read_cursor(cursor, tuple[str])[0]).replace("\0", ""),)
    sql = f"SELECT {_COLUMNS} FROM contact_import {before}ORDER BY id DESC LIMIT {int(limit) + 1}"
    found = [_import(row) for row in await reader.fetch(sql, *values)]
    return Page(tuple(found[:limit]), write_cursor(found[limit - 1].id) if len(found) > limit else None)


async def unfinished(reader: Reader, digest: str, actor: str) -> list[Import]:
    """Imports of this very file that somebody began and that did not come to an end."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM contact_import WHERE digest = ? AND actor = ?"
        " AND state IN ('uploaded', 'checking', 'checked', 'running', 'paused') ORDER BY id DESC",
        digest, actor,
    )  # fmt: skip
    return [_import(row) for row in rows]


async def change(tx: Transaction, import_id: str, changes: dict[str, Any]) -> None:
    values = _columns(changes)
    names = ", ".join(f"{name} = ?" for name in values)
    await tx.execute(f"UPDATE contact_import SET {names} WHERE id = ?", *values.values(), import_id)


async def delete(tx: Transaction, import_id: str) -> None:
    await tx.execute("DELETE FROM contact_import_row WHERE import_id = ?", import_id)
    await tx.execute("DELETE FROM contact_import WHERE id = ?", import_id)


async def forget_unbegun(tx: Transaction, before: float) -> None:
    """Those that were received and not touched since."""
    await tx.execute("DELETE FROM contact_import WHERE state IN ('uploaded', 'checked') AND changed_at < ?", before)


async def let_go_of_files(tx: Transaction, before: float) -> None:
    """Of those that have been over since."""
    await tx.execute(
        "UPDATE contact_import SET file = '' WHERE file <> ''"
        " AND state IN ('done', 'cancelled', 'failed', 'reverted') AND changed_at < ?",
        before,
    )


async def files(reader: Reader) -> set[str]:
    """Names of the files that are still needed."""
    return {str(row[0]) for row in await reader.fetch("SELECT file FROM contact_import WHERE file <> ''")}


# ---- who is at work --------------------------------------------------------------------------------------


async def due(reader: Reader) -> list[tuple[str, str, float]]:
    """(id, runner, beat) of what has to be worked on, the oldest first."""
    states = ", ".join(f"'{state}'" for state in AT_WORK)
    rows = await reader.fetch(f"SELECT id, runner, beat FROM contact_import WHERE state IN ({states}) ORDER BY id")
    return [(row[0], row[1], row[2]) for row in rows]


async def claim(tx: Transaction, import_id: str, before: str, runner: str, now: float) -> bool:
    """Take the work over from ``before``; False if somebody else was quicker."""
    sql = "UPDATE contact_import SET runner = ?, beat = ? WHERE id = ? AND runner = ?"
    return await tx.execute(sql, runner, now, import_id, before) == 1


async def still(tx: Transaction, import_id: str, state: State, runner: str, now: float) -> bool:
    """True if the import is still in ``state`` and ours; nobody changes that until the transaction ends."""
    sql = "UPDATE contact_import SET beat = ? WHERE id = ? AND state = ? AND runner = ?"
    return await tx.execute(sql, now, import_id, state, runner) == 1


# ---- rows ------------------------------------------------------------------------------------------------


async def add_rows(tx: Transaction, import_id: str, rows: Sequence[ImportRow]) -> None:
    await tx.insert(contact_import_row, [(import_id, *_values(row)) for row in rows])


async def forget(tx: Transaction, parties: Sequence[str]) -> None:
    """These parties are no more: what the rows that made or changed them said goes; that there were rows stays."""
    await tx.execute_in(
        "UPDATE contact_import_row SET before = NULL, faults = NULL, cells = NULL WHERE party IN (?)", parties
    )


def _values(row: ImportRow) -> tuple[Any, ...]:
    return (
        row.row, row.part, row.outcome, row.party, row.version, row.before,
        encode(row.faults) if row.faults else None, encode(row.cells) if row.cells else None,
    )  # fmt: skip


def _row(row: Sequence[Any]) -> ImportRow:
    faults = () if row[6] is None else _FAULTS.decode(row[6])
    number, part, outcome, party, version, before = row[:6]
    cells = () if row[7] is None else _CELLS.decode(row[7])
    return ImportRow(number, part, outcome, party, version, before, faults, cells)


async def faulty_rows(reader: Reader, import_id: str, after: int, limit: int = _PART) -> list[ImportRow]:
    """Rows with faults, in the file's order: those that were set aside and those that lost a cell."""
    rows = await reader.fetch(
        f"SELECT {_ROW} FROM contact_import_row WHERE import_id = ? AND row > ? AND faults IS NOT NULL"
        f" ORDER BY row LIMIT {int(limit)}",
        import_id, after,
    )  # fmt: skip
    return [_row(row) for row in rows]


async def written_rows(reader: Reader, import_id: str, up_to: int, limit: int) -> list[ImportRow]:
    """Rows up to this one that made or changed a contact and were not taken back yet, the last first."""
    rows = await reader.fetch(
        f"SELECT {_ROW} FROM contact_import_row WHERE import_id = ? AND row <= ?"
        f" AND outcome IN ('created', 'updated') ORDER BY row DESC, part DESC LIMIT {int(limit)}",
        import_id, up_to,
    )  # fmt: skip
    return [_row(row) for row in rows]


async def settle_rows(tx: Transaction, import_id: str, parties: Sequence[str], outcome: Outcome) -> None:
    """Note of all rows that made or changed these contacts what became of taking them back."""
    if parties:
        await tx.execute_in(
            f"UPDATE contact_import_row SET outcome = '{outcome}' WHERE party IN (?) AND import_id = '{import_id}'"
            " AND outcome IN ('created', 'updated')",
            parties,
        )


async def settle_between(tx: Transaction, import_id: str, first: ImportRow, up_to: int, outcome: Outcome) -> None:
    """The same of all rows from ``first`` to row ``up_to`` that made or changed a contact and were not settled yet."""
    await tx.execute(
        "UPDATE contact_import_row SET outcome = ? WHERE import_id = ? AND (row, part) >= (?, ?) AND row <= ?"
        " AND outcome IN ('created', 'updated')",
        outcome, import_id, first.row, first.part, up_to,
    )  # fmt: skip


async def written_notes(reader: Reader, import_id: str, limit: int) -> list[str]:
    """Notes that were written and not taken back yet."""
    sql = f"SELECT party FROM contact_import_row WHERE import_id = ? AND outcome = 'noted' LIMIT {int(limit)}"
    return [str(row[0]) for row in await reader.fetch(sql, import_id)]


async def settle_notes(tx: Transaction, import_id: str, notes: Sequence[str]) -> None:
    if notes:
        sql = f"DELETE FROM contact_import_row WHERE party IN (?) AND import_id = '{import_id}' AND outcome = 'noted'"
        await tx.execute_in(sql, notes)


async def kept_parties(reader: Reader, import_id: str, limit: int) -> list[str]:
    """Contacts that were not taken back."""
    rows = await reader.fetch(
        "SELECT DISTINCT party FROM contact_import_row WHERE import_id = ? AND outcome = 'kept' ORDER BY party"
        f" LIMIT {int(limit)}",
        import_id,
    )
    return [str(row[0]) for row in rows]


async def rows_of_parties(reader: Reader, import_id: str, parties: Sequence[str]) -> list[ImportRow]:
    """All rows that made or changed one of these contacts, in the file's order."""
    sql = (
        f"SELECT {_ROW} FROM contact_import_row WHERE party IN (?) AND import_id = '{import_id}'"
        " AND outcome IN ('created', 'updated')"
    )
    found = [_row(row) for row in await reader.fetch_in(sql, parties)] if parties else []
    return sorted(found, key=lambda row: (row.row, row.part))


# ---- mappings --------------------------------------------------------------------------------------------


async def remember(tx: Transaction, fingerprint: str, mapping: Sequence[str], policy: Policy, now: float) -> None:
    await tx.execute(
        "INSERT INTO contact_import_mapping (fingerprint, mapping, policy, used_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (fingerprint) DO UPDATE SET mapping = excluded.mapping, policy = excluded.policy,"
        " used_at = excluded.used_at",
        fingerprint, encode(mapping), encode(policy), now,
    )  # fmt: skip


async def remembered(reader: Reader, fingerprint: str) -> tuple[tuple[str, ...], Policy] | None:
    row = await reader.one("SELECT mapping, policy FROM contact_import_mapping WHERE fingerprint = ?", fingerprint)
    if row is None:
        return None
    return msgspec.json.decode(row[0], type=tuple[str, ...]), msgspec.json.decode(row[1], type=Policy)
