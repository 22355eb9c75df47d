"""People in a real browser, in Persian: one is made, found, changed, tagged and put away, with Persian digits."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from crm_core.contacts.model import Draft, PartyFilter
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


async def no_scrolling_sideways(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_person_from_beginning_to_end(window: Window) -> None:
    page = await window.open("/contacts?lang=fa")
    await expect(page.get_by_role("heading", name="هنوز کسی اینجا نیست")).to_be_visible()
    await page.locator("body").press("n")
    await expect(page).to_have_url(re.compile("/contacts/new$"))

    await page.get_by_label("نام کوچک").fill("مریم")
    await page.get_by_label("نام خانوادگی").fill("رستگار")
    await page.get_by_label("شرکت", exact=True).fill("داروسازی البرز مهر")
    number = page.get_by_label("شماره", exact=True)
    await number.fill("۰۹۱۲ ۳۴۵ ۶۷۸۹")
    await page.get_by_role("button", name="شمارهٔ دیگر").click()
    await number.nth(1).fill("۰۲۱۸۸۷۱۲۳۴۰ داخلی ۱۱۸")
    await page.get_by_role("textbox", name="ایمیل").fill("nobody")
    await page.get_by_role("button", name="ذخیره").last.click()
    await expect(page.get_by_role("alert").first).to_contain_text("نشانی ایمیل نیست")
    await expect(number.nth(1)).to_have_value("۰۲۱۸۸۷۱۲۳۴۰ داخلی ۱۱۸")
    await page.get_by_role("textbox", name="ایمیل").fill("m@alborz.example")
    await page.get_by_role("textbox", name="ایمیل").press("Control+Enter")

    await expect(page.get_by_role("heading", name="مریم رستگار")).to_be_visible()
    facts = page.locator("#facts")
    await expect(facts).to_contain_text("۰۹۱۲ ۳۴۵ ۶۷۸۹")
    await expect(facts).to_contain_text("۰۲۱ ۸۸۷۱ ۲۳۴۰")
    await expect(facts).to_contain_text("۱۱۸")

    await page.get_by_role("button", name="ویژه").click()
    await expect(page.locator(".names .vip")).to_be_visible()
    await page.get_by_placeholder("+ برچسب").fill("حمل سرد")
    await page.get_by_placeholder("+ برچسب").press("Enter")
    await expect(page.locator(".tagsrow .tag")).to_have_text("حمل سرد")
    await page.get_by_role("button", name="حذف برچسب حمل سرد").click()
    await expect(page.locator(".tagsrow .tag")).to_have_count(0)

    await page.locator("body").press("e")
    await expect(page.get_by_label("نام کوچک")).to_have_value("مریم")
    await page.get_by_label("سمت").fill("مدیر زنجیرهٔ تأمین")
    await page.get_by_role("button", name="حذف", exact=True).nth(1).click()
    await page.get_by_role("button", name="ذخیره").last.click()
    await expect(page.locator(".names")).to_contain_text("مدیر زنجیرهٔ تأمین")
    await expect(page.locator("#facts .nrow")).to_have_count(1)

    contacts, actor = window.stage.services.crm.contacts, window.stage.actor
    (made,) = (await contacts.page(actor, PartyFilter(kind="person"))).items
    assert (made.numbers[0].e164, made.tier, made.position) == ("+989123456789", "vip", "مدیر زنجیرهٔ تأمین")

    await page.get_by_label("بیشتر").click()
    await page.get_by_role("button", name="انتقال به سطل بازیافت").click()
    await page.get_by_role("button", name="بازگرداندن").click()
    await expect(page.get_by_role("link", name="ویرایش")).to_be_visible()


async def test_the_list_is_filtered_where_it_stands(window: Window) -> None:
    contacts, actor = window.stage.services.crm.contacts, window.stage.actor
    for name in ("آرش پارسا", "سارا احمدی"):
        await contacts.create(actor, "person", Draft(name=name, tags=("دارو",) if name[0] == "آ" else ()))
    page = await window.open("/contacts?lang=fa")
    await page.locator(".search input").fill("ارش")
    await page.locator(".search input").press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page).to_have_url(re.compile("text="))
    await page.locator("tbody tr").click()
    await expect(page.get_by_role("heading", name="آرش پارسا")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_nothing_scrolls_sideways(window: Window, language: str, width: int) -> None:
    made = await window.stage.services.crm.contacts.create(
        window.stage.actor,
        "person",
        Draft(name="x" * 200, company_name="y" * 200, position="z" * 200, tags=("t" * 200,)),
    )
    for path in ("/contacts", f"/contacts/{made.id}", f"/contacts/{made.company_id}", f"/contacts/{made.id}/edit"):
        page = await window.open(f"{path}?lang={language}", width=width)
        await page.evaluate("document.fonts.ready.then(() => true)")
        await no_scrolling_sideways(page, width)
        await page.context.close()
