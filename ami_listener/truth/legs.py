"""One party's channel as a leg of the record, and what the party went through as segments.

Neighbours: ``channels`` and ``talks`` give what is read here; ``calls`` asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from ami_listener.truth.channels import TruthChannel
from ami_listener.truth.talks import Joined, seconds
from cti.live.causes import BY_CAUSE
from cti.live.record import Leg, LegResult, QueueWait, Segment, SegmentState

MOMENT_SECONDS = 0.5
"""A phone stops ringing within this time of whatever stopped it."""
ANSWERED_ELSEWHERE = 26  # AST_CAUSE_ANSWERED_ELSEWHERE


def answered_elsewhere(parties: Sequence[TruthChannel], first: TruthChannel) -> list[TruthChannel]:
    """Legs that stopped ringing because another was answered, or because the one who called gave up."""
    found = []
    for channel in parties:
        if channel.answered_at is not None:
            continue
        other = any(
            c is not channel and c is not first and c.answered_at and abs(c.answered_at - channel.end) < MOMENT_SECONDS
            for c in parties
        )
        gave_up = any(
            c is not channel and c.source == c.chan.name and abs(c.end - channel.end) < MOMENT_SECONDS
            for c in parties
            if c.answered_at is not None or c is first
        )
        if other or gave_up or channel.cause == ANSWERED_ELSEWHERE:
            found.append(channel)
    return found


def leg_of(channel: TruthChannel, joined: Joined, outside_call: bool, extension: str | None, stopped: bool) -> Leg:
    """The channel as a leg. ``stopped``: it was not left to ring until a timer ended it."""
    rung = channel.dialled or channel.fetched
    answered, ended = channel.answered_at, channel.end
    return Leg(
        uniqueid=channel.uniqueid,
        role="callee" if rung else "caller",
        endpoint=channel.chan.endpoint,
        extension=extension,
        rang_at=channel.begin if rung else None,
        answered_at=answered,
        ended_at=ended,
        result=_result(channel, stopped or not rung),
        ring_seconds=(ended if answered is None else answered) - channel.begin if channel.dialled else 0.0,
        talk_seconds=seconds(joined.with_outside if outside_call else joined.all),
        consult_seconds=seconds(joined.with_colleagues) if outside_call else 0.0,
        hold_seconds=0.0,
        segments=segments(channel, joined, outside_call, ()),
        outside=channel.kind == "trunk",
    )


def _result(channel: TruthChannel, stopped: bool) -> LegResult:
    if channel.answered_at is not None:
        return "answered"
    if channel.forwarded:
        return "forwarded"
    told = BY_CAUSE.get(channel.cause)
    if told is not None and not (stopped and told in ("failed", "noanswer")):
        return told
    return "cancelled" if stopped else "noanswer"


def segments(
    channel: TruthChannel, joined: Joined, outside_call: bool, waits: Sequence[QueueWait]
) -> tuple[Segment, ...]:
    """What the party went through, in order and without gaps."""
    told: list[tuple[float, float, SegmentState]] = []
    if outside_call:
        told += [(a, b, "talk") for a, b in joined.with_outside]
        told += [(a, b, "consult") for a, b in joined.with_colleagues]
    else:
        told += [(a, b, "talk") for a, b in joined.all]
    told += [(s.start, channel.end if s.end is None else s.end, "park") for s in channel.stays if s.holding]
    told += [(w.joined_at, w.joined_at + w.seconds, "queue") for w in waits if w.seconds]
    if channel.dialled:
        told.append((channel.begin, channel.end if channel.answered_at is None else channel.answered_at, "ring"))
    return _without_gaps(sorted(told), channel.begin, channel.end, "up" if channel.dialled else "wait")


def _without_gaps(
    told: list[tuple[float, float, SegmentState]], begin: float, end: float, between: SegmentState
) -> tuple[Segment, ...]:
    found: list[Segment] = []
    at = begin
    for start, stop, state in told:
        if start - at > 0.03:  # less is the PBX's own work, not something that a person waited for
            found.append(Segment(between, at, start))
        if stop > at:
            found.append(Segment(state, max(start, at), stop))
            at = stop
    if end - at > 0.03:
        found.append(Segment(between, at, end))
    return tuple(found)
