"""Calls that commands of ours move about: who hears whom meanwhile, and what the record says of it.

The facts are those that the lab's Asterisk tells, in both orders in which two channels leave a bridge."""

import pytest

from cti.live import pbx
from tests.cti.live.desk import Desk


def consulting(desk: Desk, *, customer_first: bool = False, answered: bool = True) -> Desk:
    """201 talks to a caller, who now waits while 202 is asked."""
    desk.call_in()
    for uid in ("1.0", "1.1") if customer_first else ("1.1", "1.0"):
        desk.leave("b", uid, errand="hold" if uid == "1.0" else "consult")
    desk.dial("1.1", "1.2", "202", "202", errand="consult").wait(1)
    if answered:
        desk.state("1.2", "up").enter("c", "1.2", "1.1").wait(4)
    return desk


def completed(desk: Desk) -> Desk:
    desk.leave("c", "1.2").enter("d", "1.2").enter("d", "1.0", errand="talk")
    return desk.leave("c", "1.1", errand="consult").gone("1.1").wait(6)


@pytest.mark.parametrize("customer_first", [False, True])
def test_an_attended_transfer_is_one_call_with_hold_and_consult(customer_first: bool) -> None:
    desk = completed(consulting(Desk(), customer_first=customer_first)).asked("1.0").leave("d", "1.0", "1.2")
    record = desk.gone("1.2", "1.0").ended()
    assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("attended", "PJSIP/201", "202")]
    assert (record.outcome, record.hung_up_by, record.hold_seconds, record.talk_seconds) == (
        "answered",
        "caller",
        5,
        16,
    )
    assert [(leg.extension, leg.consult_seconds, leg.talk_seconds) for leg in record.legs] == [
        ("201", 4, 10),
        ("202", 4, 6),
    ]
    assert [s.state for s in record.caller_segments if s.end is None or s.end > s.start] == [
        "ring",
        "talk",
        "hold",
        "talk",
    ]


def test_the_one_who_waits_may_be_told_last() -> None:
    """On a busy PBX the agent dials before it is told that the caller has left."""
    desk = Desk().call_in().leave("b", "1.1", errand="consult").dial("1.1", "1.2", "202", "202", errand="consult")
    assert desk.tracker.consult("main-1.0") is None
    desk.leave("b", "1.0", errand="hold").wait(2)
    consult = desk.tracker.consult("main-1.0")
    assert consult is not None
    assert (consult.customer, consult.waits) == ("1.0", "1.0")


@pytest.mark.parametrize("left_first", [True, False])
def test_the_pbx_may_not_say_that_he_is_sent_to_wait(left_first: bool) -> None:
    """The bridge fell apart before the caller's new place in the dialplan was put down."""
    desk = Desk().call_in().leave("b", "1.1", errand="consult")
    if left_first:
        desk.leave("b", "1.0", exten="5001")
    desk.dial("1.1", "1.2", "202", "202", errand="consult")
    if not left_first:
        desk.leave("b", "1.0", exten="5001")
    consult = desk.wait(2).tracker.consult("main-1.0")
    assert consult is not None
    assert (consult.customer, consult.waits) == ("1.0", "1.0")
    assert desk.tracker.snapshot()[0].record.transfers == ()


def test_who_is_asked_is_born_before_it_is_dialled() -> None:
    desk = Desk().call_in().leave("b", "1.1", errand="consult").leave("b", "1.0", errand="hold")
    desk.born("1.2", "202", "down").wait(0.002)
    desk.say(pbx.DialStarted(desk.at, "1.1", "202", *desk._of("1.2"), "202", "consult"))
    consult = desk.tracker.consult("main-1.0")
    assert consult is not None
    assert consult.target == "1.2"


def test_who_consults_whom_while_who_waits() -> None:
    desk = consulting(Desk(), answered=False)
    (call,) = desk.tracker.snapshot()
    assert call.consult is not None
    assert (call.consult.by, call.consult.to, call.consult.customer) == ("1.1", "202", "1.0")
    assert (call.consult.target, call.consult.waits, call.consult.answered) == ("1.2", "1.0", False)
    assert call.state == "held"
    desk.state("1.2", "up").enter("c", "1.2", "1.1")
    consult = desk.tracker.consult("main-1.0")
    assert consult is not None
    assert consult.answered
    waiting, by, target = desk.tracker.parties("main-1.0")
    assert (waiting.waits, waiting.mates, waiting.outside) == (True, (), True)
    assert (by.mates, target.mates) == (("1.2",), ("1.1",))


def test_taken_back_there_was_no_transfer() -> None:
    desk = consulting(Desk()).leave("c", "1.1", errand="talk").leave("c", "1.2").gone("1.2")
    desk.enter("d", "1.0", errand="hold").enter("d", "1.1", errand="talk").wait(3)
    assert desk.tracker.consult("main-1.0") is None
    assert {p.mates for p in desk.tracker.parties("main-1.0")} == {("1.0",), ("1.1",)}
    record = desk.asked("1.0").leave("d", "1.0", "1.1").gone("1.1", "1.0").ended()
    assert (record.transfers, record.hold_seconds, record.talk_seconds) == ((), 5, 13)


def test_swapped_the_colleague_waits_and_that_is_not_the_callers_hold() -> None:
    desk = consulting(Desk()).leave("c", "1.2", errand="hold").leave("c", "1.1", errand="talk")
    desk.enter("d", "1.0", errand="hold").enter("d", "1.1", errand="talk").wait(2)
    consult = desk.tracker.consult("main-1.0")
    assert consult is not None
    assert (consult.waits, consult.customer, consult.target) == ("1.2", "1.0", "1.2")
    desk.leave("d", "1.0", errand="talk").enter("e", "1.2", errand="hold").enter("e", "1.0", errand="talk").wait(3)
    record = desk.leave("d", "1.1").gone("1.1").leave("e", "1.0", "1.2").gone("1.2", "1.0").ended()
    assert [(t.kind, t.to) for t in record.transfers] == [("attended", "202")]
    assert record.hold_seconds == 5


def test_sent_after_one_who_only_rings() -> None:
    desk = consulting(Desk(), answered=False).gone("1.2", "1.1")
    desk.dial("1.0", "1.3", "202", "202").wait(1).state("1.3", "up").enter("d", "1.3", "1.0")
    record = desk.leave("d", "1.0", "1.3").gone("1.3", "1.0").ended()
    assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("attended", "PJSIP/201", "202")]


def test_the_one_who_left_is_rung_again_and_that_is_no_transfer() -> None:
    desk = consulting(Desk(), answered=False).gone("1.2", "1.1")
    desk.dial("1.0", "1.3", "201", errand="keep").wait(1).state("1.3", "up").enter("d", "1.3", "1.0").wait(2)
    record = desk.leave("d", "1.0", "1.3").gone("1.3", "1.0").ended()
    assert (record.transfers, record.hold_seconds) == ((), 1)


def test_nobody_is_in_a_call_that_is_not_up() -> None:
    assert Desk().tracker.parties("main-7") == ()
    assert Desk().tracker.consult("main-7") is None
