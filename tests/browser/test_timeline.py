"""A contact's stream in real browsers: what one writes another sees, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from cti.app.crm import open_crm
from cti.kernel.bus import Bus
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from screenpop.streams import HEARD, Streams
from tests.browser.conftest import Window
from tests.crm import new_url
from tests.crm_core.timeline.people import party
from tests.web import stage
from web.services import Services

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(loop_scope="session")
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """With a bus, so that what is written is pushed, as the product wires it."""
    bus, made = Bus(), stage.services()
    await made.crm.database.close()
    database = Database.at(new_url("sqlite", tmp_path), publish=bus.publish)
    made = replace(made, crm=open_crm(Settings(data=str(tmp_path)), database, made.clock))
    bus.subscribe_batches("streams", HEARD, Streams(made.feed, made.crm.timeline.watchers).take)
    yield made
    await bus.close()


async def write(page: Page, text: str) -> None:
    box = page.locator(".composer textarea")
    await box.fill(text)
    await box.press("Control+Enter")


async def test_a_note_appears_in_a_second_browser(window: Window) -> None:
    contact = await party(window.stage.services.crm, "مریم رستگار")
    agent = await window.stage.as_role("agent", name="الهام یوسفی")
    first = await window.open(f"/contacts/{contact.id}")
    second = await window.open(f"/contacts/{contact.id}", stage=agent)
    await expect(second.locator("#stream-top")).to_be_visible()
    await write(first, "سلام <b>@الهام یوسفی</b>")
    await expect(first.locator(".composer textarea")).to_have_value("")
    await expect(second.locator(".ev .note")).to_have_text("سلام <b>@الهام یوسفی</b>")
    await first.locator(".composer textarea").fill("فردا ۱۰:۰۰ تماس دوباره")
    await first.get_by_role("button", name="کار", exact=True).click()
    await expect(second.locator(".ev.k-task")).to_contain_text("تماس دوباره")
    await expect(second.locator("#tasks-of")).to_contain_text("تماس دوباره")
    await second.goto(window.stage.url + "/tasks")
    await expect(second.locator(".mention.new")).to_contain_text("سلام")
    assert window.wrong == []


async def test_what_was_typed_is_never_lost(window: Window) -> None:
    contact = await party(window.stage.services.crm, "مریم رستگار")
    page = await window.open(f"/contacts/{contact.id}")
    await page.locator(".composer textarea").type("نیمه‌کاره")
    await page.reload()
    await expect(page.locator(".composer textarea")).to_have_value("نیمه‌کاره")
    await page.context.set_offline(True)
    await page.locator(".composer textarea").press("Control+Enter")
    await expect(page.locator("#timeline .refused")).to_be_visible()
    await expect(page.locator(".composer textarea")).to_have_value("نیمه‌کاره")
    await page.context.set_offline(False)
    await page.locator(".composer textarea").press("Control+Enter")
    await expect(page.locator(".ev .note")).to_have_text("نیمه‌کاره")
    await page.reload()
    await expect(page.locator(".composer textarea")).to_have_value("")


async def test_colleagues_are_offered_and_files_sent(window: Window) -> None:
    contact = await party(window.stage.services.crm, "مریم رستگار")
    await window.stage.as_role("agent", name="الهام یوسفی")
    page = await window.open(f"/contacts/{contact.id}")
    box = page.locator(".composer textarea")
    await box.type("ببین @اله")
    await expect(page.locator(".mentions li")).to_have_count(1)
    await box.press("Enter")
    await expect(box).to_have_value("ببین @الهام یوسفی ")
    await page.locator("#timeline input[type=file]").set_input_files(
        {"name": "قرارداد.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
    )
    await expect(page.locator(".ev.k-file .file")).to_contain_text("قرارداد.pdf")
    await page.locator("#timeline input[type=file]").set_input_files(
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    )
    await expect(page.locator("#timeline .refused")).to_contain_text("خالی")
    await expect(box).to_have_value("ببین @الهام یوسفی ")


async def test_a_task_is_ticked_off(window: Window) -> None:
    page = await window.open("/tasks")
    await page.locator("textarea[name=title]").fill("سفارش کاغذ فردا")
    await page.locator("textarea[name=title]").press("Enter")
    await expect(page.locator(".task .title")).to_have_text("سفارش کاغذ")
    await page.locator(".task button.chk").click()
    await expect(page.locator(".task")).to_have_count(0)
    assert window.wrong == []
