"""The figures of the day so far, in memory: of each queue, each agent, and the day as a whole.

What went in is kept as facts, so that a record told anew replaces what it said before; what is over is added up in
cells that know no thresholds, so that other rules count the same day at once. Times go on by the clock: who still
waits, talks or is paused is counted up to now.

Neighbours: ``counted`` and ``shifts`` make the facts, ``kept`` keeps them, ``cells`` add up, ``figures`` has the
formulas; ``cti.app.figures`` feeds it from the log and goes on with what is logged; screens, alerts and wallboards ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from cti.live import figures
from cti.live.agents import Noted
from cti.live.cells import QUARTER, Cell, counts_of
from cti.live.counted import CallFacts
from cti.live.figures import AgentSeconds, FigureRules, QueueCounts
from cti.live.intervals import begin_of, day_bounds, day_of
from cti.live.kept import KeptCalls, Place, QueueKey, phone, talkers
from cti.live.shifts import Shift
from cti.live.spent import HOUR, grown, seconds_of, visits_of

_NOBODY = Shift()
"""Who never said anything of himself."""


class _Day:
    """``cells``: what is over, by queue and quarter of an hour. ``open``: calls with something that goes on (a caller
    waits, an agent is in wrap-up), by queue; they are in no cell. ``lasting``: calls that reach into the next day.
    ``gone``: calls that became part of others."""

    def __init__(self, start: float, end: float, shifts: dict[str, Shift]) -> None:
        self.start, self.end, self.shifts = start, end, shifts
        self.calls = KeptCalls()
        self.cells: dict[QueueKey, dict[float, Cell]] = {}
        self.open: dict[QueueKey, dict[str, CallFacts]] = {}
        self.lasting: set[str] = set()
        self.gone: set[str] = set()


class FiguresToday:
    """``rules``: those that hold now. ``now``: epoch seconds. Not to be used from several threads at once."""

    def __init__(self, zone: ZoneInfo, now: Callable[[], float], rules: Callable[[], FigureRules]) -> None:
        self._zone, self._now, self.rules = zone, now, rules
        self._day = _Day(*day_bounds(now(), zone), {})
        self._spent: dict[str, tuple[float, AgentSeconds, bool]] = {}
        self._counted: dict[Place, QueueCounts] = {}
        self._counted_by: FigureRules | None = None

    # --- what happened

    def anew(self, shifts: Mapping[str, Shift]) -> FiguresToday:
        """Another day so far, to be fed from the log and then adopted."""
        fresh = FiguresToday(self._zone, self._now, self.rules)
        fresh._day.shifts = dict(shifts)
        return fresh

    def adopt(self, fresh: FiguresToday) -> None:
        """Everything of today so far, in place of what is here."""
        self._day = fresh._day
        self._counted.clear()
        self._spent.clear()

    def take(self, facts: CallFacts) -> None:
        """What is known of a call now, in place of what was known of it before."""
        self._turn()
        day = self._day
        if facts.call in day.gone:
            return
        self.forget(facts.call)
        if not facts.visits and not facts.talks:
            return
        day.calls.put(facts, self._places(facts))
        if _reaches(facts, day.end):
            day.lasting.add(facts.call)
        self._add(facts)
        self._stirred(facts)

    def forget(self, call: str) -> None:
        """There is no such call."""
        facts = self._day.calls.get(call)
        if facts is None:
            return
        self._take_out(facts)
        self._day.calls.remove(facts, self._places(facts))
        self._day.lasting.discard(call)
        self._stirred(facts)

    def merged(self, gone: str) -> None:
        """This call became part of another, whatever is still told of it."""
        self.forget(gone)
        self._day.gone.add(gone)

    def noted(self, one: Noted) -> None:
        """Something happened to an agent's own state."""
        self._turn()
        shift = self._day.shifts.setdefault(one.user, Shift())
        calls = [facts for call in {shift.current.call, one.call} if (facts := self._day.calls.get(call)) is not None]
        for facts in calls:
            self._take_out(facts)
        shift.take(one)
        for facts in calls:
            self._add(facts)
        self._spent.pop(one.user, None)

    # --- what it comes to

    def queues(self) -> tuple[QueueKey, ...]:
        """The queues that anybody joined today."""
        return tuple(sorted(key for key, cells in self._day.cells.items() if cells or self._day.open.get(key)))

    def queue(self, pbx: str, name: str) -> dict[str, Any]:
        """A queue's day: see ``figures_of``, with ``sl_now``, the service level of the last ``now_minutes``."""
        self._turn()
        rules = self.rules()
        found = figures_of(_sum(counts for _, counts in self._counts((pbx, name))), rules, name)
        return found | {"sl_now": self.service_level(pbx, name, rules.now_minutes * 60.0)}

    def service_level(self, pbx: str, name: str, seconds: float) -> float | None:
        """Of who joined a queue in the last ``seconds`` (no further back than midnight), by the queue's formula."""
        self._turn()
        key, rule = (pbx, name), self.rules().queue(name)
        since = max(self._now() - seconds, self._day.start)
        border = begin_of(since, QUARTER, self._zone)
        counts = _sum(self._of_cell(key, begin) for begin in self._day.cells.get(key, ()) if begin > border)
        goes_on = self._day.open.get(key, {})
        for _, some in self._of_calls(key, goes_on.values(), since):
            counts.add(some)
        cell, next_border = Cell(), border + QUARTER * 60.0
        for facts in self._day.calls.joined((key, border)):
            for visit in facts.visits if facts.call not in goes_on else ():
                if visit.queue == name and since <= visit.joined_at < next_border:
                    cell.put(visit, 0.0)
        counts.add(cell.counts(rule))
        return _tenth(figures.service_level(rule.service_level, counts))

    def agent(self, user: str) -> dict[str, Any]:
        """An agent's day (a user's id): see ``agent_figures``; who did nothing has zeros and no averages."""
        return agent_figures(self.seconds(user), self.rules())

    def phone(self, pbx: str, extension: str) -> dict[str, Any]:
        """The day of a phone at which nobody of ours works."""
        return self.agent(phone(pbx, extension))

    def seconds(self, user: str) -> AgentSeconds:
        """What an agent's day went to so far."""
        self._turn()
        day, now = self._day, self._now()
        shift = day.shifts.get(user, _NOBODY)
        at, known, talking = self._spent.get(user, (0.0, None, False))
        if known is not None and begin_of(now, HOUR, self._zone) <= at <= now:
            return grown(known, now - at, shift.current, talking)
        talks = day.calls.talks(user)
        found = seconds_of(shift.all(), talks, day.start, min(now, day.end), now, self._zone)
        if shift.current.state != "off" and shift.current.start < now:
            talking = any(end is None for talk in talks for _, end in talk.stretches)
            self._spent[user] = now, found, talking
        return found

    def day(self, only: Iterable[QueueKey] | None = None) -> dict[str, Any]:
        """The day of all queues together (or of these), and ``intervals``, each with its ``start`` (epoch seconds)."""
        self._turn()
        rules = self.rules()
        keys = self.queues() if only is None else tuple(only)
        begins: dict[float, QueueCounts] = {}
        for key in keys:
            for begin, counts in self._counts(key):
                begins.setdefault(begin_of(begin, rules.interval_minutes, self._zone), QueueCounts()).add(counts)
        one = keys[0][1] if len(keys) == 1 else figures.ANY_QUEUE
        return {
            "date": day_of(self._day.start, self._zone).isoformat(),
            "start": self._day.start,
            "interval_minutes": rules.interval_minutes,
            **figures_of(_sum(begins.values()), rules, one),
            "intervals": [{"start": at, **figures_of(begins[at], rules, one)} for at in sorted(begins)],
        }

    # --- parts

    def _turn(self) -> None:
        """After midnight a new day begins; who is signed in or talking goes on in it."""
        now, over = self._now(), self._day
        if now < over.end:
            return
        self._day = _Day(*day_bounds(now, self._zone), over.shifts)
        self._counted.clear()
        self._spent.clear()
        for shift in over.shifts.values():
            shift.forget(self._day.start)
        for call in over.lasting:
            facts = over.calls.get(call)
            if facts is not None and _reaches(facts, self._day.start):
                self.take(facts)

    def _places(self, facts: CallFacts) -> set[Place]:
        """Where callers joined today."""
        joined = ((v.queue, v.joined_at) for v in facts.visits if v.joined_at >= self._day.start)
        return {((facts.pbx, queue), begin_of(at, QUARTER, self._zone)) for queue, at in joined}

    def _add(self, facts: CallFacts) -> None:
        """To the cells, or to what goes on."""
        visits, goes_on = visits_of(self._day.shifts, facts, self._now())
        goes_on = goes_on or any(visit.end == "waiting" for visit, _ in visits)
        for visit, wrap in visits:
            if visit.joined_at < self._day.start:
                continue
            key = facts.pbx, visit.queue
            cells = self._day.cells.setdefault(key, {})
            if goes_on:
                self._day.open.setdefault(key, {})[facts.call] = facts
                continue
            begin = begin_of(visit.joined_at, QUARTER, self._zone)
            cells.setdefault(begin, Cell()).put(visit, wrap)
            self._counted.pop((key, begin), None)

    def _take_out(self, facts: CallFacts) -> None:
        """Undo ``_add``; nothing that it went by has changed since."""
        keys = {(facts.pbx, visit.queue) for visit in facts.visits}
        went_on = [self._day.open.get(key, {}).pop(facts.call, None) for key in keys]
        if any(went_on):
            return
        for visit, wrap in visits_of(self._day.shifts, facts, self._now())[0]:
            if visit.joined_at >= self._day.start:
                key, begin = (facts.pbx, visit.queue), begin_of(visit.joined_at, QUARTER, self._zone)
                cell = self._day.cells[key][begin]
                cell.take_out(visit, wrap)
                if not cell:
                    del self._day.cells[key][begin]
                self._counted.pop((key, begin), None)

    def _stirred(self, facts: CallFacts) -> None:
        """Who had a part in it is counted anew."""
        for who in talkers(facts):
            self._spent.pop(who, None)

    def _counts(self, key: QueueKey) -> Iterator[tuple[float, QueueCounts]]:
        """A queue's day, each part with the quarter of an hour that it belongs to."""
        for begin in self._day.cells.get(key, ()):
            yield begin, self._of_cell(key, begin)
        yield from self._of_calls(key, self._day.open.get(key, {}).values(), self._day.start)

    def _of_cell(self, key: QueueKey, begin: float) -> QueueCounts:
        rules = self.rules()
        if rules is not self._counted_by:
            if rules != self._counted_by:
                self._counted.clear()
            self._counted_by = rules
        known = self._counted.get((key, begin))
        if known is None:
            known = self._counted[key, begin] = self._day.cells[key][begin].counts(rules.queue(key[1]))
        return known

    def _of_calls(self, key: QueueKey, calls: Iterable[CallFacts], since: float) -> Iterator[tuple[float, QueueCounts]]:
        """Of who joined a queue with these calls, not before ``since``, each with his quarter of an hour."""
        now, rule = self._now(), self.rules().queue(key[1])
        for facts in calls:
            for visit, wrap in visits_of(self._day.shifts, facts, now)[0]:
                if visit.queue == key[1] and visit.joined_at >= since:
                    yield begin_of(visit.joined_at, QUARTER, self._zone), counts_of(visit, wrap, now, rule)


