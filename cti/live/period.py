"""The figures of a period: of its queues, its agents, and of each interval, from tallies that come a day at a time.

The same facts and formulas as of the day so far, so the two agree. Neighbours: ``tally`` has the days, ``figures`` the
formulas, ``today`` the day so far; ``call_log.figures`` reads and asks.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cti.live.cells import counts_of
from cti.live.figures import ANY_QUEUE, AgentSeconds, FigureRules, Minutes, QueueCounts
from cti.live.intervals import begin_of, begins
from cti.live.kept import QueueKey
from cti.live.spent import total_of
from cti.live.tally import Counts, unpack_quarters
from cti.live.today import agent_figures, figures_of


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A period [start, end) in epoch seconds. ``queues``: names, ``users``: ids; None: all. ``each``: one agent's
    intervals instead of the queues'."""

    start: float
    end: float
    minutes: Minutes
    queues: frozenset[str] | None = None
    users: frozenset[str] | None = None
    each: str = ""

    def wants_queue(self, name: str) -> bool:
        return self.queues is None or name in self.queues

    def wants_user(self, user: str) -> bool:
        return self.users is None or user in self.users


class Period:
    """``add`` the parts of it, none twice, then ``told``. ``now``: until when what goes on is counted."""

    def __init__(self, asked: Asked, rules: FigureRules, zone: ZoneInfo, now: float) -> None:
        self._asked, self._rules, self._zone, self._now = asked, rules, zone, now
        self._queues: dict[QueueKey, QueueCounts] = {}
        self._intervals: dict[float, QueueCounts] = {}
        self._users: dict[str, AgentSeconds] = {}
        self._each: dict[float, AgentSeconds] = {}

    def add(self, part: Counts) -> None:
        """Take in what a part of the period came to."""
        for (pbx, queue), cells in part.queues.items():
            rule = self._rules.queue(queue)
            for begin, cell in cells.items():
                self._count((pbx, queue), begin, cell.counts(rule))
        for (pbx, queue), visit in part.waiting:
            self._count((pbx, queue), visit.joined_at, counts_of(visit, 0.0, self._now, self._rules.queue(queue)))
        for user, time in part.agents.items():
            if self._asked.wants_user(user):
                self._users.setdefault(user, AgentSeconds()).add(time.total)
                if user == self._asked.each:
                    self._each |= unpack_quarters(time.quarters)

    def told(self) -> dict[str, Any]:
        """All of it as JSON: times in epoch seconds, see ``figures_of`` and ``agent_figures``."""
        asked, rules = self._asked, self._rules
        total = QueueCounts()
        for counts in self._queues.values():
            total.add(counts)
        names = {name for _, name in self._queues}
        rule = names.pop() if len(names) == 1 else ANY_QUEUE
        return {
            "from": asked.start,
            "to": asked.end,
            "interval_minutes": asked.minutes,
            "total": figures_of(total, rules, rule),
            "queues": [
                {"pbx": pbx, "queue": name, **figures_of(counts, rules, name)}
                for (pbx, name), counts in sorted(self._queues.items())
            ],
            "agents": [{"agent": user, **agent_figures(self._users[user], rules)} for user in sorted(self._users)],
            "intervals": self._of_agent() if asked.each else self._of_queues(rule),
        }

    # --- parts

    def _count(self, key: QueueKey, at: float, counts: QueueCounts) -> None:
        if self._asked.wants_queue(key[1]):
            begin = begin_of(at, self._asked.minutes, self._zone)
            self._queues.setdefault(key, QueueCounts()).add(counts)
            self._intervals.setdefault(begin, QueueCounts()).add(counts)

    def _grid(self) -> list[float]:
        return begins(self._asked.start, self._asked.end, self._asked.minutes, self._zone)

    def _of_queues(self, rule: str) -> list[dict[str, Any]]:
        none = QueueCounts()
        found = self._intervals
        return [{"start": at, **figures_of(found.get(at, none), self._rules, rule)} for at in self._grid()]

    def _of_agent(self) -> list[dict[str, Any]]:
        until = min(self._asked.end, max(self._asked.start, self._now))
        quarters: dict[float, dict[float, AgentSeconds]] = {}
        for begin, spent in self._each.items():
            quarters.setdefault(begin_of(begin, self._asked.minutes, self._zone), {})[begin] = spent
        rows = []
        for at in self._grid():
            start, end = max(self._asked.start, at), min(until, at + self._asked.minutes * 60.0)
            spent = total_of(quarters.get(at, {}), start, end, self._zone)
            rows.append({"start": at, **agent_figures(spent, self._rules)})
        return rows
