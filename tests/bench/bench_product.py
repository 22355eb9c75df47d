"""The whole product under the simulated PBX: nothing lost at 300 calls/s, and how late a screen is at 100 calls/s.

The PBX is a process of its own (its CPU is printed beside), the product another, a browser's socket a third: this one.
What is held against the simulator's own books: every call exactly once, outcome and talk. "Late" is from a call's first
bytes at the product's door (a relay notes them) to the arrival of the frame that shows it, on one clock. A bare aiohttp
echo is measured in the same run.
Run: ``python -m tests.bench.bench_product [SECONDS]``; ``TAMAS_BENCH_SOAK=600`` makes the second part that long.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ami_listener.simulator.options import SimulatorOptions, profile_toml
from call_log.query import CallFilter
from call_log.search import CallSearch
from cti.kernel.db import Database
from tests.live import administrator, settings_of

TALK_TOLERANCE = 0.1
WARM_UP = 3.0
"""Seconds in which the simulator builds its world and then sends in one burst what came due meanwhile."""
Json = dict[str, Any]


class Process:
    """A child that speaks JSON lines; ``usage`` is its CPU seconds and resident megabytes by /proc."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *command: str, **environment: str) -> Process:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", *command,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                limit=1 << 26, env={**os.environ, **environment},
            )
        )  # fmt: skip

    async def said(self) -> Json:
        assert self.process.stdout is not None
        found: Json = json.loads(await self.process.stdout.readline())
        return found

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")

    def usage(self) -> tuple[float, float]:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(stat[11]) + int(stat[12])) / ticks, int(stat[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@asynccontextmanager
async def product(folder: Path, simulator: Json, rate: float, agents: int = 0) -> AsyncIterator[tuple[Process, str]]:
    """The product on SQLite, connected to that simulator, ready."""
    port = _free_port()
    options = SimulatorOptions(calls_per_second=rate, agents=agents)
    config = folder / "tamas.toml"
    config.write_text(profile_toml(options, "main"))
    address = f"ami://{simulator['user']}:{simulator['secret']}@127.0.0.1:{simulator['port']}/?name=main"
    child = await Process.start(
        "cti", "run",
        CTI_CONFIG=str(config), CTI_DATA=str(folder), CTI_PBX_URL=address, CTI_HTTP=f"127.0.0.1:{port}",
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    await _until_ready(url)
    try:
        yield child, url
    finally:
        await child.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


async def _until_ready(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def _metrics(text: str) -> Iterator[tuple[str, float]]:
    for line in text.splitlines():
        if line and line[0] != "#":
            name, _, value = line.rpartition(" ")
            yield name, float(value)


async def _idle(url: str) -> None:
    """Return when nothing is up and nothing waits: neither to be read, nor between the parts, nor to be written."""
    quiet = 0
    async with aiohttp.ClientSession() as session:
        while quiet < 2:
            async with session.get(f"{url}/metrics") as answer:
                text = await answer.text()
            values = dict(_metrics(text))
            waits = any(value for name, value in values.items() if "depth" in name)
            quiet = 0 if waits or values.get('tamas_calls_live{pbx="main"}') else quiet + 1
            await asyncio.sleep(0.5)


async def _peaks(url: str, stop: asyncio.Event) -> dict[str, float]:
    """The largest depth of each queue, sampled."""
    peaks: dict[str, float] = {}
    async with aiohttp.ClientSession() as session:
        while not stop.is_set():
            async with session.get(f"{url}/metrics") as answer:
                for name, value in _metrics(await answer.text()):
                    if "depth" in name:
                        peaks[name] = max(peaks.get(name, 0.0), value)
            await asyncio.sleep(0.25)
    return peaks


async def load(rate: float, seconds: float) -> None:
    """``rate`` calls a second for so long: what is in the log after it, against the simulator's books."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulator = await Process.start("tests.bench.simulated", str(rate), str(int(rate * seconds)))
        where = await simulator.said()
        async with product(folder, where, rate) as (child, url):
            stop = asyncio.Event()
            sampling = asyncio.create_task(_peaks(url, stop))
            simulator.tell()
            truth = await simulator.said()
            await _idle(url)
            stop.set()
            peaks = await sampling
            cpu, memory = child.usage()
        lost, doubled, wrong = await _compare(folder, truth["calls"])
        simulator.tell()
        await simulator.stop()
    row = f"{rate:.0f} calls/s for {seconds:.0f} s: {len(truth['calls'])} calls"
    print(f"{row:54} lost {lost}, doubled {doubled}, wrong {wrong}")
    share = 100 / truth["seconds"]
    print(f"{'  CPU of a core: product, simulator; product memory':54} {cpu * share:.0f} %, "
          f"{truth['cpu_seconds'] * share:.0f} %; {memory:.0f} MB")  # fmt: skip
    shown = ", ".join(f"{key.removeprefix('tamas_')} {value:.0f}" for key, value in sorted(peaks.items()) if value)
    print(f"{'  deepest queues':54} {shown or 'all empty'}", flush=True)


async def _compare(folder: Path, truth: dict[str, list[Any]]) -> tuple[int, int, int]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'tamas.db'}")
    search = CallSearch(database)
    seen: dict[str, int] = {}
    wrong = 0
    cursor: str | None = None
    while True:
        page = await search.page(CallFilter(), cursor, 500)
        for record in page.items:
            mine = [i for i in record.linkedids if i in truth]
            for linkedid in mine:
                seen[linkedid] = seen.get(linkedid, 0) + 1
            if mine and not _same(record, truth[record.linkedid] if record.linkedid in truth else truth[mine[0]]):
                wrong += 1
        cursor = page.next
        if cursor is None:
            break
    await database.close()
    return sum(1 for i in truth if i not in seen), sum(1 for n in seen.values() if n > 1), wrong


def _same(record: Any, told: list[Any]) -> bool:
    outcome, talk = told
    mine = sum(leg.talk_seconds for leg in record.legs if not leg.outside)
    return record.outcome == outcome and abs(mine - talk) <= TALK_TOLERANCE and not record.provisional


class Relay:
    """Carries AMI from the simulator to the product and notes when each call's first channel came by.

    The simulator stamps events with its own time, which runs late when it is busy: this does not.
    """

    def __init__(self, port: int) -> None:
        self.seen: dict[str, float] = {}
        self._target = port
        self._rest = b""
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, onward = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._carry(reader, onward), self._carry(back, writer, True))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: bool = False) -> None:
        while data := await reader.read(1 << 18):
            if note:
                self._note(data, time.monotonic())
            writer.write(data)
            await writer.drain()
        writer.close()

    def _note(self, data: bytes, now: float) -> None:
        *blocks, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for block in blocks:
            if block.startswith(b"Event: Newchannel"):
                linkedid = block.rpartition(b"\r\nLinkedid: ")[2].partition(b"\r\n")[0].decode()
                self.seen.setdefault(linkedid, now)


async def latency(rate: float, seconds: float) -> None:
    """Event to socket at ``rate`` calls a second, beside a bare echo; and how memory grows meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulator = await Process.start("tests.bench.simulated", str(rate), str(int(rate * seconds)))
        where = await simulator.said()
        relay = Relay(where["port"])
        port = await relay.start()
        async with product(folder, {**where, "port": port}, rate) as (child, url):
            memory: list[tuple[float, float]] = []
            finished = asyncio.create_task(_play(simulator))
            watching = _watch(url, await administrator(settings_of(folder)), finished, memory, child, relay)
            late, echo = await asyncio.gather(watching, _echo(min(seconds, 30.0)))
        simulator.tell()
        await simulator.stop()
    late.sort()
    print(f"{f'event to socket at {rate:.0f} calls/s, {len(late)} calls':54} "
          f"p50 {_ms(late, 50)}, p99 {_ms(late, 99)} ms; bare aiohttp echo p99 {_ms(sorted(echo), 99)} ms")  # fmt: skip
    print(f"{'  memory slope, after warming up':54} {_slope(memory):+.2f} MB/min", flush=True)


async def _play(simulator: Process) -> Json:
    await asyncio.sleep(0.5)  # the socket watches before the first call
    simulator.tell()
    return await simulator.said()


async def _watch(
    url: str, token: str, finished: asyncio.Task[Json], memory: list[tuple[float, float]], child: Process, relay: Relay
) -> list[float]:
    """From the first bytes of a call at the product's door to the frame that shows it."""
    late: list[float] = []
    start = time.monotonic()
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/push", max_msg_size=0) as socket:
        await socket.send_json({"type": "hello", "topics": ["board:all"], "token": token})
        while not finished.done():
            message = await socket.receive(timeout=30)
            now = time.monotonic()
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            told = json.loads(message.data)
            if told.get("type") == "event":
                for key, card in (told["data"].get("calls") or {}).items():
                    came = relay.seen.pop(key.removeprefix("main-"), None) if "id" in (card or {}) else None
                    if came is not None and came - start > WARM_UP:
                        late.append(now - came)
            if not memory or now - start - memory[-1][0] > 1:
                memory.append((now - start, child.usage()[1]))
    return late


async def _echo(seconds: float) -> list[float]:
    """Half the round trip through a bare aiohttp WebSocket, for as long."""

    async def handler(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            await answer.send_str(message.data)
        return answer

    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    times: list[float] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{port}/") as socket:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            await socket.send_str("x" * 300)
            await socket.receive()
            times.append((time.perf_counter() - start) / 2)
            await asyncio.sleep(0.01)
    await runner.cleanup()
    return times


def _ms(ordered: list[float], percent: int) -> str:
    return f"{1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]:.1f}" if ordered else "n/a"


def _slope(memory: list[tuple[float, float]]) -> float:
    """Megabytes a minute by least squares, the first minute (or third) left out."""
    later = [(x, y) for x, y in memory if x >= min(60.0, memory[-1][0] / 3)] if memory else []
    if len(later) < 2:
        return 0.0
    slope, _ = statistics.linear_regression([x for x, _ in later], [y for _, y in later])
    return slope * 60


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1][0].isdigit() else 60.0
    soak = float(os.environ.get("TAMAS_BENCH_SOAK", seconds))
    print("product: the simulated PBX, the whole product on SQLite, a browser's socket")
    asyncio.run(load(300, seconds))
    asyncio.run(latency(100, soak))


if __name__ == "__main__":
    main()
