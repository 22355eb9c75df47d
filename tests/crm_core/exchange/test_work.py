"""Who works on what."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from cti.kernel.clock import ManualClock
from tests.crm_core.exchange.files import csv_file, many
from tests.crm_core.exchange.imports import ME, received
from web.services import Crm


async def held_by(crm: Crm, import_id: str, runner: str, beat: float) -> None:
    async with crm.database.transaction() as tx:
        await tx.execute("UPDATE contact_import SET runner = ?, beat = ? WHERE id = ?", runner, beat, import_id)


async def test_of_a_living_process_nothing_is_taken(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    one = await crm.exchange.start(ME, (await received(crm, many(tmp_path / "f", 3))).id)
    await held_by(crm, one.id, "elsewhere:1:x", clock.now())
    assert not await crm.exchange.work.one()
    clock.advance(60)
    assert await crm.exchange.work.one()  # it has not been heard of for a minute
    assert (await crm.exchange.get(ME, one.id)).state == "done"


async def test_a_process_of_this_machine_that_is_gone(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    one = await crm.exchange.start(ME, (await received(crm, many(tmp_path / "f", 3))).id)
    await held_by(crm, one.id, f"{socket.gethostname()}:1:x", clock.now())
    assert not await crm.exchange.work.one()  # process 1 lives
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    await held_by(crm, one.id, f"{socket.gethostname()}:{gone.pid}:x", clock.now())
    assert await crm.exchange.work.one()
    await held_by(crm, one.id, f"{socket.gethostname()}:{os.getpid()}:former", clock.now())


async def test_what_is_asked_for_is_done_by_itself(crm: Crm, tmp_path: Path) -> None:
    running = asyncio.create_task(crm.exchange.work.run())
    one = await crm.exchange.start(ME, (await received(crm, many(tmp_path / "f", 3))).id)
    async with asyncio.timeout(60):
        while (await crm.exchange.get(ME, one.id)).state != "done":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    running.cancel()


async def test_a_file_that_breaks_off_is_said_and_can_go_on(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, csv_file(tmp_path / "f", [("نام", "موبایل"), ("علی", "09121234567")]))
    path = crm.exchange._means.path(one)
    whole = path.read_bytes()
    path.write_bytes(whole + b'x,"' + b"y" * 2_000_000)
    await crm.exchange.check(ME, one.id)
    await crm.exchange.work.one()
    one = await crm.exchange.get(ME, one.id)
    assert (one.state, one.fault is not None) == ("uploaded", True)
    await crm.exchange.start(ME, one.id)
    await crm.exchange.work.one()
    assert (await crm.exchange.get(ME, one.id)).state == "failed"
    path.write_bytes(whole)
    await crm.exchange.resume(ME, one.id)
    await crm.exchange.work.one()
    one = await crm.exchange.get(ME, one.id)
    assert (one.state, one.created, one.fault) == ("done", 1, None)
