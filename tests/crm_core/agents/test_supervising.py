"""Whoever leads agents changes their states: with who did it, told to them, and noted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from crm_core.agents import store
from crm_core.agents.supervising import Supervised
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.live.agents import Membership, Part, WrapRule
from tests.crm_core.agents.test_service import Work, work
from tests.crm_core.users import people
from web.services import Crm

__all__ = ["work"]

Act = Callable[[Actor, str], Awaitable[object]]


class Led:
    """An agent at work, and somebody who leads his team; ``told`` is what he was told."""

    def __init__(self, work: Work, lead: Actor, told: list[Supervised]) -> None:
        self.work, self.lead, self.told = work, lead, told
        self.supervising, self.user = work.crm.supervising, work.actor.id

    @property
    def pauses(self) -> list[tuple[str, str]]:
        return [(one.reason, one.by) for one in self.work.agents.floor.agent(self.user).pauses]

    def acts(self) -> list[Act]:
        s = self.supervising
        return [lambda a, u: s.pause(a, u, "lunch"), s.ready, s.sign_in, s.sign_out]


@pytest.fixture
async def led(work: Work, crm: Crm) -> Led:
    lead = (await people.sign_in(crm, await people.make(crm, "lead", "supervisor", name="Lead")))[0]
    lead = Actor(lead.id, lead.name, permissions=lead.permissions, teams=frozenset({"sales"}))
    mates = (
        Mate(work.actor.id, "Sara", ("sales",)),
        Mate(lead.id, "Lead", ("sales",)),
        Mate("omid", "Omid", ("help",)),
    )
    crm.reach.take(PeopleAtPhones({}, mates=mates))
    told: list[Supervised] = []
    crm.supervising.publish = told.append  # type: ignore[assignment]
    return Led(work, lead, told)


async def test_a_day_at_somebody_elses_word(led: Led) -> None:
    who, lead, user = led.supervising, led.lead, led.user
    with pytest.raises(ConflictError, match="Sara is signed out"):
        await who.pause(lead, user, "lunch")
    assert (await who.sign_in(lead, user))["own"] == "ready"
    with pytest.raises(NotFoundError):
        await who.pause(lead, user, "nonsense")
    assert (await who.pause(lead, user, "lunch"))["reason"]["id"] == "lunch"
    assert led.pauses == [("lunch", lead.id)]
    await led.work.agents.pause(led.work.actor, "meeting")
    assert (await who.ready(lead, user))["own"] == "ready" and led.pauses == []
    assert (await who.sign_out(lead, user))["own"] == "off"
    assert [(one.user, one.what, one.by, one.reason and one.reason.id) for one in led.told] == [
        (user, "sign-in", "Lead", None), (user, "pause", "Lead", "lunch"), (user, "ready", "Lead", None),
        (user, "sign-out", "Lead", None),
    ]  # fmt: skip


async def test_it_is_kept_who_did_it(led: Led, crm: Crm) -> None:
    await led.supervising.sign_in(led.lead, led.user, ["sales"])
    await led.supervising.pause(led.lead, led.user, "lunch")
    async with crm.database.read() as reader:
        noted = await store.events(reader, [led.user], 0.0, 4e9)
    assert [(one.kind, one.queue, one.by) for one in noted] == [
        ("sign_in", "sales", led.lead.id),
        ("pause", "", led.lead.id),
    ]
    async with crm.database.read() as reader:
        rows = await reader.fetch("SELECT actor, action, record FROM audit WHERE action = 'supervised'")
    assert [tuple(row) for row in rows] == [(led.lead.id, "supervised", led.user)] * 2


async def test_to_queues_of_his_and_no_others(led: Led) -> None:
    told = await led.supervising.sign_in(led.lead, led.user, ["support"])
    agent = led.work.agents.floor.agent(led.user)
    assert told["own"] == "ready" and [one.queue for one in agent.memberships.values() if one.on] == ["support"]
    with pytest.raises(InvalidError, match="secret"):
        await led.supervising.sign_in(led.lead, led.user, ["secret"])
    assert all(isinstance(one, Membership) for one in agent.memberships.values())


async def test_a_wrap_up_that_owes_a_result_is_ended(led: Led) -> None:
    await led.supervising.sign_in(led.lead, led.user)
    agent, now = led.work.agents.floor.agent(led.user), 1.0
    agent.join(Part("main-1.1", "main", "talk", now, "sales", talked=True), now, WrapRule(60.0, mandatory=True))
    agent.leave("main-1.1", now)
    assert agent.own == "wrap"
    assert (await led.supervising.ready(led.lead, led.user))["own"] == "ready"


async def test_others_are_out_of_reach_and_agents_may_not(led: Led, crm: Crm) -> None:
    agents = Actor(led.work.actor.id, "Sara", permissions=led.work.actor.permissions, teams=frozenset({"sales"}))
    for act in led.acts():
        with pytest.raises(ForbiddenError):
            await act(led.lead, "omid")
        with pytest.raises(ForbiddenError):
            await act(agents, led.user)
    everybody = people.SYSTEM
    with pytest.raises(NotFoundError):
        await led.supervising.pause(everybody, led.lead.id, "lunch")  # takes no calls
    with pytest.raises(NotFoundError):
        await led.supervising.ready(led.lead, "nonsense")
    assert led.told == []


async def test_who_works_at_no_phone_is_not_signed_in(led: Led) -> None:
    await led.supervising.sign_in(led.lead, led.user)
    led.work.agents.take_many([PeopleAtPhones({})])
    with pytest.raises(ConflictError, match="no phone"):
        await led.supervising.sign_in(led.lead, led.user)


async def test_what_i_do_to_myself_is_not_told_to_me(led: Led, crm: Crm) -> None:
    me = Actor(led.user, "Sara", permissions=led.lead.permissions, teams=frozenset({"sales"}))
    await led.supervising.sign_in(me, led.user)
    assert led.told == []
