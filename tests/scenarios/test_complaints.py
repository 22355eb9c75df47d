"""What users of other call logs complain of, each as a flow and its right record.

The numbers are those of ``docs/complaints.md``: T1 to T36 transfers and lost events, T59 to T71 missed and answered.
"""

from __future__ import annotations

import pytest

from ami_listener.protocol import AmiReader, Message
from cti.live import events
from cti.live.record import CallRecord, Leg
from tests.scenarios.script import Chan, Script, played, record, records


def legs(found: CallRecord) -> list[tuple[str, str | None]]:
    """Who was rung and what came of it."""
    return [(leg.endpoint, leg.result) for leg in found.legs if leg.role == "callee"]


def leg_of(found: CallRecord, endpoint: str) -> Leg:
    return next(leg for leg in found.legs if leg.endpoint == endpoint)


def answered_by(s: Script, phone: str = "PJSIP/201", rings: float = 2.0) -> tuple[Chan, Chan]:
    """A caller, and the phone that answers."""
    caller = s.calls_in()
    agent = s.dials(caller, phone)
    s.wait(rings)
    s.talk(caller, agent)
    return caller, agent


# --- transfers and talk time


def test_t1_an_attended_transfer_into_a_ring_all_queue_keeps_every_leg() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.hold(agent)
    second = s.channel("PJSIP/201", number="201", exten="5013")
    s.queues(second, "all")
    rung = [s.dials(second, f"PJSIP/{n}") for n in (202, 203, 204)]
    s.wait(3)
    s.connects(second, rung[1], "all")
    for other in (rung[0], rung[2]):
        s.rings_out(other, "CANCEL", 26)
    bridge = s.talk(second, rung[1])
    s.wait(5)
    s.unhold(agent)
    s.parts(caller)
    s.parts(second)
    s.joins(caller, bridge, swap=second)
    s.attended(agent, second, rung[1], bridge)
    s.parts(agent)
    s.end(second)
    s.end(agent)
    s.wait(20)
    s.hangs_up(caller, rung[1])
    found = record(s)
    assert legs(found) == [("PJSIP/201", "answered"), ("PJSIP/202", "cancelled"), ("PJSIP/203", "answered"),
                           ("PJSIP/204", "cancelled")]  # fmt: skip
    assert found.talk_seconds == pytest.approx(10 + 8 + 20)
    assert leg_of(found, "PJSIP/203").talk_seconds == pytest.approx(20)
    assert leg_of(found, "PJSIP/203").consult_seconds == pytest.approx(5)
    assert [(t.kind, t.to) for t in found.transfers] == [("attended", "203")]
    assert found.outcome == "answered"


def test_t2_a_consult_that_comes_to_nothing_leaves_one_call_with_its_whole_talk() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.hold(agent)
    second = s.channel("PJSIP/201", number="201", exten="202")
    other = s.dials(second, "PJSIP/202")
    s.wait(6)
    s.rings_out(other, "NOANSWER")
    s.end(second)
    s.unhold(agent)
    s.wait(20)
    s.hangs_up(agent, caller)
    inbound, consult = records(s)
    assert inbound.talk_seconds == pytest.approx(36)
    assert inbound.hold_seconds == pytest.approx(6)
    assert inbound.hung_up_by == "agent"
    assert inbound.transfers == ()
    assert (consult.direction, consult.outcome) == ("internal", "noanswer")


def test_t3_a_blind_transfer_to_nobody_under_another_linkedid_still_ends() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(5)
    s.parts(caller)
    s.parts(agent)
    s.blind(agent, "299")
    s.end(agent)
    one, two = s.local(caller, "299")
    for half in (one, two):
        half.linkedid = two.uid  # what a PBX was seen to do: the halves go under an id of their own
        s.state(half, "up")
    s.joins(one, "b-9")
    s.joins(caller, "b-9")
    s.wait(2)
    s.hangs_up(two, one)
    s.end(caller, 20)
    found = record(s)
    assert not found.provisional
    assert set(found.linkedids) == {caller.linkedid, two.uid}
    assert found.talk_seconds == pytest.approx(5)
    assert [(t.kind, t.from_, t.to) for t in found.transfers] == [("blind", "PJSIP/201", "299")]


