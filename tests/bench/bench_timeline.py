"""The first page of a contact with 20,000 entries, and what following the call log costs per call.

The contact has two numbers, a merged double and a crowd of other contacts beside him; the page is what the service
answers, with the counts of its filters, as the web asks for it. PostgreSQL with its durability on. Median of three
runs; the limit beside it is the bare walk along the key. Run: ``python -m tests.bench.bench_timeline``
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from call_log.model import Entry as LogEntry
from call_log.store import CallStore
from crm_core.contacts.model import Draft, DraftNumber
from crm_core.timeline.calls import Calls
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry, of_party
from crm_core.timeline.walk import newest
from cti.app.crm import open_crm
from cti.app.storage import open_database
from cti.kernel.actor import system
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from cti.live.record import Caller, CallRecord
from tests.call_log.calls import DAY, record
from tests.databases import Postgres
from web.services import Crm

CALLS, NOTES, OTHERS = 19_000, 1_000, 20_000
RUNS, TIMES = 3, 100
TARGET_MS = 50.0
ACTOR = system("bench")
NUMBERS = ("+989121112233", "+982188712340")


async def open_all(url: str, folder: Path) -> Crm:
    settings = Settings(data=str(folder), database_url=url)
    return open_crm(settings, await open_database(settings), SystemClock())


async def fill(crm: Crm) -> tuple[str, float, float]:
    """The contact's id; microseconds of one core, and of time, that following the log took for each call."""
    party = await crm.contacts.create(
        ACTOR, "person", Draft(name="مریم رستگار", numbers=tuple(map(DraftNumber, NUMBERS)))
    )
    store = CallStore(crm.database)
    for start in range(0, CALLS + OTHERS, 2_000):
        await store.save([LogEntry(_call(n), DAY + n) for n in range(start, min(start + 2_000, CALLS + OTHERS))])
    began, cpu = time.perf_counter(), time.process_time()
    await Calls(crm.database, SystemClock(), store).catch_up()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    notes = [Entry("note", f"{n}", DAY + 97.0 * n, (of_party(party.id),), NoteFacts("x" * 200)) for n in range(NOTES)]
    async with crm.database.transaction() as tx:
        await crm.timeline.put_many(tx, notes)
    return party.id, 1e6 * used / (CALLS + OTHERS), 1e6 * took / (CALLS + OTHERS)


def _call(n: int) -> CallRecord:
    number = NUMBERS[n % 2] if n < CALLS else f"+98935{n:07}"
    return record(n, caller=Caller(number, number, None))


async def page_times(crm: Crm, party: str) -> tuple[float, float]:
    """Median and worst (of a hundred: p99) milliseconds of the first page with its counts."""
    subject, times = of_party(party), []
    for _ in range(TIMES):
        began = time.perf_counter()
        page = await crm.timeline.page(ACTOR, subject)
        counts = await crm.timeline.counts(ACTOR, subject)
        times.append(1000 * (time.perf_counter() - began))
    assert len(page.items) == 30
    assert counts is not None
    times.sort()
    return times[len(times) // 2], times[int(TIMES * 0.99) - 1]


async def bare(database: Database) -> float:
    """Milliseconds of one walk along the key, nothing else."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        async with database.read() as reader:
            await newest(reader, [f"n:{NUMBERS[0]}"], (), None, 30)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


async def measure(name: str, url: str, folder: Path) -> None:
    crm = await open_all(url, folder)
    party, cpu, took = await fill(crm)
    if crm.database.dialect == "postgresql":
        async with crm.database.transaction() as tx:
            await tx.execute("ANALYZE")
    runs = [await page_times(crm, party) for _ in range(RUNS)]
    half, tail = (statistics.median(run[n] for run in runs) for n in (0, 1))
    verdict = "ok" if tail < TARGET_MS else "ABOVE TARGET"
    title = f"contact of {CALLS + NOTES:,} entries, first page, {name}"
    print(f"{title:58} p50 {half:6.1f} ms   p99 {tail:6.1f} ms   target {TARGET_MS:.0f}   {verdict}")
    print(f"{'limit: one bare walk':58} {await bare(crm.database):10.1f} ms")
    share = 300 * cpu / 1e6
    print(f"{f'following the call log, {name}':58} {cpu:6.0f} µs of a core a call, {1e6 / took:,.0f} calls/s;"
          f" at 300 calls/s {share:.0%} of a core", flush=True)  # fmt: skip
    await crm.database.close()


def main() -> None:
    """Print the rows of each database."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        asyncio.run(measure("SQLite", f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}", folder))
        server = Postgres(durable=True)
        asyncio.run(measure("PostgreSQL", server.new_url(), folder))
        server.destroy()


if __name__ == "__main__":
    main()
