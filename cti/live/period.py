"""The figures of a period: of its queues, its agents, and of each interval, from facts that come a page at a time.

The same facts and formulas as of the day so far, so the two agree to the last digit. Neighbours: ``today`` has the
day, ``counted`` the facts, ``figures`` the formulas; ``call_log.figures`` reads and asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cti.live.cells import counts_of
from cti.live.counted import CallFacts, Talk
from cti.live.figures import ANY_QUEUE, FigureRules, Minutes, QueueCounts
from cti.live.intervals import begin_of, begins
from cti.live.shifts import Shift
from cti.live.spent import seconds_of, visits_of
from cti.live.today import agent_figures, figures_of

QueueKey = tuple[str, str]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A period [start, end) in epoch seconds. ``queues``: names, ``users``: ids; None: all. ``each``: one agent's
    intervals instead of the queues'."""

    start: float
    end: float
    minutes: Minutes
    queues: frozenset[str] | None = None
    users: frozenset[str] | None = None
    each: str = ""


class Period:
    """``add`` pages of calls, then ``told``. ``now``: until when what goes on is counted."""

    def __init__(
        self, asked: Asked, shifts: Mapping[str, Shift], rules: FigureRules, zone: ZoneInfo, now: float
    ) -> None:
        self._asked, self._shifts, self._rules, self._zone = asked, shifts, rules, zone
        self._now = now
        self._until = min(asked.end, max(asked.start, now))
        self._queues: dict[QueueKey, QueueCounts] = {}
        self._intervals: dict[float, QueueCounts] = {}
        self._talks: dict[str, list[Talk]] = {}

    def add(self, calls: Iterable[CallFacts]) -> None:
        """Take in these calls, each once."""
        for call in calls:
            if call.visits:
                self._visits(call)
            for talk in call.talks:
                for user in talk.users:
                    if self._asked.users is None or user in self._asked.users:
                        self._talks.setdefault(user, []).append(talk)

    def told(self) -> dict[str, Any]:
        """All of it as JSON: times in epoch seconds, see ``figures_of`` and ``agent_figures``."""
        asked, rules = self._asked, self._rules
        total = QueueCounts()
        for counts in self._queues.values():
            total.add(counts)
        names = {name for _, name in self._queues}
        rule = names.pop() if len(names) == 1 else ANY_QUEUE
        grid = begins(asked.start, asked.end, asked.minutes, self._zone)
        if asked.each:
            intervals = [{"start": at, **agent_figures(self._spent(asked.each, at), rules)} for at in grid]
        else:
            none = QueueCounts()
            intervals = [{"start": at, **figures_of(self._intervals.get(at, none), rules, rule)} for at in grid]
        return {
            "from": asked.start,
            "to": asked.end,
            "interval_minutes": asked.minutes,
            "total": figures_of(total, rules, rule),
            "queues": [
                {"pbx": pbx, "queue": name, **figures_of(counts, rules, name)}
                for (pbx, name), counts in sorted(self._queues.items())
            ],
            "agents": self._agents(),
            "intervals": intervals,
        }

    # --- parts

    def _visits(self, call: CallFacts) -> None:
        for visit, wrap in visits_of(self._shifts, call, self._now)[0]:
            if not self._asked.start <= visit.joined_at < self._asked.end:
                continue
            if self._asked.queues is not None and visit.queue not in self._asked.queues:
                continue
            begin = begin_of(visit.joined_at, self._asked.minutes, self._zone)
            one = counts_of(visit, wrap, self._now, self._rules.queue(visit.queue))
            self._queues.setdefault((call.pbx, visit.queue), QueueCounts()).add(one)
            self._intervals.setdefault(begin, QueueCounts()).add(one)

    def _agents(self) -> list[dict[str, Any]]:
        users = self._talks.keys() | self._shifts.keys()
        asked = users if self._asked.users is None else users & self._asked.users
        rows = []
        for user in sorted(asked):
            spent = self._spent(user)
            if spent.signed_in or spent.calls or spent.busy:
                rows.append({"agent": user, **agent_figures(spent, self._rules)})
        return rows

    def _spent(self, user: str, interval: float | None = None) -> Any:
        start, end = self._asked.start, self._until
        if interval is not None:
            start, end = max(start, interval), min(end, interval + self._asked.minutes * 60.0)
        spells = self._shifts[user].all() if user in self._shifts else ()
        return seconds_of(spells, self._talks.get(user, ()), start, end, self._now, self._zone)