def test_t4_t5_a_transfer_to_a_mobile_names_the_number_and_the_line() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(5)
    s.parts(caller)
    s.parts(agent)
    s.blind(agent, "09123334455")
    s.end(agent)
    mobile = s.dials(caller, "PJSIP/trunk", "09123334455")
    s.wait(4)
    s.talk(caller, mobile)
    s.wait(30)
    s.hangs_up(mobile, caller)
    found = record(s)
    assert found.direction == "inbound"
    assert found.dialled.raw == "5001"
    assert legs(found) == [("PJSIP/201", "answered"), ("PJSIP/trunk", "answered")]
    assert [(t.kind, t.to) for t in found.transfers] == [("blind", "09123334455")]
    assert found.talk_seconds == pytest.approx(35)
    assert found.hung_up_by == "agent"


def test_t7_t8_talk_is_measured_without_the_queues_own_events() -> None:
    """No AgentComplete comes after a hang-up by feature code, no CONNECT after an attended transfer."""
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "support")
    agent = s.dials(caller, "PJSIP/201")
    s.wait(2)
    s.answers(agent)
    s.leaves_queue(caller, "support")
    s.talk(caller, agent)
    s.wait(40)
    for each in (caller, agent):
        s.parts(each)
    for each in (agent, caller):
        s.end(each)
    found = record(s)
    assert found.talk_seconds == pytest.approx(40)
    assert found.outcome == "answered"
    assert found.queue_waits[0].seconds == pytest.approx(2)


def test_t9_a_transfer_that_hangs_is_closed_by_the_next_list() -> None:
    s = Script()
    _, agent = answered_by(s)
    s.wait(5)
    s.parts(agent)
    s.channels.clear()
    s.wait(60)
    s.lists()
    s.wait(5)
    s.member("support", "PJSIP/201")
    found = record(s)
    assert found.outcome == "lost"
    assert found.legs[0].talk_seconds == pytest.approx(5)
    assert not found.provisional


def test_t10_redirecting_both_sides_is_one_call_that_goes_on() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    for each in (caller, agent):
        each.exten = "6001"
        s.parts(each)
    for each in (agent, caller):
        s.joins(each, "conf", "softmix")
        s.about("ConfbridgeJoin", each, ("Conference", "room1"), ("BridgeUniqueid", "conf"))
    s.wait(30)
    s.hangs_up(caller, agent)
    found = record(s)
    assert [(t.kind, t.from_, t.to) for t in found.transfers] == [("redirect", "PJSIP/201", "6001")]
    assert found.talk_seconds == pytest.approx(40)
    assert found.conference == "room1"


def test_t11_talk_and_consult_of_a_transfer_are_told_apart() -> None:
    """A talks to B for 60 s, B consults C for 30 s, A talks to C for 90 s."""
    s = Script()
    caller, agent = answered_by(s)
    s.wait(60)
    other = s.transfers_by_keys(agent, caller, "PJSIP/202", 30)
    s.wait(90)
    s.hangs_up(caller, other)
    found = record(s)
    b, c = leg_of(found, "PJSIP/201"), leg_of(found, "PJSIP/202")
    assert (b.talk_seconds, b.consult_seconds) == (pytest.approx(60), pytest.approx(30))
    assert (c.talk_seconds, c.consult_seconds) == (pytest.approx(90), pytest.approx(30))
    assert found.talk_seconds == pytest.approx(150)
    assert found.hold_seconds == pytest.approx(30)
    assert found.duration_seconds == pytest.approx(182)
    assert found.hung_up_by == "caller"


def test_t11_by_phone_the_first_leg_holds_while_the_second_consults() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(60)
    s.hold(agent)
    second = s.channel("PJSIP/201", number="201", exten="202")
    other = s.dials(second, "PJSIP/202")
    bridge = s.talk(second, other)
    s.wait(30)
    s.unhold(agent)
    s.parts(caller)
    s.parts(second)
    s.joins(caller, bridge, swap=second)
    s.attended(agent, second, other, bridge)
    s.parts(agent)
    s.end(second)
    s.end(agent)
    s.wait(90)
    s.hangs_up(caller, other)
    found = record(s)
    first, third = found.legs[0], leg_of(found, "PJSIP/202")
    assert first.talk_seconds - first.hold_seconds == pytest.approx(60)
    assert (third.talk_seconds, third.consult_seconds) == (pytest.approx(90), pytest.approx(30))
    assert sum(leg.consult_seconds for leg in found.legs if leg.endpoint == "PJSIP/201") == pytest.approx(30)


