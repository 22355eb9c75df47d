"""What is told of parties on the bus becomes entries of theirs: merged, taken apart again.

Neighbours: ``crm_core.contacts.events`` tells, ``kinds.system`` says what an entry keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.contacts.events import PartiesMerged
from crm_core.timeline import store
from crm_core.timeline.kinds.system import SystemFacts
from crm_core.timeline.model import Entry, of_party
from cti.kernel.db import Database


class Changes:
    """Writes what happened to parties; ``take`` hears of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, events: Sequence[PartiesMerged]) -> None:
        async with self._database.transaction() as tx:
            rows = await tx.fetch_in("SELECT id, name FROM party WHERE id IN (?)", [event.gone for event in events])
            names = {row[0]: row[1] for row in rows}
            await store.put(tx, [_entry(event, names.get(event.gone, "")) for event in events])


def _entry(event: PartiesMerged, name: str) -> Entry:
    what = "unmerged" if event.undone else "merged"
    facts = SystemFacts("unmerged" if event.undone else "merged", what=name)
    return Entry("system", f"{what}:{event.gone}:{event.into}:{event.at}", event.at, (of_party(event.into),), facts)
