"""Who hears whom: bridges, the Local channels between them, hold, and parking."""

from __future__ import annotations

from tests.cti.live.desk import Desk


def states(desk: Desk, *uids: str) -> list[str]:
    return [desk.channel(uid).state for uid in uids]


def test_one_alone_in_a_bridge_does_not_talk() -> None:
    desk = Desk().born("1.0", "trunk").state("1.0", "up").enter("b", "1.0")
    assert states(desk, "1.0") == ["up"]


def test_an_announcer_is_no_company() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "CBAnn", "up").state("1.0", "up").enter("b", "1.0", "1.1")
    assert states(desk, "1.0") == ["up"]


def test_two_talk_and_one_who_is_left_does_not() -> None:
    desk = Desk().call_in()
    assert states(desk, "1.0", "1.1") == ["talking", "talking"]
    assert states(desk.leave("b", "1.0"), "1.0", "1.1") == ["up", "up"]
    assert desk.board.bridges["b"].members == [desk.channel("1.1")]
    assert desk.leave("b", "1.1").board.bridges == {}


def test_a_channel_is_in_one_bridge_at_a_time() -> None:
    desk = Desk().call_in().enter("c", "1.0")
    assert states(desk, "1.0", "1.1") == ["up", "up"]
    assert [c.uid for c in desk.board.bridges["b"].members] == ["1.1"]


def test_local_channels_are_wires_between_bridges() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "q-1;1").born("1.2", "q-1;2").born("1.3", "q-2;1")
    desk.born("1.4", "q-2;2").dial("1.4", "1.5", "201").wait(1)
    desk.talk("1.0", "1.1", bridge="a").talk("1.2", "1.3", bridge="b")
    assert states(desk, "1.0") == ["up"]
    desk.talk("1.4", "1.5", bridge="c")
    assert states(desk, "1.0", "1.5") == ["talking", "talking"]
    desk.leave("b", "1.3")
    assert states(desk, "1.0", "1.5") == ["up", "up"]


def test_a_wire_that_leads_back_to_its_own_bridge_is_no_endless_walk() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "q-1;1").born("1.2", "q-1;2")
    desk.talk("1.0", "1.1", "1.2")
    assert states(desk, "1.0") == ["up"]


def test_one_channel_takes_anothers_place() -> None:
    desk = Desk().call_in().born("1.2", "202", "up").enter("b", "1.2", swap="1.1")
    assert states(desk, "1.0", "1.1", "1.2") == ["talking", "up", "talking"]
    assert desk.channel("1.1").bridge is None


def test_a_swap_with_somebody_who_is_not_there_takes_nobody_out() -> None:
    desk = Desk().call_in().born("2.0", "202", "up", "2.0").born("2.1", "203", "up", "2.0").enter("c", "2.0", "2.1")
    desk.born("3.0", "204", "up", "3.0").enter("b", "3.0", swap="2.0")
    assert states(desk, "2.0", "2.1") == ["talking", "talking"]


def test_hold_and_back() -> None:
    desk = Desk().call_in().hold("1.1").wait(2)
    assert states(desk, "1.0", "1.1") == ["held", "held"]
    assert states(desk.unhold("1.1"), "1.0", "1.1") == ["talking", "talking"]
    assert desk.call().holds == [(desk.at - 2, desk.at)]


def test_a_hold_said_twice_is_one_and_an_end_without_a_beginning_none() -> None:
    desk = Desk().call_in().unhold("1.1").hold("1.1").wait(1).hold("1.1").wait(1).unhold("1.1").unhold("1.1")
    assert desk.call().holds == [(desk.at - 2, desk.at)]


def test_the_outside_world_may_hold_us_which_is_no_hold_of_ours() -> None:
    assert states(Desk().call_in().hold("1.0"), "1.0", "1.1") == ["talking", "talking"]


def test_a_hold_ends_when_its_holder_is_gone() -> None:
    desk = Desk().call_in().hold("1.1").wait(3).gone("1.1")
    assert states(desk, "1.0") == ["up"]
    assert desk.call().holds == [(desk.at - 3, desk.at)]


def test_who_is_held_and_meets_another_is_held_no_more() -> None:
    """A transfer that completes sends no Unhold."""
    desk = Desk().call_in().hold("1.1").wait(3).dial("1.0", "1.2", "202")
    desk.talk("1.0", "1.2", bridge="c")
    assert states(desk, "1.0", "1.2") == ["talking", "talking"]


def test_a_holding_bridge_parks() -> None:
    desk = Desk().call_in().leave("b", "1.0").enter("lot", "1.0", holding=True)
    assert states(desk, "1.0", "1.1") == ["parked", "up"]


def test_company_decides_talk_or_consult() -> None:
    desk = Desk().call_in()
    assert desk.channel("1.1").spans[-1].outside
    desk.born("1.2", "202", "up").enter("b", "1.2").leave("b", "1.0")
    assert states(desk, "1.1", "1.2") == ["talking", "talking"]
    assert not desk.channel("1.1").spans[-1].outside


def test_who_broke_the_talk_is_known_also_when_the_other_leaves_first() -> None:
    desk = Desk().call_in().asked("1.1").leave("b", "1.0")
    assert desk.call().broken_by is desk.channel("1.1")
    assert desk.enter("b", "1.0").call().broken_by is None
