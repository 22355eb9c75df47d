from __future__ import annotations

from ami_listener.simulator.behaviour import Deed, Talk
from ami_listener.simulator.life import hang
from tests.ami_listener.simulator.scenarios import called, lab


def test_a_talk_lasts_as_planned_and_its_side_hangs_up() -> None:
    for ends, by in (("near", "caller"), ("far", "agent")):
        (call,) = called(lab(("trunk", "201", Talk(7.0, ends))), "5001").truth  # type: ignore[arg-type]
        assert abs(call.talk["PJSIP/201"] - 7.0) < 0.01 and call.hung_up_by == by


def test_deeds_come_at_their_time() -> None:
    talk = Talk(10.0, "near", (Deed(2.0, "hold", "", 3.0), Deed(6.0, "digit", "7")))
    one = called(lab(("trunk", "201", talk)), "5001")
    assert abs(one.truth[0].hold_seconds - 3.0) < 0.01
    text = one.stream.decode()
    assert text.index("Event: Hold") < text.index("Event: Unhold") < text.index("Event: DTMFEnd")


def test_a_consultation_stops_the_clock_of_the_talk() -> None:
    deed = Deed(2.0, "attended", "202", 5.0, completes=False)
    (call,) = called(lab(("trunk", "201", Talk(6.0, "near", (deed,)))), "5011").truth
    assert 5.9 < call.talk["PJSIP/201"] < 6.5
    assert 4.9 < call.consult["PJSIP/201"] < 5.1 and 4.9 < call.consult["PJSIP/202"] < 5.1
    assert call.transfers == []


def test_the_third_party_carries_the_talk_on() -> None:
    one = lab(
        ("trunk", "201", Talk(6.0, "near", (Deed(2.0, "attended", "202", 5.0),))), ("trunk", "202", Talk(4.0, "far"))
    )
    (call,) = called(one, "5011").truth
    assert [(t.kind, t.from_, t.to) for t in call.transfers] == [("attended", "PJSIP/201", "202")]
    assert abs(call.talk["PJSIP/202"] - 4.0) < 0.01 and call.hung_up_by == "agent"


def test_hanging_up_while_held_ends_all() -> None:
    one = lab(("trunk", "201", Talk(60.0, "near", (Deed(1.0, "attended", "202", 30.0),))))
    one.call_in("5011")
    one.run(5.0)
    hang(one.pbx, one.live("trunk"))
    one.run(2.0)
    assert not one.pbx.channels and not one.pbx.bridges and len(one.truth) == 1
