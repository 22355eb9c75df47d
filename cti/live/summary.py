"""A call's record and its live view, read off its channels.

Pure reading: nothing here changes a call. The meanings of the fields are in ``docs/call-record.md``.
Neighbours: ``call`` holds the state, ``outcome`` says how it ended and who ended it, ``segments`` cuts the ladder.
"""

from __future__ import annotations

from cti.live import numbers
from cti.live.board import GRACE_SECONDS, Board
from cti.live.call import Call, Channel, Span, span_state
from cti.live.events import CallState, LegState, LiveCall, LiveLeg
from cti.live.outcome import direction_of, far_legs, hung_up_by, leg_result, legs_of, outcome_of
from cti.live.parties import consult_of
from cti.live.record import Caller, CallRecord, Direction, Leg, Number, QueueWait
from cti.live.segments import caller_segments, segments_of, settle_rings

Interval = tuple[float, float]


def union_seconds(intervals: list[Interval]) -> float:
    """Seconds covered by at least one of the intervals."""
    total = 0.0
    until = float("-inf")
    for start, end in sorted(intervals):
        begin = max(start, until)
        if end > begin:
            total += end - begin
            until = end
    return total


def _joined(channel: Channel, outside_call: bool, now: float, consult: bool) -> list[Interval]:
    return [
        (s.start, now if s.end is None else s.end)
        for s in channel.spans
        if s.joined and (outside_call and not s.outside) == consult
    ]


def _length(intervals: list[Interval]) -> float:
    return sum(max(0.0, end - start) for start, end in intervals)


def _leg(board: Board, channel: Channel, outside_call: bool, now: float) -> Leg:
    """A leg, made anew only while something can still change it: a long queue call rings thousands of phones."""
    kept = channel.leg
    if kept is not None and kept[0] == outside_call:
        return kept[1]
    leg = _new_leg(board, channel, outside_call, now)
    if channel.ended_at is not None and channel.ended_at + GRACE_SECONDS < board.now:
        if kept is None:
            settle_rings(channel)
        channel.leg = (outside_call, leg, _new_live_leg(board, channel, outside_call))
    return leg


def _new_leg(board: Board, channel: Channel, outside_call: bool, now: float) -> Leg:
    rung = channel.dialled or channel.fetched
    end = channel.ended_at
    rang_until = channel.answered_at if channel.answered_at is not None else (end if end is not None else now)
    talk = _joined(channel, outside_call, now, False)
    held = [(s.start, now if s.end is None else s.end) for s in channel.spans if s.joined and s.state == "held"]
    return Leg(
        uniqueid=channel.uid,
        role="callee" if rung else "caller",
        endpoint=channel.chan.endpoint,
        extension=board.profile.extension(channel.chan.endpoint),
        rang_at=channel.created_at if rung else None,
        answered_at=channel.answered_at,
        ended_at=end,
        result=leg_result(channel),
        ring_seconds=max(0.0, rang_until - channel.created_at) if channel.dialled else 0.0,
        talk_seconds=_length(talk),
        consult_seconds=_length(_joined(channel, outside_call, now, True)),
        hold_seconds=_length(held),
        segments=segments_of(channel, outside_call),
        outside=channel.kind == "trunk",
    )


def _queue(call: Call) -> str | None:
    if not call.visits:
        return call.queue_told
    answered = [v.queue for v in call.visits if v.answered]
    return answered[0] if answered else call.visits[-1].queue


def _waits(call: Call) -> tuple[QueueWait, ...]:
    return tuple(
        QueueWait(v.queue, None if v.left_at is None else max(0.0, v.left_at - v.joined_at), v.answered, v.joined_at)
        for v in call.visits
    )


def answered_at(call: Call, direction: Direction) -> float | None:
    """The first talk with a person or a conference; for outbound calls the far end's answer."""
    if call.monitoring:
        return call.first.answered_at if call.first is not None else None
    if direction == "outbound":
        answers = [c.answered_at for c in far_legs(call) if c.answered_at is not None]
        if answers and call.talked_at is not None:
            return min(answers)
        return call.talked_at if call.talked_at is not None and not far_legs(call) else None
    times = [t for t in (call.talked_at, call.conference_at) if t is not None]
    return min(times, default=None)


def _wait(call: Call, direction: Direction, answered: float | None, now: float) -> float | None:
    end = call.ended_at if call.ended_at is not None else now
    if direction != "outbound":
        return max(0.0, (answered if answered is not None else end) - call.started_at)
    far = far_legs(call)
    if not far:
        return None
    first = min(c.created_at for c in far)
    last = max(c.ended_at if c.ended_at is not None else now for c in far)
    return max(0.0, (answered if answered is not None else last) - first)


def _caller(board: Board, call: Call, direction: Direction) -> Caller:
    first = call.first
    if first is None:
        return Caller(None, None, None)
    if direction != "inbound":
        own = board.profile.extension(first.chan.endpoint)
        return Caller(None, own or first.number or None, _name(first))
    raw = None if numbers.withheld(first.number) else first.number
    return Caller(board.profile.number(raw, first.chan.endpoint), raw, _name(first))


