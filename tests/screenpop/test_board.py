"""The board: what changes is told once and alone, and what was told equals what is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from crm_core.contacts.callers import CallersKnown, KnownCaller
from crm_core.users.desks import PeopleAtPhones
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallLogged,
    CallMerged,
    CallStarted,
    DialStep,
    LiveCall,
    PbxLinkChanged,
)
from screenpop.board import Board, contribution
from tests.cti.live.desk import Desk
from tests.web import sample
from tests.web.stage import local_day
from web.format import phone


def board() -> Board:
    made = Board(lambda number, raw: phone(number, raw, "IR"), local_day)
    made.load(sample.live_calls(), sample.queues(), sample.links())
    made.whole()
    return made


def merge(before: Any, patch: Any) -> Any:
    """RFC 7396, as the browser does it."""
    if not isinstance(patch, dict):
        return patch
    after = dict(before) if isinstance(before, dict) else {}
    for key, value in patch.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = merge(after.get(key), value)
    return after


def copy(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def changed(call: LiveCall, **changes: Any) -> CallChanged:
    return CallChanged(sample.NOW, msgspec.structs.replace(call, **changes))


def test_nothing_changed_is_nothing_told() -> None:
    made = board()
    assert made.patch() == {}
    made.apply(CallChanged(sample.NOW, sample.live_calls()[0]))
    assert made.patch() == {}


def test_a_patch_holds_only_what_changed() -> None:
    made = board()
    ringing = sample.live_calls()[9]
    made.apply(changed(ringing, state="talking", since=sample.NOW))
    assert made.patch() == {
        "calls": {ringing.record.id: {"state": "talking", "mark": "talk", "since": "2026-11-22T07:14:00.000Z"}}
    }


def test_patches_add_up_to_the_whole() -> None:
    made = board()
    seen = copy(made.whole())
    calls = sample.live_calls()
    steps: list[list[Any]] = [
        [CallEnded(sample.NOW, calls[0].record)],
        [changed(calls[6], state="talking", since=sample.NOW), CallEnded(sample.NOW, calls[7].record)],
        [CallStarted(sample.NOW, sample.live_call("950", 0, (None, "09120000000"), "arriving", 0))],
        [CallMerged(sample.NOW, calls[10].record.id, calls[9].record.id)],
        [msgspec.structs.replace(sample.queues()[0], waiting=0, members=sample.queues()[0].members[:4])],
        [PbxLinkChanged("main", sample.NOW, False, "gone")],
        [CallLogged(sample.log()[0])],
    ]
    for events in steps:
        for event in events:
            made.apply(event)
        seen = merge(seen, copy(made.patch()))
        assert seen == copy(made.whole())
    fresh = Board(lambda number, raw: phone(number, raw, "IR"), local_day)
    fresh.load(made._calls.values(), made._queues.values(), made._links.values())
    assert fresh.whole()["calls"] == seen["calls"]
    assert fresh.whole()["queues"] == seen["queues"]


def test_an_ended_call_frees_its_phones() -> None:
    made = board()
    call = next(c for c in sample.live_calls() if c.record.linkedid.endswith(".904"))
    assert made.whole()["agents"]["main/202"]["with"]["name"] == "فولاد سپهر"
    made.apply(CallEnded(sample.NOW, call.record))
    told = made.patch()["agents"]["main/202"]
    assert told["with"] is None
    assert made.whole()["agents"]["main/202"]["mark"] == "hold"  # its queue has not said otherwise yet


def test_a_call_that_rings_beside_another_does_not_take_that_from_its_agent() -> None:
    made = board()
    call = next(c for c in sample.live_calls() if c.record.linkedid.endswith(".904"))
    before = made.whole()["agents"]["main/202"]
    rings = [msgspec.structs.replace(leg, state="ringing", since=sample.NOW) for leg in call.legs]
    second = msgspec.structs.replace(call.record, id="main-second")
    made.apply(CallStarted(sample.NOW, msgspec.structs.replace(call, record=second, legs=tuple(rings))))
    made.patch()
    assert made.whole()["agents"]["main/202"] == before
    made.apply(CallEnded(sample.NOW, second))
    made.patch()
    assert made.whole()["agents"]["main/202"] == before


def test_an_agents_clock_starts_when_its_state_is_seen_to_change() -> None:
    made = board()
    queue = sample.queues()[2]
    assert "since" not in made.whole()["agents"]["main/230"]
    paused = [sample.member("230", 1, "ناهار") if m.interface == "PJSIP/230" else m for m in queue.members]
    made.apply(msgspec.structs.replace(queue, at=sample.NOW + 5, members=tuple(paused)))
    told = made.patch()["agents"]["main/230"]
    assert told == {"mark": "pause", "since": "2026-11-22T07:14:05.000Z", "reason": "ناهار"}


def test_a_member_that_left_every_queue_is_gone() -> None:
    made = board()
    queue = sample.queues()[3]
    made.apply(msgspec.structs.replace(queue, members=queue.members[:1]))
    patch = made.patch()
    assert patch["agents"] == {"main/241": None, "main/219": None}
    assert patch["queues"]["main/billing"] == {"members": 1, "ready": 1, "off": 0}


def test_names_come_from_the_queues() -> None:
    made = board()
    assert made.name_of("main", "PJSIP/205") == "نگار سهرابی"
    assert made.name_of("main", "205") == "نگار سهرابی"
    assert made.name_of("other", "205") is None
    assert made.name_of("main", "PJSIP/999") is None


def test_a_user_who_works_at_a_phone_goes_before_the_name_that_the_queue_has() -> None:
    made = board()
    before = copy(made.whole())
    made.apply(PeopleAtPhones({"205": "Sara", "main/99206": "Reza"}))
    assert made.name_of("main", "PJSIP/205") == "Sara"
    assert made.name_of("main", "PJSIP/99206") == "Reza"
    patch = made.patch()
    assert patch["agents"]["main/205"] == {"name": "Sara"}
    made.apply(PeopleAtPhones({}))
    assert merge(merge(before, patch), made.patch()) == before


def test_a_merged_call_says_where_it_went() -> None:
    made = board()
    gone, into = sample.live_calls()[10].record.id, sample.live_calls()[9].record.id
    made.apply(CallMerged(sample.NOW, gone, into))
    assert made.call(gone) == {"merged_into": into}
    assert made.call("no-such-call") is None
    assert made.touched() >= {gone}


def test_a_call_is_told_whole_as_the_contract_writes_it() -> None:
    made = board()
    call = sample.live_calls()[0]
    whole = made.call(call.record.id)
    assert whole is not None
    assert whole["record"]["id"] == call.record.id
    assert whole["record"]["started_at"].endswith("Z")
    assert whole["call"]["state"] == "talking"


def test_todays_counters_follow_the_log_and_are_never_counted_twice() -> None:
    made = Board(lambda *_: "", local_day)
    made.start_day(sample.NOW, {"calls": 10, "inbound": 10})
    made.whole()
    record = sample.transferred()
    unfinished = msgspec.structs.replace(record, outcome=None, provisional=True, talk_seconds=0.0)
    made.apply(CallLogged(unfinished))
    made.apply(CallLogged(record, unfinished))
    made.apply(CallLogged(record, record))
    assert made.patch()["today"] == {
        "calls": 11, "inbound": 11, "talk_seconds": 370, "answered": 1, "wait_seconds": 52, "inbound_answered": 1
    }  # fmt: skip
    yesterday = sample.simple("9", "10:00", (None, "0912"), None, "201", 3, 60, days_ago=1)
    made.apply(CallLogged(yesterday))
    assert made.patch() == {}


def test_a_new_day_starts_at_zero() -> None:
    made = Board(lambda *_: "", local_day)
    made.start_day(sample.NOW, {"calls": 3})
    made.whole()
    made.turn(sample.NOW + 60)
    assert made.patch() == {}
    made.turn(sample.NOW + 86400)
    assert made.patch() == {"today": {"calls": 0}}


@pytest.mark.parametrize("record", sample.log(), ids=lambda r: r.id)
def test_contributions_are_whole_numbers(record: Any) -> None:
    assert contribution(record)["calls"] == 1
    assert all(isinstance(value, int) for value in contribution(record).values())


def originated(*steps: Callable[[Desk], object]) -> LiveCall:
    desk = Desk()
    for step in steps:
        step(desk)
    (call,) = desk.tracker.snapshot()
    return call


RUNG, PICKED, DIALLED = (
    lambda d: d.dial(None, "1.0", "201"),
    lambda d: d.wait(2).state("1.0", "up"),
    lambda d: d.dial("1.0", "1.1", "trunk", "09121112233"),
)
CLICK = DialStep("main", 5.0, "1.0", "u", "my_phone", "", "", "09121112233")


@pytest.mark.parametrize("before", [True, False])
def test_whose_own_phone_rings_for_a_click_calls_the_number_and_not_himself(before: bool) -> None:
    made = board()
    made.load([], sample.queues(), sample.links())
    one, other = CallStarted(1.0, originated(RUNG)), CLICK
    for event in (other, one) if before else (one, other):
        made.apply(event)
    made.patch()
    card, cell = made.whole()["calls"]["main-1.0"], made.whole()["agents"]["main/201"]
    number = {"number": "09121112233"}
    assert (card["state"], card["mark"], card["who"]) == ("calling", "dial", number)
    assert [leg["state"] for leg in card["legs"]] == ["ringing"]
    assert (cell["mark"], cell["with"]) == ("dial", number)
    made.apply(CallChanged(1.0, originated(RUNG, PICKED)))
    made.apply(msgspec.structs.replace(CLICK, step="dialling"))
    made.patch()
    assert made.whole()["calls"]["main-1.0"]["state"] == "calling"
    made.apply(CallChanged(1.0, originated(RUNG, PICKED, DIALLED)))
    made.patch()
    card = made.whole()["calls"]["main-1.0"]
    assert (card["state"], card["direction"], card["who"]) == ("ringing", "outbound", {"number": "0912 111 2233"})
    made.apply(CallEnded(2.0, originated(RUNG, PICKED, DIALLED).record))
    assert made.staff.dials == {}


def test_where_nobody_said_which_number_it_is_still_no_call_of_himself() -> None:
    made = board()
    made.apply(CallStarted(1.0, originated(RUNG)))
    made.patch()
    card = made.whole()["calls"]["main-1.0"]
    assert (card["state"], card["who"]) == ("calling", {})
    made.apply(CallChanged(1.0, originated(RUNG, PICKED)))  # the dialplan itself answers, such as an echo test
    made.patch()
    assert made.whole()["calls"]["main-1.0"]["state"] != "calling"


def test_a_click_that_comes_to_nothing_is_forgotten() -> None:
    made = board()
    made.apply(CLICK)
    made.apply(msgspec.structs.replace(CLICK, step="failed", over=True))
    assert made.staff.dials == {}


def test_who_was_put_to_the_front_stands_in_front() -> None:
    made = board()
    waiting = [call for call in sample.live_calls() if call.state == "queued"]
    ids = [call.record.id for call in sorted(waiting, key=lambda call: call.since)]
    (queue,) = (queue for queue in sample.queues() if queue.queue == "support")
    made.apply(msgspec.structs.replace(queue, changed=(), order=tuple(ids)))
    assert "calls" not in made.patch(), "as they waited"
    made.apply(msgspec.structs.replace(queue, changed=(), order=(ids[2], ids[0], ids[1])))
    told = made.patch()["calls"]
    assert set(told) == {ids[2]} and set(told[ids[2]]) == {"place"}
    cards = made.whole()["calls"]
    order = sorted(ids, key=lambda id_: (cards[id_].get("place") or cards[id_]["since"], id_))
    assert order == [ids[2], ids[0], ids[1]]
    gone = next(call for call in waiting if call.record.id == ids[2])
    made.apply(changed(gone, state="talking"))
    assert made.patch()["calls"][ids[2]]["place"] is None


def test_nobody_watching_costs_no_memory() -> None:
    made = board()
    made.forget()
    for call in sample.live_calls():
        made.apply(CallChanged(sample.NOW, call))
    assert made.patch() == {}
    made.forget()
    assert all(not part.dirty and not part.told for part in made._parts.values())


def test_loading_anew_tells_what_vanished() -> None:
    made = board()
    made.load(sample.live_calls()[:3], sample.queues(), sample.links())
    gone = made.patch()["calls"]
    assert len(gone) == len(sample.live_calls()) - 3
    assert set(gone.values()) == {None}


def test_the_contact_of_a_call_is_shown_once_it_is_known_and_goes_with_it() -> None:
    made = board()
    call = next(one for one in sample.live_calls() if one.record.direction == "inbound" and one.record.caller.raw)
    known = KnownCaller("p1", "مریم رستگار", "vip", 0)
    made.apply(CallersKnown({call.record.id: known, "gone": known}))
    who = made.patch()["calls"][call.record.id]["who"]
    assert (who["name"], who["contact"], who["tier"]) == ("مریم رستگار", "p1", "vip")
    assert "number" in made.whole()["calls"][call.record.id]["who"]
    made.apply(CallersKnown({call.record.id: None}))
    assert made.patch()["calls"][call.record.id]["who"]["contact"] is None
    made.apply(CallersKnown({call.record.id: known}))
    made.apply(CallEnded(sample.NOW, call.record))
    made.apply(CallStarted(sample.NOW, call))
    assert "contact" not in made.whole()["calls"].get(call.record.id, {}).get("who", {})


def test_one_queue_as_it_stands() -> None:
    row = board().queue("main", "support")
    assert row is not None and (row["waiting"], row["name"]) == (3, "support")
    assert row["longest_since"] == min(x.since for x in sample.live_calls() if x.state == "queued")
    assert board().queue("main", "nowhere") is None
