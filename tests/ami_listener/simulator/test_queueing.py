from __future__ import annotations

from ami_listener.simulator.behaviour import Talk
from ami_listener.simulator.life import hang
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scenarios import IGNORES, called, lab
from tests.ami_listener.simulator.scripted import Lab


def busy_phones(one: Lab, *extens: str) -> None:
    for exten in extens:
        one.call_from(exten, "6001")


def test_callers_wait_in_order_and_the_first_gets_the_first_free_phone() -> None:
    one = lab(stays=10.0)
    busy_phones(one, "201", "202")
    one.call_in("5012", "09121000001")
    one.call_in("5012", "09121000002")
    one.run(5.0)
    assert [e.channel.num for e in one.pbx.queues["sales"].waiting] == ["09121000001", "09121000002"]
    hang(one.pbx, one.live("202"))
    one.run(2.0)
    assert [e.channel.num for e in one.pbx.queues["sales"].waiting] == ["09121000002"]
    assert one.live("202").conn_num == "09121000001"


def test_positions_are_told() -> None:
    one = lab()
    busy_phones(one, "203")
    for number in ("09121000001", "09121000002", "09121000003"):
        one.call_in("5013", number)
        one.run(0.1)
    text = one.stream.decode()
    assert "Position: 3\r\nCount: 3\r\n" in text
    hang(one.pbx, one.pbx.queues["second"].waiting[0].channel)
    one.run(0.5)
    text = one.stream.decode()
    assert "Position: 1\r\nCount: 2\r\n" in text and "Position: 1\r\nOriginalPosition: 1\r\n" in text


def test_a_freed_phone_is_found_again_by_whoever_still_waits() -> None:
    """The first caller hangs up at the very moment in which a phone becomes free."""
    one = lab(stays=10.0)
    busy_phones(one, "203")
    first = one.call_in("5013", "09121000001")
    one.run(0.1)
    one.call_in("5013", "09121000002")
    one.run(1.0)
    hang(one.pbx, one.live("203"))
    hang(one.pbx, first)
    one.run(3.0)
    assert one.live("203").conn_num == "09121000002"


def test_wrap_up_keeps_a_phone_free_for_a_while() -> None:
    one = lab(("trunk", "203", Talk(1.0, "near")))
    one.pbx.queues["second"].wrap_up = 5.0
    one.call_in("5013", "09121000001")
    one.run(2.0)
    one.call_in("5013", "09121000002")
    one.run(4.0)
    assert not one.phone("203").channels and len(one.pbx.queues["second"].waiting) == 1
    one.run(1.5)
    assert one.live("203").conn_num == "09121000002"


def test_the_figures_of_the_queue() -> None:
    one = lab(("trunk", "203", Talk(8.0, "far")))
    called(one, "5013")
    called(lab(), "5013")
    queue = one.pbx.queues["second"]
    assert (queue.completed, queue.abandoned, queue.talk_time, queue.completed_in_time) == (1, 0, 2, 1)
    member = queue.members[0]
    assert member.calls_taken == 1 and member.last_call > 0


def test_two_callers_ring_two_phones_at_once() -> None:
    one = lab()
    one.call_in("5000", "09121000001")
    one.call_in("5000", "09121000002")
    one.run(0.5)
    assert one.live("201").state == one.live("202").state == 5


def test_an_abandoned_caller_is_told_with_two_cancels() -> None:
    one = called(lab(p201=IGNORES), "5000", gives_up=3.0)
    assert sequences(one.stream)["PJSIP/201 1"].count("> DialEnd CANCEL") == 2
    assert one.truth[0].queue_waits[0].seconds is not None and not one.truth[0].queue_waits[0].answered