def test_t12_the_caller_stays_who_called_after_a_transfer_into_a_queue() -> None:
    s = Script()
    caller = s.calls_in("02188880000", name="Bahar")
    agent = s.dials(caller, "PJSIP/201")
    s.talk(caller, agent)
    s.wait(5)
    s.parts(caller)
    s.parts(agent)
    s.blind(agent, "5013")
    s.end(agent)
    caller.number, caller.caller_name = "201", "Agent 201"  # the PBX now shows who transferred
    s.about("NewCallerid", caller)
    s.queues(caller, "second", "5013")
    other = s.dials(caller, "PJSIP/203")
    s.wait(3)
    s.connects(caller, other, "second")
    s.talk(caller, other)
    s.wait(10)
    s.hangs_up(caller, other)
    found = record(s)
    assert found.caller.raw == "02188880000"
    assert found.caller.number == "+982188880000"
    assert found.queue == "second"
    assert [(t.kind, t.to) for t in found.transfers] == [("blind", "5013")]


@pytest.mark.parametrize("result", ["Fail", "Invalid", "Not Permitted"])
def test_t13_t18_a_transfer_that_failed_is_no_transfer_and_the_talk_goes_on(result: str) -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.blind(agent, "202", result)
    s.attended(agent, agent, caller, "b", result)
    s.wait(10)
    s.hangs_up(caller, agent)
    found = record(s)
    assert found.transfers == ()
    assert found.talk_seconds == pytest.approx(20)


def test_t17_an_agent_who_transferred_is_free_at_once() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(5)
    s.parts(caller)
    s.parts(agent)
    s.blind(agent, "202")
    s.end(agent)
    s.dials(caller, "PJSIP/202")
    (live,) = played(s).tracker.snapshot()
    assert [(leg.endpoint, leg.state) for leg in live.legs] == [("PJSIP/201", "ended"), ("PJSIP/202", "ringing")]
    assert live.state == "ringing"


# --- ghosts, lost and late events


def test_t19_a_missing_hangup_is_closed_by_the_next_list_and_lost() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.hangs_up(agent)
    del s.channels[caller.uid]
    s.wait(120)
    s.lists()
    run = played(s)
    assert len(run.tracker.snapshot()) == 1, "what is missing from a list may still be on its way"
    for seconds in (1, 5):
        run.tracker.tick(run.tracker.now + seconds)
    (found,) = run.finish()
    assert found.outcome == "lost"
    assert found.talk_seconds == pytest.approx(10)
    assert run.tracker.oddities["a channel ended unseen"] == 1


def test_t20_two_hangups_at_one_moment_are_two() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.about("HangupRequest", caller)
    s.about("HangupRequest", agent)
    for each in (agent, caller):
        s.parts(each)
    s.end(caller)
    s.end(agent)
    found = record(s)
    assert found.talk_seconds == pytest.approx(10)
    assert [leg.ended_at is not None for leg in found.legs] == [True]


def test_t22_t24_late_events_are_timed_by_the_pbx() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.hangs_up(caller, agent)
    run = played(Script(out=[]))
    run.feed(s.stream, s.now + 150)
    (found,) = run.finish()
    assert (found.wait_seconds, found.talk_seconds) == (pytest.approx(2), pytest.approx(10))


def test_events_a_millisecond_out_of_order_change_nothing() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.about("HangupRequest", caller)
    s.now -= 0.0009
    s.parts(agent)
    s.now += 0.0005
    s.parts(caller)
    s.now -= 0.0003
    s.end(agent)
    s.end(caller)
    found = record(s)
    assert found.talk_seconds == pytest.approx(10, abs=0.002)
    assert found.hung_up_by == "caller"


def test_t23_a_caller_who_gave_up_while_nobody_listened_is_not_answered() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "support")
    member = s.dials(caller, "PJSIP/201")
    mark = len(s.out)
    s.wait(10)
    s.abandons(caller, "support", member)
    s.missed(mark)
    s.reconnects()
    s.wait(20)
    s.lists()
    found = record(s)
    assert found.outcome == "lost"
    assert found.queue == "support"


