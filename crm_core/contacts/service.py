"""People and companies: read, made, changed, put in the trash and taken out of it.

Methods that begin with ``actor`` are for users and check what he may; those that begin with ``tx`` are for the
product's own work (imports, merging) within a transaction of theirs. Every change is in the audit trail with what was
before and after, and told by ``PartyChanged`` once it is durable. Who lacks ``numbers.view`` gets numbers masked.

Neighbours: ``draft`` cleans what is written, ``store`` has the SQL, ``listing`` the lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.contacts import store
from crm_core.contacts.companies import Make, settle
from crm_core.contacts.draft import E164, WRITABLE, refused, revised, tags
from crm_core.contacts.events import PartyChanged
from crm_core.contacts.listing import Listing
from crm_core.contacts.masking import masked
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyFilter, PartyKind
from crm_core.fields.model import FieldDef
from crm_core.fields.service import Fields
from crm_core.fields.types import found_by
from crm_core.users.service import Users
from crm_core.users.teams import Teams
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page

AUDITED: dict[PartyKind, str] = {"person": "contact", "company": "company"}
"""What the audit trail calls each kind."""

New = tuple[PartyKind, Draft]
Defined = dict[PartyKind, tuple[FieldDef, ...]]


class Contacts:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        audit: Audit,
        fields: Fields,
        users: Users,
        teams: Teams,
        e164: E164,
    ) -> None:
        self._database, self._clock, self._audit, self._fields = database, clock, audit, fields
        self._users, self._teams, self._e164 = users, teams, e164

    # ---- reading ----------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, party_id: str) -> Party:
        """The party; for one that was merged, the one that it is part of now. One in the trash has ``deleted_at``.

        Raises NotFoundError.
        """
        actor.require("contacts.view")
        async with self._database.read() as reader:
            found = await store.get(reader, party_id) if "\0" not in party_id else None
            if found is not None and found.merged_into is not None:
                found = await store.get(reader, await store.survivor(reader, party_id))
        if found is None:
            raise NotFoundError(N_("There is no such contact."))
        self._audit.saw(actor, AUDITED[found.kind], found.id)
        return masked(found, actor)

    async def get_many(self, actor: Actor, ids: Iterable[str]) -> dict[str, Party]:
        """Those of them that there are, as they are (merged and deleted ones too)."""
        actor.require("contacts.view")
        async with self._database.read() as reader:
            found = await store.get_many(reader, list(dict.fromkeys(ids)))
        return {one.id: masked(one, actor) for one in found}

    async def page(self, actor: Actor, wanted: PartyFilter, cursor: str | None = None, limit: int = 50) -> Page[Party]:
        """Raises InvalidError for a cursor that is none of ours, or a filter that cannot be."""
        actor.require("contacts.view")
        listing = Listing(wanted, await self._all_fields(), whole=not actor.may("numbers.view"))
        async with self._database.read() as reader:
            found = await listing.page(reader, cursor, limit)
        return Page(tuple(masked(one, actor) for one in found.items), found.next)

    async def count(self, actor: Actor, wanted: PartyFilter, most: int | None = None) -> int:
        """How many the filter describes; ``most``: stop counting there."""
        actor.require("contacts.view")
        listing = Listing(wanted, await self._all_fields(), whole=not actor.may("numbers.view"))
        async with self._database.read() as reader:
            return await listing.count(reader, most)

    async def people(self, actor: Actor, company_id: str, limit: int = 100) -> tuple[Party, ...]:
        """Who works there, in the order of their names."""
        return (await self.page(actor, PartyFilter(kind="person", company=company_id), limit=limit)).items

    # ---- writing ----------------------------------------------------------------------------------------------------

    async def create(self, actor: Actor, kind: PartyKind, draft: Draft) -> Party:
        """Raises InvalidError, naming the field (``values["at"]``)."""
        actor.require("contacts.edit")
        await self._known_colleagues(actor, draft)
        party = self.drafted(actor, kind, draft, await self.defined())
        async with self._database.transaction() as tx:
            (party,) = await self.insert_many(tx, actor, [party])
        return masked(party, actor)

    async def change(self, actor: Actor, party_id: str, draft: Draft, version: int | None = None) -> Party:
        """Raises InvalidError, NotFoundError, and ConflictError if ``version`` is not the present one."""
        actor.require("contacts.edit")
        if draft.numbers is not UNSET and not actor.may("numbers.view"):
            raise ForbiddenError("This needs the permission numbers.view: who sees numbers masked cannot rewrite them.")
        await self._known_colleagues(actor, draft)
        defined = await self.defined()
        async with self._database.transaction() as tx:
            before = await self._writable(tx, party_id, version)
            after = await self._changed(tx, actor, before, draft, defined)
        return masked(after, actor)

    async def add_number(self, actor: Actor, party_id: str, number: DraftNumber) -> Party:
        """One more number, after those that there are; nothing happens if it is there already."""
        actor.require("contacts.edit")
        defined = await self.defined()
        async with self._database.transaction() as tx:
            before = await self._writable(tx, party_id, None)
            kept = (DraftNumber(one.raw, one.kind, one.extension, one.label) for one in before.numbers)
            after = await self._changed(tx, actor, before, Draft(numbers=(*kept, number)), defined)
        return masked(after, actor)

    async def tag(self, actor: Actor, party_id: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Party:
        """Add and take away tags, whatever else changed meanwhile."""
        actor.require("contacts.edit")
        defined = await self.defined()
        gone = {store.tag_key(tag) for tag in remove}
        async with self._database.transaction() as tx:
            before = await self._writable(tx, party_id, None)
            kept = [tag for tag in before.tags if store.tag_key(tag) not in gone]
            after = await self._changed(tx, actor, before, Draft(tags=tags([*kept, *add])), defined)
        return masked(after, actor)

    async def delete(self, actor: Actor, party_id: str) -> None:
        """Into the trash. Raises NotFoundError, also for what is there already."""
        actor.require("contacts.delete")
        now = self._clock.now()
        async with self._database.transaction() as tx:
            before = await self._writable(tx, party_id, None)
            await self._put_away(tx, actor, before, "deleted", deleted_at=now)

    async def restore(self, actor: Actor, party_id: str) -> Party:
        """Out of the trash. Raises NotFoundError if it is not there."""
        actor.require("contacts.delete")
        async with self._database.transaction() as tx:
            before = await store.locked(tx, _known(party_id))
            if before is None or before.deleted_at is None:
                raise NotFoundError(N_("There is no such contact in the trash."))
            after = await self._put_away(tx, actor, before, "restored", deleted_at=None)
        return masked(after, actor)

    # ---- the product's own work -------------------------------------------------------------------------------------

    async def defined(self) -> Defined:
        """The custom fields that there are, also those out of use, for ``drafted`` and ``redrafted``."""
        fields = self._fields.defined
        kinds: tuple[PartyKind, ...] = ("person", "company")
        return {kind: await fields(kind, all_of_them=True) for kind in kinds}

    def drafted(self, actor: Actor, kind: PartyKind, draft: Draft, defined: Defined) -> Party:
        """The new party that ``draft`` describes, not written yet. Raises InvalidError. Pure: no I/O."""
        now = self._clock.now()
        made = revised(Party(id=new_id(now), kind=kind, name=""), draft, self._e164)
        given = {} if draft.fields is UNSET else draft.fields
        return msgspec.structs.replace(
            made,
            fields=self._fields.checked(defined[kind], given),
            source_at=now if made.source and made.source_at is None else made.source_at,
            created_at=now,
            created_by=actor.id,
            changed_at=now,
            changed_by=actor.id,
        )

    def redrafted(self, actor: Actor, before: Party, draft: Draft, defined: Defined) -> Party:
        """``before`` with what ``draft`` says, one version on; itself if nothing differs. Raises InvalidError. Pure."""
        after = revised(before, draft, self._e164)
        if draft.fields is not UNSET:
            checked = self._fields.checked(defined[before.kind], draft.fields, before.fields)
            after = msgspec.structs.replace(after, fields=checked)
        if after == before:
            return before
        return msgspec.structs.replace(
            after, version=before.version + 1, changed_at=self._clock.now(), changed_by=actor.id
        )

    async def write_many(self, tx: Transaction, actor: Actor, drafts: Sequence[New]) -> list[Party]:
        """Make many, quickly: as ``drafted`` and ``insert_many``. Raises InvalidError for the first that is wrong."""
        defined = await self.defined()
        return await self.insert_many(tx, actor, [self.drafted(actor, *one, defined) for one in drafts])

    async def insert_many(
        self, tx: Transaction, actor: Actor, parties: Sequence[Party], ready: Mapping[str, store.Ready] | None = None
    ) -> list[Party]:
        """Write new parties (of ``drafted``), their companies found by name or made. Audit, index and events are on.
        ``ready``: what was made ready beforehand, by id."""
        companies, made = await settle(tx, parties, self._company_for(actor))
        known = {
            one.id: ready[one.id]
            for one, asked in zip(made, parties, strict=True)
            if ready and one.id in ready and one.company_name == asked.company_name
        }
        await self._insert(tx, actor, [*companies, *made], known)
        return made

    async def rewrite_many(self, tx: Transaction, actor: Actor, pairs: Sequence[tuple[Party, Party]]) -> list[Party]:
        """Write parties as ``redrafted`` made them: (before, after). The befores must have been read in ``tx``."""
        differing = [(before, after) for before, after in pairs if before != after]
        companies, written = await settle(tx, [after for _, after in differing], self._company_for(actor))
        await self._insert(tx, actor, companies)
        await self.put(tx, written)
        for (before, _), after in zip(differing, written, strict=True):
            await self._audit.note(tx, actor, "changed", AUDITED[after.kind], after.id, difference(before, after))
            if after.kind == "company" and after.name != before.name:
                await store.rename_company(tx, after)
        now = {one.id: one for one in written}
        return [now.get(after.id, after) for _, after in pairs]

    async def put(self, tx: Transaction, parties: Sequence[Party]) -> None:
        """Write parties that there are exactly as given, and tell so. No audit: that is the caller's."""
        await store.write(tx, parties, self._found_by(await self.defined()))
        for one in parties:
            tx.publish(PartyChanged(one.id, one.kind, self._clock.now()))

    async def remove_many(self, tx: Transaction, actor: Actor, parties: Sequence[store.Standing]) -> None:
        """Into the trash, many at once (an import that is taken back). They must be live, and held by ``tx``."""
        if not parties:
            return
        now = self._clock.now()
        await store.bury(tx, [one.id for one in parties], now, actor.id)
        for kind, name in AUDITED.items():
            await self._audit.note_many(tx, actor, "deleted", name, [one.id for one in parties if one.kind == kind])
        for one in parties:
            tx.publish(PartyChanged(one.id, one.kind, now))

    # ---- inside -----------------------------------------------------------------------------------------------------

    async def _known_colleagues(self, actor: Actor, draft: Draft) -> None:
        """Raises InvalidError for an owner or a team that there is not."""
        if draft.owner and draft.owner not in {one.id for one in await self._users.directory(actor)}:
            raise refused(N_("%(field)s: there is no such colleague."), "owner")
        if draft.team and draft.team not in {one.id for one in await self._teams.all(actor)}:
            raise refused(N_("%(field)s: there is no such team."), "team")

    async def _all_fields(self) -> tuple[FieldDef, ...]:
        return tuple(one for some in (await self.defined()).values() for one in some)

    @staticmethod
    def _found_by(defined: Defined) -> store.FoundBy:
        by_name = {(kind, one.name): one for kind, some in defined.items() for one in some}

        def rows(party: Party) -> Iterable[tuple[str, str | None, float | None]]:
            for name, value in party.fields.items():
                if (one := by_name.get((party.kind, name))) is not None:
                    yield from ((name, text, number) for text, number in found_by(one, value))

        return rows

    async def _writable(self, tx: Transaction, party_id: str, version: int | None) -> Party:
        found = await store.locked(tx, _known(party_id))
        if found is None or found.deleted_at is not None:
            raise NotFoundError(N_("There is no such contact."))
        if found.merged_into is not None:
            raise ConflictError(N_("It has become part of another contact meanwhile; open that one."))
        if version is not None and version != found.version:
            raise ConflictError(N_("Somebody changed it meanwhile; look at what is there now, then change it again."))
        return found

    async def _changed(self, tx: Transaction, actor: Actor, before: Party, draft: Draft, defined: Defined) -> Party:
        after = self.redrafted(actor, before, draft, defined)
        if after == before:
            return before
        return (await self.rewrite_many(tx, actor, [(before, after)]))[0]

    async def _put_away(self, tx: Transaction, actor: Actor, before: Party, action: str, **how: Any) -> Party:
        after = msgspec.structs.replace(
            before, version=before.version + 1, changed_at=self._clock.now(), changed_by=actor.id, **how
        )
        await self.put(tx, [after])
        await self._audit.note(tx, actor, action, AUDITED[after.kind], after.id, {"name": after.name})
        return after

    async def _insert(
        self, tx: Transaction, actor: Actor, parties: Sequence[Party], ready: Mapping[str, store.Ready] | None = None
    ) -> None:
        if not parties:
            return
        await store.insert(tx, parties, self._found_by(await self.defined()), ready)
        for kind, name in AUDITED.items():
            await self._audit.note_many(tx, actor, "created", name, [one.id for one in parties if one.kind == kind])
        for one in parties:
            tx.publish(PartyChanged(one.id, one.kind, one.changed_at))

    def _company_for(self, actor: Actor) -> Make:
        def make(name: str, person: Party) -> Party:
            now = self._clock.now()
            return Party(
                id=new_id(now),
                kind="company",
                name=name,
                source=person.source,
                source_at=person.source_at,
                created_at=now,
                created_by=actor.id,
                changed_at=now,
                changed_by=actor.id,
            )

        return make


def difference(before: Party, after: Party) -> dict[str, Any]:
    """What of a change the audit trail keeps."""
    return changes(*({name: msgspec.to_builtins(getattr(one, name)) for name in WRITABLE} for one in (before, after)))


def _known(party_id: str) -> str:
    return party_id.replace("\0", "")
