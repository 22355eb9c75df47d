"""Direction, results, outcome and who ended it: the words that reports are made of."""

from __future__ import annotations

import pytest

from cti.live import pbx
from tests.cti.live.desk import Desk


def unanswered(cause: int = 0, status: str = "noanswer") -> Desk:
    """A caller rang 201 in vain; the caller is still there."""
    desk = Desk().born("1.0", "trunk", number="0912", exten="5001")
    return desk.dial("1.0", "1.1", "201").wait(5).dialled("1.1", status).gone("1.1", cause=cause)


@pytest.mark.parametrize(
    ("cause", "status", "result", "outcome"),
    [
        (0, "noanswer", "noanswer", "noanswer"), (17, "busy", "busy", "busy"), (17, "noanswer", "busy", "busy"),
        (21, "busy", "declined", "noanswer"), (20, "chanunavail", "failed", "failed"),
        (0, "cancel", "cancelled", "noanswer"),
    ],
)  # fmt: skip
def test_one_phone_was_rung_and_the_dialplan_gave_up(cause: int, status: str, result: str, outcome: str) -> None:
    found = unanswered(cause, status).gone("1.0").ended()
    assert (found.legs[0].result, found.outcome, found.hung_up_by) == (result, outcome, "system")


@pytest.mark.parametrize("status", ["noanswer", "cancel", "busy"])
def test_a_caller_who_leaves_first_abandoned(status: str) -> None:
    found = unanswered(status=status).asked("1.0").gone("1.0").ended()
    assert (found.outcome, found.hung_up_by, found.wait_seconds) == ("abandoned", "caller", 5.0)


def test_who_left_the_call_to_others_did_not_end_it() -> None:
    """201 calls out, hands over to 202, who parks the customer; nobody fetches him, and the parking gives up."""
    desk = Desk().born("1.0", "201", number="201", exten="09120000000").dial("1.0", "1.1", "trunk")
    desk.talk("1.0", "1.1").wait(2).born("2.0", "202")
    desk.leave("b", "1.0", "1.1").asked("1.0").gone("1.0").enter("b2", "1.1", "2.0").wait(2)
    desk.leave("b2", "1.1", "2.0").enter("park", "1.1", holding=True).asked("2.0").gone("2.0").wait(5)
    desk.leave("park", "1.1").say(pbx.ParkingEnded(desk.at, "1.1", None))
    desk.dial("1.1", "1.3", "202").dialled("1.3", "busy").gone("1.3", cause=17).gone("1.1")
    found = desk.ended()
    assert (found.outcome, found.hung_up_by) == ("answered", "system")


def test_busy_only_if_that_was_the_last_word_of_all() -> None:
    desk = unanswered(17, "busy")
    desk.dial("1.0", "1.2", "202").wait(5).dialled("1.2", "noanswer").gone("1.2")
    assert desk.gone("1.0").ended().outcome == "noanswer"


def test_forwarded_then_answered_elsewhere() -> None:
    desk = Desk().born("1.0", "trunk").dial("1.0", "1.1", "201").dialled("1.1", "cancel", "202").gone("1.1")
    desk.dial("1.0", "1.2", "202").wait(2).talk("1.0", "1.2").wait(3).asked("1.2").gone("1.0", "1.2")
    found = desk.ended()
    assert [leg.result for leg in found.legs] == ["forwarded", "answered"]
    assert (found.outcome, found.hung_up_by) == ("answered", "agent")


def test_why_a_phone_behind_local_channels_was_not_answered_the_outermost_dial_says() -> None:
    """Queue -> Local -> ring group -> Local -> phone: the queue's time was up, all else was only told to stop."""
    desk = Desk().born("1.0", "trunk")
    desk.dial("1.0", "1.1", "q-1;1").born("1.2", "q-1;2")
    desk.dial("1.2", "1.3", "q-2;1").born("1.4", "q-2;2")
    desk.dial("1.4", "1.5", "201").wait(15)
    desk.dialled("1.1", "noanswer").dialled("1.1", "cancel").dialled("1.3", "cancel").dialled("1.5", "cancel")
    desk.gone("1.5", "1.4", "1.3", "1.2", "1.1", "1.0")
    assert [leg.result for leg in desk.ended().legs] == ["noanswer"]


def test_local_channels_that_dial_themselves_have_an_end() -> None:
    desk = Desk().born("1.0", "trunk")
    desk.dial("1.0", "1.1", "q-1;1").born("1.2", "q-1;2")
    desk.dial("1.2", "1.1", "q-1;1")
    desk.dial("1.2", "1.3", "201").dialled("1.3", "cancel").gone("1.3", "1.2", "1.1", "1.0")
    assert [leg.result for leg in desk.ended().legs] == ["cancelled"]


