"""Who sees which card in which state, as a table: what is played on paper, and what each of our people is told of it.

``T37`` and so on are complaints of users of other products (``docs/complaints.md``).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from crm_core.users.places import Place
from cti.live.events import LiveConsult
from cti.live.record import Leg
from screenpop.rules import consult_by, consults, finished, spoken_to, views
from tests.cti.live.desk import SETTINGS, Desk
from tests.scenarios import recorded
from tests.screenpop.told import Told, places, played

TEN = msgspec.structs.replace(SETTINGS, extensions=r"^\d{2,4}$")
Script = Callable[[], tuple[Desk, Told]]


def steps(desk: Desk, told: Told, *moves: Callable[[Desk], object]) -> Told:
    """Each move and what is told after it."""
    for move in moves:
        move(desk)
        told.of(desk.tracker).check()
    return told


def direct() -> Told:
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "trunk", number="09121112233", exten="5001").dial("1.0", "1.1", "201", "5001"),
        lambda d: d.wait(2).talk("1.0", "1.1"),
        lambda d: d.wait(9).hold("1.1"),
        lambda d: d.wait(9).unhold("1.1"),
        lambda d: d.wait(9).asked("1.0").gone("1.0", "1.1"),
    )  # fmt: skip


def missed() -> Told:
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "trunk", number="09121112233", exten="5001").dial("1.0", "1.1", "201"),
        lambda d: d.wait(8).asked("1.0").dialled("1.1", "CANCEL".lower()).gone("1.1", "1.0"),
    )  # fmt: skip


def declined() -> Told:
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "201"),
        lambda d: d.wait(3).dialled("1.1", "busy").gone("1.1", cause=21),
        lambda d: d.wait(3).asked("1.0").gone("1.0"),
    )  # fmt: skip


def ring_all() -> Told:
    """A queue rings three, the second answers; T45."""
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "trunk", number="09121112233").joins_queue("1.0"),
        lambda d: [d.dial("1.0", f"1.{n}", f"20{n}") for n in (1, 2, 3)],
        lambda d: d.wait(4).state("1.2", "up"),
        lambda d: d.dialled("1.1", "cancel").dialled("1.3", "cancel").gone("1.1", "1.3", cause=26),
        lambda d: d.talk("1.0", "1.2"),
        lambda d: d.wait(9).asked("1.2").gone("1.2", "1.0"),
    )  # fmt: skip


def rung_again() -> Told:
    """The queue rings the same phone twice."""
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "trunk", number="09121112233").joins_queue("1.0"),
        lambda d: d.dial("1.0", "1.1", "201"),
        lambda d: d.wait(15).dialled("1.1", "noanswer").gone("1.1"),
        lambda d: d.wait(5).dial("1.0", "1.2", "201"),
        lambda d: d.wait(4).talk("1.0", "1.2"),
        lambda d: d.wait(9).asked("1.0").gone("1.0", "1.2"),
    )  # fmt: skip


def internal() -> Told:
    """T42: a colleague is no customer."""
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "201", number="201", exten="202"),
        lambda d: d.dial("1.0", "1.1", "202", "202"),
        lambda d: d.wait(2).talk("1.0", "1.1"),
        lambda d: d.wait(9).asked("1.0").gone("1.0", "1.1"),
    )  # fmt: skip


def outbound() -> Told:
    """T39, T43, T44: whom I call is shown, as a call of mine."""
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "201", number="201", exten="09121112233"),
        lambda d: d.dial("1.0", "1.1", "trunk", "09121112233"),
        lambda d: d.wait(2).talk("1.0", "1.1"),
        lambda d: d.wait(9).asked("1.1").gone("1.1", "1.0"),
    )  # fmt: skip


def outbound_busy() -> Told:
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "201", number="201", exten="09121112233").dial("1.0", "1.1", "trunk", "09121112233"),
        lambda d: d.wait(2).dialled("1.1", "busy").gone("1.1", cause=17),
        lambda d: d.wait(2).gone("1.0", cause=17),
    )  # fmt: skip


def originated() -> Told:
    """A click: my own phone rings first."""
    return steps(
        Desk(), Told(),
        lambda d: d.dial(None, "1.0", "201"),
        lambda d: d.wait(2).state("1.0", "up"),
        lambda d: d.dial("1.0", "1.1", "trunk", "09121112233"),
        lambda d: d.wait(2).talk("1.0", "1.1"),
        lambda d: d.wait(9).asked("1.1").gone("1.1", "1.0"),
    )  # fmt: skip


def feature_code() -> Told:
    return steps(
        Desk(), Told(),
        lambda d: d.born("1.0", "201", number="201", exten="*98").state("1.0", "up"),
        lambda d: d.wait(9).asked("1.0").gone("1.0"),
    )  # fmt: skip


def blind() -> Told:
    """The card moves to the next agent."""
    return steps(
        Desk(), Told(),
        lambda d: d.call_in(),
        lambda d: d.leave("b", "1.0", "1.1").gone("1.1").dial("1.0", "1.2", "202", "202"),
        lambda d: d.wait(3).talk("1.0", "1.2"),
        lambda d: d.wait(9).asked("1.0").gone("1.0", "1.2"),
    )  # fmt: skip


def two_at_once() -> Told:
    """A second call rings while the first is talked."""
    return steps(
        Desk(), Told(),
        lambda d: d.call_in(),
        lambda d: d.born("2.0", "trunk2", linkedid="2.0", number="02188776655"),
        lambda d: d.dial("2.0", "2.1", "201", linkedid="2.0"),
        lambda d: d.wait(3).asked("2.0").gone("2.0", "2.1"),
        lambda d: d.wait(9).asked("1.0").gone("1.0", "1.1"),
    )  # fmt: skip


TABLE: list[tuple[Callable[[], Told], dict[str, list[str]]]] = [
    (direct, {"u201": ["ringing/ring", "answered/talk", "answered/hold", "answered/talk", "ended/off answered"]}),
    (missed, {"u201": ["ringing/ring", "ended/off missed"]}),
    (declined, {"u201": ["ringing/ring", "ended/off refused"]}),
    (ring_all, {
        "u201": ["ringing/ring", "elsewhere/off"],
        "u202": ["ringing/ring", "answered/talk", "ended/off answered"],
        "u203": ["ringing/ring", "elsewhere/off"],
    }),
    (rung_again, {
        "u201": ["ringing/ring", "ended/off missed", "ringing/ring", "answered/talk", "ended/off answered"]
    }),
    (internal, {
        "u201": ["ringing/dial", "answered/talk", "ended/off answered"],
        "u202": ["ringing/ring", "answered/talk", "ended/off answered"],
    }),
    (outbound, {"u201": ["ringing/dial", "answered/talk", "ended/off answered"]}),
    (outbound_busy, {"u201": ["ringing/dial", "ended/off busy"]}),
    (originated, {"u201": ["ringing/dial", "answered/talk", "ended/off answered"]}),
    (feature_code, {}),
    (blind, {
        "u201": ["answered/talk", "ended/off answered"],
        "u202": ["ringing/ring", "answered/talk", "ended/off answered"],
    }),
    (two_at_once, {
        "u201": ["answered/talk", "ringing/ring", "ended/off missed", "ended/off answered"],
    }),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "expected"), TABLE, ids=[flow.__name__ for flow, _ in TABLE])
def test_what_everybody_is_told(flow: Callable[[], Told], expected: dict[str, list[str]]) -> None:
    told = flow()
    assert {user: told.states(user) for user in told.cards} == expected
    assert told.open() == {}


RECORDED: dict[str, dict[str, list[str]]] = {
    "asterisk-22/ring_group_one_answers": {
        "u201": ["ringing/ring", "elsewhere/off"],
        "u202": ["ringing/ring", "answered/talk", "ended/off answered"],
        "u203": ["ringing/ring", "elsewhere/off"],
    },
    "asterisk-22/chanspy_whisper": {"u201": ["ringing/ring", "answered/talk", "ended/off answered"]},
    "asterisk-22/redirect_to_queue": {
        "u201": ["ringing/ring", "answered/talk", "ended/off answered"],
        "u203": ["ringing/ring", "answered/talk", "ended/off answered"],
    },
    "asterisk-22/conference_three": {
        "u201": ["answered/talk", "ended/off answered"],
        "u202": ["answered/talk", "ended/off answered"],
    },
    "asterisk-22/outbound_agent_leg_declines": {"u201": ["ringing/ring", "ended/off cancelled"]},
    "lab-22/attended_transfer_by_keys": {
        "u201": ["ringing/ring", "answered/talk", "answered/hold", "answered/talk", "answered/cons", "answered/talk",
                 "ended/off answered"],
        "u202": ["ringing/ring", "answered/talk", "ended/off answered"],
    },
    "lab-22/fp_two_devices": {"u201": ["ringing/ring", "answered/talk", "ended/off answered"]},
    "lab-22/fp_device_busy_other_answers": {"u201": ["ringing/ring", "answered/talk", "ended/off answered"]},
    "lab-22/fp_pickup": {"u201": ["ringing/ring", "elsewhere/off"], "u203": ["answered/talk", "ended/off answered"]},
    "lab-22/fp_queue_ringall": {
        "u201": ["ringing/ring", "elsewhere/off"],
        "u202": ["ringing/ring", "elsewhere/off"],
        "u203": ["ringing/ring", "answered/talk", "ended/off answered"],
    },
    "lab-22/fp_park": {
        "u202": ["ringing/ring", "answered/talk", "answered/park", "ended/off answered"],
        "u203": ["answered/talk", "ended/off answered"],
    },
    "lab-22/park_by_phone": {
        "u201": ["ringing/ring", "answered/talk", "answered/park", "answered/talk", "ended/off answered"],
        "u202": ["answered/talk", "ended/off answered"],
    },
    "lab-22/desk_and_mobile": {"u201": ["ringing/ring", "elsewhere/off"]},
    "lab-22/did_declined": {"u201": ["ringing/ring", "ended/off refused"]},
    "lab-22/behind_lasting_local": {"u202": ["ringing/ring", "answered/talk", "ended/off answered"]},
    "lab-22/fp_queue_login": {"u203": ["ringing/ring", "answered/talk", "ended/off answered"]},
}  # fmt: skip


@pytest.mark.parametrize("scenario", RECORDED)
def test_what_everybody_is_told_of_a_real_call(scenario: str) -> None:
    told = played(recorded.raw(scenario), recorded.profile(scenario))
    assert {user: told.states(user) for user in told.cards} == RECORDED[scenario]
    assert told.open() == {}


@pytest.mark.parametrize("step", [97, 400, 100_000])
@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_no_card_of_any_recorded_call_stays_or_is_told_wrong(scenario: str, step: int) -> None:
    """However the bytes come in: events and snapshot agree at every moment, and nothing is left at the end."""
    told = played(recorded.raw(scenario), recorded.profile(scenario), step=step)
    assert told.open() == {}, "stuck"
    for user, cards in told.cards.items():
        assert {card["pop"].rpartition(":")[2] for card in cards} == {user}
        for card in cards:
            assert card["mine"]["ext"] == user.removeprefix("u"), "another's phone"
            assert ("result" in card) <= (card["state"] == "ended")


def test_a_number_within_another_is_another() -> None:
    """T41, T46: 10 is not 110, and a four-digit extension is one."""
    told = Told(places(*(Place(f"u{ext}", ext, (ext,)) for ext in ("10", "110", "1010", "4410"))))
    steps(Desk(TEN), told, lambda d: d.born("1.0", "trunk", number="09121112233").dial("1.0", "1.1", "1010"))
    assert set(told.cards) == {"u1010"}


def test_who_withheld_his_number_is_nobody() -> None:
    """T47."""
    told = steps(Desk(), Told(), lambda d: d.born("1.0", "trunk", number="<unknown>").dial("1.0", "1.1", "201"))
    assert told.last("u201")["other"] == {}
    assert told.last("u201")["matches"] == []


def test_an_outbound_call_shows_the_other_not_me() -> None:
    card = outbound().last("u201")
    assert card["direction"] == "outbound"
    assert card["other"]["number"] == "09121112233"
    assert card["other"]["key"] == "+989121112233"
    assert "line" not in card


def test_each_end_of_an_internal_call_sees_the_other() -> None:
    told = internal()
    assert told.last("u201")["other"] == {"name": "Name 202", "number": "202", "raw": "202"}
    assert told.last("u202")["other"] == {"name": "Name 201", "number": "201", "raw": "201"}
    assert told.last("u202")["direction"] == "internal"


def test_who_took_it_is_said() -> None:
    assert ring_all().last("u201")["by"] == {"name": "Name 202", "ext": "202"}


def test_every_step_of_a_click_is_told() -> None:
    told = originated()
    assert [card.get("dial", {}).get("step") for card in told.cards["u201"]] == ["they_ring", "talking", None]
    assert outbound_busy().last("u201")["dial"] == {"step": "busy"}


def by_phone() -> Told:
    """201 puts the caller on hold and calls 202 from the same phone; then he completes."""
    return steps(
        Desk(), Told(),
        lambda d: d.call_in(),
        lambda d: d.hold("1.1"),
        lambda d: d.wait(1).born("2.0", "201", linkedid="2.0", number="201", exten="202"),
        lambda d: d.dial("2.0", "2.1", "202", "202", linkedid="2.0"),
        lambda d: d.wait(3).talk("2.0", "2.1", bridge="c"),
    )  # fmt: skip


def test_whom_i_consult_is_in_the_card_of_my_caller() -> None:
    told = by_phone()
    card = told.last("u201")
    assert card["call"] == "main-1.0" and card["doing"] == "cons"
    consult = {key: card["consult"][key] for key in ("call", "to", "name", "doing", "uniqueid", "theirs", "outside")}
    assert consult == {
        "call": "main-2.0", "to": "202", "name": "Name 202", "doing": "talk", "uniqueid": "2.0", "theirs": "2.1",
        "outside": False,
    }  # fmt: skip
    assert {card["pop"] for card in told.cards["u201"]} == {"main-1.0:u201"}


def test_who_is_consulted_sees_the_caller_and_who_asks() -> None:
    told = by_phone()
    ringing, *_, talking = told.cards["u202"]
    assert ringing["state"] == "ringing"
    for card in (ringing, talking):
        assert card["call"] == "main-2.0" and card["about"] == "main-1.0"
        assert card["other"]["number"] == "09121112233" and card["direction"] == "inbound"
        assert card["consulted_by"] == {"name": "Name 201", "ext": "201"}


def test_a_consultation_goes_on_by_itself_when_the_caller_leaves() -> None:
    desk, told = Desk(), Told()
    steps(
        desk, told,
        lambda d: d.call_in(),
        lambda d: d.wait(1).born("2.0", "201", linkedid="2.0", number="201", exten="202"),
        lambda d: d.dial("2.0", "2.1", "202", "202", linkedid="2.0").wait(3).talk("2.0", "2.1", bridge="c"),
        lambda d: d.wait(2).asked("1.0").gone("1.0", "1.1"),
    )  # fmt: skip
    assert told.last("u202")["direction"] == "internal" and "about" not in told.last("u202")
    assert [card["pop"] for card in told.open()["u201"]] == ["main-2.0:u201"]


def test_two_calls_that_become_one() -> None:
    told = played(recorded.raw("lab-22/attended_transfer_by_phone"), recorded.profile())
    gone = [card for card in told.cards["u202"] if "merged_into" in card]
    assert len(gone) == 1 and gone[0]["state"] == "ended"
    after = told.cards["u202"][told.cards["u202"].index(gone[0]) + 1 :]
    assert {card["call"] for card in after} == {gone[0]["merged_into"]}
    assert after[0]["state"] == "answered"


def test_a_consultation_by_command() -> None:
    """``LiveCall.consult`` says who asks whom, and who waits."""
    desk = Desk().call_in().dial("1.1", "1.2", "202", "202")
    call = desk.tracker.snapshot()[0]

    def at(leg: Leg) -> tuple[str, ...]:
        return (leg.endpoint,)

    asking = LiveConsult("1.1", "202", "1.0", "1.2", "1.0", False, 7.0)
    seen = views(msgspec.structs.replace(call, consult=asking), at)
    mine = seen["PJSIP/201"].consult
    assert mine is not None and (mine.doing, mine.to, seen["PJSIP/201"].doing) == ("ring", "202", "cons")
    assert (asker := seen["PJSIP/202"].asker) is not None and asker.uniqueid == "1.1"
    swapped = msgspec.structs.replace(asking, answered=True, waits="1.2")
    desk.state("1.2", "up")
    seen = views(msgspec.structs.replace(desk.tracker.snapshot()[0], consult=swapped), at)
    mine = seen["PJSIP/201"].consult
    assert mine is not None and (mine.doing, seen["PJSIP/201"].doing) == ("hold", "talk")
    assert seen["PJSIP/202"].doing == "hold"
    early = LiveConsult("1.1", "202", "1.0", None, "1.0", False, 7.0)
    mine = views(msgspec.structs.replace(call, consult=early), at)["PJSIP/201"].consult
    assert mine is not None and mine.leg is None


def test_what_is_a_consultation() -> None:
    desk = Desk().call_in().wait(1).born("2.0", "201", linkedid="2.0", number="201", exten="202")
    main, asking = desk.tracker.snapshot()
    assert consults(asking, main) and not consults(main, asking)
    assert consult_by(asking) is None, "nobody is rung yet"
    assert spoken_to(asking) is None
    other = Desk().call_in().wait(1).born("2.0", "202", linkedid="2.0", number="202", exten="203")
    main, beside = other.tracker.snapshot()
    assert not consults(beside, main), "another phone"
    assert not consults(finished(asking.record), main), "it is over"


def test_monitoring_is_nobodys() -> None:
    desk = Desk().call_in()
    call = desk.tracker.snapshot()[0]
    heard = msgspec.structs.replace(call, record=msgspec.structs.replace(call.record, kind="monitoring"))
    assert views(heard, lambda leg: (leg.endpoint,)) == {}
