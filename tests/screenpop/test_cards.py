"""One pop as JSON: what is in it, and what is absent where it is not known."""

from __future__ import annotations

import msgspec

from crm_core.contacts.lookup import Match
from crm_core.users.places import Place
from cti.control.phones import PhoneAt
from cti.live.events import DialStep, LiveCall
from screenpop.cards import Setting, Writer, over, step
from screenpop.rules import views
from tests.cti.live.desk import Desk
from tests.screenpop.told import places
from tests.web import sample

MARYAM = Match("p1", "person", "Maryam\u202e", "Alborz", "vip", "mobile", "own", True, 1.0)
SHOP = Match("p2", "company", "Shop", "", "", "work", "", False, 1.0)


def writer() -> Writer:
    at = places(Place("u", "Behnam", ("205",), (PhoneAt("main", "PJSIP/205", "205"),)))
    return Writer(lambda number, raw: raw or number or "", lambda _pbx, end: f"at {end}", at)


def card(call: LiveCall, endpoint: str = "PJSIP/205", **setting: object) -> dict[str, object]:
    made, told = writer(), Setting.of(call, **setting)  # type: ignore[arg-type]
    view = views(call, lambda leg: ("u",) if leg.endpoint == endpoint else ())["u"]
    return made.card(view, told, made.common(told))


def ringing() -> LiveCall:
    call = next(call for call in sample.live_calls() if call.state == "ringing")
    return msgspec.structs.replace(call, record=msgspec.structs.replace(call.record, digits="12"))


def test_a_call_that_rings() -> None:
    call = ringing()
    made = card(call, matches=(MARYAM, SHOP))
    assert made["pop"] == f"{call.record.id}:u"
    assert (made["state"], made["doing"], made["queue"], made["digits"]) == ("ringing", "ring", "support", "12")
    assert made["line"] == "02191004500"
    assert made["other"] == {
        "name": "Maryam", "number": "09123456789", "raw": "09123456789", "key": "+989123456789", "contact": "p1",
        "tier": "vip",
    }  # fmt: skip
    assert made["caller"] == {"number": "+989123456789", "raw": "09123456789", "name": "مریم رستگار"}
    assert [match["id"] for match in made["matches"]] == ["p1", "p2"]  # type: ignore[attr-defined]
    assert made["mine"] == {
        "uniqueid": call.legs[0].uniqueid, "endpoint": "PJSIP/205", "ext": "205", "doing": "ring",
        "device": getattr(PhoneAt("main", "PJSIP/205", "205"), "kind", "unknown"),
    }  # fmt: skip
    assert made["can"] == {"hangup": True}
    assert not {"by", "result", "consult", "consulted_by", "about", "dial", "recording"} & made.keys()


def test_while_it_rings_nobody_else_who_is_rung_is_told() -> None:
    """A queue may ring hundreds: each card would hold them all."""
    assert [leg["ext"] for leg in card(ringing())["legs"]] == ["205"]  # type: ignore[attr-defined]


def test_who_is_in_it_is_told_to_who_talks() -> None:
    call = next(call for call in sample.live_calls() if call.state == "held" and len(call.legs) == 2)
    legs = card(call, "PJSIP/207")["legs"]
    assert [(leg["ext"], leg["mine"], leg["doing"]) for leg in legs] == [  # type: ignore[attr-defined]
        ("207", True, "cons"), ("231", False, "cons"),
    ]  # fmt: skip


def test_what_others_say_of_a_call_is_on_its_card() -> None:
    assert card(ringing(), extra={"recording": "paused"})["recording"] == "paused"


def test_what_is_over_is_not_being_recorded() -> None:
    call = ringing()
    call = msgspec.structs.replace(call, record=msgspec.structs.replace(call.record, recordings=("1.wav",)))
    assert card(call)["recording"] == "on"
    for more in ({}, {"recording": "paused"}):
        assert "recording" not in card(msgspec.structs.replace(call, legs=()), extra=more)


def test_what_can_be_done_and_what_opens_are_asked_for() -> None:
    made = writer()
    made.can = lambda view, call, device: {view.state: call.record.id, "device": device}
    made.opens = lambda told: {"open": f"https://crm/{told['call']}"}
    call = ringing()
    view = views(call, lambda leg: ("u",) if leg.endpoint == "PJSIP/205" else ())["u"]
    told = made.card(view, Setting.of(call), made.common(Setting.of(call)))
    assert told["can"]["ringing"] == call.record.id
    assert told["open"] == f"https://crm/{call.record.id}"


def test_an_outside_leg_has_the_number() -> None:
    desk = Desk().born("1.0", "201", number="201", exten="09121112233")
    desk.dial("1.0", "1.1", "trunk", "09121112233").wait(2).talk("1.0", "1.1")
    legs = card(desk.tracker.snapshot()[0], "PJSIP/201")["legs"]
    assert [(leg["outside"], leg.get("number")) for leg in legs] == [  # type: ignore[attr-defined]
        (False, None), (True, "09121112233"),
    ]  # fmt: skip


def test_a_card_that_is_over() -> None:
    ended = over(card(ringing(), extra={"consult": {}}), merged_into="c2")
    assert (ended["state"], ended["doing"], ended["merged_into"]) == ("ended", "off", "c2")
    assert ended["can"] == {} and ended["legs"] == [] and "consult" not in ended


def test_a_call_by_a_click_before_the_pbx_has_said_anything() -> None:
    told = DialStep("main", 5.0, "t.1", "u", "my_phone", "", "", "09121112233")
    made = writer().dialled(told)
    assert (made["pop"], made["call"], made["direction"]) == ("main-t.1:u", "main-t.1", "outbound")
    assert made["other"] == {"number": "09121112233", "raw": "09121112233"}
    assert made["dial"] == {"step": "my_phone"} and made["state"] == "ringing" and "result" not in made
    failed = writer().dialled(msgspec.structs.replace(told, step="failed", reason="Not there.", over=True))
    assert (failed["state"], failed["result"], failed["dial"]) == (
        "ended", "failed", {"step": "failed", "reason": "Not there."},
    )  # fmt: skip
    assert writer().dialled(msgspec.structs.replace(told, to="202"))["direction"] == "internal"


def test_a_click_says_whom_it_is_for_while_my_phone_rings() -> None:
    call = Desk().dial(None, "1.0", "201").tracker.snapshot()[0]
    dial = DialStep("main", 5.0, "1.0", "u", "my_phone", "", "", "09121112233")
    made = writer()
    setting = Setting.of(call, dial=dial)
    view = views(call, lambda _leg: ("u",), expected=True)["u"]
    told = made.card(view, setting, made.common(setting))
    assert (told["direction"], told["other"]["number"]) == ("outbound", "09121112233")
    assert told["dial"] == step(dial)
