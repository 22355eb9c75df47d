"""The product fills boards: who works at a phone is found by it, and what changes is told without being asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from crm_core.wallboards.model import Shown
from tests.live import TESTER, running_product
from tests.screenpop.test_agents import merged

Test = Callable[[Any], Any]


async def shows(socket: aiohttp.ClientWebSocketResponse, before: Any, wanted: Test) -> Any:
    """The board as soon as it shows what is wanted."""
    async with asyncio.timeout(30):
        while not (before and wanted(before)):
            told = json.loads((await socket.receive()).data)
            if told["type"] in ("snapshot", "event"):
                before = told["data"] if told["type"] == "snapshot" else merged(before, told["data"])
    return before


async def test_a_board_goes_on_by_itself_and_a_change_shows_at_once(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running, aiohttp.ClientSession() as http:
        boards = running.product.crm.wallboards
        made = await boards.create(TESTER, Shown(name="Hall", kind="agents"))
        async with http.ws_connect(f"{running.product.web.url}/wall/{made.secret}/push") as socket:  # type: ignore[union-attr]
            await socket.send_json({"type": "hello", "topics": [f"wallboard:{made.board.id}"]})
            told = await shows(socket, None, lambda board: any(x["mark"] == "talk" for x in board["agents"].values()))
            assert told["name"] == "Hall"
            assert all("name" in one for one in told["agents"].values())
            await boards.change(TESTER, made.board.id, Shown(name="Hall", kind="agents", nameless=True))
            told = await shows(socket, told, lambda board: board["nameless"])
            assert not any("name" in one for one in told["agents"].values())
