"""What the calls and states of a time come to, without rules: cells of each queue, seconds of each agent.

A day that is over is tallied once and written down; the same tally is made of what was not. Neighbours: ``counted``
and ``shifts`` have the facts, ``cells`` and ``spent`` add them up; ``call_log.days`` keeps days, ``period`` counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

import msgspec

from cti.live.cells import QUARTER, Cell
from cti.live.counted import CallFacts, Talk, Visit
from cti.live.figures import AgentSeconds
from cti.live.intervals import begin_of
from cti.live.kept import QueueKey
from cti.live.shifts import Shift
from cti.live.spent import by_quarter, total_of, visits_of


class AgentTime(msgspec.Struct, array_like=True):
    """``total`` is the sum of ``quarters``, which are still packed: most ask for the sum alone."""

    total: AgentSeconds
    quarters: msgspec.Raw


class Counts(msgspec.Struct):
    """``queues``: cells by queue and begin of the quarter of an hour; ``waiting``: who still waits. ``certain``:
    nothing of it goes on."""

    queues: dict[QueueKey, dict[float, Cell]] = {}
    agents: dict[str, AgentTime] = {}
    waiting: list[tuple[QueueKey, Visit]] = []
    certain: bool = True


pack_quarters = msgspec.msgpack.Encoder().encode
unpack_quarters = msgspec.msgpack.Decoder(dict[float, AgentSeconds]).decode
pack_time = msgspec.msgpack.Encoder().encode
unpack_time = msgspec.msgpack.Decoder(AgentTime).decode


class Tally:
    """``add`` pages of calls, then ``counts``. A visit counts in [start, end) where the caller joined, the time of
    agents where it was spent. ``now``: until when what goes on is counted. ``over``: a wrap-up that goes on then is
    none any more."""

    def __init__(
        self, start: float, end: float, shifts: Mapping[str, Shift], zone: ZoneInfo, now: float, *, over: bool = False
    ) -> None:
        self._start, self._end, self._shifts, self._zone, self._now = start, end, shifts, zone, now
        self._over = over
        self._found = Counts()
        self._talks: dict[str, list[Talk]] = {}

    def add(self, calls: Iterable[CallFacts]) -> None:
        """Take in these calls, each once."""
        for call in calls:
            if call.visits:
                self._visits(call)
            for talk in call.talks:
                self._found.certain &= all(end is not None for _, end in talk.stretches)
                for user in talk.users:
                    self._talks.setdefault(user, []).append(talk)

    def counts(self) -> Counts:
        until = min(self._end, max(self._start, self._now))
        for user in self._talks.keys() | self._shifts.keys():
            spells = self._shifts[user].all() if user in self._shifts else ()
            quarters = by_quarter(spells, self._talks.get(user, ()), self._start, until, self._now, self._zone)
            if quarters:
                total = total_of(quarters, self._start, until, self._zone)
                self._found.agents[user] = AgentTime(total, msgspec.Raw(pack_quarters(quarters)))
        return self._found

    def _visits(self, call: CallFacts) -> None:
        visits, goes_on = visits_of(self._shifts, call, self._now)
        self._found.certain &= self._over or not goes_on
        for visit, wrap in visits:
            key = call.pbx, visit.queue
            if not self._start <= visit.joined_at < self._end:
                continue
            self._found.certain &= visit.over
            if visit.end == "waiting":
                self._found.waiting.append((key, visit))
                self._found.certain = False
            else:
                begin = begin_of(visit.joined_at, QUARTER, self._zone)
                self._found.queues.setdefault(key, {}).setdefault(begin, Cell()).put(visit, wrap)
