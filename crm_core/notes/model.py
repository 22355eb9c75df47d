"""The tables of notes, and a note as it is read. Neighbours: ``service`` reads and writes, ``mentions`` finds users."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()

note = sa.Table(
    "note",
    metadata,
    sa.Column("id", _key, primary_key=True),  # made later sorts later
    sa.Column("text", _text, nullable=False),
    sa.Column("party", _key),
    sa.Column("call", _key),
    sa.Column("author", _text, nullable=False),
    sa.Column("author_name", _text, nullable=False),
    sa.Column("written_at", _seconds, nullable=False),
    sa.Column("edited_at", _seconds),
    sa.Column("mentioned", _text, nullable=False),  # JSON: ids of users
    sa.Index("note_of_party", "party", "id"),
    sa.Index("note_of_call", "call", "id"),
    sa.Index("note_of_author", "author", "id"),
)

note_mention = sa.Table(
    "note_mention",
    metadata,
    sa.Column("user_id", _key, primary_key=True),
    sa.Column("note", _key, primary_key=True),
    sa.Column("seen_at", _seconds),
    sa.Index("note_mention_note", "note"),
    sqlite_with_rowid=False,
)


class Note(msgspec.Struct, frozen=True):
    """``party`` and ``call``: what it is about (at least one). ``author``: a user's id, ``author_name`` his name then.
    ``mentioned``: ids of users. Times are epoch seconds."""

    id: str
    text: str
    party: str | None
    call: str | None
    author: str
    author_name: str
    written_at: float
    edited_at: float | None
    mentioned: tuple[str, ...]


class Mention(msgspec.Struct, frozen=True):
    """A note that mentions me. ``seen_at``: when I said that I have read it."""

    note: Note
    seen_at: float | None
