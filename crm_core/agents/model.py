"""The tables of agents; the reasons of pauses and the rules of wrap-up as they are kept.

Neighbours: ``store`` reads and writes them, ``rules`` lets an administrator change the rules, ``cti.live.agents`` has
what an agent is.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from cti.live.agents import NO_WRAP, WrapRule

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

agent_state = sa.Table(
    "agent_state",
    metadata,
    sa.Column("user_id", _key, primary_key=True),
    sa.Column("body", _text, nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
)

agent_event = sa.Table(  # added to, never changed
    "agent_event",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("user_id", _key, nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("kind", _text, nullable=False),
    sa.Column("reason", _text, nullable=False),
    sa.Column("call", _key, nullable=False),
    sa.Column("queue", _text, nullable=False),
    sa.Column("by_user", _key, nullable=False),
    sa.Index("agent_event_of", "user_id", "at"),
    sa.Index("agent_event_at", "at"),
)

agent_rules = sa.Table(  # one row
    "agent_rules",
    metadata,
    sa.Column("id", _text, primary_key=True),
    sa.Column("body", _text, nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)

agent_message = sa.Table(
    "agent_message",
    metadata,
    sa.Column("id", _key, primary_key=True),  # made later sorts later
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("author", _key, nullable=False),
    sa.Column("author_name", _text, nullable=False),
    sa.Column("text", _text, nullable=False),
    sa.Column("teams", _text, nullable=False),  # JSON: their names then
    sa.Index("agent_message_of", "author", "id"),
)

agent_message_to = sa.Table(
    "agent_message_to",
    metadata,
    sa.Column("user_id", _key, primary_key=True),
    sa.Column("message", _key, primary_key=True),
    sa.Column("read_at", sa.Double()),
    sa.Index("agent_message_to_message", "message"),
    sqlite_with_rowid=False,
)

LONGEST_LABEL = 40
LONGEST_WRAP = 3600.0
MOST_REASONS = 50
MOST_QUEUES = 500

Label = Annotated[str, Meta(max_length=LONGEST_LABEL)]
ReasonId = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,39}$")]
Seconds = Annotated[float, Meta(ge=0, le=LONGEST_WRAP)]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody pauses. ``id`` is kept in what happened and never changes; one that is not ``active`` cannot be
    chosen any more."""

    id: ReasonId
    fa: Label = ""
    en: Label = ""
    active: bool = True

    def label(self, language: str) -> str:
        return (self.fa if language == "fa" else self.en) or self.fa or self.en or self.id


class QueueWrap(msgspec.Struct, frozen=True, kw_only=True):
    """The wrap-up after calls of one queue. ``seconds``: null without an end, 0 none."""

    queue: Annotated[str, Meta(min_length=1, max_length=100)]
    seconds: Seconds | None = 30.0
    mandatory: bool = False
    extend_seconds: Seconds = 30.0
    extensions: Annotated[int, Meta(ge=0, le=20)] = 2

    def rule(self) -> WrapRule:
        return WrapRule(self.seconds, self.mandatory, self.extend_seconds, self.extensions)


ANY_QUEUE, NO_QUEUE = "*", "-"
"""In place of a queue's name: those that have no rule of their own; calls that came through no queue."""

REASONS: tuple[Reason, ...] = (
    Reason(id="break", fa="استراحت", en="Break"),
    Reason(id="lunch", fa="ناهار", en="Lunch"),
    Reason(id="prayer", fa="نماز", en="Prayer"),
    Reason(id="meeting", fa="جلسه", en="Meeting"),
    Reason(id="training", fa="آموزش", en="Training"),
    Reason(id="work", fa="کار دیگر", en="Other work"),
)
"""Those that are there until an administrator writes his own."""

OURS: tuple[Reason, ...] = (
    Reason(id="missed", fa="تماس بی‌پاسخ", en="Missed call"),
    Reason(id="wrap-up", fa="ثبت نتیجه", en="Wrap-up"),
    Reason(id="signed-out", fa="خارج از صف", en="Signed out"),
    Reason(id="pbx", fa="توقف در سامانهٔ تلفنی", en="Paused at the PBX"),
)
"""Reasons that the product itself gives."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """``missed_limit``: after so many calls of a queue that rang in vain, one after the other, an agent is away; 0:
    never. ``wraps``: the first whose queue fits counts."""

    reasons: tuple[Reason, ...] = REASONS
    wraps: tuple[QueueWrap, ...] = (QueueWrap(queue=ANY_QUEUE), QueueWrap(queue=NO_QUEUE, seconds=0.0))
    missed_limit: Annotated[int, Meta(ge=0, le=20)] = 1
    version: int = 0

    def wrap(self, queue: str | None) -> WrapRule:
        """The rule for calls of ``queue``; None: of no queue."""
        wanted = (NO_QUEUE,) if queue is None else (queue, ANY_QUEUE)
        for name in wanted:
            for one in self.wraps:
                if one.queue == name:
                    return one.rule()
        return NO_WRAP if queue is None else WrapRule()

    def reason(self, id: str) -> Reason | None:
        """One of an administrator's reasons or of ours; None if there never was such a one."""
        return next((one for one in (*self.reasons, *OURS) if one.id == id), None)

    def labels(self) -> frozenset[str]:
        """All names that the product gives a pause at the PBX."""
        return frozenset(name for one in (*self.reasons, *OURS) for name in (one.fa, one.en, one.id) if name)


def our_label(id: str, language: str) -> str:
    """The name of one of the product's own reasons."""
    return next(one.label(language) for one in OURS if one.id == id)
