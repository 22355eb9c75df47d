"""The call log as facts for the figures: what its records say of queues and agents in a period.

Neighbours: ``cti.live.counted`` reads a record, ``store`` writes them, ``cti.live.today`` and ``period`` count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from call_log.model import decode_record
from cti.kernel.db import Database, Reader
from cti.live.counted import CallFacts, facts_of
from cti.live.record import CallRecord

BEFORE_SECONDS = 86_400.0
"""A call that began so long before a period may still have a part in it."""
PAGE = 250
"""More at once would hold up everybody while the database hands it over."""

_PERIOD = (
    "SELECT started_at, id, record FROM call WHERE (started_at, id) > (?, ?) AND started_at < ?"
    " AND (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at, id LIMIT ?"
)
_OVER = (
    "SELECT started_at, id, record, ended_at FROM call WHERE (started_at, id) > (?, ?) AND started_at <= ?"
    " AND ended_at > ? AND ended_at <= ? ORDER BY started_at, id LIMIT ?"
)
_PEOPLE = "SELECT call_id, uniqueid, user_id FROM call_agent WHERE call_id IN (?)"

People = dict[str, dict[str, tuple[str, ...]]]


class Ended(msgspec.Struct, frozen=True, gc=False):
    """A call that was over at ``at``: its ``record`` as it is written down, and who worked at its phones by the leg's
    uniqueid. Read elsewhere than here, where it would hold up who takes calls."""

    at: float
    record: str
    people: Mapping[str, tuple[str, ...]] = {}

    def facts(self) -> CallFacts:
        return facts_of(decode_record(self.record), self.people)


class Facts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, records: Sequence[CallRecord]) -> list[CallFacts]:
        """What these records say, with who worked at their phones as the log has it."""
        async with self._database.read() as reader:
            people = await _people(reader, [record.id for record in records])
        return [facts_of(record, people.get(record.id, {})) for record in records]

    async def between(self, start: float, end: float) -> AsyncIterator[list[CallFacts]]:
        """All calls with a part in [start, end), a page at a time: a page is held, never the whole."""
        after = (start - BEFORE_SECONDS, "")
        while True:
            async with self._database.read() as reader:
                rows = await reader.fetch(_PERIOD, *after, end, start, PAGE)
                people = await _people(reader, [row[1] for row in rows])
            if rows:
                yield await asyncio.to_thread(_read, rows, people)
            if len(rows) < PAGE:
                return
            after = rows[-1][0], rows[-1][1]

    async def over(self, since: float, until: float) -> AsyncIterator[list[Ended]]:
        """The calls that ended in (since, until], a page at a time, unread."""
        after = (since - BEFORE_SECONDS, "")
        while True:
            async with self._database.read() as reader:
                rows = await reader.fetch(_OVER, *after, until, since, until, PAGE)
                people = await _people(reader, [row[1] for row in rows])
            if rows:
                yield [Ended(at, record, people.get(call, {})) for _, call, record, at in rows]
            if len(rows) < PAGE:
                return
            after = rows[-1][0], rows[-1][1]


async def _people(reader: Reader, calls: list[str]) -> People:
    found: People = {}
    for call, uniqueid, user in await reader.fetch_in(_PEOPLE, calls) if calls else ():
        if user:
            legs = found.setdefault(call, {})
            legs[uniqueid] = (*legs.get(uniqueid, ()), user)
    return found


def _read(rows: Sequence[tuple[float, str, str]], people: People) -> list[CallFacts]:
    return [facts_of(decode_record(record), people.get(call, {})) for _, call, record in rows]
