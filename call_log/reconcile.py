"""The log held to the PBX's own truth: the missing is added, the wrong repaired, what cannot be known is ``lost``.

Works on a period, part by part so that a busy day is never held at once, and may be run again at any time: what was
found and mended stays mended, and a difference is kept once. Repairing takes from the truth what the truth knows and
keeps what only we know (hold, digits, recordings, names). A call that is still up, or whose record has not reached the
log yet, is nobody's error and is left alone.

Neighbours: ``compare`` says what differs and mends a record, ``store`` and ``ledger`` keep it; ``cti.app`` brings the
truth (``ami_listener.truth``) and runs this every few minutes and after each reconnect; ``cti reconcile`` prints it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec

from call_log.compare import as_lost, fields_that_differ, mended
from call_log.ledger import SETTLE_SECONDS, Ledger
from call_log.model import LOST, Entry
from call_log.query import DIFFERENCE_KINDS, Difference, DifferenceKind
from call_log.store import CallStore, Stored
from cti.kernel.clock import Clock
from cti.live import linkedids as order
from cti.live.record import CallRecord

GHOST_SECONDS = 120.0
"""A call that the truth ended so long ago is over, even if the tracker still shows it."""
LONGEST_SECONDS = 86_400.0
"""How far back a missing end is looked for."""
MARGIN_SECONDS = 120.0
"""How far beyond the period our own calls are looked at, for clocks that differ."""
AT_ONCE = 500
"""So many calls that the truth did not tell of are judged at a time."""


class Reading(Protocol):
    """What a truth says about a period; ``ami_listener.truth.source.TruthReading`` explains each."""

    @property
    def records(self) -> Sequence[CallRecord]: ...
    @property
    def unfinished(self) -> Collection[str]: ...
    @property
    def precision(self) -> float: ...
    @property
    def knows(self) -> Collection[str]: ...
    @property
    def covers(self) -> tuple[float, float] | None: ...
    @property
    def until(self) -> float: ...


class Truth(Protocol):
    def parts(self, since: float, until: float) -> AsyncGenerator[Reading]:
        """Calls that did anything in this period, each whole and once, in parts from old to new.

        ``until`` of a reading is where its part ends. Raises ``UnavailableError`` if it cannot be asked.
        """


class ReconcileReport(msgspec.Struct, frozen=True):
    """What one comparison found. ``truth_calls``: calls that the truth told of. ``waiting``: left for next time."""

    pbx: str
    since: float
    until: float
    truth_calls: int
    confirmed: int
    waiting: int
    differences: tuple[Difference, ...]

    def count(self, kind: DifferenceKind) -> int:
        return sum(d.kind == kind for d in self.differences)

    def lines(self) -> list[str]:
        """The report for people: a line in all, then one for each difference."""
        counts = ", ".join(f"{self.count(kind)} {kind}" for kind in DIFFERENCE_KINDS)
        head = f"{self.pbx}: the PBX has {self.truth_calls} calls, {self.confirmed} agree; {counts}"
        return [head, *(_line(d) for d in self.differences)]


def _line(difference: Difference) -> str:
    fields = ", ".join(f"{name} {old!r} → {new!r}" for name, (old, new) in difference.fields.items())
    done = "repaired" if difference.repaired else "kept as it is"
    return f"  {difference.call}: {difference.kind}, {done}{': ' if fields else ''}{fields}"


async def reconcile(
    store: CallStore,
    ledger: Ledger,
    truth: Truth | None,
    pbx: str,
    since: float,
    until: float,
    clock: Clock,
    *,
    live: Collection[str] | None = None,
) -> ReconcileReport:
    """Compare the calls of ``pbx`` in this period with ``truth`` and repair the log.

    ``truth`` None: the PBX keeps none that we can read. ``live``: ids of the calls that the tracker knows to be up,
    asked after a resync; with it, a call that nobody knows the end of is lost. None: there is no tracker here, and such
    calls are left alone. The period is stretched back over calls whose end is missing in the log. Raises what the truth
    and the database raise; what was found until then is kept, and found no second time.
    """
    now = clock.now()
    until = min(until, now)
    unfinished = {s.record.id: s for s in await store.provisional(pbx)}
    over = [s.record.started_at for s in unfinished.values() if live is not None and s.record.id not in live]
    since = min([since, *(at for at in over if at is not None and at > now - LONGEST_SECONDS)])
    known = await ledger.differences(pbx, since, until)
    found = _Comparison(pbx, truth is not None, since, until, now, live, known)
    alone = _Alone(store, found, unfinished)
    if truth is not None:
        async with aclosing(truth.parts(since, until)) as parts:
            async for reading in parts:
                await alone.part(reading)
                await _write(store, ledger, found)
    await alone.rest(truth is None)
    await _write(store, ledger, found)
    if truth is not None:
        await _note_days(store, ledger, found)
    return found.report()


class _Alone:
    """Leads a comparison through the log, and keeps of ours what no part has matched yet: ids alone, the few."""

    def __init__(self, store: CallStore, found: _Comparison, unfinished: dict[str, Stored]) -> None:
        self._store, self._found, self._unfinished = store, found, unfinished
        self._pending: dict[str, str] = {}
        self._at = found.since - MARGIN_SECONDS

    async def part(self, reading: Reading) -> None:
        """The truth's calls of a part with ours of the same time, and with those that share a linkedid."""
        found = self._found
        ours = await self._next(reading.until)
        linked = await self._store.by_linkedid(found.pbx, sorted({i for r in reading.records for i in r.linkedids}))
        stored = {s.record.id: s for s in (*self._unfinished.values(), *ours, *linked)}
        await asyncio.to_thread(found.take, reading, stored)
        for s in ours:
            if s.record.id not in self._unfinished and found.may_be_noted(s):
                self._pending[s.record.id] = s.record.linkedid
        for call_id in found.matched:
            self._pending.pop(call_id, None)
            self._unfinished.pop(call_id, None)

    async def rest(self, without_truth: bool) -> None:
        """Ours that no part of the truth told of."""
        found = self._found
        found.alone(self._unfinished.values())
        if without_truth:  # nothing to compare with: of a busy day, only those without an end are of interest
            ours = await self._store.lost(found.pbx, self._at, found.until + MARGIN_SECONDS)
            found.alone(s for s in ours if s.record.id not in self._unfinished)
            return
        found.alone(s for s in await self._next(found.until + MARGIN_SECONDS) if s.record.id not in self._unfinished)
        wanted = list(self._pending.items())
        for start in range(0, len(wanted), AT_ONCE):
            some = dict(wanted[start : start + AT_ONCE])
            stored = await self._store.by_linkedid(found.pbx, sorted(some.values()))
            found.alone(s for s in stored if s.record.id in some)

    async def _next(self, until: float) -> list[Stored]:
        begin, self._at = self._at, max(self._at, until)
        return await self._store.between(self._found.pbx, begin, self._at) if begin < self._at else []


