"""Cards over time: told once, to nobody else, through gaps, other desks, late names and calls that become one."""

from __future__ import annotations

import msgspec

from crm_core.contacts.callers import CallersKnown, KnownCaller
from crm_core.contacts.lookup import Match
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted, DialStep, RecordingPaused
from tests.cti.live.desk import Desk
from tests.screenpop.told import EXTENSIONS, Told, places

MARYAM = Match("p1", "person", "Maryam", "", "vip", "mobile", "", True, 1.0)


def rings(desk: Desk | None = None) -> tuple[Desk, Told]:
    desk, told = desk or Desk(), Told()
    desk.born("1.0", "trunk", number="09121112233", exten="5001").dial("1.0", "1.1", "201", "5001")
    return desk, told.of(desk.tracker)


def moved(*people: Place) -> PeopleAtPhones:
    return PeopleAtPhones({}, people)


def test_nothing_is_told_twice() -> None:
    desk, told = rings()
    (call,) = desk.tracker.snapshot()
    told.hear(CallChanged(1.0, call), CallChanged(2.0, call))
    told.hear(CallChanged(3.0, call))
    assert len(told.cards["u201"]) == 1


def test_many_events_at_once_are_told_once_as_they_are() -> None:
    desk, told = Desk(), Told()
    desk.call_in()
    (call,) = desk.tracker.snapshot()
    told.hear(CallStarted(1.0, call), CallChanged(2.0, call), CallersKnown({}, {call.record.id: (MARYAM,)}))
    (card,) = told.cards["u201"]
    assert card["other"]["contact"] == "p1"


def test_a_call_that_is_over_before_it_was_told_is_told_to_nobody() -> None:
    desk, told = Desk(), Told()
    desk.call_in()
    (call,) = desk.tracker.snapshot()
    told.hear(CallStarted(1.0, call), CallEnded(2.0, call.record))
    assert told.cards == {} and len(told.pops) == 0


def test_the_name_follows_the_number() -> None:
    desk, told = rings()
    call_id = desk.tracker.snapshot()[0].record.id
    assert "contact" not in told.last("u201")["other"]
    told.hear(CallersKnown({call_id: KnownCaller("p1", "Maryam", "vip", 0)}, {call_id: (MARYAM,), "gone": ()}))
    assert told.last("u201")["other"]["name"] == "Maryam"
    assert [match["id"] for match in told.last("u201")["matches"]] == ["p1"]
    told.hear(CallersKnown({call_id: None}, {call_id: ()}))
    assert told.last("u201")["matches"] == []


def test_who_comes_to_the_phone_while_it_rings_has_the_card() -> None:
    desk, told = rings()
    told.hear(moved(Place("new", "New", ("201",))))
    assert told.states("u201") == ["ringing/ring", "ended/off"]
    assert told.states("new") == ["ringing/ring"]
    desk.wait(2).talk("1.0", "1.1")
    told.of(desk.tracker)
    assert told.states("new")[-1] == "answered/talk" and len(told.cards["u201"]) == 2


def test_a_talk_stays_with_who_leads_it() -> None:
    desk, told = rings()
    desk.wait(2).talk("1.0", "1.1")
    told.of(desk.tracker).hear(moved(Place("new", "New", ("201",))))
    desk.wait(2).hold("1.1")
    told.of(desk.tracker)
    assert told.states("u201")[-1] == "answered/hold" and "new" not in told.cards


def test_who_signs_in_while_his_phone_talks_has_the_card() -> None:
    """As after a start, when calls are known before it is known who works where."""
    desk, told = Desk(), Told(places(Place("other", "Other", ("299",))))
    desk.call_in()
    told.of(desk.tracker)
    assert told.cards == {}
    told.hear(moved(Place("u201", "Name", ("201",))))
    assert told.states("u201") == ["answered/talk"]


def test_two_who_share_a_phone_both_see_it() -> None:
    desk, told = Desk(), Told(places(Place("a", "A", ("201",)), Place("b", "B", ("201", "202"))))
    desk.call_in()
    told.of(desk.tracker)
    assert set(told.cards) == {"a", "b"}


