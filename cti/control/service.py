"""Commands of a person on the calls of his own: one method a command, the actor first.

What is asked for is looked up here (which channel, who talks with whom), checked, and given to the PBX; what becomes of
it comes back as events. Errors are sentences that say what to do. Neighbours: ``parts`` finds his part in a call,
``consulting`` and ``recordings`` do what takes several steps, ``dials`` tells how a call by a click goes on.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from cti.control import contexts
from cti.control.book import LiveBook
from cti.control.consulting import Consulting
from cti.control.devices import REASONS, SOFTPHONE, UNKNOWN, Reach
from cti.control.dialling import Dialling, Number, PerMinute, allowed, read, shown_number
from cti.control.dials import Click, Dials
from cti.control.parts import Part, Parts, prepare_to_wait, told_plainly
from cti.control.phonebook import Phonebook
from cti.control.phones import PhoneAt
from cti.control.port import Originate, PbxRefusedError, PbxUnreachableError, Target
from cti.control.recordings import PAUSE_SECONDS, Recordings
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import (
    N_,
    AskedFirstError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    RefusedError,
    TamasError,
    UnavailableError,
)
from cti.live.causes import BY_COMMAND
from cti.live.events import CallChanged, CallEnded, LiveCall
from cti.live.profile import Profile

log = logging.getLogger(__name__)

ANYWAY = "calls.view_team"
"""Who answers for a team may call somebody who is not to be called."""
NO_PHONE = N_("You work at no phone now: choose yours first.")
NOT_YOUR_PHONE = N_("Extension %(extension)s is not a phone that you work at.")
UNREACHABLE = N_("Your phone %(extension)s is not registered. Is it on? The call was not started.")
NOT_TO_BE_CALLED = N_("%(name)s is marked as not to be called.")
IN_A_CALL = N_("Your phone is in a call: end it first.")
IN_THE_BROWSER = N_("Your phone is in the browser: it does this itself.")
KEYS = re.compile(r"[0-9A-D*#]{1,40}").fullmatch
KEY_SECONDS = 0.2
REJECTED = 21
"""Q.850: call rejected."""

NotToBeCalled = Callable[[Actor, Number, str], Awaitable[str]]
"""(who asks, number, id of the contact or empty) -> the name of whoever is not to be called; empty: nobody."""


class Dialled(msgspec.Struct, frozen=True):
    """A call that was asked for: its id, and that of the first channel."""

    call: str
    uniqueid: str


class Echoing(Dialled, frozen=True):
    """A test call. ``extension``: the phone that hears itself; it is shown as the caller, too."""

    extension: str


async def _everybody(_actor: Actor, _number: Number, _contact: str) -> str:
    return ""


class Commands:
    """``profile``: of a PBX by name; ``reach``: what our login there may do."""

    def __init__(
        self,
        parts: Parts,
        dials: Dials,
        recordings: Recordings,
        clock: Clock,
        profile: Callable[[str], Profile],
        dialling: Dialling | None = None,
        reach: Callable[[str], Reach] = lambda _pbx: Reach(),
    ) -> None:
        self.parts, self.dials, self.recordings = parts, dials, recordings
        self.not_to_be_called: NotToBeCalled = _everybody
        self._clock, self._profile, self._reach = clock, profile, reach
        self._dialling = dialling or Dialling()
        self._limit = PerMinute(self._dialling.per_minute)
        self._consulting = Consulting(parts)

    # --- calling

    async def dial(
        self, actor: Actor, to: str, *, queue: str = "", contact: str = "", phone: str = "", anyway: bool = False
    ) -> Dialled:
        """Ring the actor's own phone, then ``to``. ``queue``: on whose behalf; ``phone``: which of his extensions."""
        actor.require("calls.dial")
        mine = self.own_phone(actor, phone)
        number = read(to, self._profile(mine.pbx))
        allowed(number, actor.role, self._dialling)
        await self._must_be_callable(actor, number, contact, anyway)
        await self.parts.need_include(mine.pbx)
        self._limit.take(actor.id, self._clock.now())
        return await self._ring(actor, mine, number, shown_number(self._dialling, queue, actor.teams))

    async def fetch(self, actor: Actor, call_id: str) -> Dialled:
        """Take a parked call back: the actor's phone rings, and then has it."""
        actor.require("desk.use")
        call = self.parts.call(call_id)
        place = next((move.to for move in reversed(call.record.transfers) if move.kind == "park"), None)
        if call.state != "parked" or not place:
            raise ConflictError(N_("This call is not parked any more."))
        if not (actor.may("live.view") or self._had_part(actor, call)):
            raise ForbiddenError(N_("This is not a call of yours."))
        mine = self.own_phone(actor, "", call.record.pbx)
        await self.parts.need_include(mine.pbx)
        return await self._ring(actor, mine, Number(_digits(place), "internal"), "")

    async def echo(self, actor: Actor) -> Echoing:
        """The actor's own phone rings, and then hears itself. It is no call to anybody, so no card tells of it."""
        actor.require("desk.use")
        mine = self.own_phone(actor, "")
        live = (leg for call in self.parts.book for leg in call.legs if call.record.pbx == mine.pbx)
        if any(leg.endpoint == mine.endpoint and leg.state != "ended" for leg in live):
            raise ConflictError(IN_A_CALL)
        await self.parts.need_include(mine.pbx)
        self._limit.take(actor.id, self._clock.now())
        order = self._order(mine, Target(contexts.START, contexts.ECHO), mine.extension)
        async with told_plainly():
            await self.parts.pbx(mine.pbx).originate(order)
        return Echoing(f"{mine.pbx}-{order.uniqueid}", order.uniqueid, mine.extension)

    async def _ring(self, actor: Actor, mine: PhoneAt, number: Number, shown: str) -> Dialled:
        variables = {contexts.CALLER: mine.extension} | ({contexts.SHOWN: _digits(shown)} if shown else {})
        order = self._order(mine, Target(number.digits, contexts.DIAL), number.digits, variables)
        uniqueid = order.uniqueid
        self.dials.begin(Click(mine.pbx, actor.id, uniqueid, number.digits), self._clock.now())
        try:
            async with told_plainly():
                await self.parts.pbx(mine.pbx).originate(order)
        except TamasError as error:
            self.dials.failed(uniqueid, self._clock.now(), error.text)
            raise
        return Dialled(f"{mine.pbx}-{uniqueid}", uniqueid)

    def _order(
        self, mine: PhoneAt, target: Target, shows: str, variables: Mapping[str, str] | None = None
    ) -> Originate:
        # In the shape of Asterisk's own ids, so that it has an age among them.
        uniqueid = f"tamas-{int(self._clock.now())}.{secrets.randbelow(10**9)}"
        return Originate(
            mine.endpoint,
            target,
            uniqueid,
            self._dialling.ring_seconds,
            caller_number=shows,
            variables=variables or {},
            answers=self.parts.phonebook.make(mine.pbx, mine.endpoint).answers,
        )

    def own_phone(self, actor: Actor, extension: str, pbx: str = "") -> PhoneAt:
        """The one that is asked for, else the one that can be reached; the softphone before the others. Raises
        ``RefusedError`` where there is none."""
        phones = [one for one in self.parts.phones(actor) if pbx in ("", one.pbx)]
        if extension:
            phones = [one for one in phones if one.extension == extension]
        if not phones:
            raise RefusedError(NOT_YOUR_PHONE, extension=extension[:20]) if extension else RefusedError(NO_PHONE)
        book = self.parts.phonebook
        best = min(phones, key=lambda one: (one.reachable is False, book.make(one.pbx, one.endpoint) is not SOFTPHONE))
        if best.reachable is False:
            raise RefusedError(UNREACHABLE, extension=best.extension)
        return best

    async def _must_be_callable(self, actor: Actor, number: Number, contact: str, anyway: bool) -> None:
        name = await self.not_to_be_called(actor, number, contact)
        if name and not actor.may(ANYWAY):
            raise ConflictError(NOT_TO_BE_CALLED, name=name)
        if name and not anyway:
            raise AskedFirstError(NOT_TO_BE_CALLED, name=name)

    def _had_part(self, actor: Actor, call: LiveCall) -> bool:
        phones = {phone.endpoint for phone in self.parts.phones(actor) if phone.pbx == call.record.pbx}
        legs = (leg for leg in call.record.legs if not leg.outside)
        return any(leg.endpoint in phones or leg.extension in actor.extensions for leg in legs)

    # --- the phone

    async def answer(self, actor: Actor, call_id: str) -> None:
        part = self.parts.of(actor, call_id)
        if not part.me.rings:
            raise ConflictError(N_("Nothing rings at your phone any more."))
        await self._tell_phone(part, "talk")

    async def hold(self, actor: Actor, call_id: str) -> None:
        part = self.parts.of(actor, call_id)
        part.with_me()
        await self._tell_phone(part, "hold")

    async def unhold(self, actor: Actor, call_id: str) -> None:
        await self._tell_phone(self.parts.of(actor, call_id), "talk")

    async def hangup(self, actor: Actor, call_id: str) -> None:
        """Hang up one's own phone, or reject what rings there."""
        part = self.parts.of(actor, call_id)
        rejects = part.me.rings and not part.me.uniqueid.startswith("tamas-")
        async with told_plainly():
            await part.pbx.hangup(part.me.channel, REJECTED if rejects else BY_COMMAND)

    async def dtmf(self, actor: Actor, call_id: str, keys: str) -> None:
        """Let the other side hear keys."""
        part = self.parts.of(actor, call_id)
        if not KEYS(keys):
            raise InvalidError(N_("Keys are digits, * and #."))
        other = part.with_me()
        async with told_plainly():
            for index, key in enumerate(keys):
                if index:
                    await self._clock.sleep(KEY_SECONDS)
                await part.pbx.play_digit(other.channel, key)

    async def _tell_phone(self, part: Part, notice: str) -> None:
        make = self.parts.phonebook.make(part.name, part.me.endpoint)
        if make is SOFTPHONE:
            raise RefusedError(IN_THE_BROWSER)
        if not make.told:
            raise RefusedError(REASONS["unknown_phone" if make is UNKNOWN else "press_on_phone"])
        if not self._reach(part.name).notify:
            raise RefusedError(REASONS["no_right"])
        async with told_plainly():
            await part.pbx.notify(part.me.channel, "hold" if notice == "hold" else "talk")

    # --- to others

    async def transfer(self, actor: Actor, call_id: str, to: str, *, attended: bool = False) -> None:
        """Hand the other side over to ``to``: at once, or after asking there."""
        part = self.parts.of(actor, call_id)
        number = read(to, self._profile(part.name))
        allowed(number, actor.role, self._dialling)
        await self.parts.need_include(part.name)
        async with told_plainly():
            if attended:
                await self._consulting.begin(part, number)
                return
            await prepare_to_wait(part, part.with_me())
            await part.pbx.blind_transfer(part.me.channel, Target(number.digits, contexts.TRANSFER))

    async def to_queue(self, actor: Actor, call_id: str, queue: str) -> None:
        """Hand the other side over to a queue by its name. NotFoundError where that PBX has none of this name."""
        part = self.parts.of(actor, call_id)
        customer = part.with_me()
        await self.parts.need_queue(part.name, queue)
        async with told_plainly():
            await prepare_to_wait(part, customer)
            await part.pbx.blind_transfer(part.me.channel, Target(queue, contexts.INTO_QUEUE))

    async def complete(self, actor: Actor, call_id: str) -> None:
        async with told_plainly():
            await self._consulting.complete(self.parts.of(actor, call_id))

    async def swap(self, actor: Actor, call_id: str) -> None:
        async with told_plainly():
            await self._consulting.swap(self.parts.of(actor, call_id))

    async def cancel(self, actor: Actor, call_id: str) -> None:
        async with told_plainly():
            await self._consulting.cancel(self.parts.of(actor, call_id))

    async def join(self, actor: Actor, call_id: str) -> None:
        async with told_plainly():
            await self._consulting.join(actor, self.parts.of(actor, call_id))

    async def park(self, actor: Actor, call_id: str) -> None:
        """Into the parking lot; the place is told as a transfer of the call, and said on one's own phone."""
        part = self.parts.of(actor, call_id)
        other = part.with_me()
        async with told_plainly():
            await part.pbx.park(other.channel, part.me.channel)

    # --- recordings

    async def record(self, actor: Actor, call_id: str, on: bool = True) -> None:
        part = self.parts.of(actor, call_id)
        async with told_plainly():
            await (self.recordings.start(part) if on else self.recordings.stop(part))

    async def pause_recording(
        self, actor: Actor, call_id: str, on: bool = True, seconds: float = PAUSE_SECONDS
    ) -> float | None:
        """Silence for a while, or sound again; gives when it resumes by itself."""
        part = self.parts.of(actor, call_id)
        async with told_plainly():
            if on:
                return await self.recordings.pause(part, actor.id, seconds)
            await self.recordings.resume(part.call.record.id)
            return None

    # --- the product's own

    async def tend(self, event: object) -> None:
        """Follow what happens: a conference of ours with one left in it is over."""
        if isinstance(event, CallEnded):
            self.recordings.ended(event.record.id)
        elif isinstance(event, CallChanged) and (event.call.record.conference or "").startswith(contexts.ROOM):
            await self._end_of_conference(event.call)

    async def _end_of_conference(self, call: LiveCall) -> None:
        tracker = self.parts.tracker(call.record.pbx)
        parties = tracker.parties(call.record.id) if tracker is not None else ()
        there = [one for one in parties if (one.conference or "").startswith(contexts.ROOM)]
        if len(parties) == 1 and len(there) == 1 and len(call.record.legs) > 1:
            try:
                await self.parts.pbx(call.record.pbx).hangup(there[0].channel)
            except (PbxRefusedError, PbxUnreachableError, UnavailableError) as error:
                log.info("the last of conference %s stays: %s", call.record.conference, error)


def unconnected(clock: Clock) -> Commands:
    """Where there is no PBX: every call is over, and nobody works at a phone."""
    parts = Parts({}, LiveBook(), lambda _pbx: None, lambda _actor: (), Phonebook(clock, {}))
    silent = Dials(lambda _step: None)
    return Commands(parts, silent, Recordings(clock, lambda _event: None), clock, lambda _pbx: Profile())


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789+*#")


async def mend(commands: Commands) -> None:
    """After a start: no recording stays paused that a process before could not resume."""
    for call in commands.parts.book:
        if not call.record.recordings or commands.recordings.state(call.record.id) == "paused":
            continue
        tracker = commands.parts.tracker(call.record.pbx)
        if tracker is not None:
            pbx, parties = commands.parts.pbx(call.record.pbx), tracker.parties(call.record.id)
            await asyncio.shield(commands.recordings.resume_all(pbx, parties))
