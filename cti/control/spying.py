"""Supervisors in the calls of their agents: heard by nobody (listen), by the agent alone (whisper), by all (barge).

A screen names a call; whom to hear is chosen here, by the unique id of the agent's own channel, and what the PBX then
says it let him hear is compared with that: any other channel is hung up on at once. Every use is written down before
it begins, and ends with the call. Neighbours: ``port.Spy`` is the command, ``cti.live.events.SpyChanged`` the PBX's
word on it, ``Ears`` takes the sound of those who listen without a phone.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Literal, Protocol

import msgspec

from cti.control.parts import ALONE, OVER, Parts, told_plainly
from cti.control.phones import PhoneAt
from cti.control.port import SOCKET, PbxRefusedError, PbxSilentError, PbxUnreachableError, Spy, SpyMode
from cti.control.service import unconnected
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError, RefusedError, TamasError
from cti.live.errands import SPIES
from cti.live.events import CallEnded, LiveCall, OrderEnded, SpyChanged
from cti.live.parties import Party

log = logging.getLogger(__name__)

KINDS = (SpyChanged, OrderEnded, CallEnded)
PERMISSIONS: dict[SpyMode, str] = {"listen": "monitor.listen", "whisper": "monitor.speak", "barge": "monitor.speak"}
BEGIN_SECONDS = 40.0
"""So long it may take until he hears something: his phone may ring for thirty seconds."""
LOOK_SECONDS = 2.0
"""So soon after he lost the right, he hears nothing any more."""
MOST = 200
IN_IT = N_("You are in this call yourself.")
NOT_YOURS = N_("Nobody of your teams talks in this call now.")
NEEDS_PHONE = N_("Speaking needs a phone: only listening works without one.")
NO_MEDIA = N_("Listening without a phone is not set up here (CTI_MEDIA); use a phone.")
TOO_MANY = N_("Too many supervisors listen at this moment.")
NOT_RUNNING = N_("This is over: nobody listens any more.")


class Ear(Protocol):
    """The sound of one who listens without a phone: mu-law, 8000 a second, from the PBX as it comes."""

    def frames(self) -> AsyncIterator[bytes]:
        """Ends when the PBX has closed its end."""

    async def close(self) -> None:
        """Let the PBX hang up."""


class Ears(Protocol):
    """Takes the sound that PBXs send. Only a channel whose unique id is expected is let in."""

    def expect(self, uniqueid: str) -> Ear: ...


class Monitor(msgspec.Struct, frozen=True):
    """``user`` (id, and his name ``by``) hears ``extension`` in ``call``. ``uniqueid`` of his own channel, ``spied``
    that of the agent's; ``agents``: the users (ids) who work there, ``agent`` their names. ``heard_at``: since when,
    None while it begins."""

    id: str
    pbx: str
    call: str
    user: str
    by: str
    mode: SpyMode
    browser: bool
    uniqueid: str
    spied: str
    extension: str
    agents: tuple[str, ...]
    agent: str
    since: float
    heard_at: float | None = None

    @property
    def state(self) -> Literal["begins", "heard"]:
        return "begins" if self.heard_at is None else "heard"


Why = Literal["", "wrong", "no_phone", "no_socket", "no_right"]
"""Why it ended otherwise than by being stopped, or with the call. ``wrong``: the PBX let another channel be heard."""


class Told(msgspec.Struct, frozen=True):
    """What became of a monitor: it began, it is heard, or is over."""

    monitor: Monitor
    over: bool = False
    why: Why = ""


class Reached(Protocol):
    """Whom a supervisor may hear."""

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        """Raises ``ForbiddenError``."""

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        """Who works there."""

    def may_user(self, actor: Actor, user_id: str) -> bool: ...

    def name(self, user_id: str) -> str: ...

    def everybody(self, actor: Actor) -> bool:
        """Does he reach everybody, and phones at which nobody works?"""


class Spying:
    """``own_phone``: at which phone of a PBX somebody works (it raises ``RefusedError`` where there is none). ``audit``
    writes down (the seconds when it is over), and raises where it cannot; ``tell`` takes each ``Told``; ``still_may``:
    has a user a permission now?"""

    def __init__(
        self,
        parts: Parts,
        clock: Clock,
        reached: Reached,
        own_phone: Callable[[Actor, str, str], PhoneAt],
        audit: Callable[[Actor, str, Monitor, float | None], Awaitable[None]],
        tell: Callable[[Told], None] = lambda _told: None,
        still_may: Callable[[Actor, str], Awaitable[bool]] | None = None,
    ) -> None:
        self.ears: Ears | None = None
        self.told = False
        """True where agents are told who listens to them."""
        self._parts, self._clock, self._reached = parts, clock, reached
        self._own_phone, self._audit, self._tell, self._still_may = own_phone, audit, tell, still_may
        self._running: dict[str, Monitor] = {}
        self._actors: dict[str, Actor] = {}
        self._ears: dict[str, Ear] = {}
        self._ending: set[asyncio.Task[None]] = set()

    # --- asked for

    async def start(self, actor: Actor, call_id: str, mode: SpyMode = "listen", *, browser: bool = False) -> Monitor:
        """Let the actor hear whoever of his agents talks in a call. What he heard before ends."""
        actor.require("monitor.listen", PERMISSIONS[mode])
        if browser and mode != "listen":
            raise RefusedError(NEEDS_PHONE)
        call = self._parts.call(call_id)
        self._reached.require_call(actor, call)
        agent = self._agent(actor, call)
        monitor, order = self._made(actor, call, agent, mode, browser)
        for before in [one for one in self._running.values() if one.user == actor.id]:
            await self._end(before)
        if len(self._running) >= MOST:
            raise ConflictError(TOO_MANY)
        await self._audit(actor, mode, monitor, None)
        self._running[monitor.id], self._actors[monitor.id] = monitor, actor
        if browser and self.ears is not None:
            self._ears[monitor.id] = self.ears.expect(monitor.uniqueid)
        try:
            async with told_plainly():
                await self._parts.pbx(monitor.pbx).spy(order)
        except BaseException:
            await self._over(monitor)
            raise
        self._tell(Told(monitor))
        return monitor

    async def stop(self, actor: Actor, monitor_id: str) -> None:
        """Raises ``NotFoundError`` where it is over, or another's."""
        actor.require("monitor.listen")
        await self._end(self._own(actor, monitor_id))

    def running(self, actor: Actor) -> tuple[Monitor, ...]:
        """What the actor hears now."""
        return tuple(one for one in self._running.values() if one.user == actor.id)

    def heard(self, actor: Actor) -> tuple[Monitor, ...]:
        """Who hears the actor now."""
        return tuple(one for one in self._running.values() if actor.id in one.agents and one.heard_at is not None)

    def ear(self, actor: Actor, monitor_id: str) -> Ear:
        """The sound of what the actor listens to without a phone."""
        actor.require("monitor.listen")
        found = self._ears.get(self._own(actor, monitor_id).id)
        if found is None:
            raise NotFoundError(NOT_RUNNING)
        return found

    # --- what happens

    async def take(self, event: object) -> None:
        match event:
            case SpyChanged(spyer=uniqueid):
                await self._spied(self._of(uniqueid), event)
            case OrderEnded(order=uniqueid, ok=False):
                if monitor := self._of(uniqueid):
                    await self._over(monitor, _silent(monitor))
            case CallEnded(record=record) if self._running:
                for leg in record.legs:
                    if monitor := self._of(leg.uniqueid):
                        await self._over(monitor)
            case _:
                pass

    async def run(self) -> None:
        """Whoever may no longer listen, or never heard anything, is hung up on; for as long as the product runs."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        for monitor in tuple(self._running.values()):
            if monitor.heard_at is None and self._clock.now() - monitor.since > BEGIN_SECONDS:
                await self._end(monitor, _silent(monitor))
            elif not await self._may(monitor):
                await self._end(monitor, "no_right")
            elif monitor.heard_at is not None and self._is_gone(monitor):
                await self._over(monitor)

    async def clear(self) -> None:
        """After a start: whoever listens on the word of a process that was killed is watched over by nobody."""
        for call in self._parts.book:
            legs = call.record.legs if call.record.kind == "monitoring" else ()
            for leg in legs:
                if leg.uniqueid.startswith(SPIES) and leg.ended_at is None and self._of(leg.uniqueid) is None:
                    await self._hang_up(call.record.pbx, leg.uniqueid)

    async def stop_all(self) -> None:
        """The product stops: nobody listens whom nobody watches over."""
        for monitor in tuple(self._running.values()):
            await self._end(monitor)
        await asyncio.gather(*self._ending, return_exceptions=True)

    # --- inside

    def _agent(self, actor: Actor, call: LiveCall) -> Party:
        """The phone of ours whose owner the actor reaches, and who talks."""
        tracker = self._parts.tracker(call.record.pbx)
        parties = tracker.parties(call.record.id) if tracker is not None else ()
        if not parties:
            raise NotFoundError(OVER)
        ours = [one for one in parties if not one.outside and one.answered and not one.parked]
        if any(self._parts.is_of(actor, call.record.pbx, one) for one in ours):
            raise ConflictError(IN_IT)
        if not ours:
            raise ConflictError(ALONE)
        reached = [one for one in ours if self._reaches(actor, call.record.pbx, one)]
        if not reached:
            raise ForbiddenError(NOT_YOURS)
        return max(reached, key=lambda one: (bool(one.mates), not one.waits, one.created_at))

    def _reaches(self, actor: Actor, pbx: str, party: Party) -> bool:
        users = self._reached.users_at(pbx, party.endpoint, party.extension)
        return self._reached.everybody(actor) or any(self._reached.may_user(actor, user) for user in users)

    def _made(self, actor: Actor, call: LiveCall, agent: Party, mode: SpyMode, browser: bool) -> tuple[Monitor, Spy]:
        pbx, now = call.record.pbx, self._clock.now()
        # Nobody guesses it: who sends sound under this id is the PBX that was asked to.
        uniqueid = f"{SPIES}{int(now)}.{secrets.randbelow(10**30)}"
        extension = agent.extension or ""
        users = self._reached.users_at(pbx, agent.endpoint, agent.extension)
        names = ", ".join(filter(None, map(self._reached.name, users))) or extension
        monitor = Monitor(
            secrets.token_urlsafe(12), pbx, call.record.id, actor.id, actor.name, mode, browser, uniqueid,
            agent.uniqueid, extension, users, names, now,
        )  # fmt: skip
        if browser:
            if self.ears is None:
                raise RefusedError(NO_MEDIA)
            return monitor, Spy(SOCKET, agent.uniqueid, mode, uniqueid)
        phone = self._own_phone(actor, "", pbx)
        answers = self._parts.phonebook.make(pbx, phone.endpoint).answers
        return monitor, Spy(phone.endpoint, agent.uniqueid, mode, uniqueid, extension, answers)

    async def _spied(self, monitor: Monitor | None, event: SpyChanged) -> None:
        if monitor is None:
            return
        if event.on and event.spyee != monitor.spied:
            log.warning("PBX %s let %s hear %s, not %s", monitor.pbx, monitor.by, event.spyee, monitor.spied)
            await self._end(monitor, "wrong")
        elif not event.on:
            await self._end(monitor)
        elif monitor.heard_at is None:
            heard = msgspec.structs.replace(monitor, heard_at=self._clock.now())
            self._running[monitor.id] = heard
            self._tell(Told(heard))

    def _of(self, uniqueid: str) -> Monitor | None:
        return next((one for one in self._running.values() if one.uniqueid == uniqueid), None)

    def _own(self, actor: Actor, monitor_id: str) -> Monitor:
        found = self._running.get(monitor_id)
        if found is None or found.user != actor.id:
            raise NotFoundError(NOT_RUNNING)
        return found

    async def _may(self, monitor: Monitor) -> bool:
        actor = self._actors.get(monitor.id)
        if self._still_may is None or actor is None:
            return True
        return await self._still_may(actor, PERMISSIONS[monitor.mode])

    def _is_gone(self, monitor: Monitor) -> bool:
        """Its end was not told: the link was away meanwhile."""
        tracker = self._parts.tracker(monitor.pbx)
        return tracker is not None and not monitor.browser and tracker.channel(monitor.uniqueid) is None

    async def _end(self, monitor: Monitor, why: Why = "") -> None:
        """Hang up on whoever listens, then it is over."""
        await self._over(monitor, why)
        await self._hang_up(monitor.pbx, monitor.uniqueid)

    async def _hang_up(self, pbx: str, uniqueid: str) -> None:
        tracker = self._parts.tracker(pbx)
        channel = tracker.channel(uniqueid) if tracker is not None else None
        if channel is None:
            return
        try:
            await self._parts.pbx(pbx).hangup(channel)
        except (PbxRefusedError, PbxSilentError, PbxUnreachableError) as error:
            log.info("%s is not hung up: %s", channel, error)

    async def _over(self, monitor: Monitor, why: Why = "") -> None:
        last = self._running.pop(monitor.id, None)
        actor, ear = self._actors.pop(monitor.id, None), self._ears.pop(monitor.id, None)
        if last is None:
            return
        self._tell(Told(last, over=True, why=why))
        if ear is not None:
            self._later(ear.close())
        if actor is not None and last.heard_at is not None:
            self._later(self._written(actor, last, self._clock.now() - last.heard_at))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="monitor over")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _written(self, actor: Actor, monitor: Monitor, seconds: float) -> None:
        """That it is over: its beginning is in the audit already, so nobody waits for this."""
        try:
            await self._audit(actor, monitor.mode, monitor, seconds)
        except TamasError as error:
            log.warning("the end of %s by %s is not in the audit: %s", monitor.mode, monitor.by, error)


def _silent(monitor: Monitor) -> Why:
    return "no_socket" if monitor.browser else "no_phone"


def nobody_reached(clock: Clock) -> Spying:
    """Where there is no PBX: every call is over."""
    parts = unconnected(clock).parts

    async def unwritten(_actor: Actor, _mode: str, _monitor: Monitor, _seconds: float | None) -> None:
        return

    return Spying(parts, clock, _Nobody(), lambda _actor, _extension, _pbx: PhoneAt("", "", ""), unwritten)


class _Nobody:
    def require_call(self, actor: Actor, call: LiveCall) -> None:
        raise ForbiddenError(NOT_YOURS)

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        return ()

    def may_user(self, actor: Actor, user_id: str) -> bool:
        return False

    def name(self, user_id: str) -> str:
        return ""

    def everybody(self, actor: Actor) -> bool:
        return False
