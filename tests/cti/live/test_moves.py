"""Transfers, parking, pick-up, queues, conferences, and what commands do without a word."""

from __future__ import annotations

import pytest

from ami_listener.channel_names import channel_name
from cti.live import pbx
from cti.live.events import SpyChanged
from cti.live.moves import MOST_MOVES, MOST_RECORDINGS
from cti.live.profile import Profile
from cti.live.tracker import Tracker
from tests.cti.live.desk import Desk, chan

Moves = list[tuple[str, str | None, str | None]]


def moves(desk: Desk) -> Moves:
    return [(t.kind, t.from_, t.to) for t in desk.call().transfers]


def blind(desk: Desk, uid: str, to: str) -> Desk:
    return desk.say(pbx.BlindTransferred(desk.at, uid, chan("201"), to))


def test_a_blind_transfer() -> None:
    desk = Desk().call_in().leave("b", "1.0", "1.1")
    assert moves(blind(desk, "1.1", "202")) == [("blind", "PJSIP/201", "202")]


@pytest.mark.parametrize("first", ["queue", "dial", "voicemail", "menu", "conference"])
def test_the_word_of_a_blind_transfer_may_come_after_what_it_leads_to(first: str) -> None:
    desk = Desk().call_in().leave("b", "1.0", exten="5013").leave("b", "1.1")
    goes_to(desk, first)
    desk.wait(0.003)
    assert moves(blind(desk, "1.1", "5013")) == [("blind", "PJSIP/201", "5013")]


def goes_to(desk: Desk, what: str) -> None:
    """The dialplan takes the caller on."""
    if what == "queue":
        desk.joins_queue("1.0", exten="5013")
    elif what == "dial":
        desk.dial("1.0", "1.2", "202", "5013")
    elif what == "conference":
        desk.say(pbx.ConferenceJoined(desk.at, *desk._of("1.0"), "room", "r"))
    else:
        app = {"voicemail": "voicemail", "menu": "read"}[what]
        desk.say(pbx.AppEntered(desk.at, *desk._of("1.0"), app, "", "5013"))


@pytest.mark.parametrize("where", ["queue", "dial", "voicemail", "menu", "conference"])
def test_a_redirect_has_no_event_of_its_own_and_is_seen_by_what_follows(where: str) -> None:
    desk = Desk().call_in().leave("b", "1.0", exten="5013").leave("b", "1.1")
    goes_to(desk, where)
    assert moves(desk) == [("redirect", "PJSIP/201", "5013")]


def test_where_the_agent_hung_up_and_the_caller_goes_on_nobody_redirected() -> None:
    desk = Desk().call_in().asked("1.1").leave("b", "1.1", "1.0")
    goes_to(desk, "queue")
    assert moves(desk) == []


def test_both_sides_redirected_are_one_redirect() -> None:
    desk = Desk().call_in().leave("b", "1.0", exten="6001").leave("b", "1.1", exten="6001")
    for uid in ("1.1", "1.0"):
        desk.say(pbx.ConferenceJoined(desk.at, *desk._of(uid), "room", "r"))
    assert moves(desk) == [("redirect", "PJSIP/201", "6001")]
    assert desk.call().conference == "room"


def attended(desk: Desk, by: str, second: str, target: str | None, bridge: str | None) -> Desk:
    return desk.say(pbx.AttendedTransferred(desk.at, by, chan("201"), second, target, bridge))


def test_an_attended_transfer_joins_two_calls_and_ends_the_hold() -> None:
    desk = Desk().call_in().hold("1.1").wait(2).born("2.0", "201", linkedid="2.0", exten="202")
    desk.dial("2.0", "2.1", "202", "202", linkedid="2.0").talk("2.0", "2.1", bridge="c").wait(3)
    attended(desk, "1.1", "2.0", "2.1", "c")
    assert moves(desk) == [("attended", "PJSIP/201", "202")]
    assert desk.call("2.0") is desk.call("1.0")
    assert desk.call().holds == [(desk.at - 5, desk.at)]


def test_an_older_pbx_tells_only_the_bridge_of_the_target() -> None:
    desk = Desk().call_in().dial("1.1", "1.2", "202").talk("1.2", bridge="b")
    assert moves(attended(desk, "1.1", "1.1", None, "b")) == [("attended", "PJSIP/201", "202")]


def test_a_transfer_by_nobody_known_is_counted() -> None:
    desk = attended(blind(Desk(), "9.9", "202"), "9.9", "9.8", None, None)
    assert desk.tracker.oddities == {"a transfer by an unknown channel": 2}


@pytest.mark.parametrize("order", ["blind first", "park first"])
def test_a_parking_told_twice_is_one(order: str) -> None:
    desk = Desk().call_in()
    parked = pbx.CallParked(desk.at, *desk._of("1.0"), "PJSIP/201", "701")
    if order == "blind first":
        blind(desk, "1.1", "700").say(parked)
    else:
        blind(desk.say(parked), "1.1", "700")
    assert moves(desk) == [("park", "PJSIP/201", "701")]


