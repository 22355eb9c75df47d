"""The past of a real Asterisk: what was on the live page during calls is played again, moment by moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from crm_core.agents.model import QueueWrap
from cti.live.record import rfc3339
from tests.cti.app.past.test_wiring import API, Site, board, shown
from tests.live import TESTER, Push, running_product, until
from tests.pbx import flows
from tests.pbx.asterisk import Asterisk
from tests.pbx.play import play

pytestmark = pytest.mark.pbx
FLOWS = {flow.name: flow for flow in flows.FLOWS}
PLAYED = ("queue_member_busy_then_other", "attended_transfer")


def different(played: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    return {key: (played.get(key), live.get(key)) for key in {*played, *live} if played.get(key) != live.get(key)}


async def reached(push: Push, topic: str, at: str) -> None:
    def stand() -> tuple[str, str]:
        found = shown(push, topic).get("playback", {})
        return found.get("at", ""), found.get("state", "")

    await until(lambda: stand() == (at, "ready"), 20.0, stand)


async def test_the_board_of_then_is_the_board_as_it_was(asterisk: Asterisk, tmp_path: Path) -> None:
    chosen = [name for name in PLAYED if name in FLOWS]
    assert chosen
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions")}
    async with (
        running_product(tmp_path, asterisk.profile, **urls) as running,
        aiohttp.ClientSession() as http,
    ):
        await running.connected()
        site = Site(running, http)
        crm = running.product.crm
        rules = await crm.agent_rules.get(TESTER)
        await crm.agent_rules.put(TESTER, replace(rules, wraps=(QueueWrap(queue="-", seconds=3.0),)))
        await site.people(a201="201", a202="202", a203="203")
        moments: list[tuple[float, dict[str, Any]]] = []
        for name in chosen:
            flow = asyncio.create_task(play(asterisk, FLOWS[name]))
            while not flow.done():
                await asyncio.wait([flow], timeout=0.4)
                moments.append(await site.as_it_is())
            await flow
        await site.kept_until(moments[-1][0])
        busy = [(at, live) for at, live in moments if live["calls"]]
        assert len(busy) >= 5
        assert "wrap" in {cell["mark"] for _, live in moments for cell in live["agents"].values()}
        _, begun = await site.ask("POST", API, at=rfc3339(busy[0][0]), playing=False)
        async with running.push(begun["topic"]) as push:
            for at, live in busy:
                there = rfc3339(at + 0.0005) or ""
                await site.ask("PATCH", f"{API}/{begun['id']}", at=there)
                await reached(push, begun["topic"], there)
                played = board(push, begun["topic"])
                for part in set(live) - {"today"}:
                    assert different(played[part], live[part]) == {}, (at, part)
        print(f"{len(busy)} moments with calls of {', '.join(chosen)}: each board as it was")
