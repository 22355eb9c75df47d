"""Sockets that are held only as long as their user may: whatever is carried in them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from cti.kernel.actor import Actor
from tests.live import until
from tests.web.conftest import Stage
from web import server
from web.held import SIGNED_OUT, Held

PATIENCE = 10.0
PERMISSION = "monitor.listen"


class Hall:
    """A server with a socket that echoes at ``/held``; ``boom`` breaks it, ``end`` ends it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.held, self.served = stage, Held(PERMISSION, longest=1024), 0
        app = server.create_app(stage.services)
        self.held.install(app, "/held", self.serve)
        self.app, self.url = app, ""

    async def serve(self, request: web.Request, actor: Actor) -> web.StreamResponse:
        async with self.held.opened(request, actor) as socket:
            self.served += 1
            await self.held.hold(request, socket, self.echo(socket), asyncio.Event().wait())  # type: ignore[arg-type]
        return socket

    async def echo(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.data == "boom":
                raise RuntimeError("broken")
            if message.data == "end":
                return
            await socket.send_str(message.data)

    def line(self, who: Stage, **headers: str) -> aiohttp.client._WSRequestContextManager:
        return who.http.ws_connect(f"{self.url}/held", headers=headers)

    async def refused(self, who: Stage, **headers: str) -> int:
        with pytest.raises(aiohttp.WSServerHandshakeError) as found:
            await self.line(who, **headers)
        return found.value.status


@pytest.fixture
async def hall(on_stage: Stage) -> AsyncIterator[Hall]:
    made = Hall(on_stage)
    running = await server.start(made.app, "127.0.0.1", 0)
    made.url = running.url
    yield made
    await running.stop()


async def closed(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    assert (await ws.receive(PATIENCE)).type is aiohttp.WSMsgType.CLOSE
    return ws.close_code


async def test_what_is_carried_until_a_way_is_at_its_end(hall: Hall) -> None:
    lead = await hall.stage.as_role("supervisor")
    async with hall.line(lead) as ws:
        await ws.send_str("سلام")
        assert (await ws.receive(PATIENCE)).data == "سلام"
        assert hall.held.count(lead.actor) == 1
        await ws.send_str("end")
        assert await closed(ws) == aiohttp.WSCloseCode.OK
    await until(lambda: hall.held.count(lead.actor) == 0)


async def test_who_may_not_comes_not_in(hall: Hall) -> None:
    lead = await hall.stage.as_role("supervisor")
    assert await hall.refused(await hall.stage.as_nobody()) == 401
    assert await hall.refused(await hall.stage.as_nobody(), Authorization="Bearer wrong") == 401
    assert await hall.refused(await hall.stage.as_role("agent")) == 403
    assert await hall.refused(lead, Origin="https://evil.example") == 403
    assert hall.served == 0


async def test_who_has_to_choose_a_password_first_neither(hall: Hall) -> None:
    lead = await hall.stage.as_role("supervisor")
    await hall.stage.services.crm.users.set_password(hall.stage.actor, lead.actor.id)
    assert await hall.refused(await hall.stage.as_user(lead.actor.id)) != 101
    assert hall.served == 0


async def test_who_is_signed_out_loses_it(hall: Hall) -> None:
    lead = await hall.stage.as_role("supervisor")
    async with hall.line(lead) as ws:
        await hall.stage.services.crm.sessions.sign_out(lead.actor)
        assert await closed(ws) == SIGNED_OUT
    await until(lambda: hall.held.count(lead.actor) == 0)


async def test_who_loses_the_permission_loses_it(hall: Hall) -> None:
    lead = await hall.stage.as_role("supervisor")
    async with hall.line(lead) as ws:
        await hall.stage.services.crm.roles.change(hall.stage.actor, "supervisor", permissions=("live.view",))
        assert await closed(ws) == SIGNED_OUT


async def test_a_token_that_is_revoked_loses_it(hall: Hall) -> None:
    tokens = hall.stage.services.crm.tokens
    made = await tokens.create(hall.stage.actor, "a program")
    async with hall.line(await hall.stage.as_nobody(), Authorization=f"Bearer {made.secret}") as ws:
        await tokens.revoke(hall.stage.actor, made.token.id)
        assert await closed(ws) == SIGNED_OUT


async def test_what_breaks_is_said_and_closed(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    async with hall.line(await hall.stage.as_role("supervisor")) as ws:
        with caplog.at_level(logging.ERROR, "web.held"):
            await ws.send_str("boom")
            assert await closed(ws) == aiohttp.WSCloseCode.OK
    assert "/held" in caplog.text and "broken" in caplog.text


async def test_a_stopping_server_says_goodbye(on_stage: Stage) -> None:
    hall = Hall(on_stage)
    running = await server.start(hall.app, "127.0.0.1", 0)
    hall.url = running.url
    lead = await on_stage.as_role("supervisor")
    async with hall.line(lead) as one, hall.line(lead) as other:
        await until(lambda: hall.held.count(lead.actor) == 2)
        stopping = asyncio.create_task(running.stop())
        assert [await closed(ws) for ws in (one, other)] == [aiohttp.WSCloseCode.GOING_AWAY] * 2
        await stopping