def _reaches(call: CallFacts, start: float) -> bool:
    """Has it anything to do with the day that begins then?"""
    ends = [end for talk in call.talks for _, end in talk.stretches]
    return any(v.joined_at >= start or v.end == "waiting" for v in call.visits) or any(
        end is None or end > start for end in ends
    )


def _sum(some: Iterable[QueueCounts]) -> QueueCounts:
    total = QueueCounts()
    for counts in some:
        total.add(counts)
    return total


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def figures_of(counts: QueueCounts, rules: FigureRules, queue: str) -> dict[str, Any]:
    """The figures of a queue in some time, as JSON: counts, whole seconds, percent to a tenth; null: nothing to divide.

    ``queue``: whose rule names the formulas.
    """
    rule = rules.queue(queue)
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "answered_in": counts.answered_in,
        "abandoned": counts.abandoned,
        "short_abandoned": counts.short,
        "moved": counts.moved,
        "waiting": counts.waiting,
        "service_level": _tenth(figures.service_level(rule.service_level, counts)),
        "abandon_rate": _tenth(figures.abandon_rate(counts, without_short=rule.short_leave_rate)),
        "asa": _tenth(figures.speed_of_answer(counts)),
        "aht": _tenth(figures.handle_time(counts)),
        "acw": _tenth(figures.wrap_time(counts)),
        "longest_wait": round(counts.longest_wait, 1),
        "talk_seconds": round(counts.talk_seconds, 1),
        "hold_seconds": round(counts.hold_seconds, 1),
        "wrap_seconds": round(counts.wrap_seconds, 1),
    }


def agent_figures(seconds: AgentSeconds, rules: FigureRules) -> dict[str, Any]:
    """The figures of an agent in some time, as JSON. ``ready_seconds``: ready with nobody to talk to."""
    return {
        "calls": seconds.calls,
        "talk_seconds": round(seconds.busy),
        "wrap_seconds": round(seconds.wrap),
        "ready_seconds": round(seconds.available),
        "pause_seconds": round(seconds.paused),
        "pauses": {reason: round(value) for reason, value in sorted(seconds.pauses.items())},
        "signed_in_seconds": round(seconds.signed_in),
        "occupancy": _tenth(figures.occupancy(rules.occupancy, seconds)),
        "aht": _tenth(figures.mean(seconds.busy + seconds.wrap, seconds.calls)),
    }