class _Comparison:
    """Finds what differs; decides, writes nothing."""

    def __init__(
        self,
        pbx: str,
        has_truth: bool,
        since: float,
        until: float,
        now: float,
        live: Collection[str] | None,
        known: Sequence[Difference],
    ) -> None:
        self.pbx, self.since, self.until = pbx, since, until
        self.now, self.live = now, live
        self.known = {(d.call, d.kind): d for d in known}
        self.differences: list[Difference] = []
        self.agreeing = 0
        self.waiting = 0
        self._has_truth, self._truth_calls = has_truth, 0
        self._begins: float | None = None
        self._open_in_truth: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """What of a part is to be written, or is of interest no longer."""
        self.entries: list[Entry] = []
        self.merges: list[tuple[str, str]] = []
        self.confirmed: list[str] = []
        self.matched: set[str] = set()
        self.written = len(self.differences)

    def take(self, reading: Reading, ours: Mapping[str, Stored]) -> None:
        """A part of the truth, against all of ours that can be in it."""
        self.knows, self.precision = reading.knows, reading.precision
        self._truth_calls += len(reading.records)
        self._begins = None if reading.covers is None else reading.covers[0]
        self._open_in_truth.update(reading.unfinished)
        by_linkedid = {i: s for s in ours.values() for i in s.record.linkedids}
        for record in reading.records:
            found = {s.record.id: s for s in (by_linkedid.get(i) for i in record.linkedids) if s is not None}
            if record.id in ours:
                found[record.id] = ours[record.id]
            self.matched |= set(found)
            self._compare(record, list(found.values()))

    def alone(self, ours: Iterable[Stored]) -> None:
        """Ours that the truth does not tell of."""
        for stored in ours:
            self._alone(stored)

    def report(self) -> ReconcileReport:
        return ReconcileReport(
            self.pbx, self.since, self.until, self._truth_calls, self.agreeing, self.waiting, tuple(self.differences)
        )

    def _compare(self, truth: CallRecord, ours: list[Stored]) -> None:
        """One call of the truth and what we have of it: nothing, one record, or several that are one call."""
        if self._too_early(truth, ours):
            self.waiting += 1
        elif not ours:
            self._note("missing", truth, {}, repaired=True)
            self.entries.append(Entry(truth, truth.ended_at or self.now, "truth"))
            self.confirmed.append(truth.id)
        else:
            oldest = min((truth, *(s.record for s in ours)), key=lambda r: order.age(r.linkedid))
            kept = next((s.record for s in ours if s.record.id == oldest.id), ours[0].record)
            for stored in ours:
                self._merge(stored.record, oldest.id, noted=stored.record is not kept)
            self._repair(kept, truth, oldest.id)

    def _too_early(self, truth: CallRecord, ours: list[Stored]) -> bool:
        age = self.now - (truth.ended_at or 0.0)
        up = any(self._up(i) for i in (truth.id, *(s.record.id for s in ours)))
        return age < SETTLE_SECONDS or (up and age < GHOST_SECONDS)

    def _repair(self, record: CallRecord, truth: CallRecord, call_id: str) -> None:
        knows, precision = self.knows, self.precision
        fields = fields_that_differ(record, truth, knows, precision)
        if fields or record.id != call_id or not {*truth.linkedids} <= {*record.linkedids}:
            mend = mended(record, truth, knows, precision, call_id)
            self.entries.append(Entry(mend, self.now, "repair"))
        if fields:
            self._note("wrong", msgspec.structs.replace(truth, id=call_id), fields, repaired=True)
        else:
            self.agreeing += 1
        self.confirmed.append(call_id)

    def _merge(self, gone: CallRecord, into: str, *, noted: bool) -> None:
        """We took for a call of its own what the truth has as part of another, or knew it under a younger id."""
        if gone.id != into:
            self.merges.append((gone.id, into))
            if noted:
                self._note("extra", gone, {"id": (gone.id, into)}, repaired=True)

    def may_be_noted(self, stored: Stored) -> bool:
        """Whether anything would be said of it, should no part tell of it."""
        return stored.record.provisional or stored.standing == LOST or stored.confirmed_at is None

    def _alone(self, stored: Stored) -> None:
        record = stored.record
        if record.provisional:
            self._unfinished(stored)
        elif stored.standing == LOST:
            self._given_up(record)
        elif stored.confirmed_at is None and record.kind == "call" and self._judged(record):
            self._note("extra", record, {}, repaired=False)

    def _given_up(self, record: CallRecord) -> None:
        """The tracker ended it as lost, and the truth does not know better: said once."""
        started, ended = record.started_at or 0.0, record.ended_at or 0.0
        settled = self.since <= started < self.until and ended < self.now - SETTLE_SECONDS
        if settled and (record.id, "lost") not in self.known:
            self._note("lost", record, {}, repaired=True)

    def _unfinished(self, stored: Stored) -> None:
        """Its end is not in the log. Up, perhaps; or over, and nobody can say when."""
        record = stored.record
        recent = stored.changed_at > self.now - SETTLE_SECONDS
        if recent or self.live is None or self._up(record.id):
            self.waiting += 1
            return
        lost = as_lost(record, max(stored.changed_at, record.started_at or 0.0))
        self._note(
            "lost", record, {"outcome": (record.outcome, "lost"), "ended_at": (None, lost.ended_at)}, repaired=True
        )
        self.entries.append(Entry(lost, self.now, "repair"))

    def _up(self, call_id: str) -> bool:
        return self.live is not None and call_id in self.live

    def _judged(self, record: CallRecord) -> bool:
        """True if the truth would have to know this call, had it been one."""
        if self._begins is None or any(i in self._open_in_truth for i in (record.id, *record.linkedids)):
            return False
        begin, end = max(self.since, self._begins), min(self.until, self.now - SETTLE_SECONDS)
        started = record.started_at or 0.0
        return begin <= started < end and (record.ended_at or 0.0) < end

    def _note(
        self, kind: DifferenceKind, record: CallRecord, fields: dict[str, tuple[object, object]], *, repaired: bool
    ) -> None:
        self.differences.append(Difference(record.id, self.pbx, kind, fields, repaired, self.now, record.started_at))


async def _write(store: CallStore, ledger: Ledger, found: _Comparison) -> None:
    """What was found since the last writing."""
    fresh = found.differences[found.written :]
    still = {(d.call, d.kind) for d in fresh}
    open_before = [d for d in found.known.values() if not d.repaired and d.call in found.matched]
    settled = [d for d in open_before if (d.call, d.kind) not in still]
    if not (found.entries or found.merges or found.confirmed or fresh or settled):
        found.forget()
        return
    async with store.database.transaction() as tx:
        await store.lock(tx)
        for gone, into in found.merges:
            await store.merge(tx, gone, into)
        await store.upsert_many(tx, found.entries)
        await store.confirm(tx, found.confirmed, found.now)
        await ledger.note(tx, fresh)
        await ledger.settle(tx, settled)
    found.forget()


async def _note_days(store: CallStore, ledger: Ledger, found: _Comparison) -> None:
    async with store.database.transaction() as tx:
        for day in ledger.days_of(found.since, found.until):
            await ledger.note_day(tx, found.pbx, day, found.now)
