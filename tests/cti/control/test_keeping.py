"""A caller is kept when the page that carried the call is gone, and left alone while it only lost its line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from cti.control import contexts
from cti.control.keeping import KEPT, Keeping
from tests.cti.control.office import REZA, SARA, SARAS, TRUNK, Office
from tests.live import until


@asynccontextmanager
async def keeping(office: Office, used: bool = True) -> AsyncIterator[Keeping]:
    made = Keeping(office.commands.parts, lambda _pbx, _endpoint: used, office.clock, office.dialling.gone_seconds)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def turns() -> None:
    """Whatever can go on by itself has done so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_another_page_means_that_the_first_is_gone() -> None:
    office = Office().in_call()
    async with keeping(office) as kept:
        kept.closed(SARA, "main", "first")
        await turns()
        assert office.said == []
        kept.opened(SARA, "main", "second")
        await until(lambda: office.said)
    assert office.said == ["redirect", "hangup"]
    assert office.last("redirect") == {"channel": TRUNK, "target": KEPT}
    assert office.last("hangup")["channel"] == SARAS
    assert office.variables(TRUNK)[contexts.PHONE] == "PJSIP/201"


async def test_the_same_page_only_lost_its_line() -> None:
    office = Office().in_call()
    async with keeping(office) as kept:
        kept.closed(SARA, "main", "first")
        kept.opened(SARA, "main", "first")
        office.clock.advance(office.dialling.gone_seconds * 2)
        await turns()
    assert office.said == []


async def test_a_line_that_stays_away_is_gone_after_as_long_as_is_set() -> None:
    office = Office(gone_seconds=0.05, keep_seconds=7).in_call()
    async with keeping(office) as kept:
        kept.closed(SARA, "main", "first")
        office.clock.advance(0.1)
        await until(lambda: office.said == ["redirect", "hangup"])
    assert office.variables(TRUNK)[contexts.SECONDS] == "7"


@pytest.mark.parametrize("who", ["others", "no call", "a desk phone"])
async def test_whose_call_is_not_carried_by_a_page_is_left_alone(who: str) -> None:
    office = Office() if who == "no call" else Office().in_call()
    async with keeping(office, used=who != "a desk phone") as kept:
        kept.closed(REZA if who == "others" else SARA, "main", "first")
        kept.opened(REZA if who == "others" else SARA, "main", "second")
        await turns()
    assert office.said == []


async def test_who_waits_for_a_consultation_is_brought_back_by_the_dialplan() -> None:
    office = Office().consulting()
    async with keeping(office) as kept:
        kept.closed(SARA, "main", "first")
        kept.opened(SARA, "main", "second")
        await until(lambda: "hangup" in office.said)
    assert office.last("hangup")["channel"] == SARAS
    assert all(one.arguments["channel"] != TRUNK for one in office.pbx.commands if one.name == "redirect")


async def test_without_our_contexts_nobody_is_sent_into_nowhere() -> None:
    office = Office().in_call()
    office.pbx.contexts.clear()
    async with keeping(office) as kept:
        kept.closed(SARA, "main", "first")
        kept.opened(SARA, "main", "second")
        await turns()
        assert office.said == []
        office.pbx.reachable = False  # and whatever a PBX answers, the next one is looked after
        kept.closed(SARA, "main", "third")
        kept.opened(SARA, "main", "fourth")
        await turns()
        assert office.said == []
