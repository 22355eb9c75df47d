"""Every page in a real browser: both languages, both themes, wide and narrow; and what one does on them."""

from __future__ import annotations

import re

import msgspec
import pytest
from playwright.async_api import Page, expect

from cti.live.events import CallChanged, LiveCall
from tests.browser.conftest import Window
from tests.web import sample, stage
from web.services import Services

pytestmark = pytest.mark.browser

CALL = f"/calls/{sample.transferred().id}"
PATHS = ("/", "/calls", CALL, "/truth", "/truth/2026-11-21", "/connect")


@pytest.fixture
def services() -> Services:
    made = stage.services()
    stage.go_live(made.feed)
    return made


async def settled(page: Page) -> None:
    """The live parts have their first picture and the fonts are there."""
    await expect(page.locator("tamas-pulse > *").first).to_be_attached()
    await page.evaluate("document.fonts.ready.then(() => true)")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_pages_have_no_errors_and_never_scroll_sideways(window: Window, language: str, width: int) -> None:
    for path in PATHS:
        for theme in ("light", "dark"):
            page = await window.open(f"{path}?lang={language}", width=width, theme=theme)
            await settled(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert await page.evaluate("getComputedStyle(document.documentElement).direction") == (
                "rtl" if language == "fa" else "ltr"
            )
            await page.context.close()
    assert window.wrong == []
    assert {url.split("/")[2] for url in window.asked if url.startswith(("http", "ws"))} == {
        window.stage.url.removeprefix("http://")
    }


async def test_the_rail_stands_where_reading_begins(window: Window) -> None:
    for language, side in (("fa", "right"), ("en", "left")):
        page = await window.open(f"/?lang={language}")
        box = await page.locator(".rail").bounding_box()
        assert box is not None
        assert box["x"] == (1440 - box["width"] if side == "right" else 0)


async def test_each_script_has_its_face(window: Window) -> None:
    page = await window.open("/?lang=fa")
    await settled(page)
    loaded = await page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Vazirmatn" in family for family in loaded)
    assert any("Inter" in family for family in loaded)


@pytest.mark.parametrize(("language", "width"), [("fa", 1440), ("en", 1440), ("fa", 390)])
async def test_the_ladder_is_drawn_to_scale_from_left_to_right(window: Window, language: str, width: int) -> None:
    page = await window.open(f"{CALL}?lang={language}", width=width)
    await settled(page)
    bars = await page.evaluate(
        """[...document.querySelectorAll('.lad rect[data-seconds]')].map(r => {
             const tape = r.closest('svg').getBoundingClientRect(), box = r.getBoundingClientRect();
             const share = box.width / tape.width, left = (box.left - tape.left) / tape.width;
             return [Number(r.dataset.seconds), share, left, r.className.baseVal];
           })"""
    )
    for seconds, share, _, _ in bars:
        assert share == pytest.approx(seconds / 422, abs=0.004)
    caller = [(name, round(left * 422)) for _, _, left, name in bars[:5]]
    assert caller == [("b-wait", 0), ("b-queue", 14), ("b-talk", 52), ("b-hold", 190), ("b-talk", 238)]
    names, tape = [await page.locator(f".lad .{part}").bounding_box() for part in ("names", "tape")]
    assert names is not None
    assert tape is not None
    assert names["x"] + names["width"] <= tape["x"] + 1


async def test_what_the_ladder_shows_has_its_colour(window: Window) -> None:
    page = await window.open(CALL)
    await settled(page)
    fills = await page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.lad rect[data-seconds]')]"
        ".map(r => [r.className.baseVal, getComputedStyle(r).fill]))"
    )
    assert fills["b-talk"] == "oklch(0.48 0.165 262)"
    assert fills["b-hold"].startswith("url(")
    assert len(set(fills.values())) == len(fills)


async def test_a_live_call_is_drawn_anew_when_something_happens(window: Window) -> None:
    call: LiveCall = sample.live_calls()[3]
    page = await window.open(f"/calls/{call.record.id}?lang=en")
    await expect(page.locator(".legs tbody tr")).to_have_count(1)
    start = call.record.started_at or 0.0
    second = sample.leg("214", start, (("ring", 200, None),), None, 270)
    record = msgspec.structs.replace(call.record, legs=(*call.record.legs, second))
    window.stage.services.feed.tell([CallChanged(sample.NOW, msgspec.structs.replace(call, record=record))])
    await expect(page.locator(".legs tbody tr")).to_have_count(2, timeout=1500)
    await expect(page.locator(".lad .names .lane:not(.axis)")).to_have_count(3)
    assert window.wrong == []


async def test_a_filter_narrows_without_loading_the_page_anew(window: Window) -> None:
    page = await window.open("/calls?lang=en")
    await page.evaluate("window.same = true")
    await page.locator("details", has_text="Outcome").locator("summary").click()
    await page.locator("select[name=outcome]").select_option("abandoned")
    await expect(page.locator("tr[data-href]")).to_have_count(3)
    assert await page.evaluate("window.same")
    assert re.search(r"/calls\?.*outcome=abandoned", page.url)
    assert "queue=" not in page.url
    await page.locator(".search input").fill("۰۹۱۲۳۴۵۶۷۸۹")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr[data-href]")).to_have_count(1)
    await page.go_back()
    await expect(page.locator("tr[data-href]")).to_have_count(3)
    assert window.wrong == []


async def test_a_row_opens_its_call_and_a_name_can_be_selected(window: Window) -> None:
    page = await window.open("/calls?lang=en")
    await page.locator("tr[data-href]").first.locator("td").nth(6).click()
    await page.wait_for_url(re.compile("/calls/main-"))


async def test_the_keyboard_finds(window: Window) -> None:
    page = await window.open("/truth?lang=fa")
    await settled(page)
    await page.keyboard.press("/")
    await page.keyboard.type("۰۹۱۲۳۴۵")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/search\?q="))
    await expect(page.locator(".card.found a[href^='/calls/']")).to_have_count(2)


async def test_themes_turn(window: Window) -> None:
    page = await window.open("/truth", theme="none")
    await settled(page)

    async def turn() -> None:
        await page.evaluate("document.querySelector('.account').open = true")
        async with page.expect_response("**/me/preferences"):
            await page.locator(".account [data-do=theme]").click()

    grounds = []
    for _ in range(3):
        await turn()
        grounds.append(await page.evaluate("document.documentElement.dataset.theme ?? 'system'"))
    assert grounds == ["light", "dark", "system"]
    await turn()
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"


async def test_what_is_to_be_pasted_can_be_copied(window: Window) -> None:
    page = await window.open("/connect?lang=en")
    await page.locator("[data-do=copy]").first.click()
    await expect(page.locator("[data-do=copy]").first).to_contain_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == stage.LISTENER.strip()


async def test_the_doctor_looks_again(window: Window) -> None:
    page = await window.open("/connect?lang=en")
    await page.locator("#findings button").click()
    await expect(page.locator("#findings li")).to_have_count(len(stage.FINDINGS))
    assert window.wrong == []
