"""What has lain in the trash for long enough goes for good, with all that is known of the person.

With a party go those that were merged into it, and whatever other features keep about them: each of these has a
``forget(tx, ids)`` that is given here, and runs in the transaction in which the party goes. What is outside the
database (the contents of files) follows after the commit, from what that transaction left to be done, so that a kill in
between costs nothing. Calls stay, as calls of a number; the audit trail says that somebody was purged, without a name.

Neighbours: ``service`` puts into the trash and takes out of it, ``cti.app.crm`` knows who keeps what.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts import store
from crm_core.contacts.events import PartyChanged
from crm_core.contacts.model import Party
from crm_core.contacts.service import AUDITED, Contacts
from cti.kernel.actor import system
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction, left_for_later

log = logging.getLogger(__name__)

Forget = Callable[[Transaction, Sequence[str]], Awaitable[None]]
"""(tx, ids): these parties are about to be purged; what is kept about them goes in ``tx``."""
Sweep = Callable[[], Awaitable[None]]
"""Outside a transaction: what ``Forget`` left to be done is done. Also run when nothing was purged."""

EVERY_SECONDS = 3600.0
BATCH = 20
DAY = 86_400.0
PURGER = system("trash")


class Trash:
    """``days``: so long a party stays in the trash, 0 for ever. ``run`` has to run."""

    def __init__(
        self, database: Database, clock: Clock, audit: Audit, contacts: Contacts, days: float,
        forget: Sequence[Forget] = (), sweep: Sequence[Sweep] = (),
    ) -> None:  # fmt: skip
        self._database, self._clock, self._audit, self._contacts = database, clock, audit, contacts
        self._days, self._forget, self._sweep = max(0.0, days), forget, sweep

    def purged_at(self, one: Party) -> float | None:
        """When this party is purged unless it is restored (epoch seconds); None: never."""
        return None if one.deleted_at is None or not self._days else one.deleted_at + self._days * DAY

    async def run(self) -> None:
        """Purge what is due, for as long as the product runs."""
        while True:
            with left_for_later(log, "the trash is not emptied"):
                await self.purge()
            await self._clock.sleep(EVERY_SECONDS)

    async def purge(self) -> int:
        """Purge all that is due now; how many records went. Raises what the database raises: what went has gone."""
        count = 0
        while self._days and (gone := await self._batch()):
            count += gone  # in short transactions: others want to write, too
        for sweep in self._sweep:
            await sweep()
        if count:
            log.info("trash: %d records were purged, %g days after they were deleted", count, self._days)
        return count

    async def _batch(self) -> int:
        async with self._database.transaction() as tx:
            due = await self._due(tx)
            gone = [member for one in due for member in await store.family(tx, one.id)]
            if not gone:
                return 0
            for forget in self._forget:
                await forget(tx, gone)
            await self._leave_companies(tx, [one.id for one in due if one.kind == "company"])
            await self._erase(tx, gone)
        return len(gone)

    async def _due(self, tx: Transaction) -> list[Party]:
        """Held until the transaction ends: whoever restores one of them now comes before or too late."""
        last = self._clock.now() - self._days * DAY
        suffix = " FOR UPDATE" if tx.dialect == "postgresql" else ""
        rows = await tx.fetch(
            f"SELECT {store.COLUMNS} FROM party WHERE deleted_at IS NOT NULL AND deleted_at < ?"
            f" ORDER BY deleted_at, id LIMIT {BATCH}{suffix}",
            last,
        )
        return [store.party_of(row) for row in rows]

    async def _leave_companies(self, tx: Transaction, companies: Sequence[str]) -> None:
        """Nobody works any more where there is no company."""
        if not companies:
            return
        rows = await tx.fetch_in("SELECT id FROM party WHERE company_id IN (?)", companies)
        ids = [str(row[0]) for row in rows]
        for start in range(0, len(ids), store.CHUNK):
            people = await store.get_many(tx, ids[start : start + store.CHUNK])
            freed = [
                msgspec.structs.replace(x, company_id=None, company_name="", version=x.version + 1) for x in people
            ]
            await self._contacts.put(tx, freed)

    async def _erase(self, tx: Transaction, ids: Sequence[str]) -> None:
        kinds = {one.id: one.kind for one in await store.get_many(tx, ids)}
        await store.erase(tx, list(kinds))
        for kind, name in AUDITED.items():
            some = [id_ for id_, its in kinds.items() if its == kind]
            if some:
                await self._audit.note_many(tx, PURGER, "purged", name, some)
        for id_, kind in kinds.items():
            tx.publish(PartyChanged(id_, kind, self._clock.now()))
