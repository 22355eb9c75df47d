"""What the PBX lists against what we believed. The whole of it over AMI is in ``tests/scenarios``."""

from __future__ import annotations

from cti.live import pbx
from cti.live.resync import SUSPECT_SECONDS
from tests.cti.live.desk import T0, Desk, chan


def settle(desk: Desk) -> Desk:
    """Time passes in silence."""
    for seconds in (0.5, SUSPECT_SECONDS + 1):
        desk.wait(seconds).tracker.tick(desk.at)
    return desk


def gap(desk: Desk, seconds: float = 10.0) -> Desk:
    desk.say(pbx.LinkLost(desk.at, "x")).wait(seconds)
    return desk.say(pbx.LinkRestored(desk.at))


def live(desk: Desk) -> list[str]:
    return [call.record.linkedid for call in desk.tracker.snapshot()]


def test_what_is_missing_from_a_list_is_gone_after_a_moment() -> None:
    desk = Desk().call_in().listed()
    assert live(desk) == ["1.0"]
    assert live(settle(desk)) == []
    assert desk.ended().outcome == "lost"


def test_what_is_heard_of_after_the_list_is_there() -> None:
    desk = Desk().call_in().listed()
    desk.state("1.0", "up").hold("1.1")
    assert live(settle(desk)) == ["1.0"]


def test_lists_that_come_faster_than_they_settle_settle_all_the_same() -> None:
    desk = Desk().call_in()
    for _ in range(10):
        desk.listed().wait(0.5).tracker.tick(desk.at)
    assert live(desk) == []


def test_a_list_that_says_the_same_changes_nothing() -> None:
    desk = Desk().call_in().listed("1.0", "1.1", bridge="b")
    assert live(settle(desk)) == ["1.0"]
    assert desk.tracker.oddities == {}


def test_what_was_heard_while_the_list_was_made_is_newer() -> None:
    desk = Desk().call_in().say(pbx.ListBegan(T0, ""))
    desk.leave("b", "1.0", "1.1").listed("1.0", "1.1", bridge="b")
    settle(desk)
    assert desk.channel("1.0").bridge is None
    assert desk.tracker.oddities == {}


def test_a_channel_that_ended_while_the_list_was_made_is_not_found_again() -> None:
    desk = Desk().call_in()
    gap(desk)
    desk.say(pbx.ListBegan(desk.at, ""))
    desk._names["7.0"] = (chan("trunk"), "7.0")
    desk.gone("7.0").listed("1.0", "1.1", "7.0")
    assert live(settle(desk)) == ["1.0"]


def test_after_a_gap_the_list_is_followed_at_once_and_the_call_is_lost() -> None:
    desk = Desk().call_in()
    gap(desk).listed("1.0", "1.1", bridge="c")
    assert desk.channel("1.0").bridge is desk.board.bridges["c"]
    assert desk.gone("1.1", "1.0").ended().outcome == "lost"


def test_what_ended_in_a_gap_ended_at_its_beginning_as_far_as_anybody_knows() -> None:
    desk = Desk().call_in(seconds=10)
    settle(gap(desk, 60).listed())
    found = desk.ended()
    assert (found.outcome, found.talk_seconds) == ("lost", 10)


def test_what_is_found_began_at_the_second_of_its_id() -> None:
    desk = Desk()
    name = chan("trunk")
    item = pbx.ListedChannel("5.0", "5.0", name, "up", "0912", "Bahar", "5001", None, "Queue", "support,tT", T0 - 30)
    desk.say(pbx.ChannelsListed(T0, (item,)))
    (found,) = desk.tracker.snapshot()
    assert (found.record.started_at, found.record.caller.raw, found.record.queue) == (T0 - 30, "0912", "support")
    assert found.record.dialled.raw == "5001"


def test_what_is_found_at_first_is_not_lost_and_later_it_is() -> None:
    for lists, outcome in ((0, "abandoned"), (1, "lost")):
        desk = Desk()
        for _ in range(lists):
            desk.listed()
        desk._names["1.0"] = (chan("trunk"), "1.0")
        found = desk.listed("1.0", state="ring").wait(3).asked("1.0").gone("1.0").ended()
        assert found.outcome == outcome


def test_who_listens_in_is_known_by_the_application() -> None:
    desk = Desk()
    item = pbx.ListedChannel("5.0", "5.0", chan("203"), "up", "", "", "", None, "ChanSpy", "PJSIP/201,q", T0)
    desk.say(pbx.ChannelsListed(T0, (item,)))
    assert desk.tracker.snapshot()[0].record.kind == "monitoring"


def test_the_pbx_began_anew_and_nothing_older_is_up() -> None:
    desk = Desk().call_in()
    gap(desk, 30).say(pbx.PbxBooted(desk.at, 5.0))
    assert live(desk) == []
    assert desk.ended().outcome == "lost"


def test_the_pbx_had_been_up_all_the_time() -> None:
    desk = Desk().call_in()
    gap(desk, 30).say(pbx.PbxBooted(desk.at, 86400.0)).say(pbx.PbxBooted(desk.at, None))
    assert live(desk) == ["1.0"]


def test_a_list_of_queues_ends_and_begins_the_visits_of_doubted_calls_alone() -> None:
    desk = Desk().born("1.0", "trunk").joins_queue("1.0", "sales").born("2.0", "trunk", linkedid="2.0")
    sure = desk.wait(1)
    sure.say(pbx.QueuesListed(desk.at, ("sales", "support"), (), (pbx.WaitingCaller("2.0", "support", T0),)))
    assert [v.left_at for v in desk.call("1.0").visits] == [None], "its leaving is on its way"
    assert desk.call("2.0").visits == []
    gap(desk).say(pbx.QueuesListed(desk.at, ("sales", "support"), (), (pbx.WaitingCaller("2.0", "support", T0),)))
    assert [v.left_at for v in desk.call("1.0").visits] == [desk.at]
    assert [(v.queue, v.joined_at) for v in desk.call("2.0").visits] == [("support", T0)]


def test_a_broken_list_asks_again() -> None:
    desk = Desk().say(pbx.ListBroken(T0, "c"))
    assert [type(e).__name__ for e in desk.tracker.take()] == ["ResyncNeeded"]
    desk.say(pbx.ListBroken(T0, "d"))
    assert desk.tracker.take() == [], "but not without end"
    desk.listed().say(pbx.ListBroken(T0, "e"))
    assert len(desk.tracker.take()) == 1


def test_lists_that_never_end_are_not_kept() -> None:
    desk = Desk()
    for n in range(1000):
        desk.say(pbx.ListBegan(T0, f"{n}"))
    assert len(desk.board.lists) <= 64
