from __future__ import annotations

from ami_listener.simulator.behaviour import Response
from ami_listener.simulator.life import hang
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scenarios import IGNORES, answers, called, lab
from tests.ami_listener.simulator.scripted import Lab


def results(one: Lab) -> list[tuple[str, str | None]]:
    return [(leg.endpoint, leg.result) for call in one.truth for leg in call.legs]


def test_a_phone_that_is_in_a_call_is_busy() -> None:
    one = lab()
    one.call_in("5001")
    one.run(3.0)
    called(one, "5001", "09121000199")
    assert ("PJSIP/201", "busy") in results(one)
    assert [call.outcome for call in one.truth] == ["busy"]


def test_a_group_is_busy_only_if_all_are() -> None:
    refuses = Response("busy", 0.1, 0.05)
    assert called(lab(p201=refuses, p202=refuses, p203=refuses), "5006").truth[0].outcome == "busy"
    assert called(lab(p201=refuses, p202=refuses, p203=IGNORES), "5006").truth[0].outcome == "noanswer"


def test_the_fastest_of_a_group_wins() -> None:
    one = lab(p201=answers(2.0), p202=answers(1.0), p203=answers(3.0))
    one.call_in("5006")
    one.run(4.0)
    assert one.live("202").bridge is one.live("trunk").bridge is not None
    assert not one.phone("201").channels and not one.phone("203").channels
    assert "> DialEnd CANCEL" in sequences(one.stream)["PJSIP/203 1"]


def test_one_refusal_does_not_end_the_ringing_of_the_others() -> None:
    one = lab(p201=Response("decline", 0.5, 0.01), p202=answers(2.0), p203=IGNORES)
    one.call_in("5006")
    one.run(4.0)
    assert one.live("202").state == 6


def test_a_phone_that_does_not_exist_is_not_rung() -> None:
    one = lab()
    one.pbx.devices.pop("PJSIP/201")
    called(one, "5001")
    assert [(call.outcome, call.legs) for call in one.truth] == [("failed", [])]


def test_ringing_comes_when_the_phone_says_so() -> None:
    one = lab(p201=Response("answer", 2.0, 1.0))
    one.call_in("5001")
    one.run(0.9)
    assert one.live("201").state == 0
    one.run(0.2)
    assert one.live("201").state == 5 and one.live("trunk").variables["RINGTIME_MS"] == "1000"


def test_taking_down_the_ringing_phone_ends_the_dial() -> None:
    one = lab(p201=IGNORES)
    one.call_in("5001")
    one.run(1.0)
    hang(one.pbx, one.live("201"), "command")
    one.run(1.0)
    assert results(one) == [("PJSIP/201", "cancelled")]
