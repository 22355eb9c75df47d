"""A great many people with numbers, and calls with them, written straight into the tables: for the benchmarks of
looking up and searching. A file of SQLite is kept in the cache folder; PostgreSQL is filled anew (COPY).

Names are of a few hundred first and last names, so that some are common and most are rare; numbers are all different.
"""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import os
import random
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from call_log.model import call, decode_record
from crm_core.contacts.finding import grams, name_key
from crm_core.contacts.store import name_key as equal_key
from crm_core.contacts.store import order_key
from cti.app.storage import open_database
from cti.kernel.db import Database
from cti.kernel.persian import terms
from cti.kernel.settings import Settings
from tests.call_log.calls import DAY, record

_FIRST = "علی محمد رضا حسین مهدی حسن امیر سعید مریم زهرا فاطمه سارا نرگس لیلا هانیه علی‌رضا محمدرضا آرش کاوه بهرام"
FIRST = tuple(re.split(" ", _FIRST))
_LAST = "محمدی رضایی حسینی کریمی احمدی موسوی جعفری رستگار نوری صادقی کاظمی اکبری رحیمی یوسفی عباسی مرادی پاکزاد"
LAST = tuple(re.split(" ", _LAST))
ENDS = ("", "", "‌نژاد", "‌پور", " تهرانی", " اصفهانی", " شیرازی", "‌زاده", "‌فر", " اصل", " راد", "‌خواه", "یان")
BATCH = 20_000

CALL = tuple(call.columns.keys())[:16]
"""All but the last: when the truth confirmed it."""


def folder() -> Path:
    given = os.environ.get("TAMAS_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tamas"


@cache
def names() -> tuple[str, ...]:
    """Some tens of thousands of different names."""
    middle = ("", "", "سادات ", "میرزا ")
    return tuple(f"{a} {m}{b}{c}" for a in FIRST for m in middle for b in LAST for c in ENDS)


@cache
def _keys(name: str) -> tuple[str, str, str, str]:
    return order_key(name), equal_key(name), name_key(name), " ".join(terms(name))


def number(n: int) -> str:
    """The ``n``-th number: mobiles, spread over the whole range so that neighbours share no prefix."""
    return f"+989{(n * 7_368_787) % 1_000_000_000:09}"


def people(count: int, each: int) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]], tuple[Any, ...]]]:
    """For each person the rows of party, party_number and party_index."""
    dice = random.Random(7)
    some = names()
    for n in range(count):
        name = some[dice.randrange(len(some))]
        order, equal, key, found = _keys(name)
        numbers = [number(n * each + k) for k in range(each)]
        party_id = f"p{n:09}"
        parts = (
            '{"numbers":[' + ",".join(f'{{"raw":"0{one[3:]}","e164":"{one}","key":"{one}"}}' for one in numbers) + "]}"
        )
        row = (party_id, "person", name, "", "", "", None, "", "", "vip" if n % 100 == 0 else "", None, None, "", None,
               False, False, "", "", "", "", 1.0, "", 1.0 + n, "", 1, None, None, parts, order, equal)  # fmt: skip
        national = [one[3:] for one in numbers]
        words = " ".join(dict.fromkeys([*found.split(), *itertools.chain(*map(grams, national))]))
        index = (party_id, "person", key, " ".join(national), words, n + 1)
        yield row, [(party_id, k, one, one[-8:], "mobile", "") for k, one in enumerate(numbers)], index


