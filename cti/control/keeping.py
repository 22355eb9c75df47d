"""Keeps the customer when the tab in which somebody talked with him is gone: reloaded, crashed or closed.

A PBX notices that late or never: the customer would hear silence. So whoever carries softphones' lines tells here when
one opens and closes. A line that comes back from the same page was only a cut of the network, and the call goes on by
itself; one from another page, or none within ``gone_seconds``, means that the call is lost in the browser: whoever
was in it is sent to ``tamas-keep`` (music, the phone rung again, then the queue), and the dead channel is hung up.
Neighbours: ``parts`` finds the call, ``web.sip`` tells of lines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from cti.control import contexts
from cti.control.parts import Part, Parts, prepare_to_wait
from cti.control.port import Target
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import RefusedError, UnavailableError

log = logging.getLogger(__name__)

KEPT = Target(contexts.START, contexts.KEEP)

Line = tuple[str, str]
"""A user's id and a PBX's name."""


class _Lost(msgspec.Struct, frozen=True):
    """``page``: the one that had the line; ``due``: when it counts as gone (monotonic seconds)."""

    actor: Actor
    page: str
    due: float


class Keeping:
    """``used``: is this endpoint (PBX, name) a phone in the browser? ``gone_seconds``: so long a line may be away
    before its page is taken for gone. ``run`` has to run."""

    def __init__(self, parts: Parts, used: Callable[[str, str], bool], clock: Clock, gone_seconds: float) -> None:
        self._parts, self._used, self._clock, self._gone_seconds = parts, used, clock, gone_seconds
        self._lost: dict[Line, _Lost] = {}
        self._news = asyncio.Event()

    def opened(self, actor: Actor, pbx: str, page: str) -> None:
        """A page (its own name for itself) has a line to a PBX."""
        lost = self._lost.get((actor.id, pbx))
        if lost is None:
            return
        if lost.page == page:
            del self._lost[actor.id, pbx]
        else:  # another page: what the first one carried is gone for sure
            self._lost[actor.id, pbx] = msgspec.structs.replace(lost, due=self._clock.monotonic())
            self._news.set()

    def closed(self, actor: Actor, pbx: str, page: str) -> None:
        """It has it no more, whatever the reason."""
        self._lost[actor.id, pbx] = _Lost(actor, page, self._clock.monotonic() + self._gone_seconds)
        self._news.set()

    async def run(self) -> None:
        """Keep whoever has to be kept, for as long as the product runs."""
        while True:
            self._news.clear()
            now = self._clock.monotonic()
            for line, lost in tuple(self._lost.items()):
                if lost.due <= now and self._lost.pop(line, None) is not None:
                    await self._keep(lost.actor, line[1])
            try:
                async with asyncio.timeout(self._next()):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _next(self) -> float | None:
        """Seconds until the next line counts as gone."""
        if not self._lost:
            return None
        return max(0.0, min(lost.due for lost in self._lost.values()) - self._clock.monotonic())

    async def _keep(self, actor: Actor, pbx: str) -> None:
        for call in self._parts.book:
            if call.record.pbx != pbx:
                continue
            try:
                part = self._parts.of(actor, call.record.id)
            except RefusedError:
                continue  # others' calls, and what ended meanwhile
            if part.me.answered and self._used(pbx, part.me.endpoint):
                await self._save(part)

    async def _save(self, part: Part) -> None:
        """Never raises what a PBX may answer: the next call is to be saved all the same."""
        try:
            await self._parts.need_include(part.name)
            if len(mates := [one for one in part.others if one.uniqueid in part.me.mates]) == 1:
                await prepare_to_wait(part, mates[0])
                await part.pbx.redirect(mates[0].channel, KEPT)
            # Who waits for this channel is brought back by the dialplan when it is gone.
            await part.pbx.hangup(part.me.channel)
        except (RefusedError, UnavailableError) as error:
            log.warning("call %s: its page is gone, and it could not be kept: %s", part.call.record.id, error)
