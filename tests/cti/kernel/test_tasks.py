import asyncio

import pytest

from cti.kernel.backoff import Backoff
from cti.kernel.clock import ManualClock
from cti.kernel.tasks import Tasks


async def until(condition, limit: float = 5.0) -> None:
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - any condition, so there is no event to wait for
            await asyncio.sleep(0.001)


async def test_a_task_that_fails_is_logged_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    tasks, runs, done = Tasks(), [], asyncio.Event()

    async def run() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError(f"failure {len(runs)}")
        done.set()
        await asyncio.Event().wait()

    task = tasks.start("worker", run, backoff=Backoff(0.001, 0.002))
    await asyncio.wait_for(done.wait(), 5)
    assert task.restarts == 2
    assert task.running
    assert str(task.error) == "failure 2"
    assert "failure 1" in caplog.text
    assert await tasks.stop() == ()
    assert not task.running


async def test_the_back_off_grows_and_begins_anew_after_a_settled_run() -> None:
    clock, runs = ManualClock(), []
    tasks = Tasks(clock)

    async def run() -> None:
        runs.append(clock.monotonic())
        if len(runs) == 3:
            await clock.sleep(100)
        raise RuntimeError

    tasks.start("worker", run, backoff=Backoff(1, 8, jitter=0))
    for pause in (1, 2, 100, 1):
        await until(lambda: clock.sleepers == 1)
        clock.advance(pause)
    await until(lambda: len(runs) == 4)
    assert runs == [0, 1, 3, 104]
    await tasks.stop()


async def test_a_task_that_returns_is_finished() -> None:
    tasks = Tasks()

    async def run() -> None:
        return

    task = tasks.start("once", run)
    await asyncio.wait_for(task.finished(), 5)
    assert (task.restarts, task.error, task.running) == (0, None, False)
    tasks.start("once", run)
    assert len(tasks.tasks) == 1


async def test_without_restart_a_failure_is_the_end() -> None:
    tasks = Tasks()

    async def run() -> None:
        raise RuntimeError("once is enough")

    task = tasks.start("once", run, restart=False)
    await asyncio.wait_for(task.finished(), 5)
    assert str(task.error) == "once is enough"


async def test_tasks_stop_in_the_reverse_order_of_their_start() -> None:
    tasks, stopped = Tasks(), []

    def named(name: str):
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(name)

        return run

    for name in ("first", "second", "third"):
        tasks.start(name, named(name))
    await asyncio.sleep(0)
    await tasks.stop()
    assert stopped == ["third", "second", "first"]


async def test_a_task_that_will_not_stop_is_named() -> None:
    tasks, release = Tasks(), asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    task = tasks.start("stubborn", stubborn)
    await asyncio.sleep(0)
    assert await tasks.stop(grace=0.01) == ("stubborn",)
    release.set()
    await asyncio.wait_for(task.finished(), 5)


async def test_two_tasks_cannot_share_a_name() -> None:
    tasks = Tasks()
    tasks.start("one", asyncio.Event().wait)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="already runs"):
        tasks.start("one", asyncio.Event().wait)  # type: ignore[arg-type]
    await tasks.stop()
