"""Pages of the call log when it is large: how long a search takes, on SQLite.

The log is filled once through the store and kept in the cache folder (``TAMAS_CACHE``, else the user's);
``TAMAS_LARGE_CALLS``
says how many calls (1,000,000 by default: 4 GB and some minutes; ten million are 40 GB). Beside each figure stands
what a scan of the numbers with ``LIKE '%…%'`` costs, as common CRMs do it.
Run: ``python -m tests.bench --large``.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from call_log.migrations import migrate
from call_log.model import Entry
from call_log.query import CallFilter
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.db import Database
from tests.call_log.calls import DAY, record

CALLS = int(os.environ.get("TAMAS_LARGE_CALLS", "1000000"))
BATCH = 2000
RUNS = 3
TIMES = 30


def cache() -> Path:
    given = os.environ.get("TAMAS_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tamas"


async def filled() -> Database:
    """The database with all calls in it; made once."""
    path = cache() / f"calls-{CALLS}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url)
    database = await Database.open(url)
    have = await CallSearch(database).count(CallFilter(kind=None))
    store = CallStore(database)
    start = time.monotonic()
    for first in range(have, CALLS, BATCH):
        await store.save([Entry(record(n), DAY + n) for n in range(first, min(CALLS, first + BATCH))])
    if have < CALLS:
        print(f"(filled with {CALLS - have:,} calls in {time.monotonic() - start:.0f} s)", flush=True)
    return database


async def seconds(ask: Callable[[int], Awaitable[object]]) -> tuple[float, float]:
    """Median over runs of the p50 and p99 of single questions."""
    halves, tails = [], []
    for run in range(RUNS):
        times = []
        for n in range(TIMES):
            start = time.perf_counter()
            await ask(run * TIMES + n)
            times.append(time.perf_counter() - start)
        times.sort()
        halves.append(times[len(times) // 2])
        tails.append(times[-1])
    return statistics.median(halves), statistics.median(tails)


async def measure() -> None:
    database = await filled()
    search = CallSearch(database)
    known = (await search.page(CallFilter(), None, 200)).items
    numbers = [r.caller.raw or "09121234567" for r in known]
    agents = [leg.extension for r in known for leg in r.legs if leg.extension] or ["201"]
    queues = [r.queue for r in known if r.queue] or ["support"]

    async def like(n: int) -> object:
        async with database.read() as reader:
            pattern = f"%{numbers[n % len(numbers)][-7:]}%"
            return await reader.fetch("SELECT call_id FROM call_number WHERE digits LIKE ? LIMIT 50", pattern)

    questions: tuple[tuple[str, Callable[[int], Awaitable[object]]], ...] = (
        ("first page", lambda n: search.page(CallFilter(), None, 50)),
        ("by number, any form", lambda n: search.page(CallFilter(number=numbers[n % len(numbers)]), None, 50)),
        ("by agent", lambda n: search.page(CallFilter(agent=agents[n % len(agents)]), None, 50)),
        ("by queue", lambda n: search.page(CallFilter(queue=queues[n % len(queues)]), None, 50)),
        ("abandoned only", lambda n: search.page(CallFilter(outcome="abandoned"), None, 50)),
        ("numbers by LIKE '%…%', for comparison", like),
    )
    print(f"{f'call log of {CALLS:,} calls on SQLite':54} {'p50 ms':>10} {'worst of 30':>13}")
    for name, ask in questions:
        half, worst = await seconds(ask)
        print(f"{name:54} {1000 * half:10.1f} {1000 * worst:13.1f}", flush=True)
    await database.close()


def main() -> None:
    asyncio.run(measure())


if __name__ == "__main__":
    main()
