"""Of those who talk in a call, whom a supervisor may hear."""

from __future__ import annotations

import pytest

from cti.control.whom import Nobody, Whom
from cti.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from tests.cti.control.office import CALL, Office, agent
from tests.cti.control.test_spying import Teams

BOSS = agent("203", "supervisor")


def whom(office: Office, *reached: str) -> Whom:
    teams = Teams()
    teams.reached = set(reached)
    return Whom(office.commands.parts, teams)


def test_the_one_who_is_reached_is_heard() -> None:
    office = Office().in_call()
    office.desk.dial("1.1", "1.2", "202", "202").talk("1.2", bridge="c")
    call = office.tell().commands.parts.call(CALL)
    for extension in ("201", "202"):
        assert whom(office, f"u{extension}").agent(BOSS, call).extension == extension
    assert whom(office, "u201").names(("u201", "u9")) == "Sara"


def test_who_only_rings_has_not_taken_the_call() -> None:
    office = Office()
    office.desk.born("1.0", "trunk", number="09121112233", exten="5001").dial("1.0", "1.1", "201", "5001")
    call = office.tell().commands.parts.call(CALL)
    assert whom(office, "u201").ours(call) == []
    with pytest.raises(ConflictError):
        whom(office, "u201").agent(BOSS, call)


def test_a_call_that_is_over_has_nobody() -> None:
    office = Office().in_call()
    call = office.commands.parts.call(CALL)
    office.desk.gone("1.0", "1.1")
    office.tell()
    with pytest.raises(NotFoundError):
        whom(office, "u201").ours(call)


def test_where_nobody_is_reached_nobody_is_heard() -> None:
    office = Office().in_call()
    found = Whom(office.commands.parts, Nobody())
    with pytest.raises(ForbiddenError):
        found.agent(BOSS, office.commands.parts.call(CALL))
    assert not found.may_hear(BOSS, ("u201",)) and found.names(("u201",)) == ""
