"""Whom an alert concerns: the teams that serve its queue, or that have or had a part in its calls; or everybody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm_core.alerts.concern import Concern, concerns
from cti.kernel.actor import Actor
from cti.live.alarms import Alert, AlertKind, Subject
from cti.live.events import LiveCall
from tests.crm_core.users.test_reach import call, reach

CALLER = "+989121234567"


def alert(kind: AlertKind, teams: tuple[str, ...] | None = (), **about: str) -> Alert:
    return Alert(id="a", rule="r", kind=kind, level="bad", subject=Subject(**about), limit=1.0, value=2.0,
                 raised_at=1.0, teams=teams)  # fmt: skip


def from_caller(**more: Any) -> LiveCall:
    made = call(**more)
    record = made.record
    caller = msgspec.structs.replace(record.caller, number=CALLER)
    return msgspec.structs.replace(made, record=msgspec.structs.replace(record, caller=caller))


@pytest.mark.parametrize(
    ("one", "calls", "teams"),
    [
        (alert("wait", pbx="main", queue="shop"), (), ("sales",)),
        (alert("nobody_ready", pbx="main", queue="desk"), (), ("help", "night")),
        (alert("service_level", pbx="main", queue="closed"), (), ()),
        (alert("waiting", ("sales",), pbx="main", queue="desk"), (), ("help", "night")),  # others serve it by now
        (alert("talk", call="main-1.0"), (call("PJSIP/201"),), ("sales",)),
        (alert("talk", call="main-1.0"), (call("PJSIP/999"),), ()),
        (alert("talk", call="main-2.0"), (call("PJSIP/201"),), ()),
        (alert("talk", ("help",), call="main-1.0"), (call("PJSIP/201"),), ("help", "sales")),
        (alert("repeat", number=CALLER), (from_caller(),), ()),
        (alert("repeat", number=CALLER), (from_caller(state="queued", queue="shop"),), ("sales",)),
        (alert("repeat", number=CALLER), (from_caller(queue="shop"),), ()),  # he waits there no more
        (alert("repeat", number=CALLER), (from_caller(endpoint="PJSIP/202"),), ("help", "night")),
        (alert("repeat", ("sales",), number=CALLER), (), ("sales",)),
        (alert("repeat", number="+981"), (from_caller(endpoint="PJSIP/202"),), ()),
        (alert("link_down", pbx="main"), (), None),
        (alert("trunk_down", pbx="main", name="PJSIP/line"), (), None),
    ],
)
def test_teams(one: Alert, calls: tuple[LiveCall, ...], teams: tuple[str, ...] | None) -> None:
    assert Concern(reach(), calls).teams(one) == teams


@pytest.mark.parametrize(
    ("mine", "permissions", "teams", "seen"),
    [
        ({"sales"}, set(), ("sales",), True), ({"sales"}, set(), ("help", "sales"), True),
        ({"sales"}, set(), ("help",), False), ({"sales"}, set(), (), False), (set(), set(), ("sales",), False),
        (set(), {"calls.view_all"}, ("help",), True), (set(), {"calls.view_all"}, (), True), (set(), set(), None, True),
    ],
)  # fmt: skip
def test_who_sees_it(mine: set[str], permissions: set[str], teams: tuple[str, ...] | None, seen: bool) -> None:
    actor = Actor("u", "U", teams=frozenset(mine), permissions=frozenset(permissions))
    assert concerns(actor, alert("wait", teams)) is seen
