"""In groups, once per call, and nothing lost while the database is away."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from call_log.migrations import migrate
from call_log.query import CallFilter
from call_log.recorder import KINDS, Recorder, RecorderStatus
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.backoff import Backoff
from cti.kernel.bus import Bus
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.live.events import CallChanged, CallEnded, CallLogged, CallMerged, CallStarted
from cti.live.record import CallRecord
from tests.call_log.calls import DAY, live, provisional, record
from tests.databases import Postgres


def recorder_of(store: CallStore, **settings: int) -> Recorder:
    return Recorder(store, SystemClock(), backoff=Backoff(first=0.01, cap=0.05), **settings)


@pytest.fixture
def recorder(store: CallStore) -> Recorder:
    return recorder_of(store)


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - the condition is another task's, there is nothing to await
            await asyncio.sleep(0.005)


def life(of: CallRecord, at: float = DAY) -> list[CallStarted | CallChanged | CallEnded]:
    """A call from its first sign to its end, as the tracker tells it."""
    up = provisional(of, talk_seconds=0.0)
    return [
        CallStarted(at, live(up)),
        *(CallChanged(at + n, live(provisional(of, talk_seconds=float(n)))) for n in range(1, 5)),
        CallEnded(at + 9, of),
    ]


async def test_a_call_is_in_the_log_while_it_lives_and_final_after(recorder: Recorder, store: CallStore) -> None:
    started, changed, *_, ended = life(record(1))
    recorder.take([started])
    await recorder.flush()
    first = await store.get(record(1).id)
    assert first is not None
    assert first.provisional
    recorder.take([changed, ended])
    await recorder.flush()
    assert await store.get(record(1).id) == record(1)


async def test_several_changes_are_written_once(recorder: Recorder, told: list[object]) -> None:
    recorder.take([event for n in range(50) for event in life(record(n))])
    assert recorder.status().depth == 50
    await recorder.flush()
    assert [type(event) for event in told] == [CallLogged] * 50
    assert recorder.status().written == 50
    assert recorder.status().depth == 0


async def test_told_in_the_wrong_order_it_ends_the_same(recorder: Recorder, store: CallStore) -> None:
    for event in reversed(life(record(1))):
        recorder.take([event])
        await recorder.flush()
    assert await store.get(record(1).id) == record(1)


async def test_two_calls_that_become_one_are_one_in_the_log(recorder: Recorder, store: CallStore) -> None:
    old, new = record(1), record(2)
    recorder.take([*life(old)[:2], *life(new)[:2]])
    await recorder.flush()
    recorder.take([CallMerged(DAY + 3, new.id, old.id), *life(new)[2:], CallEnded(DAY + 9, old)])
    await recorder.flush()
    assert await store.get(new.id) == old
    assert len(await store.between("main", DAY, DAY + 100)) == 1


async def test_it_runs_on_the_bus_in_groups(database: Database, store: CallStore, told: list[object]) -> None:
    recorder, bus = recorder_of(store), Bus()
    bus.subscribe_batches("call log", KINDS, recorder.take)
    running = asyncio.create_task(recorder.run())
    for n in range(700):
        bus.publish(CallEnded(DAY + 9, record(n)))
    await until(lambda: recorder.status().written == 700)
    assert len(told) == 700
    running.cancel()
    await bus.close()


async def test_flush_waits_for_what_another_task_is_writing(recorder: Recorder, store: CallStore) -> None:
    running = asyncio.create_task(recorder.run())
    for n in range(30):
        recorder.take([CallEnded(DAY, record(n))])
        await recorder.flush()
        assert await store.get(record(n).id) == record(n)
    running.cancel()


@pytest.fixture
async def lockable(tmp_path: Path) -> AsyncIterator[tuple[Recorder, CallStore, Path]]:
    path = tmp_path / "tamas.sqlite"
    await migrate(f"sqlite+aiosqlite:///{path}")
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with database.transaction() as tx:
        await tx.execute("PRAGMA busy_timeout=10")
    store = CallStore(database)
    yield recorder_of(store, interval=0), store, path
    await database.close()


async def test_a_locked_database_is_waited_for(lockable: tuple[Recorder, CallStore, Path]) -> None:
    recorder, store, path = lockable
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    running = asyncio.create_task(recorder.run())
    for n in range(900):
        recorder.take(life(record(n))[:2])
    await until(lambda: recorder.status().failures >= 3)
    for n in range(900):
        recorder.take(life(record(n))[2:])
    status = recorder.status()
    assert status.error is not None
    assert "locked" in status.error
    assert status.depth == 900
    assert status.lag > 0
    other.execute("ROLLBACK")
    await recorder.flush()
    found = await store.between("main", DAY, DAY + 99999)
    assert [s.record for s in found] == [record(n) for n in range(900)]
    assert recorder.status().error is None
    assert recorder.status().lag == 0
    running.cancel()
    other.close()


async def test_what_is_being_written_waits_still(lockable: tuple[Recorder, CallStore, Path]) -> None:
    recorder, store, _ = lockable
    recorder.take([CallMerged(DAY, "main-gone", record(1).id), *(CallEnded(DAY, record(n)) for n in range(20))])
    async with store.database.transaction():  # another has the only writer's place, for however long
        writing = asyncio.create_task(recorder.flush())
        await until(lambda: not recorder._waiting)
        recorder.take([CallEnded(DAY, record(n)) for n in range(10, 30)])
        assert recorder.status().depth == 31
        assert recorder.status().lag > 0
    await writing
    assert recorder.status().depth == 0


@pytest.mark.parametrize(
    ("depth", "lag", "error", "said"),
    [
        (0, 0.0, "locked", None),
        (5, 0.1, None, None),
        (5, 0.1, "locked", "5 calls wait to be written, the oldest for 0 s: locked"),
        (5, 20.0, None, "5 calls wait to be written, the oldest for 20 s: the database takes long"),
    ],
)
def test_trouble_is_what_failed_or_takes_long(depth: int, lag: float, error: str | None, said: str | None) -> None:
    status = RecorderStatus(depth, lag, written=1, failures=0, refused=0, let_go=0, error=error)
    assert status.trouble == said


async def test_a_full_disk_is_waited_for(lockable: tuple[Recorder, CallStore, Path]) -> None:
    recorder, store, _ = lockable
    async with store.database.transaction() as tx:
        (pages,) = await tx.one("PRAGMA page_count") or (0,)
        await tx.one(f"PRAGMA max_page_count={pages + 5}")
    recorder.take([CallEnded(DAY, record(n)) for n in range(400)])
    writing = asyncio.create_task(recorder.flush())
    await until(lambda: "full" in (recorder.status().error or ""))
    async with store.database.transaction() as tx:
        await tx.one("PRAGMA max_page_count=1000000")
    await writing
    assert len(await store.between("main", DAY, DAY + 99999)) == 400


async def test_a_restarted_server_is_waited_for() -> None:
    server = Postgres()
    url = server.new_url()
    await migrate(url)
    database = await Database.open(url)
    store = CallStore(database)
    recorder = recorder_of(store)
    running = asyncio.create_task(recorder.run())
    recorder.take([CallEnded(DAY, record(1))])
    await recorder.flush()
    server.stop()
    recorder.take([CallEnded(DAY, record(n)) for n in range(2, 800)])
    await until(lambda: recorder.status().failures > 0)
    server.serve()
    await recorder.flush()
    assert await CallSearch(database).count(CallFilter()) == 799
    running.cancel()
    await database.close()
    server.destroy()


async def test_a_database_without_tables_is_waited_for(database_url: str) -> None:
    database = await Database.open(database_url)
    recorder = recorder_of(CallStore(database))
    recorder.take([CallEnded(DAY, record(1))])
    writing = asyncio.create_task(recorder.flush())
    await until(lambda: recorder.status().failures >= 2)
    await migrate(database_url)
    await writing
    assert await CallStore(database).get(record(1).id) == record(1)
    await database.close()


async def test_one_impossible_record_does_not_hold_up_the_others(recorder: Recorder, store: CallStore) -> None:
    impossible = record(7, caller=record(7).caller, digits="\ud800")  # half a surrogate pair: no text in any database
    recorder.take([CallMerged(DAY, "main-gone", record(1).id)])
    recorder.take([CallEnded(DAY, impossible if n == 7 else record(n)) for n in range(20)])
    await recorder.flush()
    assert len(await store.between("main", DAY, DAY + 1000)) == 19
    assert [entry.record.id for entry, _ in recorder.refused] == [impossible.id]
    assert recorder.status().refused == 1
    assert await store.get("main-gone") == record(1)


async def test_beyond_the_limit_calls_still_up_are_let_go_first(store: CallStore) -> None:
    recorder = recorder_of(store, limit=10)
    recorder.take([CallStarted(DAY, live(provisional(record(n)))) for n in range(5)])
    recorder.take([CallEnded(DAY, record(n)) for n in range(5, 13)])
    recorder.take([CallStarted(DAY, live(provisional(record(n)))) for n in range(13, 20)])
    assert recorder.status().depth == 10
    assert recorder.status().let_go == 3 + 7
    await recorder.flush()
    ids = {s.record.id for s in await store.between("main", DAY, DAY + 1000)}
    assert {record(n).id for n in range(5, 13)} < ids


async def test_a_flush_that_is_cut_short_forgets_nothing(lockable: tuple[Recorder, CallStore, Path]) -> None:
    recorder, store, path = lockable
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    recorder.take([CallEnded(DAY, record(n)) for n in range(20)])
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(recorder.flush(), 0.02)
    assert recorder.status().depth == 20
    other.execute("ROLLBACK")
    other.close()
    await recorder.flush()
    assert len(await store.between("main", DAY, DAY + 1000)) == 20


WRITER = """
import asyncio, sys
from call_log.recorder import Recorder
from call_log.store import CallStore
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.live.events import CallEnded
from tests.call_log.calls import DAY, record

async def main():
    database = await Database.open(sys.argv[1], publish=lambda event: print(event.record.id, flush=True))
    recorder = Recorder(CallStore(database), SystemClock())
    asyncio.create_task(recorder.run())
    for n in range(100_000):
        recorder.take([CallEnded(DAY, record(n))])
        await asyncio.sleep(0.0005)

asyncio.run(main())
"""


async def test_what_was_told_is_in_the_log_after_kill_9(ready_url: str) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, ready_url, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    told = [(await writer.stdout.readline()).decode().strip() for _ in range(300)]
    writer.kill()
    told += [line.decode().strip() async for line in writer.stdout if line.endswith(b"\n")]
    await writer.wait()
    database = await Database.open(ready_url)
    stored = {s.record.id for s in await CallStore(database).between("main", DAY, DAY + 10_000_000)}
    assert len(told) >= 300
    assert set(told) <= stored
    await database.close()