def test_who_fetches_a_parked_call_is_a_leg_that_answered() -> None:
    desk = Desk().call_in().leave("b", "1.0", "1.1").gone("1.1").enter("lot", "1.0", holding=True).wait(5)
    desk.born("2.0", "202", linkedid="2.0", exten="701").state("2.0", "up")
    desk.say(pbx.ParkingEnded(desk.at, "1.0", "2.0"))
    desk._names["2.0"] = (chan("202"), "1.0")
    desk.enter("c", "2.0", "1.0").wait(4).asked("2.0").gone("1.0", "2.0")
    found = desk.ended()
    assert [(leg.endpoint, leg.role, leg.result, leg.ring_seconds) for leg in found.legs] == [
        ("PJSIP/201", "callee", "answered", 2.0), ("PJSIP/202", "callee", "answered", 0.0),
    ]  # fmt: skip


def test_a_pick_up_makes_the_two_calls_one() -> None:
    desk = Desk().born("1.0", "trunk").dial("1.0", "1.1", "201").wait(2).born("2.0", "202", linkedid="2.0")
    desk.say(pbx.CallPickedUp(desk.at, "2.0", chan("202"), "1.1")).dialled("1.1", "cancel").gone("1.1")
    desk.talk("1.0", "2.0").wait(5).asked("1.0").gone("2.0", "1.0")
    found = desk.ended()
    assert [(leg.endpoint, leg.result) for leg in found.legs] == [("PJSIP/201", "cancelled"), ("PJSIP/202", "answered")]


def test_a_pick_up_of_nobody_known_is_counted() -> None:
    desk = Desk().say(pbx.CallPickedUp(1.0, "9.9", chan("202"), "9.8"))
    assert desk.tracker.oddities == {"a pick-up of an unknown channel": 1}


def test_only_the_callers_digits_before_the_first_talk_are_the_menus() -> None:
    desk = Desk().born("1.0", "trunk").state("1.0", "up")
    for key in "12#":
        desk.say(pbx.DigitPressed(desk.at, "1.0", key))
    desk.dial("1.0", "1.1", "201").say(pbx.DigitPressed(desk.at, "1.1", "9")).talk("1.0", "1.1")
    desk.say(pbx.DigitPressed(desk.at, "1.0", "5"))
    assert desk.call().digits == "12#"


def test_a_recording_is_named_once() -> None:
    desk = Desk().born("1.0", "trunk")
    for file in ("a.wav", "a.wav", "", "b.wav"):
        desk.say(pbx.RecordingNamed(desk.at, "1.0", file))
    assert desk.call().recordings == ["a.wav", "b.wav"]


def test_a_masquerade_puts_another_device_behind_a_channel() -> None:
    desk = Desk().born("1.0", "trunk").dial("1.0", "1.1", "201")
    desk.say(pbx.ChannelRenamed(desk.at, "1.1", chan("202")))
    assert (desk.channel("1.1").chan.endpoint, desk.channel("1.1").kind) == ("PJSIP/202", "phone")
    desk.say(pbx.ChannelRenamed(desk.at, "1.1", chan("CBAnn")))
    assert desk.channel("1.1").kind == "phone", "a zombie's name is nobody's"


def test_a_visit_that_a_list_told_first_is_the_same_visit() -> None:
    desk = Desk().born("1.0", "trunk").joins_queue("1.0").wait(2).joins_queue("1.0")
    assert len(desk.call().visits) == 1
    desk.say(pbx.QueueLeft(desk.at, "1.0", "support", 0)).joins_queue("1.0")
    assert len(desk.call().visits) == 2


def test_what_has_no_end_has_one() -> None:
    desk = Desk().call_in().born("2.0", "trunk", linkedid="2.0")
    for n in range(MOST_MOVES + 10):
        blind(desk.wait(2), "1.1", "202")
        desk.joins_queue("1.0", f"q{n}")
        desk.say(pbx.DigitPressed(desk.at, "2.0", "1")).say(pbx.RecordingNamed(desk.at, "2.0", f"{n}.wav"))
    assert len(desk.call().transfers) == len(desk.call().visits) == len(desk.call("2.0").digits) == MOST_MOVES
    assert len(desk.call("2.0").recordings) == MOST_RECORDINGS


def test_a_parking_by_another_phone_soon_after_a_transfer_is_a_move_of_its_own() -> None:
    def name(text: str) -> pbx.ChannelName:
        return channel_name(text)

    tracker = Tracker("main", Profile())
    trunk, first = name("PJSIP/carrier-1"), name("PJSIP/201-2")
    tracker.apply(pbx.ChannelCreated(1.0, "1.1", "1.1", trunk, "ring", "0912", "", "5001"))
    tracker.apply(pbx.ChannelCreated(1.0, "1.2", "1.1", first, "down", "201", "", "s"))
    tracker.apply(pbx.BlindTransferred(2.0, "1.2", first, "202"))
    tracker.apply(pbx.CallParked(2.5, "1.1", "1.1", trunk, "PJSIP/202", "701"))
    (call,) = tracker.snapshot()
    assert [(t.kind, t.from_) for t in call.record.transfers] == [("blind", "PJSIP/201"), ("park", "PJSIP/202")]


def test_who_begins_and_ends_listening_is_told() -> None:
    desk = Desk().call_in()
    desk.tracker.take()
    desk.say(pbx.Spied(desk.at, "tamas-1", "1.1")).say(pbx.Spied(desk.at, "tamas-1", "1.1", on=False))
    told = [event for event in desk.tracker.take() if isinstance(event, SpyChanged)]
    assert [(one.spyer, one.spyee, one.on) for one in told] == [("tamas-1", "1.1", True), ("tamas-1", "1.1", False)]
