"""From one day to another in one control: typed and picked, in both calendars, by keyboard and on a telephone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.test_every_page import AXE

pytestmark = pytest.mark.browser

SPAN = "[...new FormData(document.querySelector('tamas-range').closest('form'))].filter(([n]) => /^(from|to)$/.test(n))"


async def span(page: Page) -> dict[str, str]:
    return dict(await page.evaluate(SPAN))


def asked(page: Page) -> dict[str, str]:
    found = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    return {name: found[name][0] for name in ("from", "to") if name in found}


async def days(window: Window, language: str, width: int = 1440) -> tuple[Page, Locator]:
    page = await window.open(f"/admin/audit?lang={language}", width=width)
    return page, page.locator("tamas-range")


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("fa", ("۱۴۰۵/۹/۱", "2026-11-25"), ("۱۴۰۵/۰۹/۰۱", "۱۴۰۵/۰۹/۰۴")),
        ("en", ("1405/09/04", "22.11.2026"), ("2026-11-22", "2026-11-25")),
    ],
)
async def test_both_ends_are_typed_before_anything_is_asked(
    window: Window, language: str, typed: tuple[str, str], shown: tuple[str, str]
) -> None:
    page, field = await days(window, language)
    first, last = field.locator("input").first, field.locator("input").last
    await first.fill(typed[0])
    await first.press("Tab")
    await last.fill(typed[1])
    assert asked(page) == {}, "half a span is none"
    await last.press("Tab")  # the calendar's button: still inside
    await expect(first).to_have_value(shown[0])
    await expect(last).to_have_value(shown[1])
    assert await span(page) == {"from": "2026-11-22", "to": "2026-11-25"}
    async with page.expect_response("**/admin/audit?**"):
        await page.keyboard.press("Tab")
    await expect(page).to_have_url(re.compile("from=2026-11-22&to=2026-11-25"))


@pytest.mark.parametrize(("language", "next_day"), [("fa", "ArrowLeft"), ("en", "ArrowRight")])
async def test_two_days_are_picked_with_the_keyboard(window: Window, language: str, next_day: str) -> None:
    page, field = await days(window, language)
    await field.locator("input").first.fill("2026-11-22")
    await field.locator("input").first.press("Alt+ArrowDown")
    month = field.locator(".month")
    await expect(month).to_be_visible()
    await expect(page.locator("[data-day='2026-11-22']")).to_be_focused()
    await page.keyboard.press("Enter")
    for _ in range(2):
        await page.keyboard.press(next_day)
    await expect(month.locator("td.r-start, td.r-in, td.r-end")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(month).to_be_hidden()
    assert (await span(page))["to"] == "", "given up half-way, it is what it was"
    await field.locator("input").first.press("Alt+ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    async with page.expect_response("**/admin/audit?**"):
        await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("from=2026-11-22&to=2026-11-29"))


async def test_what_is_no_date_is_said_and_kept(window: Window) -> None:
    page, field = await days(window, "en")
    await field.locator("input").first.fill("soon")
    await field.locator("input").last.focus()
    await expect(field.get_by_role("alert")).to_contain_text("Write a date")
    await expect(field.locator("input").first).to_have_attribute("aria-invalid", "true")
    assert (await span(page))["from"] == "soon"


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_on_a_telephone(window: Window, language: str) -> None:
    page = await window.open(f"/calls?lang={language}", width=390)
    chip = page.locator("details.fchip.dates")
    await chip.locator("summary").click()
    await chip.locator("tamas-range > .btn").click()
    await expect(chip.locator(".month")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    box = await chip.locator(".month").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run('.fchip.dates', {resultTypes: ['violations']})")
    assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
    await chip.locator(".month .btn", has_text="دیروز" if language == "fa" else "Yesterday").click()
    await expect(page.locator("#calls tr.day")).to_have_count(1)
    assert window.wrong == []
