"""The ladder: what each party went through, whole, in order, without the PBX's own moments."""

from __future__ import annotations

from cti.live.record import Segment
from cti.live.segments import joined_up
from tests.cti.live.desk import T0, Desk

Ladder = list[tuple[str, float, float | None]]


def ladder(segments: tuple[Segment, ...]) -> Ladder:
    return [(s.state, s.start - T0, None if s.end is None else s.end - T0) for s in segments]


def test_trifles_are_left_out_and_one_state_is_one_piece() -> None:
    made = [Segment("ring", 0, 2), Segment("up", 2, 2.01), Segment("talk", 2.01, 5), Segment("talk", 5, 9)]
    assert joined_up(made) == (Segment("ring", 0, 2), Segment("talk", 2.01, 9))


def test_two_rings_on_end_are_two_phones_and_two_queues_are_two() -> None:
    made = [Segment("ring", 0, 2), Segment("ring", 2, 4), Segment("queue", 4, 6), Segment("queue", 6, 8)]
    assert joined_up(made) == tuple(made)


def test_a_stretch_that_lasts_is_never_a_trifle() -> None:
    assert joined_up([Segment("hold", 5, None)]) == (Segment("hold", 5, None),)


def test_a_caller_goes_through_menu_queue_and_talk() -> None:
    desk = Desk().born("1.0", "trunk").state("1.0", "up").wait(3)
    desk.joins_queue("1.0").wait(5)
    desk.dial("1.0", "1.1", "201").wait(2)
    desk.talk("1.0", "1.1").wait(10)
    (live,) = desk.tracker.snapshot()
    assert ladder(live.record.caller_segments) == [("wait", 0, 3), ("queue", 3, 10), ("talk", 10, None)]
    desk.asked("1.0").gone("1.1", "1.0")
    found = desk.ended()
    assert ladder(found.caller_segments) == [("wait", 0, 3), ("queue", 3, 10), ("talk", 10, 20)]
    assert ladder(found.legs[0].segments) == [("ring", 8, 10), ("talk", 10, 20)]


def test_an_agent_rung_by_a_command_rings_waits_and_talks() -> None:
    desk = Desk().dial(None, "1.0", "201").wait(2)
    desk.state("1.0", "up").wait(0.5)
    desk.dial("1.0", "1.1", "trunk", "09121112233").wait(3.5)
    desk.talk("1.0", "1.1").wait(6)
    desk.asked("1.1").gone("1.1", "1.0")
    found = desk.ended()
    assert ladder(found.caller_segments) == [("ring", 0, 2), ("wait", 2, 2.5), ("ring", 2.5, 6), ("talk", 6, 12)]
    assert ladder(found.legs[0].segments) == [("ring", 0, 2), ("up", 2, 6), ("talk", 6, 12)]


def test_the_ladder_of_a_long_wait_is_the_same_while_it_lasts_and_after() -> None:
    """Legs that can change no more are put aside; what they say must not change by it."""
    desk = Desk().born("1.0", "trunk")
    for n in range(1, 30):
        desk.dial("1.0", f"1.{n}", "201").wait(15).dialled(f"1.{n}", "noanswer").gone(f"1.{n}").wait(5)
        desk.tracker.take()
    (live,) = desk.tracker.snapshot()
    desk.asked("1.0").gone("1.0")
    found = desk.ended()
    assert ladder(found.caller_segments)[:-1] == ladder(live.record.caller_segments)[:-1]
    assert [leg.ring_seconds for leg in found.legs] == [15.0] * 29
    assert len(found.caller_segments) == 58
