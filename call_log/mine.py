"""One agent's own day: what his calls come to, and which missed calls nobody has returned yet.

A missed call is returned when somebody talks with the same number later, whoever called whom. Neighbours: ``search``
lists calls, ``service`` says who may ask, ``model`` has the tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from call_log.model import agent_tag, decode_record, number_forms, phone_tag, queue_tag, user_tag
from call_log.query import Figures, Missed, Scope
from call_log.store import handled_since
from cti.kernel.db import Database, Reader
from cti.live.record import CallRecord

MISSED = ("abandoned", "noanswer", "busy", "failed")
MOST = 500
"""Missed calls that are looked at, the newest."""

_FIGURES = (
    "SELECT count(DISTINCT call_id), count(DISTINCT CASE WHEN talk_seconds > 0 THEN call_id END),"
    " coalesce(sum(talk_seconds), 0.0), coalesce(max(talk_seconds), 0.0) FROM ({source}) AS mine"
)
_OF_USER = "SELECT call_id, talk_seconds FROM call_agent WHERE user_id = ? AND at >= ? AND at < ?"
_OF_PHONE = (
    "SELECT l.call_id, l.talk_seconds FROM call_tag AS t JOIN leg AS l ON l.call_id = t.call_id AND l.extension = ?"
    " WHERE t.tag = ? AND t.started_at >= ? AND t.started_at < ? AND NOT l.outside"
)
_CANDIDATES = (
    "SELECT c.record FROM call AS c WHERE c.kind = 'call' AND c.direction = 'inbound' AND NOT c.provisional"
    " AND c.started_at >= ? AND c.outcome IN ({outcomes})"
    " AND EXISTS (SELECT 1 FROM call_tag AS t WHERE t.call_id = c.id AND t.tag IN ({tags}))"
    " ORDER BY c.started_at DESC, c.id DESC LIMIT {most}"
)
_TALKED = (
    "SELECT n.digits, max(n.started_at) FROM call_number AS n JOIN call AS c ON c.id = n.call_id"
    " WHERE n.digits IN (?) AND c.outcome = 'answered' GROUP BY n.digits"
)


class OwnDay:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, scope: Scope, start: float, end: float) -> Figures:
        """What the calls of these people come to that rang at their phones in this time (``end`` exclusive)."""
        async with self._database.read() as reader:
            since = await handled_since(reader)
            parts, values = [_OF_USER] * len(scope.users), [x for user in scope.users for x in (user, start, end)]
            for phone in scope.phones:
                parts.append(_OF_PHONE)
                values += [phone, phone_tag(phone), start, end]
                if start < since:
                    parts.append(_OF_PHONE)
                    values += [phone, agent_tag(phone), start, min(end, since)]
            if not parts:
                return Figures(0, 0, 0.0, 0.0)
            row = await reader.one(_FIGURES.format(source=" UNION ".join(parts)), *values)
        assert row is not None
        return Figures(int(row[0]), int(row[1]), float(row[2]), float(row[3]))

    async def unreturned(self, scope: Scope, queues: Sequence[str], start: float) -> list[Missed]:
        """The numbers that called since ``start``, at these people's phones or by these queues, and that nobody talked
        with after they were missed; the newest first."""
        tags = [
            *map(user_tag, scope.users), *map(phone_tag, scope.phones), *map(agent_tag, scope.phones),
            *map(queue_tag, queues),
        ]  # fmt: skip
        if not tags:
            return []
        sql = _CANDIDATES.format(outcomes=_marks(MISSED), tags=_marks(tags), most=MOST)
        async with self._database.read() as reader:
            rows = await reader.fetch(sql, start, *MISSED, *tags)
            missed = _by_number([decode_record(row[0]) for row in rows])
            talked = await _talked(reader, [form for one in missed for form in number_forms(one.record.caller)])
        return [one for one in missed if not _returned(one.record, talked)]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _by_number(records: Sequence[CallRecord]) -> list[Missed]:
    """One for each number, with its last call. A number that was kept back nobody can call."""
    found: dict[str, Missed] = {}
    for record in records:
        name = record.caller.number or record.caller.raw
        if not name or not number_forms(record.caller):
            continue
        known = found.get(name)
        found[name] = Missed(record, 1) if known is None else msgspec.structs.replace(known, times=known.times + 1)
    return list(found.values())


async def _talked(reader: Reader, forms: Sequence[str]) -> dict[str, float]:
    """When somebody last talked with each of these numbers."""
    rows = await reader.fetch_in(_TALKED, sorted(set(forms))) if forms else ()
    return {row[0]: row[1] for row in rows}


def _returned(record: CallRecord, talked: dict[str, float]) -> bool:
    at = record.started_at or 0.0
    return any(talked.get(form, 0.0) > at for form in number_forms(record.caller))
