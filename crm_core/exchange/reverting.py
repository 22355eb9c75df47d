"""An import taken back as a whole: what it made goes to the trash, what it changed becomes what it was.

A contact that somebody changed since is left as it is, and listed. Batch by batch, the last rows first; each batch
notes what became of it, so that a kill in the middle costs nothing.

Neighbours: ``running`` left the images from before, ``crm_core.contacts`` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crm_core.contacts import store as parties
from crm_core.contacts.model import Party
from crm_core.contacts.service import AUDITED
from crm_core.contacts.store import Standing
from crm_core.exchange import store
from crm_core.exchange.means import Means, actor_of
from crm_core.exchange.model import Import, ImportRow
from cti.kernel.db import Transaction

BATCH = 1_000
"""Contacts of one transaction."""
_party = msgspec.json.Decoder(Party).decode


async def revert(means: Means, one: Import) -> None:
    """To its end. Raises ``TakenAwayError``."""
    while await _batch(means, one) or await _notes(means, one):
        pass
    async with means.database.transaction() as tx:
        await means.hold(tx, one, "reverting")
        now = means.clock.now()
        await store.change(tx, one.id, {"state": "reverted", "finished_at": now, "changed_at": now, "runner": ""})
        after = await store.get(tx, one.id)
        assert after is not None
        detail: dict[str, Any] = {"name": one.name, "reverted": after.reverted, "kept": after.kept}
        await means.audit.note(tx, actor_of(one), "reverted", "import", one.id, detail)
        means.moved(tx, one)


async def _notes(means: Means, one: Import) -> bool:
    """Take its notes out, a batch at a time; False if none is left."""
    async with means.database.transaction() as tx:
        await means.hold(tx, one, "reverting")
        ids = await store.written_notes(tx, one.id, BATCH)
        await means.notes.drop_many(tx, actor_of(one), ids)
        await store.settle_notes(tx, one.id, ids)
    return bool(ids)


async def _batch(means: Means, one: Import) -> bool:
    """Take one batch back; False if nothing is left."""
    async with means.database.transaction() as tx:
        await tx.spare()  # as when it was written: what a power cut takes is taken back again
        await means.hold(tx, one, "reverting")
        now = await store.get(tx, one.id)
        position = now.position if now is not None else 0
        some = _whole(await store.written_rows(tx, one.id, position, BATCH))
        ids = list(dict.fromkeys(row.party for row in some if row.party is not None))
        if not ids:
            return False
        # Where nothing was changed, each contact has the one row that made it: no others need to be looked for.
        rows = await store.rows_of_parties(tx, one.id, ids) if one.updated else some
        done, kept = await _take_back(means, tx, one, rows, await parties.standing(tx, ids))
        await store.settle_rows(tx, one.id, kept, "kept")
        if one.updated:
            await store.settle_rows(tx, one.id, done, "reverted")
        else:
            await store.settle_between(tx, one.id, some[-1], position, "reverted")
        await tx.execute(
            "UPDATE contact_import SET reverted = reverted + ?, kept = kept + ?, position = ?, changed_at = ?"
            " WHERE id = ?",
            len(done), len(kept), some[-1].row, means.clock.now(), one.id,
        )  # fmt: skip
        means.further(tx, one)
    return True


def _whole(rows: list[ImportRow]) -> list[ImportRow]:
    """Without the row at which a full batch was cut: a company goes with the person for whose sake it was made."""
    return [row for row in rows if row.row > rows[-1].row] if len(rows) == BATCH else rows


async def _take_back(
    means: Means, tx: Transaction, one: Import, rows: Sequence[ImportRow], found: dict[str, Standing]
) -> tuple[list[str], list[str]]:
    """(ids taken back, ids kept). Companies come after their people: one that others work at by now stays."""
    of: dict[str, list[ImportRow]] = {}
    for row in rows:
        of.setdefault(str(row.party), []).append(row)
    kept = {id_: None for id_, some in of.items() if _changed_since(found.get(id_), some)}
    mine = [id_ for id_ in of if id_ not in kept]
    made = [found[id_] for id_ in mine if id_ in found and found[id_].live and _made(of[id_])]
    await means.contacts.remove_many(tx, actor_of(one), [party for party in made if party.kind == "person"])
    await _restore(means, tx, one, {id_: of[id_] for id_ in mine if id_ in found and not _made(of[id_])})
    gone = [party for party in made if party.kind == "company"]
    busy = await _employing(tx, [party.id for party in gone])
    await means.contacts.remove_many(tx, actor_of(one), [party for party in gone if party.id not in busy])
    return [id_ for id_ in mine if id_ not in busy], [*kept, *sorted(busy)]


def _made(rows: Sequence[ImportRow]) -> bool:
    return any(row.outcome == "created" for row in rows)


def _changed_since(party: Standing | None, rows: Sequence[ImportRow]) -> bool:
    """True for what is no longer as the import left it. What somebody put in the trash meanwhile is gone anyway."""
    if party is None or (party.deleted_at is not None and _made(rows)):
        return False
    return not party.live or party.version != max(row.version or 0 for row in rows)


async def _employing(tx: Transaction, companies: Sequence[str]) -> set[str]:
    if not companies:
        return set()
    sql = "SELECT DISTINCT company_id FROM party WHERE company_id IN (?) AND deleted_at IS NULL AND merged_into IS NULL"
    return {str(row[0]) for row in await tx.fetch_in(sql, companies)}


async def _restore(means: Means, tx: Transaction, one: Import, of: dict[str, list[ImportRow]]) -> None:
    """Make those that were changed what they were."""
    actor, now = actor_of(one), means.clock.now()
    back = []
    for rows in of.values():
        image = next((row.before for row in rows if row.before is not None), None)  # of several the oldest
        if image is not None:
            version = max(row.version or 0 for row in rows) + 1
            back.append(msgspec.structs.replace(_party(image), version=version, changed_at=now, changed_by=actor.id))
    if back:
        await means.contacts.put(tx, back)
    for kind, name in AUDITED.items():
        await means.audit.note_many(tx, actor, "reverted", name, [party.id for party in back if party.kind == kind])