@pytest.mark.parametrize(
    ("first", "second", "direction"),
    [("trunk", "201", "inbound"), ("201", "trunk", "outbound"), ("201", "202", "internal")],
)  # fmt: skip
def test_direction(first: str, second: str, direction: str) -> None:
    desk = Desk().born("1.0", first, exten="9").dial("1.0", "1.1", second).wait(1).talk("1.0", "1.1").wait(5)
    assert desk.asked("1.1").gone("1.0", "1.1").ended().direction == direction


@pytest.mark.parametrize(
    ("first", "second", "breaker", "side"),
    [
        ("trunk", "201", "1.0", "caller"), ("trunk", "201", "1.1", "agent"), ("201", "trunk", "1.0", "agent"),
        ("201", "trunk", "1.1", "callee"), ("201", "202", "1.0", "caller"), ("201", "202", "1.1", "callee"),
    ],
)  # fmt: skip
def test_who_hung_up(first: str, second: str, breaker: str, side: str) -> None:
    desk = Desk().born("1.0", first, exten="9").dial("1.0", "1.1", second).wait(1).talk("1.0", "1.1").wait(5)
    desk.asked(breaker).leave("b", breaker)
    assert desk.gone("1.0", "1.1").ended().hung_up_by == side


def test_a_hang_up_by_command_is_the_systems() -> None:
    desk = Desk().call_in()
    assert desk.asked("1.0", by_device=False).gone("1.1", "1.0").ended().hung_up_by == "system"


def test_whoever_left_an_earlier_talk_did_not_end_the_call() -> None:
    desk = Desk().call_in().asked("1.1").gone("1.1")
    desk.dial("1.0", "1.2", "202").wait(2).talk("1.0", "1.2", bridge="c").wait(5)
    assert desk.asked("1.0").gone("1.2", "1.0").ended().hung_up_by == "caller"


def test_an_originate_that_never_dialled_on_was_to_go_out() -> None:
    desk = Desk().dial(None, "1.0", "201").wait(3).dialled("1.0", "noanswer").gone("1.0", cause=21)
    desk.say(pbx.OriginateEnded(desk.at, None, "PJSIP/201", "09121112233", False))
    found = desk.ended()
    assert (found.direction, found.outcome, found.dialled.number) == ("outbound", "failed", "+989121112233")
    assert found.wait_seconds is None


def test_an_originate_to_a_colleague_is_internal() -> None:
    desk = Desk().dial(None, "1.0", "201").wait(3).dialled("1.0", "noanswer").gone("1.0")
    desk.say(pbx.OriginateEnded(desk.at, None, "PJSIP/201", "202", False))
    assert desk.ended().direction == "internal"


def test_voicemail_is_an_outcome_only_where_nobody_answered() -> None:
    desk = unanswered()
    desk.say(pbx.AppEntered(desk.at, *desk._of("1.0"), "voicemail", "201", "5001")).wait(7)
    assert desk.asked("1.0").gone("1.0").ended().outcome == "voicemail"


def test_a_supervisor_listening_in_is_no_call() -> None:
    desk = Desk().dial(None, "1.0", "203").wait(1).state("1.0", "up")
    desk.say(pbx.Spied(desk.at, "1.0", "9.9")).wait(5)
    found = desk.asked("1.0").gone("1.0").ended()
    assert (found.kind, found.direction, found.outcome) == ("monitoring", "internal", "answered")


def test_a_supervisors_channel_is_known_by_its_id_before_it_is_answered_and_without() -> None:
    desk = Desk().born("tamas-spy-1.2", "203", "down", "tamas-spy-1.2").state("tamas-spy-1.2", "ringing").wait(5)
    (live,) = desk.tracker.snapshot()
    assert live.record.kind == "monitoring"
    assert desk.gone("tamas-spy-1.2", cause=19).ended().kind == "monitoring"


def test_a_call_that_is_listened_to_under_its_own_linkedid_is_a_call() -> None:
    desk = Desk().call_in().dial(None, "1.5", "203").state("1.5", "up")
    desk.say(pbx.Spied(desk.at, "1.5", "1.1")).wait(5)
    found = desk.asked("1.0").gone("1.1", "1.5", "1.0").ended()
    assert (found.kind, found.outcome, found.talk_seconds) == ("call", "answered", 15)
