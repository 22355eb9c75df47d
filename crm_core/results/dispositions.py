"""The results that there are to choose from: defined and put in order by an administrator, offered to agents.

A queue has a tree of its own, or it has that of all others (queue ``""``, also for direct calls). What was ever chosen
is never deleted: it is taken out of use and stays on the calls that have it. Neighbours: ``model`` has the tables,
``service`` saves what was chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.results.model import SHAPES, TONES, Branch, Disposition, Shape, Tone, disposition
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.kernel.ids import new_id

MANAGE = "results.manage"
MOST_LEVELS = 3
MOST_OF_A_QUEUE = 200
MOST_DAYS = 365
LONGEST_LABEL = 60
LONGEST_QUEUE = 200
KEYS = "123456789"
_COLUMNS = ", ".join(disposition.columns.keys())
_UPDATE = f"UPDATE disposition SET {', '.join(f'{name} = ?' for name in disposition.columns.keys()[1:])} WHERE id = ?"


class DispositionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator may write of a result. ``version``: the one that he saw, where that matters to him."""

    label_fa: str = ""
    label_en: str = ""
    shape: Shape = "check"
    tone: Tone = "neutral"
    needs_note: bool = False
    follow_up_days: int | None = None
    active: bool = True
    version: int | None = None


class Dispositions:
    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self._known: dict[str, Disposition] | None = None

    # ---- choosing ---------------------------------------------------------------------------------------------------

    async def offered(self, actor: Actor, queue: str = "") -> tuple[Branch, ...]:
        """What there is to choose from after a call of this queue (empty: none), in order."""
        actor.require()
        return await self.tree(queue)

    async def tree(self, queue: str = "", *, all_of_them: bool = False) -> tuple[Branch, ...]:
        """As ``offered``, for the product's own use; also what is out of use, if ``all_of_them``."""
        known = [one for one in (await self.known()).values() if one.active or all_of_them]
        own = [one for one in known if one.queue == queue] or [one for one in known if one.queue == ""]
        return _branches(own, None)

    async def known(self) -> dict[str, Disposition]:
        """Every disposition there ever was, by its id (for the product's own use)."""
        if self._known is None:
            async with self._database.read() as reader:
                self._known = await _all(reader)
        return self._known

    async def path(self, disposition_id: str) -> tuple[Disposition, ...]:
        """A disposition and what it is a detail of, the widest first; empty if there is none."""
        return path_in(await self.known(), disposition_id)

    # ---- administration ---------------------------------------------------------------------------------------------

    async def queues(self, actor: Actor) -> tuple[str, ...]:
        """The queues that have a tree of their own. Needs results.manage."""
        actor.require(MANAGE)
        return tuple(sorted({one.queue for one in (await self.known()).values() if one.queue}))

    async def of_queue(self, actor: Actor, queue: str) -> tuple[Branch, ...]:
        """The tree of this very queue, with what is out of use; empty if it has none. Needs results.manage."""
        actor.require(MANAGE)
        return _branches([one for one in (await self.known()).values() if one.queue == queue], None)

    async def create(
        self, actor: Actor, draft: DispositionDraft, queue: str = "", parent: str | None = None
    ) -> Disposition:
        """A new result, last in its order; with a ``parent`` a detail of that one. InvalidError, NotFoundError."""
        actor.require(MANAGE)
        _check(draft)
        async with self._database.transaction() as tx:
            known = await _all(tx)
            if parent is not None:
                queue = _found(known, parent).queue
                if len(path_in(known, parent)) >= MOST_LEVELS:
                    raise InvalidError(N_("Results have at most %(count)s levels."), count=MOST_LEVELS)
            beside = [one for one in known.values() if one.queue == _queue(queue)]
            if len(beside) >= MOST_OF_A_QUEUE:
                raise InvalidError(N_("At most %(count)s results; remove what nobody chooses."), count=MOST_OF_A_QUEUE)
            position = max((one.position for one in beside if one.parent == parent), default=-1) + 1
            made = Disposition(
                id=new_id(self._clock.now()), queue=_queue(queue), parent=parent, position=position, **_given(draft)
            )
            await tx.insert(disposition, [_row(made)])
            await self._audit.note(tx, actor, "created", "disposition", made.id, {"name": made.label("en")})
        self._known = None
        return made

    async def change(self, actor: Actor, disposition_id: str, draft: DispositionDraft) -> Disposition:
        """Its words, shape, tone, flags. ConflictError if somebody changed it since the version of the draft."""
        actor.require(MANAGE)
        _check(draft)
        async with self._database.transaction() as tx:
            before = _found(await _all(tx), disposition_id)
            if draft.version not in (None, before.version):
                raise ConflictError(N_("Somebody has changed this result meanwhile; look again."))
            after = msgspec.structs.replace(before, **_given(draft))
            if after == before:
                return before
            after = msgspec.structs.replace(after, version=before.version + 1)
            await _write(tx, after)
            was, now = (msgspec.structs.asdict(one) for one in (before, after))
            await self._audit.note(tx, actor, "changed", "disposition", before.id, changes(was, now))
        self._known = None
        return after

    async def move(self, actor: Actor, disposition_id: str, by: int) -> None:
        """One place up (-1) or down (+1) among those beside it; at the end it stays."""
        actor.require(MANAGE)
        async with self._database.transaction() as tx:
            known = await _all(tx)
            one = _found(known, disposition_id)
            order = [x for x in known.values() if (x.queue, x.parent) == (one.queue, one.parent)]
            at = order.index(one)
            order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
            for position, other in enumerate(order):
                if other.position != position:
                    await _write(tx, msgspec.structs.replace(other, position=position))
        self._known = None

    async def remove(self, actor: Actor, disposition_id: str) -> bool:
        """Delete it with its details; what a call has is taken out of use instead. True if it is gone."""
        actor.require(MANAGE)
        async with self._database.transaction() as tx:
            known = await _all(tx)
            gone = [_found(known, disposition_id), *_below(known, disposition_id)]
            ids = [one.id for one in gone]
            used = await tx.fetch_in("SELECT 1 FROM call_result WHERE disposition IN (?) LIMIT 1", ids)
            if used:
                for one in gone:
                    await _write(tx, msgspec.structs.replace(one, active=False, version=one.version + 1))
            else:
                await tx.execute_in("DELETE FROM disposition WHERE id IN (?)", ids)
            action = "changed" if used else "deleted"
            detail = {"active": [True, False]} if used else {"name": gone[0].label("en")}
            await self._audit.note(tx, actor, action, "disposition", disposition_id, detail)
        self._known = None
        return not used

    async def copy(self, actor: Actor, queue: str) -> None:
        """Give a queue a tree of its own, which begins as that of all others. ConflictError if it has one."""
        actor.require(MANAGE)
        if not _queue(queue):
            raise InvalidError(N_("Choose a queue."))
        async with self._database.transaction() as tx:
            known = await _all(tx)
            if any(one.queue == _queue(queue) for one in known.values()):
                raise ConflictError(N_("This queue has results of its own already."))
            common = [one for one in known.values() if one.queue == "" and one.active]
            ids = {one.id: new_id(self._clock.now()) for one in common}
            moved = {"queue": _queue(queue), "version": 1}
            copies = [
                msgspec.structs.replace(one, id=ids[one.id], parent=one.parent and ids.get(one.parent), **moved)
                for one in common
                if one.parent is None or one.parent in ids
            ]
            await tx.insert(disposition, [_row(one) for one in copies])
            await self._audit.note(tx, actor, "created", "disposition", queue[:64], {"name": queue})
        self._known = None


