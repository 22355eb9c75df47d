"""Agents: what each does, at whose word, kept over restarts and told to who may know.

Events of the PBX come in by ``take_many`` and take effect at once; what changed is sent to the PBX (``driver``),
written down in groups, and published as ``AgentChanged``. A database that is away holds nobody in a state: it is
written when it is back.

Neighbours: ``floor`` has everybody in memory, ``view`` makes what is shown, ``cti.live.agents`` knows the states.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crm_core.agents import store, view
from crm_core.agents.floor import Event, Floor
from crm_core.agents.model import Reason
from crm_core.agents.people import People
from crm_core.agents.rules import AgentRules
from crm_core.results.events import ResultSaved
from cti.control.phones import DeviceKind
from cti.control.port import Pbx
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, left_for_later
from cti.kernel.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.live.agents import Agent, AgentChanged, Kept, Membership, Noted
from cti.live.events import LiveCall, PbxLinkChanged, QueueChanged

log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
LOOK_SECONDS = 2.0
"""How late changes of users (names, queues) are noticed."""
AGAIN_SECONDS = 1.0
"""A database that is away is asked again so often."""

UNKNOWN_PHONE = N_(
    "No PBX tells of a phone with the extension %(extension)s, so no queue can ring it. Choose another, or tell an"
    " administrator."
)
Settled = Callable[[], Mapping[str, Sequence[LiveCall]]]
"""The PBXs that have told how things stand, and their calls that are up."""


class Agents:
    """``start`` once, then ``run``, ``write`` and ``drive`` have to run. ``publish`` takes ``AgentChanged`` and
    ``Noted``."""

    def __init__(self, database: Database, clock: Clock, rules: AgentRules, language: str) -> None:
        self._database, self._clock, self._rules, self._language = database, clock, rules, language
        self._people = People(database)
        self.floor = Floor(clock, lambda: rules.now, self._name, language)
        self.publish: Callable[[object], None] = lambda _event: None
        self.settled: Settled = dict
        self.calls_today: Callable[[str], int | None] = lambda _user: None
        self.kind_of: Callable[[str, str], DeviceKind] = lambda _pbx, _endpoint: "unknown"
        self._states: dict[str, Kept] = {}
        self._noted: dict[str, Noted] = {}
        self._noted_at = 0  # milliseconds
        self._unwritten = asyncio.Event()
        self._writing = asyncio.Lock()
        self._looked_at = float("-inf")

    # --- wiring

    def connect(self, pbxs: Mapping[str, Pbx], presets: Mapping[str, str]) -> None:
        """The PBXs as ones that take commands, and the kind of each."""
        self.floor.driver.pbxs, self.floor.presets = pbxs, presets

    async def start(self) -> None:
        """Read what was written down."""
        await self._rules.load()
        await self._people.look()
        async with self._database.read() as reader:
            self.floor.load(await store.states(reader))

    def load(self, calls: Iterable[LiveCall], queues: Iterable[QueueChanged], links: Iterable[PbxLinkChanged]) -> None:
        """Take over how things stand (at the start, or after a gap in the events)."""
        self.floor.load_calls(calls)
        for link in links:
            self.floor.take(link)
        for queue in queues:
            self.floor.take(queue)
        self._tell()

    def take_many(self, events: Sequence[Event | ResultSaved]) -> None:
        """Take in what happened."""
        for event in events:
            if isinstance(event, ResultSaved):
                self._saved(event)
            else:
                self.floor.take(event)
        self._tell()

    async def run(self) -> None:
        """Let time pass, for as long as the product runs."""
        while True:
            self.floor.tick()
            self._release()
            self._tell()
            if self._clock.monotonic() - self._looked_at >= LOOK_SECONDS:
                self._looked_at = self._clock.monotonic()
                with left_for_later(log, "names and queues of agents stay as they were"):
                    await self.look()
            await self._clock.sleep(TICK_SECONDS)

    async def write(self) -> None:
        """Write down what changed, for as long as the product runs."""
        while True:
            await self._unwritten.wait()
            with left_for_later(log, "states of agents are not written"):
                await self.flush()
            if self._unwritten.is_set():
                await self._clock.sleep(AGAIN_SECONDS)

    async def drive(self) -> None:
        """Make the PBXs equal to our agents, for as long as the product runs."""
        await self.floor.driver.run()

    async def flush(self) -> None:
        """Write down all that changed, now."""
        async with self._writing:
            self._unwritten.clear()
            states, noted = self._states, self._noted
            if not states and not noted:
                return
            self._states, self._noted = {}, {}
            try:
                async with self._database.transaction() as tx:
                    await store.write(tx, states, noted, self._clock.now())
            except BaseException:
                self._states, self._noted = states | self._states, noted | self._noted
                self._unwritten.set()
                raise

    # --- what is shown

    def snapshot(self, user: str) -> dict[str, Any]:
        """What the topic ``agent`` of this user holds (for the product's own use)."""
        who = self._people.get(user)
        held = self.floor.queues_of(user, who.queues if who else ())
        return view.own(self.floor.agent(user), held, self._phone(user), self.floor.differences(user), self._named)

    def colleague(self, user: str) -> dict[str, Any] | None:
        """What colleagues see of this user; None if he takes no calls (for the product's own use)."""
        who = self._people.get(user)
        if who is None or not self.floor.takes_calls(user):
            return None
        phone = self.floor.phone(user)
        extension, reachable = (phone[2], phone[3]) if phone else (None, None)
        return view.colleague(self.floor.agent(user), who, extension, reachable, self._named)

    def reason(self, user: str) -> dict[str, str] | None:
        """Why he is paused, with its names in both languages (for the product's own use)."""
        agent = self.floor.agent(user)
        return view.reason_of(agent.pauses[-1], self._named) if agent.own == "pause" else None

    def colleagues(self) -> dict[str, dict[str, Any]]:
        """All that the topic ``agents`` holds (for the product's own use)."""
        return {user: told for user in sorted(self.floor.users()) if (told := self.colleague(user)) is not None}

    async def all(self, actor: Actor) -> list[dict[str, Any]]:
        """The colleagues who take calls, in order of their names. Needs agents.view."""
        actor.require("agents.view")
        await self.look()
        found = []
        for user, told in self.colleagues().items():
            who = self._people.get(user)
            calls = self.calls_today(user)
            counted = {} if calls is None else {"calls": calls}
            found.append({"id": user, **told, "teams": list(who.teams) if who else [], **counted})
        return sorted(found, key=lambda one: (one["name"], one["id"]))

    async def me(self, actor: Actor) -> dict[str, Any]:
        """My own state. Needs desk.use."""
        _user(actor)
        await self.look()
        return self.snapshot(actor.id)

    # --- commands

    async def sign_in(self, actor: Actor, queues: Sequence[str] | None = None) -> dict[str, Any]:
        """To these queues (by name), or to all that are mine; out of my others. Needs desk.use.

        InvalidError for a queue that is not mine, ConflictError without a phone.
        """
        agent = self._agent(actor)
        await self.look()
        if self.floor.place(actor.id) is None:
            raise ConflictError(N_("Choose a phone first: calls have to reach you somewhere."))
        mine, strange = self.memberships(agent, queues)
        if strange:
            raise InvalidError(N_("«%(queue)s» is not one of your queues."), queue=strange[0][:100])
        agent.sign_in(self._clock.now(), mine)
        return await self.done(agent)

    async def sign_out(self, actor: Actor) -> dict[str, Any]:
        """Out of all queues. Needs desk.use. ConflictError while a result is owed."""
        agent = self._agent(actor)
        self._may_leave(agent)
        if agent.on:
            agent.sign_out(self._clock.now())
        return await self.done(agent)

    async def ready(self, actor: Actor, *, all_of_them: bool = False) -> dict[str, Any]:
        """Back from the last pause (or from all), or from the wrap-up. Needs desk.use.

        ConflictError if I am signed out, or have to save a result first.
        """
        agent = self._agent(actor)
        self._signed_in(agent)
        if agent.own == "wrap":
            self._may_leave(agent)
            agent.finish(self._clock.now())
        if agent.own == "pause":
            agent.resume(self._clock.now(), all_of_them=all_of_them)
        return await self.done(agent)

    async def pause(self, actor: Actor, reason: str) -> dict[str, Any]:
        """Pause for a reason (its id); over another one it is one more. Needs desk.use.

        NotFoundError if there is no such reason, ConflictError if I am signed out.
        """
        agent = self._agent(actor)
        self._signed_in(agent)
        found = next((one for one in self._rules.now.reasons if one.id == reason and one.active), None)
        if found is None:
            raise NotFoundError(N_("There is no such reason for a pause."))
        agent.pause(self._clock.now(), found.id, found.label(self._language))
        return await self.done(agent)

    async def wrap_up_done(self, actor: Actor) -> dict[str, Any]:
        """My wrap-up is done. Needs desk.use. ConflictError if a result has to be saved first."""
        agent = self._agent(actor)
        self._may_leave(agent)
        agent.finish(self._clock.now())
        return await self.done(agent)

    async def extend(self, actor: Actor, seconds: float | None = None) -> dict[str, Any]:
        """More time for my wrap-up. Needs desk.use. ConflictError if there is none, or no more to have."""
        agent = self._agent(actor)
        if agent.wrap is None:
            raise ConflictError(N_("You are not in wrap-up."))
        if not agent.extend(self._clock.now(), seconds):
            raise ConflictError(N_("This wrap-up cannot be made longer."))
        return await self.done(agent)

    # --- parts

    def _agent(self, actor: Actor) -> Agent:
        _user(actor)
        return self.floor.agent(actor.id)

    def _signed_in(self, agent: Agent) -> None:
        if not agent.on:
            raise ConflictError(N_("You are signed out of your queues; sign in first."))

    def _may_leave(self, agent: Agent) -> None:
        if agent.wrap is not None and agent.wrap.rule.mandatory:
            raise ConflictError(N_("Save the result of the call first."))

    def _membership(self, one: Membership, on: bool) -> Membership:
        return Membership(one.pbx, one.queue, one.interface, one.state_interface, on)

    def memberships(self, agent: Agent, queues: Sequence[str] | None) -> tuple[tuple[Membership, ...], list[str]]:
        """The queues that he can be in, ``on`` those with these names (None: all); and the names that are none of
        his (for the product's own use). ConflictError if no PBX knows of his phone."""
        mine = self._open_to(agent)
        who, place = self._people.get(agent.user), self.floor.place(agent.user)
        if not mine and place is not None and not place.phones and who is not None and who.queues:
            raise ConflictError(UNKNOWN_PHONE, extension=", ".join(place.extensions))
        names = {one.queue for one in mine}
        wanted = names if queues is None else set(queues)
        return tuple(self._membership(one, one.queue in wanted) for one in mine), sorted(wanted - names)

    def _open_to(self, agent: Agent) -> list[Membership]:
        """The queues that he can be in, as he is in them where he is."""
        who = self._people.get(agent.user)
        found = {
            one.key: self._membership(one, False) for one in self.floor.open_to(agent.user, who.queues if who else ())
        }
        return list((found | {k: one for k, one in agent.memberships.items() if one.on or k in found}).values())

    async def done(self, agent: Agent) -> dict[str, Any]:
        """A command took effect: the PBX is told, it is written down, and the state as it is now (for the product's
        own use)."""
        self.floor.changed(agent.user)
        self._tell()
        with left_for_later(log, "a state is not written"):
            await self.flush()
        return self.snapshot(agent.user)

    def _tell(self) -> None:
        dirty, self.floor.dirty = self.floor.dirty, set()
        for user in dirty:
            agent = self.floor.agent(user)
            self._states[user] = agent.kept()
            for one in agent.noted:
                self._note(one)
            agent.noted.clear()
        if dirty:
            self._unwritten.set()
        touched, self.floor.touched = self.floor.touched, set()
        for user in touched | dirty:
            self.publish(self._changed(self.floor.agent(user)))

    def _note(self, one: Noted) -> None:
        """Its id is made here, once, however often it is written; ids sort as things happened, also in one moment."""
        self._noted_at = max(int(one.at * 1000), self._noted_at + 1)  # whole: of 0.001 s more a float may lose all
        self._noted[new_id((self._noted_at + 0.5) / 1000)] = one
        self.publish(one)

    def _changed(self, agent: Agent) -> AgentChanged:
        (state, since), part = agent.shown, agent.part
        reason = agent.pauses[-1] if state == "pause" and agent.pauses else None
        call = part.call if part is not None else agent.wrap.call if agent.wrap is not None else None
        return AgentChanged(agent.user, self._clock.now(), state, since, reason, call)

    def _saved(self, event: ResultSaved) -> None:
        agent = self.floor.agent(event.user)
        agent.saved(self._clock.now(), event.call)
        self.floor.changed(event.user)

    def _release(self) -> None:
        """Who is held for a talk that is not up any more, as after a restart, is let go."""
        if any(call not in agent.parts for agent in self.floor.agents.values() for call in agent.owed):
            for pbx, calls in self.settled().items():
                self.floor.standing(pbx, calls)

    async def look(self) -> None:
        """Read who the users are anew, if that has changed (for the product's own use)."""
        if await self._people.look():
            self.floor.touched |= self.floor.users()
            for user, agent in self.floor.agents.items():
                if agent.on and self._people.get(user) is None:
                    agent.sign_out(self._clock.now(), by="system")
                    self.floor.changed(user)
            self._tell()

    def _named(self, reason: str) -> Reason | None:
        return self._rules.now.reason(reason)

    def _name(self, user: str) -> str:
        who = self._people.get(user)
        return who.name[:80] if who else ""

    def _phone(self, user: str) -> dict[str, Any] | None:
        phone = self.floor.phone(user)
        if phone is None:
            return None
        pbx, endpoint, extension, reachable = phone
        kind = self.kind_of(pbx, endpoint)
        found: dict[str, Any] = {
            "ext": extension, "kind": kind, "endpoint": endpoint, "pbx": pbx, "reachable": reachable,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value not in ("", None)}


def _user(actor: Actor) -> None:
    actor.require("desk.use")
    if actor.kind == "system":
        raise ForbiddenError(N_("Only a user has a state as an agent."))
