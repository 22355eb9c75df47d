"""How late an agent's card is at 100 calls/s: 1,000 agents at their pages, a million contacts; and what 5,000 idle
agents weigh.

The PBX is a process of its own, the product (on SQLite) another, the agents' sockets a third: this one, with the relay
that notes when the bytes that ring a phone passed. "Late" is from there to the arrival of the frame at that agent's
socket, on one clock. Three stretches are measured, the median of their figures is printed.
``TAMAS_POPS_PEOPLE`` and ``TAMAS_POPS_SECONDS`` change the size.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from ami_listener.simulator.options import extension
from crm_core.users.access import secret_hash
from crm_core.users.account import UserDraft
from crm_core.users.model import token, user_account, user_work
from crm_core.users.tokens import PREFIX
from tests.bench import crowd
from tests.bench.bench_product import Json, Process, Relay, product
from tests.live import TESTER, beside, settings_of
from web.services import Crm

PEOPLE = int(os.environ.get("TAMAS_POPS_PEOPLE", "1000000"))
SECONDS = float(os.environ.get("TAMAS_POPS_SECONDS", "18"))
RATE, AGENTS, IDLE = 100.0, 1000, 5000
RUNS = 3
WARM_UP = 6.0
"""Seconds in which the simulator builds its world, sends at once what came due meanwhile, and that is worked off."""


class Agent(asyncio.Protocol):
    """An agent's socket, as bare as can be: notes when a frame came, answers pings."""

    def __init__(
        self,
        token: str,
        host: str,
        heard: Callable[[float, bytes], None],
        topics: tuple[str, ...] = ("pops", "agent"),
    ) -> None:
        self._token, self._host, self._heard, self._topics = token, host, heard, topics
        self._rest = b""
        self._upgraded = False
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /push HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._send(0x81, json.dumps({"type": "hello", "token": self._token, "topics": self._topics}).encode())

    def _send(self, first: int, payload: bytes) -> None:
        size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.transport.write(bytes((first,)) + size + b"\0\0\0\0" + payload)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._rest += data
        if not self._upgraded:
            head, end, self._rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            assert b" 101 " in head.splitlines()[0] + b" ", head
            self._upgraded = True
        while (frame := self._frame()) is not None:
            first, payload = frame
            if first & 0x0F == 9:
                self._send(0x8A, payload)
            elif first & 0x0F == 8 and not self.ready.done():
                self.ready.set_exception(ConnectionError(payload.decode("utf-8", "replace")))
            elif first & 0x0F == 1:
                if not self.ready.done():
                    self.ready.set_result(None)
                self._heard(now, payload)

    def _frame(self) -> tuple[int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(rest[2 : 2 + wide], "big"), 2 + wide
        if len(rest) < at + size:
            return None
        self._rest = rest[at + size :]
        return rest[0], rest[at : at + size]


class Rings(Relay):
    """Notes when the dial of each phone passed, by the phone's unique id."""

    def _note(self, data: bytes, now: float) -> None:
        *blocks, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for block in blocks:
            if block.startswith(b"Event: DialBegin"):
                uniqueid = block.partition(b"\r\nDestUniqueid: ")[2].partition(b"\r\n")[0].decode()
                self.seen.setdefault(uniqueid, now)


async def staff(crm: Crm, count: int, phones: int) -> str:
    """So many agents, the first of them at phones; their tokens, a JSON list. All but the first are copies: one by one
    it would take a minute."""
    secrets = [PREFIX + token_urlsafe(32) for _ in range(count)]
    now = time.time()
    async with crm.access.changing() as tx:
        draft = UserDraft(login="agent", name="Agent", role="agent", extensions=(extension(0, phones),))
        first = await crm.users.put(tx, TESTER, draft)
        row = await tx.one("SELECT * FROM user_account WHERE id = ?", first.id)
        assert row is not None
        ids = [first.id, *(f"agent{n}" for n in range(1, count))]
        await tx.insert(user_account, [(user, user, f"Agent {n}", *row[3:]) for n, user in enumerate(ids) if n])
        works = [(ids[n], "extension", 0, extension(n, phones)) for n in range(1, phones)]
        await tx.insert(user_work, works)
        made = zip(ids, secrets, strict=True)
        await tx.insert(token, [(f"t{n}", secret_hash(s), user, "bench", "*", now, None, None, None)
                                for n, (user, s) in enumerate(made)])  # fmt: skip
    return json.dumps(secrets)


async def connect(url: str, tokens: list[str], heard: Callable[[float, bytes], None]) -> list[Agent]:
    """An open page for each token."""
    where = urlsplit(url)
    agents: list[Agent] = []
    loop = asyncio.get_running_loop()
    host, port = where.hostname or "", where.port or 80
    for at in range(0, len(tokens), 100):
        made = [partial(Agent, token, where.netloc, heard) for token in tokens[at : at + 100]]
        some = [agent for _, agent in await asyncio.gather(*(loop.create_connection(m, host, port) for m in made))]
        await asyncio.gather(*(agent.ready for agent in some))
        agents += some
    return agents


class Late:
    """When each card came, after the bytes that made its phone ring."""

    def __init__(self, relay: Rings) -> None:
        self.relay = relay
        self.times: list[tuple[float, float]] = []
        self.frames = 0

    def heard(self, now: float, payload: bytes) -> None:
        if b'"topic":"pops"' not in payload:
            return
        told: Json = json.loads(payload)
        if told["type"] != "event":
            return
        self.frames += 1
        card = told["data"]
        came = self.relay.seen.pop(card["mine"]["uniqueid"], None) if card["state"] == "ringing" else None
        if came is not None and card["doing"] == "ring":
            self.times.append((came, now - came))


async def measure() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 20_000)), hard))
    filled = await crowd.on_sqlite(PEOPLE, 1)
    await filled.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(crowd.folder() / f"people-{PEOPLE}-1-0.sqlite", folder / "tamas.db")
        tokens = json.loads(await beside(settings_of(folder), lambda crm: staff(crm, IDLE, AGENTS)))
        calls = int(RATE * (SECONDS + 2 * WARM_UP))  # what it sends at once is missing at the end
        simulator = await Process.start("tests.bench.simulated", str(RATE), str(calls), str(AGENTS))
        where = await simulator.said()
        relay = Rings(where["port"])
        port = await relay.start()
        async with product(folder, {**where, "port": port}, RATE, AGENTS) as (child, url):
            await _ringing(simulator, child, url, tokens[:AGENTS], relay)
            await _idle(child, url, tokens[AGENTS:])
        await simulator.stop()


