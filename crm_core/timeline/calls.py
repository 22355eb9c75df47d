"""Follows the call log: every call with somebody outside is an entry under that number.

What the bus tells is only a reason to look: the calls themselves are read from the log, from a mark that is moved in
the very transaction that writes their entries. So nothing is missed and nothing told twice, whatever was killed in
between, and a gap in the bus does not matter. Neighbours: ``call_log.store`` is the ``CallSource`` (``cti.app`` brings
them together), ``kinds.call`` says what an entry keeps of a record.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from crm_core.timeline import store
from crm_core.timeline.kinds.call import facts_of, key_of
from crm_core.timeline.model import Entry, entry_id, of_number
from cti.kernel.backoff import Backoff
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction, transient
from cti.live.events import CallLogged, CallMerged
from cti.live.record import CallRecord

log = logging.getLogger(__name__)

HEARD: tuple[type[CallLogged | CallMerged], ...] = (CallLogged, CallMerged)
"""What ``take`` wants to hear from the bus."""

BATCH = 500
INTERVAL_SECONDS = 0.05
"""What is logged within this time is written together."""

Mark = tuple[int, str]
FIRST: Mark = (0, "")
Moved = Callable[[Transaction, str, str], Awaitable[None]]
"""(tx, gone, into): a call became part of another; what hangs on it follows."""


class CallSource(Protocol):
    """The call log, in the order of its commits. Each answer has the number of the commit first."""

    async def changed_since(self, after: Mark, limit: int = BATCH) -> Sequence[tuple[int, CallRecord]]:
        """Records that were written after this mark (a commit's number and an id)."""

    async def merged_since(self, after: Mark, limit: int = BATCH) -> Sequence[tuple[int, str, str]]:
        """Merges (gone, into) that were written after this mark."""


class OvertakenError(Exception):
    """Another process moved the mark meanwhile: it wrote what we were about to write."""


class Calls:
    """``run`` follows the log for as long as the product runs; ``moved`` is told of merges."""

    def __init__(self, database: Database, clock: Clock, source: CallSource, moved: Sequence[Moved] = ()) -> None:
        self._database, self._clock, self._source, self._moved = database, clock, source, moved
        self._wake, self._turn = asyncio.Event(), asyncio.Lock()
        self._backoff = Backoff(first=0.1, cap=5.0)
        self._batch = BATCH
        self.written = self.refused = 0
        """Records that were followed, and those that the database will never take; for the metrics."""

    def take(self, _events: Sequence[CallLogged | CallMerged] = ()) -> None:
        """Something is new in the log."""
        self._wake.set()

    def missed(self, _count: int) -> None:
        """The bus dropped something; the log has it."""
        self._wake.set()

    async def run(self) -> None:
        """Catch up with the log, then follow it, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.catch_up()
                self._backoff.reset()
            except Exception as error:
                if not transient(error):
                    raise
                log.warning("the timeline cannot be written: %s", error)
                await self._clock.sleep(self._backoff.next())
                continue
            await self._wake.wait()
            await self._clock.sleep(INTERVAL_SECONDS)

    async def catch_up(self) -> None:
        """Return when all that is in the log now is in the timeline. Raises what the database raises."""
        async with self._turn:
            while await self._follow_merges() or await self._follow_records():
                pass

    async def _follow_merges(self) -> bool:
        mark = await self._mark("merges")
        found = await self._source.merged_since(mark, BATCH)
        if not found:
            return False
        with suppress(OvertakenError):
            async with self._database.transaction() as tx:
                await _move(tx, "merges", mark, (found[-1][0], found[-1][1]))
                for _, gone, into in found:
                    await self._merge(tx, gone, into)
        return True

    async def _merge(self, tx: Transaction, gone: str, into: str) -> None:
        """The survivor takes over what was attached to the other, where it has nothing of its own."""
        ids = entry_id("call", gone), entry_id("call", into)
        known = await store.known(tx, ids)
        await store.drop(tx, [ids[0]])
        before, after = (known.get(i) for i in ids)
        if before is not None and before.attached and after is not None and after.attached is None:
            await store.attach(tx, ids[1], before.attached)
        for follow in self._moved:
            await follow(tx, gone, into)

    async def _follow_records(self) -> bool:
        mark = await self._mark("calls")
        found = await self._source.changed_since(mark, self._batch)
        if not found:
            return False
        try:
            await self._write(mark, found, [record for _, record in found])
            self._batch = min(self._batch * 2, BATCH)
        except OvertakenError:
            pass
        except Exception as error:
            if transient(error):
                raise
            await self._narrow(mark, found, error)
        return True

    async def _narrow(self, mark: Mark, found: Sequence[tuple[int, CallRecord]], error: Exception) -> None:
        """Something in these cannot be written: try them one by one, and leave out the one that is to blame."""
        if len(found) > 1:
            self._batch = 1
            return
        self.refused += 1
        log.error("the timeline refuses call %s: %s", found[0][1].id, error)
        await self._write(mark, found, [])

    async def _write(self, mark: Mark, found: Sequence[tuple[int, CallRecord]], records: list[CallRecord]) -> None:
        entries = [entry_of(record) for record in records]
        async with self._database.transaction() as tx:
            await _move(tx, "calls", mark, (found[-1][0], found[-1][1].id))
            await store.put(tx, [entry for entry in entries if entry.subjects])
            await store.drop(tx, [entry.id for entry in entries if not entry.subjects])
        self.written += len(records)

    async def _mark(self, name: str) -> Mark:
        async with self._database.read() as reader:
            return await _marked(reader, name)


def entry_of(record: CallRecord) -> Entry:
    """The entry of a call; without subjects, if it is nobody's: between colleagues, of a withheld number, listening."""
    key = key_of(record) if record.kind == "call" else None
    subjects = () if key is None else (of_number(key),)
    return Entry("call", record.id, record.started_at or 0.0, subjects, facts_of(record))


async def _marked(reader: Reader, name: str) -> Mark:
    row = await reader.one("SELECT number, id FROM timeline_mark WHERE name = ?", name)
    return FIRST if row is None else (row[0], row[1])


async def _move(tx: Transaction, name: str, before: Mark, after: Mark) -> None:
    """Move the mark; OvertakenError if it is no longer where it was."""
    await tx.lock(0x71AE)
    if await _marked(tx, name) != before:
        raise OvertakenError
    await tx.execute(
        "INSERT INTO timeline_mark (name, number, id) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET number = excluded.number, id = excluded.id",
        name,
        *after,
    )
