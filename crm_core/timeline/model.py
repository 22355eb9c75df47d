"""The tables of the timeline, and what goes in and comes out.

``entry`` holds what happened, ``entry_subject`` under whom it is found: a *subject* is ``p:`` and the id of a party,
``n:`` and the key of a number, or ``a:`` and the key of a number for an entry that has been attached to one person
(it is then found with him alone, and still on the number's own page). ``c:`` and the id of a call has what is about
that call: its notes, files, tasks. ``timeline_mark`` remembers how far the call log
has been followed.

Neighbours: ``store`` writes, ``streams`` says whose subjects a party's stream has, ``walk`` reads them in order.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("id", _key, primary_key=True),  # its kind and its source
    sa.Column("kind", _text, nullable=False),
    sa.Column("source", _text, nullable=False),
    sa.Column("at", _seconds, nullable=False),
    sa.Column("author", _text),
    sa.Column("facts", _text, nullable=False),
    sa.Column("subjects", _text, nullable=False),  # as they were put, JSON: attaching and detaching start from them
    sa.Column("attached", _key),  # the one person it is shown with
)

entry_subject = sa.Table(
    "entry_subject",
    metadata,
    sa.Column("subject", _key, primary_key=True),
    sa.Column("at", _seconds, primary_key=True),
    sa.Column("entry", _key, primary_key=True),
    sa.Column("kind", _text, nullable=False),
    sa.Index("entry_subject_kind", "subject", "kind", "at", "entry"),
    sa.Index("entry_subject_entry", "entry"),
    sqlite_with_rowid=False,
)

timeline_mark = sa.Table(
    "timeline_mark",
    metadata,
    sa.Column("name", _text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("id", _text, nullable=False),
)


class Entry(msgspec.Struct, frozen=True):
    """Something that happened. ``source``: its id among those of its kind, so that it is put once however often it is
    told. ``at``: epoch seconds. ``facts``: the struct of its kind. ``author``: a user's id."""

    kind: str
    source: str
    at: float
    subjects: tuple[str, ...]
    facts: msgspec.Struct
    author: str | None = None

    @property
    def id(self) -> str:
        return entry_id(self.kind, self.source)


class Item(msgspec.Struct, frozen=True):
    """An entry as it is shown. ``attached``: the one person it is shown with. ``shared``: it is found by a number that
    several people have, and may be attached to one."""

    id: str
    kind: str
    source: str
    at: float
    author: str | None
    facts: Any
    attached: str | None = None
    shared: bool = False


def entry_id(kind: str, source: str) -> str:
    return f"{kind}:{source}"


def of_party(party_id: str) -> str:
    """The subject of a party."""
    return f"p:{party_id}"


def of_number(key: str) -> str:
    """The subject of a number (``cti.live.numbers.match_key``)."""
    return f"n:{key}"


def of_call(call_id: str) -> str:
    """The subject of what is about a call."""
    return f"c:{call_id}"


def of_attached(key: str) -> str:
    """The subject under which an attached entry stays on its number's own page."""
    return f"a:{key}"


def found_under(subjects: tuple[str, ...], attached: str | None) -> tuple[str, ...]:
    """Under which subjects an entry is found: those it was put with, or those of the one person it is attached to."""
    if attached is None:
        return tuple(dict.fromkeys(subjects))
    rest = ("a:" + s[2:] if s.startswith("n:") else s for s in subjects)
    return tuple(dict.fromkeys((of_party(attached), *rest)))
