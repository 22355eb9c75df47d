"""Events in, states and wishes out: whatever the order, no call slips in and nobody is held for ever."""

from __future__ import annotations

import msgspec

from crm_core.agents.floor import Floor
from crm_core.users.desks import PeopleAtPhones
from cti.kernel.clock import ManualClock
from cti.live.agents import Kept, Membership, Owed, WrapRule
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallMerged,
    DirectoryRead,
    Endpoint,
    EndpointChanged,
    LiveCall,
    PbxLinkChanged,
)
from tests.crm_core.agents.floors import PHONE, USER, T, call, floor, leg, member, place, queue


def ready(clock: ManualClock, **rules: object) -> Floor:
    made = floor(clock, **rules)
    made.agent(USER).sign_in(clock.now(), made.open_to(USER, ["support"]))
    made.changed(USER)
    return made


def own(made: Floor) -> str:
    return made.agent(USER).own


def shown(made: Floor) -> str:
    return made.agent(USER).shown[0]


def change(made: Floor, one: LiveCall) -> None:
    made.take(CallChanged(T, one))


def talking(made: Floor, id: str = "main-1") -> None:
    change(made, call(leg("ringing"), id=id))
    change(made, call(leg("talking", answered=True), id=id))


def test_the_queues_that_are_open_to_him() -> None:
    made = floor(ManualClock())
    assert [(one.queue, one.interface) for one in made.open_to(USER, ["support", "sales"])] == [
        ("sales", PHONE),
        ("support", PHONE),
    ]
    assert [one.queue for one in made.open_to(USER, [])] == ["sales"], "where he is anyway"
    assert made.open_to("nobody", ["sales"]) == ()
    (unknown,) = [one for one in made.open_to(USER, ["realtime"]) if one.queue == "realtime"]
    assert unknown.pbx == "main", "a queue that nobody was in is told by no list"


def test_from_the_answer_to_the_end_of_the_wrap_up_he_is_paused() -> None:
    clock = ManualClock()
    made = ready(clock)
    change(made, call(leg("ringing")))
    assert (shown(made), made.agent(USER).paused) == ("ring", False)
    talking(made)
    assert (shown(made), made.agent(USER).paused) == ("talk", True)
    assert made.driver.pending(("main", "sales", PHONE)), "the pause is on its way"
    made.take(CallEnded(T, call(leg("ended", answered=True)).record))
    assert own(made) == "wrap"
    clock.advance(30.0)
    made.tick()
    assert own(made) == "ready"


def test_who_transfers_has_his_wrap_up_and_who_takes_over_his_own() -> None:
    clock = ManualClock()
    made = ready(clock)
    made.take(PeopleAtPhones({}, (place(), place("u2", "202"))))
    made.agent("u2").sign_in(clock.now(), ())
    talking(made)
    asked = leg("up", answered=True, extension="202", uid="3")
    change(made, call(leg("held", answered=True), asked))
    assert not made.agent("u2").paused, "he is only asked"
    change(made, call(leg("ended", answered=True), leg("talking", answered=True, extension="202", uid="3")))
    assert own(made) == "wrap"
    assert made.agent("u2").paused
    made.take(CallEnded(T, call(leg("ended", answered=True)).record))
    assert made.agent("u2").own == "wrap"


def test_two_calls_that_become_one() -> None:
    made = ready(ManualClock())
    talking(made, "main-2")
    made.take(CallMerged(T, "main-2", "main-1"))
    made.take(CallEnded(T, call(leg("ended", answered=True)).record))
    wrap = made.agent(USER).wrap
    assert wrap is not None
    assert wrap.call == "main-1"


def test_a_missed_ring_makes_him_away_and_is_counted_once() -> None:
    made = ready(ManualClock(), missed_limit=2)
    for _ in range(3):
        change(made, call(leg("ended", result="noanswer")))
    assert own(made) == "ready"
    change(made, call(leg("ended", result="noanswer"), leg("ended", result="noanswer", uid="3")))
    assert (own(made), made.agent(USER).pauses[-1].reason) == ("pause", "missed")


def test_who_is_in_a_call_misses_nothing() -> None:
    made = ready(ManualClock())
    talking(made)
    change(made, call(leg("ended", result="busy"), id="main-2"))
    assert made.agent(USER).missed_in_row == 0


def test_who_is_signed_out_is_left_alone() -> None:
    made = floor(ManualClock())
    talking(made)
    assert (shown(made), made.agent(USER).owed) == ("talk", {})
    made.take(CallEnded(T, call(leg("ended", answered=True)).record))
    made.take(queue("sales", member(paused=True, reason="whatever")))
    assert (own(made), made.driver.pending(("main", "sales", PHONE))) == ("off", False)


