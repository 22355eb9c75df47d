"""Thousands of calls of every kind from the simulated PBX while the link breaks: none lost, none doubled, none wrong.

The truth is what the simulator itself did, kept in its own books, and not the CSV files with which the product mends
its log. No Asterisk is needed.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from ami_listener.simulator.options import SimulatorOptions, profile_toml
from ami_listener.simulator.server import Simulator
from ami_listener.simulator.truth import SimCall
from cti.live.record import CallRecord
from tests.live import running_product, until
from tests.proxy import Proxy

TALK_TOLERANCE = 0.1
SHORT, LONG = (60.0, 480, 2), (100.0, 8000, 10)


def mistakes(records: Sequence[CallRecord], truth: Sequence[SimCall]) -> list[str]:
    """What is lost, doubled or wrong."""
    ours: dict[str, set[str]] = {}
    by_id = {record.id: record for record in records}
    for record in records:
        for linkedid in record.linkedids:
            ours.setdefault(linkedid, set()).add(record.id)
    found = [f"{r.id} has no end" for r in records if r.provisional]
    for call in truth:
        ids = set[str]().union(*(ours.get(linkedid, set()) for linkedid in call.linkedids))
        if len(ids) != 1:
            found.append(f"{call.linkedids}: {'lost' if not ids else f'{len(ids)} records'}")
            continue
        record = by_id[ids.pop()]
        talk = sum(leg.talk_seconds for leg in record.legs if not leg.outside)
        if record.outcome != call.outcome or abs(talk - sum(call.talk.values())) > TALK_TOLERANCE:
            found.append(
                f"{record.id} ({call.direction}): {record.outcome}, {talk:.1f} s; truly {call.outcome},"
                f" {sum(call.talk.values()):.1f} s"
            )
    if len(records) != len(truth):
        found.append(f"{len(records)} records of {len(truth)} calls")
    return found


@pytest.mark.parametrize(
    "size", [SHORT, pytest.param(LONG, marks=[pytest.mark.chaos, pytest.mark.timeout(600)])], ids=["short", "long"]
)
async def test_the_link_breaks_again_and_again(tmp_path: Path, size: tuple[float, int, int]) -> None:
    rate, calls, cuts = size
    books, seed = tmp_path / "cdr", random.randrange(1 << 30)
    print(f"seed {seed}")
    options = SimulatorOptions(port=0, calls_per_second=rate, calls=calls, agents=0, seed=seed, cdr_folder=books)
    simulator = Simulator(options)
    await simulator.start()
    user = options.users[0]
    async with Proxy.running("127.0.0.1", simulator.port) as proxy:
        url = f"ami://{user.name}:{user.secret}@127.0.0.1:{proxy.port}/?name=main"
        settings = {"pbx_url": url, "cdr_url": str(books), "cdr_timezone": "UTC"}
        async with running_product(tmp_path / "data", profile_toml(options), **settings) as running:
            await running.connected()
            playing = asyncio.create_task(simulator.run())
            for _ in range(cuts):
                await asyncio.sleep(random.uniform(0.3, 1.0) * calls / rate / cuts)
                proxy.cut()
            await asyncio.wait_for(playing, 300)
            simulator.simulation.write_books()
            await running.quiet(30)
            began, found = time.monotonic(), list[str]()

            async def right() -> bool:
                await asyncio.sleep(0.2)
                found[:] = mistakes(await running.records(), simulator.truth)
                return not found

            await until(right, 60, lambda: f"{len(found)} of {len(simulator.truth)} calls: {found[:8]}")
            kinds = Counter(call.outcome for call in simulator.truth)
            print(
                f"{len(simulator.truth)} calls {dict(kinds)}, {cuts} cuts, right after {time.monotonic() - began:.1f} s"
            )
            assert cuts / 2 < proxy.connections <= cuts + 1
    await simulator.stop()
