"""Two records of one call: in what they differ, and ours mended from the truth's. Pure.

What is compared is what a user would be wronged by: whether it was answered, how it ended, how long each talked,
and when it was over. Small things that each side sees its own way (who of three ringing phones stopped first) are not.

Neighbours: ``reconcile`` decides what to do about it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from cti.live import linkedids as order
from cti.live.record import CallRecord, Leg, Outcome

FINE_SECONDS = 0.1
"""How far times may lie apart where the truth has fractions of a second."""

Fields = dict[str, tuple[Any, Any]]


def fields_that_differ(ours: CallRecord, truth: CallRecord, knows: Collection[str], precision: float) -> Fields:
    """Field → (ours, the truth's), of the fields that the truth ``knows``; times within ``precision`` agree."""
    near = _Near(precision)
    found: Fields = {}
    if ours.provisional:
        found["provisional"] = (True, False)
    if "ended_at" in knows and not near.times(ours.ended_at, truth.ended_at):
        found["ended_at"] = (ours.ended_at, truth.ended_at)
    if ours.kind != "call" or truth.kind != "call":
        return found  # of a supervisor listening in, nothing else is in any figure
    if _outcome_of(ours, truth, knows) != ours.outcome:
        found["outcome"] = (ours.outcome, truth.outcome)
    elif "answered" in knows and (ours.answered_at is None) != (truth.answered_at is None):
        found["answered_at"] = (ours.answered_at, truth.answered_at)
    if "talk_seconds" in knows and not near.lengths(ours.talk_seconds, truth.talk_seconds, truth.legs):
        found["talk_seconds"] = (ours.talk_seconds, truth.talk_seconds)
    if "legs" in knows:
        found |= _legs(ours.legs, truth.legs, near)
    return found


def _outcome_of(ours: CallRecord, truth: CallRecord, knows: Collection[str]) -> Outcome | None:
    """The outcome that counts: the truth's where it knows. That a mailbox took a call, it may not have noticed."""
    answered = ours.answered_at is not None, truth.answered_at is not None
    if ours.outcome in ("voicemail", "callback") and answered == (False, False):
        return ours.outcome
    unsure = ours.provisional or ours.outcome == "lost" or answered[0] != answered[1]
    return truth.outcome if "outcome" in knows or ("answered" in knows and unsure) else ours.outcome


class _Near:
    def __init__(self, precision: float) -> None:
        self._off = max(precision, FINE_SECONDS)

    def times(self, a: float | None, b: float | None) -> bool:
        if a is None or b is None:
            return a is b
        return abs(a - b) <= self._off + 1e-6

    def lengths(self, a: float, b: float, legs: tuple[Leg, ...]) -> bool:
        """Each stretch of talk is cut to the truth's precision at both its ends."""
        stretches = sum(s.state in ("talk", "consult") for leg in legs for s in leg.segments)
        return abs(a - b) <= self._off * (max(1, stretches) if self._off > FINE_SECONDS else 1) + 1e-6


def _legs(ours: tuple[Leg, ...], truth: tuple[Leg, ...], near: _Near) -> Fields:
    """By endpoint: a pick-up or a transfer may give the same phone another channel on either side."""
    mine, theirs = _by_endpoint(ours), _by_endpoint(truth)
    found: Fields = {}
    for endpoint in sorted(mine.keys() | theirs.keys()):
        a, b = mine.get(endpoint, ()), theirs.get(endpoint, ())
        if bool(a) != bool(b) or _answered(a) != _answered(b):
            found[f"legs {endpoint}"] = (_summary(a), _summary(b))
        elif not near.lengths(_talk(a), _talk(b), b):
            found[f"legs {endpoint} talk_seconds"] = (_talk(a), _talk(b))
    return found


def _by_endpoint(legs: tuple[Leg, ...]) -> dict[str, tuple[Leg, ...]]:
    found: dict[str, tuple[Leg, ...]] = {}
    for leg in legs:
        found[leg.endpoint] = (*found.get(leg.endpoint, ()), leg)
    return found


def _answered(legs: tuple[Leg, ...]) -> bool:
    return any(leg.result == "answered" for leg in legs)


def _talk(legs: tuple[Leg, ...]) -> float:
    return sum(leg.talk_seconds for leg in legs)


def _summary(legs: tuple[Leg, ...]) -> str | None:
    return ", ".join(str(leg.result) for leg in legs) or None


def mended(ours: CallRecord, truth: CallRecord, knows: Collection[str], precision: float, call_id: str) -> CallRecord:
    """The truth's record with what only we know: hold, digits, names, recordings, and what it cannot judge.

    Of a coarse truth only what differs is taken: our own times are better than its whole seconds.
    """
    linkedids = tuple(sorted({*ours.linkedids, *truth.linkedids}, key=order.age))
    named = {"id": call_id, "linkedid": linkedids[0], "linkedids": linkedids}
    differ = fields_that_differ(ours, truth, knows, precision)
    if not differ or ours.kind != "call":
        ended = {"ended_at": truth.ended_at, "provisional": False} if differ else {}
        return msgspec.structs.replace(ours, **named, **ended)
    if "legs" not in knows:
        return msgspec.structs.replace(ours, **named, **_coarse_changes(ours, truth))
    return msgspec.structs.replace(
        truth,
        **named,
        caller=_better(ours, truth),
        dialled=truth.dialled if ours.dialled.raw is None else ours.dialled,
        direction=ours.direction if truth.dialled.raw is None else truth.direction,
        outcome=_outcome_of(ours, truth, knows),
        queue=ours.queue or truth.queue,
        queue_waits=ours.queue_waits or truth.queue_waits,
        hold_seconds=ours.hold_seconds,
        hung_up_by=truth.hung_up_by or ours.hung_up_by,
        legs=tuple(_with_hold(leg, ours.legs) for leg in truth.legs),
        transfers=ours.transfers if len(ours.transfers) >= len(truth.transfers) else truth.transfers,
        recordings=ours.recordings or truth.recordings,
        digits=ours.digits or truth.digits,
        conference=ours.conference or truth.conference,
    )


def _better(ours: CallRecord, truth: CallRecord) -> Any:
    known, told = ours.caller, truth.caller
    return msgspec.structs.replace(
        told, number=known.number or told.number, raw=known.raw or told.raw, name=known.name or told.name
    )


def _with_hold(leg: Leg, ours: tuple[Leg, ...]) -> Leg:
    """Hold is ours to know, and never longer than the talk it is part of."""
    known = next((mine for mine in ours if mine.uniqueid == leg.uniqueid), None)
    if known is None:
        return leg
    same = abs(known.talk_seconds - leg.talk_seconds) <= FINE_SECONDS
    segments = known.segments if same and known.segments else leg.segments
    return msgspec.structs.replace(leg, hold_seconds=min(known.hold_seconds, leg.talk_seconds), segments=segments)


def _coarse_changes(ours: CallRecord, truth: CallRecord) -> dict[str, Any]:
    """All that CDR alone can add to our record: that it is over, since when, and whether somebody answered."""
    changes: dict[str, Any] = {"ended_at": truth.ended_at, "provisional": False}
    if ours.started_at is not None and truth.ended_at is not None:
        changes["duration_seconds"] = truth.ended_at - ours.started_at
    unsure = ours.provisional or ours.outcome == "lost"
    if unsure or (ours.answered_at is None) != (truth.answered_at is None):
        changes |= {"outcome": truth.outcome, "answered_at": ours.answered_at or truth.answered_at}
        changes |= {"talk_seconds": truth.talk_seconds, "legs": ours.legs if ours.answered_at else truth.legs}
    return changes


def as_lost(record: CallRecord, last_seen: float) -> CallRecord:
    """The record ended with what we last knew: nobody can say when it was over."""
    started = last_seen if record.started_at is None else record.started_at
    legs = tuple(leg if leg.ended_at else msgspec.structs.replace(leg, ended_at=last_seen) for leg in record.legs)
    return msgspec.structs.replace(
        record,
        provisional=False,
        outcome="lost",
        hung_up_by=None,
        ended_at=last_seen,
        duration_seconds=last_seen - started,
        legs=legs,
    )
