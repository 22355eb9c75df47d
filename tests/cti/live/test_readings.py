"""What each kind of rule measures."""

from __future__ import annotations

from typing import Any

import pytest

from cti.live.alarms import AlertKind, AlertRule, Subject
from cti.live.events import Endpoint, LiveCall, PbxLinkChanged, QueueChanged, QueueMember
from cti.live.readings import Now, readings, wanted
from cti.live.record import Caller, CallRecord, Number
from cti.live.repeats import Repeats

T = 1_800_000_000.0


def call(id: str, state: Any, since: float, queue: str | None = "sales", answered: float | None = None) -> LiveCall:
    record = CallRecord(
        id=id, pbx="main", kind="call", linkedid=id, linkedids=(id,), direction="inbound",
        caller=Caller("+98912", "0912", None), dialled=Number(None, "5000"), queue=queue, queue_waits=(),
        started_at=T - 100, answered_at=answered, ended_at=None, wait_seconds=None, talk_seconds=0.0, hold_seconds=0.0,
        duration_seconds=None, outcome=None, hung_up_by=None, legs=(), transfers=(), recordings=(), digits=None,
        conference=None, provisional=False,
    )  # fmt: skip
    return LiveCall(record, state, since, ())


def member(status: int, paused: bool = False, in_call: bool = False) -> QueueMember:
    return QueueMember(f"PJSIP/{status}", "", status, paused, None, in_call, True)


def queue(name: str, waiting: int, *members: QueueMember) -> QueueChanged:
    return QueueChanged("main", T, name, waiting, members)


def measured(kind: AlertKind, now: dict[str, Any], **rule: Any) -> dict[str, float]:
    """By the queue, the line's name, the call, the number or the PBX."""
    found = readings([AlertRule(id="r", kind=kind, **rule)], Now(at=T, **now))["r"]
    return {key.name or key.call or key.queue or key.number or key.pbx: value for key, value in found.items()}


WAITING = [call("a", "queued", T - 30), call("b", "queued", T - 90), call("c", "queued", T - 5, "tech")]


def test_waits() -> None:
    assert measured("wait", {"calls": [*WAITING, call("d", "talking", T - 500)]}) == {"sales": 90, "tech": 5}
    assert measured("wait", {"calls": WAITING}, queues=("tech",)) == {"tech": 5}
    assert measured("waiting", {"queues": [queue("sales", 2), queue("tech", 0)]}) == {"sales": 2, "tech": 0}


@pytest.mark.parametrize(
    ("who", "value"),
    [
        ((), 3), ((member(1),), 0), ((member(0),), 0), ((member(1, paused=True),), 3), ((member(1, in_call=True),), 3),
        ((member(2), member(5), member(6)), 3),
    ],
)  # fmt: skip
def test_nobody_ready(who: tuple[QueueMember, ...], value: float) -> None:
    assert measured("nobody_ready", {"queues": [queue("sales", 3, *who)]}) == {"sales": value}


def test_service_level_over_its_window() -> None:
    asked = []

    def level(pbx: str, name: str, seconds: float) -> float | None:
        asked.append((pbx, name, seconds))
        return 71.0 if name == "sales" else None

    queues = [queue("sales", 0), queue("tech", 0)]
    assert measured("service_level", {"queues": queues, "service_level": level}, window_minutes=30) == {"sales": 71}
    assert asked[0] == ("main", "sales", 1800)


def test_lines_and_links() -> None:
    trunks = [
        ("main", Endpoint(f"PJSIP/{n}", "trunk", reachable=up)) for n, up in (("a", True), ("b", False), ("c", None))
    ]
    assert measured("trunk_down", {"trunks": trunks}) == {"PJSIP/a": 0, "PJSIP/b": 1}
    links = [PbxLinkChanged("main", T, True, ""), PbxLinkChanged("north", T, False, "gone")]
    assert measured("link_down", {"links": links}) == {"main": 0, "north": 1}


def test_long_talk_is_from_the_answer_whatever_happened_since() -> None:
    calls = [
        call("a", "talking", T - 5, answered=T - 600),
        call("b", "held", T - 5, None, T - 60),
        call("c", "queued", T),
    ]
    assert measured("talk", {"calls": calls}, limit=60) == {"a": 600, "b": 60}
    assert measured("talk", {"calls": calls}, limit=60, queues=("sales",)) == {"a": 600}
    assert measured("talk", {"calls": calls}, limit=61, clear_limit=60) == {"a": 600, "b": 60}, "not over yet"
    assert measured("talk", {"calls": calls}, limit=61) == {"a": 600}, "what is no matter is left out"


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"limit": 2}, {"+981": 3, "+982": 2}), ({"limit": 3}, {"+981": 3}),
        ({"limit": 3, "clear_limit": 2}, {"+981": 3, "+982": 2}), ({"limit": 2.5}, {"+981": 3}), ({"limit": 4}, {}),
    ],
)  # fmt: skip
def test_repeat_callers(rule: dict[str, float], found: dict[str, float]) -> None:
    """From where on an alert would not be over."""
    repeats = Repeats([wanted(AlertRule(id="r", kind="repeat", window_minutes=60, **rule))])  # type: ignore[arg-type]
    for n, number in enumerate(("+981", "+982", "+981", "+983", "+982", "+981")):
        repeats.add(str(n), number, T - 10)
    assert measured("repeat", {"repeats": repeats}, window_minutes=60, **rule) == found


def test_a_rule_that_is_off_measures_nothing() -> None:
    assert readings([AlertRule(id="r", kind="wait", active=False)], Now(at=T)) == {}
    assert Subject(queue="a") == Subject(queue="a")
