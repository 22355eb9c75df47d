"""The ladder is to scale: every bar's place and width follow from the record's seconds."""

from __future__ import annotations

import msgspec
import pytest

from cti.live.record import CallRecord, Segment
from tests.web import sample
from web.ladder import MAX_TICKS, Ladder, ladder

RECORDS = [r for r in sample.log() if r.started_at]


def drawn(record: CallRecord) -> Ladder:
    drawing = ladder(record, sample.NOW)
    assert drawing is not None
    return drawing


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.id)
def test_bars_are_to_scale(record: CallRecord) -> None:
    drawing = drawn(record)
    start = record.started_at or 0.0
    for lane in drawing.lanes:
        source = record.caller_segments if lane.leg is None else lane.leg.segments
        assert len(lane.bars) == len(source)
        for bar, segment in zip(lane.bars, source, strict=True):
            end = segment.end or 0.0
            assert bar.x == pytest.approx((segment.start - start) / drawing.seconds * 100, abs=0.002)
            assert bar.width == pytest.approx((end - segment.start) / drawing.seconds * 100, abs=0.002)
            assert bar.seconds == pytest.approx(end - segment.start)
            assert 0 <= bar.x <= bar.x + bar.width <= 100.01


def test_one_lane_a_party_in_order_of_joining() -> None:
    lanes = drawn(sample.transferred()).lanes
    assert [lane.leg and lane.leg.extension for lane in lanes] == [None, "203", "208", "205", "214"]
    assert [lane.y for lane in lanes] == [0, 38, 76, 114, 152]


def test_the_first_party_has_one_lane_though_it_is_a_leg_too() -> None:
    record = sample.outbound("2", "10:31", "203", "02166554400", 7, 164)
    assert [lane.leg and lane.leg.outside for lane in drawn(record).lanes] == [None, True]


def test_moments_and_what_is_written_of_them() -> None:
    marks = drawn(sample.transferred()).marks
    assert [(m.kind, m.seconds) for m in marks] == [("answered", 52), ("attended", 238)]
    assert marks[1].x == pytest.approx(238 / 422 * 100, abs=0.002)
    crowded = msgspec.structs.replace(
        sample.transferred(),
        transfers=tuple(msgspec.structs.replace(sample.transferred().transfers[0], at=sample.clock("10:36") + n)
                        for n in (60, 61, 62)),
    )  # fmt: skip
    assert [m.shown for m in drawn(crowded).marks] == [True, False, False, False]


def test_fruitless_rings_say_so_on_the_side_where_there_is_room() -> None:
    lanes = drawn(sample.transferred()).lanes
    assert [lane.note_x is not None for lane in lanes] == [False, True, True, False, False]
    late = drawn(sample.abandoned("3", "10:28", (None, "09356120044"), "support", 108)).lanes[1]
    assert late.note_before
    assert late.note_x == late.bars[0].x


@pytest.mark.parametrize("seconds", [0.5, 3, 47, 422, 3736, 40000])
def test_ticks_are_few_and_round(seconds: float) -> None:
    record = sample.simple("1", "08:00", (None, "0912"), None, "201", 0.2, seconds)
    ticks = drawn(record).ticks
    assert 1 <= len(ticks) <= MAX_TICKS + 1
    assert ticks[0].seconds == 0
    assert all(tick.x <= 97 for tick in ticks)


def test_a_live_call_grows_to_now() -> None:
    call = sample.live_calls()[3].record
    drawing = drawn(call)
    assert drawing.seconds == pytest.approx(270)
    open_bars = [bar for lane in drawing.lanes for bar in lane.bars if bar.open]
    assert open_bars
    assert all(bar.x + bar.width == pytest.approx(100, abs=0.01) for bar in open_bars)


def test_a_leg_known_from_the_cdr_alone_is_drawn_from_its_times() -> None:
    record = sample.transferred()
    bare = tuple(msgspec.structs.replace(leg, segments=()) for leg in record.legs)
    lanes = drawn(msgspec.structs.replace(record, legs=bare)).lanes
    assert [[b.state for b in lane.bars] for lane in lanes[1:]] == [
        ["ring"],
        ["ring"],
        ["ring", "talk"],
        ["ring", "talk"],
    ]


def test_segments_that_outlast_the_call_stretch_the_drawing() -> None:
    record = sample.simple("1", "08:00", (None, "0912"), None, "201", 3, 60)
    assert record.ended_at is not None
    late = (*record.caller_segments, Segment("hold", record.ended_at, record.ended_at + 2))
    assert drawn(msgspec.structs.replace(record, caller_segments=late)).seconds == pytest.approx(65)


def test_without_times_there_is_nothing_to_draw() -> None:
    assert ladder(msgspec.structs.replace(sample.transferred(), started_at=None), sample.NOW) is None
