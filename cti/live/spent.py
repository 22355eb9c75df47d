"""Where an agent's time went, from his own states and his talks, cut exactly at the borders of a time.

Neighbours: ``shifts`` has his states, ``counted`` his talks, ``figures`` what is made of it; ``today`` asks for a day,
``tally`` for its quarters of an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from cti.live.cells import QUARTER
from cti.live.counted import CallFacts, Talk, Visit
from cti.live.figures import AgentSeconds
from cti.live.intervals import Stretch, begin_of, begins, union, within, without
from cti.live.shifts import Shift, Spell

HOUR = 60


def seconds_of(
    spells: Sequence[Spell], talks: Sequence[Talk], start: float, end: float, now: float, zone: ZoneInfo
) -> AgentSeconds:
    """An agent's time in [start, end). A call is counted where it was first joined; what goes on goes on until now."""
    stretches = _stretches(spells, talks, now)
    found = AgentSeconds(calls=sum(start <= talk.stretches[0][0] < end for talk in talks))
    for name, some in stretches.items():
        setattr(found, name, within(some, start, end))
    for reason, piece in _pauses(spells, now):
        if part := within([piece], start, end):
            found.pauses[reason] = found.pauses.get(reason, 0.0) + part
    there = stretches["signed_in"]
    hours = (begin for begin in begins(start, end, HOUR, zone) if within(there, begin, begin + HOUR * 60.0) > 0)
    found.staffed = _staffed(hours if there else (), start, end)
    return found


def by_quarter(
    spells: Sequence[Spell], talks: Sequence[Talk], start: float, end: float, now: float, zone: ZoneInfo
) -> dict[float, AgentSeconds]:
    """The same by quarter of an hour, of those in which there is anything, without ``staffed``: see ``total_of``."""
    found: dict[float, AgentSeconds] = {}
    for name, some in _stretches(spells, talks, now).items():
        for begin, part in _cut(some, start, end, zone):
            one = found.setdefault(begin, AgentSeconds())
            setattr(one, name, getattr(one, name) + part)
    for reason, piece in _pauses(spells, now):
        for begin, part in _cut([piece], start, end, zone):
            pauses = found[begin].pauses
            pauses[reason] = pauses.get(reason, 0.0) + part
    for talk in talks:
        if start <= (began := talk.stretches[0][0]) < end:
            found.setdefault(begin_of(began, QUARTER, zone), AgentSeconds()).calls += 1
    return found


def total_of(quarters: Mapping[float, AgentSeconds], start: float, end: float, zone: ZoneInfo) -> AgentSeconds:
    """Quarters of [start, end) together."""
    total = AgentSeconds()
    for one in quarters.values():
        total.add(one)
    hours = {begin_of(begin, HOUR, zone) for begin, one in quarters.items() if one.signed_in > 0}
    total.staffed = _staffed(hours, start, end)
    return total


def _stretches(spells: Sequence[Spell], talks: Sequence[Talk], now: float) -> dict[str, list[Stretch]]:
    """When he was what, by the names of ``AgentSeconds``."""
    of: dict[str, list[Stretch]] = {"ready": [], "pause": [], "wrap": []}
    for spell in spells:
        of[spell.state].append((spell.start, spell.until(now)))
    busy = union([(s, now if e is None else e) for talk in talks for s, e in talk.stretches])
    there = union([piece for pieces in of.values() for piece in pieces])
    handled = union(busy + of["wrap"])
    return {
        "signed_in": there,
        "paused": of["pause"],
        "wrap": of["wrap"],
        "busy": busy,
        "handle": without(handled, without(handled, there)),
        "available": without(of["ready"], busy),
    }


def _pauses(spells: Sequence[Spell], now: float) -> Iterator[tuple[str, Stretch]]:
    return ((spell.reason, (spell.start, spell.until(now))) for spell in spells if spell.state == "pause")


def _cut(stretches: Sequence[Stretch], start: float, end: float, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
    """What of these lies in [start, end), cut where quarters end: the begin of each, and seconds in it."""
    for first, last in stretches:
        at, last = max(first, start), min(last, end)
        while at < last:
            begin = begin_of(at, QUARTER, zone)
            until = min(last, begin + QUARTER * 60.0)
            yield begin, until - at
            at = until


def _staffed(hours: Iterable[float], start: float, end: float) -> float:
    """The clock hours (by their begin) in which he was there at all, as far as they lie in [start, end)."""
    return sum(min(begin + HOUR * 60.0, end) - max(begin, start) for begin in hours)


def grown(spent: AgentSeconds, by: float, now: Spell, talking: bool) -> AgentSeconds:
    """The same ``by`` seconds later in the same clock hour, of who is signed in and to whom nothing has happened since:
    ``now`` is what he is, ``talking`` whether a call of his goes on."""
    found = msgspec.structs.replace(spent, pauses=dict(spent.pauses))
    found.busy += by * talking
    found.handle += by * (talking or now.state == "wrap")
    found.signed_in += by
    found.staffed += by
    found.wrap += by * (now.state == "wrap")
    found.available += by * (now.state == "ready" and not talking)
    if now.state == "pause":
        found.paused += by
        found.pauses[now.reason] = found.pauses.get(now.reason, 0.0) + by
    return found


def wraps_of(shifts: Mapping[str, Shift], call: CallFacts, now: float) -> tuple[dict[str, float], bool]:
    """The wrap-up after a call by queue, of all who had a part in it; True if one goes on."""
    found: dict[str, float] = {}
    goes_on = False
    for user in {user for talk in call.talks for user in talk.users} & shifts.keys():
        shift = shifts[user]
        current = [shift.current] if shift.current.state == "wrap" and shift.current.call == call.call else []
        for spell in (*shift.wraps.get(call.call, ()), *current):
            found[spell.queue] = found.get(spell.queue, 0.0) + spell.until(now) - spell.start
        goes_on = goes_on or bool(current)
    return found, goes_on


def visits_of(shifts: Mapping[str, Shift], call: CallFacts, now: float) -> tuple[list[tuple[Visit, float]], bool]:
    """A call's visits, each with the seconds of wrap-up after it, once the call is over: that of a queue goes to the
    last of its visits that was answered. True if a wrap-up goes on."""
    wraps, goes_on = wraps_of(shifts, call, now)
    last = {visit.queue: place for place, visit in enumerate(call.visits) if visit.end == "answered"}
    found = []
    for place, visit in enumerate(call.visits):
        wrapped = visit.over and last.get(visit.queue) == place
        found.append((visit, wraps.get(visit.queue, 0.0) if wrapped else 0.0))
    return found, goes_on
