from __future__ import annotations

import pytest

from ami_listener import filters
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.taste import Selector, Taste, make_filter, mask_of
from ami_listener.simulator.wire import EVENT_NAMES, Kind, Wire
from tests.ami_listener.simulator.test_channel import channel


def blocks() -> list[tuple[Kind, str]]:
    wire = Wire(Schedule(1.8e9))
    wire.on("Newchannel", channel())
    wire.varset(channel(), "MIXMONITOR_FILENAME", "/x.wav")
    wire.varset(channel(), "DIALSTATUS", "ANSWER")
    wire.put("QueueCallerJoin", "Queue: support\r\n")
    return wire.drain()


def selected(taste: Taste) -> list[str]:
    text = Selector(taste).select(blocks())
    return [line.removeprefix("Event: ") for line in text.split("\r\n") if line.startswith("Event: ")]


@pytest.mark.parametrize(
    ("text", "mask"),
    [("on", None), ("", None), ("all", None), ("off", frozenset()), ("call, agent", frozenset(("call", "agent")))],
)
def test_masks(text: str, mask: frozenset[str] | None) -> None:
    assert mask_of(text) == mask


def test_classes_and_mask_both_must_allow() -> None:
    assert selected(Taste(None, None)) == ["Newchannel", "VarSet", "VarSet", "QueueCallerJoin"]
    assert selected(Taste(None, frozenset(("agent",)))) == ["QueueCallerJoin"]
    assert selected(Taste(frozenset(("call",)), frozenset(("agent", "call")))) == ["Newchannel"]
    assert Taste(None, frozenset()).possible() == frozenset()
    assert Taste(None, None).possible() == EVENT_NAMES


def test_advanced_filters_choose_by_name_and_header() -> None:
    only = make_filter("action(include),name(VarSet),header(Variable),method(exact)", "MIXMONITOR_FILENAME")
    assert selected(Taste(None, None, (only,))) == ["VarSet"]
    named = make_filter("action(include),name(Newchannel)", "")
    assert selected(Taste(None, None, (only, named))) == ["Newchannel", "VarSet"]
    assert Taste(None, None, (only, named)).possible() == {"VarSet", "Newchannel"}


def test_an_exclude_bars_and_lets_the_rest_through() -> None:
    barred = make_filter("action(exclude),name(VarSet)", "")
    assert selected(Taste(None, None, (barred,))) == ["Newchannel", "QueueCallerJoin"]
    assert "VarSet" not in Taste(None, None, (barred,)).possible()


def test_legacy_filters_are_posix_expressions_on_the_whole_text() -> None:
    named = make_filter("", "^Event: (Newchannel|Hangup)[[:cntrl:]]")
    with_header = make_filter("", "^Event: VarSet[[:cntrl:]].*[[:cntrl:]]Variable: (MIXMONITOR_FILENAME)[[:cntrl:]]")
    assert selected(Taste(None, None, (named, with_header))) == ["Newchannel", "VarSet"]
    assert selected(Taste(None, None, (make_filter("", "!Event: VarSet"),))) == ["Newchannel", "QueueCallerJoin"]


@pytest.mark.parametrize("criteria", ["action(perhaps)", "name(X),method(magic)"])
def test_bad_criteria_are_refused(criteria: str) -> None:
    with pytest.raises(ValueError):
        make_filter(criteria, "x")
    with pytest.raises(ValueError):
        make_filter("", "(")


def test_our_own_filters_of_both_styles_choose_the_same() -> None:
    advanced = tuple(make_filter(criteria, expression) for criteria, expression in filters.advanced())
    legacy = tuple(make_filter("", expression) for expression in filters.legacy())
    assert selected(Taste(None, None, advanced)) == ["Newchannel", "VarSet", "QueueCallerJoin"]
    assert selected(Taste(None, None, legacy)) == selected(Taste(None, None, advanced))
