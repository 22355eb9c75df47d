from __future__ import annotations

from ami_listener.simulator.life import hang
from ami_listener.simulator.originate import Order, originate
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scenarios import IGNORES, answers, lab
from tests.ami_listener.simulator.scripted import Lab

OUT = ("internal", "09121112233")


def reason(one: Lab) -> str:
    return one.stream.decode().partition("Event: OriginateResponse")[2].partition("Reason: ")[2][0]


def test_a_phone_that_never_answers_times_out() -> None:
    one = lab(p201=IGNORES)
    originate(one.pbx, Order(one.phone("201"), *OUT, seconds=5.0))
    one.run(6.0)
    assert reason(one) == "3"
    assert [(c.outcome, c.legs[0].result, c.far_dialled_at) for c in one.truth] == [("failed", "noanswer", None)]


def test_taken_down_while_it_rings() -> None:
    one = lab(p201=IGNORES)
    channel = originate(one.pbx, Order(one.phone("201"), *OUT))
    one.run(2.0)
    hang(one.pbx, channel, "command")
    one.run(1.0)
    assert reason(one) == "0" and one.truth[0].hung_up_by == "system"
    assert sequences(one.stream)["PJSIP/201 1"][-1] == "Hangup"


def test_whoever_clicked_gives_up_only_after_answering() -> None:
    one = lab(p201=answers(5.0), trunk=IGNORES)
    originate(one.pbx, Order(one.phone("201"), *OUT, patience=3.0))
    one.run(7.0)
    assert one.live("trunk").state == 5
    one.run(2.0)
    assert [(c.outcome, c.hung_up_by) for c in one.truth] == [("noanswer", "agent")]


def test_the_name_shown_can_be_another() -> None:
    one = lab()
    channel = originate(one.pbx, Order(one.phone("201"), *OUT, caller_num="300", caller_name="Boss"))
    assert (channel.num, channel.cid_name) == ("300", "Boss")
    one.run(1.0)
    assert "Event: NewCallerid" in one.stream.decode()
