"""What is written to the call log and read from it by id: idempotent, in any order.

Events reach the log late, twice and in the wrong order: after a crash the journal tells them again, the
PBX's truth tells them anew. So a record is stored only if it is worth at least as much as what is there
(``Entry.standing``) and is not older (``Entry.at``), and a record of a call that was merged into another
goes nowhere. The same set of entries and merges therefore ends in the same rows, whatever its order.

Neighbours: ``recorder`` and ``reconcile`` write through it, ``search`` finds lists of calls, ``ledger``
keeps what came of the comparisons with the truth. All of the call log's SQL is in these three.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from call_log import model
from call_log.model import Entry, decode_record, encode_record
from cti.kernel.db import Database, Reader, Transaction
from cti.live.events import CallLogged
from cti.live.record import CallRecord

_LOCK = 0xCA11
"""Writers of several processes take turns (PostgreSQL), so that what was read here is still so when it is written."""

_CALL_COLUMNS = tuple(c.name for c in model.call.columns if c.name != "confirmed_at")
_OR_UPDATE = f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _CALL_COLUMNS[1:])}"


class Stored(msgspec.Struct, frozen=True):
    """A record as it stands in the log. ``confirmed_at``: when the PBX's truth last held this call too."""

    record: CallRecord
    standing: int
    changed_at: float
    confirmed_at: float | None


class CallStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    async def save(self, entries: Sequence[Entry], merges: Sequence[tuple[str, str]] = ()) -> int:
        """Write these records and merges (gone, into) in one transaction and tell ``CallLogged`` after it.

        The number of records that were news. Raises what the database raises; nothing is then changed.
        """
        async with self.database.transaction() as tx:
            await self.lock(tx)
            for gone, into in merges:
                await self.merge(tx, gone, into)
            logged = await self.upsert_many(tx, entries)
        return len(logged)

    async def lock(self, tx: Transaction) -> None:
        """Take the turn of the call log's writers, until the transaction ends."""
        await tx.lock(_LOCK)

    async def upsert_many(self, tx: Transaction, entries: Sequence[Entry]) -> list[CallLogged]:
        """Write the records that outdo what is there; what was written, which is also told after the commit."""
        best = _best(entries)
        for gone in await self._aliases(tx, list(best)):
            del best[gone]
        before = await self._stored(tx, list(best))
        fresh = [e for e in best.values() if _outdoes(e, before.get(e.record.id))]
        if fresh:
            await _write(tx, fresh, [e.record.id for e in fresh if e.record.id in before], await _commit_number(tx))
        logged = [CallLogged(e.record, _record(before.get(e.record.id))) for e in fresh]
        records = (record for event in logged for record in (event.record, event.previous) if record is not None)
        await _forget_days(tx, [(record.started_at, record.ended_at) for record in records])
        for event in logged:
            tx.publish(event)
        return logged

    async def merge(self, tx: Transaction, gone: str, into: str) -> bool:
        """``gone`` redirects to ``into`` from now on, and its own record is dropped; False if that is no news."""
        aliases = await self._aliases(tx, [gone, into])
        survivor = aliases.get(into, into)
        if gone in aliases or survivor == gone:
            return False
        await _forget_days(
            tx, await tx.fetch("SELECT started_at, ended_at FROM call WHERE id IN (?, ?)", gone, survivor)
        )
        await tx.execute("UPDATE call_alias SET survivor = ? WHERE survivor = ?", survivor, gone)
        number = await _commit_number(tx)
        await tx.execute("INSERT INTO call_alias (gone, survivor, logged) VALUES (?, ?, ?)", gone, survivor, number)
        for table in model.CHILDREN:
            await tx.execute(f"DELETE FROM {table.name} WHERE call_id = ?", gone)
        await tx.execute(_MOVE_AGENTS, survivor, gone)
        await tx.execute("DELETE FROM call_agent WHERE call_id = ?", gone)
        await tx.execute("DELETE FROM call WHERE id = ?", gone)
        return True

    async def get(self, call_id: str) -> CallRecord | None:
        """The record with this id, or of the call that this one was merged into."""
        async with self.database.read() as reader:
            found = await reader.one(_BY_ID_OR_ALIAS, call_id, call_id)
        return None if found is None else decode_record(found[0])

    async def handled(self, call_id: str) -> tuple[frozenset[str], frozenset[str]] | None:
        """Whose a call is: the users who worked at its phones, and the phones of which nobody knows who did. None: it
        is not in the log, or has neither a phone of ours nor a queue."""
        async with self.database.read() as reader:
            rows = await reader.fetch("SELECT tag, started_at FROM call_tag WHERE call_id = ?", call_id)
            known_since = await handled_since(reader)
        if not rows:
            return None
        users = frozenset(tag.removeprefix(model.USER) for tag, _ in rows if tag.startswith(model.USER))
        old = any(started_at < known_since for _, started_at in rows)
        begins = (model.PHONE, model.AGENT) if old else (model.PHONE,)
        return users, frozenset(tag.partition(" ")[2] for tag, _ in rows if tag.startswith(begins))

    async def provisional(self, pbx: str | None = None) -> list[Stored]:
        """Records of calls whose end is not in the log: live ones, and those that a crash left behind."""
        sql = f"{_STORED} WHERE provisional"
        async with self.database.read() as reader:
            rows = await (reader.fetch(sql) if pbx is None else reader.fetch(f"{sql} AND pbx = ?", pbx))
        return [_as_stored(row) for row in rows]

    async def newest_start(self, pbx: str) -> float | None:
        """When the youngest call in the log began; None if there is none."""
        async with self.database.read() as reader:
            found = await reader.one("SELECT max(started_at) FROM call WHERE pbx = ?", pbx)
        return None if found is None else found[0]

    async def between(self, pbx: str, since: float, until: float) -> list[Stored]:
        """Records of calls that began in this period (``until`` exclusive), of every kind, in order of start."""
        sql = f"{_STORED} WHERE pbx = ? AND started_at >= ? AND started_at < ? ORDER BY started_at, id"
        async with self.database.read() as reader:
            rows = await reader.fetch(sql, pbx, since, until)
        return await asyncio.to_thread(lambda: [_as_stored(row) for row in rows])  # a busy day is a second's work

    async def lost(self, pbx: str, since: float, until: float) -> list[Stored]:
        """Those of ``between`` whose end nobody knows and that are over all the same; a walk along the few."""
        sql = f"{_STORED} WHERE outcome = 'lost' AND started_at >= ? AND started_at < ? AND pbx = ? AND NOT provisional"
        async with self.database.read() as reader:
            rows = await reader.fetch(f"{sql} ORDER BY started_at, id", since, until, pbx)
        return [_as_stored(row) for row in rows]

    async def by_linkedid(self, pbx: str, linkedids: Sequence[str]) -> list[Stored]:
        """Records of calls that ever had one of these linkedids, whenever they began."""
        sql = f"{_STORED} WHERE id IN (SELECT call_id FROM call_linkedid WHERE linkedid IN (?))"
        async with self.database.read() as reader:
            found = {row[0]: _as_stored(row) for row in await reader.fetch_in(sql, linkedids)}
        return [s for s in found.values() if s.record.pbx == pbx]

    async def changed_since(self, after: tuple[int, str], limit: int = 500) -> list[tuple[int, CallRecord]]:
        """Records that were written after that of ``after`` (its commit's number, its id), each with the number of its
        commit, in that order: none is missed, whatever died meanwhile. (0, "") is before all."""
        sql = "SELECT logged, record FROM call WHERE (logged, id) > (?, ?) ORDER BY logged, id LIMIT ?"
        async with self.database.read() as reader:
            rows = await reader.fetch(sql, *after, limit)
        return [(row[0], decode_record(row[1])) for row in rows]

    async def merged_since(self, after: tuple[int, str], limit: int = 500) -> list[tuple[int, str, str]]:
        """Merges that were written after that of ``after`` (its commit's number, its gone id): number, gone, into."""
        sql = (
            "SELECT logged, gone, survivor FROM call_alias WHERE (logged, gone) > (?, ?) ORDER BY logged, gone LIMIT ?"
        )
        async with self.database.read() as reader:
            return [(row[0], row[1], row[2]) for row in await reader.fetch(sql, *after, limit)]

    async def confirm(self, tx: Transaction, call_ids: Iterable[str], at: float) -> None:
        """Note that the PBX's truth holds these calls too."""
        await tx.executemany("UPDATE call SET confirmed_at = ? WHERE id = ?", [(at, i) for i in call_ids])

    async def _aliases(self, reader: Reader, call_ids: Sequence[str]) -> dict[str, str]:
        rows = await reader.fetch_in("SELECT gone, survivor FROM call_alias WHERE gone IN (?)", call_ids)
        return {row[0]: row[1] for row in rows}

    async def _stored(self, reader: Reader, call_ids: Sequence[str]) -> dict[str, tuple[str, str, int, float, None]]:
        rows = await reader.fetch_in(f"{_STORED} WHERE id IN (?)", call_ids)
        return {row[0]: row for row in rows}


