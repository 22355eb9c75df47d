"""Changing what others do as agents: pause, ready, in and out of queues, at the word of somebody who leads them.

It takes effect as if they had done it themselves, with who did it; they are told at once (``Supervised``). Neighbours:
``service`` has what each may do himself, ``crm_core.users.reach`` says whom somebody leads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from crm_core.agents.model import Reason
from crm_core.agents.rules import AgentRules
from crm_core.agents.service import Agents
from crm_core.audit.service import Audit
from crm_core.users.reach import TeamReach
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.live.agents import Agent

MANAGE = "agents.manage"
What = Literal["pause", "ready", "sign-in", "sign-out"]


class Supervised(msgspec.Struct, frozen=True):
    """``by`` (a name) has changed the state of ``user`` (an id). ``reason``: that of a pause."""

    user: str
    at: float
    what: What
    by: str
    reason: Reason | None = None


class Supervising:
    """``publish`` takes ``Supervised``."""

    def __init__(
        self, agents: Agents, rules: AgentRules, reach: TeamReach, audit: Audit, clock: Clock, language: str
    ) -> None:
        self._agents, self._rules, self._reach = agents, rules, reach
        self._audit, self._clock, self._language = audit, clock, language
        self.publish: Callable[[object], None] = lambda _event: None

    async def pause(self, actor: Actor, user: str, reason: str) -> dict[str, Any]:
        """Pause somebody for a reason (its id). Needs agents.manage. NotFoundError if there is no such reason or user,
        ConflictError if he is signed out."""
        agent = await self._agent(actor, user)
        self._signed_in(agent)
        found = next((one for one in self._rules.now.reasons if one.id == reason and one.active), None)
        if found is None:
            raise NotFoundError(N_("There is no such reason for a pause."))
        agent.pause(self._clock.now(), found.id, found.label(self._language), by=actor.id)
        return await self._done(actor, agent, "pause", found)

    async def ready(self, actor: Actor, user: str) -> dict[str, Any]:
        """Back from all pauses and from wrap-up. Needs agents.manage. ConflictError if he is signed out."""
        agent = await self._agent(actor, user)
        self._signed_in(agent)
        if agent.own == "wrap":
            agent.finish(self._clock.now(), by=actor.id)
        if agent.own == "pause":
            agent.resume(self._clock.now(), all_of_them=True, by=actor.id)
        return await self._done(actor, agent, "ready")

    async def sign_in(self, actor: Actor, user: str, queues: Sequence[str] | None = None) -> dict[str, Any]:
        """To these queues (by name), or to all that are his; out of his others. Needs agents.manage.

        InvalidError for a queue that is not his, ConflictError without a phone.
        """
        agent = await self._agent(actor, user)
        if self._agents.floor.place(user) is None:
            raise ConflictError(N_("%(name)s works at no phone now."), name=self._reach.name(user))
        his, strange = self._agents.memberships(agent, queues)
        if strange:
            raise InvalidError(
                N_("«%(queue)s» is not one of the queues of %(name)s."),
                queue=strange[0][:100],
                name=self._reach.name(user),
            )
        agent.sign_in(self._clock.now(), his, by=actor.id)
        return await self._done(actor, agent, "sign-in")

    async def sign_out(self, actor: Actor, user: str) -> dict[str, Any]:
        """Out of all queues; pauses and wrap-up end with it. Needs agents.manage."""
        agent = await self._agent(actor, user)
        if agent.on:
            agent.sign_out(self._clock.now(), by=actor.id)
        return await self._done(actor, agent, "sign-out")

    async def _agent(self, actor: Actor, user: str) -> Agent:
        actor.require(MANAGE)
        if not self._reach.name(user):
            raise NotFoundError(N_("There is no such user."))
        self._reach.require_user(actor, user)
        await self._agents.look()
        if not self._agents.floor.takes_calls(user):
            raise NotFoundError(N_("This user takes no calls."))
        return self._agents.floor.agent(user)

    def _signed_in(self, agent: Agent) -> None:
        if not agent.on:
            raise ConflictError(N_("%(name)s is signed out of his queues."), name=self._reach.name(agent.user))

    async def _done(self, actor: Actor, agent: Agent, what: What, reason: Reason | None = None) -> dict[str, Any]:
        told = await self._agents.done(agent)
        if agent.user != actor.id:
            self.publish(Supervised(agent.user, self._clock.now(), what, actor.name, reason))
        detail = {"state": what} | ({"reason": reason.label(self._language)} if reason else {})
        await self._audit.did(actor, "supervised", "user", agent.user, detail)
        return told
