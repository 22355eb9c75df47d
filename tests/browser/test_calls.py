"""The call log while it stands open: new calls come in or are announced, rows that were not final become so."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, expect

from cti.live.events import CallLogged
from cti.live.record import CallRecord
from tests.browser.conftest import Window
from tests.live import until
from tests.web import stage
from web.services import Services

pytestmark = pytest.mark.browser


@pytest.fixture
def services() -> Services:
    made = stage.services()
    stage.go_live(made.feed)
    return made


def log_of(window: Window) -> stage.SampleLog:
    log: Any = window.stage.services.calls.log
    return log  # type: ignore[no-any-return]


def come(window: Window, name: str, **changes: Any) -> CallRecord:
    """One call more in the log, and the news of it on its way."""
    log = log_of(window)
    first = log.records[0]
    made = msgspec.structs.replace(first, id=f"new-{name}", started_at=(first.started_at or 0) + 1, **changes)
    log.records.insert(0, made)
    window.stage.services.feed.tell([CallLogged(made)])
    return made


async def listening(page: Page) -> None:
    """The page watches the topic: it has been told how things stand."""

    async def heard() -> bool:
        return bool(await page.evaluate("document.querySelector('tamas-calls')?.first === false"))

    await until(heard, what="the page hears nothing")


def first_row(page: Page) -> Any:
    return page.locator("#calls tr[data-href]").first


async def test_a_call_comes_in_by_itself_while_nobody_is_busy(window: Window) -> None:
    page = await window.open("/calls?lang=en")
    await listening(page)
    address, length = page.url, await page.evaluate("history.length")
    made = come(window, "one")
    await expect(first_row(page)).to_have_attribute("id", f"call-{made.id}")
    await expect(page.locator("[data-new]")).to_have_count(0)
    await expect(page.locator("tr.day").first).to_contain_text("20 calls")
    assert (page.url, await page.evaluate("history.length")) == (address, length)
    made = come(window, "two")
    await expect(first_row(page)).to_have_attribute("id", f"call-{made.id}")
    assert window.wrong == []


@pytest.mark.parametrize("width", [1440, 390])
async def test_who_stands_on_a_row_is_told_how_many_and_takes_them_with_a_key(window: Window, width: int) -> None:
    page = await window.open("/calls?lang=fa", width=width)
    await listening(page)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    before = await first_row(page).get_attribute("id")
    come(window, "one")
    news = page.locator("tamas-calls [data-new]")
    await expect(news).to_contain_text("۱ تماس تازه")
    newest = come(window, "two")
    await expect(news).to_contain_text("۲ تماس تازه")
    assert await first_row(page).get_attribute("id") == before
    assert await page.locator("tamas-calls").get_attribute("role") == "status"
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.keyboard.press(".")
    await expect(first_row(page)).to_have_attribute("id", f"call-{newest.id}")
    await expect(news).to_have_count(0)
    await expect(first_row(page).locator("a.l")).to_be_focused()


async def test_who_reads_further_down_is_not_moved(window: Window) -> None:
    page = await window.open("/calls?lang=en", height=500)
    await listening(page)
    scroller = "[document.querySelector('.rows'), document.scrollingElement].find(e => e.scrollHeight > e.clientHeight)"
    await page.evaluate(f"{scroller}.scrollTop = 300")
    come(window, "one")
    news = page.locator("tamas-calls [data-new]")
    await expect(news).to_contain_text("1 new call")
    assert await page.evaluate(f"{scroller}.scrollTop") == 300
    await news.click()
    await expect(first_row(page)).to_have_attribute("id", "call-new-one")


async def test_a_row_becomes_final_where_it_stands(window: Window) -> None:
    log = log_of(window)
    call = log.records[4]
    log.records[4] = msgspec.structs.replace(call, provisional=True, outcome="answered")
    page = await window.open("/calls?lang=en")
    row = page.locator(f"[id='call-{call.id}']")
    await expect(row).to_have_attribute("data-open", call.id)
    await listening(page)
    await row.locator("a.l").focus()
    log.records[4] = final = msgspec.structs.replace(call, provisional=False, outcome="busy")
    window.stage.services.feed.tell([CallLogged(final)])
    await expect(row).to_contain_text("Busy")
    await expect(row.locator("a.l")).to_be_focused()
    assert await row.get_attribute("data-open") is None


async def test_a_later_page_is_left_alone(window: Window) -> None:
    for n in range(30):
        come(window, str(n))
    page = await window.open("/calls?lang=en")
    await page.locator(".foot a", has_text="Next").click()
    await expect(page.locator("tamas-calls[later]")).to_be_attached()
    await listening(page)
    before = await first_row(page).get_attribute("id")
    async with page.expect_response("**/calls/news?**"):
        come(window, "new")
    await expect(page.locator("[data-new]")).to_have_count(0)
    assert await first_row(page).get_attribute("id") == before
