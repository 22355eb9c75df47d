"""The live monitor over the whole chain: bytes of a PBX with 1,000 live calls and 500 agents, to 50 viewers' sockets.

The simulated PBX is a process of its own, the product (on SQLite) another, the viewers a third. All 500 agents are
users of the product, in ten teams. "Changes" are calls that began, changed or ended, as the product counts them; "to
the frame" is from the moment of the change, as the product read it off the PBX's bytes, to the arrival of
its frame, on one clock.
Run: ``python -m tests.bench.bench_live [SECONDS]``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from cti.app.storage import open_database
from tests.bench.bench_board import ALLOWED, VIEWERS, Viewers
from tests.bench.bench_pops import Agent, staff
from tests.bench.bench_product import Process, product
from tests.live import TESTER, administrator, beside, settings_of
from web.services import Crm

AGENTS, TEAMS, LIVE = 500, 10, 1000
RATE, TALK = 85.0, 10.0
"""Calls a second and their median talk in seconds, which make so many live calls."""
SECONDS, RISE = 15.0, 60.0


async def people(crm: Crm) -> str:
    """The agents at their phones, neighbours in one team: they serve the same queues."""
    told = await staff(crm, AGENTS, AGENTS)
    each = AGENTS // TEAMS
    for number in range(TEAMS):
        team = await crm.teams.create(TESTER, f"Team {number}")
        await crm.teams.change(
            TESTER, team.id, users=tuple(f"agent{n}" for n in range(number * each or 1, (number + 1) * each))
        )
    return told


async def measure(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = settings_of(folder)
        await (await open_database(settings)).close()
        await beside(settings, people)
        calls = int(RATE * (seconds + 2 * RISE))
        simulator = await Process.start("tests.bench.simulated", str(RATE), str(calls), str(AGENTS), str(TALK))
        where = await simulator.said()
        async with product(folder, where, RATE, AGENTS) as (child, url):
            token = await administrator(settings)
            viewers = await Process.start("tests.bench.bench_live", "viewers", url, token)
            await viewers.said()
            simulator.tell()
            up = await _risen(url)
            viewers.tell()
            await viewers.said()
            told = await metric(url, "tamas_call_events")
            begun, cpu = time.monotonic(), child.usage()[0]
            await asyncio.sleep(seconds)
            used, passed = child.usage()[0] - cpu, time.monotonic() - begun
            told = await metric(url, "tamas_call_events") - told
            viewers.tell()
            found = await viewers.said()
            up = (up + await metric(url, "tamas_calls_live")) / 2
            memory = child.usage()[1]
            await viewers.stop()
        await simulator.stop()
    late = ", ".join(f"p{p} {1000 * found[f'p{p}']:.0f}" for p in (50, 95, 99))
    row = f"{up:,.0f} live calls, {AGENTS} agents, {told / passed:.0f} changes of calls/s, {VIEWERS} viewers"
    print(f"{row:70} CPU of a core, the product: {100 * used / passed:.0f} %; {memory:.0f} MB")
    each = found["bytes"] / VIEWERS / told
    print(f"{'  bytes a change and viewer; from the change to the frame':70} "
          f"{each:.0f} (asked: {ALLOWED}); {late} ms", flush=True)  # fmt: skip


async def view(url: str, token: str) -> None:
    """The viewers: a line when all have their snapshot, one when counting begins, and the count when asked again."""
    counted, where, loop = Viewers(), urlsplit(url), asyncio.get_running_loop()
    host, port = where.hostname or "", where.port or 80

    for _ in range(VIEWERS):
        made = partial(Agent, token, where.netloc, lambda now, payload: counted.heard(now, payload), ("board:all",))
        await (await loop.create_connection(made, host, port))[1].ready
    print("{}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    counted = Viewers()
    print("{}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    late = sorted(counted.late)
    percents = {f"p{p}": late[min(len(late) - 1, len(late) * p // 100)] for p in (50, 95, 99)}
    print(json.dumps({"bytes": counted.bytes, **percents}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _risen(url: str) -> float:
    """The calls that are up, once they are so many; asked seldom, since it is no part of what is measured."""
    for _ in range(int(2 * RISE)):
        if (up := await metric(url, "tamas_calls_live")) >= LIVE:
            return up
        await asyncio.sleep(0.5)
    raise TimeoutError(f"{up:.0f} calls are up, not {LIVE}")


async def metric(url: str, name: str) -> float:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        for line in (await answer.text()).splitlines():
            if line.startswith(name):
                return float(line.rpartition(" ")[2])
    return 0.0


def main(seconds: float = SECONDS) -> None:
    print("live: the simulated PBX, the whole product on SQLite, viewers of the live monitor")
    asyncio.run(measure(seconds))


if __name__ == "__main__":
    if sys.argv[1:2] == ["viewers"]:
        asyncio.run(view(*sys.argv[2:]))
    else:
        main(*map(float, sys.argv[1:]))
