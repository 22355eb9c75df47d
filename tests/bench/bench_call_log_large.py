"""Pages of the call log when it is large: how long a search takes, on SQLite.

Ten million calls over a year, of 200,000 numbers, 100 agents and 10 queues, with every row that the store writes for a
call; written by SQL, since the store would take hours. The newest of them are whole records, as a PBX gives them; the
older ones have all their rows, but short texts: some two kilobytes a call. The
file is kept in the cache folder (``TAMAS_CACHE``, else the user's); ``TAMAS_LARGE_CALLS`` says how many calls. Beside
each figure stands what a scan of the numbers with ``LIKE '%…%'`` costs, as common CRMs do it.
Run: ``python -m tests.bench --large``.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from call_log.migrations import migrate
from call_log.model import Entry, encode_record
from call_log.query import CallFilter
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.record import CallRecord
from tests.bench.crowd import folder
from tests.call_log.calls import DAY, record

CALLS = int(os.environ.get("TAMAS_LARGE_CALLS", "10000000"))
WHOLE = 5_000
"""The newest, written through the store."""
APART = 3.15
"""Seconds between two calls: ten million in a year."""
BATCH = 500
RUNS = 3
TIMES = 100


async def filled() -> Database:
    """The database with all calls in it; made once."""
    path = folder() / f"calls-{CALLS}.sqlite"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        start = time.monotonic()
        await migrate(f"sqlite+aiosqlite:///{making}")
        await asyncio.to_thread(_fill, making, CALLS - WHOLE)
        await _fill_whole(making)
        making.rename(path)
        size = path.stat().st_size / 1e9
        print(f"(filled with {CALLS:,} calls in {time.monotonic() - start:.0f} s: {size:.1f} GB)", flush=True)
    await migrate(f"sqlite+aiosqlite:///{path}")  # a kept file may be older than the tables
    return await Database.open(f"sqlite+aiosqlite:///{path}")


async def _fill_whole(path: Path) -> None:
    """The newest, in the same rhythm."""
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    store = CallStore(database)
    for first in range(CALLS - WHOLE, CALLS, BATCH):
        await store.save([Entry(_whole(n), DAY + n) for n in range(first, min(CALLS, first + BATCH))])
    await database.close()


def _whole(n: int) -> CallRecord:
    made = record(n, at=DAY + n * APART)
    national, ext = f"9{n * 31 % 200_000 * 7_368_787 % 1_000_000_000:09}", str(200 + n % 100)
    return msgspec.structs.replace(
        made,
        id=f"main-{n:08}",
        linkedid=f"{n:08}",
        linkedids=(f"{n:08}",),
        caller=msgspec.structs.replace(made.caller, number=f"+98{national}", raw=f"0{national}"),
        queue=f"queue-{(n + n // 100) % 10}",
        queue_waits=tuple(msgspec.structs.replace(w, queue=f"queue-{(n + n // 100) % 10}") for w in made.queue_waits),
        legs=tuple(msgspec.structs.replace(one, endpoint=f"PJSIP/{ext}", extension=ext) for one in made.legs),
    )


_PLAIN = record(0, at=DAY, digits=None, recordings=(), transfers=(), queue_waits=(), legs=())
_SHORT = encode_record(
    msgspec.structs.replace(_PLAIN, id="main-@n", linkedid="@n", linkedids=("@n",), queue="queue-@q")
)

_TURNS = "".join(f"substr(d, {n}, 1) || " for n in range(10, 0, -1)).removesuffix(" || ")
"""The ten digits of ``d`` backwards."""

_STEPS = (
    # The numbers, outcomes, queues and agents each go round at a pace of their own, so that all meet all.
    """CREATE TEMP TABLE made AS
       WITH RECURSIVE count(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n + 1 < :n)
       SELECT n, printf('main-%08d', n) AS id, :day + n * :apart AS at, 'queue-' || ((n + n / 100) % 10) AS queue,
       200 + n % 100 AS agent, '9' || printf('%09d', (n * 31 % 200000) * 7368787 % 1000000000) AS d,
       CASE n % 20 WHEN 0 THEN 'abandoned' WHEN 1 THEN 'noanswer' WHEN 2 THEN 'busy' ELSE 'answered' END AS outcome
       FROM count""",
    """INSERT INTO call (id, pbx, kind, direction, outcome, queue, started_at, ended_at, wait_seconds, talk_seconds,
       hold_seconds, provisional, standing, changed_at, logged, record)
       SELECT id, 'main', 'call', CASE n % 3 WHEN 0 THEN 'outbound' ELSE 'inbound' END, outcome, queue, at, at + 60,
       1.25, n % 300, 0.5, 0, 3, at + 60, n / 20 + 1,
       replace(replace(replace(:short, '@n', printf('%08d', n)), 'queue-@q', queue), '9120000000', d) FROM made""",
    """INSERT INTO leg (call_id, started_at, position, uniqueid, role, endpoint, extension, outside, result, rang_at,
       answered_at, ended_at, ring_seconds, talk_seconds, consult_seconds, hold_seconds)
       SELECT id, at, 0, n || '.1', 'callee', 'PJSIP/' || agent, agent, 0, 'answered', at, at + 1.25, at + 60, 1.237,
       n % 300, 0, 0.5 FROM made""",
    f"""INSERT INTO call_number (call_id, started_at, digits, reversed) SELECT id, at, d, {_TURNS} FROM made
        UNION ALL SELECT id, at, '98' || d, {_TURNS} || '89' FROM made
        UNION ALL SELECT id, at, '5000', '0005' FROM made""",
    "INSERT INTO call_tag (tag, started_at, call_id) SELECT 'agent ' || agent, at, id FROM made ORDER BY 1, 2",
    "INSERT INTO call_tag (tag, started_at, call_id) SELECT 'agent PJSIP/' || agent, at, id FROM made ORDER BY 1, 2",
    "INSERT INTO call_tag (tag, started_at, call_id) SELECT 'queue ' || queue, at, id FROM made ORDER BY 1, 2",
    """INSERT INTO call_linkedid (call_id, started_at, linkedid) SELECT id, at, printf('%08d', n) FROM made""",
    "DROP TABLE made",
)


def _fill(path: Path, count: int) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    for begin in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "threads=2"):
        db.execute(f"PRAGMA {begin}")
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    values = {"n": count, "day": DAY, "apart": APART, "short": _SHORT}
    for step in _STEPS:
        db.execute(step, {name: value for name, value in values.items() if f":{name}" in step})
    for _, sql in indexes:
        db.execute(sql)
    for end in ("ANALYZE", "PRAGMA journal_mode=WAL"):
        db.execute(end)
    db.close()


async def seconds(ask: Callable[[int], Awaitable[object]], count: int) -> tuple[float, float]:
    """Median over runs of the p50 and p99 of single questions."""
    halves, tails = [], []
    for run in range(RUNS):
        times = []
        for n in range(count):
            start = time.perf_counter()
            await ask(run * count + n)
            times.append(time.perf_counter() - start)
        times.sort()
        halves.append(times[len(times) // 2])
        tails.append(times[max(0, int(count * 0.99) - 1)])
    return statistics.median(halves), statistics.median(tails)


def _day(n: int) -> CallFilter:
    """Somewhere in the year, each time somewhere else."""
    start = DAY + n * 7919 % 365 / 365 * CALLS * APART
    return CallFilter(start=start, end=start + 86_400)


async def measure() -> None:
    database = await filled()
    search = CallSearch(database)
    known = (await search.page(CallFilter(), None, 200)).items
    numbers = [r.caller.raw or "09121234567" for r in known]
    agents = [leg.extension for r in known for leg in r.legs if leg.extension] or ["201"]
    pairs = [CallFilter(agent=r.legs[0].extension, queue=r.queue) for r in known if r.legs]
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
        ("by agent of a queue", lambda n: search.page(pairs[n % len(pairs)], None, 50)),
        ("a day of long ago", lambda n: search.page(_day(n), None, 50)),
        ("abandoned only", lambda n: search.page(CallFilter(outcome="abandoned"), None, 50)),
        ("  peer: LIKE '%…%' on the numbers", like),
    )
    print(f"{f'call log of {CALLS:,} calls on SQLite':54} {'p50 ms':>10} {'p99 ms':>13}")
    for name, ask in questions:
        half, worst = await seconds(ask, 1 if ask is like else TIMES)
        print(f"{name:54} {1000 * half:10.1f} {1000 * worst:13.1f}", flush=True)
    await database.close()


def main() -> None:
    asyncio.run(measure())


if __name__ == "__main__":
    main()
