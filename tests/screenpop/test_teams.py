"""A team's board is made of everybody's: what comes into its sight is told whole, what goes out is taken away."""

from __future__ import annotations

from typing import Any

import pytest

from screenpop.teams import TeamBoards

CARD = {"id": "a", "state": "talking", "teams": ["t1"]}


def whole(**calls: Any) -> dict[str, Any]:
    parts = {
        "agents": {},
        "queues": {},
        "links": {"main": {"up": True}},
        "rules": {},
        "teams": {},
        "today": {"calls": 1},
    }
    return {"calls": calls, **parts}


@pytest.fixture
def boards() -> TeamBoards:
    made = TeamBoards()
    told = made.snapshot("t1", whole(a=CARD, b={"id": "b"}))
    assert told["calls"] == {"a": CARD}
    assert "today" not in told
    return made


def test_what_is_in_sight_is_told_as_it_changes(boards: TeamBoards) -> None:
    now = whole(a=CARD | {"state": "held"})
    assert boards.patch("t1", {"calls": {"a": {"state": "held"}}, "today": {"calls": 2}}, now) == {
        "calls": {"a": {"state": "held"}}
    }


def test_what_comes_into_sight_is_told_whole_and_what_goes_is_taken_away(boards: TeamBoards) -> None:
    found = {"id": "b", "teams": ["t1", "t2"]}
    change = {"calls": {"b": {"teams": ["t1", "t2"]}, "a": {"teams": None}}}
    assert boards.patch("t1", change, whole(a={"id": "a"}, b=found)) == {"calls": {"b": found, "a": None}}
    assert boards.patch("t1", {"calls": {"b": None, "a": None}}, whole()) == {"calls": {"b": None}}


def test_what_never_was_in_sight_is_not_told(boards: TeamBoards) -> None:
    assert boards.patch("t1", {"calls": {"b": {"state": "held"}}}, whole(a=CARD, b={"id": "b"})) == {}


def test_links_are_everybodys(boards: TeamBoards) -> None:
    change = {"links": {"main": {"up": False}}}
    assert boards.patch("t1", change, whole(a=CARD)) == change
    boards.forget("t1")
    assert boards.teams() == ()


WAITS = {"id": "c", "state": "queued", "pbx": "main", "queue": "sales"}


def served(*teams: str) -> dict[str, Any]:
    return {"main/sales": {"name": "sales", "teams": list(teams)} if teams else {"name": "sales"}}


def test_who_waits_concerns_who_serves_his_queue(boards: TeamBoards) -> None:
    now = whole(c=WAITS) | {"queues": served("t1", "t2")}
    assert TeamBoards().snapshot("t2", now)["calls"] == {"c": WAITS}
    row = served("t1", "t2")["main/sales"]
    told = boards.patch("t1", {"calls": {"c": WAITS, "a": None}, "queues": {"main/sales": row}}, now)
    assert told == {"calls": {"c": WAITS, "a": None}, "queues": {"main/sales": row}}
    talks = WAITS | {"state": "talking", "teams": ["t2"]}
    change = {"calls": {"c": {"state": "talking", "teams": ["t2"]}}}
    assert boards.patch("t1", change, whole(c=talks) | {"queues": served("t1", "t2")}) == {"calls": {"c": None}}


def test_a_queue_that_others_serve_by_now_brings_who_waits_in_it_or_takes_him_away(boards: TeamBoards) -> None:
    before = whole(a=CARD, c=WAITS)
    assert boards.patch("t1", {"queues": {"main/sales": {"teams": ["t1"]}}}, before | {"queues": served("t1")}) == {
        "calls": {"c": WAITS},
        "queues": {"main/sales": served("t1")["main/sales"]},
    }
    assert boards.patch("t1", {"queues": {"main/sales": {"teams": None}}}, before | {"queues": served()}) == {
        "calls": {"c": None},
        "queues": {"main/sales": None},
    }
