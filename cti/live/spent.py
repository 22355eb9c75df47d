"""Where an agent's time went, from his own states and his talks, cut exactly at the borders of a time.

Neighbours: ``shifts`` has his states, ``counted`` his talks, ``figures`` what is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from cti.live.counted import CallFacts, Talk, Visit
from cti.live.figures import AgentSeconds
from cti.live.intervals import Stretch, begins, union, within, without
from cti.live.shifts import Shift, Spell

HOUR = 60


def seconds_of(
    spells: Sequence[Spell], talks: Sequence[Talk], start: float, end: float, now: float, zone: ZoneInfo
) -> AgentSeconds:
    """An agent's time in [start, end). A call is counted where it was first joined; what goes on goes on until now."""
    busy = union([(s, now if e is None else e) for talk in talks for s, e in talk.stretches])
    of: dict[str, list[Stretch]] = {"ready": [], "pause": [], "wrap": []}
    found = AgentSeconds(calls=sum(start <= talk.stretches[0][0] < end for talk in talks))
    for spell in spells:
        piece = (spell.start, spell.until(now))
        of[spell.state].append(piece)
        if spell.state == "pause" and (part := within([piece], start, end)):
            found.pauses[spell.reason] = found.pauses.get(spell.reason, 0.0) + part
    there = union([piece for pieces in of.values() for piece in pieces])
    found.signed_in = within(there, start, end)
    found.paused = within(of["pause"], start, end)
    found.wrap = within(of["wrap"], start, end)
    found.busy = within(busy, start, end)
    found.handle = within(union(busy + of["wrap"]), start, end)
    found.available = within(without(of["ready"], busy), start, end)
    found.staffed = _staffed(there, start, end, zone)
    return found


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


def _staffed(there: list[Stretch], start: float, end: float, zone: ZoneInfo) -> float:
    """The clock hours in which he was there at all, as far as they lie in [start, end)."""
    total = 0.0
    for begin in begins(start, end, HOUR, zone) if there else ():
        first, last = max(begin, start), min(begin + HOUR * 60.0, end)
        if within(there, first, last) > 0:
            total += last - first
    return total


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
    """A call's visits, each with the seconds of wrap-up after it: that of a queue goes to the last of its visits that
    was answered. True if a wrap-up goes on."""
    wraps, goes_on = wraps_of(shifts, call, now)
    last = {visit.queue: place for place, visit in enumerate(call.visits) if visit.end == "answered"}
    found = []
    for place, visit in enumerate(call.visits):
        found.append((visit, wraps.get(visit.queue, 0.0) if last.get(visit.queue) == place else 0.0))
    return found, goes_on
