"""Who saw, changed, exported or listened to what, when and from where: written as it happens, never changed.

What changes something is noted in the very transaction that changes it (``note``, ``note_many``); what was merely
looked at is collected and written in groups (``saw``). Neighbours: ``model`` has the table, ``detail`` says what of a
change is kept; every feature that changes a record calls ``note``, ``web`` shows the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from crm_core.audit.detail import clean, encoded, masked
from crm_core.audit.model import audit
from crm_core.audit.ordered import Ordered, first_of, moment_of
from cti.kernel.actor import Actor, ActorKind
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction, left_for_later
from cti.kernel.paging import Page, read_cursor, write_cursor

log = logging.getLogger(__name__)

AGAIN_SECONDS = 600.0
"""The same thing seen again by the same session within this time is one look."""
FLUSH_SECONDS = 1.0
MOST_WAITING = 20_000
"""Looks that wait for a database that is down; more are counted, and the count is written."""
MOST_REMEMBERED = 20_000
LARGEST_PAGE = 500
PATIENCE_SECONDS, FURTHER_SECONDS = 0.3, 1.0
"""So long a page is looked for, the first and those after: a text has no index, so a page may end before it is full,
to be gone on from there."""
FIRST_STRIDE, LONGEST_STRIDE = 2_000, 32_000
"""Entries that are looked through for a text in one query."""

ACTIONS: tuple[str, ...] = (
    "created",
    "changed",
    "deleted",
    "restored",
    "purged",
    "merged",
    "unmerged",
    "saw",
    "exported",
    "imported",
    "reverted",
    "listened",
    "paused",
    "monitor-listen",
    "monitor-whisper",
    "monitor-barge",
    "signed-in",
    "signed-out",
    "refused",
    "ended",
    "took-over",
    "put-first",
    "moved",
    "supervised",
    "wrote",
)
"""Those that have words in every language; others are shown as they are."""


class AuditEntry(msgspec.Struct, frozen=True):
    """One thing that somebody did. ``at``: epoch seconds. ``origin``: the network address, empty for the product
    itself. ``record``: the id of the thing, of ``kind`` (contact, call, user …). ``detail``: what ``note`` was given;
    ``changed`` in it maps a field to [before, after]."""

    id: str
    at: float
    actor: str
    actor_name: str
    actor_kind: ActorKind
    session: str
    origin: str
    action: str
    kind: str
    record: str
    detail: dict[str, Any] | None = None


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; a field left None does not narrow, all narrow together. ``actor``: a user's id. ``start`` is
    inclusive, ``end`` exclusive (epoch seconds). ``text``: part of a name, an id, an address or of what changed."""

    actor: str | None = None
    action: str | None = None
    kind: str | None = None
    id: str | None = None
    start: float | None = None
    end: float | None = None
    text: str | None = None


Looked = tuple[str, str, str, str]
Row = tuple[Any, ...]
Found = tuple[list[Row], str | None]


