"""An import at work: rows become contacts, batch by batch, each in one transaction together with how far it came.

So after a kill it goes on exactly where it was, and nothing is there twice. Reading and normalising happen in another
process; what remains is done in slices, between which live calls have their turn.

Neighbours: ``process`` gives the rows, ``deciding`` says what becomes of them, ``crm_core.contacts`` writes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from crm_core.contacts import store as parties
from crm_core.contacts.model import Party
from crm_core.exchange import store
from crm_core.exchange.deciding import Decided, Decider
from crm_core.exchange.frames import Batch, Ended
from crm_core.exchange.matching import matches
from crm_core.exchange.means import Means, actor_of
from crm_core.exchange.model import Import, ImportRow
from crm_core.exchange.process import reading
from crm_core.timeline.kinds.system import SystemFacts
from crm_core.timeline.model import Entry
from cti.kernel.db import Transaction

SLICE = 500
"""Contacts that are written without a pause: some milliseconds of this process."""
ANALYZED = 1_000
"""Rows after which the database is made to look at what it has; again when there are four times as many."""


class Companies:
    """The companies that are there, as far as this run has met them: so that those are known which it makes along."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._ids: set[str] = set()

    async def look(self, tx: Transaction, people: Sequence[Party]) -> None:
        """Before these are written."""
        self._ids |= {one.company_id for one in people if one.company_id}
        names = {one.company_name for one in people if one.company_name} - self._names
        if names:
            self._names |= names
            self._ids |= {id_ for id_, _ in (await parties.companies_named(tx, names)).values()}

    def made_along(self, decided: Decided, written: Sequence[Party]) -> list[ImportRow]:
        """After: a row for each company that was not there before."""
        row_of = {row.party: row.row for row in reversed(decided.rows) if row.party is not None}
        self._ids |= decided.new.keys()
        rows = []
        for one in written:
            if one.company_id is not None and one.company_id not in self._ids:
                self._ids.add(one.company_id)
                rows.append(ImportRow(row_of[one.id], 1, "created", one.company_id, 1))
        return rows


async def run(means: Means, one: Import) -> None:
    """To its end. Raises ``InvalidError`` for a file that cannot be read further, ``TakenAwayError``."""
    seen, rows, due = Companies(), 0, ANALYZED
    async with reading(await means.order(one), means.beat(one, "running")) as frames:
        async for frame in frames:
            if isinstance(frame, Batch):
                await _write(means, one, frame, seen)
                rows += len(frame.rows)
                if rows >= due:
                    await _analyze(means)
                    due = rows * 4
            elif isinstance(frame, Ended):
                await finish(means, one, frame.rows)
                return


async def _analyze(means: Means) -> None:
    """PostgreSQL does not know yet how large the tables have become, and would go on reading them whole for a few keys;
    its own housekeeping comes a minute too late for that."""
    if means.database.dialect == "postgresql":
        async with means.database.transaction() as tx:
            await tx.execute("ANALYZE party, party_number, party_mail")


async def finish(means: Means, one: Import, total: int) -> None:
    async with means.database.transaction() as tx:
        await means.hold(tx, one, "running")
        now = means.clock.now()
        changes = {"state": "done", "total": total, "finished_at": now, "changed_at": now, "runner": ""}
        await store.change(tx, one.id, changes)
        await note_imported(means, tx, one.id)
        means.moved(tx, one)


async def note_imported(means: Means, tx: Transaction, import_id: str) -> None:
    """The one entry that the audit trail has of an import, once it is over."""
    one = await store.get(tx, import_id)
    assert one is not None
    detail = {name: getattr(one, name) for name in ("name", "state", "created", "updated", "skipped", "faulty")}
    await means.audit.note(tx, actor_of(one), "imported", "import", one.id, detail)


async def _write(means: Means, one: Import, batch: Batch, seen: Companies) -> None:
    wanted = [key for row in batch.rows for key in row.keys]
    async with means.database.transaction() as tx:
        # A power cut does no harm: it takes the newest transactions whole and in their order, each with how far the
        # import came in it, so the import goes on from the last that is left. Its end (``finish``) is durable again,
        # and with it all that was written before.
        await tx.spare()
        await means.hold(tx, one, "running")
        policy = one.policy
        known = {} if policy.on_match == "create" else await matches(tx, wanted, policy.match_by)
        await asyncio.sleep(0)
        decided = Decider(policy, known, one.actor, means.clock.now()).decide(batch.rows)
        rows = [*decided.rows, *await _parties(means, tx, one, decided, seen), *await _notes(means, tx, one, decided)]
        await asyncio.sleep(0)
        await store.add_rows(tx, one.id, rows)
        await _tell(means, tx, one, decided, batch.last)
        await _move(means, tx, one.id, batch.last, decided)
        means.further(tx, one)


async def _move(means: Means, tx: Transaction, import_id: str, last: int, decided: Decided) -> None:
    counts = decided.counts
    await tx.execute(
        "UPDATE contact_import SET position = ?, changed_at = ?, created = created + ?, updated = updated + ?,"
        " skipped = skipped + ?, faulty = faulty + ? WHERE id = ?",
        last, means.clock.now(), counts.get("created", 0), counts.get("updated", 0), counts.get("skipped", 0),
        counts.get("faulty", 0), import_id,
    )  # fmt: skip


async def _parties(means: Means, tx: Transaction, one: Import, decided: Decided, seen: Companies) -> list[ImportRow]:
    """Write them; the rows to be kept of companies that were made along."""
    actor, new, pairs = actor_of(one), list(decided.new.values()), list(decided.changed.values())
    await seen.look(tx, [*new, *(after for _, after in pairs)])
    made: list[Party] = []
    for start in range(0, len(new), SLICE):
        made += await means.contacts.insert_many(tx, actor, new[start : start + SLICE], decided.ready)
        await asyncio.sleep(0)
    for start in range(0, len(pairs), SLICE):
        made += await means.contacts.rewrite_many(tx, actor, pairs[start : start + SLICE])
        await asyncio.sleep(0)
    return seen.made_along(decided, made)


async def _notes(means: Means, tx: Transaction, one: Import, decided: Decided) -> list[ImportRow]:
    about = [(party, text) for _, party, text in decided.notes]
    ids = await means.notes.add_many(tx, actor_of(one), about) if about else []
    return [ImportRow(row, 2, "noted", id_) for (row, _, _), id_ in zip(decided.notes, ids, strict=True)]


async def _tell(means: Means, tx: Transaction, one: Import, decided: Decided, last: int) -> None:
    """On each contact's timeline: that it came by this import. One entry serves many contacts."""
    ids = [*decided.new, *decided.changed]
    facts = SystemFacts("imported", by=one.actor_name, what=one.name)
    entries = [
        Entry("system", f"import:{one.id}:{last}:{n}", means.clock.now(),
              tuple(f"p:{id_}" for id_ in ids[n : n + SLICE]), facts, one.actor or None)
        for n in range(0, len(ids), SLICE)
    ]  # fmt: skip
    await means.timeline.put_many(tx, entries)
