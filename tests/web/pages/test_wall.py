"""A board opens by its link alone, the link opens nothing else, and what is taken back goes dark at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from crm_core.users.access import secret_hash
from crm_core.wallboards.model import Shown
from cti.app.wallboards import hang
from tests.live import until
from tests.screenpop.morning import morning
from tests.web import stage
from tests.web.conftest import Stage


@pytest.fixture
def wall(on_stage: Stage) -> Stage:
    stage.go_live(on_stage.services.feed)
    hang(on_stage.services.crm, on_stage.services.feed, morning())
    return on_stage


async def link(on_stage: Stage, **shown: Any) -> tuple[str, str]:
    """The path of a new board, and its id."""
    made = await on_stage.services.crm.wallboards.create(on_stage.actor, Shown(**({"name": "Hall"} | shown)))
    return f"/wall/{made.secret}", made.board.id


async def hello(stage: Stage, path: str, *topics: str) -> aiohttp.ClientWebSocketResponse:
    socket = await stage.http.ws_connect(stage.url + path)
    await socket.send_json({"type": "hello", "topics": list(topics)})
    return socket


async def next_of(socket: aiohttp.ClientWebSocketResponse, topic: str) -> Any:
    async with asyncio.timeout(5):
        async for message in socket:
            told = json.loads(message.data)
            if told.get("topic") == topic:
                return told
    raise AssertionError("closed")


async def end_of(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """With what it is closed, after all that comes before."""
    async with asyncio.timeout(5):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    return socket.close_code


async def test_it_opens_without_signing_in_as_the_board_has_it(wall: Stage) -> None:
    path, board = await link(wall, language="en", theme="light", kind="day")
    nobody = await wall.as_nobody()
    async with nobody.http.get(wall.url + path, headers={"Accept-Language": "fa"}) as response:
        page = await response.text()
        assert response.status == 200
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in response.headers
    assert 'lang="en" dir="ltr"' in page and 'data-theme="light"' in page
    assert f'topic="wallboard:{board}"' in page
    assert path.rpartition("/")[2] not in page, "the secret is not in what is shown"
    assert 'name="csrf"' not in page and "/sign-out" not in page


async def test_its_socket_tells_that_board_and_nothing_else(wall: Stage) -> None:
    path, board = await link(wall)
    _, other = await link(wall, name="Other")
    nobody = await wall.as_nobody()
    topics = (f"wallboard:{board}", f"wallboard:{other}", "board:all", "status", "agents", "calls", "pops")
    socket = await hello(nobody, f"{path}/push", *topics)
    assert (await next_of(socket, f"wallboard:{board}"))["data"]["name"] == "Hall"
    for topic in topics[1:]:
        assert (await next_of(socket, topic))["reason"] == "forbidden"
    assert (await nobody.http.get(wall.url + "/api/v1/calls")).status == 401
    assert (await nobody.http.get(wall.url + "/", allow_redirects=False)).status in (302, 303)
    secret = path.rpartition("/")[2]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await nobody.http.get(wall.url + "/api/v1/calls", headers=bearer)).status == 401
    plain = await hello(nobody, "/push", f"wallboard:{board}")
    await plain.send_json({"type": "hello", "topics": [f"wallboard:{board}"], "token": secret})
    async with asyncio.timeout(15):
        assert json.loads((await plain.receive()).data)["reason"] == "unauthenticated"


async def test_who_is_signed_in_gets_no_board_by_the_pages_socket(wall: Stage) -> None:
    _, board = await link(wall)
    socket = await hello(wall, "/push", f"wallboard:{board}")
    assert (await next_of(socket, f"wallboard:{board}"))["reason"] == "forbidden"


async def test_what_is_taken_back_goes_dark(wall: Stage) -> None:
    path, board = await link(wall)
    nobody = await wall.as_nobody()
    socket = await hello(nobody, f"{path}/push", f"wallboard:{board}")
    await next_of(socket, f"wallboard:{board}")
    await wall.services.crm.wallboards.revoke(wall.actor, board)
    assert await end_of(socket) == 4401
    assert (await nobody.go(path))[0] == 404
    late = await nobody.http.ws_connect(f"{wall.url}{path}/push")  # a screen that had no network meanwhile
    assert (await late.receive(5)).type is aiohttp.WSMsgType.CLOSE
    assert late.close_code == 4401, "or it would show for ever what it showed last"


async def test_another_site_gets_no_socket(wall: Stage) -> None:
    path, _ = await link(wall)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await wall.http.ws_connect(f"{wall.url}{path}/push", headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


async def test_no_other_link_opens_anything(wall: Stage) -> None:
    path, board = await link(wall)
    nobody = await wall.as_nobody()
    for wrong in ("/wall/none", path[:-1], path + "x", f"/wall/{board}", "/wall/%00", "/wall/" + "x" * 3000):
        assert (await nobody.go(wrong))[0] == 404, wrong


async def test_the_key_stands_in_no_log(wall: Stage, caplog: pytest.LogCaptureFixture) -> None:
    path, _ = await link(wall)
    wall.services.crm.wallboards._by_hash[secret_hash(path.rpartition("/")[2])] = ["broken"]  # type: ignore[assignment]
    assert (await (await wall.as_nobody()).go(path))[0] == 500
    assert "GET /wall/… failed" in caplog.text
    assert path.rpartition("/")[2] not in caplog.text


async def test_a_preview_by_a_token_that_is_revoked_keeps_nobody_elses_socket(wall: Stage) -> None:
    path, board = await link(wall)
    crm, nobody = wall.services.crm, await wall.as_nobody()
    made = await crm.tokens.create(wall.actor, "program")
    preview = f"{wall.url}/admin/wallboards/{board}/preview/push"
    first = await nobody.http.ws_connect(preview, headers={"Authorization": f"Bearer {made.secret}"})
    second = await hello(nobody, f"{path}/push", f"wallboard:{board}")
    await next_of(second, f"wallboard:{board}")
    await crm.tokens.revoke(wall.actor, made.token.id)
    assert await end_of(first) == 4401
    await crm.wallboards.revoke(wall.actor, board)
    assert await end_of(second) == 4401


async def test_the_preview_is_for_who_makes_boards(wall: Stage) -> None:
    _, board = await link(wall)
    path = f"/admin/wallboards/{board}/preview"
    assert f'topic="wallboard:{board}"' in await wall.page(path)
    socket = await hello(wall, f"{path}/push", f"wallboard:{board}")
    assert (await next_of(socket, f"wallboard:{board}"))["type"] == "snapshot"
    agent = await wall.as_role("agent")
    assert (await agent.go(path))[0] == 403
    await wall.services.crm.wallboards.delete(wall.actor, board)
    await until(lambda: not wall.services.feed.hub.watched(f"wallboard:{board}"), what="the preview ends")
    assert (await wall.go(path))[0] == 404
