"""Whom a supervisor reaches: his teams, their calls, the queues that they serve; who may see all calls, everybody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from crm_core.users.reach import TeamReach
from cti.control.phones import PhoneAt
from cti.kernel.actor import Actor, system
from cti.kernel.errors import ForbiddenError
from cti.live.events import LiveCall
from cti.live.record import Caller, CallRecord, Leg, Number
from tests.crm_core.users import people
from web.services import Crm

PEOPLE = PeopleAtPhones(
    names={},
    places=(
        Place("sara", "Sara", ("201",), (PhoneAt("main", "PJSIP/201", "201"),)),
        Place("reza", "Reza", ("202",), (PhoneAt("main", "PJSIP/202", "202"),)),
    ),
    mates=(
        Mate("sara", "Sara", ("sales",), ("shop",)),
        Mate("reza", "Reza", ("help", "night"), ("desk",)),
        Mate("lead", "Lead", ("sales",)),
    ),
    teams=(("help", "Help"), ("night", "Night"), ("sales", "Sales")),
)
LEAD = Actor("lead", "Lead", teams=frozenset({"sales"}))
ALL = Actor("boss", "Boss", permissions=frozenset({"calls.view_all"}))


def reach() -> TeamReach:
    made = TeamReach()
    made.take(PEOPLE)
    return made


def call(endpoint: str = "", state: Any = "talking", queue: str | None = None, pbx: str = "main") -> LiveCall:
    legs = (Leg("1.1", "callee", endpoint, endpoint.partition("/")[2], 1.0, None, None, None, 0.0, 0.0, 0.0, 0.0),)
    record = CallRecord(
        id="main-1.0", pbx=pbx, kind="call", linkedid="1.0", linkedids=("1.0",), direction="inbound",
        caller=Caller(None, None, None), dialled=Number(None, None), queue=queue, queue_waits=(), started_at=1.0,
        answered_at=None, ended_at=None, wait_seconds=None, talk_seconds=0.0, hold_seconds=0.0, duration_seconds=None,
        outcome=None, hung_up_by=None, legs=legs if endpoint else (), transfers=(), recordings=(), digits=None,
        conference=None, provisional=True,
    )  # fmt: skip
    return LiveCall(record, state, 1.0, ())


def test_a_supervisor_reaches_his_teams_and_himself() -> None:
    known = reach()
    assert known.users(LEAD) == {"lead", "sara"}
    assert known.may_user(LEAD, "sara") and known.may_user(LEAD, "lead")
    assert not known.may_user(LEAD, "reza") and not known.may_user(LEAD, "nobody")
    with pytest.raises(ForbiddenError):
        known.require_user(LEAD, "reza")
    assert known.may_team(LEAD, "sales") and not known.may_team(LEAD, "help")
    assert known.teams(LEAD) == (("sales", "Sales"),)


def test_who_is_in_no_team_reaches_only_himself() -> None:
    alone = Actor("reza", "Reza")
    assert reach().users(alone) == {"reza"}
    assert not reach().may_user(alone, "sara")


def test_who_may_see_every_call_reaches_everybody() -> None:
    for actor in (ALL, system("test")):
        assert reach().users(actor) is None and reach().queues(actor) is None
        assert reach().may_user(actor, "reza") and reach().may_call(actor, call()) and reach().may_team(actor, "help")
        assert [name for _, name in reach().teams(actor)] == ["Help", "Night", "Sales"]


def test_the_teams_that_serve_a_queue_and_that_are_in_a_call() -> None:
    known = reach()
    known.signed_in = lambda user: ("shop",) if user == "reza" else ()
    assert known.serving() == {"shop": {"sales", "help", "night"}, "desk": {"help", "night"}}
    assert known.teams_in(call("PJSIP/201")) == {"sales"}
    assert known.teams_in(call("PJSIP/999")) == known.teams_in(call(state="queued", queue="shop")) == frozenset()


def test_the_teams_of_somebody_have_names() -> None:
    assert reach().teams_of("reza") == (("help", "Help"), ("night", "Night"))
    assert reach().teams_of("gone") == () and reach().name("gone") == "" and reach().name("sara") == "Sara"
    assert reach().of_team("sales") == {"sara", "lead"} and reach().of_team("gone") == frozenset()


def test_a_call_is_reached_by_whoever_has_or_had_a_part_in_it() -> None:
    known = reach()
    assert known.may_call(LEAD, call("PJSIP/201"))
    assert not known.may_call(LEAD, call("PJSIP/202"))
    with pytest.raises(ForbiddenError):
        known.require_call(LEAD, call("PJSIP/202"))


def test_an_outside_line_is_nobodys_phone() -> None:
    outside = call("PJSIP/201")
    legs = tuple(msgspec.structs.replace(leg, outside=True) for leg in outside.record.legs)
    outside = msgspec.structs.replace(outside, record=msgspec.structs.replace(outside.record, legs=legs))
    assert not reach().may_call(LEAD, outside)


def test_who_waits_is_reached_by_those_whose_team_serves_the_queue() -> None:
    known = reach()
    assert known.may_call(LEAD, call(state="queued", queue="shop"))
    assert not known.may_call(LEAD, call(state="queued", queue="desk"))
    assert not known.may_call(LEAD, call(state="talking", queue="shop"))
    known.signed_in = lambda user: {"sara": ("desk",)}.get(user, ())
    assert known.may_call(LEAD, call(state="queued", queue="desk"))
    assert known.queues(LEAD) == {"shop", "desk"}


def test_before_anything_is_known_nobody_is_reached() -> None:
    assert TeamReach().users(LEAD) == {"lead"} and not TeamReach().may_user(LEAD, "sara")


async def test_what_is_told_of_people_has_everybody_with_teams_and_queues(crm: Crm) -> None:
    admin = system("test")
    sara = await people.make(crm, "sara", name="Sara", queues=("shop",))
    team = await crm.teams.create(admin, "Sales")
    await crm.teams.change(admin, team.id, users=(sara.id,))
    told = await crm.desks.people()
    assert Mate(sara.id, "Sara", (team.id,), ("shop",)) in told.mates and told.places == ()
    crm.reach.take(told)
    assert crm.reach.teams_of(sara.id) == ((team.id, "Sales"),)