def _name(first: Channel) -> str | None:
    """Asterisk fills in the number where the caller sent no name: that is none."""
    return first.caller_name if first.caller_name and first.caller_name != first.number else None


def _dialled(board: Board, call: Call, direction: Direction) -> Number:
    raw = None if call.monitoring else call.dialled
    if direction == "outbound":
        return Number(board.profile.dialled_number(raw), raw)
    return Number(board.profile.number(raw) if direction == "inbound" else None, raw)


def _hold_seconds(call: Call, now: float) -> float:
    """The outside party's time on hold; in an internal call anyone's. An open hold runs on."""
    still = [(c.hold_at, now) for c in call.channels if c.hold_at is not None and c.holding]
    return union_seconds(call.holds + still)


def record_of(board: Board, call: Call, now: float | None = None) -> CallRecord:
    """The record of ``call`` as it stands; ``provisional`` while it lives."""
    at = board.now if now is None else now
    outside = call.outside
    direction = direction_of(board, call)
    answered = answered_at(call, direction)
    sides = legs_of(call)
    legs = tuple([_leg(board, c, outside, at) for c in sides])
    talks = [i for c in sides if c.talked for i in _joined(c, outside, at, False)]
    ended = call.ended_at if not call.live else None
    return CallRecord(
        id=call.id,
        pbx=board.pbx,
        kind="monitoring" if call.monitoring else "call",
        linkedid=call.linkedid,
        linkedids=tuple(call.linkedids),
        direction=direction,
        caller=_caller(board, call, direction),
        dialled=_dialled(board, call, direction),
        queue=_queue(call),
        queue_waits=_waits(call),
        started_at=call.started_at,
        answered_at=answered,
        ended_at=ended,
        wait_seconds=_wait(call, direction, answered, at),
        talk_seconds=union_seconds(talks),
        hold_seconds=_hold_seconds(call, at),
        duration_seconds=None if ended is None else max(0.0, ended - call.started_at),
        outcome=None if call.live else outcome_of(call, direction, answered),
        hung_up_by=None if call.live else hung_up_by(call, direction),
        legs=legs,
        transfers=tuple(call.transfers),
        recordings=tuple(call.recordings),
        digits=call.digits or None,
        conference=call.conference,
        provisional=bool(call.live),
        caller_segments=caller_segments(call, outside),
    )


# --- live


def live_call(board: Board, call: Call) -> LiveCall:
    """The call as a screen shows it now."""
    record = record_of(board, call)
    outside = call.outside
    legs = tuple([_live_leg(board, c, outside) for c in legs_of(call)])
    state, since = call_state(call)
    return LiveCall(record, state, since, legs, consult_of(call) if call.consulted is not None else None)


def _live_leg(board: Board, channel: Channel, outside_call: bool) -> LiveLeg:
    kept = channel.leg
    if kept is not None and kept[0] == outside_call:
        return kept[2]
    return _new_live_leg(board, channel, outside_call)


def _new_live_leg(board: Board, channel: Channel, outside_call: bool) -> LiveLeg:
    last = channel.spans[-1] if channel.spans else None
    return LiveLeg(
        channel.uid,
        channel.chan.name,
        channel.chan.endpoint,
        board.profile.extension(channel.chan.endpoint),
        _leg_state(channel, last, outside_call),
        channel.state_at,
    )


def _leg_state(channel: Channel, last: Span | None, outside_call: bool) -> LegState:
    if channel.ended_at is not None:
        return "ended"
    if last is None or last.state == "new":
        return "up"
    state = span_state(last, outside_call)
    names: dict[str, LegState] = {
        "talk": "talking", "hold": "held", "consult": "consulting", "ring": "ringing", "park": "parked",
    }  # fmt: skip
    return names.get(state, "up")


def _has_talked(channel: Channel) -> bool:
    return any(span.joined for span in channel.spans)


def call_state(call: Call) -> tuple[CallState, float]:
    """The one word for a call that is up, and since when."""
    up = [c for c in call.channels if c.party and c.ended_at is None]
    first = call.first
    for state, word in (("talking", "talking"), ("held", "held"), ("parked", "parked")):
        mine = [c.state_at for c in up if c.state == state and (state == "talking" or c is first or c.kind == "trunk")]
        if mine and not (word == "talking" and first is not None and first.state == "held"):
            return word, min(mine)  # type: ignore[return-value]
    taken = [c.state_at for c in up if c is not first and c.dialled and c.state == "up" and not _has_talked(c)]
    if taken:
        return "talking", min(taken)  # somebody has just taken it: the bridge is milliseconds away
    waits = [v.joined_at for v in call.visits if v.left_at is None]
    if waits:
        return "queued", min(waits)
    rings = [c.created_at for c in up if c.state == "ringing"]
    if rings:
        return "ringing", min(rings)
    return "arriving", call.started_at if first is None else first.state_at
