"""Commands of somebody who leads on the calls of others: end them, take them over, move who waits.

Whose calls he may touch, the reach says; what he did is noted. Nobody is lost on the way: who is sent to a phone or a
queue that does not take him comes back to the queue where he waited. Neighbours: ``service`` has the commands on one's
own calls, ``parts`` finds calls and phones, ``contexts`` are where channels are sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from cti.control import contexts
from cti.control.book import LiveBook
from cti.control.devices import SOFTPHONE
from cti.control.parts import OVER, Parts, told_plainly
from cti.control.phonebook import Phonebook
from cti.control.phones import PhoneAt
from cti.control.port import Originate, Pbx, PbxRefusedError, Target
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError, RefusedError
from cti.live.events import LiveCall
from cti.live.parties import Party

ACT = "live.act"
NOT_WAITING = N_("This caller does not wait any more.")
YOURS = N_("You are in this call yourself.")
THERE_ALREADY = N_("He waits in this queue already.")
NO_PHONE_THERE = N_("%(name)s works at no phone of this PBX now.")
NO_PHONE_OF_YOURS = N_("You work at no phone of this PBX now: choose yours first.")
PHONE_OFF = N_("The phone %(extension)s is not registered. Is it on?")
WHERE = N_("Say either a queue or an agent.")
WAITING = ("queued", "arriving", "ringing")
RING_SECONDS = 30
KEPT = Target(contexts.START, contexts.KEEP)
JOINED = Target(contexts.START, contexts.TALK)
SINCE = 1_700_000_000
"""Priorities count seconds from then, so that the last who was put first is first."""


class Reaching(Protocol):
    """Raises ``ForbiddenError`` for calls and users that are none of the actor's."""

    def require_call(self, actor: Actor, call: LiveCall) -> None: ...

    def require_user(self, actor: Actor, user_id: str) -> None: ...

    def name(self, user_id: str) -> str: ...


class Taking(msgspec.Struct, frozen=True):
    """A call that is being taken over. ``uniqueid``: of the channel that rings at one's own phone; empty where the
    caller himself is sent there."""

    call: str
    uniqueid: str = ""


Note = Callable[[Actor, str, str, Mapping[str, Any]], Awaitable[None]]
"""(who, what he did, id of the call, more of it)."""


