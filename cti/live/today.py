"""The figures of the day so far, in memory: of each queue, each agent, and the day as a whole.

What went in is kept as facts, not as sums, so that a record told anew replaces what it said before, and another rule
counts the same day anew. Times go on by the clock: who still waits, talks or is paused is counted up to now.

Neighbours: ``counted`` and ``shifts`` make the facts, ``figures`` has the formulas; ``cti.app.figures`` feeds it from
the log and goes on with what is logged; screens, alerts and wallboards ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from cti.live import figures
from cti.live.agents import Noted
from cti.live.counted import CallFacts, Talk, Visit, count
from cti.live.figures import AgentSeconds, FigureRules, QueueCounts
from cti.live.intervals import begin_of, day_bounds, day_of
from cti.live.shifts import Shift
from cti.live.spent import grown, seconds_of, wraps_of

QueueKey = tuple[str, str]
"""PBX, name."""
HOUR = 60
_NOBODY = Shift()
"""Who never said anything of himself."""
SMALLEST = 15
"""Minutes of the buckets that visits are kept in."""


class FiguresToday:
    """``rules``: those that hold now. ``now``: epoch seconds. Not to be used from several threads."""

    def __init__(self, zone: ZoneInfo, now: Callable[[], float], rules: Callable[[], FigureRules]) -> None:
        self._zone, self._now, self.rules = zone, now, rules
        self._start, self._end = day_bounds(now(), zone)
        self._calls: dict[str, CallFacts] = {}
        self._visits: dict[QueueKey, dict[float, dict[str, list[Visit]]]] = {}
        self._talks: dict[str, dict[str, list[Talk]]] = {}
        self._gone: set[str] = set()
        self._shifts: dict[str, Shift] = {}
        self._spent: dict[str, tuple[float, AgentSeconds, bool]] = {}
        self._counted: dict[tuple[QueueKey, float], QueueCounts] = {}
        self._counted_by: FigureRules | None = None

    # --- what happened

    def anew(self, shifts: Mapping[str, Shift]) -> FiguresToday:
        """Another day so far, to be fed from the log and then adopted."""
        fresh = FiguresToday(self._zone, self._now, self.rules)
        fresh._shifts = dict(shifts)
        return fresh

    def adopt(self, fresh: FiguresToday) -> None:
        """Everything of today so far, in place of what is here."""
        self._start, self._end = fresh._start, fresh._end
        self._calls, self._visits, self._talks = fresh._calls, fresh._visits, fresh._talks
        self._shifts, self._gone = fresh._shifts, fresh._gone
        self._counted.clear()
        self._spent.clear()

    def take(self, facts: CallFacts) -> None:
        """What is known of a call now, in place of what was known of it before."""
        self._turn()
        if facts.call in self._gone:
            return
        self.forget(facts.call)
        for visit in facts.visits:
            if visit.joined_at >= self._start:
                of = self._visits.setdefault((facts.pbx, visit.queue), {})
                begin = begin_of(visit.joined_at, SMALLEST, self._zone)
                of.setdefault(begin, {}).setdefault(facts.call, []).append(visit)
                self._counted.pop(((facts.pbx, visit.queue), begin), None)
        for talk in facts.talks:
            for who in talk.users or ((_phone(facts.pbx, talk.extension),) if talk.extension else ()):
                self._talks.setdefault(who, {}).setdefault(facts.call, []).append(talk)
                self._spent.pop(who, None)
        if facts.visits or facts.talks:
            self._calls[facts.call] = facts

    def forget(self, call: str) -> None:
        """There is no such call."""
        facts = self._calls.pop(call, None)
        if facts is None:
            return
        for visit in facts.visits:
            key, begin = (facts.pbx, visit.queue), begin_of(visit.joined_at, SMALLEST, self._zone)
            self._visits.get(key, {}).get(begin, {}).pop(call, None)
            self._counted.pop((key, begin), None)
        for talk in facts.talks:
            for who in talk.users or (_phone(facts.pbx, talk.extension),):
                self._talks.get(who, {}).pop(call, None)
                self._spent.pop(who, None)

    def merged(self, gone: str) -> None:
        """This call became part of another, whatever is still told of it."""
        self.forget(gone)
        self._gone.add(gone)

    def noted(self, one: Noted) -> None:
        """Something happened to an agent's own state."""
        self._turn()
        self._shifts.setdefault(one.user, Shift()).take(one)
        self._spent.pop(one.user, None)
        if one.kind in ("wrap", "wrap_over") and (facts := self._calls.get(one.call)) is not None:
            for visit in facts.visits:
                begin = begin_of(visit.joined_at, SMALLEST, self._zone)
                self._counted.pop(((facts.pbx, visit.queue), begin), None)

    # --- what it comes to

    def queues(self) -> tuple[QueueKey, ...]:
        """The queues that anybody joined today."""
        return tuple(sorted(self._visits))

    def queue(self, pbx: str, name: str) -> dict[str, Any]:
        """A queue's day: see ``figures_of``, with ``sl_now``, the service level of the last ``now_minutes``."""
        self._turn()
        rules = self.rules()
        found = figures_of(self._sum([(pbx, name)]), rules, name)
        return found | {"sl_now": self.service_level(pbx, name, rules.now_minutes * 60.0)}

    def service_level(self, pbx: str, name: str, seconds: float) -> float | None:
        """Of who joined a queue in the last ``seconds`` (no further back than midnight), by the queue's formula."""
        self._turn()
        rule, now, counts = self.rules().queue(name), self._now(), QueueCounts()
        for begin, calls in self._visits.get((pbx, name), {}).items():
            if begin + SMALLEST * 60.0 > now - seconds:
                for visits in calls.values():
                    for visit in visits:
                        if visit.joined_at >= now - seconds:
                            count(counts, visit, rule, now)
        return _tenth(figures.service_level(rule.service_level, counts))

    def agent(self, user: str) -> dict[str, Any]:
        """An agent's day (a user's id): see ``agent_figures``; who did nothing has zeros and no averages."""
        return agent_figures(self.seconds(user), self.rules())

    def phone(self, pbx: str, extension: str) -> dict[str, Any]:
        """The day of a phone at which nobody of ours works."""
        return self.agent(_phone(pbx, extension))

    def seconds(self, user: str) -> AgentSeconds:
        """What an agent's day went to so far."""
        self._turn()
        now, shift = self._now(), self._shifts.get(user, _NOBODY)
        at, known, talking = self._spent.get(user, (0.0, None, False))
        if known is not None and begin_of(now, HOUR, self._zone) <= at <= now:
            return grown(known, now - at, shift.current, talking)
        talks = [talk for some in self._talks.get(user, {}).values() for talk in some]
        found = seconds_of(shift.all(), talks, self._start, min(now, self._end), now, self._zone)
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
            for begin in self._visits.get(key, {}):
                at = begin_of(begin, rules.interval_minutes, self._zone)
                begins.setdefault(at, QueueCounts()).add(self._bucket(key, begin))
        one = keys[0][1] if len(keys) == 1 else figures.ANY_QUEUE
        return {
            "date": day_of(self._start, self._zone).isoformat(),
            "start": self._start,
            "interval_minutes": rules.interval_minutes,
            **figures_of(self._sum(keys), rules, one),
            "intervals": [{"start": at, **figures_of(begins[at], rules, one)} for at in sorted(begins)],
        }

    # --- parts

    def _turn(self) -> None:
        """After midnight a new day begins; who is signed in or talking goes on in it."""
        now = self._now()
        if now < self._end:
            return
        self._start, self._end = day_bounds(now, self._zone)
        calls, self._counted = list(self._calls.values()), {}
        self._gone.clear()
        self._spent.clear()
        self._visits, self._talks, self._calls = {}, {}, {}
        for shift in self._shifts.values():
            shift.forget(self._start)
        for call in calls:
            if _reaches(call, self._start):
                self.take(call)

    def _sum(self, keys: Iterable[QueueKey]) -> QueueCounts:
        total = QueueCounts()
        for key in keys:
            for begin in self._visits.get(key, {}):
                total.add(self._bucket(key, begin))
        return total

    def _bucket(self, key: QueueKey, begin: float) -> QueueCounts:
        rules = self.rules()
        if rules is not self._counted_by:
            if rules != self._counted_by:
                self._counted.clear()
            self._counted_by = rules
        known = self._counted.get((key, begin))
        if known is not None:
            return known
        counts, now, rule = QueueCounts(), self._now(), rules.queue(key[1])
        open_still = False
        for call, visits in self._visits[key][begin].items():
            wraps, goes_on = wraps_of(self._shifts, self._calls[call], now)
            last = max((v.joined_at for v in visits if v.end == "answered"), default=0.0)
            for visit in visits:
                count(counts, visit, rule, now, wraps.get(key[1], 0.0) if visit.joined_at == last else 0.0)
            open_still = open_still or goes_on or counts.waiting > 0
        if not open_still:
            self._counted[key, begin] = counts
        return counts


def _phone(pbx: str, extension: str) -> str:
    return f"{pbx}/{extension}"


def _reaches(call: CallFacts, start: float) -> bool:
    """Has it anything to do with the day that begins now?"""
    ends = [end for talk in call.talks for _, end in talk.stretches]
    return any(v.joined_at >= start or v.end == "waiting" for v in call.visits) or any(
        end is None or end > start for end in ends
    )


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
