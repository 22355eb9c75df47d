"""Two records of one person or company: shown with the reasons, merged with nothing lost, and undone for thirty days.

Merging moves nothing: the one that goes gets ``merged_into``, and what hangs on it (calls, notes, tasks, files) is
read together with the survivor's. What a merge changed is kept as it was, so that undoing restores it.

Neighbours: ``watch`` keeps the suggestions up to date, ``merging`` says what becomes of each field, ``store`` has the
SQL, ``crm_core.contacts`` writes the parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts import index
from crm_core.contacts import store as parties
from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.masking import masked
from crm_core.contacts.model import Party
from crm_core.contacts.service import AUDITED, Contacts, difference
from crm_core.duplicates import store
from crm_core.duplicates.merging import merged, unmerged
from crm_core.duplicates.model import UNDO_SECONDS, Merge, Pair, Snapshot, Suggestion
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page, read_cursor, write_cursor

MOST_MERGED = 20
LARGEST_PAGE = 100
MOST_COUNTED = 10_000


class Duplicates:
    def __init__(self, database: Database, clock: Clock, audit: Audit, contacts: Contacts) -> None:
        self._database, self._clock, self._audit, self._contacts = database, clock, audit, contacts

    async def forget(self, tx: Transaction, gone: Sequence[str]) -> None:
        """These parties (ids) are purged, with what merges keep of them."""
        await store.forget(tx, gone)

    # ---- suggestions ------------------------------------------------------------------------------------------------

    async def page(self, actor: Actor, cursor: str | None = None, limit: int = 20) -> Page[Pair]:
        """Who may be the same, the likeliest first."""
        actor.require("contacts.view", "contacts.merge")
        limit = max(1, min(limit, LARGEST_PAGE))
        after = None if cursor is None else read_cursor(cursor, tuple[int, str, str])
        async with self._database.read() as reader:
            found = await store.page(reader, after and (after[0], _clean(after[1]), _clean(after[2])), limit + 1)
            pairs = await self._pairs(reader, actor, found[:limit])
        if len(found) <= limit:
            return Page(pairs, None)
        last = found[limit - 1]
        return Page(pairs, write_cursor(last.score, last.one, last.other))

    async def count(self, actor: Actor) -> int:
        """How many suggestions there are; counting stops at ``MOST_COUNTED``."""
        actor.require("contacts.view", "contacts.merge")
        async with self._database.read() as reader:
            return await store.count(reader, MOST_COUNTED)

    async def of(self, actor: Actor, party_id: str) -> tuple[Pair, ...]:
        """Who may be the same as this party: ``second`` of each pair."""
        actor.require("contacts.view")
        async with self._database.read() as reader:
            pairs = await self._pairs(reader, actor, await store.of(reader, _clean(party_id)))
        return tuple(
            pair if pair.first.id == party_id else msgspec.structs.replace(pair, first=pair.second, second=pair.first)
            for pair in pairs
        )

    async def dismiss(self, actor: Actor, one: str, other: str) -> None:
        """They are two: never suggest it again. NotFoundError if there is no such pair of parties."""
        actor.require("contacts.merge")
        low, high = sorted((_clean(one), _clean(other)))
        async with self._database.transaction() as tx:
            found = {party.id: party for party in await parties.get_many(tx, [low, high])}
            if len(found) < 2:
                raise NotFoundError(N_("There is no such contact."))
            await store.dismiss(tx, low, high, actor.id, self._clock.now())
            await self._audit.note(tx, actor, "dismissed", AUDITED[found[low].kind], low, {"not_the_same_as": high})

    async def _pairs(self, reader: Reader, actor: Actor, found: Sequence[Suggestion]) -> tuple[Pair, ...]:
        ids = list(dict.fromkeys(one for pair in found for one in (pair.one, pair.other)))
        there = {one.id: one for one in await parties.get_many(reader, ids) if one.live}
        shown = [
            Pair(_seen(pair, actor), *sorted((there[pair.one], there[pair.other]), key=_standing))
            for pair in found
            if pair.one in there and pair.other in there
        ]
        return tuple(Pair(p.suggestion, masked(p.first, actor), masked(p.second, actor)) for p in shown)

    # ---- merging ----------------------------------------------------------------------------------------------------

    async def merge(
        self, actor: Actor, into: str, others: Sequence[str], choices: Mapping[str, str] | None = None
    ) -> Party:
        """``others`` become part of ``into``. ``choices``: see ``merging.merged``.

        Raises InvalidError (nobody to merge, different kinds, a choice that cannot be), NotFoundError, and
        ConflictError for one that has become part of another meanwhile.
        """
        actor.require("contacts.merge", "contacts.edit")
        ids = list(dict.fromkeys(_clean(one) for one in others))
        if not ids or len(ids) > MOST_MERGED or into in ids:
            raise InvalidError(N_("Choose between one and %(count)s others to merge."), count=MOST_MERGED)
        async with self._database.transaction() as tx:
            found = await self._locked(tx, [_clean(into), *ids])
            after = await self._merge(tx, actor, found[0], found[1:], choices or {})
        return masked(after, actor)

    async def unmerge(self, actor: Actor, party_id: str) -> tuple[Party, ...]:
        """Undo the last merge into this party (or by which this party went): the survivor and those that are back.

        Raises NotFoundError if there is none of the last thirty days, ConflictError where a later merge stands on it.
        """
        actor.require("contacts.merge", "contacts.edit")
        async with self._database.transaction() as tx:
            merge = await self._standing(tx, _clean(party_id))
            now = await parties.locked(tx, merge.into)
            if now is None or now.merged_into is not None:
                raise ConflictError(N_("It has become part of another contact since; undo that merge first."))
            restored = await self._unmerge(tx, actor, merge, now)
        return tuple(masked(one, actor) for one in restored)

    async def undoable(self, actor: Actor, party_id: str) -> Merge | None:
        """The last merge into this party, if it can still be undone."""
        actor.require("contacts.view")
        async with self._database.read() as reader:
            merge = await store.last_merge(reader, _clean(party_id))
        return merge if merge is not None and merge.at > self._clock.now() - UNDO_SECONDS else None

    async def _locked(self, tx: Transaction, ids: Sequence[str]) -> list[Party]:
        """The parties, held in the order of their ids so that two merges cannot wait for each other."""
        found = {one: await parties.locked(tx, one) for one in sorted(ids)}
        there = [party for one in ids if (party := found[one]) is not None and party.deleted_at is None]
        if len(there) < len(ids):
            raise NotFoundError(N_("There is no such contact."))
        if any(one.merged_into is not None for one in there):
            raise ConflictError(N_("It has become part of another contact meanwhile; open that one."))
        if len({one.kind for one in there}) > 1:
            raise InvalidError(N_("A person and a company cannot be merged."))
        return there

    async def _merge(
        self, tx: Transaction, actor: Actor, into: Party, others: Sequence[Party], choices: Mapping[str, str]
    ) -> Party:
        now = self._clock.now()
        after = self._next(merged(into, others, choices), actor)
        gone = [self._next(one, actor, merged_into=into.id) for one in others]
        await self._contacts.put(tx, [*gone, after])
        moved = await self._move_people(tx, after, [one.id for one in gone])
        snapshot = Snapshot(into, tuple(others), after, moved)
        await store.forget_merges(tx, now - UNDO_SECONDS)
        await store.add_merge(tx, Merge(new_id(now), into.id, now, actor.id, snapshot))
        await store.drop_pairs(tx, [one.id for one in gone])
        detail = {"gone": [one.id for one in gone], **difference(into, after)}
        await self._audit.note(tx, actor, "merged", AUDITED[into.kind], into.id, detail)
        for one in gone:
            await self._audit.note(tx, actor, "merged", AUDITED[into.kind], one.id, {"into": into.id, "name": one.name})
            tx.publish(PartiesMerged(one.id, into.id, now))
        return after

    async def _unmerge(self, tx: Transaction, actor: Actor, merge: Merge, now: Party) -> list[Party]:
        taken, at = merge.snapshot, self._clock.now()
        survivor = self._next(unmerged(taken.before, taken.after, now), actor)
        back = [self._next(one, actor, version=one.version + 2) for one in taken.gone]  # going was a version too
        await self._contacts.put(tx, [survivor, *back])
        for one in back:
            if one.id in taken.people:
                await store.set_company(tx, one, taken.people[one.id], only=survivor.id)
                await self._tell_people(tx, taken.people[one.id])
        await store.mark_undone(tx, merge.id, at)
        detail = {"back": [one.id for one in back], **difference(now, survivor)}
        await self._audit.note(tx, actor, "unmerged", AUDITED[now.kind], now.id, detail)
        for one in back:
            await self._audit.note(tx, actor, "unmerged", AUDITED[one.kind], one.id, {"from": now.id})
            tx.publish(PartiesMerged(one.id, now.id, at, undone=True))
        return [survivor, *back]

    async def _standing(self, tx: Transaction, party_id: str) -> Merge:
        """The merge to undo for a survivor, or for one that went."""
        party = await parties.get(tx, party_id)
        merge = await store.last_merge(tx, party.merged_into if party and party.merged_into else party_id)
        if merge is None or merge.at <= self._clock.now() - UNDO_SECONDS:
            raise NotFoundError(N_("There is no merge of the last 30 days to undo."))
        if party is not None and party.merged_into and party_id not in {one.id for one in merge.snapshot.gone}:
            raise ConflictError(N_("Another contact was merged into it since; undo that merge first."))
        return merge

    def _next(self, party: Party, actor: Actor, **how: object) -> Party:
        now = self._clock.now()
        changes = {"version": party.version + 1, "changed_at": now, "changed_by": actor.id, **how}
        return msgspec.structs.replace(party, **changes)

    async def _move_people(self, tx: Transaction, company: Party, gone: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if company.kind != "company":
            return {}
        moved = await store.move_people(tx, company, gone)
        await self._tell_people(tx, [one for ids in moved.values() for one in ids])
        return moved

    async def _tell_people(self, tx: Transaction, ids: Iterable[str]) -> None:
        """Their company has another name now: index it, and say so."""
        wanted = list(ids)
        for start in range(0, len(wanted), parties.CHUNK):
            people = await parties.get_many(tx, wanted[start : start + parties.CHUNK])
            await index.put(tx, [one for one in people if one.live])
            for one in people:
                tx.publish(PartyChanged(one.id, one.kind, self._clock.now()))


def _standing(party: Party) -> tuple[float, float, str]:
    """The one that is kept if nobody chooses: who has more, then the older."""
    return -_filled(party), party.created_at, party.id


def _filled(party: Party) -> int:
    values = (*(getattr(party, name) for name in ("company_name", "position", "national_id", "birth_date", "owner")),)
    parts = (party.numbers, party.mails, party.addresses, party.tags, party.fields)
    return sum(bool(value) for value in values) + sum(map(len, parts))


def _seen(suggestion: Suggestion, actor: Actor) -> Suggestion:
    """The reasons without numbers for who may not see them whole."""
    if actor.may("numbers.view"):
        return suggestion
    hidden = tuple(
        msgspec.structs.replace(one, value="") if one.kind == "number" else one for one in suggestion.reasons
    )
    return msgspec.structs.replace(suggestion, reasons=hidden)


def _clean(text: str) -> str:
    return text.replace("\0", "").encode(errors="ignore").decode()
