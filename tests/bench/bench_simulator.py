"""How many calls a second the simulated PBX plays, written to one client that reads everything.

Both ends run in this process; the simulator's own share of the processor is measured inside its ticks,
the reader's is the rest. Offered are 300 calls/s for a while (the rate that load tests use), then as
many as it takes to find the limit, on the simulated clock alone. Median of three.
Run: ``python -m tests.bench.bench_simulator``.
"""

from __future__ import annotations

import asyncio
import statistics
import time

from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.server import Simulator
from ami_listener.simulator.simulation import Simulation, play

RUNS = 3
RATE, CALLS = 300.0, 1500
LOGIN = b"Action: Login\r\nUsername: tamas\r\nSecret: tamas\r\n\r\n"


async def _read(reader: asyncio.StreamReader) -> int:
    size = 0
    while data := await reader.read(1 << 18):
        size += len(data)
    return size


async def served(seed: int) -> dict[str, float]:
    """``CALLS`` calls at ``RATE`` over a socket, in real time; rates are of the time in which calls begin."""
    simulator = Simulator(SimulatorOptions(port=0, calls_per_second=RATE, agents=0, calls=CALLS, seed=seed))
    await simulator.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    writer.write(LOGIN)
    await reader.readuntil(b"Authentication accepted\r\n\r\n")
    reading = asyncio.create_task(_read(reader))
    before = time.process_time()
    await simulator.run()
    began = [call.started_at for call in simulator.truth]
    seconds = max(began) - min(began)
    process = time.process_time() - before
    events = simulator.simulation.pbx.wire.events
    await simulator.stop()
    size = await reading
    writer.close()
    return {
        "calls/s": CALLS / seconds,
        "events/s": events / seconds,
        "MB/s": size / seconds / 1e6,
        "own CPU": simulator.cpu_seconds / seconds,
        "reader's CPU": (process - simulator.cpu_seconds) / seconds,
    }


def flat_out(seed: int) -> dict[str, float]:
    """As fast as it goes: simulated time, every event written and encoded, no socket."""
    simulation = Simulation(SimulatorOptions(calls_per_second=RATE, agents=0, calls=CALLS, seed=seed))
    began = time.perf_counter()
    size = sum(len(chunk) for chunk in play(simulation, step=0.01))
    seconds = time.perf_counter() - began
    events = simulation.pbx.wire.events
    return {"calls/s": CALLS / seconds, "events/s": events / seconds, "MB/s": size / seconds / 1e6}


def _show(title: str, runs: list[dict[str, float]]) -> None:
    figures = "  ".join(f"{statistics.median(run[key] for run in runs):,.2f} {key}" for key in runs[0])
    print(f"{title:<28} {figures}")


def main() -> None:
    _show(f"served at {RATE:.0f} calls/s", [asyncio.run(served(seed)) for seed in range(RUNS)])
    _show("flat out", [flat_out(seed) for seed in range(RUNS)])


if __name__ == "__main__":
    main()
