"""Imports, from the file that comes in to the last contact that is taken back; each step asked for by somebody.

receive → (reread, map) → check → start → (pause, resume, cancel) → revert. What takes long is only asked for here:
``work`` does it, and ``get`` tells how far it is. All of it needs ``contacts.import``.

Neighbours: ``store`` keeps it, ``work`` does it, ``web.pages.imports`` and ``cti.app.exchanging`` show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from crm_core.contacts.model import Party, PartyFilter
from crm_core.exchange import store
from crm_core.exchange.convert import Converter, Prepared
from crm_core.exchange.frames import Looked, Order
from crm_core.exchange.guess import check_target, fingerprint
from crm_core.exchange.means import Means
from crm_core.exchange.model import Import, ImportRow, Policy, State
from crm_core.exchange.process import look
from crm_core.exchange.reading import too_large
from crm_core.exchange.rows import Choices
from crm_core.exchange.running import note_imported
from crm_core.exchange.uploads import receive, shown_name
from crm_core.exchange.work import Work
from crm_core.fields.model import FieldDef
from cti.kernel.actor import Actor
from cti.kernel.db import Reader, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page

PERMISSION = "contacts.import"
LARGEST_PAGE = 200
KEPT_SHOWN = 200
FORM_BYTES = 65_536
"""What a form around a file may weigh."""
EXPORTED = 500
"""Contacts of one part of an export."""
Parts = AsyncIterator[Sequence[Party]]
_OPEN: tuple[State, ...] = ("uploaded", "checked")


class Exchange:
    """``work.run`` has to run for what is asked for to be done."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.work = Work(means)

    @property
    def largest(self) -> int:
        """Bytes that a file may have."""
        return self._means.limits.file_bytes

    # ---- reading ---------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, import_id: str) -> Import:
        """Raises NotFoundError."""
        actor.require(PERMISSION)
        async with self._means.database.read() as reader:
            return _found(await store.get(reader, import_id))

    async def page(self, actor: Actor, cursor: str | None = None, limit: int = 30) -> Page[Import]:
        """The newest first. InvalidError: a bad cursor."""
        actor.require(PERMISSION)
        async with self._means.database.read() as reader:
            return await store.page(reader, cursor, max(1, min(limit, LARGEST_PAGE)))

    async def unfinished(self, actor: Actor, digest: str) -> list[Import]:
        """This actor's imports of this very file that did not come to an end, the newest first."""
        actor.require(PERMISSION)
        async with self._means.database.read() as reader:
            return await store.unfinished(reader, digest, actor.id)

    async def forget(self, tx: Transaction, parties: Sequence[str]) -> None:
        """These parties (ids) are purged, with what imports keep of them."""
        await store.forget(tx, parties)

    async def fields(self) -> tuple[FieldDef, ...]:
        """The custom fields that columns may go to."""
        return await self._means.fields()

    async def colleagues(self, actor: Actor) -> dict[str, str]:
        """The names of users and teams by id, for a preview with owners in it."""
        actor.require(PERMISSION)
        return await self._means.names()

    async def preview(self, actor: Actor, one: Import, count: int = 5) -> tuple[Prepared, ...]:
        """The first rows as they would become."""
        actor.require(PERMISSION)
        if one.looked is None:
            return ()
        converter = Converter(await self._means.plan(one.mapping, one.policy))
        return tuple(converter.row(row) for row in one.looked.samples[:count])

    async def faulty(self, actor: Actor, import_id: str) -> AsyncIterator[list[ImportRow]]:
        """Rows with faults, in the file's order and in parts: to be mended and imported again."""
        actor.require(PERMISSION)
        after = -1
        while True:
            async with self._means.database.read() as reader:
                rows = await store.faulty_rows(reader, import_id.replace("\0", ""), after)
            if not rows:
                return
            yield rows
            after = rows[-1].row

    async def first_faulty(self, actor: Actor, import_id: str, limit: int = 20) -> list[ImportRow]:
        """The first rows with faults."""
        actor.require(PERMISSION)
        async with self._means.database.read() as reader:
            return await store.faulty_rows(reader, import_id, -1, limit)

    async def kept(self, actor: Actor, import_id: str) -> list[Party]:
        """Contacts that were not taken back, since somebody changed them later; the first of them."""
        actor.require(PERMISSION)
        async with self._means.database.read() as reader:
            ids = await store.kept_parties(reader, import_id, KEPT_SHOWN)
        found = await self._means.contacts.get_many(actor, ids)
        return [found[id_] for id_ in ids if id_ in found]

    # ---- out -------------------------------------------------------------------------------------------------

    async def export(self, actor: Actor, wanted: PartyFilter, detail: Mapping[str, Any]) -> Parts:
        """The contacts that ``wanted`` describes, in parts; numbers are masked for who may not see them whole.

        Noted in the audit (``detail``: what of it is kept) before it begins. Needs contacts.export. Raises
        InvalidError for a filter that cannot be.
        """
        actor.require("contacts.export", "contacts.view")
        contacts = self._means.contacts
        first = await contacts.page(actor, wanted, limit=EXPORTED)
        await self._means.audit.did(actor, "exported", "contact", "", detail)

        async def parts() -> Parts:
            page = first
            while True:
                yield page.items
                if page.next is None:
                    return
                page = await contacts.page(actor, wanted, page.next, EXPORTED)

        return parts()

    # ---- a new one -------------------------------------------------------------------------------------------

    def admit(self, actor: Actor, size: int | None) -> None:
        """Raises InvalidError for a file that is said to be larger than the limit, before any of it is read."""
        actor.require(PERMISSION)
        if size is not None and size > self.largest + FORM_BYTES:
            raise too_large(self._means.limits)

    async def receive(self, actor: Actor, name: str, pieces: AsyncIterator[bytes]) -> Import:
        """Take a file in and look at it. Raises InvalidError for one that is too large or cannot be read."""
        actor.require(PERMISSION)
        now = self._means.clock.now()
        id_ = new_id(now)
        path = self._means.folder / id_
        got = await receive(path, pieces, self._means.limits)
        try:
            looked = await self._look(id_, Choices())
        except BaseException:
            await asyncio.to_thread(path.unlink, True)
            raise
        mapping, policy, remembered = await self._mapping(looked)
        one = Import(
            id=id_, state="uploaded", name=shown_name(name), size=got.size, digest=got.digest, file=id_,
            actor=actor.id, actor_name=actor.name, origin=actor.origin, created_at=now, changed_at=now,
            looked=looked, mapping=mapping, policy=policy, remembered=remembered,
        )  # fmt: skip
        async with self._means.database.transaction() as tx:
            await store.insert(tx, one)
        return one

    async def _look(self, file: str, choices: Choices) -> Looked:
        path, limits = str(self._means.folder / file), self._means.limits
        return await look(Order(task="look", path=path, choices=choices, limits=limits, fields=await self.fields()))

    async def _mapping(self, looked: Looked) -> tuple[tuple[str, ...], Policy, bool]:
        """The one that was used for these headers before, else the guess."""
        if any(looked.headers) and looked.format != "vcard":
            async with self._means.database.read() as reader:
                known = await store.remembered(reader, fingerprint(looked.headers))
            if known is not None and len(known[0]) == len(looked.headers):
                fields = await self.fields()
                return tuple(one if check_target(one, fields) else "" for one in known[0]), known[1], True
        return looked.mapping, Policy(), False

    async def reread(self, actor: Actor, import_id: str, choices: Choices) -> Import:
        """Read the file in another way (encoding, delimiter, sheet, header row). Raises InvalidError, ConflictError."""
        one = await self.get(actor, import_id)
        _must(one, _OPEN)
        looked = await self._look(one.file, choices)
        mapping, policy, remembered = await self._mapping(looked)
        changes = {"looked": looked, "mapping": mapping, "policy": policy, "remembered": remembered}
        return await self._change(actor, import_id, _OPEN, state="uploaded", fault=None, profile=None, **changes)

    async def map(self, actor: Actor, import_id: str, mapping: Sequence[str], policy: Policy) -> Import:
        """Say what the columns are and how it is to be done; a dry run that was made is void.

        Raises InvalidError for a target that there is not, ConflictError for an import that has begun.
        """
        one = await self.get(actor, import_id)
        fields = await self.fields()
        width = len(one.looked.headers) if one.looked is not None else 0
        if len(mapping) != width:
            raise InvalidError(N_("Say for each of the %(count)s columns where it goes."), count=width)
        for target in mapping:
            if not check_target(target, fields):
                raise InvalidError(N_("A column cannot go to «%(target)s»."), target=target[:80])
        if (tuple(mapping), policy) == (one.mapping, one.policy) and one.state == "checked":
            return one
        return await self._change(
            actor, import_id, _OPEN, state="uploaded", mapping=tuple(mapping), policy=policy, profile=None, fault=None
        )

    # ---- steps -----------------------------------------------------------------------------------------------

    async def check(self, actor: Actor, import_id: str) -> Import:
        """Begin the dry run."""
        one = await self.get(actor, import_id)
        if not one.mapped:
            raise InvalidError(N_("Say first which column holds the name."))
        return await self._ask(actor, import_id, _OPEN, state="checking", profile=None, fault=None, position=0)

    async def start(self, actor: Actor, import_id: str) -> Import:
        """Begin to import."""
        actor.require("contacts.edit")
        one = await self.get(actor, import_id)
        if not one.mapped:
            raise InvalidError(N_("Say first which column holds the name."))
        now = self._means.clock.now()
        if one.looked is not None and any(one.looked.headers) and one.looked.format != "vcard":
            async with self._means.database.transaction() as tx:
                await store.remember(tx, fingerprint(one.looked.headers), one.mapping, one.policy, now)
        who = {"actor": actor.id, "actor_name": actor.name, "origin": actor.origin}
        return await self._ask(actor, import_id, _OPEN, state="running", started_at=now, position=0, fault=None, **who)

    async def pause(self, actor: Actor, import_id: str) -> Import:
        """What is written stays; ``resume`` goes on from there."""
        return await self._change(actor, import_id, ("running",), state="paused")

    async def resume(self, actor: Actor, import_id: str) -> Import:
        """Go on with one that was paused, or that failed."""
        actor.require("contacts.edit")
        if not (await self.get(actor, import_id)).file:
            raise ConflictError(N_("Its file has been removed after 30 days; send the file again."))
        return await self._ask(actor, import_id, ("paused", "failed"), state="running", fault=None, finished_at=None)

    async def cancel(self, actor: Actor, import_id: str) -> Import:
        """A dry run goes back to its mapping; of an import, what is written stays and can be reverted."""
        one = await self.get(actor, import_id)
        if one.state == "checking":
            return await self._change(actor, import_id, ("checking",), state="uploaded")
        one = await self._change(
            actor, import_id, ("running", "paused"), state="cancelled", finished_at=self._means.clock.now()
        )
        async with self._means.database.transaction() as tx:
            await note_imported(self._means, tx, one.id)
        return one

    async def revert(self, actor: Actor, import_id: str) -> Import:
        """Take back all that it did."""
        actor.require("contacts.edit", "contacts.delete")
        states: tuple[State, ...] = ("done", "cancelled", "paused", "failed")
        return await self._ask(actor, import_id, states, state="reverting", finished_at=None)

    async def discard(self, actor: Actor, import_id: str) -> None:
        """Forget one that has not begun, and its file."""
        actor.require(PERMISSION)
        async with self._means.database.transaction() as tx:
            one = _found(await store.locked(tx, import_id))
            _must(one, _OPEN)
            await store.delete(tx, one.id)
        await asyncio.to_thread(self._means.path(one).unlink, True)

    # ---- inside ----------------------------------------------------------------------------------------------

    async def _ask(self, actor: Actor, import_id: str, states: tuple[State, ...], /, **changes: object) -> Import:
        one = await self._change(actor, import_id, states, **changes)
        self.work.ask()
        return one

    async def _change(self, actor: Actor, import_id: str, states: tuple[State, ...], /, **changes: object) -> Import:
        """Raises NotFoundError, and ConflictError unless it is in one of ``states``."""
        actor.require(PERMISSION)
        async with self._means.database.transaction() as tx:
            one = _found(await store.locked(tx, import_id))
            _must(one, states)
            await store.change(tx, one.id, {**changes, "changed_at": self._means.clock.now(), "runner": ""})
            self._means.moved(tx, one)
            return _found(await self._get(tx, one.id))

    async def _get(self, reader: Reader, import_id: str) -> Import | None:
        return await store.get(reader, import_id)


def _found(one: Import | None) -> Import:
    if one is None:
        raise NotFoundError(N_("There is no such import."))
    return one


def _must(one: Import, states: tuple[State, ...]) -> None:
    if one.state not in states:
        raise ConflictError(N_("The import is in another state meanwhile; look at it again."))


def with_changes(one: Import, **changes: object) -> Import:
    """``one`` as it would be, for a preview of a mapping that is not saved."""
    return msgspec.structs.replace(one, **changes)
