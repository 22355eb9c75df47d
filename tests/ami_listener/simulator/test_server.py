"""The simulated PBX over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.server import Simulator, simulate
from tests.ami_listener.simulator.scripted import EPOCH

LOGIN = "Action: Login\r\nActionID: in\r\nUsername: tamas\r\nSecret: tamas\r\nEvents: {}\r\n\r\n"
PATIENCE = 20.0


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.seen: list[str] = []

    async def send(self, *lines: str) -> None:
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.writer.drain()

    async def block(self) -> str:
        data = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        self.seen.append(data.decode())
        return self.seen[-1]

    async def until(self, what: str) -> str:
        """The next block that holds ``what``."""
        while what not in (block := await self.block()):
            pass
        return block

    async def read_all(self) -> str:
        return (await asyncio.wait_for(self.reader.read(), PATIENCE)).decode()


@contextlib.asynccontextmanager
async def running(**more: object) -> AsyncIterator[Simulator]:
    options = SimulatorOptions(port=0, start_at=EPOCH, **more)  # type: ignore[arg-type]
    simulator = Simulator(options)
    await simulator.start()
    task = asyncio.create_task(simulator.run())
    try:
        yield simulator
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await simulator.stop()


async def connect(simulator: Simulator, events: str = "on") -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", simulator.port))
    assert await asyncio.wait_for(client.reader.readline(), PATIENCE) == b"Asterisk Call Manager/11.0.0\r\n"
    client.writer.write(LOGIN.format(events).encode())
    assert "Authentication accepted" in await client.block()
    return client


async def test_a_client_sees_calls_live() -> None:
    async with running(calls_per_second=20.0) as simulator:
        client = await connect(simulator)
        await client.until("Event: SuccessfulAuth")
        await client.until("Event: Newchannel")
        await client.until("Event: BridgeEnter")


async def test_each_client_gets_what_it_asked_for() -> None:
    async with running(calls_per_second=20.0) as simulator:
        all_events, few, none = [await connect(simulator, mask) for mask in ("on", "agent", "off")]
        await few.until("Event: QueueCallerJoin")
        assert not any("Event: Newchannel" in block for block in few.seen)
        await all_events.until("Event: VarSet")
        await none.send("Action: Ping", "ActionID: p")
        assert "ActionID: p" in await none.block()


async def test_events_that_nobody_reads_are_not_written() -> None:
    async with running(calls_per_second=50.0) as simulator:
        assert "VarSet" in simulator.simulation.pbx.wire.skip
        client = await connect(simulator)
        assert simulator.simulation.pbx.wire.skip == frozenset()
        await client.send("Action: Filter", "Operation: Add", "MatchCriteria: action(include),name(Hangup)", "Filter: ")
        await client.until("Filter added")
        assert "Newchannel" in simulator.simulation.pbx.wire.skip
        assert "Hangup" not in simulator.simulation.pbx.wire.skip
        assert "Event: Hangup" in await client.block()


async def test_an_answer_comes_before_what_it_brings_about() -> None:
    async with running(calls_per_second=0.001, speed=20.0) as simulator:
        client = await connect(simulator)
        await client.send("Action: Originate", "ActionID: o", "Channel: PJSIP/201", "Context: internal", "Exten: 202")
        await client.until("Originate successfully queued")
        assert "Event: Newchannel" in await client.until("Event: Newchannel")
        await client.until("Event: OriginateResponse")


async def test_a_wrong_secret_is_hung_up_on() -> None:
    async with running() as simulator:
        client = Client(*await asyncio.open_connection("127.0.0.1", simulator.port))
        await client.reader.readline()
        await client.send("Action: Login", "Username: tamas", "Secret: wrong")
        assert "Authentication failed" in await client.read_all()


async def test_logoff_says_good_bye() -> None:
    async with running(calls_per_second=0.001) as simulator:
        client = await connect(simulator, "off")
        await client.send("Action: Logoff")
        assert "Thanks for all the fish." in await client.read_all()


async def test_a_client_that_does_not_read_is_cut_and_others_live() -> None:
    async with running(calls_per_second=400.0, agents=0, write_timeout=0.5) as simulator:
        deaf = await connect(simulator)
        alive = await connect(simulator, "agent")
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(PATIENCE):
            while not simulator.cut_clients:
                await alive.block()
        assert simulator.cut_clients == 1
        await alive.until("Event: QueueCallerJoin")


async def test_simulate_ends_with_its_calls_and_leaves_the_books(tmp_path: Path) -> None:
    ports: list[int] = []
    options = SimulatorOptions(
        port=0, calls_per_second=200.0, agents=0, calls=30, speed=20.0, cdr_folder=tmp_path / "b"
    )
    simulator = await simulate(options, lambda one: ports.append(one.port))
    assert len(simulator.truth) == 30 and ports[0] > 0 and simulator.cpu_seconds > 0.0
    assert (tmp_path / "b" / "cel.csv").read_text("utf-8").count("LINKEDID_END") >= 30


async def test_a_taken_port_is_an_error() -> None:
    async with running() as simulator:
        with pytest.raises(OSError):
            await simulate(SimulatorOptions(port=simulator.port))


async def test_an_endless_action_is_not_waited_for() -> None:
    async with running(calls_per_second=0.001) as simulator:
        client = await connect(simulator, "off")
        with contextlib.suppress(ConnectionError):
            for _ in range(300):
                client.writer.write(b"Variable: " + b"x" * 1000 + b"\r\n")
                await client.writer.drain()
        with contextlib.suppress(ConnectionError):
            await client.read_all()
        await (await connect(simulator, "off")).send("Action: Ping")
