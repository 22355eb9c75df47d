"""An import at work: everything on, in batches, killed in the middle, without holding up anybody."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from crm_core.contacts.model import Draft, DraftNumber, PartyMail
from cti.app.crm import open_crm
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from tests.crm_core.exchange.files import csv_file, many
from tests.crm_core.exchange.imports import ME, done, everybody, received
from web.services import Crm


async def test_what_each_contact_gets(crm: Crm, told: list[object], tmp_path: Path) -> None:
    one = await done(crm, many(tmp_path / "f", 3), tags=("ورود",), source="فهرست")
    people = await everybody(crm, kind="person")
    assert {party.created_by for party in people} == {"me"}
    assert all(party.tags == ("مشتری", "ورود") and party.source == "فهرست" for party in people)
    assert sum(type(event).__name__ == "PartyChanged" for event in told) == 6  # three people, three companies
    async with crm.database.read() as reader:
        rows = await reader.fetch("SELECT action, kind, origin, count(*) FROM audit GROUP BY action, kind, origin")
    counts = {(row[0], row[1]): row[3] for row in rows}
    assert counts[("created", "contact")] == 3
    assert counts[("created", "company")] == 3
    assert counts[("imported", "import")] == 1
    assert {row[2] for row in rows} == {"192.0.2.1"}
    (entry,) = (await crm.timeline.page(ME, f"p:{people[0].id}")).items
    assert (entry.kind, entry.facts.event, entry.facts.what) == ("system", "imported", one.name)


@pytest.mark.parametrize(
    ("policy", "position", "mails", "changes"),
    [("skip", "مدیر", 1, 0), ("fill", "مدیر", 2, 1), ("overwrite", "فروشنده", 2, 1)],
)
async def test_policies(crm: Crm, tmp_path: Path, policy: str, position: str, mails: int, changes: int) -> None:
    ali = await crm.contacts.create(
        ME, "person",
        Draft(name="علی", position="مدیر", numbers=(DraftNumber("09121234567"),), mails=(PartyMail("a@b.ir"),)),
    )  # fmt: skip
    rows = [("نام", "موبایل", "سمت", "ایمیل"), ("علی", "۹۱۲۱۲۳۴۵۶۷", "فروشنده", "c@d.ir")]
    one = await done(crm, csv_file(tmp_path / "f", rows), on_match=policy)
    after = await crm.contacts.get(ME, ali.id)
    assert (after.position, len(after.mails), after.version) == (position, mails, 1 + changes)
    assert (one.created, one.updated, one.skipped) == (0, changes, 1 - changes)


async def test_a_shared_fixed_number_is_no_proof(crm: Crm, tmp_path: Path) -> None:
    rows = [("نام", "تلفن"), *((f"کارمند {n}", "02188664523") for n in range(5)), ("کارمند ۳", "021 8866 4523")]
    one = await done(crm, csv_file(tmp_path / "f", rows))
    assert (one.created, one.skipped) == (5, 1)


async def test_pause_resume_and_cancel(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 3_200))
    await crm.exchange.start(ME, one.id)
    working = asyncio.create_task(crm.exchange.work.one(one.id))
    while (now := await crm.exchange.get(ME, one.id)).position < 1_000:  # noqa: ASYNC110 - its own word is what we wait for
        await asyncio.sleep(0.01)
    now = await crm.exchange.pause(ME, one.id)
    await working
    paused = await crm.exchange.get(ME, one.id)
    assert (paused.state, paused.created) == ("paused", now.created)
    assert 1_000 <= paused.created < 3_200
    await crm.exchange.resume(ME, one.id)
    await crm.exchange.work.one(one.id)
    assert (await crm.exchange.get(ME, one.id)).created == 3_200
    assert len(await everybody(crm, kind="person")) == 3_200


async def test_live_calls_are_not_held_up(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 3_000))
    await crm.exchange.start(ME, one.id)
    working = asyncio.create_task(crm.exchange.work.one(one.id))
    stalls = []
    while not working.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        stalls.append(time.perf_counter() - before - 0.001)
    assert sorted(stalls)[int(len(stalls) * 0.99)] < 0.05


async def test_killed_in_the_middle_it_goes_on_and_nothing_is_doubled(ready_url: str, tmp_path: Path) -> None:
    """The command is killed by SIGKILL twice, at places of chance; the product goes on with it."""
    path, count = many(tmp_path / "list.csv", 4_000), 4_000
    database = Database.at(ready_url)
    crm = open_crm(Settings(data=str(tmp_path / "data"), database_url=ready_url), database, SystemClock())
    environment = {**os.environ, "CTI_DATA": str(tmp_path / "data"), "CTI_DATABASE_URL": ready_url}
    for least in (500, 1_500):
        command = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cti",
            "import",
            "contacts",
            str(path),
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        await _until(database, least)
        command.send_signal(signal.SIGKILL)
        await command.wait()
    (row,) = await _imports(database)
    assert row[1] == "running"
    assert least <= row[2] < count + 1
    assert await crm.exchange.work.one(row[0])
    one = await crm.exchange.get(msgspec.structs.replace(ME, id=""), row[0])
    assert (one.state, one.created, one.skipped, one.faulty) == ("done", count, 0, 0)
    people = await everybody(crm, kind="person")
    assert len(people) == len({party.name for party in people}) == count
    async with database.read() as reader:
        (written,) = await reader.fetch("SELECT count(*), count(DISTINCT row) FROM contact_import_row WHERE part = 0")
        (trail,) = await reader.fetch("SELECT count(*) FROM audit WHERE action = 'created' AND kind = 'contact'")
    assert (written[0], written[1], trail[0]) == (count, count, count)
    await database.close()


async def _imports(database: Database) -> list[tuple[str, str, int]]:
    async with database.read() as reader:
        return [(r[0], r[1], r[2]) for r in await reader.fetch("SELECT id, state, position FROM contact_import")]


async def _until(database: Database, least: int) -> None:
    async with asyncio.timeout(120):
        while not any(state == "running" and position >= least for _, state, position in await _imports(database)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