class Audit:
    """``run`` has to run (or ``flush`` be called) for what ``saw`` notes to be written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._ids = Ordered()
        self._waiting: list[tuple[Any, ...]] = []
        self._looks: dict[Looked, float] = {}
        self._dropped = 0
        self._writing = asyncio.Lock()

    async def note(
        self, tx: Transaction, actor: Actor, action: str, kind: str, id: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Note in ``tx`` what ``actor`` does. ``detail``: plain JSON values; ``changes(before, after)`` makes those of
        a change. Passwords and other secrets do not belong in it."""
        await tx.insert(audit, [self._row(actor, action, kind, id, encoded(detail))])

    async def note_many(self, tx: Transaction, actor: Actor, action: str, kind: str, ids: Iterable[str]) -> None:
        """Note in ``tx`` the same of many, in one statement."""
        who = _who(actor)
        rows = [(self._ids.next(at := self._clock.now()), at, *who, action, kind, clean(id_), None) for id_ in ids]
        await tx.insert(audit, rows)

    async def did(self, actor: Actor, action: str, kind: str, id: str, detail: Mapping[str, Any] | None = None) -> None:
        """As ``note``, for what changes nothing in the database (an export that begins, a refusal)."""
        async with self._database.transaction() as tx:
            await self.note(tx, actor, action, kind, id, detail)

    def saw(self, actor: Actor, kind: str, id: str) -> None:
        """``actor`` was shown this. Written within a second; never fails, never waits."""
        if actor.kind == "system":
            return
        look, now = (actor.id, actor.session, kind, id), self._clock.monotonic()
        if now - self._looks.get(look, float("-inf")) < AGAIN_SECONDS:
            return
        self._remember(look, now)
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            return
        self._waiting.append(self._row(actor, "saw", kind, id, None))

    async def run(self) -> None:
        """Write what was seen, for as long as the product runs."""
        while True:
            await self._clock.sleep(FLUSH_SECONDS)
            with left_for_later(log, "what was looked at is kept"):
                await self.flush()

    async def flush(self) -> None:
        """Write now what waits. Raises what the database raises; nothing is then lost."""
        async with self._writing:
            rows = self._waiting[:]
            if rows or self._dropped:
                async with self._database.transaction() as tx:
                    await tx.insert(audit, rows)
                del self._waiting[: len(rows)]
            if self._dropped:
                log.error("audit: %d looks were not noted, the database was down for too long", self._dropped)
                self._dropped = 0

    async def page(
        self, actor: Actor, wanted: AuditFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[AuditEntry]:
        """Newest first. Needs audit.view; who lacks numbers.view sees numbers masked. InvalidError: a bad cursor.

        With a ``text`` a page may have fewer entries than asked for, or none, and still a ``next``: the search goes on
        from there (``back_to`` says how far it has come). Only without ``next`` it is at the end.
        """
        actor.require("audit.view")
        limit = max(1, min(limit, LARGEST_PAGE))
        before = None if cursor is None else clean(read_cursor(cursor, tuple[str])[0])
        async with self._database.read() as reader:
            if wanted.text:
                rows, more = await self._searched(reader, wanted, before, limit)
            else:
                rows = list(await reader.core(_newest(wanted, before, limit + 1)))
                more = rows[limit - 1][0] if len(rows) > limit else None
        whole = actor.may("numbers.view")
        return Page(tuple(_entry(row, whole) for row in rows[:limit]), None if more is None else write_cursor(more))

    async def _searched(self, reader: Reader, wanted: AuditFilter, before: str | None, limit: int) -> Found:
        """Stride by stride back in time, as long as patience lasts; and the id to go on from, None at the end."""
        found: list[Row] = []
        patience = PATIENCE_SECONDS if before is None else FURTHER_SECONDS
        until, stride = self._clock.monotonic() + patience, FIRST_STRIDE
        while True:
            began = self._clock.monotonic()
            last = await reader.core(_nth(wanted, before, stride))
            floor = str(last[0][0]) if last else None
            says = _says(wanted.text or "", reader.dialect)
            found += await reader.core(_between(wanted, before, floor, limit + 1 - len(found)).where(says))
            if len(found) > limit:
                return found, str(found[limit - 1][0])
            now = self._clock.monotonic()
            if floor is None or now > until:
                return found, floor
            before = floor
            if now - began < PATIENCE_SECONDS / 8:
                stride = min(stride * 2, LONGEST_STRIDE)

    def _row(self, actor: Actor, action: str, kind: str, id_: str, detail: str | None) -> tuple[Any, ...]:
        at = self._clock.now()
        return (self._ids.next(at), at, *_who(actor), action, kind, clean(id_), detail)

    def _remember(self, look: Looked, now: float) -> None:
        self._looks.pop(look, None)  # to the end, so that the oldest is first
        self._looks[look] = now
        if len(self._looks) > MOST_REMEMBERED:
            del self._looks[next(iter(self._looks))]


def _who(actor: Actor) -> tuple[str, str, str, str, str]:
    return clean(actor.id), clean(actor.name), actor.kind, clean(actor.session), clean(actor.origin)


def back_to(cursor: str) -> float | None:
    """The moment (epoch seconds) to which a search has come that goes on at ``cursor``."""
    return moment_of(read_cursor(cursor, tuple[str])[0])


def _newest(wanted: AuditFilter, before: str | None, count: int) -> sa.Select[*tuple[Any, ...]]:
    statement = sa.select(*audit.c).where(*_conditions(wanted), *_before(before))
    return statement.order_by(audit.c.id.desc()).limit(count)


def _nth(wanted: AuditFilter, before: str | None, count: int) -> sa.Select[tuple[str]]:
    """The id of the last of so many entries, whatever their text."""
    statement = sa.select(audit.c.id).where(*_conditions(wanted), *_before(before))
    return statement.order_by(audit.c.id.desc()).offset(count - 1).limit(1)


def _between(wanted: AuditFilter, before: str | None, floor: str | None, count: int) -> sa.Select[*tuple[Any, ...]]:
    """From ``before`` down to ``floor``, that one too."""
    statement = _newest(wanted, before, count)
    return statement if floor is None else statement.where(audit.c.id >= floor)


def _before(id_: str | None) -> list[sa.ColumnElement[bool]]:
    return [] if id_ is None else [audit.c.id < id_]


def _says(text: str, dialect: str) -> sa.ColumnElement[bool]:
    """Latin letters large and small are one; on PostgreSQL without its collations, which take most of the time."""
    part = clean(text).lower()
    where = (audit.c.detail, audit.c.record, audit.c.actor_name, audit.c.origin)
    plain = [sa.collate(column, "C") if dialect == "postgresql" else column for column in where]
    return sa.or_(*(sa.func.lower(column).contains(part, autoescape=True) for column in plain))


def _conditions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    exact = (("actor", wanted.actor), ("action", wanted.action), ("kind", wanted.kind), ("record", wanted.id))
    found: list[sa.ColumnElement[bool]] = [audit.c[name] == clean(value) for name, value in exact if value is not None]
    if wanted.start is not None:
        found.append(audit.c.id >= first_of(wanted.start))
    if wanted.end is not None:
        found.append(audit.c.id < first_of(wanted.end))
    return found


def _entry(row: tuple[Any, ...], whole: bool) -> AuditEntry:
    entry = AuditEntry(*row[:10])
    if row[10] is None:
        return entry
    detail = msgspec.json.decode(row[10], type=dict[str, Any])
    return msgspec.structs.replace(entry, detail=detail if whole else masked(detail))