class Steering:
    """``phones_of``: at which phones a user (id) works now. ``reorders``: does a PBX (its name) move who is given
    another priority? ``reordered`` is told of a PBX whose callers stand in another order, which it does not tell by
    itself."""

    def __init__(
        self, parts: Parts, reach: Reaching, phones_of: Callable[[str], tuple[PhoneAt, ...]], note: Note, clock: Clock
    ) -> None:
        self._parts, self._reach, self._phones_of, self._note, self._clock = parts, reach, phones_of, note, clock
        self.reorders: Callable[[str], bool] = lambda _pbx: True
        self.reordered: Callable[[str], None] = lambda _pbx: None

    async def end(self, actor: Actor, call_id: str) -> None:
        """Hang up everybody in the call."""
        call, pbx, parties = self._call(actor, call_id)
        # With who came by himself goes what was dialled for him.
        first, *others = sorted(parties, key=lambda one: (one.rings, not one.in_dialplan))
        async with told_plainly():
            await pbx.hangup(first.channel)
            for one in others:
                with suppress(PbxRefusedError):
                    await pbx.hangup(one.channel)
        await self._note(actor, "ended", call.record.id, {})

    async def take_over(self, actor: Actor, call_id: str) -> Taking:
        """The actor's phone rings, and then he talks with the caller in the agent's place; who waits is sent to it."""
        call, pbx, parties = self._call(actor, call_id)
        mine = self._phone(self._parts.phones(actor), call.record.pbx, RefusedError(NO_PHONE_OF_YOURS))
        if any(self._parts.is_of(actor, call.record.pbx, one) for one in parties):
            raise ConflictError(YOURS)
        await self._parts.need_include(call.record.pbx)
        talking = [one for one in parties if one.mates]
        if not talking:
            await self._to_phone(call, pbx, _waiting(call, parties), mine)
            taking = Taking(call.record.id)
        else:
            customer = min(talking, key=lambda one: not one.outside)
            taking = Taking(call.record.id, await self._ring(pbx, mine, call, customer))
        await self._note(actor, "took-over", call.record.id, {"phone": mine.extension})
        return taking

    async def front(self, actor: Actor, call_id: str) -> None:
        """Put who waits before all others in his queue."""
        call, _, parties = self._call(actor, call_id)
        queue = call.record.queue
        if call.state != "queued" or queue is None:
            raise ConflictError(NOT_WAITING)
        caller, priority = _waiting(call, parties), max(1, int(self._clock.now()) - SINCE)
        async with told_plainly():
            await self._put_first(call.record.pbx, queue, caller, priority)
        self.reordered(call.record.pbx)
        await self._note(actor, "put-first", call.record.id, {"queue": queue})

    async def _put_first(self, name: str, queue: str, caller: Party, priority: int) -> None:
        pbx = self._parts.pbx(name)
        if self.reorders(name):
            await pbx.put_first(queue, caller.channel, priority)
        else:
            # A priority counts on entering only.
            await self._parts.need_queue(name, queue)
            await pbx.set_variable(caller.channel, "QUEUE_PRIO", str(priority))
            await pbx.redirect(caller.channel, Target(queue, contexts.INTO_QUEUE))

    async def move(self, actor: Actor, call_id: str, *, queue: str = "", agent: str = "") -> None:
        """Send who waits to another queue (its name), or to an agent (the id of a user)."""
        if bool(queue) == bool(agent):
            raise InvalidError(WHERE)
        call, pbx, parties = self._call(actor, call_id)
        caller, record = _waiting(call, parties), call.record
        if queue:
            await self._into_queue(call, pbx, caller, queue)
        else:
            self._reach.require_user(actor, agent)
            nowhere = RefusedError(NO_PHONE_THERE, name=self._reach.name(agent) or agent[:60])
            phone = self._phone(self._phones_of(agent), record.pbx, nowhere)
            await self._parts.need_include(record.pbx)
            await self._to_phone(call, pbx, caller, phone)
        await self._note(actor, "moved", record.id, {"from": record.queue or "", "queue": queue, "user": agent})

    # --- parts

    def _call(self, actor: Actor, call_id: str) -> tuple[LiveCall, Pbx, tuple[Party, ...]]:
        actor.require(ACT)
        call = self._parts.call(call_id)
        self._reach.require_call(actor, call)
        tracker = self._parts.tracker(call.record.pbx)
        parties = tracker.parties(call.record.id) if tracker is not None else ()
        if not parties:
            raise NotFoundError(OVER)
        return call, self._parts.pbx(call.record.pbx), parties

    def _phone(self, phones: Iterable[PhoneAt], pbx: str, nowhere: RefusedError) -> PhoneAt:
        """The one that can be reached; the softphone before the others."""
        there = [one for one in phones if one.pbx == pbx]
        if not there:
            raise nowhere
        make = self._parts.phonebook.make
        best = min(there, key=lambda one: (one.reachable is False, make(one.pbx, one.endpoint) is not SOFTPHONE))
        if best.reachable is False:
            raise RefusedError(PHONE_OFF, extension=best.extension)
        return best

    async def _to_phone(self, call: LiveCall, pbx: Pbx, caller: Party, phone: PhoneAt) -> None:
        async with told_plainly():
            await self._prepare(call, pbx, caller, phone.endpoint)
            await pbx.redirect(caller.channel, KEPT)

    async def _into_queue(self, call: LiveCall, pbx: Pbx, caller: Party, queue: str) -> None:
        if call.state == "queued" and queue == call.record.queue:
            raise ConflictError(THERE_ALREADY)
        await self._parts.need_queue(call.record.pbx, queue)
        async with told_plainly():
            await self._prepare(call, pbx, caller, "")
            await pbx.redirect(caller.channel, Target(queue, contexts.INTO_QUEUE))

    async def _prepare(self, call: LiveCall, pbx: Pbx, caller: Party, endpoint: str) -> None:
        """Where he is sent to, and back to where he waited if nobody is there."""
        seconds, back = str(self._parts.keep_seconds), call.record.queue or ""
        told = {contexts.PHONE: endpoint, contexts.SECONDS: seconds, contexts.QUEUE: back}
        for name, value in told.items():
            await pbx.set_variable(caller.channel, name, value)

    async def _ring(self, pbx: Pbx, mine: PhoneAt, call: LiveCall, customer: Party) -> str:
        uniqueid = f"tamas-{int(self._clock.now())}.{secrets.randbelow(10**9)}"
        number = "".join(char for char in call.record.caller.raw or "" if char in "0123456789+")
        order = Originate(
            mine.endpoint,
            JOINED,
            uniqueid,
            RING_SECONDS,
            caller_number=number,
            variables={contexts.WITH: customer.channel},
            answers=self._parts.phonebook.make(mine.pbx, mine.endpoint).answers,
        )
        async with told_plainly():
            await pbx.originate(order)
        return uniqueid


class _Nobody:
    """Reaches nothing."""

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        raise NotFoundError(OVER)

    def require_user(self, actor: Actor, user_id: str) -> None:
        raise NotFoundError(OVER)

    def name(self, user_id: str) -> str:
        return ""


async def _unnoted(_actor: Actor, _action: str, _call: str, _more: Mapping[str, Any]) -> None:
    return


def unreached(clock: Clock) -> Steering:
    """Where there is no PBX: every call is over."""
    parts = Parts({}, LiveBook(), lambda _pbx: None, lambda _actor: (), Phonebook(clock, {}))
    return Steering(parts, _Nobody(), lambda _user: (), _unnoted, clock)


def _waiting(call: LiveCall, parties: Iterable[Party]) -> Party:
    """The channel of who waits. Raises ``ConflictError`` where nobody does."""
    if call.state in WAITING and call.record.direction != "outbound":
        for one in parties:
            if one.in_dialplan and not one.rings and not one.mates:
                return one
    raise ConflictError(NOT_WAITING)
