"""Who has a number, and who answers to what was typed, at a million numbers: beside the bare indexed question that the
driver itself answers, and beside ``LIKE '%…%'`` as common CRMs ask it.

``TAMAS_PEOPLE`` and ``TAMAS_NUMBERS_EACH`` change the size, ``TAMAS_CALLS`` adds calls to be found with the people.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

from call_log.query import CallFilter
from call_log.search import SHORTEST_NUMBER, CallSearch
from crm_core.contacts.lookup import Lookup
from crm_core.search.service import Search
from cti.kernel.actor import system
from cti.kernel.db import Database
from tests.bench import crowd
from tests.databases import Postgres

PEOPLE = int(os.environ.get("TAMAS_PEOPLE", "1000000"))
EACH = int(os.environ.get("TAMAS_NUMBERS_EACH", "1"))
CALLS = int(os.environ.get("TAMAS_CALLS", "0"))
RUNS = 3
WHO = system("bench")

Ask = Callable[[int], Awaitable[object]]


async def timed(ask: Ask, times: int) -> tuple[float, float, float]:
    """Median over the runs of p50, p99 and the worst, in milliseconds."""
    figures = []
    for run in range(RUNS):
        took = []
        for n in range(times):
            start = time.perf_counter()
            await ask(run * times + n)
            took.append(1000 * (time.perf_counter() - start))
        took.sort()
        figures.append((took[len(took) // 2], took[int(len(took) * 0.99)], took[-1]))
    p50, p99, worst = (statistics.median(column) for column in zip(*figures, strict=True))
    return p50, p99, worst


async def measure(database: Database, people: int, each: int, calls: int) -> None:
    numbers = people * each
    print(
        f"{f'{numbers:,} numbers of {people:,} people on {database.dialect}':62} {'p50 ms':>9} {'p99':>9} {'worst':>9}"
    )
    for name, ask, times in (*_lookups(database, numbers), *_searches(database), *_calls(database, calls)):
        await ask(0)
        p50, p99, worst = await timed(ask, times)
        print(f"{name:62} {p50:9.2f} {p99:9.2f} {worst:9.2f}", flush=True)


def _lookups(database: Database, numbers: int) -> Sequence[tuple[str, Ask, int]]:
    lookup, dice = Lookup(database), random.Random(3)
    keys = [crowd.number(dice.randrange(numbers)) for _ in range(2_000)]

    async def bare(n: int) -> object:
        async with database.read() as reader:
            return await reader.fetch("SELECT party_id FROM party_number WHERE key = ?", keys[n % 2_000])

    async def like(n: int) -> object:
        sql = "SELECT party_id FROM party_number WHERE key LIKE ? LIMIT 10"
        async with database.read() as reader:
            return await reader.fetch(sql, f"%{keys[n % 2_000][-8:]}%")

    return (
        ("who is this: all matches, ranked", lambda n: lookup.who(WHO, keys[n % 2_000]), 2_000),
        ("who is this: nobody", lambda n: lookup.who(WHO, f"+98215{n:07}"), 2_000),
        ("names of a page of 50 calls", lambda n: lookup.who_many(keys[n % 1_900 : n % 1_900 + 50]), 500),
        ("  limit: the bare indexed SELECT, same driver", bare, 2_000),
        ("  peer: LIKE '%…%' on the number", like, 10),
    )


ASKED = (
    "محمدی",
    "علی‌رضا",
    "علی رضا کریمی",
    "آرش رستگار",
    "ر",
    "رس",
    "رستگار نژاد",
    "حسینی سارا",
    "هیچ‌کس نیست",
    "نر اصف",
)
DIGITS = ("0912", "912345", "234567", "4567", "091", "11223", "09121112233", "8877")


def _searches(database: Database) -> Sequence[tuple[str, Ask, int]]:
    search = Search(database)

    async def like(n: int) -> object:
        async with database.read() as reader:
            return await reader.fetch("SELECT id FROM party WHERE name LIKE ? LIMIT 8", f"%{ASKED[n % 10]}%")

    each = tuple((f"search: «{text}»", _asking(search, text), 20) for text in (*ASKED, *DIGITS))
    return (*each, ("  peer: LIKE '%…%' on the name, one spelling", like, 10))


def _asking(search: Search, text: str) -> Ask:
    return lambda _n: search.find(WHO, text)


def _calls(database: Database, calls: int) -> Sequence[tuple[str, Ask, int]]:
    log = CallSearch(database)
    made: list[tuple[str, Ask, int]] = []
    for text in (some for some in DIGITS if calls and len(some.lstrip("0")) >= SHORTEST_NUMBER):
        made.append((f"calls with «{text}», {calls:,} calls", _paging(log, text), 10))
    return made


def _paging(log: CallSearch, text: str) -> Ask:
    return lambda _n: log.page(CallFilter(number=text), None, 5)


async def run(people: int, each: int, calls: int) -> None:
    database = await crowd.on_sqlite(people, each, calls)
    await measure(database, people, each, calls)
    await database.close()
    server = Postgres()
    try:
        database = await crowd.on_postgres(server.new_url(), people, each, calls)
        await measure(database, people, each, calls)
        await database.close()
    finally:
        server.destroy()


def main() -> None:
    asyncio.run(run(PEOPLE, EACH, CALLS))


if __name__ == "__main__":
    main()
