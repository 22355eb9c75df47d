"""Keeps the suggestions up to date: after each change those of who changed, and all after much changed at once.

What is looked at grows with what changed: whoever shares an indexed value with a changed party is compared with him.
Neighbours: ``store`` finds and keeps, ``likeness`` weighs; the bus hands over what changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from crm_core.contacts import store as parties
from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.model import Party
from crm_core.duplicates import store
from crm_core.duplicates.likeness import ENOUGH, compare
from crm_core.duplicates.model import Suggestion
from cti.kernel.clock import Clock
from cti.kernel.db import Database, transient

log = logging.getLogger(__name__)

KINDS: tuple[type, ...] = (PartyChanged, PartiesMerged)
BATCH = 200
CALM_SECONDS = 1.0
"""Changes are collected for so long."""
MANY = 5_000
"""If more changed at once (an import), everything is looked through when it is over."""
_LOOKED = "looked"


class DuplicateWatch:
    """``take`` is what the bus calls, ``run`` works it off."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._changed: dict[str, None] = {}
        self._all = False
        self._wake = asyncio.Event()

    def take(self, event: PartyChanged | PartiesMerged) -> None:
        ids = (event.id,) if isinstance(event, PartyChanged) else (event.gone, event.into)
        self._changed.update(dict.fromkeys(ids))
        if len(self._changed) > MANY:
            self.missed(0)
        self._wake.set()

    def missed(self, _count: int) -> None:
        """Changes were not told: everything has to be looked through."""
        self._changed.clear()
        self._all = True
        self._wake.set()

    async def run(self) -> None:
        """For as long as the product runs; begins with what changed while it did not."""
        await self._since_last_time()
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._clock.sleep(CALM_SECONDS)
            if self._wake.is_set() and self._all:
                continue  # it goes on: everything is looked through when it is over
            await self._try()

    async def flush(self) -> None:
        """Work off what is known to have changed."""
        started = self._clock.now()
        if self._all:
            await self.look_through()
        while self._changed:
            await self._some()
        async with self._database.transaction() as tx:
            await store.set_mark(tx, _LOOKED, started)

    async def _some(self) -> None:
        ids = list(self._changed)[:BATCH]
        for one in ids:
            del self._changed[one]  # before we look: it may change again meanwhile
        try:
            await self.look_at(ids)
        except BaseException:
            self._changed.update(dict.fromkeys(ids))
            raise

    async def look_through(self) -> int:
        """Look at everybody who shares something with somebody; how many there are."""
        self._all = False
        try:
            return await self._everybody()
        except BaseException:
            self._all = True
            raise

    async def _everybody(self) -> int:
        async with self._database.read() as reader:
            ids = await store.sharers(reader)
        for start in range(0, len(ids), BATCH):
            await self.look_at(ids[start : start + BATCH])
        return len(ids)

    async def look_at(self, ids: Sequence[str]) -> None:
        """Make the suggestions of these parties anew."""
        async with self._database.read() as reader:
            mine = {one.id: one for one in await parties.get_many(reader, ids) if one.live}
            pairs = await store.sharing(reader, list(mine.values()))
            others = {one for pair in pairs for one in pair} - mine.keys()
            known = mine | {one.id: one for one in await parties.get_many(reader, sorted(others)) if one.live}
        found = [self._suggestion(known[low], known[high]) for low, high in pairs if low in known and high in known]
        async with self._database.transaction() as tx:
            await store.replace_pairs(tx, ids, [one for one in found if one.score >= ENOUGH])

    def _suggestion(self, one: Party, other: Party) -> Suggestion:
        score, reasons = compare(one, other)
        return Suggestion(one.id, other.id, one.kind, score, reasons, self._clock.now())

    async def _since_last_time(self) -> None:
        async with self._database.read() as reader:
            last = await store.mark(reader, _LOOKED)
            ids = [] if last is None else await store.changed_since(reader, last, MANY + 1)
        if last is None or len(ids) > MANY:
            self._all = True
        self._changed.update(dict.fromkeys(ids))
        if self._all or self._changed:
            self._wake.set()

    async def _try(self) -> None:
        try:
            await self.flush()
        except Exception as error:
            if not transient(error):
                raise
            log.warning("duplicates: the database cannot be asked; later again: %s", error)
            self._wake.set()