async def _ringing(simulator: Process, child: Process, url: str, tokens: list[str], relay: Rings) -> None:
    late = Late(relay)
    await connect(url, tokens, late.heard)
    cpu, mine, begun = child.usage()[0], time.process_time(), time.monotonic()
    simulator.tell()
    truth = await simulator.said()
    passed = time.monotonic() - begun
    share = 100 / passed
    shares = (child.usage()[0] - cpu) * share, truth["cpu_seconds"] * share, (time.process_time() - mine) * share
    counted = [(came, took) for came, took in late.times if came - begun > WARM_UP]
    thirds = [
        sorted(took for came, took in counted if n <= RUNS * (came - begun - WARM_UP) / SECONDS < n + 1)
        for n in range(RUNS)
    ]
    row = f"bytes that ring to the agent's frame, {RATE:.0f} calls/s, {len(tokens):,} agents, {PEOPLE:,} contacts"
    print(
        f"{row:86} p50 {_median(thirds, 50)}, p99 {_median(thirds, 99)} ms ({len(counted)} rings, {late.frames} frames)"
    )
    print(f"{'  CPU of a core: product, simulator, the sockets and the relay':86} "
          f"{shares[0]:.0f} %, {shares[1]:.0f} %, {shares[2]:.0f} %", flush=True)  # fmt: skip


async def _idle(child: Process, url: str, tokens: list[str]) -> None:
    before = child.usage()[1]
    more = await connect(url, tokens, lambda _now, _payload: None)
    await asyncio.sleep(2.0)  # two beats
    cpu, begun = child.usage()[0], time.monotonic()
    await asyncio.sleep(4.0)
    used, memory = child.usage()
    share = 100 * (used - cpu) / (time.monotonic() - begun)
    row = f"{len(more) + AGENTS:,} idle agents: memory of the product, CPU of a core"
    each = 1000 * (memory - before) / len(more)
    print(f"{row:86} {memory:.0f} MB ({each:.0f} kB each), {share:.0f} %", flush=True)
    for agent in more:
        agent.transport.abort()


def _median(runs: list[list[float]], percent: int) -> str:
    figures = [some[min(len(some) - 1, len(some) * percent // 100)] for some in runs if some]
    return f"{1000 * statistics.median(figures):.1f}" if figures else "n/a"


def main() -> None:
    print("pops: the simulated PBX, the whole product on SQLite, a page for every agent")
    asyncio.run(measure())


if __name__ == "__main__":
    main()