def test_t25_t34_a_list_of_queues_is_the_truth_about_them() -> None:
    s = Script()
    s.member("support", "PJSIP/201", Status=2, InCall=1)
    s.member("support", "PJSIP/202")
    s.member("gone", "PJSIP/203")
    s.out.append(b"Response: Success\r\nActionID: q\r\nEventList: start\r\n\r\n")
    s.out.append(b"Event: QueueParams\r\nQueue: support\r\nCalls: 0\r\nActionID: q\r\n\r\n")
    s.out.append(
        b"Event: QueueMember\r\nQueue: support\r\nName: A\r\nLocation: PJSIP/201\r\nMembership: static\r\n"
        b"InCall: 0\r\nStatus: 1\r\nPaused: 0\r\nActionID: q\r\n\r\n"
    )
    s.out.append(b"Event: QueueStatusComplete\r\nActionID: q\r\nEventList: Complete\r\nListItems: 2\r\n\r\n")
    (queue,) = played(s).tracker.queues()
    assert queue.queue == "support"
    assert [(m.interface, m.status, m.in_call) for m in queue.members] == [("PJSIP/201", 1, False)]


def test_t36_what_was_pushed_is_what_a_fresh_page_shows() -> None:
    s = Script()
    _, agent = answered_by(s)
    s.hold(agent)
    s.wait(3)
    third = s.calls_in("02155555555")
    s.queues(third, "support")
    s.dials(third, "PJSIP/202")
    run = played(Script())
    shown: dict[str, events.LiveCall] = {}
    for block in s.out:
        for message in run.translator.facts(_messages(block)):
            run.tracker.apply(message)
        for event in run.tracker.take():
            if isinstance(event, events.CallStarted | events.CallChanged):
                shown[event.call.record.id] = event.call
    fresh = {call.record.id: call for call in run.tracker.snapshot()}
    assert {key: (c.state, [leg.state for leg in c.legs]) for key, c in shown.items()} == {
        key: (c.state, [leg.state for leg in c.legs]) for key, c in fresh.items()
    }


def _messages(block: bytes) -> list[Message]:
    return AmiReader(expect_greeting=False).feed(block)


# --- missed and answered


def test_t59_t60_t65_a_queue_call_is_one_record_with_a_leg_per_ring() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "support")
    for phone in ("PJSIP/201", "PJSIP/202", "PJSIP/201"):
        rung = s.dials(caller, phone)
        s.wait(15)
        s.rings_out(rung)
        s.dial_ends(rung, "CANCEL")
        s.wait(5)
    answerer = s.dials(caller, "PJSIP/203")
    s.wait(4)
    s.connects(caller, answerer, "support")
    s.talk(caller, answerer)
    s.wait(30)
    s.hangs_up(answerer, caller)
    found = record(s)
    assert legs(found) == [("PJSIP/201", "noanswer"), ("PJSIP/202", "noanswer"), ("PJSIP/201", "noanswer"),
                           ("PJSIP/203", "answered")]  # fmt: skip
    assert (found.outcome, found.hung_up_by) == ("answered", "agent")
    assert found.wait_seconds == pytest.approx(64)
    assert [(w.queue, w.answered) for w in found.queue_waits] == [("support", True)]


def test_t61_a_call_is_not_over_before_its_last_hangup() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(5)
    s.parts(agent)
    s.parts(caller)
    s.event("AgentComplete", *caller.headers, ("Queue", "q"), ("Reason", "transfer"))
    s.end(agent)
    run = played(s)
    assert not [e for e in run.tracker.take() if isinstance(e, events.CallEnded)]
    assert run.tracker.snapshot()[0].record.provisional


def test_t62_ring_all_is_one_answer_and_no_missed_calls() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "all")
    rung = [s.dials(caller, f"PJSIP/{n}") for n in range(201, 210)]
    s.wait(3)
    s.connects(caller, rung[4], "all")
    for other in rung[:4] + rung[5:]:
        s.rings_out(other, "CANCEL", 26)
    s.talk(caller, rung[4])
    s.wait(10)
    s.hangs_up(caller, rung[4])
    found = record(s)
    assert [result for _, result in legs(found)] == ["cancelled"] * 4 + ["answered"] + ["cancelled"] * 4
    assert found.outcome == "answered"


