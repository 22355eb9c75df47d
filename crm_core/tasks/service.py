"""Tasks: given, changed, done, opened again, taken away; one's own list, a contact's, a team's.

Neighbours: ``due`` reads dates, ``crm_core.timeline`` shows in streams that a task was made and that it was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.contacts.store import survivor
from crm_core.tasks.due import checked_moment, end_of_day
from crm_core.tasks.events import TaskChanged
from crm_core.tasks.listing import COLUMNS, select, task_of, text_of
from crm_core.tasks.model import NEVER, Task, TaskDraft, TaskFilter, task
from crm_core.timeline.about import checked_call, require_party, subjects_for
from crm_core.timeline.kinds.task import TaskFacts
from crm_core.timeline.model import Entry
from crm_core.timeline.service import Timeline
from crm_core.users.account import UserRef
from crm_core.users.service import Users
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page, read_cursor, write_cursor
from cti.live.masking import mask_in

LONGEST_TITLE = 200
LONGEST_TEXT = 10_000
LARGEST_PAGE = 200
_UPDATE = f"UPDATE task SET {', '.join(f'{name} = ?' for name in task.columns.keys()[1:])} WHERE id = ?"


class Tasks:
    def __init__(
        self, database: Database, clock: Clock, audit: Audit, timeline: Timeline, users: Users, zone: ZoneInfo
    ) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self._timeline, self._users, self._zone = timeline, users, zone

    # ---- writing ----------------------------------------------------------------------------------------------------

    async def create(self, actor: Actor, draft: TaskDraft) -> Task:
        """A new task, one's own or given to a colleague. Needs tasks.use.

        InvalidError, naming the field (``values["at"]``). NotFoundError: no such contact.
        """
        actor.require("tasks.use")
        users = await self._users.directory(actor)
        async with self._database.transaction() as tx:
            return await self.create_in(tx, actor, draft, users)

    async def create_in(self, tx: Transaction, actor: Actor, draft: TaskDraft, users: Sequence[UserRef]) -> Task:
        """As ``create``, in a transaction of whoever has more to write. ``users``: the directory."""
        actor.require("tasks.use")
        now = self._clock.now()
        blank = Task(new_id(now), "", "", actor.id, actor.name, None, None, None, None, now, actor.id, actor.name)
        made = await self._written(tx, blank, draft, users)
        if not made.title:
            raise InvalidError(N_("Say what is to be done."), at="title")
        await tx.insert(task, [_row(made)])
        await self._tell(tx, made)
        tx.publish(TaskChanged(made, actor.id, given=made.owner != actor.id))
        await self._audit.note(tx, actor, "created", "task", made.id, {"title": made.title, "owner": made.owner})
        return made

    async def change(self, actor: Actor, task_id: str, draft: TaskDraft) -> Task:
        """Whose task it is, who gave it, and who has tasks.view_all may change it. Raises as ``create``."""
        actor.require("tasks.use")
        users = await self._users.directory(actor)
        async with self._database.transaction() as tx:
            before = await self._writable(tx, actor, task_id)
            after = await self._written(tx, before, draft, users)
            if after == before:
                return before
            await self._save(tx, actor, before, after, given=after.owner not in (before.owner, actor.id))
        return after

    async def done(self, actor: Actor, task_id: str, done: bool = True) -> Task:
        """It is done, or (False) is to be done after all. Said again, nothing happens."""
        actor.require("tasks.use")
        async with self._database.transaction() as tx:
            before = await self._writable(tx, actor, task_id)
            if before.open != done:
                return before
            at, name = (self._clock.now(), actor.name) if done else (None, "")
            after = msgspec.structs.replace(before, done_at=at, done_by_name=name)
            await self._save(tx, actor, before, after)
        return after

    async def delete(self, actor: Actor, task_id: str) -> None:
        """Take it away, with its entries; the audit trail keeps it."""
        actor.require("tasks.use")
        async with self._database.transaction() as tx:
            gone = await self._writable(tx, actor, task_id)
            await tx.execute("DELETE FROM task WHERE id = ?", gone.id)
            for event in ("made", "done"):
                await self._timeline.drop(tx, "task", f"{gone.id}:{event}")
            detail = {"title": gone.title, "text": gone.text, "owner": gone.owner, "party": gone.party}
            await self._audit.note(tx, actor, "deleted", "task", gone.id, detail)
            tx.publish(TaskChanged(gone, actor.id, deleted=True))

    async def follow(self, tx: Transaction, gone: str, into: str) -> None:
        """A call became part of another: its tasks are about that one now."""
        rows = await tx.fetch(f"SELECT {COLUMNS} FROM task WHERE call = ?", gone)
        await tx.execute("UPDATE task SET call = ? WHERE call = ?", into, gone)
        for row in rows:
            await self._tell(tx, msgspec.structs.replace(task_of(row), call=into))

    async def forget(self, tx: Transaction, parties: Sequence[str]) -> None:
        """These parties (ids) are purged: what is to be done still is, but about nobody."""
        rows = await tx.fetch_in(f"SELECT {COLUMNS} FROM task WHERE party IN (?)", parties)
        for row in rows:
            freed = msgspec.structs.replace(task_of(row), party=None)
            await tx.execute("UPDATE task SET party = NULL WHERE id = ?", freed.id)
            await self._tell(tx, freed)

    async def _written(self, tx: Transaction, before: Task, draft: TaskDraft, users: Sequence[UserRef]) -> Task:
        """``before`` as ``draft`` changes it."""
        given = {name: value for name, value in msgspec.structs.asdict(draft).items() if value is not UNSET}
        for name, most in (("title", LONGEST_TITLE), ("text", LONGEST_TEXT)):
            if name in given:
                given[name] = text_of(given[name], most, name)
        if "owner" in given:
            given["owner_name"] = _owner(users, given["owner"]).name
        if given.get("party") is not None:
            given["party"] = await survivor(tx, given["party"].replace("\0", ""))
            await require_party(tx, given["party"])
        if given.get("call") is not None:
            checked_call(given["call"])
        after = msgspec.structs.replace(before, **given | self._due(draft))
        if not after.title:
            raise InvalidError(N_("Say what is to be done."), at="title")
        return after

    def _due(self, draft: TaskDraft) -> dict[str, Any]:
        if draft.due_day is not UNSET and draft.due_day is not None:
            return {"due_at": end_of_day(draft.due_day, self._zone), "due_day": draft.due_day}
        if draft.due_at is not UNSET and draft.due_at is not None:
            return {"due_at": checked_moment(draft.due_at), "due_day": None}
        cleared = draft.due_at is None or draft.due_day is None
        return {"due_at": None, "due_day": None} if cleared else {}

    async def _save(self, tx: Transaction, actor: Actor, before: Task, after: Task, given: bool = False) -> None:
        row = _row(after)
        await tx.execute(_UPDATE, *row[1:], row[0])
        await self._tell(tx, after)
        tx.publish(TaskChanged(after, actor.id, given=given))
        was, now = (msgspec.structs.asdict(one) for one in (before, after))
        await self._audit.note(tx, actor, "changed", "task", after.id, changes(was, now))

    async def _tell(self, tx: Transaction, one: Task) -> None:
        """That it was made, and that it was done, are entries of whom it is about."""
        if one.party is None and one.call is None:
            for event in ("made", "done"):
                await self._timeline.drop(tx, "task", f"{one.id}:{event}")
            return
        subjects = await subjects_for(tx, one.party, one.call)
        facts = TaskFacts(
            one.id, "made", one.title, one.made_by_name, one.owner_name, one.due_at, one.due_day, one.open
        )
        await self._timeline.put(tx, Entry("task", f"{one.id}:made", one.made_at, subjects, facts, one.made_by))
        if one.done_at is None:
            await self._timeline.drop(tx, "task", f"{one.id}:done")
            return
        done = msgspec.structs.replace(facts, event="done", by=one.done_by_name)
        await self._timeline.put(tx, Entry("task", f"{one.id}:done", one.done_at, subjects, done))

    async def _writable(self, tx: Transaction, actor: Actor, task_id: str) -> Task:
        row = await tx.one(f"SELECT {COLUMNS} FROM task WHERE id = ?", task_id.replace("\0", ""))
        if row is None:
            raise NotFoundError(N_("There is no such task; somebody may have deleted it."))
        one = task_of(row)
        if actor.id not in (one.owner, one.made_by) and not actor.may("tasks.view_all"):
            raise ForbiddenError(N_("This task is %(name)s's."), name=one.owner_name)
        return one

    # ---- reading ----------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, task_id: str) -> Task:
        """One's own, one that one gave, one about a contact for who may see contacts. NotFoundError."""
        actor.require("tasks.use")
        async with self._database.read() as reader:
            row = await reader.one(f"SELECT {COLUMNS} FROM task WHERE id = ?", task_id.replace("\0", ""))
        one = None if row is None else task_of(row)
        if one is None or not _visible(one, actor):
            raise NotFoundError(N_("There is no such task; somebody may have deleted it."))
        return _seen(one, actor)

    async def page(self, actor: Actor, wanted: TaskFilter, cursor: str | None = None, limit: int = 50) -> Page[Task]:
        """Open ones by when they are due, done ones by when they were done, the newest first.

        Needs tasks.use; a party's or a call's also contacts.view; others' and a team's tasks.view_all, and without it
        one gets one's own and those that one gave.
        """
        actor.require("tasks.use")
        limit = max(1, min(limit, LARGEST_PAGE))
        about = wanted.party is not None or wanted.call is not None
        if about:
            actor.require("contacts.view")
        if wanted.team is not None:
            actor.require("tasks.view_all")
        own = None if about or actor.may("tasks.view_all") else actor.id
        after = None if cursor is None else read_cursor(cursor, tuple[int, float, str])
        members = await self._members(actor, wanted.team)
        async with self._database.read() as reader:
            rows = await reader.core(await select(reader, wanted, own, members, after, limit + 1))
        found = tuple(_seen(task_of(row), actor) for row in rows[:limit])
        more = write_cursor(int(found[-1].open), _due_sort(found[-1]), found[-1].id) if len(rows) > limit else None
        return Page(found, more)

    async def _members(self, actor: Actor, team: str | None) -> list[str] | None:
        if team is None:
            return None
        return [user.id for user in await self._users.directory(actor) if team in user.teams]


def _owner(users: Sequence[UserRef], user_id: str) -> UserRef:
    found = next((user for user in users if user.id == user_id and user.active), None)
    if found is None:
        raise InvalidError(N_("There is no such colleague, or he is switched off."), at="owner")
    return found


def _due_sort(one: Task) -> float:
    if one.done_at is not None:
        return -one.done_at
    return NEVER if one.due_at is None else one.due_at


def _row(one: Task) -> tuple[Any, ...]:
    return (*msgspec.structs.astuple(one), _due_sort(one), one.open)


def _visible(one: Task, actor: Actor) -> bool:
    about = one.party is not None or one.call is not None
    mine = actor.id in (one.owner, one.made_by)
    return mine or actor.may("tasks.view_all") or (about and actor.may("contacts.view"))


def _seen(one: Task, actor: Actor) -> Task:
    if actor.may("numbers.view") or one.made_by == actor.id:
        return one
    return msgspec.structs.replace(one, title=mask_in(one.title), text=mask_in(one.text))
