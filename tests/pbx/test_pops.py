"""Cards of three agents beside a real Asterisk: who is rung sees it, who is too late sees it go, a transfer moves it.

A page here is a socket of one agent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live import Push, Running, until
from tests.pbx import flows
from tests.pbx.asterisk import Asterisk
from tests.pbx.flows.people import picks_up
from tests.pbx.play import play
from tests.pbx.scenario import reject
from tests.pbx.test_control import AGENTS, House, at_work

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]
FLOWS = {flow.name: flow for flow in flows.FLOWS}
GONE_SECONDS = 1.0
Card = dict[str, Any]


class Page:
    """An agent's socket."""

    def __init__(self, push: Push) -> None:
        self.push = push

    @property
    def cards(self) -> list[tuple[float, Card]]:
        """Every card that was told, with when it came."""
        told = zip(self.push.times, self.push.messages, strict=False)
        return [(at, m["data"]) for at, m in told if m["type"] == "event" and m["topic"] == "pops"]

    @property
    def states(self) -> list[str]:
        found: list[str] = []
        for _, card in self.cards:
            words = f"{card['state']}/{card['doing']}"
            if words not in found[-1:]:
                found.append(words)
        return found

    def first(self, state: str) -> tuple[float, Card]:
        return next((at, card) for at, card in self.cards if card["state"] == state)


@asynccontextmanager
async def pages(asterisk: Asterisk, folder: Path) -> AsyncIterator[tuple[House, Page, Page, Page]]:
    """The pages of 201, 202 and 203."""
    async with at_work(asterisk, folder) as house, AsyncExitStack() as stack:
        running: Running = house.running
        made = []
        for actor in (house.sara, house.reza, house.nika):
            token = await running.product.crm.tokens.create(actor, "page")
            push = await stack.enter_async_context(Push(running.url, "pops", token=token.secret))
            await until(lambda push=push: push.of("pops"))
            made.append(Page(push))
        assert len(made) == len(AGENTS)
        yield house, *made  # type: ignore[misc]


async def test_three_phones_ring_and_one_answers(asterisk: Asterisk, tmp_path: Path) -> None:
    async with pages(asterisk, tmp_path) as (house, *three):
        await play(asterisk, FLOWS["ring_group"])
        await house.running.quiet()
        await until(lambda: all(page.states[-1:] in (["ended/off"], ["elsewhere/off"], []) for page in three))
        (taker,) = [page for page in three if "answered/talk" in page.states]
        others = [page for page in three if page is not taker and page.cards]
        assert taker.states == ["ringing/ring", "answered/talk", "ended/off"] and others
        answered = taker.first("answered")[0]
        for page in others:
            assert page.states == ["ringing/ring", "elsewhere/off"]
            at, card = page.first("elsewhere")
            assert at - answered < GONE_SECONDS
            assert card["by"]["ext"] == taker.first("answered")[1]["mine"]["ext"]
        print(
            f"gone {1000 * max(page.first('elsewhere')[0] - answered for page in others):.0f} ms after it was answered"
        )


async def test_an_attended_transfer_carries_the_card_on(asterisk: Asterisk, tmp_path: Path) -> None:
    """By the keys of the PBX (one call), and by the phone itself (two calls that become one)."""
    async with pages(asterisk, tmp_path) as (house, first, second, _third):
        for flow in ("attended_transfer_by_keys", "attended_transfer_by_phone"):
            before = len(first.cards), len(second.cards)
            await play(asterisk, FLOWS[flow])
            await house.running.quiet()
            await until(lambda: first.states[-1] == second.states[-1] == "ended/off")
            asking = [card for _, card in first.cards[before[0] :]]
            asked = [card for _, card in second.cards[before[1] :]]
            assert any(card["doing"] == "cons" and card["consult"]["to"] == "202" for card in asking), flow
            assert len({card["pop"] for card in asking}) == 1, flow
            ringing = next(card for card in asked if card["state"] == "ringing")
            assert ringing["consulted_by"]["ext"] == "201" and ringing["other"] == asking[0]["other"], flow
            assert asked[-1]["call"] == asking[0]["call"] and asked[-1]["result"] == "answered", flow


async def test_a_click_to_a_busy_number(asterisk: Asterisk, tmp_path: Path) -> None:
    async with pages(asterisk, tmp_path) as (house, page, *others):
        await house.listen(_201=picks_up(0.5), trunk=(reject(486),))
        dialled = await house.commands.dial(house.sara, "09121112233")
        await until(lambda: page.states[-1:] == ["ended/off"], 15)
        steps: list[str] = []

        def told() -> bool:
            steps[:] = [card["dial"]["step"] for _, card in page.cards if "dial" in card]
            return steps[-1] == "busy"

        await until(told, 5, lambda: str(steps))  # why it ended may come a moment after that it did
        assert steps[0] == "my_phone"
        cards = [card for _, card in page.cards]
        assert {card["call"] for card in cards} == {dialled.call}
        assert {card["direction"] for card in cards} == {"outbound"}
        assert cards[-1]["result"] == "busy" and cards[0]["other"]["raw"].endswith("9121112233")
        assert all(not other.cards for other in others)


async def test_nothing_stays(asterisk: Asterisk, tmp_path: Path) -> None:
    async with pages(asterisk, tmp_path) as (house, *three):
        for flow in ("queue_first_ignores", "did_declined", "park_by_phone", "pickup_directed", "chanspy_whisper"):
            before = [len(page.cards) for page in three]
            await play(asterisk, FLOWS[flow])
            await house.running.quiet()
            await house.running.product.bus.drain()
            assert len(house.running.product.feed.pops) == 0, flow
            await until(lambda: all(page.states[-1:] in (["ended/off"], ["elsewhere/off"], []) for page in three))
            assert [len(page.cards) for page in three] != before, flow