_MOVE_AGENTS = (
    "INSERT INTO call_agent SELECT ?, uniqueid, user_id, started_at, extension, answered, talk_seconds, at"
    " FROM call_agent WHERE call_id = ? ON CONFLICT DO NOTHING"
)
_TIMES = "SELECT started_at, ended_at FROM call WHERE id IN (?, ?)"
_STORED = "SELECT id, record, standing, changed_at, confirmed_at FROM call"
_BY_ID_OR_ALIAS = "SELECT record FROM call WHERE id = coalesce((SELECT survivor FROM call_alias WHERE gone = ?), ?)"


def _as_stored(row: tuple[object, ...]) -> Stored:
    _, record, standing, changed_at, confirmed_at = row
    return Stored(decode_record(record), standing, changed_at, confirmed_at)  # type: ignore[arg-type]


def _record(row: tuple[str, str, int, float, None] | None) -> CallRecord | None:
    return None if row is None else decode_record(row[1])


def _best(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The one entry of each call that outdoes its others; among equals the last told."""
    best: dict[str, Entry] = {}
    for entry in entries:
        known = best.get(entry.record.id)
        if known is None or (entry.standing, entry.at) >= (known.standing, known.at):
            best[entry.record.id] = entry
    return best


def _outdoes(entry: Entry, row: tuple[str, str, int, float, None] | None) -> bool:
    """True if the entry is news; told again, word for word, it is none."""
    if row is None or (entry.standing, entry.at) > (row[2], row[3]):
        return True
    return (entry.standing, entry.at) == (row[2], row[3]) and encode_record(entry.record) != row[1]


async def _commit_number(tx: Transaction) -> int:
    """The number of this commit: one more than any before, since writers take turns."""
    rows = await tx.fetch("SELECT max(logged) FROM call UNION ALL SELECT max(logged) FROM call_alias")
    return max((row[0] for row in rows if row[0] is not None), default=1) + 1


async def _forget_days(tx: Transaction, times: Sequence[tuple[Any, ...]]) -> None:
    """Days in which calls of these times (begin, end) had a part are tallied anew (``days``)."""
    if not times:
        return
    spans = [(begin or 0.0, float("inf") if end is None else end) for begin, end in times]
    days = await tx.fetch("SELECT start, ends FROM figure_day WHERE ends > ?", min(begin for begin, _ in spans))
    gone = [(start,) for start, ends in days if any(begin < ends and end >= start for begin, end in spans)]
    await tx.executemany("DELETE FROM figure_day WHERE start = ?", gone)


async def handled_since(reader: Reader) -> float:
    """Since when it is written down who worked at the phones of calls (epoch seconds)."""
    row = await reader.one("SELECT at FROM call_agent_since")
    return 0.0 if row is None else float(row[0])


async def _people(tx: Transaction, entries: Sequence[Entry]) -> dict[str, dict[str, tuple[str, ...]]]:
    """By call: who worked at its phones; what was written down first stands, whoever tells the call anew."""
    people = {entry.record.id: dict(entry.people) for entry in entries}
    stored: dict[str, dict[str, tuple[str, ...]]] = {}
    sql = "SELECT call_id, uniqueid, user_id FROM call_agent WHERE call_id IN (?)"
    for call_id, uniqueid, user in await tx.fetch_in(sql, list(people)):
        legs = stored.setdefault(call_id, {})
        legs[uniqueid] = (*legs.get(uniqueid, ()), user)
    for call_id, legs in stored.items():
        people[call_id] |= legs
    return people


async def _write(tx: Transaction, entries: Sequence[Entry], known: Sequence[str], number: int) -> None:
    people = await _people(tx, entries)
    rows_of_calls = [model.call_row(e, number) for e in entries]
    await tx.insert(model.call, rows_of_calls, len(_CALL_COLUMNS), _OR_UPDATE)
    rows: dict[str, list[tuple[object, ...]]] = {t.name: [] for t in model.CHILDREN}
    for entry in entries:
        for name, some in model.child_rows(entry.record, people[entry.record.id]).items():
            rows[name] += some
    for table in model.CHILDREN:
        if known:
            await tx.execute_in(f"DELETE FROM {table.name} WHERE call_id IN (?)", known)
        await tx.insert(table, rows[table.name])
    await tx.execute_in("DELETE FROM call_agent WHERE call_id IN (?)", list(people))
    await tx.insert(model.call_agent, [row for e in entries for row in model.agent_rows(e.record, people[e.record.id])])
