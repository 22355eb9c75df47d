"""All that reads and writes suggestions and merges.

Who shares something with a party is asked of the indexed columns that find parties, by their values: never by holding
every party against every other. What more than ``MOST_SHARING`` share tells nothing about any two of them.

Neighbours: ``likeness`` weighs what is found here, ``service`` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from crm_core.contacts.finding import name_key
from crm_core.contacts.model import Party
from crm_core.duplicates.model import (
    Merge,
    Reason,
    Snapshot,
    Suggestion,
    duplicate_dismissed,
    duplicate_mark,
    duplicate_pair,
    party_merge,
)
from cti.kernel.db import Reader, Transaction

MOST_SHARING = 50

Block = tuple[str, ...]
_reasons = msgspec.json.Decoder(tuple[Reason, ...]).decode
_snapshot = msgspec.json.Decoder(Snapshot, strict=False).decode  # SQLite's booleans are numbers
_PAIR = "SELECT p.low, p.high, p.kind, p.score, p.reasons, p.found_at FROM duplicate_pair p"
_MERGE = "SELECT id, survivor, at, actor, snapshot, undone_at FROM party_merge"


# ---- who shares something ------------------------------------------------------------------------------------------


async def sharing(reader: Reader, parties: Sequence[Party]) -> set[tuple[str, str]]:
    """The pairs (smaller id first) of these with anybody, in which both have something in common."""
    blocks: dict[Block, set[str]] = {}
    for sql, values in _questions(parties):
        for *block, party_id in await reader.fetch_in(sql, sorted(values)) if values else ():
            blocks.setdefault((sql, *map(str, block)), set()).add(str(party_id))
    mine = {one.id for one in parties}
    return {pair for ids in blocks.values() if 1 < len(ids) <= MOST_SHARING for pair in _pairs(ids, mine)}


def _questions(parties: Sequence[Party]) -> Iterable[tuple[str, set[str]]]:
    live = "deleted_at IS NULL AND merged_into IS NULL"
    numbers = {number.key for one in parties for number in one.numbers if number.key}
    yield "SELECT key, party_id FROM party_number WHERE key IN (?)", numbers
    mails = {mail.address.lower() for one in parties for mail in one.mails}
    yield "SELECT key, party_id FROM party_mail WHERE key IN (?)", mails
    ids = {one.national_id for one in parties if one.national_id}
    yield f"SELECT national_id, id FROM party WHERE national_id IN (?) AND national_id <> '' AND {live}", ids
    companies = {name_key(one.name) for one in parties if one.kind == "company"}
    yield "SELECT key, id FROM party_index WHERE kind = 'company' AND key IN (?)", companies
    people = {name_key(one.name) for one in parties if one.kind == "person" and one.company_id}
    yield (
        (
            "SELECT i.key, p.company_id, i.id FROM party_index i JOIN party p ON p.id = i.id"
            " WHERE i.kind = 'person' AND p.company_id IS NOT NULL AND i.key IN (?)"
        ),
        people,
    )
    born = {name_key(one.name) for one in parties if one.kind == "person" and one.birth_date}
    yield (
        (
            "SELECT i.key, p.birth_date, i.id FROM party_index i JOIN party p ON p.id = i.id"
            " WHERE i.kind = 'person' AND p.birth_date <> '' AND i.key IN (?)"
        ),
        born,
    )


def _pairs(ids: set[str], mine: set[str]) -> Iterable[tuple[str, str]]:
    for one in ids & mine:
        for other in ids - {one}:
            yield (one, other) if one < other else (other, one)


async def sharers(reader: Reader) -> list[str]:
    """The ids of everybody who shares something with somebody, for a look through all."""
    found: dict[str, None] = {}
    for sql in _SHARERS:
        found.update(dict.fromkeys(str(row[0]) for row in await reader.fetch(sql)))
    return sorted(found)


def _grouped(table: str, id_column: str, *columns: str, where: str = "1 = 1") -> str:
    key, same = ", ".join(columns), " AND ".join(f"t.{column} = g.{column}" for column in columns)
    return (
        f"SELECT t.{id_column} FROM {table} t JOIN (SELECT {key} FROM {table} WHERE {where} GROUP BY {key}"
        f" HAVING COUNT(*) BETWEEN 2 AND {MOST_SHARING}) g ON {same}"
    )


_NAMED = (
    "(SELECT i.id, i.kind, i.key, p.company_id, p.birth_date FROM party_index i JOIN party p ON p.id = i.id"
    " WHERE i.kind = 'person' AND (p.company_id IS NOT NULL OR p.birth_date <> ''))"
)
_SHARERS = (
    _grouped("party_number", "party_id", "key", where="key IS NOT NULL"),
    _grouped("party_mail", "party_id", "key"),
    _grouped("party", "id", "national_id", where="national_id <> '' AND deleted_at IS NULL AND merged_into IS NULL"),
    _grouped("party_index", "id", "kind", "key", where="kind = 'company'"),
    f"WITH named AS {_NAMED} " + _grouped("named", "id", "key", "company_id", where="company_id IS NOT NULL"),
    f"WITH named AS {_NAMED} " + _grouped("named", "id", "key", "birth_date", where="birth_date <> ''"),
)


# ---- suggestions ---------------------------------------------------------------------------------------------------


async def replace_pairs(tx: Transaction, ids: Sequence[str], suggestions: Sequence[Suggestion]) -> None:
    """The suggestions of these parties are now these, without what was dismissed."""
    await drop_pairs(tx, ids)
    kept = await _not_dismissed(tx, suggestions)
    rows = [
        (s.one, s.other, s.kind, s.score, msgspec.json.encode(s.reasons).decode().replace("\\u0000", ""), s.found_at)
        for s in kept
    ]
    await tx.insert(duplicate_pair, rows, end=" ON CONFLICT (low, high) DO NOTHING")


async def drop_pairs(tx: Transaction, ids: Sequence[str]) -> None:
    """Nothing is suggested of these any more."""
    for column in ("low", "high"):
        await tx.execute_in(f"DELETE FROM duplicate_pair WHERE {column} IN (?)", list(ids))


async def drop_pair(tx: Transaction, low: str, high: str) -> int:
    return await tx.execute("DELETE FROM duplicate_pair WHERE low = ? AND high = ?", low, high)


async def dismiss(tx: Transaction, low: str, high: str, by: str, at: float) -> None:
    await tx.insert(duplicate_dismissed, [(low, high, by, at)], end=" ON CONFLICT (low, high) DO NOTHING")
    await drop_pair(tx, low, high)


async def _not_dismissed(reader: Reader, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    lows = sorted({one.one for one in suggestions})
    rows = await reader.fetch_in("SELECT low, high FROM duplicate_dismissed WHERE low IN (?)", lows) if lows else ()
    dismissed = {(row[0], row[1]) for row in rows}
    return [one for one in suggestions if (one.one, one.other) not in dismissed]


Place = tuple[int, str, str]


async def page(reader: Reader, after: Place | None, limit: int) -> list[Suggestion]:
    """The likeliest first."""
    where, values = ("", ()) if after is None else (" WHERE (p.score, p.low, p.high) < (?, ?, ?)", after)
    order = f" ORDER BY p.score DESC, p.low DESC, p.high DESC LIMIT {int(limit)}"
    return [_suggestion(row) for row in await reader.fetch(_PAIR + where + order, *values)]


async def count(reader: Reader, most: int) -> int:
    rows = await reader.fetch(f"SELECT COUNT(*) FROM (SELECT 1 FROM duplicate_pair LIMIT {int(most)}) AS few")
    return int(rows[0][0])


async def of(reader: Reader, party_id: str) -> list[Suggestion]:
    """All that is suggested of one party, the likeliest first."""
    rows = await reader.fetch(f"{_PAIR} WHERE p.low = ? UNION {_PAIR} WHERE p.high = ?", party_id, party_id)
    return sorted(map(_suggestion, rows), key=lambda one: (-one.score, one.one, one.other))


def _suggestion(row: Sequence[Any]) -> Suggestion:
    low, high, kind, score, reasons, found_at = row
    return Suggestion(low, high, kind, score, _reasons(reasons), found_at)


async def mark(reader: Reader, name: str) -> float | None:
    """Up to when something was looked through."""
    row = await reader.one("SELECT at FROM duplicate_mark WHERE name = ?", name)
    return None if row is None else float(row[0])


async def changed_since(reader: Reader, at: float, limit: int) -> list[str]:
    """The ids of the parties that changed at or after a moment."""
    sql = (
        "SELECT id FROM party WHERE deleted_at IS NULL AND merged_into IS NULL AND changed_at >= ?"
        f" ORDER BY changed_at, id LIMIT {int(limit)}"
    )
    return [str(row[0]) for row in await reader.fetch(sql, at)]


async def set_mark(tx: Transaction, name: str, at: float) -> None:
    await tx.insert(duplicate_mark, [(name, at)], end=" ON CONFLICT (name) DO UPDATE SET at = excluded.at")


# ---- merges --------------------------------------------------------------------------------------------------------


async def forget(tx: Transaction, parties: Sequence[str]) -> None:
    """These parties are no more: neither are suggestions of them, and the images of them that merges keep."""
    await drop_pairs(tx, parties)
    for column in ("low", "high"):
        await tx.execute_in(f"DELETE FROM duplicate_dismissed WHERE {column} IN (?)", parties)
    await tx.execute_in("DELETE FROM party_merge WHERE survivor IN (?)", parties)
    for party_id in parties:  # one that was undone: its image is in another's merge
        image = f'%"id":"{party_id}"%'
        await tx.execute("DELETE FROM party_merge WHERE undone_at IS NOT NULL AND snapshot LIKE ?", image)


async def add_merge(tx: Transaction, merge: Merge) -> None:
    text = msgspec.json.encode(merge.snapshot).decode()
    await tx.insert(party_merge, [(merge.id, merge.into, merge.at, merge.by, text, merge.undone_at)])


async def last_merge(reader: Reader, into: str) -> Merge | None:
    """The newest merge into this party that stands."""
    row = await reader.one(f"{_MERGE} WHERE survivor = ? AND undone_at IS NULL ORDER BY at DESC, id DESC LIMIT 1", into)
    return None if row is None else Merge(row[0], row[1], row[2], row[3], _snapshot(row[4]), row[5])


async def mark_undone(tx: Transaction, merge_id: str, at: float) -> None:
    await tx.execute("UPDATE party_merge SET undone_at = ? WHERE id = ?", at, merge_id)


async def forget_merges(tx: Transaction, before: float) -> None:
    """Snapshots that are too old to be used are kept no longer."""
    await tx.execute("DELETE FROM party_merge WHERE at < ?", before)


async def move_people(tx: Transaction, company: Party, gone: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The people of companies that went work at ``company`` now; who they were, by their company before."""
    rows = await tx.fetch_in("SELECT company_id, id FROM party WHERE company_id IN (?)", list(gone))
    moved: dict[str, list[str]] = {}
    for company_id, party_id in rows:
        moved.setdefault(company_id, []).append(party_id)
    await set_company(tx, company, [party_id for ids in moved.values() for party_id in ids])
    return {company_id: tuple(ids) for company_id, ids in moved.items()}


async def set_company(tx: Transaction, company: Party, people: Sequence[str], only: str | None = None) -> None:
    """They work at ``company``. ``only``: those who work at the company of this id until now."""
    rows = [(company.id, company.name, person, only) for person in people]
    where = "id = ?" if only is None else "id = ? AND company_id = ?"
    sql = f"UPDATE party SET company_id = ?, company_name = ? WHERE {where}"
    await tx.executemany(sql, [row if only is not None else row[:3] for row in rows])
