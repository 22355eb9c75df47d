"""Finds parties by what somebody typed: a name in any spelling, a number in any form or a part of one, a mail, a tag.

What is likeliest is asked first, and each question stops as soon as it has enough rows: whole names, beginnings of
names, whole words, beginnings of words. None of them reads or sorts all that matches, so the first results cost the
same at a million parties.

Neighbours: ``index`` writes what is asked here, ``listing`` and ``crm_core.search`` ask.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from crm_core.contacts.model import PartyKind
from cti.kernel.persian import fold, latin_digits, untitled, words

if TYPE_CHECKING:  # the process that reads imports starts a third sooner without it
    from cti.kernel.db import Reader

LONGEST_ASKED = 200
MOST_ASKED = 8
"""Words of a question; further ones are left out."""
GRAM = 3
"""The fewest digits by which a number is found."""
_NEAR = 100
"""Of the numbers that begin as typed so many are looked at for those of one kind; the rest is left to the index."""
_SOME = 2_000
"""Rows of PostgreSQL among which a common word is looked for first."""
SHORTEST_WORD = 2
"""A word of fewer letters begins too many; it narrows only the beginning of a name."""
LAST = "\U0010ffff"
_OWN = "\u064a"
"""Before terms of our own: a letter that is folded away in everything that is typed, so that nobody asks for them."""

_NUMBER = re.compile(r"[+0-9\s().\-/]+")
_TSQUERY = "?::text::tsquery"
_PERSON_FIRST: tuple[PartyKind, ...] = ("person", "company")


class Asked(msgspec.Struct, frozen=True):
    """What somebody typed, taken apart. ``key``: as the beginning of a name; ``digits``: if it is nothing but a number
    or a part of one, the digits without what may or may not lead it, and as they were typed (``0017`` may be the end of
    one, ``0912`` its beginning); ``mail``: the beginning of an address."""

    words: tuple[str, ...]
    key: str
    digits: tuple[str, ...] = ()
    mail: str = ""

    @classmethod
    def of(cls, text: str) -> Asked:
        typed = text[:LONGEST_ASKED].replace("\0", "").encode(errors="ignore").decode().strip()
        found = untitled(words(typed))[:MOST_ASKED]
        mail = fold(typed) if "@" in typed and " " not in typed else ""
        return cls(tuple(found), "".join(found), _typed_digits(typed), mail)

    @property
    def number(self) -> str:
        """The digits without what may lead them; empty if no number was typed."""
        return self.digits[0] if self.digits else ""

    @property
    def empty(self) -> bool:
        return not self.key

    @property
    def worded(self) -> bool:
        """There is a word long enough to be looked for among words."""
        return any(len(word) >= SHORTEST_WORD for word in self.words)


def _typed_digits(typed: str) -> tuple[str, ...]:
    text = latin_digits(fold(typed))
    if not _NUMBER.fullmatch(text):
        return ()
    whole = digits = "".join(c for c in text if c.isdigit())
    if text.startswith("+") or digits.startswith("00"):
        digits = national_digits("+" + digits.lstrip("0"))
    digits = digits.lstrip("0")
    if digits.startswith("98") and len(digits) > 10:
        digits = digits[2:].lstrip("0")
    return tuple(dict.fromkeys(some for some in (digits, whole) if len(some) >= GRAM))


def name_key(name: str) -> str:
    """A name as carelessly as it can be written: no titles, no spaces, no half-spaces."""
    return "".join(untitled(words(name)))[:LONGEST_ASKED]


def national_digits(number: str) -> str:
    """The digits of a number key without what leads it (``+98``, ``0``), by which somebody may or may not begin."""
    return number.removeprefix("+98").lstrip("+0")


def grams(digits: str) -> list[str]:
    """The terms by which any part of a number is found."""
    return [f"{_OWN}{digits[n : n + GRAM]}" for n in range(len(digits) - GRAM + 1)]


async def find(
    reader: Reader, text: str, limit: int = 20, kind: PartyKind | None = None, whole: bool = False
) -> list[str]:
    """Ids of at most ``limit`` parties, the likeliest first; none for an empty text. ``whole``: numbers are found by
    the whole number alone (for who sees them masked, and could else guess them digit by digit)."""
    asked = Asked.of(text)
    found: dict[str, None] = {}
    async for ids in _stages(reader, asked, limit, kind, whole):
        found.update(dict.fromkeys(ids))
        if len(found) >= limit:
            break
    return list(found)[:limit]


async def _stages(
    reader: Reader, asked: Asked, limit: int, kind: PartyKind | None, whole: bool
) -> AsyncIterator[Sequence[str]]:
    if asked.number:
        for key in _number_keys(asked.number):
            yield await _begins(reader, "party_number", key, limit, kind, "" if whole else LAST)
    if asked.mail:
        yield await _begins(reader, "party_mail", asked.mail, limit, kind)
    if not asked.key:
        return
    for one in (kind,) if kind else _PERSON_FIRST:
        yield await _named(reader, asked.key, one, limit)
    if asked.digits and not whole:
        yield await _with_part(reader, asked.digits, limit, kind)
    if asked.worded:
        for prefix in (False, True):
            yield await matching(reader, match(reader, asked.words, prefix), limit, kind)


def _number_keys(digits: str) -> tuple[str, ...]:
    """The beginnings of keys that digits may be."""
    return f"+98{digits}", f"+{digits}", digits


async def _begins(
    reader: Reader, table: str, key: str, limit: int, kind: PartyKind | None, last: str = LAST
) -> list[str]:
    sql = f"SELECT party_id FROM {table} WHERE key >= ? AND key <= ? ORDER BY key"
    if kind is None:
        return _first(await reader.fetch(f"{sql} LIMIT {int(limit)}", key, key + last))
    near = f"SELECT f.party_id FROM ({sql} LIMIT {_NEAR + limit}) AS f JOIN party_index p ON p.id = f.party_id"
    return _first(await reader.fetch(f"{near} WHERE p.kind = ? LIMIT {int(limit)}", key, key + last, kind))


async def _named(reader: Reader, key: str, kind: PartyKind, limit: int) -> list[str]:
    """Whole names and beginnings of names, the shortest first among those of one beginning."""
    sql = f"SELECT id FROM party_index WHERE kind = ? AND key >= ? AND key < ? ORDER BY key LIMIT {int(limit)}"
    return _first(await reader.fetch(sql, kind, key, key + LAST))


async def _with_part(reader: Reader, digits: Sequence[str], limit: int, kind: PartyKind | None) -> list[str]:
    wholes = [_all([_term(reader, part, False) for part in grams(some)], reader) for some in digits]
    return await matching(reader, _any(wholes, reader), limit, kind, digits)


async def matching(
    reader: Reader, expression: str, limit: int, kind: PartyKind | None = None, digits: Sequence[str] = ()
) -> list[str]:
    """Ids of parties that match an expression of ``match``. ``digits``: that have some of these in their numbers."""
    found: list[str] = []
    also = f" AND ({' OR '.join(['i.digits LIKE ?'] * len(digits))})" if digits else ""
    values = [f"%{some}%" for some in digits]
    for one in (kind,) if kind else _PERSON_FIRST:
        wanted = int(limit) - len(found)
        if reader.dialect == "sqlite":
            where = f"{one}_words w JOIN party_index i ON i.doc = w.rowid WHERE {one}_words MATCH ?{also}"
            found += _first(await reader.fetch(f"SELECT i.id FROM {where} LIMIT {wanted}", expression, *values))
        else:
            found += await _matching_on_postgresql(
                reader, one, f"i.words @@ {_TSQUERY}{also}", wanted, expression, values
            )
        if len(found) >= limit:
            break
    return found


async def _matching_on_postgresql(
    reader: Reader, kind: PartyKind, condition: str, limit: int, expression: str, values: Sequence[str]
) -> list[str]:
    """What is common is met among the first rows already; what is not, is little in the index of words. The planner
    would have to know which it is, and where it guesses wrong it reads the whole table, for seconds."""
    some = f"(SELECT id, words, digits FROM party_index WHERE kind = '{kind}' LIMIT {_SOME}) AS i"
    sql = f"SELECT i.id FROM {some} WHERE {condition} LIMIT {limit}"
    met = _first(await reader.fetch(sql, expression, *values))
    if len(met) >= limit:
        return met
    await _scans(reader, "off")
    sql = f"SELECT i.id FROM party_index i WHERE i.kind = '{kind}' AND {condition} LIMIT {limit}"
    found = _first(await reader.fetch(sql, expression, *values))
    await _scans(reader, "on")
    return found


async def _scans(reader: Reader, allowed: str) -> None:
    """Let the planner do without the index of words, or not, in this transaction."""
    await reader.fetch(
        "SELECT set_config('enable_seqscan', ?, true), set_config('enable_indexscan', ?, true)", allowed, allowed
    )


def match(reader: Reader, asked: Sequence[str], prefix: bool) -> str:
    """The expression for all of these words, whole or as beginnings; each two neighbours may be one word too."""
    return _any([_all([_term(reader, word, prefix) for word in way], reader) for way in _ways(list(asked))], reader)


def _ways(asked: list[str]) -> list[list[str]]:
    """The words as typed, and with each two neighbours joined: «علی رضا» finds «علیرضا»."""
    kept = [word for word in asked if len(word) >= SHORTEST_WORD]
    joined = [[*asked[:n], one + two, *asked[n + 2 :]] for n, (one, two) in enumerate(pairwise(asked))]
    if len(asked) > 2:
        joined.append(["".join(asked)])
    return [kept, *([word for word in way if len(word) >= SHORTEST_WORD] for way in joined)]


def _term(reader: Reader, word: str, prefix: bool) -> str:
    # A word is letters and digits alone, so that nothing in it can end the quotation.
    if reader.dialect == "sqlite":
        return f'"{word}"{"*" if prefix else ""}'
    return f"'{word}'{':*' if prefix else ''}"


def _all(parts: list[str], reader: Reader) -> str:
    return f"({(' AND ' if reader.dialect == 'sqlite' else ' & ').join(parts)})"


def _any(parts: list[str], reader: Reader) -> str:
    return (" OR " if reader.dialect == "sqlite" else " | ").join(parts)


def _first(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return [str(row[0]) for row in rows]
