"""What the rules of alerts measure: how things stand now -> a figure for each queue, line, call or number.

What is well within its limit may be left out: it is asked each second, of a thousand calls. Pure. Neighbours:
``alarms`` judges the readings, ``cti.app.alerts`` gathers what they are made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from cti.live.alarms import AlertKind, AlertRule, Subject
from cti.live.events import Endpoint, LiveCall, PbxLinkChanged, QueueChanged
from cti.live.repeats import Repeats, Wanted

READY = (0, 1)
"""Device states of a member who can be rung: unknown and not in use (as app_queue has it)."""


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand. ``trunks``: PBX and line. ``service_level(pbx, queue, seconds)``: in percent over that time,
    None where there was nothing. ``repeats``: with what ``wanted`` says of each rule of that kind."""

    at: float
    calls: Iterable[LiveCall] = ()
    queues: Iterable[QueueChanged] = ()
    links: Sequence[PbxLinkChanged] = ()
    trunks: Sequence[tuple[str, Endpoint]] = ()
    service_level: Callable[[str, str, float], float | None] = lambda _pbx, _queue, _seconds: None
    repeats: Repeats = Repeats()


Found = dict[Subject, float]


def wanted(rule: AlertRule) -> Wanted:
    """What a ``repeat`` rule asks: from where on it is not over."""
    least = rule.limit if rule.clear_limit is None else min(rule.limit, rule.clear_limit)
    return Wanted(rule.window_minutes * 60.0, math.ceil(least))


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
        ready = not queue.waiting or any(m.status in READY and not m.paused and not m.in_call for m in queue.members)
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
    found: Found = {}
    for call in now.calls:
        record = call.record
        if record.answered_at is None or call.state not in ("talking", "held") or record.kind != "call":
            continue
        if not rule.clear(now.at - record.answered_at) and (not rule.queues or _wanted(rule, record.queue)):
            found[Subject(pbx=record.pbx, queue=record.queue or "", call=record.id)] = now.at - record.answered_at
    return found


def _repeat(rule: AlertRule, now: Now) -> Found:
    return {Subject(number=number): float(count) for number, count in now.repeats.often(wanted(rule)).items()}


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
