"""The page of the past: where it begins, and what it says where nothing is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cti.kernel.clock import SystemClock
from screenpop.hub import Hub
from screenpop.playbacks import Playbacks, Player, PlayerEndedError
from tests.web import stage
from tests.web.conftest import Stage, staged

START = 1_795_305_600.0  # 2026-11-22 00:00 UTC
END = START + 7200


async def _nobody(_masked: bool) -> Player:
    raise PlayerEndedError("none here")


@pytest.fixture
async def kept() -> AsyncIterator[Stage]:
    """A product with a journal of two hours."""

    async def span() -> tuple[float, float]:
        return START, END

    playbacks = Playbacks(Hub(lambda _: None, lambda *_: False), SystemClock(), _nobody, span, lambda *_: None)
    async with staged(replace(stage.services(), playbacks=playbacks)) as made:
        yield made


def told(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found is not None
    return found.group(1)


async def test_without_a_journal_it_says_so(on_stage: Stage) -> None:
    page = await on_stage.page("/live/past?lang=en")
    assert "Nothing is kept of the past yet" in page and "<tamas-past" not in page


async def test_it_begins_a_little_while_ago_or_where_it_is_asked_to(kept: Stage) -> None:
    page = await kept.page("/live/past?lang=en")
    assert told(page, "at") == "2026-11-22T01:50:00.000Z"
    assert (told(page, "from"), told(page, "to")) == ("2026-11-22T00:00:00.000Z", "2026-11-22T02:00:00.000Z")
    assert told(page, "speeds") == "1 2 5 10 30 60"
    for asked, begins in (
        ("2026-11-22T00:30:00Z", "2026-11-22T00:30:00.000Z"),
        ("2026-11-22T04:00:00%2B03:30", "2026-11-22T00:30:00.000Z"),
        ("2026-11-22T04:00:00+03:30", "2026-11-22T00:30:00.000Z"),
        ("1999-01-01T00:00:00Z", "2026-11-22T00:00:00.000Z"),
        ("2050-01-01T00:00:00Z", "2026-11-22T01:59:57.000Z"),
        ("1795307400.5", "2026-11-22T00:30:00.500Z"),
        ("9" * 400, "2026-11-22T01:59:57.000Z"),
        ("nonsense", "2026-11-22T01:50:00.000Z"),
    ):
        assert told(await kept.page(f"/live/past?at={asked}"), "at") == begins, asked


async def test_who_may_not_play_the_past_does_not_come_in(kept: Stage) -> None:
    assert (await (await kept.as_role("agent")).go("/live/past"))[0] == 403
    assert (await (await kept.as_role("supervisor")).go("/live/past"))[0] == 200