def calls(count: int, numbers: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """The rows of call and call_number: calls of the first ``numbers`` numbers, in turn."""
    plain = msgspec.json.encode(msgspec.structs.replace(record(0), legs=(), queue_waits=(), transfers=())).decode()
    shape = decode_record(plain)
    for n in range(count):
        full = number((n * 31) % numbers)
        call_id, at = f"main-{n}", DAY + n
        text = plain.replace(shape.id, call_id).replace("+989120000000", full).replace("09120000000", "0" + full[3:])
        row = (call_id, "main", "call", "inbound", "answered", "support", at, at + 60, 1.0, 50.0, 0.0, False, 3, at,
               text, 1)  # fmt: skip
        yield row, (call_id, full[3:], full[:2:-1], at)


# ---- into SQLite ---------------------------------------------------------------------------------------------------


async def on_sqlite(count: int, each: int, of_calls: int = 0) -> Database:
    """The database with all of them; made once and kept."""
    path = folder() / f"people-{count}-{each}-{of_calls}.sqlite"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        url = f"sqlite+aiosqlite:///{making}"
        await (await open_database(Settings(data=str(path.parent), database_url=url))).close()
        await asyncio.to_thread(_fill_sqlite, making, count, each, of_calls)
        making.rename(path)
    return Database.at(f"sqlite+aiosqlite:///{path}")


def _fill_sqlite(path: Path, count: int, each: int, of_calls: int) -> None:
    start = time.monotonic()
    db = sqlite3.connect(path, isolation_level=None)
    for begin in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000", "BEGIN"):
        db.execute(begin)
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
        " ('party', 'party_number', 'party_index', 'call', 'call_number')"
    ).fetchall()
    trigger = db.execute("SELECT sql FROM sqlite_master WHERE name = 'person_words_come'").fetchone()[0]
    db.execute("DROP TRIGGER person_words_come")
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    for some in _batched(people(count, each)):
        db.executemany(f"INSERT INTO party VALUES ({_marks(30)})", [row for row, _, _ in some])
        db.executemany(f"INSERT INTO party_number VALUES ({_marks(6)})", [one for _, rows, _ in some for one in rows])
        db.executemany(f"INSERT INTO party_index VALUES ({_marks(6)})", [row for _, _, row in some])
    for made in _batched(calls(of_calls, count * each)):
        db.executemany(f"INSERT INTO call ({', '.join(CALL)}) VALUES ({_marks(16)})", [row for row, _ in made])
        db.executemany(_INSERT_CALL_NUMBER.format(_marks(4)), [row for _, row in made])
    for _, sql in indexes:
        db.execute(sql)
    db.execute("INSERT INTO person_words (person_words) VALUES ('rebuild')")
    db.execute(trigger)
    for end in ("COMMIT", "ANALYZE", "PRAGMA journal_mode=WAL"):
        db.execute(end)
    db.close()
    print(
        f"(SQLite filled with {count:,} people and {of_calls:,} calls in {time.monotonic() - start:.0f} s)", flush=True
    )


_INSERT_CALL_NUMBER = "INSERT INTO call_number (call_id, digits, reversed, started_at) VALUES ({})"


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _batched(rows: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while some := list(itertools.islice(source, BATCH)):
        yield some


# ---- into PostgreSQL -----------------------------------------------------------------------------------------------


async def on_postgres(url: str, count: int, each: int, of_calls: int = 0) -> Database:
    """The database at ``url`` (empty until now) with all of them."""
    database = await open_database(Settings(data=str(folder()), database_url=url))
    start = time.monotonic()
    db = await asyncpg.connect(url.replace("+asyncpg", ""))
    indexes = await db.fetch(
        "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE tablename IN"
        " ('party', 'party_number', 'party_index', 'call', 'call_number') AND indexname NOT LIKE '%_pkey'"
        " AND indexname NOT LIKE '%_key' OR indexname IN ('party_number_key', 'party_by_name_key', 'party_index_key')"
    )
    for row in indexes:
        await db.execute(f"DROP INDEX {row['name']}")
    for some in _batched(people(count, each)):
        await _copy(db, "party", [row for row, _, _ in some])
        await _copy(db, "party_number", [one for _, rows, _ in some for one in rows])
        await _copy(db, "party_index", [row for _, _, row in some])
    for made in _batched(calls(of_calls, count * each)):
        await _copy(db, "call", [row for row, _ in made], CALL)
        await _copy(db, "call_number", [row for _, row in made], ("call_id", "digits", "reversed", "started_at"))
    await db.execute("SET maintenance_work_mem = '512MB'")
    for row in indexes:
        await db.execute(row["sql"])
    await db.execute("VACUUM ANALYZE")
    await db.close()
    print(
        f"(PostgreSQL filled with {count:,} people and {of_calls:,} calls in {time.monotonic() - start:.0f} s)",
        flush=True,
    )
    return database


async def _copy(db: Any, table: str, rows: Sequence[tuple[Any, ...]], columns: Sequence[str] | None = None) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    source = io.BytesIO(text.getvalue().encode())
    if rows:
        await db.copy_to_table(table, source=source, columns=columns, format="csv", force_not_null=_not_null(table))


def _not_null(table: str) -> tuple[str, ...] | None:
    """The texts in which an empty one is one, and no NULL."""
    of_party = ("first_name", "last_name", "honorific", "company_name", "position", "tier", "source", "language",
                "birth_date", "national_id", "economic_code", "created_by", "changed_by")  # fmt: skip
    return {"party": of_party, "party_number": ("label",)}.get(table)
