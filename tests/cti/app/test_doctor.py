"""What the doctor finds at a PBX that is well, and at each that is not: with the mend, never with the secret."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any, get_args

import pytest

from ami_listener.link import Fault
from ami_listener.simulator.options import AmiUser
from ami_listener.simulator.server import Simulator
from cti.app import doctor
from cti.app.doctor import MENDS, examine
from tests.ami_listener.fake_ami import FakeAmi
from tests.cti.app.stage import books, profile_of, silent, simulated, url_of
from tests.live import running_product, settings_of, until
from web.i18n import translations
from web.services import Finding


def said(findings: Sequence[Finding]) -> list[str]:
    """Level and sentence of each finding, its values filled in."""
    return [f"{f.level}: {f.title % dict(f.values)} {f.mend % dict(f.values)}".strip() for f in findings]


def worst(findings: Sequence[Finding]) -> set[str]:
    return {finding.level for finding in findings}


async def examined(folder: Path, simulator: Simulator, **chosen: Any) -> list[str]:
    settings = settings_of(folder, profile_of(simulator), **{"pbx_url": url_of(simulator), **chosen})
    return said(await examine(settings, seconds=5.0))


def one(findings: Sequence[str], part: str) -> str:
    (found,) = [line for line in findings if part in line]
    return found


async def test_a_pbx_that_is_well(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    await books(tmp_path / "cdr", calls=2)
    async with silent() as simulator:
        found = await examined(
            tmp_path, simulator, pbx_actions_url=url_of(simulator), cdr_url=str(tmp_path / "cdr"), cdr_timezone="UTC"
        )
    assert found == [
        "ok: The database answers.",
        found[1],
        "ok: PBX main: the login may ask all that it needs.",
        "ok: PBX main: the login that acts has its rights.",
        "ok: PBX main: its own records are read and compared.",
    ]
    assert found[1].startswith("ok: PBX main: connected, Asterisk ")
    await until(lambda: asyncio.all_tasks() <= before)


async def test_nothing_is_made_in_a_folder_that_is_only_looked_at(tmp_path: Path) -> None:
    found = said(await examine(settings_of(tmp_path / "new")))
    assert found[0] == "ok: The database answers."
    assert "No PBX is configured" in one(found, "CTI_PBX_URL")


async def test_a_wrong_secret(tmp_path: Path) -> None:
    async with silent() as simulator:
        found = await examined(tmp_path, simulator, pbx_url=url_of(simulator, secret="guessed"))
    line = one(found, "no link")
    assert line.startswith("bad: PBX main")
    assert "Compare user and secret with manager.conf" in line
    assert "guessed" not in "".join(found)


async def test_nothing_listens_there(tmp_path: Path) -> None:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"ami://u:s@127.0.0.1:{free.getsockname()[1]}/?name=main"
        found = said(await examine(settings_of(tmp_path, pbx_url=url)))
    assert "Check host and port, that Asterisk runs" in one(found, "no link")


async def test_something_else_listens_there(tmp_path: Path) -> None:
    other = FakeAmi()
    other.greeting = b"220 mail.example.org ESMTP\r\n"
    async with other.running():
        found = said(await examine(settings_of(tmp_path, pbx_url=other.url())))
    assert "AMI is on 5038" in one(found, "no link")


async def test_a_login_without_its_rights(tmp_path: Path) -> None:
    users = (AmiUser(write="none"), AmiUser("act", "act", read="", write="originate"))
    async with silent(users=users) as simulator:
        found = await examined(tmp_path, simulator, pbx_actions_url=url_of(simulator, user=1))
    assert "write = reporting" in one(found, "bad: PBX main: the login may not ask for all")
    assert "rights under write" in one(found, "warn: PBX main: the login that acts cannot do all")


async def test_the_login_that_acts_is_refused(tmp_path: Path) -> None:
    async with silent() as simulator:
        found = await examined(tmp_path, simulator, pbx_actions_url=url_of(simulator, secret="guessed"))
    assert "Compare user and secret" in one(found, "bad: PBX main: the login that acts has no link")


async def test_a_clock_that_is_off(tmp_path: Path) -> None:
    async with simulated(start_at=time.time() - 3600.0, calls_per_second=0.001) as simulator:
        found = await examined(tmp_path, simulator)
    line = one(found, "clock is off")
    assert line.startswith("warn: PBX main: its clock is off by -3")
    assert "NTP" in line


async def test_records_of_the_pbx_that_cannot_be_read(tmp_path: Path) -> None:
    async with silent() as simulator:
        found = await examined(tmp_path, simulator, cdr_url=str(tmp_path / "none"))
        assert "no folder" in one(found, "bad: PBX main: its CDR and CEL cannot be read")
        found = await examined(tmp_path, simulator)
        assert "Set CTI_CDR_URL" in one(found, "warn: PBX main: its CDR and CEL are not read")
        found = await examined(tmp_path, simulator, cdr_url="one=/a two=/b")
        assert "say whose it is" in one(found, "bad: The settings are wrong")


async def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "tamas.db").write_bytes(b"not a database, whatever its name" * 100)
    found = said(await examine(settings_of(tmp_path)))
    assert "CTI_DATABASE_URL" in one(found, "bad: The database does not answer")


async def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_disk(settings_of(tmp_path)) == []
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)
    (line,) = said(doctor.check_disk(settings_of(tmp_path)))
    assert line.startswith("bad: Only ")
    assert "CTI_JOURNAL_DAYS" in line


async def test_the_doctor_of_a_running_product(tmp_path: Path) -> None:
    async with silent(users=(AmiUser(write="none"),)) as simulator:
        url = url_of(simulator)
        async with running_product(tmp_path, pbx_url=url, pbx_actions_url=url) as running:
            await until(lambda: running.product.listeners[0].resyncs)
            await until(lambda: running.product.actors[0].state.phase == "up")
            found = said(await running.product.doctor.examine())
            assert one(found, "connected, Asterisk").startswith("ok")
            assert one(found, "may not ask for all").startswith("bad")
            assert one(found, "login that acts cannot do all").startswith("warn")
            assert one(found, "nothing proves the log").startswith("warn")
            await simulator.stop()
            await until(lambda: running.product.listeners[0].connection.state.phase != "up")
            assert "bad" in worst(await running.product.doctor.examine())


async def test_the_demo_is_well(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        await running.connected()
        assert worst(await running.product.doctor.examine()) == {"ok"}


def test_each_fault_has_its_mend_in_persian_too() -> None:
    assert set(MENDS) == set(get_args(Fault))
    persian = translations("fa")
    for mend in filter(None, MENDS.values()):
        assert persian.gettext(mend) != mend


async def test_contexts_that_nobody_added(tmp_path: Path) -> None:
    async with silent() as simulator:
        for name in ("_exact", "_patterns"):
            getattr(simulator.simulation.pbx.dialplan, name).pop("tamas-dial")
        acting = await examined(tmp_path, simulator, pbx_actions_url=url_of(simulator))
        assert "cti dialplan --pbx main" in one(acting, "it lacks the contexts")
        assert not [line for line in await examined(tmp_path, simulator) if "contexts" in line]
