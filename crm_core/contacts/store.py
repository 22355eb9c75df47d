"""All that reads and writes whole parties in the database.

A party's row is written together with the rows of the tables that find it (``CHILDREN``) and with the search index,
in one transaction; in the finding tables stand the rows of those parties alone that are neither deleted nor merged.

Neighbours: ``service`` decides what is written, ``listing`` asks for lists, ``duplicates`` merges by ``write``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from crm_core.contacts import index
from crm_core.contacts.model import CHILDREN, Parts, Party, PartyKind, party
from cti.kernel.persian import fold, joined, sort_key
from cti.live.numbers import tail

if TYPE_CHECKING:  # the process that reads imports starts a third sooner without it
    from cti.kernel.db import Reader, Transaction

KEY_LENGTH = 200
"""Of what is indexed: PostgreSQL takes no entries over 2.7 kB."""
CHUNK = 500

FoundBy = Callable[[Party], Iterable[tuple[str, str | None, float | None]]]
"""The custom fields of a party as (field, text, number), a row for each value that it is found by."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Parts).decode
_PARTS = Parts.__struct_fields__
_FLAGS = ("do_not_call", "do_not_sms")
_DERIVED = ("parts", "sort_key", "name_key")
_NAMES = tuple(column.name for column in party.columns)
_PLAIN = tuple(name for name in _NAMES if name not in _DERIVED)
COLUMNS = f"{', '.join(f'party.{name}' for name in _PLAIN)}, party.parts"
"""What ``party_of`` makes a party of."""
_UPDATE = f"UPDATE party SET {', '.join(f'{name} = ?' for name in _NAMES[1:])} WHERE id = ?"
_LIVE = "deleted_at IS NULL AND merged_into IS NULL"
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(?::text[])"}


