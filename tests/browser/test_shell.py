"""What every page has around it: search, palette, keys, dates, the banner, and the page that is there without us."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from crm_core.contacts.model import Draft, DraftNumber
from cti.kernel.actor import system
from cti.live.events import PbxLinkChanged
from tests.browser.conftest import Window
from tests.browser.test_every_page import AXE
from tests.web import sample, stage
from web.services import Services

pytestmark = pytest.mark.browser


@pytest.fixture
def services() -> Services:
    made = stage.services()
    stage.go_live(made.feed)
    return made


async def somebody(services: Services) -> str:
    """A contact, by his id."""
    draft = Draft(first_name="علی‌رضا", last_name="نیکزاد", numbers=(DraftNumber(raw="09121234567"),))
    return (await services.crm.contacts.create(system("test"), "person", draft)).id


async def test_the_search_box_finds_by_name_and_number_from_the_keyboard(window: Window) -> None:
    party = await somebody(window.stage.services)
    page = await window.open("/calls?lang=fa")
    for typed in ("عليرضا نيكزاد", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "1234567"):
        await page.keyboard.press("/")
        box = page.locator(".find input")
        await expect(box).to_be_focused()
        await box.fill(typed)
        await expect(page.locator("#found")).to_contain_text("نیکزاد")
        await expect(box).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Escape")
        await expect(page.locator("#found")).to_be_hidden()
        await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.locator(".find input").fill("نیکزاد")
    await expect(page.locator("#found [role=option]").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#found [aria-selected=true]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/contacts/{party}"))


async def test_the_palette_leads_everywhere(window: Window) -> None:
    page = await window.open("/?lang=fa")
    await page.keyboard.press("Control+k")
    palette = page.locator("#palette")
    await expect(palette).to_be_visible()
    await palette.locator("input").fill("تنظيم")  # an Arabic ye
    await palette.locator("input").fill("فیلد")
    await expect(palette.locator("[role=option]:visible").first).to_contain_text("فیلد")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/admin/fields"))


async def test_keys_lead_and_are_listed(window: Window) -> None:
    page = await window.open("/?lang=en")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_contain_text("Search or dial")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("c")
    await expect(page).to_have_url(re.compile("/calls"))
    await page.locator(".find input").focus()
    await page.keyboard.type("gp")
    await expect(page.locator(".find input")).to_have_value("gp")


async def picked(page: Page, name: str = "day") -> str:
    return str(await page.evaluate(f"new FormData(document.querySelector('tamas-date').closest('form')).get('{name}')"))


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("fa", "۱۴۰۵/۹/۱", "۱۴۰۵/۰۹/۰۱"),
        ("fa", "2026-11-22", "۱۴۰۵/۰۹/۰۱"),
        ("en", "1405/09/01", "2026-11-22"),
        ("en", "22.11.2026", "2026-11-22"),
    ],
)
async def test_a_date_is_typed_in_either_calendar(window: Window, language: str, typed: str, shown: str) -> None:
    page = await window.open(f"/contacts/new?lang={language}")
    field = page.locator("tamas-date").first
    name = await field.get_attribute("name")
    await field.locator("input").fill(typed)
    await field.locator("input").blur()
    await expect(field.locator("input")).to_have_value(shown)
    assert await picked(page, name or "") == "2026-11-22"
    await field.locator("input").fill("31/31/31")
    await field.locator("input").blur()
    await expect(field.locator("input")).to_have_attribute("aria-invalid", "true")


async def test_a_date_is_picked_with_the_keyboard(window: Window) -> None:
    page = await window.open("/contacts/new?lang=fa")
    field = page.locator("tamas-date").first
    name = await field.get_attribute("name")
    await field.locator("input").fill("1405/09/01")
    await field.locator("input").blur()
    await field.locator("button").first.click()
    await expect(field.locator(".month")).to_contain_text("آذر")
    assert await field.locator("thead th").first.text_content() == "ش"
    await page.keyboard.press("ArrowLeft")  # the next day, where reading goes
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(field.locator("input")).to_have_value("۱۴۰۵/۰۹/۰۹")
    assert await picked(page, name or "") == "2026-11-30"


async def test_everybody_is_told_when_the_link_to_the_pbx_is_down(window: Window) -> None:
    agent = await window.stage.as_role("agent")
    page = await window.open("/calls?lang=fa", stage=agent)
    await expect(page.locator("tamas-status")).to_be_attached()
    await expect(page.locator("tamas-status .ban")).to_have_count(0)
    feed = window.stage.services.feed
    feed.tell([PbxLinkChanged(sample.PBX, sample.NOW, False, "the PBX closed the connection")])
    await expect(page.locator("tamas-status .ban")).to_contain_text("پیوند با مرکز تلفن قطع است")
    await expect(page.locator("tamas-status .ban")).to_contain_text(sample.PBX)
    feed.tell([PbxLinkChanged(sample.PBX, sample.NOW + 75, True, "")])
    await expect(page.locator("tamas-status .ban.s-bad")).to_have_count(0)
    back = page.locator("tamas-status .ban.s-ready")
    await expect(back).to_contain_text("دوباره برقرار است")
    await expect(back).to_contain_text("۱:۱۵")
    await back.locator("button").click()
    await expect(back).to_have_count(0)


async def test_the_calls_are_narrowed_by_a_day_that_is_picked(window: Window) -> None:
    page = await window.open("/calls?lang=fa")
    chip = page.locator("details.fchip.dates")
    await chip.locator("summary").click()
    await chip.locator("input").last.press("Alt+ArrowDown")
    await expect(chip.locator(".month")).to_be_visible()
    await chip.locator("[data-day='2026-11-21']").click()
    await expect(chip.locator(".month")).to_contain_text("روز پایان")
    await chip.locator("[data-day='2026-11-20']").click()  # the other way round means the same
    await expect(page).to_have_url(re.compile("to="))
    await expect(chip).to_contain_text("۱۴۰۵/۰۸/۲۹ – ۱۴۰۵/۰۸/۳۰")
    await expect(page.locator("#calls tr.day")).to_have_count(2)
    assert window.wrong == []


async def test_a_telephone_has_five_places_and_more(window: Window) -> None:
    page = await window.open("/calls?lang=en", width=390)
    places = page.locator(".rail a:visible")
    await expect(places).to_have_count(5)
    await expect(places.last).to_contain_text("More")
    await places.last.click()
    await expect(page.locator(".places")).to_contain_text("PBX truth")


async def test_the_keyboard_goes_past_the_rail_at_once(window: Window) -> None:
    page = await window.open("/calls?lang=en")
    await page.keyboard.press("Tab")
    skip = page.locator(".skip")
    await expect(skip).to_be_focused()
    box = await skip.bounding_box()
    assert box is not None
    assert box["width"] > 60
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/calls", "/contacts/new", "/settings", "/admin/users"])
async def test_pages_hold_at_twice_the_size_and_in_forced_colours(window: Window, path: str) -> None:
    page = await window.open(f"{path}?lang=fa", width=720, height=450)  # 1440 x 900 at 200 %
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await expect(page.locator("h1, .rail").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 720
    marks = "[...document.querySelectorAll('.rail a[aria-current]')].map(a => getComputedStyle(a).outlineStyle)"
    assert set(await page.evaluate(marks)) == {"solid"}


async def serious(page: Page, place: str) -> list[str]:
    """What axe finds serious within a part of the page."""
    found = await page.evaluate("one => axe.run(one, {resultTypes: ['violations']})", place)
    return [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(("opened", "key"), [("#palette", "Control+k"), ("#help", "Shift+Slash")])
async def test_what_lies_over_a_page_is_accessible_too(window: Window, opened: str, key: str) -> None:
    page = await window.open("/calls?lang=fa")
    await page.keyboard.press(key)
    await expect(page.locator(opened)).to_be_visible()
    await page.evaluate(AXE)
    assert await serious(page, opened) == []
    if opened == "#palette":
        await somebody(window.stage.services)
        await page.keyboard.type("نیکزاد")
        await expect(page.locator(".results [role=option]").first).to_be_visible()
        assert await serious(page, opened) == []
    await page.keyboard.press("Escape")
    await expect(page.locator(opened)).to_be_hidden()


async def test_what_is_not_there_or_not_allowed_is_said_in_the_shell(window: Window) -> None:
    page = await window.open("/nowhere?lang=fa")
    await expect(page.locator("h1")).to_have_text("چنین صفحه‌ای نیست")
    await page.locator("[data-do=find]").click()
    await expect(page.locator(".find input")).to_be_focused()
    agent = await window.stage.as_role("agent")
    page = await window.open("/admin/users?lang=fa", stage=agent)
    await expect(page.locator("h1")).to_have_text("این مجاز نیست")
    await expect(page.locator(".rail a").first).to_be_visible()


async def test_without_the_server_the_page_says_so(window: Window) -> None:
    page = await window.open("/calls?lang=fa")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.context.set_offline(True)
    await page.goto(window.stage.url + "/contacts")
    await expect(page.locator("h1")).to_contain_text("پیوند با سرور برقرار نیست")
    await page.context.set_offline(False)


async def test_the_bar_does_not_move(window: Window) -> None:
    """Whatever comes by push, and whoever waits: the search box and the account stay where they are."""
    page = await window.open("/calls?lang=fa")
    before = [await page.locator(one).bounding_box() for one in (".find", ".account")]
    await expect(page.locator("tamas-pulse > *").first).to_be_attached()
    assert before == [await page.locator(one).bounding_box() for one in (".find", ".account")]
