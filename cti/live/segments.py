"""What each party of a call went through, stretch by stretch: the ladder that a screen draws.

Pure reading of a call's channels. Neighbours: ``call`` keeps the spans, ``summary`` puts the segments into the record.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from cti.live.call import Call, Channel, span_state
from cti.live.record import Segment, SegmentState

TRIFLE_SECONDS = 0.03
"""Shorter than this is the PBX's own work: nobody waits or rings for less."""

Line = list[tuple[float, SegmentState]]
"""States by the moment from which each holds."""
_TALK_IS_NOT = ("new", "ringing", "up")
_APART: tuple[SegmentState, ...] = ("ring", "queue")
"""Two of these on end are two: another phone, another queue."""


def segments_of(channel: Channel, outside_call: bool) -> tuple[Segment, ...]:
    """What the party went through, in order."""
    return joined_up(Segment(span_state(s, outside_call), s.start, s.end) for s in channel.spans)


def joined_up(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments without trifles, and those of one state that follow each other as one."""
    out: list[Segment] = []
    for each in segments:
        if each.end is not None and each.end - each.start < TRIFLE_SECONDS:
            continue
        if out and _goes_on(out[-1], each):
            out[-1] = Segment(each.state, out[-1].start, each.end)
        else:
            out.append(each)
    return tuple(out)


def _goes_on(last: Segment, each: Segment) -> bool:
    same = last.state == each.state and each.state not in _APART
    return same and last.end is not None and each.start - last.end < TRIFLE_SECONDS


def caller_segments(call: Call, outside_call: bool) -> tuple[Segment, ...]:
    """What the first party went through, with its waiting told apart: menu, queue, ringing."""
    first = call.first
    if first is None:
        return ()
    line = _waiting_line(call, first)
    out: list[Segment] = []
    at = first.created_at
    for span in first.spans:
        if span.state in _TALK_IS_NOT:
            continue
        out += _cut(line, at, span.start)
        out.append(Segment(span_state(span, outside_call), span.start, span.end))
        if span.end is None:
            return joined_up(out)
        at = span.end
    return joined_up((*out, *_cut(line, at, first.ended_at)))


def _waiting_line(call: Call, first: Channel) -> Line:
    """What the first party waits for, whenever it talks with nobody: a queue outranks a ringing phone."""
    steps: list[tuple[float, int, int]] = []
    for visit in call.visits:
        steps += _open(visit.joined_at, visit.left_at, 0)
    for start, end in call.rung:
        steps += _open(start, end, 1)
    for channel in call.channels:
        if channel.leg is None and channel.party and channel.dialled:
            steps += _open(channel.created_at, _rang_until(channel), 1)
    line: Line = [(float("-inf"), "wait")]
    open_now = [0, 0]
    for at, which, step in sorted(steps):
        open_now[which] += step
        state: SegmentState = "queue" if open_now[0] else "ring" if open_now[1] else "wait"
        if line[-1][0] == at:
            line.pop()
        if not line or line[-1][1] != state:
            line.append((at, state))
    return line


def _rang_until(channel: Channel) -> float | None:
    return channel.answered_at if channel.answered_at is not None else channel.ended_at


def settle_rings(channel: Channel) -> None:
    """The channel's leg can change no more: when it rang is noted in the call, in one piece with what overlaps."""
    end, call = _rang_until(channel), channel.call
    if call is None or end is None or not (channel.party and channel.dialled):
        return
    start, rung = channel.created_at, call.rung
    if rung and start <= rung[-1][1] and end >= rung[-1][0]:
        start, end = min(start, rung[-1][0]), max(end, rung[-1][1])
        rung.pop()
    rung.append((start, end))


def _open(start: float, end: float | None, which: int) -> list[tuple[float, int, int]]:
    return [(start, which, 1)] if end is None else [(start, which, 1), (end, which, -1)]


def _cut(line: Line, start: float, end: float | None) -> list[Segment]:
    """The part of ``line`` from ``start`` to ``end`` (None: it lasts)."""
    until = float("inf") if end is None else end
    if until <= start:
        return []
    out: list[Segment] = []
    index = bisect_right(line, start, key=lambda step: step[0]) - 1
    while index < len(line) and line[index][0] < until:
        begin, state = line[index]
        index += 1
        stop = line[index][0] if index < len(line) and line[index][0] < until else end
        out.append(Segment(state, max(begin, start), stop))
    return out
