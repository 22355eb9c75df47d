"""What people say of calls: notes while they talk, the result afterwards, and the task that follows from it.

The result, its note and its follow-up are one transaction. Each is part of what is about the call in the timeline, and
travels with the call when it becomes part of another. Neighbours: ``dispositions`` has what there is to choose,
``notes`` the texts, ``part`` who may; ``events`` tells the end of a wrap-up.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crm_core.audit.service import Audit
from crm_core.contacts import index
from crm_core.results import notes
from crm_core.results.dispositions import Dispositions, path_in
from crm_core.results.events import CallNoteSaved, ResultSaved
from crm_core.results.model import CallNote, CallResult, Disposition, Said, call_result
from crm_core.results.notes import NoteDraft
from crm_core.results.part import MAY_READ, MAY_SAY, CallPart, Calls
from crm_core.tasks.model import TaskDraft
from crm_core.tasks.service import Tasks
from crm_core.timeline import store as entries
from crm_core.timeline.kinds.result import ResultFacts
from crm_core.timeline.model import Entry, found_under, of_call
from crm_core.timeline.service import Timeline
from crm_core.users.service import Users
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, InvalidError

MOST_CALLS = 5_000
"""Calls of one result that a list can be narrowed to."""
_COLUMNS = "call, user_id, user_name, disposition, task, saved_at"
_WRITE = (
    " ON CONFLICT (call, user_id) DO UPDATE SET user_name = excluded.user_name, disposition = excluded.disposition,"
    " task = excluded.task, saved_at = excluded.saved_at"
)


class ResultDraft(msgspec.Struct, frozen=True, kw_only=True):
    """``note``: as it shall be; None: as it is. ``task``: what follows; its call is this one."""

    disposition: str
    note: str | None = None
    task: TaskDraft | None = None


class CallResults:
    def __init__(
        self, database: Database, clock: Clock, audit: Audit, timeline: Timeline, dispositions: Dispositions,
        tasks: Tasks, users: Users, calls: Calls,
    ) -> None:  # fmt: skip
        self._database, self._clock, self._audit, self._timeline = database, clock, audit, timeline
        self._dispositions, self._tasks, self._users, self._calls = dispositions, tasks, users, calls

    # ---- notes ------------------------------------------------------------------------------------------------------

    async def write_note(self, actor: Actor, call_id: str, draft: NoteDraft) -> CallNote:
        """Save what the actor types about a call that he had a part in; with calls.view_all, about any.

        ConflictError: he has written more in another window. NotFoundError, ForbiddenError, InvalidError.
        """
        part = await self._calls.may_say(actor, call_id)
        async with self._database.transaction() as tx:
            return notes.seen(await self._write_note(tx, actor, part, draft), actor)

    async def notes_of(self, actor: Actor, call_id: str) -> tuple[CallNote, ...]:
        """What everybody typed about a call, and the actor himself, in the order in which they began."""
        part = await self._calls.may_read(actor, call_id)
        async with self._database.read() as reader:
            return tuple(notes.seen(one, actor) for one in await notes.of_calls(reader, [part.record.id]))

    async def part(self, actor: Actor, call_id: str) -> CallPart:
        """A call of which the actor may say how it came out. NotFoundError, ForbiddenError."""
        return await self._calls.may_say(actor, call_id)

    async def _write_note(self, tx: Transaction, actor: Actor, part: CallPart, draft: NoteDraft) -> CallNote:
        call, now = part.record.id, self._clock.now()
        saved, news = await notes.write(tx, actor, call, draft, now)
        if news:
            tx.publish(CallNoteSaved(actor.id, call, now))
            await self._tell(tx, call, actor.id)
        return saved

    # ---- results ----------------------------------------------------------------------------------------------------

    async def save(self, actor: Actor, call_id: str, draft: ResultDraft) -> CallResult:
        """Say how a call came out, and give the task that follows. Said again it replaces what the actor said before.

        For who had a part in it, or with calls.view_all. InvalidError: no such result, a note that has to be written.
        """
        part = await self._calls.may_say(actor, call_id)
        chosen = await self._chosen(draft.disposition)
        users = await self._users.directory(actor) if draft.task is not None else ()
        call, now = part.record.id, self._clock.now()
        async with self._database.transaction() as tx:
            if draft.note is not None:
                await self._write_note(tx, actor, part, NoteDraft(text=draft.note))
            await self._require_note(tx, actor, call, chosen)
            before = (await _of_calls(tx, [call])).get((call, actor.id))
            task = before and before[4]
            if draft.task is not None:
                about = msgspec.structs.replace(draft.task, call=call)
                task = (await self._tasks.create_in(tx, actor, about, users)).id
            row = (call, actor.id, actor.name, chosen[-1].id, task, now)
            await tx.insert(call_result, [row], end=_WRITE)
            await self._tell(tx, call, actor.id)
            subjects, attached = await entries.subjects_of_call(tx, call)
            entries.tell(tx, found_under(subjects, attached), now)
            await self._audit.note(tx, actor, "changed", "call", call, {"disposition": chosen[-1].label("en")})
            tx.publish(ResultSaved(actor.id, call, chosen[-1].id, now))
        return CallResult(call, actor.id, actor.name, chosen[-1].id, chosen, task, now)

    async def _chosen(self, disposition_id: str) -> tuple[Disposition, ...]:
        path = await self._dispositions.path(disposition_id)
        if not path or not all(one.active for one in path):
            raise InvalidError(N_("There is no such result, or it is out of use; choose another."), at="disposition")
        return path

    async def _require_note(self, tx: Transaction, actor: Actor, call: str, chosen: Sequence[Disposition]) -> None:
        if not any(one.needs_note for one in chosen):
            return
        row = await tx.one("SELECT text FROM call_note WHERE call = ? AND user_id = ?", call, actor.id)
        if row is None or not row[0].strip():
            raise InvalidError(N_("This result needs a note: write what it was about."), at="note")

    async def of_call(self, actor: Actor, call_id: str) -> Said:
        """What people said of a call that the actor may see. NotFoundError."""
        part = await self._calls.may_read(actor, call_id)
        return (await self.of_calls(actor, [part.record.id])).get(part.record.id, Said(part.record.id))

    async def of_calls(self, actor: Actor, calls: Sequence[str]) -> dict[str, Said]:
        """By the id of the call, where there is something; for who shows calls that the actor sees."""
        actor.require_any(*MAY_READ, "contacts.view")
        known = await self._dispositions.known()
        async with self._database.read() as reader:
            rows = await _of_calls(reader, calls) if calls else {}
            written = await notes.of_calls(reader, calls) if calls else []
        found: dict[str, tuple[list[CallResult], list[CallNote]]] = {}
        for row in sorted(rows.values(), key=lambda row: row[5], reverse=True):
            found.setdefault(row[0], ([], []))[0].append(_result(row, known))
        for one in written:
            found.setdefault(one.call, ([], []))[1].append(notes.seen(one, actor))
        return {call: Said(call, tuple(results), tuple(texts)) for call, (results, texts) in found.items()}

    async def calls_with(self, actor: Actor, disposition: str, since: float = 0.0) -> tuple[str, ...]:
        """The calls of which somebody said this, or a detail of it, since a moment: at most ``MOST_CALLS``, the newest.
        For who narrows a list of calls that the actor may see."""
        actor.require_any(*MAY_READ)
        known = await self._dispositions.known()
        ids = [one for one in known if any(part.id == disposition for part in path_in(known, one))]
        sql = (
            "SELECT DISTINCT call, saved_at FROM call_result WHERE disposition IN (?)"
            f" AND saved_at >= {float(since)!r} ORDER BY saved_at DESC LIMIT {MOST_CALLS}"
        )
        async with self._database.read() as reader:
            rows = await reader.fetch_in(sql, ids) if ids else ()
        return tuple(dict.fromkeys(row[0] for row in rows))

    async def counts(self, actor: Actor, since: float, until: float) -> dict[str, int]:
        """How often the actor himself chose which result (by its id) in this time."""
        actor.require_any(*MAY_SAY)
        sql = (
            "SELECT disposition, count(*) FROM call_result WHERE user_id = ? AND saved_at >= ? AND saved_at < ?"
            " GROUP BY disposition"
        )
        async with self._database.read() as reader:
            return {row[0]: int(row[1]) for row in await reader.fetch(sql, actor.id, since, until)}

    # ---- with the call ----------------------------------------------------------------------------------------------

    async def follow(self, tx: Transaction, gone: str, into: str) -> None:
        """A call became part of another: what was said of it was said of that one."""
        rows = await _of_calls(tx, [gone, into])
        written = {one.user for one in await notes.of_calls(tx, [gone])}
        people = {user for call, user in rows if call == gone} | written
        if not people:
            return
        await notes.follow(tx, gone, into)
        for (call, user), row in rows.items():
            later = rows.get((into, user))
            if call == gone and (later is None or later[5] < row[5]):
                await tx.insert(call_result, [(into, *row[1:])], end=_WRITE)
        await tx.execute("DELETE FROM call_result WHERE call = ?", gone)
        for user in sorted(people):
            await self._timeline.drop(tx, "result", f"{gone}:{user}")
            await index.forget_text(tx, "call_note", f"{gone}:{user}")
            await self._tell(tx, into, user)

    async def _tell(self, tx: Transaction, call: str, user: str) -> None:
        """What this user said of the call, as an entry of what is about it."""
        row = (await _of_calls(tx, [call])).get((call, user))
        note = next((one for one in await notes.of_calls(tx, [call]) if one.user == user), None)
        if row is None and note is None:
            await self._timeline.drop(tx, "result", f"{call}:{user}")
            await index.forget_text(tx, "call_note", f"{call}:{user}")
            return
        name = row[2] if row is not None else note.user_name if note is not None else ""
        facts = ResultFacts(by=name, note=note.text if note is not None else "")
        if row is not None:
            facts = _told(facts, _result(row, await self._dispositions.known()))
        moments = [row[5]] if row is not None else []
        at = min([*moments, note.began_at] if note is not None else moments)
        await self._timeline.put(tx, Entry("result", f"{call}:{user}", at, (of_call(call),), facts, user))
        if note is None:
            await index.forget_text(tx, "call_note", f"{call}:{user}")
        else:
            await index.search_text(tx, "call_note", f"{call}:{user}", "", note.text, note.began_at, call)


def _told(facts: ResultFacts, result: CallResult) -> ResultFacts:
    last = result.path[-1] if result.path else None
    return msgspec.structs.replace(
        facts,
        disposition=result.disposition,
        fa=tuple(one.label("fa") for one in result.path),
        en=tuple(one.label("en") for one in result.path),
        shape=last.shape if last else "",
        tone=last.tone if last else "",
        task=result.task,
    )


_Row = tuple[str, str, str, str, str | None, float]


async def _of_calls(reader: Reader, calls: Sequence[str]) -> dict[tuple[str, str], _Row]:
    rows = await reader.fetch_in(f"SELECT {_COLUMNS} FROM call_result WHERE call IN (?)", calls)
    return {(row[0], row[1]): (row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows}


def _result(row: _Row, known: dict[str, Disposition]) -> CallResult:
    call, user, name, disposition, task, at = row
    return CallResult(call, user, name, disposition, path_in(known, disposition), task, at)
