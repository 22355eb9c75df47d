"""Agents as people and the PBX make them: commands, what is kept over restarts, what is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crm_core.agents import store
from crm_core.agents.model import QueueWrap, Rules
from crm_core.agents.service import Agents
from crm_core.results.events import ResultSaved
from crm_core.users.account import UserDraft
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.control.fake import FakePbx
from cti.control.phones import PhoneAt
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.live.agents import AgentChanged, Noted
from cti.live.events import CallChanged, CallEnded, LiveCall, PbxLinkChanged, QueueChanged
from tests.crm_core.agents.floors import PHONE, T, call, leg, member, queue
from tests.crm_core.users import people
from tests.live import until
from web.services import Crm


class Work:
    """One agent at work, beside a PBX that takes commands."""

    def __init__(self, crm: Crm, agents: Agents, actor: Actor, told: list[AgentChanged]) -> None:
        self.crm, self.agents, self.actor, self.told = crm, agents, actor, told
        self.pbx = FakePbx(queues={"sales": {PHONE}, "support": set()})
        agents.connect({"main": self.pbx}, {"main": "plain"})
        self.noted: list[Noted] = []
        agents.publish = self.hear

    def hear(self, event: object) -> None:
        if isinstance(event, AgentChanged):
            self.told.append(event)
        elif isinstance(event, Noted):
            self.noted.append(event)

    @property
    def own(self) -> str:
        return str(self.agents.snapshot(self.actor.id)["own"])

    def stand(self, *calls: LiveCall) -> None:
        place = Place(self.actor.id, "Sara", ("201",), (PhoneAt("main", PHONE, "201", True),))
        self.agents.take_many([PeopleAtPhones({}, (place,))])
        queues = [queue("sales", member()), queue("support")]
        self.agents.load(calls, queues, [PbxLinkChanged("main", T, True, "")])

    def talk(self, id: str = "main-1") -> None:
        self.agents.take_many([CallChanged(T, call(leg("talking", answered=True), id=id))])

    def hang_up(self, id: str = "main-1") -> None:
        self.agents.take_many([CallEnded(T, call(leg("ended", answered=True), id=id).record)])


@pytest.fixture
async def work(crm: Crm) -> Work:
    user = await people.make(crm, "sara", extensions=("201",), queues=("sales", "support"))
    actor, _ = await people.sign_in(crm, user)
    made = Work(crm, crm.agents, actor, [])
    await crm.agents.start()
    made.stand()
    return made


@asynccontextmanager
async def running(work: Work) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(run()) for run in (work.agents.run, work.agents.write, work.agents.drive)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def rules(crm: Crm, **wrap: object) -> None:
    now = (await crm.agent_rules.get(people.SYSTEM)).version
    await crm.agent_rules.put(people.SYSTEM, Rules(wraps=(QueueWrap(queue="*", **wrap),), version=now))  # type: ignore[arg-type]


async def again(work: Work, clock: ManualClock) -> Work:
    """The product killed and started again: another service over the same database."""
    fresh = Agents(work.crm.database, clock, work.crm.agent_rules, "fa")
    await fresh.start()
    return Work(work.crm, fresh, work.actor, [])


async def test_signed_in_to_all_of_his_or_to_some(work: Work) -> None:
    told = await work.agents.sign_in(work.actor)
    assert told["state"] == "ready"
    assert {one.queue: one.on for one in work.agents.floor.agent(work.actor.id).memberships.values()} == {
        "sales": True,
        "support": True,
    }
    await work.agents.sign_in(work.actor, ["support"])
    assert {one.queue: one.on for one in work.agents.floor.agent(work.actor.id).memberships.values()} == {
        "sales": False,
        "support": True,
    }
    await work.agents.sign_in(work.actor, [])
    assert not any(one.on for one in work.agents.floor.agent(work.actor.id).memberships.values())


async def test_what_cannot_be_is_refused(work: Work) -> None:
    with pytest.raises(InvalidError):
        await work.agents.sign_in(work.actor, ["secret"])
    for command in (
        work.agents.ready(work.actor),
        work.agents.pause(work.actor, "lunch"),
        work.agents.extend(work.actor),
    ):
        with pytest.raises(ConflictError):
            await command
    await work.agents.sign_in(work.actor)
    with pytest.raises(NotFoundError):
        await work.agents.pause(work.actor, "wrap-up")
    with pytest.raises(ForbiddenError):
        await work.agents.sign_in(people.SYSTEM)
    with pytest.raises(ConflictError):
        await work.agents.sign_in(Actor("u9", "Nowhere", permissions=frozenset({"desk.use"})))


async def test_the_pbx_follows_the_commands(work: Work) -> None:
    async with running(work):
        await work.agents.sign_in(work.actor)
        await until(lambda: PHONE in work.pbx.queues["support"])
        work.agents.take_many([queue("support", member(dynamic=True))])
        await work.agents.pause(work.actor, "lunch")
        await until(lambda: any(one.arguments.get("reason") == "ناهار" for one in work.pbx.commands))


async def test_a_mandatory_wrap_up_ends_with_the_result_and_not_before(work: Work) -> None:
    await rules(work.crm, seconds=None, mandatory=True)
    await work.agents.sign_in(work.actor)
    work.talk()
    work.hang_up()
    assert work.own == "wrap"
    for command in (work.agents.ready, work.agents.wrap_up_done, work.agents.sign_out):
        with pytest.raises(ConflictError):
            await command(work.actor)
    work.agents.take_many([ResultSaved(work.actor.id, "main-1", "sale", T)])
    assert work.own == "ready"


async def test_ready_ends_an_optional_wrap_up_and_then_a_pause(work: Work) -> None:
    await work.agents.sign_in(work.actor)
    work.talk()
    work.hang_up()
    assert (await work.agents.extend(work.actor))["wrap"]["extended"] == 1
    assert (await work.agents.ready(work.actor))["state"] == "ready"
    await work.agents.pause(work.actor, "lunch")
    await work.agents.pause(work.actor, "meeting")
    assert (await work.agents.ready(work.actor))["reason"]["id"] == "lunch"
    assert (await work.agents.ready(work.actor))["state"] == "ready"


async def test_a_wrap_up_ends_by_itself_and_all_that_happened_is_kept(work: Work, clock: ManualClock) -> None:
    async with running(work):
        await work.agents.sign_in(work.actor, ["sales"])
        work.talk()
        work.hang_up()
        clock.advance(29.9)
        await until(lambda: clock.sleepers)
        assert work.own == "wrap"
        clock.advance(0.3)
        await until(lambda: work.own == "ready")
    await work.agents.flush()
    async with work.crm.database.read() as reader:
        noted = await store.events(reader, [work.actor.id], 0.0, clock.now() + 1)
    assert [one.kind for one in noted] == ["sign_in", "wrap", "wrap_over", "ready"]
    assert (noted[1].call, noted[1].queue) == ("main-1", "sales")


async def test_states_survive_a_restart(work: Work, clock: ManualClock) -> None:
    await work.agents.sign_in(work.actor)
    await work.agents.pause(work.actor, "lunch")
    fresh = await again(work, clock)
    assert fresh.agents.snapshot(work.actor.id)["reason"]["label"] == "ناهار"
    fresh.stand()
    async with running(fresh):
        await until(lambda: any(one.arguments.get("reason") == "ناهار" for one in fresh.pbx.commands))


async def test_a_wrap_up_that_ran_out_while_we_were_down_is_over(work: Work, clock: ManualClock) -> None:
    await work.agents.sign_in(work.actor)
    work.talk()
    work.hang_up()
    await work.agents.flush()
    clock.advance(600.0)
    fresh = await again(work, clock)
    async with running(fresh):
        await until(lambda: fresh.own == "ready")


async def test_who_was_held_for_a_talk_that_is_over_is_released(work: Work, clock: ManualClock) -> None:
    await work.agents.sign_in(work.actor)
    work.talk()
    await work.agents.flush()
    fresh = await again(work, clock)
    fresh.stand()
    async with running(fresh):
        await until(lambda: clock.sleepers)
        assert fresh.agents.floor.agent(work.actor.id).paused, "the PBX has not told yet"
        fresh.agents.settled = lambda: {"main": []}
        clock.advance(0.3)
        await until(lambda: fresh.own == "wrap")


async def test_a_database_that_is_away_holds_nobody(work: Work) -> None:
    """The command takes effect; it is written when the database is back."""
    await work.agents.sign_in(work.actor)
    async with work.crm.database.transaction() as tx:
        await tx.execute("ALTER TABLE agent_event RENAME TO agent_event_gone")
    assert (await work.agents.pause(work.actor, "lunch"))["state"] == "pause"
    async with work.crm.database.transaction() as tx:
        await tx.execute("ALTER TABLE agent_event_gone RENAME TO agent_event")
    async with running(work):

        async def written() -> bool:
            async with work.crm.database.read() as reader:
                return bool((await store.states(reader))[work.actor.id].pauses)

        await until(written)


async def test_a_phone_that_no_pbx_tells_of_is_said_to_be_unknown(work: Work) -> None:
    nowhere = Place(work.actor.id, "Sara", ("299",))
    work.agents.take_many([PeopleAtPhones({}, (nowhere,))])
    with pytest.raises(ConflictError, match="No PBX tells of a phone with the extension 299"):
        await work.agents.sign_in(work.actor)
    assert "endpoint" not in work.agents.snapshot(work.actor.id)["phone"]


async def test_every_change_is_told(work: Work) -> None:
    await work.agents.sign_in(work.actor)
    work.told.clear()
    work.agents.take_many([CallChanged(T, call(leg("ringing")))])
    work.talk()
    work.hang_up()
    assert [(one.state, one.call) for one in work.told] == [("ring", "main-1"), ("talk", "main-1"), ("wrap", "main-1")]
    assert [one.kind for one in work.noted][-1:] == ["wrap"], "and what is kept of it, as it is kept"
    await work.agents.flush()
    async with work.crm.database.read() as reader:
        assert await store.notes(reader, 0.0, T + 9e9) == tuple(work.noted)


async def test_colleagues_see_who_takes_calls(work: Work) -> None:
    watcher = Actor("u8", "Omid", permissions=frozenset({"agents.view"}))
    await people.make(work.crm, "clerk")
    (seen,) = await work.agents.all(watcher)
    assert (seen["id"], seen["state"], seen["ext"], seen["reachable"]) == (work.actor.id, "off", "201", True)
    assert "calls" not in seen  # nobody counts
    work.agents.calls_today = {work.actor.id: 7}.get
    assert [one["calls"] for one in await work.agents.all(watcher)] == [7]
    assert work.agents.colleague("nobody") is None
    with pytest.raises(ForbiddenError):
        await work.agents.all(Actor("u9", "Nobody"))


async def test_who_is_not_a_user_any_more_is_signed_out(work: Work, clock: ManualClock) -> None:
    await work.agents.sign_in(work.actor)
    await people.make(work.crm, "boss", "administrator")
    await work.crm.users.switch(people.SYSTEM, work.actor.id, active=False)
    async with running(work):
        await until(lambda: work.own == "off")


async def test_a_queue_that_became_his_is_offered(work: Work) -> None:
    await work.crm.users.change(people.SYSTEM, work.actor.id, UserDraft(queues=("support", "night")))
    work.agents.take_many([QueueChanged("main", T, "night", 0, ())])
    told = await work.agents.me(work.actor)
    assert [one["queue"] for one in told["queues"]] == ["night", "sales", "support"]