def test_two_phones_of_one_person_are_one_card_that_does_not_flash() -> None:
    """T37."""
    desk, told = Desk(), Told(places(Place("a", "A", ("201", "202"))))
    desk.born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201").dial("1.0", "1.2", "202")
    told.of(desk.tracker)
    desk.wait(2).dialled("1.1", "busy").gone("1.1", cause=21)
    told.of(desk.tracker).check()
    desk.wait(1).talk("1.0", "1.2")
    told.of(desk.tracker)
    desk.wait(1).asked("1.0").gone("1.0", "1.2")
    told.of(desk.tracker)
    assert told.states("a") == ["ringing/ring", "answered/talk", "ended/off answered"]
    assert {card["pop"] for card in told.cards["a"]} == {"main-1.0:a"}


def test_after_a_gap_the_cards_are_as_the_calls_are() -> None:
    desk, told = rings()
    desk.born("2.0", "trunk2", linkedid="2.0", number="02188776655").dial("2.0", "2.1", "202", linkedid="2.0")
    told.of(desk.tracker)
    desk.wait(2).asked("1.0").gone("1.0", "1.1").talk("2.0", "2.1")
    desk.tracker.take()  # lost on the way
    told.pops.load(desk.tracker.snapshot())
    told.hear().check()
    assert told.states("u201")[-1] == "ended/off"
    assert told.states("u202")[-1] == "answered/talk"
    assert set(told.open()) == {"u202"}


def test_loading_what_is_known_tells_nothing() -> None:
    desk, told = rings()
    told.pops.load(desk.tracker.snapshot())
    assert told.pops.flush() == []


def test_a_call_that_became_part_of_another_says_where_it_went() -> None:
    desk, told = Desk(), Told()
    desk.call_in()
    desk.born("2.0", "trunk2", linkedid="2.0", number="02188776655").dial("2.0", "2.1", "202", linkedid="2.0")
    told.of(desk.tracker)
    told.hear(CallMerged(9.0, "main-2.0", "main-1.0"))
    assert told.last("u202")["merged_into"] == "main-1.0"
    assert told.last("u202")["state"] == "ended"
    assert told.pops.card("main-2.0", "u202") is None


def test_more_may_be_said_of_a_call_until_it_ends() -> None:
    desk, told = Desk(), Told()
    told.pops.add("main-1.0", recording="off")
    desk.call_in()
    told.of(desk.tracker)
    assert told.last("u201")["recording"] == "off"
    told.pops.add("main-1.0", recording="paused")
    assert told.hear().last("u201")["recording"] == "paused"
    told.pops.add("main-1.0", recording=None)
    assert "recording" not in told.hear().last("u201")
    desk.gone("1.0", "1.1")
    told.of(desk.tracker)
    assert told.pops._added == {}


def test_what_is_said_of_calls_that_never_come_is_forgotten() -> None:
    told = Told()
    for n in range(1500):
        told.pops.add(f"c{n}", recording="on")
    assert len(told.pops._added) <= 1000


STEP = DialStep("main", 5.0, "1.0", "u201", "my_phone", "", "", "09121112233")


def test_a_click_has_a_card_before_the_pbx_says_anything_and_one_until_the_end() -> None:
    desk, told = Desk(), Told()
    told.hear(STEP)
    assert told.last("u201")["dial"] == {"step": "my_phone"}
    desk.dial(None, "1.0", "201")
    told.of(desk.tracker).check()
    desk.wait(2).state("1.0", "up")
    told.of(desk.tracker).hear(msgspec.structs.replace(STEP, step="dialling")).check()
    assert told.last("u201")["dial"] == {"step": "dialling"} and told.last("u201")["direction"] == "outbound"
    desk.dial("1.0", "1.1", "trunk", "09121112233")
    told.hear(msgspec.structs.replace(STEP, step="they_ring")).of(desk.tracker)
    desk.wait(2).dialled("1.1", "busy").gone("1.1", cause=17).gone("1.0")
    busy = msgspec.structs.replace(STEP, step="busy", reason="The line is busy.", over=True)
    told.hear(busy, *desk.tracker.take()).check()
    assert told.last("u201")["dial"] == {"step": "busy", "reason": "The line is busy."}
    assert told.last("u201")["result"] == "busy"
    assert {card["pop"] for card in told.cards["u201"]} == {"main-1.0:u201"}
    assert told.open() == {} and told.pops._dials == {}


