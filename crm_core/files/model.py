"""The table of files, and a file as it is read. The content lies in a folder (``content``)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()

file = sa.Table(
    "file",
    metadata,
    sa.Column("id", _key, primary_key=True),  # added later sorts later
    sa.Column("name", _text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("media", _text, nullable=False),
    sa.Column("digest", _key, nullable=False),  # SHA-256 of the content, which is where it lies
    sa.Column("party", _key),
    sa.Column("call", _key),
    sa.Column("author", _text, nullable=False),
    sa.Column("author_name", _text, nullable=False),
    sa.Column("added_at", _seconds, nullable=False),
    sa.Column("deleted_at", _seconds),
    sa.Column("deleted_by", _text, nullable=False),
    sa.Index("file_of_party", "party", "id"),
    sa.Index("file_of_call", "call", "id"),
    sa.Index("file_of_digest", "digest"),
)


class File(msgspec.Struct, frozen=True):
    """``size`` in bytes. ``media``: what its content is, as we found it, whatever its name says. ``party``, ``call``:
    what it belongs to. ``deleted_at``: its content is gone since (epoch seconds), by ``deleted_by`` (a name)."""

    id: str
    name: str
    size: int
    media: str
    digest: str
    party: str | None
    call: str | None
    author: str
    author_name: str
    added_at: float
    deleted_at: float | None = None
    deleted_by: str = ""
