"""The timeline: what is told to it, and what is asked of it.

Features put their entries in the transaction of what they did (``put``, ``drop``); pages and API ask by ``page`` and
``counts``. Neighbours: ``store`` writes, ``streams`` and ``walk`` read, ``kinds`` lists the kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts.store import survivor
from crm_core.timeline import store
from crm_core.timeline.kinds import BY_NAME, KINDS
from crm_core.timeline.model import Entry, Item, entry_id
from crm_core.timeline.streams import shared_keys, subjects_of, watchers
from crm_core.timeline.walk import AT_ONCE, Place, counts, newest
from cti.kernel.actor import Actor
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, InvalidError, NotFoundError
from cti.kernel.paging import Page, read_cursor, write_cursor

LARGEST_PAGE = 200
LONGEST_ID = 500
_subjects = msgspec.json.Decoder(tuple[str, ...]).decode
_BY_ID = "SELECT id, kind, source, at, author, facts, attached, subjects FROM entry WHERE id IN (?)"


class Timeline:
    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    async def put(self, tx: Transaction, entry: Entry) -> None:
        """Write an entry, or what has become of it: one kind and source is one entry."""
        await store.put(tx, [entry])

    async def put_many(self, tx: Transaction, entries: Sequence[Entry]) -> None:
        """As ``put``, for many in few statements."""
        await store.put(tx, entries)

    async def drop(self, tx: Transaction, kind: str, source: str) -> None:
        """Take an entry out; if there is none, nothing happens."""
        await store.drop(tx, [entry_id(kind, source)])

    async def forget(self, tx: Transaction, parties: Sequence[str]) -> None:
        """These parties (ids) are purged: their own entries go, calls stay with their numbers."""
        await store.forget(tx, parties)

    async def page(
        self, actor: Actor, subject: str, kinds: Sequence[str] = (), cursor: str | None = None, limit: int = 30
    ) -> Page[Item]:
        """A part of the stream of ``subject`` (``p:`` and a party's id, ``n:`` and a number's key, ``c:`` and
        a call's id for what is about it), the newest first.

        Needs contacts.view, and numbers.view for a number's; who lacks that sees numbers masked. NotFoundError: no
        such party. InvalidError: an unknown kind or a bad cursor.
        """
        _admit(actor, subject)
        limit = max(1, min(limit, LARGEST_PAGE))
        before = None if cursor is None else _place(cursor)
        async with self._database.read() as reader:
            subjects = await subjects_of(reader, subject)
            places = await newest(reader, subjects, _checked(kinds), before, limit + 1)
            items = await _items(reader, places[:limit], actor)
        more = write_cursor(*places[limit - 1]) if len(places) > limit else None
        return Page(items, more)

    async def counts(self, actor: Actor, subject: str) -> dict[str, int] | None:
        """How many entries of each kind the stream has, counted up to ``walk.COUNTED``; None for a stream of very many
        subjects (a company of a hundred people). Needs what ``page`` needs."""
        _admit(actor, subject)
        async with self._database.read() as reader:
            subjects = await subjects_of(reader, subject)
            if len(subjects) * len(KINDS) > AT_ONCE * 4:
                return None
            names = [kind.name for kind in KINDS]
            return dict.fromkeys(names, 0) | await counts(reader, subjects, names)

    async def watchers(self, parties: Iterable[str], keys: Iterable[str]) -> set[str]:
        """The parties in whose streams shows what happens with these parties and numbers (keys)."""
        async with self._database.read() as reader:
            return await watchers(reader, parties, keys)

    async def attach(self, actor: Actor, entry: str, party_id: str | None) -> None:
        """Show an entry of a shared number with this person alone; None: with everybody who has the number.

        Needs contacts.edit. NotFoundError: no such entry or person.
        """
        actor.require("contacts.view", "contacts.edit")
        if len(entry) > LONGEST_ID or "\0" in entry or "\0" in (party_id or ""):
            raise NotFoundError(N_("There is no such entry."))
        async with self._database.transaction() as tx:
            if party_id is not None:
                party_id = await survivor(tx, party_id)
                if await tx.one("SELECT id FROM party WHERE id = ? AND deleted_at IS NULL", party_id) is None:
                    raise NotFoundError(N_("There is no such contact."))
            if not await store.attach(tx, entry, party_id):
                raise NotFoundError(N_("There is no such entry."))
            kind, _, source = entry.partition(":")
            await self._audit.note(tx, actor, "changed", kind, source, {"attached": party_id})


def _admit(actor: Actor, subject: str) -> None:
    actor.require("contacts.view")
    if subject.startswith("n:"):
        actor.require("numbers.view")


def _checked(kinds: Sequence[str]) -> list[str]:
    for kind in kinds:
        if kind not in BY_NAME:
            raise InvalidError(N_("kind: %(kind)s is none of the kinds of entries."), kind=kind[:40])
    return list(dict.fromkeys(kinds))


def _place(cursor: str) -> Place:
    place: Place = read_cursor(cursor, tuple[float, str])
    if "\0" in place[1]:
        raise InvalidError(N_("cursor: not one of ours; begin again at the first page."))
    return place


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(BY_NAME[kind].facts)


async def _items(reader: Reader, places: Sequence[Place], actor: Actor) -> tuple[Item, ...]:
    """The entries at these places, in their order."""
    rows = {row[0]: row for row in await reader.fetch_in(_BY_ID, [id_ for _, id_ in places])}
    keys = {id_: [s[2:] for s in _subjects(row[7]) if s.startswith("n:")] for id_, row in rows.items()}
    several = await shared_keys(reader, {key for some in keys.values() for key in some}) if rows else set()
    found = ((rows[id_], any(key in several for key in keys[id_])) for _, id_ in places if id_ in rows)
    return tuple(_item(row, shared, actor) for row, shared in found if row[1] in BY_NAME)


def _item(row: tuple[Any, ...], shared: bool, actor: Actor) -> Item:
    id_, kind, source, at, author, text, attached, _ = row
    facts = _decoder(kind).decode(text)
    whole = actor.may("numbers.view") or (author is not None and author == actor.id)
    return Item(id_, kind, source, at, author, facts if whole else BY_NAME[kind].masked(facts), attached, shared)