class Ready(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is made of a party's words to write it: keys to order and to find it by. ``ready`` makes it; whoever writes
    very many makes it elsewhere, beforehand."""

    parts: str
    sort_key: str
    name_key: str
    tags: tuple[str, ...]
    found: index.Found


def ready(one: Party) -> Ready:
    """Pure. What is found by the company's name holds as long as that stays."""
    parts = Parts(**{name: getattr(one, name) for name in _PARTS})
    tags = tuple(dict.fromkeys(map(tag_key, one.tags)))
    return Ready(_encode(parts).decode(), order_key(one.name), name_key(one.name), tags, index.found_by(one))


def party_of(row: Sequence[Any]) -> Party:
    """The party in a row of ``COLUMNS``."""
    parts = _decode(row[len(_PLAIN)])
    plain: dict[str, Any] = dict(zip(_PLAIN, row, strict=False))
    for name in _FLAGS:  # SQLite has no truth values
        plain[name] = bool(plain[name])
    return Party(**plain, **{name: getattr(parts, name) for name in _PARTS})


def order_key(name: str) -> str:
    """What a name is ordered by."""
    return sort_key(name)[:KEY_LENGTH]


@lru_cache(maxsize=8192)  # lists name the same companies again and again
def name_key(name: str) -> str:
    """What equal names have in common, whatever their spelling."""
    return joined(name)[:KEY_LENGTH]


async def get(reader: Reader, party_id: str) -> Party | None:
    """The party, or None. One that was merged is itself here: see ``survivor``."""
    row = await reader.one(f"SELECT {COLUMNS} FROM party WHERE id = ?", party_id)
    return None if row is None else party_of(row)


async def get_many(reader: Reader, ids: Sequence[str]) -> list[Party]:
    """Those of them that there are, in no order."""
    rows = await reader.fetch_in(f"SELECT {COLUMNS} FROM party WHERE id IN (?)", list(ids)) if ids else ()
    return [party_of(row) for row in rows]


async def locked(tx: Transaction, party_id: str) -> Party | None:
    """As ``get``, and held until the transaction ends (SQLite has one writer anyway)."""
    suffix = " FOR UPDATE" if tx.dialect == "postgresql" else ""
    row = await tx.one(f"SELECT {COLUMNS} FROM party WHERE id = ?{suffix}", party_id)
    return None if row is None else party_of(row)


async def survivor(reader: Reader, party_id: str) -> str:
    """The id of the party that this one is part of now; its own if it was not merged."""
    row = await reader.one(
        "WITH RECURSIVE up (id, into_id) AS (SELECT id, merged_into FROM party WHERE id = ? "
        "UNION SELECT party.id, party.merged_into FROM party JOIN up ON party.id = up.into_id) "
        "SELECT id FROM up WHERE into_id IS NULL",
        party_id,
    )
    return party_id if row is None else str(row[0])


async def family(reader: Reader, party_id: str) -> tuple[str, ...]:
    """The id and all that were merged into it, straight or by way of others. The party's own comes first."""
    rows = await reader.fetch(
        "WITH RECURSIVE down (id) AS (SELECT id FROM party WHERE merged_into = ? "
        "UNION SELECT party.id FROM party JOIN down ON party.merged_into = down.id) SELECT id FROM down",
        party_id,
    )
    return (party_id, *(str(row[0]) for row in rows if row[0] != party_id))


async def people_of(reader: Reader, company_id: str, limit: int = 1_000) -> tuple[str, ...]:
    """The ids of the people of a company, in the order of their names."""
    rows = await reader.fetch(
        f"SELECT id FROM party WHERE company_id = ? AND {_LIVE} ORDER BY sort_key, id LIMIT {int(limit)}", company_id
    )
    return tuple(str(row[0]) for row in rows)


async def companies_named(reader: Reader, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """By ``name_key``: the (id, name) of the oldest company of each name."""
    keys = sorted({name_key(name) for name in names})
    rows = await reader.fetch_in(
        f"SELECT name_key, id, name FROM party WHERE name_key IN (?) AND kind = 'company' AND {_LIVE} ORDER BY id DESC",
        keys,
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def insert(
    tx: Transaction, parties: Sequence[Party], found_by: FoundBy, known: Mapping[str, Ready] | None = None
) -> None:
    """Write new parties. ``known``: by id, of those that were made ready beforehand."""
    made = [(one, (known and known.get(one.id)) or ready(one)) for one in parties]
    await tx.insert(party, [_row(*both) for both in made])
    await _write_finders(tx, [both for both in made if both[0].live], found_by)


async def write(tx: Transaction, parties: Sequence[Party], found_by: FoundBy) -> None:
    """Write parties that there are already as they are now."""
    made = [(one, ready(one)) for one in parties]
    rows = [_row(*both) for both in made]
    await tx.executemany(_UPDATE, [(*row[1:], row[0]) for row in rows])
    ids = [one.id for one in parties]
    for table in CHILDREN:
        await tx.execute_in(f"DELETE FROM {table.name} WHERE party_id IN (?)", ids)
    await _write_finders(tx, [both for both in made if both[0].live], found_by)
    if gone := [one.id for one in parties if not one.live]:
        await index.drop(tx, gone)


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What of a party says whether it is still as somebody left it."""

    id: str
    kind: PartyKind
    version: int
    deleted_at: float | None
    merged_into: str | None

    @property
    def live(self) -> bool:
        return self.deleted_at is None and self.merged_into is None


async def standing(tx: Transaction, ids: Sequence[str]) -> dict[str, Standing]:
    """Of those of them that there are, held until the transaction ends (SQLite has one writer anyway)."""
    suffix = " ORDER BY id FOR UPDATE" if tx.dialect == "postgresql" else ""
    sql = f"SELECT id, kind, version, deleted_at, merged_into FROM party WHERE id IN (?){suffix}"
    return {str(row[0]): Standing(*row) for row in await tx.fetch_in(sql, ids)} if ids else {}


async def bury(tx: Transaction, ids: Sequence[str], at: float, by: str) -> None:
    """Put these in the trash, who are neither there nor merged: a statement for each table, and nothing is read.
    ``by``: the id of whoever does it."""
    await tx.execute(
        "UPDATE party SET deleted_at = ?, changed_at = ?, changed_by = ?, version = version + 1"
        f" WHERE id {_AMONG[tx.dialect]}",
        at, at, by, _encode(ids).decode() if tx.dialect == "sqlite" else list(ids),
    )  # fmt: skip
    for table in CHILDREN:
        await tx.execute_in(f"DELETE FROM {table.name} WHERE party_id IN (?)", ids)
    await index.drop(tx, ids)


async def erase(tx: Transaction, ids: Sequence[str]) -> None:
    """Take these parties out for good, and out of all that finds them."""
    for table in CHILDREN:
        await tx.execute_in(f"DELETE FROM {table.name} WHERE party_id IN (?)", ids)
    await index.drop(tx, ids)
    await tx.execute_in("DELETE FROM party WHERE id IN (?)", ids)


async def rename_company(tx: Transaction, company: Party) -> None:
    """Tell its people what their company is called now."""
    await tx.execute("UPDATE party SET company_name = ? WHERE company_id = ?", company.name, company.id)
    rows = await tx.fetch(f"SELECT id FROM party WHERE company_id = ? AND {_LIVE}", company.id)
    ids = [str(row[0]) for row in rows]
    for start in range(0, len(ids), CHUNK):
        await index.put(tx, await get_many(tx, ids[start : start + CHUNK]))


async def _write_finders(tx: Transaction, made: Sequence[tuple[Party, Ready]], found_by: FoundBy) -> None:
    if not made:
        return
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in CHILDREN}
    for one, keys in made:
        _finders(one, keys, rows, found_by)
    for table in CHILDREN:
        await tx.insert(table, rows[table.name])
    await index.put(tx, [one for one, _ in made], [keys.found for _, keys in made])


def _finders(one: Party, keys: Ready, rows: dict[str, list[tuple[Any, ...]]], found_by: FoundBy) -> None:
    seen: set[str] = set()
    for position, number in enumerate(one.numbers):
        if number.key is not None and number.key not in seen:
            seen.add(number.key)
            key = number.key[:KEY_LENGTH]
            rows["party_number"].append((one.id, position, key, tail(key), number.kind, number.label))
    rows["party_mail"] += [(one.id, key) for key in dict.fromkeys(mail.address.lower() for mail in one.mails)]
    rows["party_tag"] += [(key, keys.sort_key, one.id) for key in keys.tags]
    rows["party_role"] += [(role, keys.sort_key, one.id) for role in one.roles]
    if one.fields:
        found = enumerate(found_by(one))
        rows["party_field"] += [
            (one.id, name, n, text and text[:KEY_LENGTH], value) for n, (name, text, value) in found
        ]


@lru_cache(maxsize=8192)
def tag_key(tag: str) -> str:
    """What equal tags have in common."""
    return fold(tag)[:KEY_LENGTH]


_plain = attrgetter(*_PLAIN)


def _row(one: Party, keys: Ready) -> tuple[Any, ...]:
    return (*_plain(one), keys.parts, keys.sort_key, keys.name_key)
