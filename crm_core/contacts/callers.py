"""Who is on the line: the contact of each call that is up, told as soon as it is known and again when it changes.

Calls come by the bus, the numbers are looked up, and ``CallersKnown`` goes back to the bus for the screens. Nothing
waits for the database here: a call is on the screen with its number first, its name follows.
Neighbours: ``lookup`` asks; the live board shows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

import msgspec

from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.lookup import Lookup, Match
from cti.kernel.clock import Clock
from cti.kernel.db import transient
from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted, LiveCall
from cti.live.numbers import match_key
from cti.live.record import CallRecord

log = logging.getLogger(__name__)

KINDS: tuple[type, ...] = (CallStarted, CallChanged, CallEnded, CallMerged, PartyChanged, PartiesMerged)
CALM_SECONDS = 0.2
"""Changes of contacts are collected for so long; an import makes thousands a second."""
MOST_TOLD = 20
"""Of everybody who has a number, so many are told of: nobody chooses among more while it rings."""

Event = CallStarted | CallChanged | CallEnded | CallMerged | PartyChanged | PartiesMerged


class KnownCaller(msgspec.Struct, frozen=True, gc=False):
    """Who surely has the number; ``others``: how many more have it too."""

    id: str
    name: str
    tier: str
    others: int


class CallersKnown(msgspec.Struct, frozen=True):
    """By the id of the call: whom it is with, None for nobody known any more. ``matches``: everybody who may be meant,
    the likeliest first, for the same calls."""

    callers: Mapping[str, KnownCaller | None]
    matches: Mapping[str, tuple[Match, ...]] = {}


def other_key(record: CallRecord) -> str | None:
    """The key of the outside party's number: who called, or whom we called."""
    other = record.dialled if record.direction == "outbound" else record.caller
    return match_key(other.raw or "", other.number)


def known(matches: tuple[Match, ...]) -> KnownCaller | None:
    """The first who surely has the number, as screens show him."""
    sure = [match for match in matches if match.sure]
    return KnownCaller(sure[0].id, sure[0].name, sure[0].tier, len(sure) - 1) if sure else None


class Callers:
    """``take`` is what the bus calls, ``run`` has to run, ``publish`` takes what is found."""

    def __init__(self, lookup: Lookup, clock: Clock, publish: Callable[[object], None]) -> None:
        self._lookup, self._clock, self._publish = lookup, clock, publish
        self._keys: dict[str, str] = {}  # of the calls that are up
        self._told: dict[str, tuple[Match, ...]] = {}
        self._new: set[str] = set()
        self._stale = False
        self._wake = asyncio.Event()

    def take_many(self, events: Iterable[Event]) -> None:
        """All that the bus has at a time: a turn of the loop for each would hold the screens up."""
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._see(call.record)
            case CallEnded(record=record):
                self._forget(record.id)
            case CallMerged(gone=gone):
                self._forget(gone)
            case _:
                self._look_again()

    def load(self, calls: Iterable[LiveCall]) -> None:
        """These are the calls that are up (events were missed, or the screens forgot what they were told)."""
        self._keys.clear()
        self._told.clear()
        for call in calls:
            self._see(call.record)

    def _look_again(self) -> None:
        self._stale = bool(self._keys)
        if self._stale:
            self._wake.set()

    def _see(self, record: CallRecord) -> None:
        key = other_key(record)
        if key is None or self._keys.get(record.id) == key:
            return
        self._keys[record.id] = key
        self._new.add(record.id)
        self._wake.set()

    def _forget(self, call_id: str) -> None:
        self._keys.pop(call_id, None)
        self._told.pop(call_id, None)
        self._new.discard(call_id)

    async def run(self) -> None:
        """For as long as the product runs."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._stale and not self._new:
                await self._clock.sleep(CALM_SECONDS)
            try:
                await self.look()
            except Exception as error:
                if not transient(error):
                    raise
                log.warning("the names of callers have to wait: %s", error)
                self._stale = True
                self._wake.set()
                await self._clock.sleep(1.0)

    async def look(self) -> None:
        """Look up what is new, or all of them if contacts changed, and tell what differs."""
        ids, self._new, self._stale = (set(self._keys) if self._stale else self._new), set(), False
        keys = {call_id: self._keys[call_id] for call_id in ids if call_id in self._keys}
        found = await self._lookup.everybody(keys.values())
        now = {call_id: found.get(key, ()) for call_id, key in keys.items()}
        changed = {
            call_id: matches
            for call_id, matches in now.items()
            if self._keys.get(call_id) == keys[call_id] and _shown(matches) != self._told.get(call_id, ())
        }
        for call_id, matches in changed.items():
            if matches:
                self._told[call_id] = _shown(matches)
            else:
                self._told.pop(call_id, None)
        if changed:
            callers = {call_id: known(matches) for call_id, matches in changed.items()}
            self._publish(CallersKnown(callers, {call_id: m[:MOST_TOLD] for call_id, m in changed.items()}))


def _shown(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """What of it a screen shows: that a contact was touched is no news."""
    return tuple(msgspec.structs.replace(match, changed_at=0.0) for match in matches)
