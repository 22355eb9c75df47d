"""Files that nobody needs go; what became of their rows stays."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from crm_core.exchange.clearing import KEPT_SECONDS, clear
from crm_core.exchange.model import Import
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, NotFoundError
from tests.crm_core.exchange.files import csv_file, dirty_xlsx
from tests.crm_core.exchange.imports import ME, done, everybody, received, reverted
from web.services import Crm


def path(crm: Crm, one: Import) -> Path:
    return crm.exchange._means.path(one)


def old(file: Path, clock: ManualClock, seconds: float) -> None:
    os.utime(file, (clock.now() - seconds,) * 2)


async def test_of_an_import_that_is_over_the_rows_stay(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    one = await done(crm, dirty_xlsx(tmp_path / "f"))
    file = path(crm, one)
    old(file, clock, 0)
    clock.advance(KEPT_SECONDS - 60)
    assert await clear(crm.exchange._means) == 0
    clock.advance(120)
    assert await clear(crm.exchange._means) == 1
    assert not file.exists()
    assert (await crm.exchange.get(ME, one.id)).file == ""
    assert len(await crm.exchange.first_faulty(ME, one.id)) == one.faulty
    assert (await reverted(crm, one)).state == "reverted"
    assert await everybody(crm) == []


async def test_what_can_begin_or_go_on_keeps_its_file(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    waiting, paused = [
        await received(crm, csv_file(tmp_path / name, [("نام",), ("علی",)])) for name in ("waiting", "paused")
    ]
    await crm.exchange.start(ME, paused.id)
    await crm.exchange.pause(ME, paused.id)
    for one in (waiting, paused):
        old(path(crm, one), clock, 0)
    clock.advance(KEPT_SECONDS + 60)
    assert await clear(crm.exchange._means) == 1
    with pytest.raises(NotFoundError):  # nobody began it in a month
        await crm.exchange.get(ME, waiting.id)
    assert path(crm, paused).exists()
    await crm.exchange.resume(ME, paused.id)
    assert await crm.exchange.work.one()
    assert (await crm.exchange.get(ME, paused.id)).state == "done"


async def test_one_that_failed_cannot_go_on_without_its_file(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    one = await received(crm, csv_file(tmp_path / "f", [("نام",), ("علی",)]))
    file = path(crm, one)
    file.write_bytes(b"")
    await crm.exchange.start(ME, one.id)
    await crm.exchange.work.one()
    old(file, clock, 0)
    clock.advance(KEPT_SECONDS + 60)
    assert await clear(crm.exchange._means) == 1
    with pytest.raises(ConflictError, match="send the file again"):
        await crm.exchange.resume(ME, one.id)


async def test_strays_go_once_nobody_can_be_sending_them(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    folder = crm.exchange._means.folder
    assert await clear(crm.exchange._means) == 0  # there is no folder yet
    folder.mkdir(parents=True)
    for name, seconds in (("coming", 60.0), ("stray", 90_000.0)):
        (folder / name).write_text("x")
        old(folder / name, clock, seconds)
    running = asyncio.create_task(crm.exchange.work.run())
    async with asyncio.timeout(30):
        while (folder / "stray").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    running.cancel()
    assert [file.name for file in folder.iterdir()] == ["coming"]