def test_a_pause_by_others_is_his_and_one_of_ours_is_not_taken_for_theirs() -> None:
    made = ready(ManualClock())
    made.take(queue("sales", member(paused=True, reason="Lunch")))
    assert own(made) == "ready", "our own word, from before a restart: it is taken back"
    made.take(queue("sales", member(paused=True, reason="Auto-Pause")))
    assert [(one.reason, one.label) for one in made.agent(USER).pauses] == [("pbx", "Auto-Pause")]
    made.take(queue("support", member()))
    assert own(made) == "pause", "of another queue, which has not followed yet"
    made.take(queue("sales", member()))
    assert own(made) == "ready", "whoever paused him took it back"


def test_a_queue_that_others_put_him_in_is_his_and_one_he_left_may_be_joined_again() -> None:
    made = ready(ManualClock())
    made.take(queue("third", member(dynamic=True)))
    assert made.agent(USER).memberships["main", "third", PHONE].on
    made.agent(USER).sign_in(T, (Membership("main", "sales", PHONE),))
    made.changed(USER)
    made.take(queue("third"))
    assert ("main", "third", PHONE) not in made.agent(USER).memberships
    made.take(queue("third", member(dynamic=True)))
    assert made.agent(USER).memberships["main", "third", PHONE].on


def test_at_another_phone_he_is_in_his_queues_by_that_one() -> None:
    made = ready(ManualClock())
    made.take(PeopleAtPhones({}, (place(extension="205"),)))
    on = {one.interface: one.on for one in made.agent(USER).memberships.values()}
    assert on == {PHONE: False, "PJSIP/205": True}
    made.take(PeopleAtPhones({}, ()))
    assert not any(one.on for one in made.agent(USER).memberships.values())
    assert own(made) == "ready", "he is, but nothing reaches him"


def test_who_takes_a_phone_over_has_its_queues_and_who_left_it_has_no_hand_in_them() -> None:
    clock = ManualClock()
    made = ready(clock)
    made.take(PeopleAtPhones({}, (place("u2"),)))
    assert made.driver.pending(("main", "sales", PHONE)), "nobody is signed in there: it is paused"
    made.agent("u2").sign_in(clock.now(), made.open_to("u2", []))
    made.changed("u2")
    made.take(queue("sales", member()))
    assert not made.driver.pending(("main", "sales", PHONE))
    made.agent(USER).sign_out(clock.now())
    made.changed(USER)
    assert not made.driver.pending(("main", "sales", PHONE)), "it is another's now"
    made.agent("u2").pause(clock.now(), "lunch", "Lunch")
    made.changed("u2")
    assert made.driver.pending(("main", "sales", PHONE))


def test_who_left_a_phone_is_out_once_the_pbx_says_so() -> None:
    made = ready(ManualClock())
    made.take(queue("support", member(dynamic=True)))
    made.take(PeopleAtPhones({}, ()))
    assert ("main", "support", PHONE) in made.agent(USER).memberships
    made.take(queue("support"))
    assert ("main", "support", PHONE) not in made.agent(USER).memberships


def test_after_a_restart_who_was_held_for_a_talk_that_is_over_is_released() -> None:
    clock = ManualClock()
    made = floor(clock)
    kept = Kept(
        on=True,
        owed=(Owed("main-1", "main", "sales", WrapRule(5.0)), Owed("other-9", "other", "sales", WrapRule(5.0))),
        memberships=(Membership("main", "sales", PHONE),),
    )
    made.load({USER: kept})
    assert made.agent(USER).paused
    made.standing("main", [call(leg("talking", answered=True))])
    assert own(made) == "ready"
    assert made.agent(USER).paused, "it is still up"
    made.standing("main", [])
    assert own(made) == "wrap"
    assert list(made.agent(USER).owed) == ["other-9"], "of a PBX that has not told yet"
    clock.advance(5.0)
    made.tick()
    assert own(made) == "ready"


def test_after_a_gap_in_the_events_the_calls_are_taken_over() -> None:
    made = ready(ManualClock())
    talking(made)
    made.load_calls([call(leg("ringing"), id="main-2")])
    assert (own(made), shown(made)) == ("wrap", "ring")


def test_whether_his_phone_can_be_reached() -> None:
    made = floor(ManualClock())
    assert made.phone(USER) == ("main", PHONE, "201", True)
    gone = Endpoint(PHONE, "phone", "201", reachable=False)
    made.touched.clear()
    made.take(EndpointChanged("main", T, gone))
    assert made.phone(USER) == ("main", PHONE, "201", False)
    assert made.touched == {USER}
    made.take(DirectoryRead("main", T, (msgspec.structs.replace(gone, reachable=True),), queues=("night",)))
    assert made.phone(USER) == ("main", PHONE, "201", True)
    assert made.phone("nobody") is None


def test_without_a_link_nothing_differs() -> None:
    clock = ManualClock()
    made = ready(clock)
    clock.advance(2.0)
    made.tick()
    assert {one.queue for one in made.differences(USER)} == {"support"}
    made.take(PbxLinkChanged("main", T, False, "gone"))
    assert made.differences(USER) == ()
