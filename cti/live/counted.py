"""What a call record says for the figures: visits to queues and how they ended, and who was busy with it when.

Facts only, without thresholds, so that another formula counts the same facts anew. Everything of a visit, also the
talk and the wrap-up after it, counts in the interval in which the caller joined the queue; the time of agents is cut
where intervals end. Monitoring is no call and gives nothing. Neighbours: ``cells`` adds visits up, ``spent`` talks,
``shifts`` has the agents' own states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from cti.live.record import CallRecord, Leg, QueueWait

VisitEnd = Literal["answered", "abandoned", "moved", "waiting"]
SAME_END_SECONDS = 1.5
"""A caller who left the queue so shortly before the call's end left by hanging up (CDRs have whole seconds)."""
AT_ONCE_SECONDS = 1.0
JOINED = ("talk", "hold", "consult")


class Visit(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One visit to a queue; ``seconds`` is None while it lasts. The talks that it led to, all agents together:
    ``talk_seconds`` (hold and consultation included) and ``hold_seconds``, once the call is ``over``."""

    queue: str
    joined_at: float
    end: VisitEnd
    seconds: float | None
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    over: bool = True


class Talk(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one phone of ours had of a call. ``users``: who worked there; ``stretches``: when it was joined with
    anybody, an end of None: still."""

    users: tuple[str, ...]
    extension: str
    stretches: tuple[tuple[float, float | None], ...]


class CallFacts(msgspec.Struct, frozen=True, gc=False):
    call: str
    pbx: str
    visits: tuple[Visit, ...] = ()
    talks: tuple[Talk, ...] = ()


def facts_of(record: CallRecord, people: Mapping[str, tuple[str, ...]]) -> CallFacts:
    """``people``: the uniqueid of a leg -> who worked at its phone."""
    if record.kind != "call":
        return CallFacts(record.id, record.pbx)
    waits = _whole(record.queue_waits)
    visits = tuple(v for i in range(len(waits)) if (v := _visit(record, waits, i)) is not None)
    return CallFacts(record.id, record.pbx, visits, tuple(_talks(record, people)))


def _whole(waits: Sequence[QueueWait]) -> list[QueueWait]:
    """Who left a queue and was in it again at once (put first on an old PBX, or from a menu of the queue) was in it
    all the time."""
    found: list[QueueWait] = []
    for wait in waits:
        if found and _goes_on(found[-1], wait):
            begin = found.pop().joined_at
            seconds = None if wait.seconds is None else wait.joined_at - begin + wait.seconds
            found.append(QueueWait(wait.queue, seconds, wait.answered, begin))
        else:
            found.append(wait)
    return found


def _goes_on(last: QueueWait, wait: QueueWait) -> bool:
    if last.queue != wait.queue or last.answered or last.seconds is None:
        return False
    return wait.joined_at - (last.joined_at + last.seconds) <= AT_ONCE_SECONDS


def _visit(record: CallRecord, waits: Sequence[QueueWait], index: int) -> Visit | None:
    """None: nobody knows (yet) how it ended."""
    wait = waits[index]
    if wait.answered:
        talk, hold = (0.0, 0.0) if record.provisional else _handled(record, waits[index:])
        return Visit(wait.queue, wait.joined_at, "answered", wait.seconds or 0.0, talk, hold, not record.provisional)
    last = index == len(waits) - 1
    if wait.seconds is None:
        return Visit(wait.queue, wait.joined_at, "waiting", None) if record.provisional and last else None
    if not last:
        return Visit(wait.queue, wait.joined_at, "moved", wait.seconds)
    if record.provisional or record.outcome == "lost":
        return None
    left = wait.joined_at + wait.seconds
    taken = any(_handles(record, one) and (one.answered_at or 0.0) >= left for one in record.legs)
    gone = record.outcome != "callback" and not taken and left >= (record.ended_at or 0) - SAME_END_SECONDS
    return Visit(wait.queue, wait.joined_at, "abandoned" if gone else "moved", wait.seconds)


def _handled(record: CallRecord, waits: Sequence[QueueWait]) -> tuple[float, float]:
    """Seconds of talk and of hold after the first of these visits and before the next one that was answered."""
    begin = waits[0].joined_at
    end = min((w.joined_at for w in waits[1:] if w.answered), default=float("inf"))
    mine = [x for x in record.legs if _handles(record, x) and begin <= (x.answered_at or 0.0) < end]
    return sum(x.talk_seconds + x.consult_seconds for x in mine), sum(x.hold_seconds for x in mine)


def _handles(record: CallRecord, leg: Leg) -> bool:
    """A phone of ours that took part; the one that stands in the call as its other party did not handle it."""
    return not leg.outside and not (leg.role == "caller" and record.direction != "outbound")


def _talks(record: CallRecord, people: Mapping[str, tuple[str, ...]]) -> Iterable[Talk]:
    for leg in record.legs:
        if leg.outside:
            continue
        stretches = _stretches(record, leg)
        if stretches:
            yield Talk(people.get(leg.uniqueid, ()), leg.extension or "", stretches)


def _stretches(record: CallRecord, leg: Leg) -> tuple[tuple[float, float | None], ...]:
    found: list[tuple[float, float | None]] = []
    for one in leg.segments:
        if one.state not in JOINED or (one.end is None and not record.provisional):
            continue
        if found and found[-1][1] == one.start:
            found[-1] = found[-1][0], one.end
        else:
            found.append((one.start, one.end))
    joined = leg.talk_seconds + leg.consult_seconds
    if not leg.segments and leg.answered_at is not None and joined > 0:
        found.append((leg.answered_at, leg.answered_at + joined))  # a record made from CDRs alone
    return tuple(found)
