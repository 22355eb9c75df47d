"""Days that are over, tallied once and kept: a month of figures is read from these and not from its calls.

A tally knows no rules, so it stands until a call of that day is written anew: ``store`` then forgets the day, and it
is tallied again when it is asked for. The records stay the truth. Neighbours: ``facts`` reads them, ``cti.live.tally``
adds up, ``figures`` asks; ``cti.app.figures`` has days tallied before anybody asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from call_log.facts import Facts
from call_log.model import figure_day, figure_part
from call_log.store import CallStore
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.live.cells import pack_cells, unpack_cells
from cti.live.intervals import day_bounds
from cti.live.period import Asked
from cti.live.shifts import Shift
from cti.live.tally import Counts, Tally, pack_time, unpack_time

TALLIED = 1
"""How days are tallied; one more than before where a later product reads its calls otherwise."""
WRAP_SECONDS = 3600.0
"""A wrap-up so long after the last call of a day is a part of it."""
SETTLED_SECONDS = 3600.0
"""A day is kept when it has been over for so long."""

Shifts = Callable[[float, float], Awaitable[Mapping[str, Shift]]]
"""What every agent was in a time."""

_DAY = "SELECT 1 FROM figure_day WHERE start = ? AND ends = ? AND tallied = ?"
_PARTS = "SELECT kind, pbx, name, body FROM figure_part WHERE start = ?"
_LAST = "SELECT max(ended_at) FROM call WHERE started_at >= ? AND started_at < ?"
_NUMBERS = "SELECT max(logged) FROM call UNION ALL SELECT max(logged) FROM call_alias"
_SINCE = (
    "SELECT 1 FROM call WHERE logged > ? AND started_at < ? AND (ended_at IS NULL OR ended_at >= ?)"
    " UNION ALL SELECT 1 FROM call_alias WHERE logged > ? LIMIT 1"
)
_QUEUE, _AGENT = "queue", "agent"


class Days:
    def __init__(self, database: Database, facts: Facts, shifts: Shifts, zone: ZoneInfo, clock: Clock) -> None:
        self._database, self._facts, self._shifts = database, facts, shifts
        self._zone, self._clock = zone, clock
        self._store = CallStore(database)
        self._turn = asyncio.Lock()  # one day at a time is tallied, so that nobody else waits for long

    async def of(self, start: float, end: float, asked: Asked) -> Counts:
        """What [start, end), a part of one day, comes to; of a day that is kept, no more than is asked for."""
        if (start, end) != day_bounds(start, self._zone):
            return await self._tally(start, end)
        stored = await self._stored(start, end, asked)
        return await self._made(start, end) if stored is None else stored

    async def missing(self, most: int) -> list[tuple[float, float]]:
        """The days that are over and not kept, the latest first; ``most``: so many days back, if the log is so old."""
        async with self._database.read() as reader:
            (first,) = await reader.one("SELECT min(started_at) FROM call") or (None,)
            kept = set(await reader.fetch("SELECT start, ends FROM figure_day WHERE tallied = ?", TALLIED))
        start, _ = day_bounds(self._clock.now() - SETTLED_SECONDS, self._zone)
        found: list[tuple[float, float]] = []
        while first is not None and start > first and len(found) < most:
            found.append(day_bounds(start - 1.0, self._zone))
            start = found[-1][0]
        return [day for day in found if day not in kept]

    async def keep(self, start: float, end: float) -> None:
        """Tally a day that is over."""
        await self._made(start, end)

    async def forget(self, at: float) -> None:
        """Something of the past became known: the day of this moment is tallied anew."""
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM figure_day WHERE start <= ? AND ends > ?", at, at)

    # --- parts

    async def _stored(self, start: float, end: float, asked: Asked) -> Counts | None:
        async with self._database.read() as reader:
            if await reader.one(_DAY, start, end, TALLIED) is None:
                return None
            rows = await reader.fetch(_PARTS, start)
        return await asyncio.to_thread(_unpacked, rows, asked)

    async def _made(self, start: float, end: float) -> Counts:
        async with self._turn:
            async with self._database.read() as reader:
                number = max(number or 0 for (number,) in await reader.fetch(_NUMBERS))
            counts = await self._tally(start, end)
            if counts.certain and self._clock.now() >= end + SETTLED_SECONDS:
                rows = await asyncio.to_thread(_packed, start, counts)
                await self._write(start, end, number, rows)
        return counts

    async def _tally(self, start: float, end: float) -> Counts:
        async with self._database.read() as reader:
            (last,) = await reader.one(_LAST, start, end) or (None,)
        now = self._clock.now()
        until = min(now, max(end, last or 0.0) + WRAP_SECONDS)
        tally = Tally(start, end, await self._shifts(start, until), self._zone, until, over=until < now)
        async for page in self._facts.between(start, end):
            await asyncio.to_thread(tally.add, page)
        return await asyncio.to_thread(tally.counts)

    async def _write(self, start: float, end: float, number: int, rows: list[tuple[Any, ...]]) -> None:
        """Nothing, where calls of that day were written since ``number``."""
        async with self._database.transaction() as tx:
            await self._store.lock(tx)
            if await tx.one(_SINCE, number, end, start, number) is not None:
                return
            await tx.execute("DELETE FROM figure_part WHERE start = ?", start)
            await tx.execute("DELETE FROM figure_day WHERE start = ?", start)
            await tx.insert(figure_part, rows)
            await tx.insert(figure_day, [(start, end, TALLIED)])


def _packed(start: float, counts: Counts) -> list[tuple[Any, ...]]:
    """The rows of ``figure_part``."""
    queues = [(start, _QUEUE, pbx, name, pack_cells(cells)) for (pbx, name), cells in counts.queues.items()]
    return queues + [(start, _AGENT, "", user, pack_time(time)) for user, time in counts.agents.items()]


def _unpacked(rows: Sequence[tuple[Any, ...]], asked: Asked) -> Counts:
    found = Counts()
    for kind, pbx, name, body in rows:
        if kind == _QUEUE and asked.wants_queue(name):
            found.queues[pbx, name] = unpack_cells(body)
        elif kind == _AGENT and asked.wants_user(name):
            found.agents[name] = unpack_time(body)
    return found
