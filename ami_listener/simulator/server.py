"""The simulated PBX on the network: an AMI server on asyncio, with time running.

Events are sent once per tick, to all clients of one taste from one piece of text. A client that does not
read for ``write_timeout`` seconds is cut, as Asterisk does. ``Simulator`` is the whole; ``simulate`` runs
one until its calls are over or it is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.session import Session
from ami_listener.simulator.simulation import GREETING, Simulation
from ami_listener.simulator.taste import Selector, Taste
from ami_listener.simulator.truth import SimCall
from ami_listener.simulator.wire import EVENT_NAMES

log = logging.getLogger(__name__)

TICK_SECONDS, LONGEST_NAP, LONGEST_WORK = 0.005, 0.25, 0.05
BOOKS_EVERY = 1.0
FAREWELL_SECONDS = 1.0
MOST_BYTES_OF_AN_ACTION = 128 * 1024


class Client:
    """A connected socket and its session. ``cut_at``: when it is given up unless it reads on."""

    def __init__(self, session: Session, writer: asyncio.StreamWriter) -> None:
        self.session, self.writer = session, writer
        self.sent = 0
        self._seen = 0
        self._since = time.monotonic()

    def send(self, data: bytes) -> None:
        self.sent += len(data)
        self.writer.write(data)

    @property
    def unread(self) -> int:
        return self.writer.transport.get_write_buffer_size()

    def stuck_for(self) -> float:
        """Seconds since the client last took anything of what waits for it."""
        taken = self.sent - self.unread
        now = time.monotonic()
        if taken != self._seen or not self.unread:
            self._seen, self._since = taken, now
        return now - self._since


class Simulator:
    """A simulated PBX that serves AMI. ``truth``: its finished calls; ``cpu_seconds``: what it cost itself."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self.simulation = Simulation(options)
        self.clients: set[Client] = set()
        self.cut_clients = 0
        self.cpu_seconds = 0.0
        self.port = options.port
        self._server: asyncio.Server | None = None
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = self.simulation.schedule.now
        self._started: float | None = None
        self._books_at = 0.0
        self._selectors: dict[Taste, Selector] = {}
        self._update_skip()

    @property
    def truth(self) -> list[SimCall]:
        return self.simulation.truth

    async def start(self) -> None:
        """Listen; ``port`` is then the real one. Time stands still until ``run``."""
        self._server = await asyncio.start_server(self._serve, self.options.host, self.options.port)
        self.port = self._server.sockets[0].getsockname()[1]
        if self.options.cdr_folder is not None:
            self.options.cdr_folder.mkdir(parents=True, exist_ok=True)

    async def run(self) -> None:
        """Let time run until all calls that were asked for are over (for ever without a number)."""
        self._began = self.simulation.schedule.now if self.options.start_at is not None else time.time()
        self._started = time.monotonic()
        while not self.simulation.done:
            self._tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._nap())
            self._wake.clear()
        self._tick()

    async def stop(self) -> None:
        """End all calls, tell the clients, hang up on them and write what is left of the books."""
        if self._server is not None:
            self._server.close()
        self.simulation.shut_down()
        self._send_events()
        for client in self.clients:
            client.writer.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL_SECONDS)
        for client in self.clients:
            client.writer.transport.abort()
        await asyncio.gather(*self._tasks)
        self.simulation.write_books()

    def _now(self) -> float:
        if self._started is None:
            return self.simulation.schedule.now
        return self._began + (time.monotonic() - self._started) * self.options.speed

    def _nap(self) -> float:
        """Real seconds until something is due."""
        due = self.simulation.schedule.next_at
        nap = LONGEST_NAP if due is None else (due - self._now()) / self.options.speed
        return min(max(nap, TICK_SECONDS), LONGEST_NAP)

    def _tick(self) -> None:
        before = time.thread_time()
        self._catch_up()
        self._send_events()
        if time.monotonic() >= self._books_at:
            self._books_at = time.monotonic() + BOOKS_EVERY
            self.simulation.write_books()
            self._cut_the_slow()
        self.cpu_seconds += time.thread_time() - before

    def _catch_up(self) -> None:
        """Advance to now, but not for longer than the loop can do without: an overloaded PBX is late."""
        target, until = self._now(), time.monotonic() + LONGEST_WORK
        schedule = self.simulation.schedule
        while schedule.now < target and time.monotonic() < until:
            self.simulation.advance(min(target, schedule.now + TICK_SECONDS * self.options.speed))

    def _send_events(self) -> None:
        blocks = self.simulation.pbx.wire.drain()
        if not blocks:
            return
        written: dict[Taste, bytes] = {}
        for client in self.clients:
            taste = client.session.taste
            if taste is None:
                continue
            if taste not in written:
                written[taste] = self._selector(taste).select(blocks).encode()
            client.send(written[taste])

    def _selector(self, taste: Taste) -> Selector:
        if taste not in self._selectors:
            self._selectors[taste] = Selector(taste)
        return self._selectors[taste]

    def _cut_the_slow(self) -> None:
        for client in tuple(self.clients):
            if client.stuck_for() > self.options.write_timeout:
                log.warning("an AMI client read nothing for %s s: cut", self.options.write_timeout)
                self.cut_clients += 1
                client.writer.transport.abort()

    def _update_skip(self) -> None:
        """Write only events that somebody reads."""
        tastes = {client.session.taste for client in self.clients} - {None}
        self._selectors = {taste: known for taste, known in self._selectors.items() if taste in tastes}
        read = frozenset[str]().union(*(taste.possible() for taste in tastes if taste is not None))
        self.simulation.pbx.wire.skip = EVENT_NAMES - read

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        local, remote = (_address(writer, side) for side in ("sockname", "peername"))
        client = Client(Session(self.simulation.pbx, self.options.users, (local, remote)), writer)
        self.clients.add(client)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client.send(GREETING.encode())
        try:
            while not client.session.closing:
                lines = await _read_action(reader)
                self._answer(client, lines)
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            log.debug("AMI client %s is gone", remote)
        finally:
            self.clients.discard(client)
            self._tasks.discard(task)
            self._update_skip()
            writer.close()

    def _answer(self, client: Client, lines: list[str]) -> None:
        """Bring the PBX up to now, do what is asked, and send the answer, then what came of it."""
        before = time.thread_time()
        self._catch_up()
        self._send_events()
        taste = client.session.taste
        reply = client.session.reply(lines)
        client.send(reply.encode())
        if client.session.taste != taste:
            self._update_skip()
        client.session.tell_security()
        self._catch_up()
        self._send_events()
        self._wake.set()
        self.cpu_seconds += time.thread_time() - before


def _address(writer: asyncio.StreamWriter, side: str) -> str:
    host, port = writer.get_extra_info(side)[:2]
    return f"{host}/{port}"


async def _read_action(reader: asyncio.StreamReader) -> list[str]:
    """The lines of one action; blank lines before it are passed over."""
    lines: list[str] = []
    size = 0
    while True:
        line = await reader.readuntil(b"\n")
        size += len(line)
        if size > MOST_BYTES_OF_AN_ACTION:
            raise ConnectionAbortedError("an action of endless length")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text:
            lines.append(text)
        elif lines:
            return lines


async def simulate(options: SimulatorOptions, started: Callable[[Simulator], None] | None = None) -> Simulator:
    """Run a simulated PBX until its calls are over, or for ever; ``started`` is told when it listens.

    Cancel to stop it. Raises OSError where the port is taken.
    """
    simulator = Simulator(options)
    await simulator.start()
    if started is not None:
        started(simulator)
    try:
        await simulator.run()
    finally:
        await simulator.stop()
    return simulator
