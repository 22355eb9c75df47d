"""Attended transfers: the caller waits with music, somebody is asked, and then they are joined, swapped or taken back.

Asterisk's own (Atxfer) works by feature codes that a leg must have been given (options t and T of Dial and Queue); a
leg without them would hear the digits. So everything goes through contexts of ours, which need nothing of the users'
dialplan: both channels are moved at one moment, the caller to ``tamas-hold`` and the agent to ``tamas-consult``.
Whoever waits there is brought back to the agent by the dialplan itself when the agent's channel is gone, also where
this process is.

No state here: who consults whom is what the tracker saw. Neighbours: ``parts`` finds it, ``service`` is the door.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

from cti.control import contexts
from cti.control.dialling import Number
from cti.control.parts import CHANGED, Part, Parts, prepare_to_wait
from cti.control.port import PbxRefusedError, Target
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, ConflictError
from cti.live.events import LiveConsult
from cti.live.parties import Party

NOBODY = N_("You are not asking anybody.")
NOT_YET = N_("Nobody has answered yet.")
ALREADY = N_("You are asking somebody already. Complete or cancel that first.")
HELD = Target(contexts.START, contexts.HOLD)
JOINED = Target(contexts.START, contexts.TALK)
ROOM_SECONDS = 1.5
"""How long the first two of a conference take to be in it, at most."""


class Consulting:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def begin(self, part: Part, number: Number) -> None:
        """The one whom ``part.me`` talks with waits, and ``number`` is called."""
        if part.consult is not None:
            raise ConflictError(ALREADY)
        customer, me, pbx = part.with_me(), part.me, part.pbx
        await prepare_to_wait(part, customer)
        told = {contexts.CALLER: part.extension, contexts.WAITS: customer.channel, contexts.DONE: ""}
        for name, value in (told | {contexts.CONSULTING: "1"}).items():
            await pbx.set_variable(me.channel, name, value)
        await _move(part, Target(number.digits, contexts.CONSULT), customer, HELD)

    async def complete(self, part: Part) -> None:
        """The caller and the one who was asked talk, and I am out; if that one only rings, the caller is sent after
        it."""
        consult, customer, target = _consult(part)
        if target is None or not consult.answered:
            await self._send_after(part, consult, customer)
            return
        pbx, me = part.pbx, part.me
        await pbx.set_variable(me.channel, contexts.DONE, "1")
        await pbx.set_variable(customer.channel, contexts.WITH, target.channel)
        try:
            await pbx.redirect(customer.channel, JOINED)
        except PbxRefusedError:
            await pbx.set_variable(me.channel, contexts.DONE, "")
            raise

    async def swap(self, part: Part) -> None:
        """Talk with the one who waits, and let the other wait."""
        consult, customer, target = _answered(part)
        waiting, speaking = (target, customer) if consult.waits == target.uniqueid else (customer, target)
        pbx, me = part.pbx, part.me
        await pbx.set_variable(me.channel, contexts.WITH, waiting.channel)
        await pbx.set_variable(me.channel, contexts.WAITS, speaking.channel)
        await pbx.set_variable(speaking.channel, contexts.BY, me.channel)
        await _move(part, JOINED, speaking, HELD)

    async def cancel(self, part: Part) -> None:
        """Back to the caller; the one who was asked is let go."""
        consult, customer, target = _consult(part)
        pbx, me = part.pbx, part.me
        if consult.waits == customer.uniqueid:
            await pbx.set_variable(me.channel, contexts.WAITS, "")
            await pbx.set_variable(me.channel, contexts.WITH, customer.channel)
            await pbx.redirect(me.channel, JOINED)
        else:
            await pbx.set_variable(me.channel, contexts.WAITS, "")
        if target is not None and target.answered:
            with suppress(PbxRefusedError):  # as a rule it went with the talk
                await pbx.hangup(target.channel)

    async def join(self, actor: Actor, part: Part) -> None:
        """All three talk, in a conference of their own."""
        consult, customer, target = _answered(part)
        waiting, speaking = (target, customer) if consult.waits == target.uniqueid else (customer, target)
        room = Target(str(10_000_000 + secrets.randbelow(90_000_000)), contexts.CONFERENCE)
        await _move(part, room, speaking, room)
        await self._there(actor, part)
        await part.pbx.redirect(waiting.channel, room)

    async def _send_after(self, part: Part, consult: LiveConsult, customer: Party) -> None:
        # First the phone that rings is free again; a caller whose redirect then fails is kept by the dialplan.
        await part.pbx.hangup(part.me.channel)
        await part.pbx.redirect(customer.channel, Target(consult.to, contexts.TRANSFER))

    async def _there(self, actor: Actor, part: Part) -> None:
        """Until the first two are in the room: the third must not be alone in it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOM_SECONDS):
                while self._parts.of(actor, part.call.record.id).me.conference is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


async def _move(part: Part, mine: Target, other: Party, others: Target) -> None:
    """Both at one moment; first whoever would be hung up when the other leaves."""
    me, pbx = part.me.channel, part.pbx
    if part.me.in_dialplan:
        await pbx.redirect_two(other.channel, others, me, mine)
    else:
        await pbx.redirect_two(me, mine, other.channel, others)


def _consult(part: Part) -> tuple[LiveConsult, Party, Party | None]:
    consult = part.consult
    if consult is None or consult.by != part.me.uniqueid:
        raise ConflictError(NOBODY)
    customer = part.party(consult.customer)
    if customer is None:
        raise ConflictError(CHANGED, said="no caller")
    return consult, customer, part.party(consult.target)


def _answered(part: Part) -> tuple[LiveConsult, Party, Party]:
    consult, customer, target = _consult(part)
    if target is None or not consult.answered:
        raise ConflictError(NOT_YET)
    return consult, customer, target
