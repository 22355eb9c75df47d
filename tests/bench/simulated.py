"""A simulated PBX as a process of its own, for benchmarks: prints its address, then its truth and its cost.

``python -m tests.bench.simulated CALLS_PER_SECOND CALLS [AGENTS [TALK_SECONDS]]`` prints a JSON line
``{"port", "user", "secret"}`` when it listens and one ``{"cpu_seconds", "seconds", "calls": {linkedid: [outcome,
talk]}}`` when all calls are over.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.server import Simulator


async def main(calls_per_second: float, calls: int, agents: int = 0, talk: float = 0.0) -> None:
    options = SimulatorOptions(
        port=0, calls_per_second=calls_per_second, calls=calls, agents=agents, talk_seconds=talk, breaks=False
    )
    simulator = Simulator(options)
    await simulator.start()
    user = options.users[0]
    print(json.dumps({"port": simulator.port, "user": user.name, "secret": user.secret}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    await simulator.run()
    truth = {call.linkedid: [call.outcome, sum(call.talk.values())] for call in simulator.truth}
    said = {"cpu_seconds": simulator.cpu_seconds, "seconds": time.monotonic() - began, "calls": truth}
    print(json.dumps(said), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), *map(int, sys.argv[2:4]), *map(float, sys.argv[4:])))
