import asyncio
import time

import pytest

from cti.kernel.clock import ManualClock, SystemClock


async def test_system_clock_tells_epoch_and_monotonic_time() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() > before
    assert abs(clock.now() - time.time()) < 1


async def test_sleepers_wake_in_order_of_deadline_and_not_before() -> None:
    clock, woken = ManualClock(), []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(sleeper("late", 2)), asyncio.create_task(sleeper("early", 1))]
    await asyncio.sleep(0)
    assert clock.sleepers == 2
    clock.advance(0.5)
    await asyncio.sleep(0)
    assert woken == []
    clock.advance(1.5)
    await asyncio.gather(*tasks)
    assert woken == ["early", "late"]
    assert clock.sleepers == 0


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.sleepers == 0
    clock.advance(2)


async def test_no_time_at_all_only_yields() -> None:
    await ManualClock().sleep(0)


def test_the_wall_clock_can_be_set_back_but_monotonic_cannot() -> None:
    clock = ManualClock(now=1000.0)
    clock.step(-90)
    assert (clock.now(), clock.monotonic()) == (910.0, 0.0)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
