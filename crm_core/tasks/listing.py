"""Lists of tasks: the statement that a filter means. Neighbour: ``service`` decides who may ask what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_core.contacts.store import family, survivor
from crm_core.tasks.model import Task, TaskFilter, task
from cti.kernel.db import Reader
from cti.kernel.errors import N_, InvalidError

_PLAIN = [column for column in task.columns if column.name not in ("due_sort", "open")]
COLUMNS = ", ".join(column.name for column in _PLAIN)
"""What ``task_of`` makes a task of."""

Place = tuple[int, float, str]
"""Where a task stands in the order of lists: open (1) or done (0), when it is due or was done, its id."""


def task_of(row: Sequence[Any]) -> Task:
    return Task(*row)


def text_of(text: str, most: int, field: str) -> str:
    """A text as it is kept. InvalidError if it is too long."""
    kept = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(kept) > most:
        raise InvalidError(
            N_("That is too long: %(count)s characters; at most %(most)s."), count=len(kept), most=most, at=field
        )
    return kept if field == "text" else " ".join(kept.split())


async def select(
    reader: Reader, wanted: TaskFilter, own: str | None, members: list[str] | None, after: Place | None, limit: int
) -> sa.Select[*tuple[Any, ...]]:
    """Open tasks first, by when they are due; then done ones, the newest first. ``own``: only those that this user has
    or gave. ``members``: only those of these users."""
    t = task.c
    conditions: list[sa.ColumnElement[bool]] = []
    exact = (t.owner, wanted.owner), (t.made_by, wanted.made_by), (t.call, wanted.call)
    conditions += [column == _plain(value) for column, value in exact if value is not None]
    if wanted.party is not None:
        conditions.append(t.party.in_(await family(reader, await survivor(reader, _plain(wanted.party)))))
    if wanted.open is not None:
        conditions.append(t.open.is_(wanted.open))
    if wanted.due_before is not None:
        conditions.append(t.due_at < wanted.due_before)
    if wanted.due_from is not None:
        conditions.append(t.due_at >= wanted.due_from)
    if own is not None:
        conditions.append(sa.or_(t.owner == own, t.made_by == own))
    if members is not None:
        conditions.append(t.owner.in_(members))
    if after is not None:
        conditions.append(_behind(after))
    return sa.select(*_PLAIN).where(*conditions).order_by(t.open.desc(), t.due_sort, t.id).limit(limit)


def _behind(after: Place) -> sa.ColumnElement[bool]:
    """Behind this place in the order of lists."""
    t, (open_, due, id_) = task.c, after
    later = sa.tuple_(t.due_sort, t.id) > sa.tuple_(sa.literal(due), sa.literal(_plain(id_)))
    same = sa.and_(t.open.is_(bool(open_)), later)
    return sa.or_(same, t.open.is_(False)) if open_ else same


def _plain(name: str) -> str:
    return name.replace("\0", "")[:300]
