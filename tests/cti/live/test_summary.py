"""The figures of a record, and the live view of the same call."""

from __future__ import annotations

import pytest

from ami_listener.replay import Replay
from cti.live import pbx
from cti.live.summary import union_seconds
from tests.cti.live.desk import T0, Desk
from tests.scenarios import recorded


@pytest.mark.parametrize(
    ("intervals", "seconds"),
    [([], 0), ([(1, 3)], 2), ([(1, 3), (2, 5)], 4), ([(1, 9), (2, 3)], 8), ([(5, 6), (1, 2)], 2), ([(3, 1)], 0)],
)  # fmt: skip
def test_time_is_counted_once(intervals: list[tuple[float, float]], seconds: float) -> None:
    assert union_seconds(intervals) == max(0, seconds)


def test_the_figures_of_a_plain_call() -> None:
    found = Desk().call_in(seconds=10).asked("1.0").gone("1.1", "1.0").ended()
    assert (found.started_at, found.answered_at, found.ended_at) == (T0, T0 + 2, T0 + 12)
    assert (found.wait_seconds, found.talk_seconds, found.duration_seconds, found.hold_seconds) == (2, 10, 12, 0)
    assert (found.caller.number, found.dialled.raw, found.provisional) == ("+989121112233", "5001", False)
    leg = found.legs[0]
    assert (leg.role, leg.rang_at, leg.answered_at, leg.ring_seconds, leg.talk_seconds) == ("callee", T0, T0 + 2, 2, 10)


def test_hold_is_part_of_talk_and_told_apart() -> None:
    desk = Desk().call_in(seconds=4).hold("1.1").wait(3).unhold("1.1").wait(2)
    found = desk.asked("1.0").gone("1.1", "1.0").ended()
    assert (found.talk_seconds, found.hold_seconds) == (9, 3)
    assert (found.legs[0].talk_seconds, found.legs[0].hold_seconds) == (9, 3)


def test_consult_is_no_talk() -> None:
    desk = Desk().call_in(seconds=4).hold("1.1").born("2.0", "201", linkedid="1.0", exten="202")
    desk.dial("2.0", "2.1", "202").talk("2.0", "2.1", bridge="c").wait(6)
    (live,) = desk.tracker.snapshot()
    assert [leg.state for leg in live.legs] == ["held", "consulting", "consulting"]
    desk.gone("2.1", "2.0").unhold("1.1").wait(1)
    found = desk.asked("1.0").gone("1.1", "1.0").ended()
    assert found.talk_seconds == 11
    assert [(leg.talk_seconds, leg.consult_seconds) for leg in found.legs] == [(11, 0), (0, 6), (0, 6)]


def test_an_outbound_call_waits_from_dialling_the_far_end() -> None:
    desk = Desk().dial(None, "1.0", "201").wait(3).state("1.0", "up").wait(1)
    desk.dial("1.0", "1.1", "trunk", "09121112233").wait(7).talk("1.0", "1.1").wait(5)
    found = desk.asked("1.1").gone("1.1", "1.0").ended()
    assert (found.wait_seconds, found.answered_at, found.talk_seconds) == (7, T0 + 11, 5)
    assert (found.dialled.raw, found.dialled.number, found.caller.raw) == ("09121112233", "+989121112233", "201")
    assert [leg.outside for leg in found.legs] == [False, True]


def test_queue_visits() -> None:
    desk = Desk().born("1.0", "trunk").joins_queue("1.0", "sales").wait(4)
    desk.say(pbx.QueueLeft(desk.at, "1.0", "sales", 0)).joins_queue("1.0", "support")
    desk.dial("1.0", "1.1", "201").wait(3).state("1.1", "up")
    desk.say(pbx.QueueLeft(desk.at, "1.0", "support", 0)).say(pbx.QueueConnected(desk.at, "1.0", "support", "1.1"))
    desk.talk("1.0", "1.1").wait(5)
    found = desk.asked("1.0").gone("1.1", "1.0").ended()
    assert [(w.queue, w.seconds, w.answered) for w in found.queue_waits] == [("sales", 4, False), ("support", 3, True)]
    assert found.queue == "support"


def test_a_callers_name_that_is_the_number_is_none() -> None:
    desk = Desk().born("1.0", "trunk", number="0912", name="0912")
    assert desk.asked("1.0").gone("1.0").ended().caller.name is None


def test_a_withheld_number_is_none() -> None:
    found = Desk().born("1.0", "trunk", number="Anonymous", name="Anonymous").gone("1.0").ended()
    assert (found.caller.raw, found.caller.number) == (None, None)


def test_a_live_call_in_one_word() -> None:
    desk = Desk().born("1.0", "trunk")

    def word() -> tuple[str, float]:
        (live,) = desk.tracker.snapshot()
        return live.state, live.since - T0

    assert word()[0] == "arriving"
    desk.wait(1).joins_queue("1.0")
    assert word() == ("queued", 1)
    desk.say(pbx.QueueLeft(desk.at, "1.0", "support", 0)).wait(1).dial("1.0", "1.1", "201")
    assert word() == ("ringing", 2)
    desk.wait(1).talk("1.0", "1.1")
    assert word() == ("talking", 3)
    desk.wait(1).hold("1.1")
    assert word() == ("held", 4)
    desk.leave("b", "1.0").enter("park", "1.0", holding=True)
    assert word()[0] == "parked"


def test_a_call_that_is_up_is_provisional_and_counts_on() -> None:
    desk = Desk().call_in(seconds=10)
    desk.tracker.tick(desk.at + 20)
    (live,) = desk.tracker.snapshot()
    assert live.record.provisional
    assert (live.record.outcome, live.record.hung_up_by, live.record.ended_at) == (None, None, None)
    assert live.record.talk_seconds == 30


def test_a_leg_that_can_change_no_more_is_made_once() -> None:
    desk = Desk().born("1.0", "trunk").dial("1.0", "1.1", "201").wait(5).dialled("1.1", "noanswer").gone("1.1")
    desk.wait(30).dial("1.0", "1.2", "202")
    first, second = (desk.tracker.snapshot()[0].record.legs[0] for _ in range(2))
    assert first is second
    desk.talk("1.0", "1.2")
    assert desk.tracker.snapshot()[0].record.legs[0] == first


def test_between_answer_and_bridge_a_call_is_not_arriving_again() -> None:
    stream = recorded.as_production(recorded.raw("asterisk-22/queue_first_agent_ignores"))
    run = Replay(recorded.profile())
    told: list[str] = []
    for block in recorded.blocks(stream):
        run.feed(block)
        for call in run.tracker.snapshot():
            if told[-1:] != [call.state]:
                told.append(call.state)
    assert told == ["arriving", "queued", "talking", "arriving"]
