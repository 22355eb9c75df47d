"""Monitoring in the product: what is written down and told, whose permission is looked at anew, what is printed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cti.app.monitoring import rules_of, told_of
from cti.control.monitor import Monitor, Told
from cti.control.spying import Spying
from cti.kernel.actor import Actor
from cti.kernel.errors import ConfigurationError, ForbiddenError
from cti.kernel.settings import Settings
from tests.crm_core.users import people
from tests.cti.app.stage import profile_of, simulated, url_of
from tests.live import TESTER, Running, running_product


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


def test_the_setting() -> None:
    assert rules_of(Settings()).notice is False and rules_of(Settings(monitoring={"notice": True})).notice is True
    for wrong in ({"notice": "yes"}, {"notic": True}):
        with pytest.raises(ConfigurationError, match=r"\[monitoring\]"):
            rules_of(Settings(monitoring=wrong))


def test_what_screens_are_told() -> None:
    told = told_of(monitor(Actor("u3", "Boss"), browser=True), "begins")
    assert (told["with"], told["state"], told["agent"], told["by"]) == ("browser", "begins", "Sara", "Boss")
