"""The pages that administer, in a real browser: a permission taken away holds at once; lists are chosen by typing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Window
from tests.crm_core.users import pbxs, people
from tests.crm_core.users.people import SYSTEM
from tests.web import stage
from web.services import Services

pytestmark = pytest.mark.browser

PATHS = (
    "/admin/users", "/admin/users/new", "/admin/roles", "/admin/teams", "/admin/pbx", "/admin/wallboards",
    "/admin/figures", "/admin/pauses", "/admin/alerts", "/me", "/desk",
)  # fmt: skip


@pytest.fixture
def services() -> Services:
    made = stage.services()
    stage.go_live(made.feed)
    return made


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_pages_have_no_errors_and_never_scroll_sideways(window: Window, language: str, width: int) -> None:
    crm = window.stage.services.crm
    await pbxs.tell(crm.directory)
    await people.make(crm, "sara", name="سارا محمدی " * 8, extensions=("201", "999"), queues=("nowhere",))
    await crm.teams.create(SYSTEM, "فروش " * 30)
    for path in PATHS:
        page = await window.open(f"{path}?lang={language}", width=width)
        await expect(page.locator("h1")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        await page.context.close()
    assert window.wrong == []


async def test_a_field_to_choose_several_of_looks_like_the_others(window: Window) -> None:
    page = await window.open("/admin/wallboards")
    borders = "all => all.map(one => getComputedStyle(one).borderTopWidth)"
    assert set(await page.locator("form .in").evaluate_all(borders)) == {"1px"}


async def test_a_permission_taken_away_holds_at_once(window: Window) -> None:
    agent = await window.stage.as_role("agent", name="Sara")
    hers = await window.open("/calls?lang=en", stage=agent)
    await expect(hers.locator("h1")).to_have_text("Calls")
    page = await window.open("/admin/roles?lang=en")
    tick = page.locator('input[value="agent:calls.view"]')
    await expect(tick).to_be_checked()
    await tick.uncheck()
    await page.locator(".matrix .foot button").click()
    await expect(page.get_by_role("status").filter(has_text=re.compile("Saved|ذخیره"))).to_be_visible()
    await expect(page.locator('input[value="agent:calls.view"]')).not_to_be_checked()
    await hers.goto(window.stage.url + "/calls?lang=en")
    await expect(hers.locator("h1")).not_to_have_text("Calls")
    await expect(hers.locator(".rail a[href='/calls']")).to_have_count(0)
    await page.locator('input[value="agent:calls.view"]').check()
    await page.locator(".matrix .foot button").click()
    await expect(page.locator('input[value="agent:calls.view"]')).to_be_checked()
    await hers.goto(window.stage.url + "/calls?lang=en")
    await expect(hers.locator("h1")).to_have_text("Calls")


async def test_extensions_are_chosen_by_typing_and_free_ones_taken(window: Window) -> None:
    crm = window.stage.services.crm
    await pbxs.tell(crm.directory)
    page = await window.open("/admin/users/new?lang=en")
    await page.fill("#f-name", "سارا محمدی")
    await page.fill("#f-login", "sara")
    box = page.get_by_role("combobox", name="Extensions")
    await box.fill("sar")
    await expect(page.get_by_role("option", name="201 Sara")).to_be_visible()
    await box.press("Enter")
    await box.fill("۷۷۷")
    await box.press("Enter")
    await box.press("Escape")
    await page.get_by_role("button", name="Create user").click()
    await expect(page.locator("#one-time")).to_be_visible()
    user = await crm.users.by_login(SYSTEM, "sara")
    assert user.extensions == ("201", "777")
    box = page.get_by_role("combobox", name="Extensions")
    await box.focus()
    await box.press("Backspace")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".tag.s-ready", has_text="Saved")).to_be_visible()
    assert (await crm.users.get(SYSTEM, user.id)).extensions == ("201",)


async def test_who_loses_a_phone_reads_it_on_the_page_where_he_is(window: Window) -> None:
    crm = window.stage.services.crm
    await pbxs.tell(crm.directory)
    sara = await window.stage.as_role("agent", name="Sara")
    reza = await window.stage.as_role("agent", name="Reza")
    page = await window.open("/desk?lang=en", stage=sara)
    await page.locator("button[value='202']").click()
    await page.goto(window.stage.url + "/calls?lang=en")
    await expect(page.locator("tamas-desk")).to_be_attached()
    await crm.desks.sit(reza.actor, "202", take=True)
    window.stage.services.feed.message(sara.actor.id, {"kind": "desk", "id": "202", "by": "Reza"})
    await expect(page.locator("tamas-desk .ban")).to_contain_text(re.compile("Reza"))


async def test_the_language_of_the_menu_is_kept_and_the_page_stays(window: Window) -> None:
    page = await window.open("/calls?number=0912")
    await page.locator("details.account > summary").click()
    await page.locator("#other-language").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/calls?number=0912")
    await page.goto(window.stage.url + "/me")
    await expect(page.locator("#f-language")).to_have_value("en")
