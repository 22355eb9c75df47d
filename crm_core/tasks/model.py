"""The table of tasks, a task as it is read, and what may be written of it.

``due_at`` is the moment after which a task is overdue; where only a day was said it is the end of that day at the site,
and ``due_day`` says so. Times are epoch seconds. Neighbour: ``service`` reads and writes.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, Meta, UnsetType

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()

NEVER = 1e15
"""``due_sort`` of a task without a date: after all others."""
LATEST = 32_503_680_000.0
"""The year 3000: later is a mistake."""

task = sa.Table(
    "task",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("title", _text, nullable=False),
    sa.Column("text", _text, nullable=False),
    sa.Column("owner", _key, nullable=False),
    sa.Column("owner_name", _text, nullable=False),
    sa.Column("party", _key),
    sa.Column("call", _key),
    sa.Column("due_at", _seconds),
    sa.Column("due_day", _text),
    sa.Column("made_at", _seconds, nullable=False),
    sa.Column("made_by", _key, nullable=False),
    sa.Column("made_by_name", _text, nullable=False),
    sa.Column("done_at", _seconds),
    sa.Column("done_by_name", _text, nullable=False),
    sa.Column("due_sort", _seconds, nullable=False),  # due_at, or NEVER; a done task's is minus done_at
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Index("task_of_owner", "owner", "open", "due_sort", "id"),
    sa.Index("task_made_by", "made_by", "open", "due_sort", "id"),
    sa.Index("task_of_party", "party", "open", "due_sort", "id"),
    sa.Index("task_of_call", "call"),
    sa.Index("task_due", "open", "due_sort", "id"),
)


class Task(msgspec.Struct, frozen=True):
    """``owner`` is to do it (a user's id), ``made_by`` gave it; names are those that they had then."""

    id: str
    title: str
    text: str
    owner: str
    owner_name: str
    party: str | None
    call: str | None
    due_at: float | None
    due_day: str | None
    made_at: float
    made_by: str
    made_by_name: str
    done_at: float | None = None
    done_by_name: str = ""

    @property
    def open(self) -> bool:
        return self.done_at is None

    def overdue(self, now: float) -> bool:
        return self.open and self.due_at is not None and self.due_at <= now


Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class TaskDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written; UNSET stays as it is (in a new task: nobody's contact, no date, one's own).

    ``due_at`` and ``due_day`` (``YYYY-MM-DD``) replace each other.
    """

    title: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    party: str | UnsetType | None = UNSET
    call: str | UnsetType | None = UNSET
    due_at: float | UnsetType | None = UNSET
    due_day: str | UnsetType | None = UNSET


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks; what is None does not narrow. ``due_before``: epoch seconds, exclusive. ``team``: an id."""

    owner: str | None = None
    made_by: str | None = None
    party: str | None = None
    call: str | None = None
    team: str | None = None
    open: bool | None = True
    due_before: float | None = None
    due_from: float | None = None
