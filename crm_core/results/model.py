"""The tables of results, and what is read from them.

``disposition`` is the tree of results to choose from, ``call_note`` what somebody types while he talks (one row for
each user and call), ``call_result`` what he chose afterwards. Times are epoch seconds. Neighbours: ``dispositions``,
``notes`` and ``service`` read and write.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()

Tone = Literal["positive", "neutral", "negative"]
TONES: tuple[Tone, ...] = ("positive", "neutral", "negative")
Shape = Literal["check", "star", "clock", "arrow", "info", "cross", "silent", "alert"]
SHAPES: tuple[Shape, ...] = ("check", "star", "clock", "arrow", "info", "cross", "silent", "alert")
"""What tells results apart without colour; ``web`` draws them."""

disposition = sa.Table(
    "disposition",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("queue", _key, nullable=False),  # empty: of every queue that has none of its own, and of direct calls
    sa.Column("parent", _key),
    sa.Column("label_fa", _text, nullable=False),
    sa.Column("label_en", _text, nullable=False),
    sa.Column("shape", _text, nullable=False),
    sa.Column("tone", _text, nullable=False),
    sa.Column("needs_note", sa.Boolean, nullable=False),
    sa.Column("follow_up_days", sa.Integer),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("disposition_of_queue", "queue", "position", "id"),
)

call_note = sa.Table(
    "call_note",
    metadata,
    sa.Column("call", _key, primary_key=True),
    sa.Column("user_id", _key, primary_key=True),
    sa.Column("user_name", _text, nullable=False),
    sa.Column("text", _text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # one more with each save
    sa.Column("writer", _text, nullable=False),  # which page wrote it last,
    sa.Column("number", sa.BigInteger, nullable=False),  # and which of its saves that was
    sa.Column("began_at", _seconds, nullable=False),
    sa.Column("saved_at", _seconds, nullable=False),
)

call_result = sa.Table(
    "call_result",
    metadata,
    sa.Column("call", _key, primary_key=True),
    sa.Column("user_id", _key, primary_key=True),
    sa.Column("user_name", _text, nullable=False),
    sa.Column("disposition", _key, nullable=False),
    sa.Column("task", _key),
    sa.Column("saved_at", _seconds, nullable=False),
    sa.Index("call_result_of_user", "user_id", "saved_at"),
    sa.Index("call_result_disposition", "disposition"),
)


class Disposition(msgspec.Struct, frozen=True, kw_only=True):
    """A result to choose. ``queue``: whose tree it stands in (empty: that of all others). ``parent``: what it is a
    detail of. ``needs_note``: it is not saved without one. ``follow_up_days``: it offers a task, due in so many days.
    One that is not ``active`` is offered no more and stays on the calls that have it."""

    id: str
    queue: str = ""
    parent: str | None = None
    label_fa: str = ""
    label_en: str = ""
    shape: Shape = "check"
    tone: Tone = "neutral"
    needs_note: bool = False
    follow_up_days: int | None = None
    active: bool = True
    position: int = 0
    version: int = 1

    def label(self, language: str) -> str:
        """What people call it; in the other language where this one has no word."""
        return (self.label_fa if language == "fa" else self.label_en) or self.label_fa or self.label_en


class Branch(msgspec.Struct, frozen=True):
    """A disposition with its details, in order. ``key``: the digit that chooses it, empty beyond the ninth and for
    details."""

    one: Disposition
    children: tuple[Branch, ...] = ()
    key: str = ""


class CallNote(msgspec.Struct, frozen=True):
    """What a user typed during a call. ``version`` counts his saves. ``mine``: he is who asks."""

    call: str
    user: str
    user_name: str
    text: str
    version: int
    began_at: float
    saved_at: float
    mine: bool = False


class CallResult(msgspec.Struct, frozen=True):
    """What a user chose for a call. ``path``: the disposition and what it is a detail of, the widest first. ``task``:
    the id of the follow-up."""

    call: str
    user: str
    user_name: str
    disposition: str
    path: tuple[Disposition, ...]
    task: str | None
    saved_at: float


class Said(msgspec.Struct, frozen=True):
    """What people said of one call: the newest result first, notes in the order in which they were begun."""

    call: str
    results: tuple[CallResult, ...] = ()
    notes: tuple[CallNote, ...] = ()

    @property
    def result(self) -> CallResult | None:
        """The one that counts: the last that was said."""
        return self.results[0] if self.results else None
