"""Steps of a call by a click, read off what happens. With a real Asterisk: ``tests/pbx/test_control.py``."""

from __future__ import annotations

import pytest

from cti.control.dials import (
    MY_BUSY,
    MY_DECLINED,
    MY_NOANSWER,
    MY_UNREACHABLE,
    THEIR_LINE,
    THEY_REFUSED,
    WRONG_NUMBER,
    Click,
)
from tests.cti.control.office import Office

UID = "tamas-1.7"


def clicked() -> Office:
    """201's phone rings for a click to a mobile."""
    office = Office()
    office.dials.begin(Click("main", "u201", UID, "09121112233"), office.desk.at)
    office.desk.dial(None, UID, "201", linkedid=UID)
    return office.tell()


def way(office: Office) -> list[tuple[str, str]]:
    return [(step.step, step.reason) for step in office.steps]


def test_all_the_way() -> None:
    office = clicked()
    office.desk.wait(1).state(UID, "up")
    office.tell().desk.dial(UID, "1.2", "trunk", "09121112233", linkedid=UID)
    office.tell().desk.wait(3).state("1.2", "up").enter("b", UID, "1.2")
    office.tell().desk.wait(9).asked(UID).leave("b", UID, "1.2").gone("1.2", UID)
    office.tell()
    assert [step for step, _ in way(office)] == ["my_phone", "dialling", "they_ring", "talking", "over"]
    assert [(s.uniqueid, s.user, s.to, s.pbx) for s in office.steps] == [(UID, "u201", "09121112233", "main")] * 5
    assert [step.over for step in office.steps] == [False] * 4 + [True]
    assert {step.call for step in office.steps[1:]} == {f"main-{UID}"}


@pytest.mark.parametrize(
    ("status", "cause", "step", "reason"),
    [
        ("busy", 17, "busy", ""), ("noanswer", 18, "noanswer", ""), ("noanswer", 21, "refused", THEY_REFUSED),
        ("noanswer", 1, "failed", THEIR_LINE), ("congestion", 34, "failed", THEIR_LINE),
    ],
)  # fmt: skip
def test_they_do_not_answer(status: str, cause: int, step: str, reason: str) -> None:
    office = clicked()
    office.desk.state(UID, "up").dial(UID, "1.2", "trunk", "09121112233", linkedid=UID)
    office.tell().desk.wait(2).dialled("1.2", status).gone("1.2", cause=cause)
    office.tell().desk.gone(UID, cause=16)
    office.tell()
    assert way(office)[-1] == (step, reason)
    assert office.steps[-1].over
    assert "talking" not in dict(way(office))


def test_a_second_line_is_tried() -> None:
    office = clicked()
    office.desk.state(UID, "up").dial(UID, "1.2", "trunk-a", "09121112233", linkedid=UID)
    office.tell().desk.dialled("1.2", "congestion").gone("1.2", cause=34)
    office.tell().desk.dial(UID, "1.3", "trunk-b", "09121112233", linkedid=UID)
    office.tell().desk.state("1.3", "up").enter("b", UID, "1.3")
    office.tell()
    assert [step for step, _ in way(office)] == ["my_phone", "they_ring", "talking"]


@pytest.mark.parametrize(
    ("status", "cause", "reason"),
    [
        ("busy", 17, MY_BUSY), ("noanswer", 19, MY_NOANSWER), ("noanswer", 21, MY_DECLINED),
        ("chanunavail", 20, MY_UNREACHABLE),
    ],
)  # fmt: skip
def test_my_own_phone_is_why(status: str, cause: int, reason: str) -> None:
    office = clicked()
    office.desk.wait(5).dialled(UID, status).gone(UID, cause=cause)
    office.tell()
    assert way(office) == [("my_phone", ""), ("failed", reason)]


def test_a_phone_that_never_had_a_channel_is_told_by_the_order_alone() -> None:
    office = Office()
    office.dials.begin(Click("main", "u201", UID, "202"), 0.0)
    office.order("of somebody else")
    office.order(UID, ok=True)
    assert way(office) == [("my_phone", "")]
    office.order(UID)
    assert way(office)[1:] == [("failed", MY_UNREACHABLE)]
    office.order(UID)
    assert len(office.steps) == 2


def test_a_busy_phone_told_by_the_order_alone() -> None:
    office = Office()
    office.dials.begin(Click("main", "u201", UID, "202"), 0.0)
    office.order(UID, reason=5)
    assert way(office)[1:] == [("failed", MY_BUSY)]


def test_the_order_says_nothing_of_a_call_that_is_seen() -> None:
    office = clicked()
    office.order(UID)
    assert way(office) == [("my_phone", "")]


def test_a_number_that_the_dialplan_does_not_know() -> None:
    office = clicked()
    office.desk.state(UID, "up").wait(1).gone(UID, cause=1)
    office.tell()
    assert way(office)[-1] == ("failed", WRONG_NUMBER)


def test_hung_up_by_myself_is_no_failure() -> None:
    office = clicked()
    office.desk.state(UID, "up").dial(UID, "1.2", "trunk", "09121112233", linkedid=UID).wait(3)
    office.tell().desk.asked(UID).dialled("1.2", "cancel").gone("1.2").gone(UID)
    office.tell()
    assert way(office)[-1] == ("over", "")
