"""Who can sign in after a start, and what the console says of it."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ami_listener.simulator.options import extension
from ami_listener.simulator.people import agent_name
from crm_core.users.sessions import Entered, Visitor
from crm_core.users.starting import SETUP
from cti.app.accounts import COLLEAGUES, DEMO, prepare
from cti.kernel.clock import SystemClock
from cti.kernel.errors import UnauthenticatedError
from tests.crm import quick_crm
from tests.live import ProductProcess, until
from web.services import Crm


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    made = quick_crm(SystemClock())
    yield made
    await made.database.close()


def passwords(lines: object) -> dict[str, str]:
    return dict(re.findall(r"(\w+) +([a-z]+-\d{4}-[a-z]+)", str(lines)))


def test_the_demos_people_sit_at_the_simulators_phones() -> None:
    names = {extension(n, 12): agent_name(n) for n in range(12)}
    for draft in (*DEMO, *COLLEAGUES):
        assert isinstance(draft.extensions, tuple)
        assert names.pop(draft.extensions[0]) == draft.name
    assert not names
    assert [draft.role for draft in DEMO] == ["agent", "supervisor", "manager", "administrator"]


async def test_with_the_demo_four_people_at_every_start(crm: Crm, tmp_path: Path) -> None:
    said: list[str] = []
    first = passwords(await prepare(crm, demo=True, folder=tmp_path, say=said.append))
    assert set(first) == {"agent", "supervisor", "manager", "administrator"} and not said
    assert passwords(await prepare(crm, demo=True, folder=tmp_path, say=said.append)) == first
    supervisor = await crm.users.by_login(SETUP, "supervisor")
    (team,) = await crm.teams.all(SETUP)
    assert supervisor.id in team.users and len(team.users) == 12, "the live page shows her the whole demo"
    for login, password in first.items():
        assert isinstance(await crm.sessions.sign_in(Visitor(), login, password), Entered)
    assert stat.S_IMODE((tmp_path / "demo" / "passwords.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("spoiled", [b"", b"{", b'{"agent": 1}', b"\xff"])
async def test_a_file_of_passwords_that_is_spoiled(crm: Crm, tmp_path: Path, spoiled: bytes) -> None:
    first = passwords(await prepare(crm, demo=True, folder=tmp_path, say=print))
    (tmp_path / "demo" / "passwords.json").write_bytes(spoiled)
    again = passwords(await prepare(crm, demo=True, folder=tmp_path, say=print))
    assert set(again) == set(first) and again != first
    assert isinstance(await crm.sessions.sign_in(Visitor(), "agent", again["agent"]), Entered)


async def test_with_a_pbx_the_demos_people_are_gone(crm: Crm, tmp_path: Path) -> None:
    demo = passwords(await prepare(crm, demo=True, folder=tmp_path, say=print))
    said: list[str] = []
    assert not await prepare(crm, demo=False, folder=tmp_path, say=said.append)
    text = "\n".join(said)
    assert "The 12 users of the demo are disabled" in text
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(Visitor(), "administrator", demo["administrator"])
    login = re.search(r"user name +(\S+)", text)
    password = re.search(r"password +(\S+)\Z", text)
    assert login and password
    entered = await crm.sessions.sign_in(Visitor(), login[1], password[1])
    assert isinstance(entered, Entered) and entered.must_change
    said.clear()
    await prepare(crm, demo=False, folder=tmp_path, say=said.append)
    assert said == []


async def test_a_demo_over_a_real_database_has_no_people_of_its_own(crm: Crm, tmp_path: Path) -> None:
    await prepare(crm, demo=False, folder=tmp_path, say=print)
    assert not await prepare(crm, demo=True, folder=tmp_path, say=print)
    assert [user.login for user in (await crm.users.page(SETUP)).items] == ["admin"]


async def test_make_run_prints_them(tmp_path: Path) -> None:
    async with ProductProcess(tmp_path) as product:
        await until(product.ready, 15.0, product.log)
        told = passwords(product.log())
        assert set(told) == {"agent", "supervisor", "manager", "administrator"}
        assert "Traceback" not in product.log()
