"""From events to rows: in groups, never in the way of the calls, and losing nothing while the process lives.

The bus hands events over (``take``, which only puts them in memory); a task of the recorder's own writes
what waits every 50 ms or 500 calls. Several changes of one call that wait together are written once. When
the database is locked, full or restarting, everything stays in memory and is tried again, for as long as
it takes: ``limit`` calls may wait. Beyond that, news of calls still up is let go first (their end brings it
again), then, counted and logged, the oldest ended calls: the comparison with the PBX's truth restores those.

Neighbours: ``store`` writes; ``cti.app`` subscribes ``take`` to the bus and keeps ``run`` running.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import chain, islice

import msgspec

from call_log.handled import Handling
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.backoff import Backoff
from cti.kernel.clock import Clock
from cti.kernel.db import transient
from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted

log = logging.getLogger(__name__)

Taken = CallStarted | CallChanged | CallEnded | CallMerged
Merge = tuple[str, str]
KINDS: tuple[type[Taken], ...] = (CallStarted, CallChanged, CallEnded, CallMerged)
"""What ``take`` wants to hear from the bus."""

INTERVAL_SECONDS = 0.05
BATCH = 500
LIMIT = 200_000
LATE_SECONDS = 3.0
"""Nothing waits so long unless something is wrong, also where no try has failed yet."""
_KEPT_REFUSED = 10_000


class RecorderStatus(msgspec.Struct, frozen=True):
    """For metrics and ``/readyz``. ``depth``: calls that wait, also while their writing is tried. ``lag``: seconds that
    the oldest has waited.

    ``refused``: records that the database will never take. ``let_go``: beyond the limit. ``error``: why the
    last try failed, None after a success.
    """

    depth: int
    lag: float
    written: int
    failures: int
    refused: int
    let_go: int
    error: str | None

    @property
    def trouble(self) -> str | None:
        """Why calls wait; None while they are written as they come."""
        if not self.depth or (self.error is None and self.lag < LATE_SECONDS):
            return None
        why = self.error or "the database takes long"
        return f"{self.depth} calls wait to be written, the oldest for {self.lag:.0f} s: {why}"


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    entry: Entry
    since: float


class Recorder:
    def __init__(
        self,
        store: CallStore,
        clock: Clock,
        *,
        backoff: Backoff | None = None,
        interval: float = INTERVAL_SECONDS,
        batch: int = BATCH,
        limit: int = LIMIT,
        handling: Handling | None = None,
    ) -> None:
        self._store, self._clock = store, clock
        self._backoff = backoff or Backoff(first=0.1, cap=5.0)
        self._interval, self._batch, self._limit = interval, batch, limit
        self._handling = handling or Handling()
        self._waiting: dict[str, _Waiting] = {}
        self._merges: list[Merge] = []
        self._writing: dict[str, _Waiting] = {}
        self._joining: list[Merge] = []
        self._wake, self._turn = asyncio.Event(), asyncio.Lock()
        self._written = self._failures = self._let_go = 0
        self._error: str | None = None
        self.refused: deque[tuple[Entry, str]] = deque(maxlen=_KEPT_REFUSED)
        """The last records that the database refused for what is in them, and why."""
        self._refused = 0

    def take(self, events: Sequence[Taken]) -> None:
        """Take these over. Never waits, never raises for what is in them."""
        now = self._clock.monotonic()
        for event in events:
            if isinstance(event, CallMerged):
                self._merges.append((event.gone, event.into))
            elif isinstance(event, CallEnded):
                people = self._handling.people(event.record, over=True)
                self._put(Entry(event.record, event.at, people=people), now)
            else:
                people = self._handling.people(event.call.record)
                self._put(Entry(event.call.record, event.at, people=people), now)
        self._wake.set()

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if len(self._waiting) < self._batch:
                await self._clock.sleep(self._interval)
            await self.flush()

    async def flush(self) -> None:
        """Return when all that was taken before is in the log, however often that has to be tried."""
        while self._waiting or self._merges:
            if not await self._write_some():
                await self._clock.sleep(self._backoff.next())
        async with self._turn:  # what another task is writing at this moment counts too
            pass

    def status(self) -> RecorderStatus:
        # They wait in the order in which they came.
        oldest = next((w.since for w in chain(self._writing.values(), self._waiting.values())), None)
        again = sum(call_id in self._waiting for call_id in self._writing)
        return RecorderStatus(
            depth=len(self._writing) + len(self._waiting) - again + len(self._joining) + len(self._merges),
            lag=0.0 if oldest is None else self._clock.monotonic() - oldest,
            written=self._written,
            failures=self._failures,
            refused=self._refused,
            let_go=self._let_go,
            error=self._error,
        )

    def _put(self, entry: Entry, now: float) -> None:
        call_id = entry.record.id
        known = self._waiting.get(call_id)
        if known is None and len(self._waiting) >= self._limit and not self._make_room(entry):
            return
        if known is None:
            self._waiting[call_id] = _Waiting(entry, now)
        elif (entry.standing, entry.at) >= (known.entry.standing, known.entry.at):
            self._waiting[call_id] = _Waiting(entry, known.since)

    def _make_room(self, entry: Entry) -> bool:
        """True if there is room for ``entry`` now; else it is let go itself."""
        self._let_go += 1
        if entry.record.provisional:
            return False
        up = next((i for i, w in islice(self._waiting.items(), 1000) if w.entry.record.provisional), None)
        gone = up or next(iter(self._waiting))
        if up is None:
            log.error("the call log is full of waiting calls: %s is let go, until the PBX's truth brings it back", gone)
        del self._waiting[gone]
        return True

    async def _write_some(self) -> bool:
        """Try to write up to one batch; False if it is still to be written."""
        async with self._turn:
            some = dict(islice(self._waiting.items(), self._batch))
            merges, self._merges = self._merges, []
            for call_id in some:
                del self._waiting[call_id]
            self._writing, self._joining = some, merges
            try:
                await self._save([w.entry for w in some.values()], merges)
            except BaseException as error:
                self._put_back(some, merges)
                if not isinstance(error, Exception):
                    raise
                self._note_failure(error)
                return False
            finally:
                self._writing, self._joining = {}, []
            self._error = None
            self._backoff.reset()
            return True

    async def _save(self, entries: list[Entry], merges: list[Merge]) -> None:
        """Write these. What the database refuses for its contents is set aside, so that the rest can go in."""
        try:
            await self._store.save(entries, merges)
            self._written += len(entries)
        except Exception as error:
            if transient(error):
                raise
            if len(entries) + len(merges) <= 1:
                self._refuse(entries, error)
            else:
                for part, joins in _halves(entries, merges):
                    await self._save(part, joins)

    def _refuse(self, entries: list[Entry], error: Exception) -> None:
        self._refused += 1
        log.error("the database refuses a record: %s", error)
        self.refused.extend((entry, str(error)) for entry in entries)

    def _put_back(self, some: dict[str, _Waiting], merges: list[Merge]) -> None:
        newer, self._waiting = self._waiting, some
        for waiting in newer.values():
            self._put(waiting.entry, waiting.since)
        self._merges = merges + self._merges

    def _note_failure(self, error: Exception) -> None:
        self._failures += 1
        self._error = str(error) or type(error).__name__
        log.warning("the call log cannot be written, %d calls wait: %s", len(self._waiting), self._error)


def _halves(entries: list[Entry], merges: list[Merge]) -> tuple[tuple[list[Entry], list[Merge]], ...]:
    """Merges by themselves first, then the entries in two parts."""
    if merges and entries:
        return ([], merges), (entries, [])
    half = max(len(entries), len(merges)) // 2
    return (entries[:half], merges[:half]), (entries[half:], merges[half:])
