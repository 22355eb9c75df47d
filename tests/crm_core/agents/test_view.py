"""What an agent's page and his colleagues' show."""

from __future__ import annotations

from crm_core.agents import view
from crm_core.agents.driver import Difference
from crm_core.agents.model import Rules, our_label
from crm_core.agents.people import Colleague
from cti.live.agents import FOREIGN, Agent, Membership, Part, WrapRule
from tests.crm_core.agents.floors import PHONE, T, member

SALES, SUPPORT = Membership("main", "sales", PHONE), Membership("main", "support", PHONE, on=False)


def agent() -> Agent:
    made = Agent("u1")
    made.sign_in(T, (SALES,))
    return made


def test_what_is_not_known_is_not_in_it() -> None:
    assert view.own(Agent("u1"), (), None, ()) == {"state": "off", "own": "off", "pauses": [], "queues": []}


def test_paused() -> None:
    one = agent()
    one.pause(T, "lunch", "Lunch")
    told = view.own(one, ((SALES, member(paused=True)), (SUPPORT, None)), {"ext": "201"}, ())
    assert (told["state"], told["reason"]) == ("pause", {"id": "lunch", "label": "Lunch"})
    assert told["queues"] == [
        {"pbx": "main", "queue": "sales", "in": True, "paused": True, "static": True},
        {"pbx": "main", "queue": "support", "in": False, "paused": False, "static": False},
    ]
    one.join(Part("c1", "main", "talk", T + 1), T + 1, WrapRule(0.0))
    told = view.own(one, (), None, ())
    assert (told["state"], told["own"], "reason" in told) == ("talk", "pause", False)


def test_wrap_up_with_and_without_an_end() -> None:
    for seconds, until in ((30.0, "2026-11-18T06:27:10.000Z"), (None, None)):
        one = agent()
        one.join(Part("c1", "main", "talk", T, "sales", True), T, WrapRule(seconds, True))
        one.leave("c1", 1_794_983_200.0)
        wrap = view.own(one, (), None, ())["wrap"]
        assert (wrap["call"], wrap["queue"], wrap["mandatory"], wrap.get("until")) == ("c1", "sales", True, until)


def test_away_and_where_the_pbx_differs() -> None:
    one = agent()
    one.miss("c1", T, 1, "Missed call", "sales")
    told = view.own(one, (), None, (Difference("main", "sales", "paused", "ready"),))
    assert told["missed"]["call"] == "c1"
    assert told["differs"] == [{"pbx": "main", "queue": "sales", "we": "paused", "pbx_says": "ready"}]


def test_a_reason_is_told_in_both_languages() -> None:
    """The page says it in its reader's; a text that is the PBX's own stays as it is."""
    rules = Rules()
    one = agent()
    one.pause(T, "lunch", "ناهار")
    told = view.own(one, (), None, (), rules.reason)
    assert told["reason"] == {"id": "lunch", "label": "ناهار", "fa": "ناهار", "en": "Lunch"}
    assert told["pauses"][0]["reason"] == told["reason"]
    assert view.colleague(one, Colleague("u1", "سارا"), "201", None, rules.reason)["reason"] == told["reason"]
    one.pause(T, FOREIGN, "Lunch at 12", by=FOREIGN)
    assert view.own(one, (), None, (), rules.reason)["reason"] == {"id": FOREIGN, "label": "Lunch at 12"}
    other = agent()
    other.pause(T, FOREIGN, our_label(FOREIGN, "fa"), by=FOREIGN)
    assert view.own(other, (), None, (), rules.reason)["reason"]["en"] == "Paused at the PBX"


def test_what_colleagues_see() -> None:
    one = agent()
    one.pause(T, "lunch", "Lunch")
    told = view.colleague(one, Colleague("u1", "سارا"), "201", None)
    assert (told["name"], told["ext"], told["state"], told["reason"]["label"]) == ("سارا", "201", "pause", "Lunch")
    assert "reachable" not in told
