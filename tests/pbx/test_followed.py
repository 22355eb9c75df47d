"""Listening goes on when a call does, at a real Asterisk: the agent hands the caller over, and the supervisor hears the
next one's tone in the same browser and by the same id; or is told why he hears no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from cti.app.media import TRUSTED, client_section
from cti.app.tls import authority_of, make_tls
from cti.control.monitor import Monitor
from cti.kernel.actor import Actor
from cti.kernel.clock import SystemClock
from cti.kernel.settings import Settings
from tests.crm_core.users import people
from tests.live import TESTER, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.hearing import heard
from tests.pbx.moves import Flow, Refer
from tests.pbx.play import Stage
from tests.pbx.scenario import Caller, dial, talk
from tests.pbx.test_monitor import AGENT, ALL, BOSS, MOBILE, OTHER, Floor, floor

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]


class Listener:
    """The boss without a phone: the sound as his browser gets it, and what he is told."""

    def __init__(self, there: Floor) -> None:
        self.there, self.sound, self.told = there, bytearray(), list[tuple[str, str, str]]()
        feed = there.running.product.feed
        plain = feed.message

        def message(user: str, data: dict[str, str]) -> None:
            if user == there.boss.id and data.get("kind") == "monitor":
                self.told.append((data["state"], data["agent"], data["why"]))
            plain(user, data)

        feed.message = message  # type: ignore[method-assign]

    async def listen(self, frames: AsyncIterator[bytes]) -> None:
        async for frame in frames:
            self.sound += frame

    async def hears(self, *names: str) -> None:
        """For half a second from now on these alone."""

        async def so() -> bool:
            del self.sound[:]
            await until(lambda: len(self.sound) >= 4000, 5, lambda: str(self.told))
            return heard(bytes(self.sound[:4000]), ALL) == set(names)

        await until(so, 10, lambda: f"{heard(bytes(self.sound), ALL)} {self.told}")


async def begins(stack: AsyncExitStack, there: Floor) -> tuple[Listener, Monitor]:
    """Sara talks with the caller, and the boss hears both."""
    await there.listen(AGENT, OTHER, BOSS)
    call = await there.call()
    listener = Listener(there)
    monitor = await there.spying.start(there.boss, call.record.id, browser=True)
    frames = there.spying.ear(there.boss, monitor.id).frames()
    stack.callback(asyncio.create_task(listener.listen(frames)).cancel)
    await there.begun()
    await listener.hears(AGENT, MOBILE)
    return listener, monitor


async def same_team(there: Floor) -> None:
    """Reza is in the boss's team, too."""
    crm = there.running.product.crm
    (team,) = [one for one in await crm.teams.all(TESTER) if one.name == "Sales"]
    users = (there.agents["sara"], there.agents["reza"], there.boss.id)
    await crm.teams.change(TESTER, team.id, users=users)
    await crm.desks.tell()
    await until(lambda: crm.reach.may_user(there.boss, there.agents["reza"]), 5)


async def sara(there: Floor) -> Actor:
    crm = there.running.product.crm
    return (await people.sign_in(crm, await crm.users.get(TESTER, there.agents["sara"])))[0]


@pytest.mark.parametrize("how", ["blind", "attended", "by the keys of her phone"])
async def test_a_call_that_is_handed_over_is_heard_on(asterisk: Asterisk, tmp_path: Path, how: str) -> None:
    async with floor(asterisk, tmp_path) as there, AsyncExitStack() as stack:
        await same_team(there)
        listener, monitor = await begins(stack, there)
        commands, agent = there.running.product.control.commands, await sara(there)
        if how == "blind":
            await commands.transfer(agent, monitor.call, OTHER)
        elif how == "by the keys of her phone":  # a call on its second line, and then REFER with Replaces
            there.phones.call(Caller(AGENT), OTHER, dial(), talk())
            await there.probe.wait(lambda m: m.get("Event") == "BridgeEnter" and m["Channel"].startswith("PJSIP/202"))
            await Stage(asterisk, Flow("", "", {}, (), ()), there.phones, there.probe)._refer(Refer("PJSIP/201", OTHER))
        else:
            await commands.transfer(agent, monitor.call, OTHER, attended=True)
            await listener.hears(AGENT, OTHER)
            await commands.complete(agent, monitor.call)
        began = time.monotonic()
        await until(lambda: listener.told[-1][:2] == ("heard", "reza"), 10, lambda: str(listener.told))
        took = time.monotonic() - began
        await listener.hears(OTHER, MOBILE)
        (now,) = there.spying.running(there.boss)
        assert now.id == monitor.id and now.extension == OTHER
        print(f"{how}: heard on after {took:.2f} s; {listener.told}")


async def test_with_a_phone_it_rings_again_for_the_next(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there:
        await same_team(there)
        await there.listen(AGENT, OTHER, BOSS)
        call, listener = await there.call(), Listener(there)
        await there.spying.start(there.boss, call.record.id, "whisper")
        await there.begun()
        await there.running.product.control.commands.transfer(await sara(there), call.record.id, OTHER)

        def next_one() -> bool:
            return [(x.extension, x.mode, x.state) for x in there.spying.running(there.boss)] == [
                (OTHER, "listen", "heard")
            ]

        await until(next_one, 10, lambda: str(listener.told))
        await asyncio.sleep(0.3)  # what was on its way before
        assert await there.hears(MOBILE) == {OTHER}  # nobody hears the boss
        notes = await there.audited()
        assert [one.detail["agent"] for one in notes if one.detail] == ["sara", "sara"]


async def test_a_call_that_goes_to_another_team_is_heard_no_more(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there, AsyncExitStack() as stack:
        listener, monitor = await begins(stack, there)
        await there.running.product.control.commands.transfer(await sara(there), monitor.call, OTHER)
        await until(lambda: listener.told[-1] == ("over", "sara", "other_team"), 10, lambda: str(listener.told))
        assert there.spying.running(there.boss) == ()
        said = await asterisk.cli("core show channels concise")
        assert "WebSocket/" not in said and "PJSIP/202" in said


async def test_sound_comes_over_tls_by_the_section_that_is_printed(asterisk: Asterisk, tmp_path: Path) -> None:
    port, now = asterisk.address.next_port(), SystemClock().now()
    secure = Settings(data=str(tmp_path / "data"), media=f"wss://{asterisk.ip}:{port}")
    make_tls(secure, ["localhost", asterisk.ip], now)
    configured = asterisk.folder / "etc/websocket_client.conf"
    plain = configured.read_text()
    configured.write_text(client_section(secure).replace(TRUSTED, str(authority_of(secure).public)))
    await asterisk.cli("module reload res_websocket_client.so")
    try:
        async with floor(asterisk, tmp_path, media=secure.media) as there, AsyncExitStack() as stack:
            listener, _ = await begins(stack, there)
            await listener.hears(AGENT, MOBILE)
    finally:
        configured.write_text(plain)
        await asterisk.cli("module reload res_websocket_client.so")
