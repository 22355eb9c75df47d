"""The simulated PBX inside the product: it plays, it ends, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from datetime import UTC
from pathlib import Path

import pytest

from ami_listener.listener import PbxListener
from ami_listener.truth.source import open_truth
from cti.app.demo import NAME, Demo, simulate_forever
from cti.kernel.clock import SystemClock
from cti.kernel.errors import ConfigurationError
from cti.live.events import Event
from tests.cti.app.stage import silent
from tests.live import settings_of, until


async def test_a_listener_with_its_profile_hears_its_calls(tmp_path: Path) -> None:
    demo = await Demo.start(settings_of(tmp_path, demo_calls_per_second=6.0))
    heard: list[Event] = []
    listener = PbxListener(demo.url, demo.profile, heard.append, SystemClock())
    listening = asyncio.create_task(listener.run())
    try:
        await until(lambda: listener.asked and len(listener.tracker.snapshot()) > 2)
        assert demo.url.name == NAME
        assert {kind for kind, seen in demo.profile.seen().items() if seen} >= {"phone", "trunk"}
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await demo.stop()


async def test_stop_ends_calls_clients_and_tasks_and_closes_the_books(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    demo = await Demo.start(settings_of(tmp_path, demo_calls_per_second=6.0))
    await until(lambda: demo.simulator.simulation.pbx.channels)
    reader, writer = await asyncio.open_connection("127.0.0.1", demo.simulator.port)
    assert (await reader.readline()).startswith(b"Asterisk Call Manager/")
    await asyncio.wait_for(demo.stop(), 5.0)
    assert await asyncio.wait_for(reader.read(), 5.0) == b""
    writer.close()
    await until(lambda: asyncio.all_tasks() <= before)
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", demo.simulator.port)
    truth = open_truth(str(demo.folder), profile=demo.profile, pbx=NAME, zone=UTC)
    reading = await truth.read(0.0, 4e9)
    assert not reading.unfinished
    assert {r.linkedid for r in reading.records} <= {c.linkedid for c in demo.simulator.truth}
    await truth.close()


async def test_a_port_that_is_taken_is_told() -> None:
    async with silent() as other:
        with pytest.raises(ConfigurationError, match="in use"):
            await simulate_forever(seed=7, port=other.port)


async def test_it_ends_when_its_calls_are_over(capsys: pytest.CaptureFixture[str]) -> None:
    await asyncio.wait_for(simulate_forever(seed=7, port=0, calls=3, speed=100.0), 20.0)
    printed = capsys.readouterr().out
    assert "CTI_PBX_URL=ami://tamas:tamas@127.0.0.1:" in printed
    assert "[pbx.main]" in printed
