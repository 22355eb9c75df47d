"""The softphone's line: carried both ways as it is, for those who may, and only as long as they may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.live import until
from tests.web.conftest import Stage
from web import sip
from web.held import SIGNED_OUT

PATIENCE = 10.0
REGISTER = "REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\n\r\n"


class Pbx:
    """Answers what it hears, word by word, and remembers who called."""

    def __init__(self) -> None:
        self.heard: list[str | bytes] = []
        self.protocols: list[str | None] = []
        self.open = 0

    async def talk(self, connection: ServerConnection) -> None:
        self.protocols.append(connection.subprotocol)
        self.open += 1
        try:
            async for message in connection:
                self.heard.append(message)
                if message == "bye":
                    return
                await connection.send(message)
        finally:
            self.open -= 1


@pytest.fixture
async def pbx(on_stage: Stage) -> AsyncIterator[Pbx]:
    made = Pbx()
    async with serve(made.talk, "127.0.0.1", 0, subprotocols=[Subprotocol("sip")]) as server:
        port = server.sockets[0].getsockname()[1]
        on_stage.services.sip["main"] = f"ws://127.0.0.1:{port}/ws"  # type: ignore[index]
        yield made


def line(stage: Stage, pbx: str = "main", **headers: str) -> aiohttp.client._WSRequestContextManager:
    return stage.http.ws_connect(f"{stage.url}/sip?pbx={pbx}", protocols=("sip",), headers=headers)


async def refused(opening: aiohttp.client._WSRequestContextManager) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as found:
        await opening
    return found.value.status


async def test_what_is_said_is_carried_as_it_is(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    async with line(agent) as ws:
        assert ws.protocol == "sip"
        for message in (REGISTER, "\r\n\r\n", "سلام" * 1000):
            await ws.send_str(message)
            assert (await ws.receive(PATIENCE)).data == message
        await ws.send_bytes(b"\x00\xff")
        assert (await ws.receive(PATIENCE)).data == b"\x00\xff"
    assert pbx.heard[0] == REGISTER and pbx.protocols == ["sip"]
    await until(lambda: pbx.open == 0)


async def test_when_the_pbx_leaves_the_browser_is_told(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    async with line(agent) as ws:
        await ws.send_str("bye")
        assert (await ws.receive(PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        assert ws.close_code == aiohttp.WSCloseCode.GOING_AWAY


async def test_a_pbx_that_is_away_is_said(on_stage: Stage) -> None:
    on_stage.services.sip["main"] = "ws://127.0.0.1:9/ws"  # type: ignore[index]
    async with line(await on_stage.as_role("agent")) as ws:
        await ws.receive(PATIENCE)
        assert ws.close_code == sip.NO_PBX


async def test_only_for_who_takes_calls_at_a_pbx_that_we_know(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    assert await refused(line(agent, pbx="elsewhere")) == 404
    await on_stage.services.crm.roles.change(on_stage.actor, "agent", permissions=("live.view",))
    assert await refused(line(await on_stage.as_role("agent"))) == 403
    assert pbx.heard == []


async def test_who_is_signed_out_loses_the_line(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    async with line(agent) as ws:
        await ws.send_str(REGISTER)
        await ws.receive(PATIENCE)
        await on_stage.services.crm.sessions.sign_out(agent.actor)
        await ws.receive(PATIENCE)
        assert ws.close_code == SIGNED_OUT
    await until(lambda: pbx.open == 0)


async def test_so_many_tabs_and_no_more(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    lines = [await line(agent) for _ in range(sip.MOST_LINES)]
    assert await refused(line(agent)) == 429
    await lines.pop().close()
    await until(lambda: pbx.open == sip.MOST_LINES - 1)
    async with line(agent) as ws:
        await ws.send_str(REGISTER)
        assert (await ws.receive(PATIENCE)).data == REGISTER
    for one in lines:
        await one.close()


async def test_tabs_that_come_at_once_are_counted_too(on_stage: Stage, pbx: Pbx) -> None:
    agent = await on_stage.as_role("agent")
    asked = [line(agent) for _ in range(3 * sip.MOST_LINES)]
    got = await asyncio.gather(*asked, return_exceptions=True)
    lines = [one for one in got if isinstance(one, aiohttp.ClientWebSocketResponse)]
    assert len(lines) == sip.MOST_LINES
    for one in lines:
        await one.close()


async def test_a_message_without_end_closes_the_line(on_stage: Stage, pbx: Pbx) -> None:
    async with line(await on_stage.as_role("agent")) as ws:
        await ws.send_str("x" * (sip.LONGEST_MESSAGE + 1))
        await ws.receive(PATIENCE)
        assert ws.closed and pbx.heard == []
