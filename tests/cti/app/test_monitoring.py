"""Monitoring in the product: what is written down and told, whose permission is looked at anew, what is printed."""

from __future__ import annotations

import configparser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ami_listener.media import MediaServer
from cti.app.monitoring import client_section, comes, rules_of, told_of
from cti.control.fake import FakePbx
from cti.control.monitor import Monitor, Told
from cti.control.port import Spy
from cti.control.spying import Spying
from cti.kernel.actor import Actor
from cti.kernel.errors import ConfigurationError, ForbiddenError
from cti.kernel.settings import Settings
from tests.ami_listener.test_media import pbx as bringing
from tests.ami_listener.test_media import start_of
from tests.crm_core.users import people
from tests.cti.app.stage import profile_of, simulated, url_of
from tests.live import TESTER, Running, running_product, until


class Said:
    """``messages``: what users were told, by user."""

    def __init__(self, running: Running) -> None:
        self.running, self.messages = running, list[tuple[str, dict[str, Any]]]()
        running.product.feed.message = lambda user, data: self.messages.append((user, data))  # type: ignore[method-assign]

    @property
    def spying(self) -> Spying:
        return self.running.product.control.monitoring.spying


@asynccontextmanager
async def house(folder: Path, **settings: Any) -> AsyncIterator[Said]:
    async with (
        simulated(calls=0) as simulator,
        running_product(folder, profile_of(simulator), pbx_url=url_of(simulator), **settings) as running,
    ):
        await running.connected()
        yield Said(running)


def monitor(actor: Actor, agents: tuple[str, ...] = (), **more: Any) -> Monitor:
    values: dict[str, Any] = {"mode": "listen", "browser": False, "since": 1.0, **more}
    return Monitor(
        id="m1", pbx="main", call="main-1.0", user=actor.id, by=actor.name, uniqueid="tamas-1.1", spied="1.1",
        extension="201", agents=agents, agent="Sara", **values,
    )  # fmt: skip


async def test_the_beginning_and_the_end_are_in_the_audit_and_told(tmp_path: Path) -> None:
    async with house(tmp_path, monitoring={"notice": True}) as said:
        crm = said.running.product.crm
        boss, sara = await people.actor(crm, "supervisor"), await people.make(crm, "sara")
        begins = monitor(boss, (sara.id,))
        heard = monitor(boss, (sara.id,), heard_at=2.0)
        await said.spying._audit(boss, "listen", begins, None)
        await said.spying._audit(boss, "listen", heard, 61.4)
        found = (await crm.audit.page(people.SYSTEM, _filter())).items
        assert [(one.actor_name, one.kind, one.record) for one in found] == [(boss.name, "call", "main-1.0")] * 2
        assert found[0].detail == {"extension": "201", "agent": "Sara", "phone": True, "over": True, "seconds": 61}
        for told in (Told(begins), Told(heard), Told(heard, over=True, goes_on=True), Told(heard, over=True)):
            said.spying._tell(told)
        assert [(user == sara.id, one["kind"], one["state"]) for user, one in said.messages] == [
            (False, "monitor", "begins"),
            (False, "monitor", "heard"),
            (True, "heard", "heard"),
            (False, "monitor", "waits"),
            (True, "heard", "over"),
            (False, "monitor", "over"),
            (True, "heard", "over"),
        ]
        assert "tamas-1.1" not in str(said.messages)  # what lets sound in is nobody's to know


async def test_agents_are_told_nothing_unless_that_is_set(tmp_path: Path) -> None:
    async with house(tmp_path) as said:
        boss = await people.actor(said.running.product.crm, "supervisor")
        said.spying._tell(Told(monitor(boss, ("u1",), heard_at=2.0)))
        assert [user for user, _ in said.messages] == [boss.id] and not said.spying.told


async def test_what_he_may_and_whom_he_leads_is_asked_anew(tmp_path: Path) -> None:
    async with house(tmp_path) as said:
        crm = said.running.product.crm
        boss = await people.actor(crm, "supervisor")
        team = await crm.teams.create(TESTER, "Sales")
        await crm.teams.change(TESTER, team.id, users=(boss.id,))
        renewed = said.running.product.control.monitoring._renewed
        now = await renewed(boss)
        assert now is not None and now.permissions == boss.permissions and now.teams == {team.id}
        narrow = await renewed(Actor(boss.id, "x", permissions=frozenset({"monitor.listen", "users.manage"})))
        assert narrow is not None and narrow.permissions == {"monitor.listen"}
        await crm.users.switch(people.SYSTEM, boss.id, active=False)
        assert await renewed(boss) is None
        assert await renewed(Actor("nobody", "x")) is None
        with pytest.raises(ForbiddenError):
            await said.spying.start(Actor(boss.id, "x"), "main-1.0")


def _filter() -> Any:
    from crm_core.audit.service import AuditFilter

    return AuditFilter(action="monitor-listen")


class Bringing(FakePbx):
    """A PBX that brings the sound that it is asked for, or none."""

    def __init__(self, server: MediaServer, brings: bool) -> None:
        super().__init__()
        self._server, self._brings = server, brings

    async def spy(self, order: Spy) -> None:
        if self._brings:
            async with bringing(self._server) as connection:
                await connection.send(start_of(order.uniqueid))
                await until(lambda: order.uniqueid not in self._server._expected)


@pytest.mark.parametrize("brings", [True, False])
async def test_a_pbx_is_asked_to_bring_sound(brings: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.app.monitoring.COMES_SECONDS", 0.3)
    server = MediaServer()
    await server.start("127.0.0.1", 0)
    assert await comes(server, Bringing(server, brings)) is brings
    await server.close()


def test_the_section_can_be_pasted() -> None:
    parsed = configparser.ConfigParser()
    parsed.read_string(client_section(Settings(media="192.0.2.5:8090")))
    assert dict(parsed["tamas"]) == {
        "type": "websocket_client", "connection_type": "per_call_config", "uri": "ws://192.0.2.5:8090/media",
        "protocols": "media", "tls_enabled": "no",
    }  # fmt: skip
    assert "ws://HOST:PORT/media" in client_section(Settings())


def test_the_setting() -> None:
    assert rules_of(Settings()).notice is False and rules_of(Settings(monitoring={"notice": True})).notice is True
    for wrong in ({"notice": "yes"}, {"notic": True}):
        with pytest.raises(ConfigurationError, match=r"\[monitoring\]"):
            rules_of(Settings(monitoring=wrong))


def test_what_screens_are_told() -> None:
    told = told_of(monitor(Actor("u3", "Boss"), browser=True), "begins")
    assert (told["with"], told["state"], told["agent"], told["by"]) == ("browser", "begins", "Sara", "Boss")
