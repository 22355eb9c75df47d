"""Supervisors in the calls of their agents: heard by nobody (listen), by the agent alone (whisper), by all (barge).

A screen names a call; whom to hear is chosen here, by the unique id of the agent's own channel, and what the PBX then
says it let him hear is compared with that: any other channel is hung up on at once. Every use is written down before
it begins, and ends with the call. When the agent leaves a call that goes on (he handed it over, it was taken from him),
whoever heard him listens to the next one whom he reaches. Neighbours: ``monitor`` has the values, ``port.Spy`` is the
command, ``cti.live.events.SpyChanged`` the PBX's word on it, ``ears`` the sound of those who listen without a phone.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from cti.control.ears import Ear, Ears, Followed
from cti.control.monitor import Monitor, Told, Why
from cti.control.parts import Parts, told_plainly
from cti.control.phones import PhoneAt
from cti.control.port import SOCKET, PbxRefusedError, PbxSilentError, PbxUnreachableError, Spy, SpyMode
from cti.control.service import unconnected
from cti.control.whom import Nobody, Reached, Whom
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError, RefusedError, TamasError
from cti.live.errands import SPIES
from cti.live.events import CallChanged, CallEnded, CallMerged, LiveCall, OrderEnded, SpyChanged
from cti.live.parties import Party

log = logging.getLogger(__name__)

KINDS = (SpyChanged, OrderEnded, CallChanged, CallMerged, CallEnded)
PERMISSIONS: dict[SpyMode, str] = {"listen": "monitor.listen", "whisper": "monitor.speak", "barge": "monitor.speak"}
BEGIN_SECONDS = 40.0
"""So long it may take until he hears something: his phone may ring for thirty seconds."""
LOOK_SECONDS = 2.0
"""So soon after he lost the right, he hears nothing any more."""
SETTLE_SECONDS = 0.25
"""So soon after an agent left it is asked where the call is now."""
GOES_SECONDS = 1.0
"""An agent who has not left by then has not left: it was the listener who hung up."""
MOST = 200
NEEDS_PHONE = N_("Speaking needs a phone: only listening works without one.")
NO_MEDIA = N_("Listening without a phone is not set up here (CTI_MEDIA); use a phone.")
TOO_MANY = N_("Too many supervisors listen at this moment.")
NOT_RUNNING = N_("This is over: nobody listens any more.")


class Spying:
    """``own_phone``: at which phone of a PBX somebody works (it raises ``RefusedError`` where there is none). ``audit``
    writes down (the seconds when it is over), and raises where it cannot; ``tell`` takes each ``Told``; ``renewed``: an
    actor with the rights and teams that he has now, None where he is no user any more."""

    def __init__(
        self,
        parts: Parts,
        clock: Clock,
        reached: Reached,
        own_phone: Callable[[Actor, str, str], PhoneAt],
        audit: Callable[[Actor, str, Monitor, float | None], Awaitable[None]],
        tell: Callable[[Told], None] = lambda _told: None,
        renewed: Callable[[Actor], Awaitable[Actor | None]] | None = None,
    ) -> None:
        self.ears: Ears | None = None
        self.told = False
        """True where agents are told who listens to them."""
        self._parts, self._clock, self._whom = parts, clock, Whom(parts, reached)
        self._own_phone, self._audit, self._tell, self._renewed = own_phone, audit, tell, renewed
        self._running: dict[str, Monitor] = {}
        self._actors: dict[str, Actor] = {}
        self._ears: dict[str, Followed] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._settling: dict[str, asyncio.Task[None]] = {}

    # --- asked for

    async def start(self, actor: Actor, call_id: str, mode: SpyMode = "listen", *, browser: bool = False) -> Monitor:
        """Let the actor hear whoever of his agents talks in a call. What he heard before ends."""
        actor.require("monitor.listen", PERMISSIONS[mode])
        if browser and mode != "listen":
            raise RefusedError(NEEDS_PHONE)
        call = self._parts.call(call_id)
        agent = self._whom.agent(actor, call)
        monitor, order = self._made(actor, call, agent, mode, browser)
        for before in [one for one in self._running.values() if one.user == actor.id]:
            await self._end(before)
        if len(self._running) >= MOST:
            raise ConflictError(TOO_MANY)
        self._running[monitor.id], self._actors[monitor.id] = monitor, actor
        await self._begin(actor, monitor, order)
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
            case CallChanged(call=call) if self._running:
                for monitor in self._in(call.record.id):
                    await self._go_on(monitor.id)
            case CallMerged(gone=gone, into=into) if self._running:
                for monitor in self._in(gone):
                    self._running[monitor.id] = msgspec.structs.replace(monitor, call=into)
            case CallEnded(record=record) if self._running:
                for monitor in self._in(record.id):
                    await self._end(monitor)
                for leg in record.legs:
                    await self._gone(self._of(leg.uniqueid))
            case _:
                pass

    async def run(self) -> None:
        """Whoever may no longer listen, or never heard anything, is hung up on; for as long as the product runs."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        for monitor in tuple(self._running.values()):
            if monitor.state == "begins" and self._clock.now() - monitor.since > BEGIN_SECONDS:
                await self._end(monitor, _silent(monitor))
            elif not await self._may(monitor):
                await self._end(monitor, "no_right")
            elif monitor.state == "waits":
                await self._go_on(monitor.id)
            elif monitor.state == "heard" and self._is_gone(monitor):
                await self._gone(monitor)

    async def clear(self) -> None:
        """After a start: whoever listens on the word of a process that was killed is watched over by nobody."""
        for call in self._parts.book:
            legs = call.record.legs if call.record.kind == "monitoring" else ()
            for leg in legs:
                if leg.uniqueid.startswith(SPIES) and leg.ended_at is None and self._of(leg.uniqueid) is None:
                    await self._hang_up(call.record.pbx, leg.uniqueid)

    async def stop_all(self) -> None:
        """The product stops: nobody listens whom nobody watches over."""
        for task in self._settling.values():
            task.cancel()
        for monitor in tuple(self._running.values()):
            await self._end(monitor)
        await asyncio.gather(*self._ending, return_exceptions=True)

    # --- inside

    def _made(
        self, actor: Actor, call: LiveCall, agent: Party, mode: SpyMode, browser: bool, id_: str = ""
    ) -> tuple[Monitor, Spy]:
        pbx, now = call.record.pbx, self._clock.now()
        # Nobody guesses it: who sends sound under this id is the PBX that was asked to.
        uniqueid = f"{SPIES}{int(now)}.{secrets.randbelow(10**30)}"
        extension = agent.extension or ""
        users = self._whom.users(call, agent)
        names = self._whom.names(users) or extension
        monitor = Monitor(
            id_ or secrets.token_urlsafe(12), pbx, call.record.id, actor.id, actor.name, mode, browser, uniqueid,
            agent.uniqueid, extension, users, names, now,
        )  # fmt: skip
        if browser:
            if self.ears is None:
                raise RefusedError(NO_MEDIA)
            return monitor, Spy(SOCKET, agent.uniqueid, mode, uniqueid)
        phone = self._own_phone(actor, "", pbx)
        answers = self._parts.phonebook.make(pbx, phone.endpoint).answers
        return monitor, Spy(phone.endpoint, agent.uniqueid, mode, uniqueid, extension, answers)

    async def _begin(self, actor: Actor, monitor: Monitor, order: Spy) -> None:
        """Once it is written down the PBX is asked; where one of the two cannot be, it is over."""
        try:
            await self._audit(actor, monitor.mode, monitor, None)
            if monitor.browser and self.ears is not None:
                self._hears(monitor.id, self.ears.expect(monitor.uniqueid))
            async with told_plainly():
                await self._parts.pbx(monitor.pbx).spy(order)
        except BaseException:
            await self._over(monitor, "")
            raise
        self._tell(Told(monitor))

    def _hears(self, id_: str, ear: Ear) -> None:
        if (followed := self._ears.get(id_)) is None:
            self._ears[id_] = Followed(ear)
        else:
            self._later(followed.turn(ear).close())

    async def _spied(self, monitor: Monitor | None, event: SpyChanged) -> None:
        if monitor is None:
            return
        if event.on and event.spyee != monitor.spied:
            log.warning("PBX %s let %s hear %s, not %s", monitor.pbx, monitor.by, event.spyee, monitor.spied)
            await self._end(monitor, "wrong")
        elif not event.on:
            self._left(monitor)
        elif monitor.heard_at is None:
            heard = msgspec.structs.replace(monitor, heard_at=self._clock.now())
            self._running[monitor.id] = heard
            self._tell(Told(heard))

    async def _gone(self, own: Monitor | None) -> None:
        """The listener's own channel is gone. It goes with the agent's, too, and may be told of first."""
        if own is not None and own.state == "heard":
            self._left(own)
        elif own is not None:
            await self._over(own)

    def _left(self, monitor: Monitor) -> None:
        """The agent has left the call, or the listener hung up: which, is known in a moment."""
        now = self._clock.now()
        waits = msgspec.structs.replace(monitor, mode="listen", uniqueid="", heard_at=None, left_at=now)
        self._running[monitor.id] = waits
        self._tell(Told(monitor, over=True, goes_on=True))
        self._note_end(self._actors[monitor.id], monitor)

        self._settle(monitor.id)

    def _settle(self, id_: str) -> None:
        self._settling[id_] = asyncio.create_task(self._settled(id_), name="monitor settles")

    async def _settled(self, id_: str) -> None:
        await self._clock.sleep(SETTLE_SECONDS)
        del self._settling[id_]
        self._later(self._go_on(id_))

    async def _go_on(self, id_: str) -> None:
        """Listen to whoever has the call now; who spoke says anew that he wants to speak to the next one, too."""
        monitor = self._running.get(id_)
        if monitor is None or monitor.left_at is None or id_ in self._settling:
            return None
        if not await self._may(monitor):
            return await self._over(monitor, "no_right")
        actor, monitor = self._actors.get(id_), self._running.get(id_)
        if actor is None or monitor is None or monitor.left_at is None:
            return None  # stopped, or gone on, meanwhile
        try:
            call = self._parts.call(monitor.call)
            if not self._whom.ours(call):
                return None  # it rings, or waits, for the next
            agent = self._whom.agent(actor, call)
            if agent.uniqueid == monitor.spied:
                there = self._clock.now() - monitor.left_at >= GOES_SECONDS
                return await self._over(monitor) if there else self._settle(id_)
            after, order = self._made(actor, call, agent, monitor.mode, monitor.browser, id_)
            self._running[id_] = after
            await self._begin(actor, after, order)
        except TamasError as error:
            log.info("%s does not go on hearing %s: %s", monitor.by, monitor.call, error)
            await self._over(monitor, _why(error))

    def _in(self, call: str) -> list[Monitor]:
        return [one for one in self._running.values() if one.call == call]

    def _of(self, uniqueid: str) -> Monitor | None:
        return next((one for one in self._running.values() if one.uniqueid == uniqueid), None)

    def _own(self, actor: Actor, monitor_id: str) -> Monitor:
        found = self._running.get(monitor_id)
        if found is None or found.user != actor.id:
            raise NotFoundError(NOT_RUNNING)
        return found

    async def _may(self, monitor: Monitor) -> bool:
        """By what he may now, and whom he reaches now."""
        actor = self._actors.get(monitor.id)
        if self._renewed is None or actor is None:
            return True
        actor = await self._renewed(actor)
        if actor is None or not actor.may(PERMISSIONS[monitor.mode]):
            return False
        if monitor.id in self._actors:
            self._actors[monitor.id] = actor
        return monitor.left_at is not None or self._whom.may_hear(actor, monitor.agents)

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
        if actor is not None:
            self._note_end(actor, last)

    def _note_end(self, actor: Actor, monitor: Monitor) -> None:
        if monitor.heard_at is not None:
            self._later(self._written(actor, monitor, self._clock.now() - monitor.heard_at))

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


def _why(error: TamasError) -> Why:
    if isinstance(error, ForbiddenError):
        return "other_team"
    return "no_phone" if type(error) is RefusedError else ""  # else it is over, or he is in it himself


def _silent(monitor: Monitor) -> Why:
    return "no_socket" if monitor.browser else "no_phone"


def nobody_reached(clock: Clock) -> Spying:
    """Where there is no PBX: every call is over."""
    parts = unconnected(clock).parts

    async def unwritten(_actor: Actor, _mode: str, _monitor: Monitor, _seconds: float | None) -> None:
        return

    return Spying(parts, clock, Nobody(), lambda _actor, _extension, _pbx: PhoneAt("", "", ""), unwritten)
