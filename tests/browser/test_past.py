"""The page of the past in a real browser, over a real journal: it plays, stops, jumps, and its clocks tell its time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from cti.kernel.actor import Actor
from cti.live.record import rfc3339
from screenpop.playbacks import MOST
from tests.cti.app.past.test_wiring import Site
from tests.live import running_product, until

pytestmark = pytest.mark.browser
SLIDE = """(slider, value) => {
  slider.value = value;
  for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, { bubbles: true }));
}"""


@dataclass
class Past:
    """The product with a moment of its past when calls were up, and the page of it."""

    site: Site
    page: Page
    at: float
    calls: set[str]


@pytest_asyncio.fixture(loop_scope="session")
async def past(tmp_path: Path, chromium: Browser) -> AsyncIterator[Past]:
    async with (
        running_product(tmp_path, demo_calls_per_second=3.0, timezone="UTC") as running,
        aiohttp.ClientSession() as http,
    ):
        await running.connected()
        site = Site(running, http)
        await site.calls_go_on()
        at, live = await site.as_it_is()
        await site.kept_until(at + 5)  # the page does not go nearer to now than four seconds
        context = await chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        secret = await running.cookie()
        await context.add_cookies([{"name": "tamas_session", "value": secret, "url": running.url}])
        page = await context.new_page()
        page.set_default_timeout(10_000)
        yield Past(site, page, at, set(live["calls"]))
        await context.close()


async def test_a_moment_is_shown_played_and_left(past: Past) -> None:
    page, wrong = past.page, list[str]()
    page.on("pageerror", lambda e: wrong.append(str(e)))
    await page.goto(f"{past.site.running.url}/live/past?lang=en&at={rfc3339(past.at)}")
    play = page.get_by_role("button", name="Stop the playback")
    await expect(play).to_be_enabled()
    await play.click()
    slider = page.get_by_role("slider")
    await slider.evaluate(SLIDE, str(int(past.at) + 1))
    shown = page.locator("tamas-past time")
    await expect(shown).to_have_text(re.compile(_clock(past.at + 1)))
    rows = page.locator(".calls-now [data-call]:not(.ended)")
    await expect(rows).not_to_have_count(0)
    ids = {await row.get_attribute("data-call") for row in await rows.all()}
    assert ids & past.calls, "calls of then, not of now"
    ages = await page.locator(".calls-now [data-call]:not(.ended) t-clock").all_text_contents()
    assert all(_seconds(age) < 30 for age in ages), ages
    await page.keyboard.press("ArrowLeft")
    await expect(shown).not_to_have_text(re.compile(_clock(past.at + 1)))
    await page.get_by_role("button", name="60×").click()
    await page.get_by_role("button", name="Play on").click()
    await expect(page.get_by_text("This is as far as now")).to_be_visible()
    assert wrong == []


async def test_who_finds_no_place_can_try_again(past: Past) -> None:
    page, playbacks = past.page, past.site.running.product.playbacks
    others = [Actor(f"u{n}", f"u{n}", permissions=frozenset(("playback.view",))) for n in range(MOST)]
    begun = [(one, (await playbacks.start(one, past.at, playing=False))["id"]) for one in others]
    await page.goto(f"{past.site.running.url}/live/past?lang=en&at={rfc3339(past.at)}")
    await expect(page.get_by_role("alert")).to_contain_text(f"Only {MOST}")
    for one, id in begun:
        await playbacks.end(one, id)
    await page.get_by_role("textbox", name="Time of day").fill(_clock(past.at))
    await page.get_by_role("button", name="Go there").click()
    await expect(page.locator(".calls-now [data-call]")).not_to_have_count(0)


async def test_while_it_reads_nobody_says_that_there_were_no_calls(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past.site.running.product.playbacks, "_begin", lambda _sight: asyncio.Event().wait())
    page = past.page
    await page.goto(f"{past.site.running.url}/live/past?lang=en&at={rfc3339(past.at)}")
    await expect(page.get_by_text("Reading how it was: 0%")).to_be_visible()
    await expect(page.locator("tamas-live")).to_be_attached()
    await expect(page.locator("tamas-live")).to_be_hidden()


async def test_a_server_that_does_not_answer_is_asked_now_and_then(past: Past) -> None:
    page, asked = past.page, list[float]()

    async def refuse(route: Route) -> None:
        asked.append(time.monotonic())
        await route.abort()

    await page.goto(f"{past.site.running.url}/live/past?lang=en&at={rfc3339(past.at)}")
    await expect(page.get_by_role("button", name="Stop the playback")).to_be_enabled()
    await page.route("**/api/v1/playbacks/*", refuse)
    await past.site.running.product.playbacks.close()
    await until(lambda: len(asked) >= 2, 20.0)
    assert asked[1] - asked[0] > 4.0


def _clock(at: float) -> str:
    text = rfc3339(at) or ""
    return text[11:19]


def _seconds(age: str) -> int:
    minutes, _, seconds = age.rpartition(":")
    return int(minutes or 0) * 60 + int(seconds) if seconds.isdigit() else 0
