"""Suggestions, what was dismissed, and merges: their tables and values.

A pair is kept once, the smaller id first. Neighbours: ``likeness`` says why two may be one, ``store`` has the SQL.
Times are UTC epoch seconds.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

from crm_core.contacts.model import Party, PartyKind

ReasonKind = Literal["number", "mail", "national_id", "economic_code", "name", "company", "birth_date"]

UNDO_SECONDS = 30 * 86_400.0
"""How long a merge can be undone."""


class Reason(msgspec.Struct, frozen=True, gc=False):
    """What two parties have in common: ``value`` as it is written."""

    kind: ReasonKind
    value: str


class Suggestion(msgspec.Struct, frozen=True):
    """``one`` and ``other`` may be the same, for these reasons; the higher ``score`` is, the likelier."""

    one: str
    other: str
    kind: PartyKind
    score: int
    reasons: tuple[Reason, ...]
    found_at: float


class Pair(msgspec.Struct, frozen=True):
    """A suggestion with both parties, ``first`` the one that has more or is older."""

    suggestion: Suggestion
    first: Party
    second: Party


class Snapshot(msgspec.Struct, frozen=True):
    """What a merge changed: everybody before it, the survivor after it, and the people whose company went."""

    before: Party
    gone: tuple[Party, ...]
    after: Party
    people: dict[str, tuple[str, ...]] = {}


class Merge(msgspec.Struct, frozen=True):
    """``into`` is made of itself and of ``snapshot.gone``."""

    id: str
    into: str
    at: float
    by: str
    snapshot: Snapshot
    undone_at: float | None = None


metadata = sa.MetaData()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

duplicate_pair = sa.Table(
    "duplicate_pair",
    metadata,
    sa.Column("low", _key, primary_key=True),
    sa.Column("high", _key, primary_key=True),
    sa.Column("kind", _key, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("found_at", sa.Double, nullable=False),
    sa.Index("duplicate_pair_high", "high"),
    sa.Index("duplicate_pair_score", "score", "low", "high"),
    sqlite_with_rowid=False,
)

duplicate_dismissed = sa.Table(
    "duplicate_dismissed",
    metadata,
    sa.Column("low", _key, primary_key=True),
    sa.Column("high", _key, primary_key=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

duplicate_mark = sa.Table(
    "duplicate_mark",
    metadata,
    sa.Column("name", _key, primary_key=True),  # what was looked through, and up to when
    sa.Column("at", sa.Double, nullable=False),
)

party_merge = sa.Table(
    "party_merge",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("survivor", _key, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("undone_at", sa.Double),
    sa.Index("party_merge_survivor", "survivor", "at"),
    sa.Index("party_merge_at", "at"),
)