def test_t63_an_answer_by_a_static_agent_is_not_abandoned_whatever_the_queue_says() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "support")
    one, two = s.local(caller, "201")
    agent = s.dials(two, "PJSIP/201")
    s.wait(2)
    s.answers(agent)
    s.connects(caller, one, "support")
    s.event("QueueCallerAbandon", *caller.headers, ("Queue", "support"), ("HoldTime", 2), ("OriginalPosition", 1))
    s.talk(two, agent)
    s.talk(caller, one)
    s.wait(20)
    s.hangs_up(caller, one, two, agent)
    found = record(s)
    assert (found.outcome, found.hung_up_by) == ("answered", "caller")
    assert legs(found) == [("PJSIP/201", "answered")]
    assert found.talk_seconds == pytest.approx(20)


def test_a_queues_own_time_out_is_not_an_abandoned_call() -> None:
    """QueueCallerAbandon is sent then too."""
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "support")
    rung = s.dials(caller, "PJSIP/201")
    s.wait(30)
    s.rings_out(rung)
    s.leaves_queue(caller, "support")
    s.event("QueueCallerAbandon", *caller.headers, ("Queue", "support"), ("HoldTime", 30), ("OriginalPosition", 1))
    s.end(caller)
    found = record(s)
    assert (found.outcome, found.hung_up_by) == ("noanswer", "system")


def test_t64_t66_the_same_word_twice_is_one_call() -> None:
    s = Script()
    caller, agent = answered_by(s)
    s.wait(10)
    s.hangs_up(caller, agent)
    doubled = Script(out=[block for block in s.out for _ in range(2)])
    assert records(doubled)[0].legs[0].talk_seconds == record(s).legs[0].talk_seconds == pytest.approx(10)
    assert len(records(doubled)) == 1


def test_t67_one_phone_that_fails_ends_only_its_own_leg() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "all")
    rung = [s.dials(caller, f"PJSIP/{n}") for n in (201, 202, 203)]
    s.rings_out(rung[0], "CHANUNAVAIL", 20)
    (live,) = played(s).tracker.snapshot()
    assert [leg.state for leg in live.legs] == ["ended", "ringing", "ringing"]
    s.wait(2)
    s.abandons(caller, "all", *rung[1:])
    assert legs(record(s)) == [("PJSIP/201", "failed"), ("PJSIP/202", "cancelled"), ("PJSIP/203", "cancelled")]


def test_t68_one_member_of_a_ring_all_queue_answers_and_hangs_up_the_call_goes_on() -> None:
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "all")
    first, second = (s.dials(caller, f"PJSIP/{n}") for n in (201, 202))
    s.wait(2)
    s.answers(first)
    s.about("AgentDump", caller, ("Queue", "all"), ("Interface", "PJSIP/201"))
    s.about("HangupRequest", first)
    s.end(first)
    s.rings_out(second, "CANCEL", 26)
    s.wait(3)
    again = s.dials(caller, "PJSIP/202")
    s.wait(2)
    s.connects(caller, again, "all")
    s.talk(caller, again)
    s.wait(15)
    s.hangs_up(caller, again)
    found = record(s)
    assert legs(found) == [("PJSIP/201", "answered"), ("PJSIP/202", "cancelled"), ("PJSIP/202", "answered")]
    assert leg_of(found, "PJSIP/201").talk_seconds == 0
    assert (found.outcome, found.hung_up_by) == ("answered", "caller")
    assert found.wait_seconds == pytest.approx(7)


def test_t69_the_caller_is_gone_and_a_local_channel_still_rings() -> None:
    s = Script()
    caller = s.calls_in()
    one, two = s.local(caller, "201")
    phone = s.dials(two, "PJSIP/201")
    s.wait(5)
    s.about("HangupRequest", caller)
    s.end(caller)
    run = played(s)
    (live,) = run.tracker.snapshot()
    assert live.state == "ringing", "it rings, so the call is not over"
    s.wait(4)
    s.dial_ends(one, "CANCEL")
    s.end(one)
    s.rings_out(phone, "CANCEL")
    s.end(two)
    found = record(s)
    assert (found.outcome, found.hung_up_by) == ("abandoned", "caller")
    assert legs(found) == [("PJSIP/201", "cancelled")]
    assert found.duration_seconds == pytest.approx(9)
