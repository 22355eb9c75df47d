"""Load from the simulated PBX through the whole product: nothing lost, nothing doubled, every figure right.

Short in every run; `make soak` runs the long form, which also watches memory.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ami_listener.simulator.options import SimulatorOptions, profile_toml
from ami_listener.simulator.server import Simulator
from tests.ami_listener.simulator.oracle import differences
from tests.live import Running, running_product, until

LEAK_MEGABYTES = 40.0
"""What a product may grow by after its caches are warm, over the second half of a long run."""


@asynccontextmanager
async def simulated(**options: object):
    simulator = Simulator(SimulatorOptions(port=0, **options))  # type: ignore[arg-type]
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


def address(simulator: Simulator, name: str) -> str:
    user = simulator.options.users[0]
    return f"ami://{user.name}:{user.secret}@127.0.0.1:{simulator.port}/?name={name}"


def resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def play(simulator: Simulator, running: Running, seconds: float) -> None:
    """All the simulator's calls, to the last, and into the log."""
    await running.connected()
    await asyncio.wait_for(simulator.run(), seconds)
    await running.quiet(30.0)


async def test_every_call_is_in_the_log_once_with_every_figure(tmp_path: Path) -> None:
    async with simulated(calls_per_second=50.0, calls=500, agents=0, breaks=False) as simulator:
        profile = profile_toml(simulator.options, "main")
        async with running_product(tmp_path, profile, pbx_url=address(simulator, "main")) as running:
            await play(simulator, running, 60.0)
            assert differences(simulator.truth, await running.records()) == []
            assert not running.product.listeners[0].translator.unknown
            assert not running.product.listeners[0].translator.malformed


async def test_two_pbxs_with_the_same_ids_are_kept_apart(tmp_path: Path) -> None:
    same = {"calls_per_second": 20.0, "calls": 60, "agents": 0, "breaks": False, "seed": 7, "start_at": time.time()}
    async with (
        simulated(**same) as north,
        simulated(**same) as south,
    ):
        profile = profile_toml(north.options, "north") + profile_toml(south.options, "south")
        urls = f"{address(north, 'north')} {address(south, 'south')}"
        async with running_product(tmp_path, profile, pbx_url=urls) as running:
            await running.connected()
            await asyncio.gather(asyncio.wait_for(north.run(), 60), asyncio.wait_for(south.run(), 60))
            await running.quiet(30.0)
            records = await running.records()
            assert {call.linkedid for call in north.truth} & {call.linkedid for call in south.truth}
            for simulator, name in ((north, "north"), (south, "south")):
                assert differences(simulator.truth, [r for r in records if r.pbx == name]) == []


@pytest.mark.soak
@pytest.mark.timeout(1500)
async def test_ten_minutes_at_100_calls_a_second(tmp_path: Path) -> None:
    async with simulated(calls_per_second=100.0, calls=60_000, agents=0, breaks=False) as simulator:
        profile = profile_toml(simulator.options, "main")
        async with running_product(tmp_path, profile, pbx_url=address(simulator, "main")) as running:
            await running.connected()
            task = asyncio.create_task(simulator.run())
            await until(lambda: len(simulator.truth) > 30_000, 900.0, "half of the calls")
            half = resident_megabytes()
            await asyncio.wait_for(task, 900.0)
            await running.quiet(60.0)
            whole = resident_megabytes()  # before the whole log is read into this process
            assert differences(simulator.truth, await running.records()) == []
            held = sum(len(x.tracker.board.calls) for x in running.product.listeners)
            assert held < 1000
            # The simulator in this process keeps its books of 30,000 calls more: that is not the product's.
            books = 30_000 * 6e-3
            assert whole - half < LEAK_MEGABYTES + books
