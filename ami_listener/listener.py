"""One PBX from its bytes to events: connection, journal, translator and tracker joined together.

After each connect, every few minutes, and whenever something does not add up, the PBX is asked how things
stand (``CoreShowChannels``, ``QueueStatus``); the answers come down the same stream as everything else.

Neighbours: ``connection`` brings bytes and messages, ``cti.app`` gives ``publish`` and keeps ``run`` running.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from ami_listener.connection import PbxConnection
from ami_listener.directory import read_directory
from ami_listener.discover import hints, learn_hints, learn_members
from ami_listener.link import Limits, LinkState
from ami_listener.protocol import Message
from ami_listener.translate import Translator
from ami_listener.url import PbxUrl
from cti.control.port import PbxRefusedError, PbxSilentError, PbxUnreachableError
from cti.kernel.clock import Clock
from cti.live import pbx
from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted, Event, PbxLinkChanged, ResyncNeeded
from cti.live.profile import Profile
from cti.live.tracker import Tracker

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
CLOCK_TOLERANCE = 2.0
"""Seconds that a PBX's clock may be off before its times are corrected. Below it they are left as the PBX's own
CDR and CEL have them."""
NO_ANSWER = (PbxRefusedError, PbxSilentError, PbxUnreachableError)
RESYNC_PAUSE = 1.0
"""At most one round of questions a second, however much looks odd."""


def correction(offset: float | None) -> float:
    """What to take off the times of a PBX whose clock is ``offset`` seconds ahead (None: not known)."""
    return offset if offset is not None and abs(offset) >= CLOCK_TOLERANCE else 0.0


_OF_CALLS = (CallStarted, CallChanged, CallEnded, CallMerged)


class Keeper(Protocol):
    """Where bytes are kept (``journal.JournalWriter``)."""

    def write(self, data: bytes, at: float) -> None:
        """Keep these bytes, received at ``at`` (epoch seconds)."""

    def begin(self, at: float) -> None:
        """A new connection begins."""


class PbxListener:
    """``run`` until cancelled. ``publish`` takes each event; it must not block.

    ``resyncs``: how often the PBX was asked how things stand. ``call_events``: how many were told of
    calls. ``asked``: it has told so since the link came up, so that what the tracker does not know of is not up.
    """

    def __init__(
        self,
        url: PbxUrl,
        profile: Profile,
        publish: Callable[[Event], None],
        clock: Clock,
        *,
        journal: Keeper | None = None,
        limits: Limits | None = None,
        resync_seconds: float = 300.0,
    ) -> None:
        self.url = url
        self.profile = profile
        self.clock = clock
        self.tracker = Tracker(url.name, profile)
        self.translator = Translator()
        self.resyncs = self.call_events = 0
        self.asked = False
        self.link: PbxLinkChanged | None = None
        self._publish = publish
        self._journal = journal
        self._resync_seconds = resync_seconds
        self._resync = asyncio.Event()
        self._reason = ""
        self.connection = PbxConnection(
            url,
            on_link=self._on_link,
            on_bytes=self._on_bytes,
            on_messages=self._on_messages,
            on_doubt=self.doubt,
            clock=clock,
            limits=limits,
        )

    async def run(self) -> None:
        """Listen for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.connection.run(), name=f"{self.url.name}:connection")
            tasks.create_task(self._resyncing(), name=f"{self.url.name}:resync")
            tasks.create_task(self._ticking(), name=f"{self.url.name}:tick")

    def doubt(self, reason: str) -> None:
        """Something does not add up: ask the PBX how things stand, soon."""
        self._reason = reason
        self._resync.set()

    @property
    def clock_offset(self) -> float:
        """Seconds by which the PBX's times are corrected: 0 unless its clock is clearly off."""
        return correction(self.connection.pbx_clock.offset)

    # --- what the connection brings

    def _on_bytes(self, data: bytes, at: float) -> None:
        if self._journal is not None:
            self._journal.write(data, at)

    def _on_messages(self, messages: list[Message], at: float) -> None:
        self.translator.clock_offset = self.clock_offset
        self.apply(self.translator.facts(messages, at))

    def replay(self, messages: list[Message], at: float) -> None:
        """Take in messages of the journal, received at ``at``."""
        self.apply(self.translator.facts(messages, at))

    def apply(self, facts: Iterable[pbx.Fact]) -> None:
        """Take facts in and tell what they change."""
        for fact in facts:
            self.tracker.apply(fact)
            if type(fact) is pbx.PbxBooted:
                self.doubt("the PBX has started")  # before, it may not know all questions yet
        self._tell()

    def _tell(self) -> None:
        for event in self.tracker.take():
            if isinstance(event, ResyncNeeded):
                self.doubt(event.reason)
            self.call_events += type(event) in _OF_CALLS
            self._publish(event)

    def _on_link(self, state: LinkState) -> None:
        up = state.phase == "up"
        self.asked = False
        if up:
            self.tracker.apply(pbx.LinkRestored(state.at))
            self.doubt("the link is up")
        elif self.link is None or self.link.up:
            self.tracker.apply(pbx.LinkLost(state.at, state.reason))
        if state.phase == "connecting":
            if self._journal is not None:
                self._journal.begin(state.at)
            if self.link is not None:
                return
        self.link = PbxLinkChanged(self.url.name, state.at, up, state.reason)
        self._publish(self.link)
        self._tell()

    # --- asking how things stand

    async def _resyncing(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._resync_seconds or None):
                    await self._resync.wait()
            except TimeoutError:
                self._reason = "time for it"
            self._resync.clear()
            if self.connection.state.phase == "up":
                await self._ask()
                await self.clock.sleep(RESYNC_PAUSE)

    async def _ask(self) -> None:
        log.debug("PBX %s: asking how things stand: %s", self.url.name, self._reason)
        connection = self.connection.state.connection
        answered = [await self._list(question) for question in ("CoreShowChannels", "QueueStatus")]
        self.resyncs += 1
        if answered[0] and self.connection.state.connection == connection:
            self.asked = True
        learn_members(self.profile, self.tracker.queues())
        told = await self._hints()
        learn_hints(self.profile, told)
        await self._ask_directory(told)

    async def _hints(self) -> list[tuple[str, str]]:
        try:
            return list(hints(await self.connection.listing("ExtensionStateList")))
        except NO_ANSWER as error:
            log.debug("PBX %s: it does not tell its hints: %s", self.url.name, error)
            return []

    async def _ask_directory(self, told: list[tuple[str, str]]) -> None:
        """What the PBX has; if the link breaks meanwhile, what was known before stands."""
        state, at = self.connection.state, self.tracker.now or self.clock.now()
        listed = await read_directory(self.connection.listing, state.permitted, at, told, self.tracker.queues())
        if self.connection.state is state and state.phase == "up":
            self.apply((listed,))

    async def _list(self, question: str) -> bool:
        try:
            await self.connection.listing(question)
        except NO_ANSWER as error:
            log.warning("PBX %s: no answer to %s: %s", self.url.name, question, error)
            return False
        return True

    async def _ticking(self) -> None:
        while True:
            await self.clock.sleep(TICK_SECONDS)
            self.tracker.tick(self.clock.now())
            self._tell()