def test_a_click_that_never_came_to_a_call_says_why_and_goes() -> None:
    told = Told().hear(STEP)
    told.pops.load([])
    assert told.hear().open(), "a gap is no answer"
    told.hear(msgspec.structs.replace(STEP, step="failed", reason="Not there.", over=True)).check()
    assert told.last("u201")["dial"] == {"step": "failed", "reason": "Not there."}
    assert told.open() == {} and told.pops._told == {}


def test_nothing_is_remembered_of_calls_that_are_over() -> None:
    desk, told = rings()
    desk.wait(1).gone("1.1", "1.0")
    told.of(desk.tracker)
    pops = told.pops
    for book in (pops._calls, pops._told, pops._of, pops._owners, pops._phones, pops._main, pops._asking, pops._views):
        assert book == {}


def test_an_event_costs_what_its_call_costs() -> None:
    """A thousand others at their phones are not asked."""
    asked = 0
    desk, told = Desk(), Told(places(*(Place(f"u{n}", str(n), (str(n),)) for n in range(1000, 2000)), *_ours()))
    at = told.pops._places.at

    def counted(*phone: str | None) -> tuple[str, ...]:
        nonlocal asked
        asked += 1
        return at(*phone)  # type: ignore[arg-type]

    told.pops._places.at = counted  # type: ignore[method-assign,assignment]
    desk.born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201")
    told.of(desk.tracker)
    assert asked == 1


def _ours() -> list[Place]:
    return [Place(f"u{ext}", ext, (ext,)) for ext in EXTENSIONS]


def test_the_last_word_on_a_click_may_come_after_its_call_is_over() -> None:
    desk, told = Desk(), Told()
    told.hear(STEP)
    desk.dial(None, "1.0", "201").wait(2).state("1.0", "up").dial("1.0", "1.1", "trunk", "09121112233")
    told.of(desk.tracker)
    desk.wait(2).dialled("1.1", "busy").gone("1.1", cause=17).gone("1.0")
    told.of(desk.tracker).check()
    assert told.last("u201")["result"] == "busy"
    told.hear(msgspec.structs.replace(STEP, step="busy", reason="They talk.", call="main-1.0", over=True)).check()
    assert told.last("u201")["dial"] == {"step": "busy", "reason": "They talk."}
    assert told.last("u201")["other"]["number"] == "09121112233" and told.open() == {}
    told.hear(msgspec.structs.replace(STEP, step="talking", call="main-1.0")).check()
    assert told.open() == {}, "a late step opens nothing"


def test_a_paused_recording_is_said_until_it_goes_on() -> None:
    desk, told = Desk(), Told()
    desk.call_in()
    told.of(desk.tracker)
    paused = RecordingPaused("main", 5.0, "main-1.0", "u201", 5.0, 65.0)
    told.hear(paused)
    assert (told.last("u201")["recording"], told.last("u201")["recording_until"]) == (
        "paused",
        "1970-01-01T00:01:05.000Z",
    )
    told.hear(msgspec.structs.replace(paused, over=True))
    assert "recording" not in told.last("u201") and told.pops._added == {}
    told.hear(msgspec.structs.replace(paused, call="main-9.9", over=True))
    assert told.pops._added == {}


def test_who_was_rung_in_vain_is_not_told_again_at_every_change() -> None:
    desk, told = Desk(), Told()
    desk.born("1.0", "trunk", number="09121112233").joins_queue("1.0")
    for n in range(20):
        desk.dial("1.0", f"1.{n + 1}", str(200 + n))
    told.of(desk.tracker)
    desk.wait(15)
    for n in range(20):
        desk.dialled(f"1.{n + 1}", "noanswer").gone(f"1.{n + 1}")
    told.of(desk.tracker)
    desk.dial("1.0", "1.30", "230").talk("1.0", "1.30")
    told.of(desk.tracker).hear(CallersKnown({}, {"main-1.0": (MARYAM,)})).check()
    assert [len(told.cards[f"u{200 + n}"]) for n in range(20)] == [2] * 20
    assert told.states("u205") == ["ringing/ring", "ended/off missed"]
