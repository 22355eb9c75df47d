"""What the rules of alerts measure: how things stand now -> a figure for each queue, line, call or number.

Pure. Neighbours: ``alarms`` judges the readings, ``cti.app.alerts`` gathers what they are made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from cti.live.alarms import AlertKind, AlertRule, Subject
from cti.live.events import Endpoint, LiveCall, PbxLinkChanged, QueueChanged

READY = (0, 1)
"""Device states of a member who can be rung: unknown and not in use (as app_queue has it)."""


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand. ``trunks``: PBX and line. ``service_level(pbx, queue, seconds)``: in percent over that time,
    None where there was nothing. ``came``: of inbound calls of the last day, the number and when."""

    at: float
    calls: Sequence[LiveCall] = ()
    queues: Sequence[QueueChanged] = ()
    links: Sequence[PbxLinkChanged] = ()
    trunks: Sequence[tuple[str, Endpoint]] = ()
    service_level: Callable[[str, str, float], float | None] = lambda _pbx, _queue, _seconds: None
    came: Iterable[tuple[str, float]] = ()


Found = dict[Subject, float]


def readings(rules: Iterable[AlertRule], now: Now) -> Mapping[str, Found]:
    """What each active rule measures, by its id."""
    return {rule.id: READERS[rule.kind](rule, now) for rule in rules if rule.active}


def _wanted(rule: AlertRule, queue: str | None) -> bool:
    return queue is not None and (not rule.queues or queue in rule.queues)


def _queues(rule: AlertRule, now: Now) -> Iterable[QueueChanged]:
    return (queue for queue in now.queues if _wanted(rule, queue.queue))


def _wait(rule: AlertRule, now: Now) -> Found:
    found: Found = {}
    for call in now.calls:
        queue = call.record.queue
        if call.state == "queued" and queue is not None and _wanted(rule, queue):
            subject = Subject(pbx=call.record.pbx, queue=queue)
            found[subject] = max(found.get(subject, 0.0), now.at - call.since)
    return found


def _waiting(rule: AlertRule, now: Now) -> Found:
    return {Subject(pbx=queue.pbx, queue=queue.queue): float(queue.waiting) for queue in _queues(rule, now)}


def _service_level(rule: AlertRule, now: Now) -> Found:
    found: Found = {}
    for queue in _queues(rule, now):
        level = now.service_level(queue.pbx, queue.queue, rule.window_minutes * 60.0)
        if level is not None:
            found[Subject(pbx=queue.pbx, queue=queue.queue)] = level
    return found


def _nobody_ready(rule: AlertRule, now: Now) -> Found:
    found: Found = {}
    for queue in _queues(rule, now):
        ready = any(m.status in READY and not m.paused and not m.in_call for m in queue.members)
        found[Subject(pbx=queue.pbx, queue=queue.queue)] = 0.0 if ready else float(queue.waiting)
    return found


def _trunk_down(_rule: AlertRule, now: Now) -> Found:
    return {
        Subject(pbx=pbx, name=trunk.name): float(trunk.reachable is False)
        for pbx, trunk in now.trunks
        if trunk.reachable is not None
    }


def _link_down(_rule: AlertRule, now: Now) -> Found:
    return {Subject(pbx=link.pbx): float(not link.up) for link in now.links}


def _talk(rule: AlertRule, now: Now) -> Found:
    return {
        Subject(pbx=call.record.pbx, queue=call.record.queue or "", call=call.record.id): now.at
        - call.record.answered_at
        for call in now.calls
        if call.record.kind == "call"
        and call.state in ("talking", "held")
        and call.record.answered_at is not None
        and (not rule.queues or _wanted(rule, call.record.queue))
    }


def _repeat(rule: AlertRule, now: Now) -> Found:
    since = now.at - rule.window_minutes * 60.0
    counts = Counter(number for number, at in now.came if at >= since)
    return {Subject(number=number): float(count) for number, count in counts.items() if count > 1}


READERS: Mapping[AlertKind, Callable[[AlertRule, Now], Found]] = {
    "wait": _wait,
    "waiting": _waiting,
    "service_level": _service_level,
    "nobody_ready": _nobody_ready,
    "trunk_down": _trunk_down,
    "link_down": _link_down,
    "talk": _talk,
    "repeat": _repeat,
}
