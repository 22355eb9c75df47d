"""The socket: frames that any client reads, bursts in one write, and the slow are cut, not waited for."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp
import msgspec
import pytest
from websockets.frames import Frame, Opcode

from cti.live.events import CallChanged, CallEnded
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.held import SIGNED_OUT
from web.push import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_frames_are_what_another_implementation_writes(size: int) -> None:
    message = b"x" * size
    assert text_frame(message) == Frame(Opcode.TEXT, message).serialize(mask=False)


async def hello(ws: aiohttp.ClientWebSocketResponse, *topics: str) -> dict[str, Any]:
    await ws.send_json({"type": "hello", "topics": topics})
    return await until(ws, "snapshot")


async def until(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = await ws.receive_json(timeout=5)
        if message["type"] == kind:
            return message


async def test_a_browser_gets_the_board_and_then_what_changes(on_stage: Stage) -> None:
    feed = on_stage.services.feed
    stage.go_live(feed)
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        snapshot = await hello(ws, "board:all")
        call = sample.live_calls()[0]
        assert snapshot["data"]["calls"][call.record.id]["state"] == "talking"
        feed.tell([CallChanged(sample.NOW, msgspec.structs.replace(call, state="held"))])
        event = await until(ws, "event")
        assert event["seq"] == snapshot["seq"] + 1
        assert event["data"]["calls"][call.record.id] == {"state": "held", "mark": "hold"}
        feed.tell([CallEnded(sample.NOW, call.record)])
        assert (await until(ws, "event"))["data"]["calls"] == {call.record.id: None}


async def test_the_first_thing_said_is_the_time(on_stage: Stage) -> None:
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        assert await ws.receive_json(timeout=5) == {"type": "beat", "at": "2026-11-22T07:14:00.000Z"}


async def test_it_says_the_time_each_second(on_stage: Stage) -> None:
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        for _ in range(2):
            assert (await until(ws, "beat"))["at"] == "2026-11-22T07:14:00.000Z"


async def test_who_leaves_is_forgotten(on_stage: Stage) -> None:
    hub = on_stage.services.feed.hub
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        await hello(ws, "board:all")
        assert len(hub.clients) == 1
    async with asyncio.timeout(5):
        while hub.clients:  # noqa: ASYNC110 (the hub tells nobody that a client left)
            await asyncio.sleep(0.01)
    assert not hub.watched("board:all")


async def test_nonsense_and_too_much_are_answered_or_closed(on_stage: Stage) -> None:
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        await ws.send_str("{")
        assert (await until(ws, "error"))["reason"] == "unreadable"
        await ws.send_str("x" * 100_000)
        while (message := await ws.receive(timeout=5)).type == aiohttp.WSMsgType.TEXT:
            assert json.loads(message.data)["type"] == "beat"
        assert ws.closed


async def test_a_client_that_reads_nothing_is_cut_and_others_go_on(on_stage: Stage) -> None:
    feed = on_stage.services.feed
    stage.go_live(feed)
    host, port = on_stage.url.removeprefix("http://").split(":")
    stuck = await open_and_read_nothing(host, int(port), on_stage.cookie)
    call = sample.live_calls()[0]
    async with on_stage.http.ws_connect(on_stage.url + "/push") as ws:
        await hello(ws, "board:all")
        padding = "آ" * 70
        for n in range(30_000):
            caller = msgspec.structs.replace(call.record.caller, name=f"{padding}{n}")
            record = msgspec.structs.replace(call.record, caller=caller)
            feed.tell([CallChanged(sample.NOW, msgspec.structs.replace(call, record=record))])
            if n % 50 == 0:
                await asyncio.sleep(0)
                if feed.hub.cuts:
                    break
            await drain(ws)
        assert feed.hub.cuts >= 1
        assert all(client.size <= 512 * 1024 for client in feed.hub.clients)
        feed.tell([CallEnded(sample.NOW, call.record)])
        async with asyncio.timeout(10):
            while (await until(ws, "event"))["data"].get("calls") != {call.record.id: None}:
                pass
    stuck.close()


async def end_of(ws: aiohttp.ClientWebSocketResponse) -> int:
    """With what it is closed, after all that comes before."""
    while (message := await ws.receive(timeout=5)).type == aiohttp.WSMsgType.TEXT:
        pass
    return int(message.data)


async def open_and_read_nothing(host: str, port: int, cookie: str) -> socket.socket:
    """A browser whose machine fell asleep: it said hello, and its buffers fill."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, (host, port))
    request = (
        f"GET /push HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Cookie: {cookie}\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(line, request.encode())
    await loop.sock_recv(line, 1024)
    message = json.dumps({"type": "hello", "topics": ["board:all"]}).encode()
    await loop.sock_sendall(line, Frame(Opcode.TEXT, message).serialize(mask=True))
    return line


async def drain(ws: aiohttp.ClientWebSocketResponse) -> None:
    """Read what is there, so that this client is never the slow one."""
    try:
        while True:
            async with asyncio.timeout(0):
                await ws.receive()
    except TimeoutError:
        return


async def test_a_stopping_server_says_goodbye(on_stage: Stage) -> None:
    from web import server

    running = await server.start(server.create_app(on_stage.services), "127.0.0.1", 0)
    async with on_stage.http.ws_connect(running.url + "/push") as ws:
        await hello(ws, "board:all")
        stopping = asyncio.create_task(running.stop())
        assert await end_of(ws) == aiohttp.WSCloseCode.GOING_AWAY
        await stopping


class TestWhoWatches:
    """The socket is as closed as the pages."""

    async def test_nobody_is_told_to_sign_in(self, on_stage: Stage) -> None:
        nobody = await on_stage.as_nobody()
        async with nobody.http.ws_connect(on_stage.url + "/push") as ws:
            await ws.send_json({"type": "hello", "topics": ["board:all"]})
            assert await ws.receive_json(timeout=5) == {"type": "error", "reason": "unauthenticated"}
            assert (await ws.receive(timeout=5)).data == SIGNED_OUT

    @pytest.mark.parametrize("token", ["", "tamas_wrong", "x" * 300, "\0"])
    async def test_a_token_that_opens_nothing(self, on_stage: Stage, token: str) -> None:
        nobody = await on_stage.as_nobody()
        async with nobody.http.ws_connect(on_stage.url + "/push") as ws:
            await ws.send_json({"type": "hello", "topics": ["board:all"], "token": token})
            assert (await ws.receive_json(timeout=5))["reason"] == "unauthenticated"

    async def test_a_program_says_its_token_in_the_hello(self, on_stage: Stage) -> None:
        stage.go_live(on_stage.services.feed)
        nobody, token = await on_stage.as_nobody(), await on_stage.token("live.view", "calls.view_all")
        async with nobody.http.ws_connect(on_stage.url + "/push") as ws:
            await ws.send_json({"type": "hello", "topics": ["board:all", "pops"], "token": token})
            assert (await until(ws, "snapshot"))["topic"] == "board:all"
            assert (await until(ws, "error"))["topic"] == "pops"

    async def test_or_in_the_header(self, on_stage: Stage) -> None:
        nobody, token = await on_stage.as_nobody(), await on_stage.token()
        bearer = {"Authorization": f"Bearer {token}"}
        async with nobody.http.ws_connect(on_stage.url + "/push", headers=bearer) as ws:
            assert (await hello(ws, "board:all"))["topic"] == "board:all"

    async def test_a_revoked_session_is_closed_soon(self, on_stage: Stage) -> None:
        agent = await on_stage.as_role("agent")
        async with agent.http.ws_connect(on_stage.url + "/push") as ws:
            await hello(ws, "pulse")
            before = asyncio.get_running_loop().time()
            await on_stage.services.crm.sessions.revoke(on_stage.actor, agent.actor.session)
            assert await end_of(ws) == SIGNED_OUT
            assert asyncio.get_running_loop().time() - before < 2.0
        assert not [c for c in on_stage.services.feed.hub.clients if c.actor.id == agent.actor.id]  # type: ignore[attr-defined]

    async def test_a_revoked_token_too(self, on_stage: Stage) -> None:
        crm, nobody = on_stage.services.crm, await on_stage.as_nobody()
        made = await crm.tokens.create(on_stage.actor, "wallboard")
        async with nobody.http.ws_connect(on_stage.url + "/push") as ws:
            await ws.send_json({"type": "hello", "topics": [], "token": made.secret})
            await until(ws, "beat")
            await crm.tokens.revoke(on_stage.actor, made.token.id)
            assert await end_of(ws) == SIGNED_OUT

    async def test_a_revoked_token_in_the_header_does_not_keep_others_in(self, on_stage: Stage) -> None:
        crm, nobody, agent = on_stage.services.crm, await on_stage.as_nobody(), await on_stage.as_role("agent")
        made = await crm.tokens.create(on_stage.actor, "program")
        bearer = {"Authorization": f"Bearer {made.secret}"}
        push = on_stage.url + "/push"
        async with nobody.http.ws_connect(push, headers=bearer) as first, agent.http.ws_connect(push) as second:
            for ws in (first, second):
                await until(ws, "beat")
            await crm.tokens.revoke(on_stage.actor, made.token.id)
            assert await end_of(first) == SIGNED_OUT
            await crm.sessions.sign_out(agent.actor)
            assert await end_of(second) == SIGNED_OUT

    async def test_who_loses_a_permission_loses_its_topics(self, on_stage: Stage) -> None:
        stage.go_live(on_stage.services.feed)
        crm = on_stage.services.crm
        role = await crm.roles.create(on_stage.actor, "Watcher", ("live.view", "calls.view_all"))
        watcher = await on_stage.as_role(role.id)
        async with watcher.http.ws_connect(on_stage.url + "/push") as ws:
            await hello(ws, "board:all")
            await crm.roles.change(on_stage.actor, role.id, permissions=("contacts.view",))
            assert await until(ws, "error") == {"type": "error", "topic": "board:all", "reason": "forbidden"}
            assert not on_stage.services.feed.hub.watched("board:all masked")
