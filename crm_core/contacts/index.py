"""The search index: what people, companies and texts are found by, written in the transaction of what it is of.

One row for each party that is neither deleted nor merged, and for each text (a note). ``words`` are its terms (see
``cti.kernel.persian``) and, of its numbers, each three neighbouring digits: so any part of a number is found by a few
common terms, whatever the size of the table. SQLite has FTS5 tables beside (triggers of the migration keep them in
step), PostgreSQL GIN indexes over the column, which is a ``tsvector`` there; one for people and one for companies, so
that who looks for the few does not walk through the many.

Neighbours: ``store`` calls ``put`` and ``drop``, notes call ``search_text`` and ``forget_text``, ``finding`` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec.json import encode
from sqlalchemy.dialects.postgresql import TSVECTOR

from crm_core.contacts.finding import find, grams, name_key, national_digits
from crm_core.contacts.model import Party, metadata
from cti.kernel.persian import terms

if TYPE_CHECKING:  # the process that reads imports starts a third sooner without it
    from cti.kernel.db import Transaction

__all__ = ["drop", "find", "forget_text", "party_index", "put", "search_text", "text_index"]

MOST_WORDS = 400
LONGEST_TEXT = 20_000
"""Characters of a text that are looked through and shown in results."""
LONGEST_VALUE = 200
LONGEST_WORD = 100

_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_doc = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_words = sa.Text().with_variant(TSVECTOR(), "postgresql")


def _full_text(name: str, kind: str = "") -> sa.Index:
    where = sa.text(f"kind = '{kind}'") if kind else None
    index = sa.Index(name, "words", postgresql_using="gin", postgresql_where=where, info={"only": "postgresql"})
    return index.ddl_if(dialect="postgresql")


party_index = sa.Table(
    "party_index",
    metadata,
    sa.Column("id", _key, nullable=False, unique=True),
    sa.Column("kind", _key, nullable=False),
    sa.Column("key", _key, nullable=False),  # the name as carelessly as it can be written, without spaces
    sa.Column("digits", _key, nullable=False),  # of each number, without country code and leading zeros
    sa.Column("words", _words, nullable=False),
    sa.Column("doc", _doc, primary_key=True),
    sa.Index("party_index_key", "kind", "key"),
    _full_text("person_words", "person"),
    _full_text("company_words", "company"),
)

text_index = sa.Table(
    "text_index",
    metadata,
    sa.Column("kind", _key, nullable=False),
    sa.Column("id", _key, nullable=False),
    sa.Column("party_id", _key, nullable=False),
    sa.Column("call_id", _key, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("words", _words, nullable=False),
    sa.Column("doc", _doc, primary_key=True),
    sa.UniqueConstraint("kind", "id", name="text_index_source"),
    _full_text("text_words"),
)

_REPLACE = " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, key = excluded.key, digits = excluded.digits," \
           " words = excluded.words"  # fmt: skip
_PUT_ALL = (
    # All in one statement: FTS5 writes what it has gathered when a statement with triggers begins, which is twice the
    # work if there is one for each row.
    "INSERT INTO party_index (id, kind, key, digits, words)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true" + _REPLACE
)
_REPLACE_TEXT = (
    " ON CONFLICT (kind, id) DO UPDATE SET party_id = excluded.party_id, call_id = excluded.call_id,"
    " at = excluded.at, text = excluded.text, words = excluded.words"
)


Found = tuple[str, str, str]
"""What a party is found by: its name's key, its digits, its words."""


async def put(tx: Transaction, parties: Sequence[Party], found: Sequence[Found] = ()) -> None:
    """Write what these are found by, new or again. ``found``: ``found_by`` of each, where it was made beforehand."""
    each = found or [found_by(party) for party in parties]
    rows = [(party.id, party.kind, *some) for party, some in zip(parties, each, strict=True)]
    if tx.dialect == "sqlite":
        await tx.send(_PUT_ALL, encode(rows).decode())
    else:
        await tx.insert(party_index, rows, 5, _REPLACE)


async def drop(tx: Transaction, ids: Sequence[str]) -> None:
    """These are found no longer (deleted, or merged into another)."""
    await tx.execute_in("DELETE FROM party_index WHERE id IN (?)", list(ids))


async def search_text(
    tx: Transaction, kind: str, source: str, party_id: str, text: str, at: float, call_id: str = ""
) -> None:
    """Make a text (``kind`` ``note``, its id as ``source``) findable, new or again. ``party_id`` and ``call_id``: what
    it is about, empty for nobody known and no call. ``at``: when it was written."""
    shown = text[:LONGEST_TEXT].replace("\0", "")
    row = (kind, source, party_id, call_id.replace("\0", ""), at, shown, _column(terms(shown)))
    await tx.insert(text_index, [row], 7, _REPLACE_TEXT)


async def forget_text(tx: Transaction, kind: str, source: str) -> None:
    """The text is found no longer."""
    await tx.execute("DELETE FROM text_index WHERE kind = ? AND id = ?", kind, source)


def found_by(party: Party) -> Found:
    """Pure, and the slowest part of writing a party."""
    numbers = list(dict.fromkeys(national_digits(n.key) for n in party.numbers if n.key))
    parts = [gram for digits in numbers for gram in grams(digits)]
    found = _column([*_terms(party)[:MOST_WORDS], *parts])
    return name_key(party.name), " ".join(numbers), found


def _column(found: list[str]) -> str:
    return " ".join(dict.fromkeys([word[:LONGEST_WORD] for word in found]))


def _terms(party: Party) -> list[str]:
    found = terms(party.name)
    for text in (party.company_name, party.position, *party.tags):
        found += _common(text) if text else ()
    for text in _texts(party):
        found += terms(text)
    return found


@lru_cache(maxsize=8192)  # many work at the same place
def _common(text: str) -> tuple[str, ...]:
    return tuple(terms(text))


def _texts(party: Party) -> Iterable[str]:
    yield from filter(None, (party.national_id, party.economic_code))
    if party.first_name not in party.name or party.last_name not in party.name:
        yield f"{party.first_name} {party.last_name}"
    yield from (mail.address for mail in party.mails)
    yield from (value[:LONGEST_VALUE] for value in party.fields.values() if isinstance(value, str))
