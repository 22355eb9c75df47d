"""The reading process itself: bounded, gone when nobody listens, and no burden to the loop."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from crm_core.exchange.convert import Plan
from crm_core.exchange.frames import Batch, Ended, Order
from crm_core.exchange.process import look, reading
from crm_core.exchange.rows import Choices, Limits
from cti.kernel.errors import InvalidError
from tests.crm_core.exchange.files import many

MAPPING = ("first_name", "last_name", "number:mobile", "number:work", "company_name", "mail", "city", "tags")


def order(path: Path, limits: Limits | None = None) -> Order:
    plan = Plan(mapping=MAPPING)
    return Order(task="read", path=str(path), choices=Choices(), limits=limits or Limits(), plan=plan)


async def test_frames_come_while_the_loop_goes_on(tmp_path: Path) -> None:
    path, stalls, ended = many(tmp_path / "f", 4_000), [0.0], asyncio.Event()

    async def feel() -> None:
        while not ended.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - before - 0.001)

    feeling = asyncio.create_task(feel())
    rows = 0
    async with reading(order(path)) as frames:
        async for frame in frames:
            if isinstance(frame, Ended):
                break
            assert isinstance(frame, Batch)
            rows += len(frame.rows)
    ended.set()
    await feeling
    assert rows == 4_000
    assert sorted(stalls)[int(len(stalls) * 0.99)] < 0.05


async def test_a_file_that_needs_more_memory_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text('name,note\n"' + "x" * 200_000_000 + '"\n')
    with pytest.raises(InvalidError, match="memory"):
        await look(
            Order(task="look", path=str(path), choices=Choices(encoding="utf-8", delimiter=",", header=1),
                  limits=Limits(file_bytes=2**40, line=2**30, memory_bytes=300 * 2**20))
        )  # fmt: skip


def most_memory(pid: int) -> int:
    """The most that a process ever had in memory, in bytes."""
    (line,) = (one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def worker() -> int:
    """The reading process that runs now."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    (found,) = (int(pid) for pid in children if "exchange.worker" in Path(f"/proc/{pid}/cmdline").read_text())
    return found


async def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    used = []
    for count in (5_000, 60_000):
        path, most = many(tmp_path / str(count), count), 0
        async with reading(msgspec.structs.replace(order(path), plan=Plan(mapping=("", "name", "number")))) as frames:
            async for frame in frames:
                if not isinstance(frame, Batch):
                    break
                with suppress(ValueError):  # it has said everything and is gone
                    most = max(most, most_memory(worker()))
        used.append(most)
    assert used[0] > 0
    assert used[1] < used[0] + 8 * 2**20, used
    assert most_memory(os.getpid()) < 2**30


async def test_who_stops_listening_leaves_nothing_behind(tmp_path: Path) -> None:
    async with reading(order(many(tmp_path / "f", 20_000))) as frames:
        await anext(frames)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not enough values"):
        worker()
