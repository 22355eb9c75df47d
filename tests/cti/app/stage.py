"""A simulated PBX for the tests of the roof: running on a free port, or played through beforehand for its books."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ami_listener.simulator.options import SimulatorOptions, profile_toml
from ami_listener.simulator.server import Simulator, simulate
from tests.live import until

LIVELY: dict[str, Any] = {"calls_per_second": 8.0, "agents": 24, "talk_seconds": 0.5, "breaks": False}


@asynccontextmanager
async def simulated(**options: Any) -> AsyncIterator[Simulator]:
    """A simulated PBX that serves and plays; with ``calls=0`` a silent one."""
    simulator = Simulator(SimulatorOptions(port=0, **options))
    await simulator.start()
    running = asyncio.create_task(simulator.run())
    try:
        yield simulator
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulator.stop()


@asynccontextmanager
async def silent(**options: Any) -> AsyncIterator[Simulator]:
    """A simulated PBX with no calls on it: it answers, and its time stands still."""
    simulator = Simulator(SimulatorOptions(port=0, **options))
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


def url_of(simulator: Simulator, name: str = "main", user: int = 0, secret: str = "") -> str:
    """``CTI_PBX_URL`` of it."""
    login = simulator.options.users[user]
    return f"ami://{login.name}:{secret or login.secret}@127.0.0.1:{simulator.port}/?name={name}"


def profile_of(simulator: Simulator) -> str:
    """Its profile as TOML."""
    return profile_toml(simulator.options)


async def books(folder: Path, calls: int = 5) -> Simulator:
    """CDR and CEL of calls that were over an hour ago; the simulator that made them knows the truth."""
    options = SimulatorOptions(
        port=0, calls=calls, cdr_folder=folder, start_at=time.time() - 7200.0, speed=400.0, calls_per_second=0.5
    )
    simulator = await simulate(options)
    await until(lambda: simulator.simulation.done)
    assert max(call.ended_at or 0.0 for call in simulator.truth) < time.time() - 3600.0
    return simulator
