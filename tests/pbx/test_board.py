"""After the line to the PBX was cut while calls came, went and changed, the live board is what the PBX itself says."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live import until
from tests.pbx.asterisk import Asterisk
from tests.pbx.flows.people import MOBILE, OTHER_MOBILE, picks_up
from tests.pbx.scenario import Caller, bye, dial, talk
from tests.pbx.test_control import House, at_work
from tests.proxy import Proxy

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(240)]
EQUAL_SECONDS = 2.0
"""After the link is back, the board may differ for so long."""

Stand = tuple[frozenset[str], dict[str, list[str]], dict[str, int]]
"""Which calls are up (by linkedid), who waits in which queue, by number, and how many the queue is said to have."""


async def of_the_pbx(house: House) -> Stand:
    """`core show channels` and `queue show`, as events."""
    probe = house.probe

    async def listed(action: str, end: str, event: str) -> list[dict[str, str]]:
        before = len(probe.messages)
        await probe.send(action)
        await probe.wait(lambda m: m.get("Event") == end, before)
        return [m for m in probe.messages[before:] if m.get("Event") == event]

    channels = await listed("CoreShowChannels", "CoreShowChannelsComplete", "CoreShowChannel")
    entries = await listed("QueueStatus", "QueueStatusComplete", "QueueEntry")
    queues: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda m: int(m["Position"])):
        queues.setdefault(entry["Queue"], []).append(entry["CallerIDNum"])
    return frozenset(m["Linkedid"] for m in channels), queues, {name: len(who) for name, who in queues.items()}


def of_the_board(house: House) -> Stand:
    """As whoever looks was told last."""
    told = house.running.product.feed.board.whole()
    records = {call.record.id: call.record for call in house.running.live()}
    calls: dict[str, Any] = told["calls"]
    up = frozenset(linkedid for key in calls if key in records for linkedid in records[key].linkedids)
    unknown = frozenset(key for key in calls if key not in records)  # a ghost
    queues: dict[str, list[str]] = {}
    waiting = [card for card in calls.values() if card["state"] == "queued"]
    for card in sorted(waiting, key=lambda card: str(card["since"])):
        known = records.get(card["id"])
        queues.setdefault(card["queue"], []).append((known and known.caller.raw) or card["id"])
    counts = {row["name"]: row["waiting"] for row in told["queues"].values() if row["waiting"]}
    return up | unknown, queues, counts


@pytest.mark.parametrize("seconds", [6.0, pytest.param(60.0, marks=pytest.mark.chaos)])
async def test_after_a_cut_the_board_is_what_the_pbx_says(asterisk: Asterisk, tmp_path: Path, seconds: float) -> None:
    async with Proxy.running(*asterisk.ami) as proxy:
        urls = {"pbx_url": proxy.instead_of(asterisk.ami_url())}
        async with at_work(asterisk, tmp_path, **urls) as house, house.running.push("board:all") as push:
            await house.listen(_201=picks_up(0.5, talk(200), bye()), _202=picks_up(0.5, talk(3), bye()))
            house.phones.call(Caller(OTHER_MOBILE), "5026", dial(), talk(3), bye())  # waits, and gives up meanwhile
            house.phones.call(Caller("09121110003"), "5025", dial(), talk(3), bye())  # ends meanwhile
            await until(
                lambda: len(house.running.live()) == 2 and push.of("board:all"), 15, lambda: str(house.running.live())
            )
            proxy.freeze(newcomers=True)
            await asyncio.sleep(seconds / 2)  # the queue lets nobody wait longer than a minute
            house.phones.call(Caller(MOBILE), "5026", dial(), talk(200), bye())  # waits unseen
            house.phones.call(Caller("09121110004"), "5001", dial(), talk(200), bye())  # talks unseen
            await asyncio.sleep(seconds / 2)
            proxy.cut()
            proxy.heal()
            (listener,) = house.running.product.listeners
            await until(lambda: proxy.open and listener.connection.state.phase == "up", 30, house.running.states)
            back = time.monotonic()
            while (stands := of_the_board(house)) != (says := await of_the_pbx(house)):
                assert time.monotonic() - back < EQUAL_SECONDS, f"board {stands}, PBX {says}"
                await asyncio.sleep(0.05)
            print(f"equal {time.monotonic() - back:.2f} s after the link was back")
            assert says[1] == {"desk": [MOBILE]} and len(says[0]) == 2
