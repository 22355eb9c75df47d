"""The past of some PBXs from their journals: how things stood at a moment, then what happened, at its time.

The same reader, translator and tracker as live, fed with the bytes of then; so what a screen makes of it is what it
made of it then. ``read`` goes to the moment and ``events`` on from there, each for a limited time at a go. When bytes
stop and go on with another connection, or some are missing, the link was down in between: since the last byte, as
nobody wrote down when that was noticed.

Neighbours: ``past`` reads journals and says from when on, ``cti.app.past.board`` makes a board of the events.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from ami_listener.discover import learn_members
from ami_listener.past import Following
from ami_listener.protocol import AmiReader, ProtocolError
from ami_listener.translate import Translator
from ami_listener.wanted import ONLY, SKIP
from cti.live import pbx
from cti.live.events import Endpoint, EndpointChanged, Event, LiveCall, PbxLinkChanged, QueueChanged
from cti.live.inventory import DeviceStateTold
from cti.live.profile import Profile
from cti.live.tracker import Tracker

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
"""How often a tracker is told the time where nothing happens, as live (``listener``)."""
SILENT_SECONDS = 12.0
"""A journal that says nothing more for so long was not written: a PBX answers to a ping every three seconds."""
LOOK_EVERY = 32
"""Entries between two looks at the clock."""
LOST = "the link was lost, or nobody listened"
_EVENT = b"Event: "

Clock = Callable[[], float]


class Source(msgspec.Struct, frozen=True):
    """The journal of a PBX. ``since``: from when on it is read (``past.rewind``); ``ahead``: how far its clock was."""

    pbx: str
    folder: Path
    profile: Profile
    since: float
    ahead: float = 0.0


class Playback:
    """``at`` is the moment it has come to (epoch seconds); ``begin`` the one to which ``read`` goes."""

    def __init__(self, sources: Iterable[Source], begin: float, clock: Clock = time.monotonic) -> None:
        self._pasts = [_Past(source) for source in sources]
        self._clock = clock
        self._first = min((past.at for past in self._pasts), default=begin)
        self.begin = begin
        self.at = self._first

    def read(self, seconds: float) -> tuple[bool, list[QueueChanged]]:
        """Read on towards ``begin`` for at most so long: whether it is reached, and the queues that changed on the way
        (since when a member is as he is, nothing else tells)."""
        there = self._go(self.begin, seconds)
        told = [event for past in self._pasts for event in past.queues()]
        for past in self._pasts:
            past.pass_over()
        return there, told

    @property
    def progress(self) -> float:
        """How much of the way to ``begin`` is read, 0 to 1."""
        way = self.begin - self._first
        return 1.0 if way <= 0 else min(1.0, max(0.0, (self.at - self._first) / way))

    def events(self, until: float, seconds: float) -> list[Event]:
        """What happened up to ``until``, or as far as one comes in so long: see ``at``."""
        self._go(until, seconds)
        return [event for past in self._pasts for event in past.take()]

    def calls(self) -> list[LiveCall]:
        return [call for past in self._pasts for call in past.tracker.snapshot()]

    def queues(self) -> list[QueueChanged]:
        return [queue for past in self._pasts for queue in past.tracker.queues()]

    def links(self) -> list[PbxLinkChanged]:
        return [past.link for past in self._pasts if past.link is not None]

    def endpoints(self) -> list[EndpointChanged]:
        """Of those of which a PBX has told whether they can be reached."""
        return [told for past in self._pasts for told in past.endpoints.values()]

    def _go(self, until: float, seconds: float) -> bool:
        """Everything in the order of its arrival, whichever PBX it came from. False if the time was up first."""
        end, taken = self._clock() + seconds, 0
        while (past := self._earliest(until)) is not None:
            self.at = max(self.at, past.take_entry())
            taken += 1
            if taken % LOOK_EVERY == 0 and self._clock() >= end:
                return False
        self.at = max(self.at, until)
        for past in self._pasts:
            past.rest(until)
        return True

    def _earliest(self, until: float) -> _Past | None:
        due = [(at, n) for n, past in enumerate(self._pasts) if (at := past.next_at()) is not None and at <= until]
        return self._pasts[min(due)[1]] if due else None


class _Past:
    """One PBX: entries on their way to its tracker."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tracker = Tracker(source.pbx, source.profile)
        self.link: PbxLinkChanged | None = None
        self.endpoints: dict[str, EndpointChanged] = {}
        self.at = source.since
        self._translator = Translator()
        self._translator.clock_offset = source.ahead
        self._following = Following(source.folder, source.since)
        self._reader: AmiReader | None = None
        self._connection: int | None = None
        self._last = 0.0
        self._told: list[Event] = []
        self._queues: list[QueueChanged] = []

    def next_at(self) -> float | None:
        """When the next entry arrived; None where nothing more is written."""
        entry = self._following.peek()
        return None if entry is None else max(entry.at, self.at)  # a clock that was set back does not turn us round

    def take_entry(self) -> float:
        """Take the next entry in; when it arrived."""
        another = self._is_another()
        entry = self._following.take()
        at = max(entry.at, self.at)
        self._pass(at)
        if another:
            self._connect(entry.connection, at)
        self._last = self.at = at
        self._feed(entry.data, at)
        changed = self.tracker.queues_changed()
        if changed:
            learn_members(self.source.profile, changed)
            self._queues += changed
        return at

    def rest(self, until: float) -> None:
        """Nothing more comes up to that moment: time passes, and a link that was lost by then is down."""
        self._pass(until)
        self.at = max(self.at, until)
        coming = self._following.peek()
        if coming is not None and self._connection is not None and self._is_another():
            self._lose()
        elif coming is None and self._last and until - self._last >= SILENT_SECONDS:
            self._say_down()

    def _is_another(self) -> bool:
        """Is what comes next of another connection, or of this one after something that is missing?"""
        coming = self._following.peek()
        return coming is not None and (coming.connection != self._connection or self._following.gap)

    def take(self) -> list[Event]:
        """What happened since this was last asked."""
        told, self._told = [*self._told, *self.queues()], []
        return told + self.tracker.take()

    def pass_over(self) -> None:
        """What happened but to queues is known by how things stand."""
        self._told.clear()
        self.tracker.pass_over()

    def queues(self) -> list[QueueChanged]:
        told, self._queues = self._queues, []
        return told

    def _pass(self, until: float) -> None:
        """Suspected ghosts are settled as time passes (``cti.live.resync``)."""
        while self.tracker.board.suspects and self.at + TICK_SECONDS < until:
            self.at += TICK_SECONDS
            self.tracker.tick(self.at)

    def _connect(self, connection: int, at: float) -> None:
        if self._connection is not None:
            self._lose()
            self.tracker.apply(pbx.LinkRestored(at))
        self._reader, self._connection = AmiReader(SKIP, ONLY, expect_greeting=False), connection

    def _feed(self, data: bytes, at: float) -> None:
        if self._reader is None:
            return
        if (self.link is None or not self.link.up) and _EVENT in data:  # who is refused is told of no event
            self._tell(PbxLinkChanged(self.source.pbx, at, up=True, reason=""))
        try:
            for fact in self._translator.facts(self._reader.feed(data), at):
                self.tracker.apply(fact)
                if isinstance(fact, DeviceStateTold):
                    self._reach(fact)
        except ProtocolError as error:
            log.warning("PBX %s: a connection in the journal ends in nonsense: %s", self.source.pbx, error)
            self._lose()

    def _reach(self, told: DeviceStateTold) -> None:
        """The lists of endpoints are read apart from the events; those of states are events as well."""
        known, reachable = self.endpoints.get(told.device), told.state != "unreachable"
        if told.state == "unknown" or (known is not None and known.endpoint.reachable == reachable):
            return
        endpoint = Endpoint(told.device, self.source.profile.kind(told.device), reachable=reachable, since=told.at)
        self.endpoints[told.device] = event = EndpointChanged(self.source.pbx, told.at, endpoint)
        self._told.append(event)

    def _lose(self) -> None:
        if self._reader is not None:
            self.tracker.apply(pbx.LinkLost(self._last, LOST))
            self._say_down()
        self._reader = None

    def _say_down(self) -> None:
        if self.link is not None and self.link.up:
            self._tell(PbxLinkChanged(self.source.pbx, self._last, up=False, reason=LOST))

    def _tell(self, link: PbxLinkChanged) -> None:
        self.link = link
        self._told.append(link)
