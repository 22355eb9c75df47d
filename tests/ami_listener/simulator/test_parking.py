from __future__ import annotations

from ami_listener.simulator.behaviour import Deed
from ami_listener.simulator.life import hang
from ami_listener.simulator.parking import FIRST_SLOT, LAST_SLOT, park
from tests.ami_listener.simulator.scenarios import lab
from tests.ami_listener.simulator.scripted import Lab


def parked(deed: Deed | None = None) -> Lab:
    one = lab()
    one.call_in("5011")
    one.run(3.0)
    park(one.pbx, one.live("trunk"), one.live("201"), 30.0, deed)
    one.run(1.0)
    return one


def test_the_one_who_parked_is_gone_after_hearing_the_slot() -> None:
    one = parked()
    assert one.live("201").state == 6
    one.run(3.0)
    assert not one.phone("201").channels and list(one.pbx.slots) == ["701"]


def test_slots_are_taken_in_order_until_none_is_left() -> None:
    one = parked()
    slot, caller = one.pbx.slots["701"]
    for number in range(FIRST_SLOT + 1, LAST_SLOT):
        one.pbx.slots[str(number)] = (slot, caller)
    one.run(5.0)
    for expected in ("720", None):
        one.call_in("5011")
        one.run(3.0)
        assert park(one.pbx, one.live("trunk"), one.live("201")) == expected
        one.run(5.0)


def test_a_colleague_fetches() -> None:
    one = parked(Deed(0.0, "park", "202", 2.0))
    one.run(5.0)
    trunk = one.live("trunk")
    assert one.live("202").linkedid == trunk.linkedid and one.live("202").call is trunk.call
    hang(one.pbx, one.live("202"))
    one.run(2.0)
    (call,) = one.truth
    assert len(call.linkedids) == 2 and call.legs[1].endpoint == "PJSIP/202" and call.hung_up_by == "agent"


def test_a_caller_who_leaves_the_slot_is_not_fetched() -> None:
    one = parked()
    one.call_from("202", "701")
    hang(one.pbx, one.live("trunk"))
    one.run(3.0)
    assert not one.pbx.channels and not one.pbx.slots
    assert sorted(call.direction for call in one.truth) == ["inbound", "internal"]


def test_an_empty_slot_just_ends() -> None:
    one = lab()
    one.call_from("202", "705")
    one.run(2.0)
    assert not one.pbx.channels and len(one.truth) == 1


def test_whoever_fetched_may_park_again_and_transfer() -> None:
    one = parked(Deed(0.0, "park", "202", 1.0))
    one.run(3.0)
    assert park(one.pbx, one.live("trunk"), one.live("202"), 30.0) == "701"
    one.run(5.0)
    assert not one.phone("202").channels and one.live("trunk").bridge is one.pbx.parking
