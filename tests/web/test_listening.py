"""The socket of who listens without a phone: his own, as it comes, and only as long as he may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from ami_listener.media import SocketEar
from cti.control.monitor import Monitor
from tests.cti.control.office import CALL
from tests.cti.control.test_spying import Lead
from tests.live import until
from tests.web.conftest import Stage, staged
from web.held import SIGNED_OUT
from web.services import Services

PATIENCE = 10.0


class Ears:
    """Sound that the test makes."""

    def __init__(self) -> None:
        self.ear = SocketEar()

    def expect(self, _uniqueid: str) -> SocketEar:
        return self.ear


class Set:
    """A supervisor who has begun to listen."""

    def __init__(self, stage: Stage, lead: Lead, boss: Stage, monitor: Monitor, ears: Ears) -> None:
        self.stage, self.lead, self.boss, self.monitor, self.ear = stage, lead, boss, monitor, ears.ear

    def line(self, who: Stage | None = None) -> aiohttp.client._WSRequestContextManager:
        who = who or self.boss
        return who.http.ws_connect(f"{who.url}/listen/{self.monitor.id}")

    async def refused(self, who: Stage | None = None) -> int:
        with pytest.raises(aiohttp.WSServerHandshakeError) as found:
            await self.line(who)
        return found.value.status

    @property
    def running(self) -> bool:
        return bool(self.lead.spying.running(self.boss.actor))


@pytest.fixture
async def hearing(services: Services) -> AsyncIterator[Set]:
    lead, ears = Lead(), Ears()
    lead.spying.ears, lead.teams.reached = ears, None
    async with staged(replace(services, spying=lead.spying)) as on_stage:
        boss = await on_stage.as_role("supervisor", extensions=("203",))
        monitor = await lead.spying.start(boss.actor, CALL, browser=True)
        yield Set(on_stage, lead, boss, monitor, ears)


async def test_sound_comes_as_it_is_and_ends_with_the_call(hearing: Set) -> None:
    async with hearing.line() as ws:
        for frame in (b"\x01" * 160, b"\x02" * 160):
            hearing.ear.put(frame)
            assert (await ws.receive(PATIENCE)).data == frame
        hearing.lead.office.desk.gone("1.0", "1.1")
        await hearing.lead.tell()
        assert (await ws.receive(PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        assert ws.close_code == aiohttp.WSCloseCode.OK
    await until(lambda: not hearing.running)


async def test_when_the_browser_leaves_nobody_listens(hearing: Set) -> None:
    async with hearing.line() as ws:
        hearing.ear.put(b"\x01")
        await ws.receive(PATIENCE)
        assert hearing.running
    await until(lambda: not hearing.running and hearing.ear.over)


async def test_only_for_him_who_began_it(hearing: Set) -> None:
    assert await hearing.refused(await hearing.stage.as_role("agent")) == 403
    assert await hearing.refused(await hearing.stage.as_role("supervisor")) == 404
    assert hearing.running
    await hearing.lead.spying.stop(hearing.boss.actor, hearing.monitor.id)
    assert await hearing.refused() == 404


async def test_who_is_signed_out_hears_nothing_more(hearing: Set) -> None:
    async with hearing.line() as ws:
        hearing.ear.put(b"\x01")
        await ws.receive(PATIENCE)
        await hearing.stage.services.crm.sessions.sign_out(hearing.boss.actor)
        await ws.receive(PATIENCE)
        assert ws.close_code == SIGNED_OUT
    await until(lambda: not hearing.running)
