"""One agent's own day: what his calls come to, and which missed calls nobody has returned yet.

A missed call is returned when somebody talks with the same number later, whoever called whom. Neighbours: ``search``
lists calls, ``service`` says who may ask, ``model`` has the tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from call_log.model import agent_tag, decode_record, number_forms, phone_tag, user_tag
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
# CROSS JOIN: SQLite then takes the tables in this order. Else it may look through every call of a queue.
_MISSED = "c.kind = 'call' AND c.direction = 'inbound' AND NOT c.provisional"
_OWN = (
    "SELECT c.started_at, c.id, c.record FROM call_tag AS t CROSS JOIN call AS c WHERE c.id = t.call_id"
    f" AND t.tag = ? AND t.started_at >= ? AND {_MISSED} AND c.outcome IN ({{outcomes}})"
)
_OF_QUEUES = (
    f"SELECT * FROM (SELECT c.started_at, c.id, c.record FROM call AS c WHERE c.outcome = ? AND c.started_at >= ?"
    f" AND {_MISSED} AND c.queue IN ({{queues}}) ORDER BY c.started_at DESC, c.id DESC LIMIT {MOST}) AS missed"
)
_TALKED = (
    "SELECT n.digits, max(n.started_at) FROM call_number AS n CROSS JOIN call AS c WHERE c.id = n.call_id"
    " AND n.digits IN (?) AND n.started_at >= {since} AND c.outcome = 'answered' GROUP BY n.digits"
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
        tags = [*map(user_tag, scope.users), *map(phone_tag, scope.phones), *map(agent_tag, scope.phones)]
        async with self._database.read() as reader:
            rows = {row[1]: row for tag in tags for row in await reader.fetch(_own(), tag, start, *MISSED)}
            for outcome in MISSED if queues else ():
                found = await reader.fetch(_OF_QUEUES.format(queues=_marks(queues)), outcome, start, *queues)
                rows |= {row[1]: row for row in found}
            newest = sorted(rows.values(), reverse=True)[:MOST]
            missed = _by_number([decode_record(row[2]) for row in newest])
            forms = [form for one in missed for form in number_forms(one.record.caller)]
            talked = await _talked(reader, forms, start)
        return [one for one in missed if not _returned(one.record, talked)]


def _own() -> str:
    return _OWN.format(outcomes=_marks(MISSED))


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


async def _talked(reader: Reader, forms: Sequence[str], since: float) -> dict[str, float]:
    """When somebody last talked with each of these numbers, since a moment."""
    rows = await reader.fetch_in(_TALKED.format(since=repr(float(since))), sorted(set(forms))) if forms else ()
    return {row[0]: row[1] for row in rows}


def _returned(record: CallRecord, talked: dict[str, float]) -> bool:
    at = record.started_at or 0.0
    return any(talked.get(form, 0.0) > at for form in number_forms(record.caller))
