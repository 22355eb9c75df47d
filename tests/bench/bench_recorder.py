"""How many finished calls a second the recorder brings to disk, on SQLite and on PostgreSQL.

Whole calls as a tracker tells them (started, two changes, ended), four events each. In the first row of a
database they come together and are written once; in the second every call is in the log while it is up
and is written a second time when it ends. PostgreSQL is measured with its durability on. Median of three runs;
beside each the share of one core that this process used, and the physical limit: bare writes of a batch's
bytes, each synced to disk.

Run: ``python -m tests.bench.bench_recorder``
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from call_log.migrations import migrate
from call_log.query import CallFilter
from call_log.recorder import BATCH, Recorder
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.live.events import CallChanged, CallEnded, CallStarted
from tests.call_log.calls import DAY, live, provisional, record
from tests.databases import Postgres

CALLS = 10_000
RUNS = 3
TARGET = 2_000
HANDED = 500


def story(number: int) -> list[CallStarted | CallChanged | CallEnded]:
    done = record(number)
    up = live(provisional(done))
    return [CallStarted(DAY, up), CallChanged(DAY + 1, up), CallChanged(DAY + 2, up), CallEnded(DAY + 9, done)]


async def measure(url: str, delay: int) -> tuple[float, float]:
    """Calls a second, and the share of a core used. ``delay``: so many calls later a call ends."""
    await migrate(url)
    database = await Database.open(url, publish=lambda event: None)
    recorder = Recorder(CallStore(database), SystemClock())
    stories = [story(n) for n in range(CALLS)]
    writing = asyncio.create_task(recorder.run())
    started, cpu = time.perf_counter(), time.process_time()
    for at in range(0, CALLS + delay, HANDED):  # the bus hands over some at a time, and the writer works meanwhile
        recorder.take([event for one in stories[at : at + HANDED] for event in one[:3]])
        recorder.take([one[3] for one in stories[max(at - delay, 0) : max(at - delay + HANDED, 0)]])
        while recorder.status().depth > 2 * HANDED:  # noqa: ASYNC110 - as a tracker that is kept waiting
            await asyncio.sleep(0.005)
    await recorder.flush()
    took, used = time.perf_counter() - started, time.process_time() - cpu
    writing.cancel()
    assert await CallSearch(database).count(CallFilter()) == CALLS
    await database.close()
    return CALLS / took, used / took


def commits(folder: Path) -> float:
    """Batches of 500 calls a second that the disk takes: written and synced, nothing else."""
    block = os.urandom(BATCH * 2_000)
    with (folder / "block").open("wb") as file:
        started = time.perf_counter()
        for _ in range(10):
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
        return 10 / (time.perf_counter() - started)


def row(name: str, urls: list[str], delay: int) -> str:
    figures = [asyncio.run(measure(url, delay)) for url in urls]
    rate = statistics.median(figure[0] for figure in figures)
    share = statistics.median(figure[1] for figure in figures)
    verdict = "ok" if rate >= TARGET else "BELOW TARGET"
    return f"{name:40} {rate:10,.0f} calls/s   {share:4.0%} of a core   target {TARGET:,}   {verdict}"


def main() -> None:
    """Print one row for each database."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        server = Postgres(durable=True)
        for what, delay in (("written once", 0), ("up, then final", 2_000)):
            files = [f"sqlite+aiosqlite:///{folder / f'{delay}-{n}.sqlite'}" for n in range(RUNS)]
            print(row(f"recorder, SQLite, {what}", files, delay))
            print(row(f"recorder, PostgreSQL, {what}", [server.new_url() for _ in range(RUNS)], delay))
        print(f"{'limit: synced blocks of 500 calls':40} {commits(folder) * BATCH:10,.0f} calls/s")
        server.destroy()


if __name__ == "__main__":
    main()
