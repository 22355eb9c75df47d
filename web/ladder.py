"""The ladder of a call: who rang, talked, held, consulted, when; measured here, drawn by ``ladder.html``.

Everything is in percent of the call's length, so one drawing is to scale at every width. A tape runs
left to right in every language. Pure: records in, geometry out. Neighbour: ``pages/call`` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cti.live.record import CallRecord, Leg, Segment, SegmentState

LANE_HEIGHT = 38
WIDTH = 700.0
"""Pixels that the drawing has on a common screen: decides which words fit, nothing else."""
LETTER = 6.4
"""Width of a letter of a label, in the same pixels."""
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
MAX_TICKS = 8
LAST_TICK = 0.96
"""No tick past this part of the width: its figure would stand outside."""
THIN: frozenset[SegmentState] = frozenset(("ring", "up"))
"""States drawn as a thin bar: nobody hears anybody."""


class Bar(msgspec.Struct, frozen=True):
    """One state of one party; ``seconds`` long. ``wide``: its word fits, ``middling``: its duration does."""

    state: SegmentState
    x: float
    width: float
    seconds: float
    wide: bool
    middling: bool
    open: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


class Lane(msgspec.Struct, frozen=True):
    """One party: ``leg`` is None for the caller's lane. ``note_x``: where to say how a fruitless ring ended."""

    leg: Leg | None
    bars: tuple[Bar, ...]
    y: int
    note_x: float | None
    note_before: bool


class Mark(msgspec.Struct, frozen=True):
    """A moment that joins lanes. ``shown``: there is room for its words above."""

    kind: str
    x: float
    seconds: float
    shown: bool


class Tick(msgspec.Struct, frozen=True):
    x: float
    seconds: int


class Ladder(msgspec.Struct, frozen=True):
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    seconds: float
    height: int
    states: frozenset[SegmentState]


class _Scale:
    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.seconds = max(end - start, 0.001)

    def x(self, at: float) -> float:
        return round(min(max((at - self.start) / self.seconds, 0.0), 1.0) * 100, 3)


def ladder(record: CallRecord, now: float) -> Ladder | None:
    """The drawing; a live call's ends at ``now``. None where the record has no times to draw."""
    if record.started_at is None:
        return None
    scale = _Scale(record.started_at, _end(record, now))
    lanes = _lanes(record, scale, now)
    return Ladder(
        lanes=lanes,
        marks=_marks(record, scale),
        ticks=_ticks(scale),
        seconds=scale.seconds,
        height=LANE_HEIGHT * len(lanes),
        states=frozenset(bar.state for lane in lanes for bar in lane.bars),
    )


def _end(record: CallRecord, now: float) -> float:
    """The last moment that anything in the record reaches; ``now`` while it lasts."""
    if record.ended_at is None:
        return now
    segments = [*record.caller_segments, *(s for leg in record.legs for s in leg.segments)]
    return max([record.ended_at, *(s.end for s in segments if s.end is not None)])


def _lanes(record: CallRecord, scale: _Scale, now: float) -> tuple[Lane, ...]:
    """The caller first, then the legs in the order in which they joined."""
    end = record.ended_at or now
    lanes = [_lane(None, record.caller_segments, 0, scale, end)]
    legs = [leg for leg in record.legs if not (leg.role == "caller" and record.caller_segments)]
    for leg in sorted(legs, key=_first_moment):
        lanes.append(_lane(leg, leg.segments or tuple(_from_times(leg)), len(lanes), scale, end))
    return tuple(lanes)


def _first_moment(leg: Leg) -> float:
    moments = (leg.rang_at, leg.answered_at, leg.ended_at)
    return min((at for at in moments if at is not None), default=0.0)


def _from_times(leg: Leg) -> Iterator[Segment]:
    """What can be drawn of a leg known from the PBX's CDR alone."""
    if leg.rang_at is not None and (until := leg.answered_at or leg.ended_at) is not None:
        yield Segment("ring", leg.rang_at, until)
    if leg.answered_at is not None and leg.ended_at is not None:
        yield Segment("talk" if leg.talk_seconds else "up", leg.answered_at, leg.ended_at)


def _lane(leg: Leg | None, segments: Sequence[Segment], row: int, scale: _Scale, end: float) -> Lane:
    bars = tuple(_bar(segment, scale, end) for segment in segments)
    note_x = None
    if leg is not None and leg.answered_at is None and bars:
        note_x = round(bars[-1].x + bars[-1].width, 3)
    before = note_x is not None and note_x > 72
    if before:
        note_x = bars[0].x
    return Lane(leg=leg, bars=bars, y=row * LANE_HEIGHT, note_x=note_x, note_before=before)


def _bar(segment: Segment, scale: _Scale, end: float) -> Bar:
    until = end if segment.end is None else segment.end
    x, right = scale.x(segment.start), scale.x(until)
    pixels = (right - x) / 100 * WIDTH
    return Bar(
        state=segment.state,
        x=x,
        width=round(right - x, 3),
        seconds=max(until - segment.start, 0.0),
        wide=pixels >= 13 * LETTER,
        middling=pixels >= 6 * LETTER,
        open=segment.end is None,
    )


def _marks(record: CallRecord, scale: _Scale) -> tuple[Mark, ...]:
    moments: list[tuple[float, str]] = [(t.at, t.kind) for t in record.transfers]
    if record.answered_at is not None:
        moments.append((record.answered_at, "answered"))
    marks: list[Mark] = []
    free_from = 0.0
    for at, kind in sorted(moments):
        x = scale.x(at)
        half = 9 * LETTER / WIDTH * 100
        shown = x - half >= free_from - 4
        if shown:
            free_from = x + half
        marks.append(Mark(kind=kind, x=x, seconds=at - scale.start, shown=shown))
    return tuple(marks)


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = next((s for s in TICKS if scale.seconds / s <= MAX_TICKS), TICKS[-1])
    last = scale.seconds * LAST_TICK
    return tuple(Tick(scale.x(scale.start + at), at) for at in range(0, int(last) + 1, step))
