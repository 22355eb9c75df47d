"""Files: added, listed, given back, deleted (the trail stays). Each is an entry of the timeline.

Neighbours: ``content`` keeps the bytes, ``sniff`` and ``names`` believe nothing, ``web`` carries uploads and downloads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts.store import family, survivor
from crm_core.files.content import Contents, Upload
from crm_core.files.model import File, file
from crm_core.files.names import cleaned
from crm_core.files.sniff import media_of
from crm_core.timeline.about import subjects_for
from crm_core.timeline.kinds.file import FileFacts
from crm_core.timeline.model import Entry
from crm_core.timeline.service import Timeline
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page, read_cursor, write_cursor
from cti.live.masking import mask_in

MEGABYTE = 1_000_000
LARGEST_PAGE = 200
_COLUMNS = ", ".join(file.columns.keys())
_LOCK = 0xF11E


class Files:
    """``folder``: where contents lie. ``largest`` and ``room``: bytes that one file, and all together, may have; a
    ``room`` of 0 is no limit."""

    def __init__(
        self, database: Database, clock: Clock, audit: Audit, timeline: Timeline,
        folder: Path, largest: int = 25 * MEGABYTE, room: int = 0,
    ) -> None:  # fmt: skip
        self._database, self._clock, self._audit, self._timeline = database, clock, audit, timeline
        self._contents, self.largest, self._room = Contents(folder), largest, room
        self._turn = asyncio.Lock()

    # ---- writing ----------------------------------------------------------------------------------------------------

    async def begin(self, actor: Actor, party: str | None = None, call: str | None = None) -> Upload:
        """A file that is about to come in, refused before its bytes are. Needs contacts.edit.

        InvalidError: about nothing, or all files together are too large. NotFoundError: no such party.
        """
        actor.require("contacts.edit")
        async with self._database.read() as reader:
            await subjects_for(reader, party, call)
            await self._require_room(reader, 1)
        return self._contents.incoming(new_id(self._clock.now()), self.largest)

    async def add(
        self, actor: Actor, upload: Upload, name: str, party: str | None = None, call: str | None = None
    ) -> File:
        """Keep a file that has come in whole. Raises as ``begin``."""
        actor.require("contacts.edit")
        if not upload.size:
            raise InvalidError(N_("This file is empty."), at="file")
        now = self._clock.now()
        async with self._turn, self._database.transaction() as tx:
            await tx.lock(_LOCK)
            party = None if party is None else await survivor(tx, party.replace("\0", ""))
            subjects = await subjects_for(tx, party, call)
            await self._require_room(tx, upload.size)
            await upload.place(self._contents.path(upload.digest))
            added = File(
                new_id(now), cleaned(name), upload.size, media_of(upload.head), upload.digest,
                party, call, actor.id, actor.name, now,
            )  # fmt: skip
            await tx.insert(file, [msgspec.structs.astuple(added)])
            await self._timeline.put(tx, _entry(added, subjects))
            detail = {"name": added.name, "size": added.size, "digest": added.digest, "party": party, "call": call}
            await self._audit.note(tx, actor, "created", "file", added.id, detail)
        return added

    async def delete(self, actor: Actor, file_id: str) -> None:
        """Take the content away; that there was a file stays to be seen. One's own, or with contacts.delete anybody's.

        NotFoundError: there is none, or it is gone already.
        """
        actor.require("contacts.edit")
        async with self._turn, self._database.transaction() as tx:
            await tx.lock(_LOCK)
            gone = await _found(tx, file_id)
            if gone.deleted_at is not None:
                raise NotFoundError(N_("This file has been deleted."))
            if gone.author != actor.id and not actor.may("contacts.delete"):
                raise ForbiddenError(
                    N_("This file is %(name)s's; only who added it can delete it."), name=gone.author_name
                )
            gone = msgspec.structs.replace(gone, deleted_at=self._clock.now(), deleted_by=actor.name)
            sql = "UPDATE file SET deleted_at = ?, deleted_by = ? WHERE id = ?"
            await tx.execute(sql, gone.deleted_at, gone.deleted_by, gone.id)
            await self._timeline.put(tx, _entry(gone, await subjects_for(tx, gone.party, gone.call)))
            await self._audit.note(tx, actor, "deleted", "file", gone.id, {"name": gone.name, "digest": gone.digest})
            sql = "SELECT id FROM file WHERE digest = ? AND deleted_at IS NULL LIMIT 1"
            last = await tx.one(sql, gone.digest) is None
        if last:  # after the commit: a row whose content is missing would be worse than a content that nobody has
            await self._forget(gone.digest)

    async def follow(self, tx: Transaction, gone: str, into: str) -> None:
        """A call became part of another: its files belong to that one now."""
        rows = await tx.fetch(f"SELECT {_COLUMNS} FROM file WHERE call = ?", gone)
        await tx.execute("UPDATE file SET call = ? WHERE call = ?", into, gone)
        for row in rows:
            moved = msgspec.structs.replace(File(*row), call=into)
            await self._timeline.put(tx, _entry(moved, await subjects_for(tx, moved.party, into)))

    async def forget(self, tx: Transaction, parties: Sequence[str]) -> None:
        """These parties (ids) are purged: of their files nothing is left in ``tx`` but where the contents lie, for
        ``sweep``. Their entries are the timeline's to take out."""
        await tx.lock(_LOCK)
        now = self._clock.now()
        await tx.execute_in(
            "UPDATE file SET party = NULL, call = NULL, name = '', author = '', author_name = '', deleted_by = '',"
            f" deleted_at = {now!r} WHERE party IN (?)",
            parties,
        )

    async def sweep(self) -> None:
        """Take away the contents of files that belong to nobody since a purge, and then what is left of the rows."""
        async with self._database.read() as reader:
            rows = await reader.fetch("SELECT id, digest FROM file WHERE party IS NULL AND call IS NULL")
        for id_, digest in rows:
            await self._forget(str(digest))
            async with self._database.transaction() as tx:
                await tx.execute("DELETE FROM file WHERE id = ? AND party IS NULL AND call IS NULL", id_)

    async def _forget(self, digest: str) -> None:
        async with self._turn, self._database.transaction() as tx:
            await tx.lock(_LOCK)
            sql = "SELECT id FROM file WHERE digest = ? AND deleted_at IS NULL LIMIT 1"
            if await tx.one(sql, digest) is None:
                await asyncio.to_thread(self._contents.remove, digest)

    async def _require_room(self, reader: Reader, size: int) -> None:
        if not self._room:
            return
        row = await reader.one("SELECT coalesce(sum(size), 0) FROM file WHERE deleted_at IS NULL")
        if row is not None and int(row[0]) + size > self._room:
            raise InvalidError(
                N_("There is no room for more files (%(most)s MB in all); delete some, or ask the administrator."),
                most=self._room // MEGABYTE, at="file",
            )  # fmt: skip

    # ---- reading ----------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, file_id: str) -> File:
        """Needs contacts.view. NotFoundError."""
        actor.require("contacts.view")
        async with self._database.read() as reader:
            return _seen(await _found(reader, file_id), actor)

    async def content(self, actor: Actor, file_id: str) -> tuple[File, Path]:
        """The file, and where its content is to be read; noted as seen. Needs contacts.view.

        NotFoundError: there is none, it was deleted, or its content is missing on the disk.
        """
        found = await self.get(actor, file_id)
        path = self._contents.path(found.digest)
        if found.deleted_at is not None:
            raise NotFoundError(N_("This file has been deleted."))
        if not await asyncio.to_thread(path.is_file):
            raise NotFoundError(N_("The content of this file is missing on the server; restore it from a backup."))
        self._audit.saw(actor, "file", found.id)
        return found, path

    async def page(
        self, actor: Actor, *, party: str | None = None, call: str | None = None,
        cursor: str | None = None, limit: int = 50,
    ) -> Page[File]:  # fmt: skip
        """Files of a party (and whoever was merged into it) or a call that are not deleted; the newest first."""
        actor.require("contacts.view")
        where, values = ["deleted_at IS NULL"], list[Any]()
        limit = max(1, min(limit, LARGEST_PAGE))
        async with self._database.read() as reader:
            if party is not None:
                ids = await family(reader, await survivor(reader, party.replace("\0", "")))
                where.append(f"party IN ({', '.join('?' * len(ids))})")
                values += ids
            if call is not None:
                where.append("call = ?")
                values.append(call.replace("\0", ""))
            if cursor is not None:
                where.append("id < ?")
                values.append(read_cursor(cursor, tuple[str])[0].replace("\0", ""))
            sql = f"SELECT {_COLUMNS} FROM file WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT {limit + 1}"
            files = [_seen(File(*row), actor) for row in await reader.fetch(sql, *values)]
        return Page(tuple(files[:limit]), write_cursor(files[limit - 1].id) if len(files) > limit else None)


def _entry(one: File, subjects: Sequence[str]) -> Entry:
    facts = FileFacts(one.name, one.size, one.media, one.author_name, one.call, one.deleted_at, one.deleted_by)
    return Entry("file", one.id, one.added_at, tuple(subjects), facts, one.author)


def _seen(one: File, actor: Actor) -> File:
    whole = actor.may("numbers.view") or one.author == actor.id
    return one if whole else msgspec.structs.replace(one, name=mask_in(one.name))


async def _found(reader: Reader, file_id: str) -> File:
    row = await reader.one(f"SELECT {_COLUMNS} FROM file WHERE id = ?", file_id.replace("\0", ""))
    if row is None:
        raise NotFoundError(N_("There is no such file."))
    return File(*row)
