"""Consulting by redirects and the application Bridge, as Tamas's own include does it: seen as one call."""

from __future__ import annotations

import pytest

from ami_listener.protocol import AmiReader
from ami_listener.replay import replay
from ami_listener.translate import Translator
from cti.live.profile import Profile, ProfileSettings
from cti.live.record import CallRecord
from cti.live.tracker import Tracker
from tests.ami_listener.simulator.scenarios import lab
from tests.ami_listener.simulator.scripted import Lab
from tests.ami_listener.simulator.test_actions import act

PROFILE = Profile(ProfileSettings(extensions=r"^2\d\d$", trunks="^trunk$", area_code="021"))
HELD = {"ExtraContext": "tamas-hold", "ExtraExten": "s", "ExtraPriority": "1"}


def record(one: Lab) -> CallRecord:
    act(one, "Hangup", Channel=one.live("trunk").name)
    one.run(5.0)
    (found,) = replay([one.stream], PROFILE)
    return found


def consulting() -> Lab:
    """201 talks with a caller and asks 202 while that one waits."""
    one = lab()
    one.call_in("5001")
    one.run(3.0)
    agent, caller = one.live("201").name, one.live("trunk").name
    act(one, "Redirect", Channel=agent, Context="tamas-consult", Exten="202", ExtraChannel=caller, **HELD)
    one.run(4.0)
    return one


def join(one: Lab, who: str, with_whom: str) -> None:
    act(one, "Setvar", Channel=one.live(who).name, Variable="TAMAS_WITH", Value=one.live(with_whom).name)
    act(one, "Redirect", Channel=one.live(who).name, Context="tamas-talk", Exten="s", Priority="1")
    one.run(3.0)


def together(one: Lab) -> set[frozenset[str]]:
    return {frozenset(c.endpoint for c in bridge.members) for bridge in one.pbx.bridges.values()}


def pair(*phones: str) -> frozenset[str]:
    return frozenset(f"PJSIP/{phone}" for phone in phones)


def test_completed() -> None:
    one = consulting()
    assert together(one) == {pair("201", "202")}
    join(one, "trunk", "202")
    assert together(one) == {pair("trunk", "202")}
    found = record(one)
    assert [(t.kind, t.from_, t.to) for t in found.transfers] == [("attended", "PJSIP/201", "202")]
    assert found.hold_seconds > 2


def test_taken_back() -> None:
    one = consulting()
    join(one, "201", "trunk")
    assert together(one) == {pair("trunk", "201")}
    assert record(one).transfers == ()


def test_swapped() -> None:
    one = consulting()
    act(one, "Setvar", Channel=one.live("201").name, Variable="TAMAS_WITH", Value=one.live("trunk").name)
    asked, agent = one.live("202").name, one.live("201").name
    act(one, "Redirect", Channel=asked, Context="tamas-hold", Exten="s", Priority="1", ExtraChannel=agent,
        ExtraContext="tamas-talk", ExtraExten="s", ExtraPriority="1")  # fmt: skip
    one.run(3.0)
    assert together(one) == {pair("trunk", "201")}
    assert one.live("202").bridge is None
    live = Tracker("main", PROFILE)
    for fact in Translator().facts(AmiReader(expect_greeting=False).feed(one.stream)):
        live.apply(fact)
    (call,) = live.snapshot()
    assert call.consult is not None
    assert call.consult.waits == call.consult.target == one.live("202").uniqueid
    join(one, "trunk", "202")
    assert together(one) == {pair("trunk", "202")}
    assert [t.kind for t in record(one).transfers] == ["attended"]


@pytest.mark.parametrize("name", ["PJSIP/299-00000000", ""])
def test_nobody_to_join_with(name: str) -> None:
    one = lab()
    one.call_in("5001")
    one.run(3.0)
    caller = one.live("trunk").name
    act(one, "Setvar", Channel=caller, Variable="TAMAS_WITH", Value=name)
    act(one, "Redirect", Channel=caller, Context="tamas-talk", Exten="s", Priority="1")
    one.run(3.0)
    assert not one.pbx.channels
