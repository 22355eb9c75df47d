"""Notes: written, changed, taken away; whom they mention; what hangs on a call.

Each is an entry of the timeline, and the audit trail keeps what it said before. Neighbours: ``crm_core.timeline`` shows
them in streams, ``mentions`` finds who is meant, ``events`` tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts import index
from crm_core.contacts.store import family, survivor
from crm_core.notes.events import NoteDeleted, NoteWritten
from crm_core.notes.mentions import mentioned
from crm_core.notes.model import Mention, Note, note, note_mention
from crm_core.timeline.about import subjects_for
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry
from crm_core.timeline.service import Timeline
from crm_core.users.service import Users
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page, read_cursor, write_cursor
from cti.live.masking import mask_in

LONGEST_TEXT = 10_000
LARGEST_PAGE = 200
_COLUMNS = ", ".join(f"n.{name}" for name in note.columns.keys())  # noqa: SIM118 - a collection of columns
_ids = msgspec.json.Decoder(tuple[str, ...]).decode


class Notes:
    def __init__(self, database: Database, clock: Clock, audit: Audit, timeline: Timeline, users: Users) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self._timeline, self._users = timeline, users

    # ---- writing ----------------------------------------------------------------------------------------------------

    async def write(self, actor: Actor, text: str, party: str | None = None, call: str | None = None) -> Note:
        """A new note about a party, a call, or both. Needs contacts.edit.

        InvalidError: empty, too long, or about nothing. NotFoundError: no such party.
        """
        actor.require("contacts.edit")
        text = checked_text(text)
        meant = mentioned(text, await self._users.directory(actor)) if "@" in text else ()
        now = self._clock.now()
        async with self._database.transaction() as tx:
            party = None if party is None else await survivor(tx, plain(party))
            written = Note(new_id(now), text, party, call, actor.id, actor.name, now, None, meant)
            subjects = await subjects_for(tx, party, call)
            await tx.insert(note, [_row(written)])
            await self._save(tx, written, meant, subjects)
            await self._audit.note(tx, actor, "created", "note", written.id, {"party": party, "call": call})
        return written

    async def change(self, actor: Actor, note_id: str, text: str) -> Note:
        """Another text for one's own note, or with notes.moderate anybody's. InvalidError, NotFoundError."""
        actor.require("contacts.edit")
        text = checked_text(text)
        meant = mentioned(text, await self._users.directory(actor)) if "@" in text else ()
        async with self._database.transaction() as tx:
            before = await _writable(tx, actor, note_id)
            after = msgspec.structs.replace(before, text=text, mentioned=meant, edited_at=self._clock.now())
            if before.text == text:
                return before
            sql = "UPDATE note SET text = ?, mentioned = ?, edited_at = ? WHERE id = ?"
            await tx.execute(sql, text, msgspec.json.encode(meant).decode(), after.edited_at, after.id)
            called = tuple(user for user in meant if user not in before.mentioned)
            spared = [(user, after.id) for user in before.mentioned if user not in meant]
            await tx.executemany("DELETE FROM note_mention WHERE user_id = ? AND note = ?", spared)
            await self._save(tx, after, called, await subjects_for(tx, after.party, after.call))
            changed = {"changed": {"text": [before.text, text]}}
            await self._audit.note(tx, actor, "changed", "note", note_id, changed)
        return after

    async def delete(self, actor: Actor, note_id: str) -> None:
        """One's own note, or with notes.moderate anybody's; the audit trail keeps its text. NotFoundError."""
        actor.require("contacts.edit")
        async with self._database.transaction() as tx:
            gone = await _writable(tx, actor, note_id)
            await tx.execute("DELETE FROM note WHERE id = ?", gone.id)
            await tx.execute("DELETE FROM note_mention WHERE note = ?", gone.id)
            await self._timeline.drop(tx, "note", gone.id)
            await index.forget_text(tx, "note", gone.id)
            about = {"text": gone.text, "author": gone.author_name, "party": gone.party, "call": gone.call}
            await self._audit.note(tx, actor, "deleted", "note", gone.id, about)
            tx.publish(NoteDeleted(gone.id, self._clock.now()))

    async def follow(self, tx: Transaction, gone: str, into: str) -> None:
        """A call became part of another: its notes are about that one now."""
        rows = await tx.fetch(f"SELECT {_COLUMNS} FROM note AS n WHERE call = ?", gone)
        await tx.execute("UPDATE note SET call = ? WHERE call = ?", into, gone)
        for row in rows:
            moved = msgspec.structs.replace(_note(row), call=into)
            await self._timeline.put(tx, _entry(moved, await subjects_for(tx, moved.party, into)))
            await _index(tx, moved)

    async def add_many(self, tx: Transaction, actor: Actor, about: Sequence[tuple[str, str]]) -> list[str]:
        """New notes, each (party, text), in an import: nobody is mentioned or told. Their ids, in that order."""
        now = self._clock.now()
        written = [
            Note(new_id(now), checked_text(text)[:LONGEST_TEXT], party, None, actor.id, actor.name, now, None, ())
            for party, text in about
        ]
        await tx.insert(note, [_row(one) for one in written])
        await self._timeline.put_many(tx, [_entry(one, (f"p:{one.party}",)) for one in written])
        for one in written:
            await _index(tx, one)
        await self._audit.note_many(tx, actor, "created", "note", [one.id for one in written])
        return [one.id for one in written]

    async def drop_many(self, tx: Transaction, actor: Actor, ids: Sequence[str]) -> None:
        """Take notes of an import out again, but for those that somebody has changed since."""
        rows = await tx.fetch_in("SELECT id FROM note WHERE id IN (?) AND edited_at IS NULL", ids) if ids else ()
        gone = [str(row[0]) for row in rows]
        if not gone:
            return
        await tx.execute_in("DELETE FROM note WHERE id IN (?)", gone)
        for id_ in gone:
            await self._timeline.drop(tx, "note", id_)
            await index.forget_text(tx, "note", id_)
        await self._audit.note_many(tx, actor, "deleted", "note", gone)

    async def forget(self, tx: Transaction, parties: Sequence[str]) -> None:
        """These parties (ids) are purged, with the notes about them. Their entries are the timeline's to take out."""
        rows = await tx.fetch_in("SELECT id FROM note WHERE party IN (?)", parties)
        gone = [str(row[0]) for row in rows]
        await tx.execute_in("DELETE FROM note_mention WHERE note IN (?)", gone)
        await tx.execute_in("DELETE FROM note WHERE id IN (?)", gone)
        for id_ in gone:
            await index.forget_text(tx, "note", id_)

    async def _save(self, tx: Transaction, one: Note, called: Sequence[str], subjects: tuple[str, ...]) -> None:
        await tx.insert(note_mention, [(user, one.id, None) for user in called])
        await self._timeline.put(tx, _entry(one, subjects))
        await _index(tx, one)
        tx.publish(NoteWritten(one, tuple(called)))

    # ---- reading ----------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, note_id: str) -> Note:
        """Needs contacts.view. NotFoundError."""
        actor.require("contacts.view")
        async with self._database.read() as reader:
            return _seen(await _found(reader, note_id), actor)

    async def page(
        self, actor: Actor, *, party: str | None = None, call: str | None = None, author: str | None = None,
        cursor: str | None = None, limit: int = 50,
    ) -> Page[Note]:  # fmt: skip
        """Notes about a party (and whoever was merged into it), a call, of an author; the newest first."""
        actor.require("contacts.view")
        where, values = ["1 = 1"], list[Any]()
        limit = max(1, min(limit, LARGEST_PAGE))
        async with self._database.read() as reader:
            if party is not None:
                ids = await family(reader, await survivor(reader, plain(party)))
                where.append(f"n.party IN ({', '.join('?' * len(ids))})")
                values += ids
            for column, value in (("call", call), ("author", author)):
                if value is not None:
                    where.append(f"n.{column} = ?")
                    values.append(plain(value))
            if cursor is not None:
                where.append("n.id < ?")
                values.append(plain(read_cursor(cursor, tuple[str])[0]))
            sql = f"SELECT {_COLUMNS} FROM note AS n WHERE {' AND '.join(where)} ORDER BY n.id DESC LIMIT {limit + 1}"
            notes = [_seen(_note(row), actor) for row in await reader.fetch(sql, *values)]
        return Page(tuple(notes[:limit]), write_cursor(notes[limit - 1].id) if len(notes) > limit else None)

    async def mentions(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[Mention]:
        """The notes that mention the actor, the newest first. Needs contacts.view."""
        actor.require("contacts.view")
        limit = max(1, min(limit, LARGEST_PAGE))
        before = "" if cursor is None else "AND m.note < ?"
        values = [] if cursor is None else [plain(read_cursor(cursor, tuple[str])[0])]
        sql = (
            f"SELECT {_COLUMNS}, m.seen_at FROM note_mention AS m JOIN note AS n ON n.id = m.note"
            f" WHERE m.user_id = ? {before} ORDER BY m.note DESC LIMIT {limit + 1}"
        )
        async with self._database.read() as reader:
            rows = await reader.fetch(sql, actor.id, *values)
        found = [Mention(_seen(_note(row), actor), row[-1]) for row in rows]
        return Page(tuple(found[:limit]), write_cursor(found[limit - 1].note.id) if len(found) > limit else None)

    async def seen(self, actor: Actor, note_id: str) -> None:
        """The actor has read a note that mentions him."""
        actor.require("contacts.view")
        sql = "UPDATE note_mention SET seen_at = ? WHERE user_id = ? AND note = ? AND seen_at IS NULL"
        async with self._database.transaction() as tx:
            await tx.execute(sql, self._clock.now(), actor.id, plain(note_id))

    async def unseen(self, actor: Actor) -> int:
        """How many notes mention the actor that he has not read."""
        actor.require("contacts.view")
        sql = "SELECT count(*) FROM note_mention WHERE user_id = ? AND seen_at IS NULL"
        async with self._database.read() as reader:
            row = await reader.one(sql, actor.id)
        return int(row[0]) if row else 0


def checked_text(text: str) -> str:
    """The text as it is kept. InvalidError if there is none, or too much."""
    kept = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not kept:
        raise InvalidError(N_("Write something first."), at="text")
    if len(kept) > LONGEST_TEXT:
        raise InvalidError(
            N_("A note has at most %(most)s characters; this one has %(count)s."),
            most=LONGEST_TEXT, count=len(kept), at="text",
        )  # fmt: skip
    return kept


def plain(name: str) -> str:
    """An id as somebody sent it, fit to be looked for."""
    return name.replace("\0", "")[:300]


def _row(one: Note) -> tuple[Any, ...]:
    return (*msgspec.structs.astuple(one)[:-1], msgspec.json.encode(one.mentioned).decode())


def _note(row: Sequence[Any]) -> Note:
    values = (*row[:8], _ids(row[8]))
    return Note(*values)


async def _index(tx: Transaction, one: Note) -> None:
    await index.search_text(tx, "note", one.id, one.party or "", one.text, one.written_at, one.call or "")


def _entry(one: Note, subjects: tuple[str, ...]) -> Entry:
    facts = NoteFacts(one.text, one.author_name, one.call, one.mentioned, one.edited_at)
    return Entry("note", one.id, one.written_at, subjects, facts, one.author)


def _seen(one: Note, actor: Actor) -> Note:
    """As the actor may see it: numbers in what others wrote are masked for who may not see them."""
    if actor.may("numbers.view") or one.author == actor.id:
        return one
    return msgspec.structs.replace(one, text=mask_in(one.text))


async def _found(reader: Reader, note_id: str) -> Note:
    row = await reader.one(f"SELECT {_COLUMNS} FROM note AS n WHERE n.id = ?", plain(note_id))
    if row is None:
        raise NotFoundError(N_("There is no such note; somebody may have deleted it."))
    return _note(row)


async def _writable(tx: Transaction, actor: Actor, note_id: str) -> Note:
    one = await _found(tx, note_id)
    if one.author != actor.id and not actor.may("notes.moderate"):
        raise ForbiddenError(N_("This note is %(name)s's; only who wrote it can change it."), name=one.author_name)
    return one