def path_in(known: dict[str, Disposition], disposition_id: str | None) -> tuple[Disposition, ...]:
    """A disposition and what it is a detail of, the widest first."""
    found: list[Disposition] = []
    while disposition_id is not None and (one := known.get(disposition_id)) is not None and len(found) < MOST_LEVELS:
        found.insert(0, one)
        disposition_id = one.parent
    return tuple(found)


def _branches(known: Sequence[Disposition], parent: str | None) -> tuple[Branch, ...]:
    level = [one for one in known if one.parent == parent]
    keys = KEYS if parent is None else ""
    return tuple(Branch(one, _branches(known, one.id), keys[n : n + 1]) for n, one in enumerate(level))


def _below(known: dict[str, Disposition], parent: str) -> list[Disposition]:
    children = [one for one in known.values() if one.parent == parent]
    return children + [below for one in children for below in _below(known, one.id)]


async def _all(reader: Reader) -> dict[str, Disposition]:
    """In their order."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM disposition ORDER BY queue, position, id")
    names = Disposition.__struct_fields__
    made = (msgspec.convert(dict(zip(names, row, strict=True)), Disposition, strict=False) for row in rows)
    return {one.id: one for one in made}


def _found(known: dict[str, Disposition], disposition_id: str) -> Disposition:
    one = known.get(disposition_id)
    if one is None:
        raise NotFoundError(N_("There is no such result."))
    return one


async def _write(tx: Transaction, one: Disposition) -> None:
    row = _row(one)
    await tx.execute(_UPDATE, *row[1:], row[0])


def _row(one: Disposition) -> tuple[Any, ...]:
    return msgspec.structs.astuple(one)


def _queue(name: str) -> str:
    """A queue's name as it is kept. InvalidError for one that is none."""
    name = name.strip()
    if len(name) > LONGEST_QUEUE or "\0" in name:
        raise InvalidError(N_("There is no such queue."))
    return name


def _given(draft: DispositionDraft) -> dict[str, Any]:
    given = msgspec.structs.asdict(draft)
    del given["version"]
    return given | {name: given[name].strip() for name in ("label_fa", "label_en")}


def _check(draft: DispositionDraft) -> None:
    labels = draft.label_fa.strip(), draft.label_en.strip()
    if not any(labels):
        raise InvalidError(N_("Give the result a name, in one language at least."), at="label_fa")
    if any(len(text) > LONGEST_LABEL or not text.replace("\u200c", "").isprintable() for text in labels):
        raise InvalidError(N_("A name has at most %(count)s characters, in one line."), count=LONGEST_LABEL)
    _one_of(draft.shape, SHAPES)
    _one_of(draft.tone, TONES)
    if draft.follow_up_days is not None and not 0 <= draft.follow_up_days <= MOST_DAYS:
        raise InvalidError(N_("A follow-up is due within %(count)s days."), count=MOST_DAYS, at="follow_up_days")


def _one_of(value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise InvalidError(N_("There is no such choice."))
