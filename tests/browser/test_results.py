"""What is said of a call in real browsers: notes outlive whatever happens to the page, and travel with the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Error, expect

from crm_core.results.notes import NoteDraft
from crm_core.tasks.model import TaskDraft, TaskFilter
from cti.app.crm import open_crm
from cti.kernel.bus import Bus
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from screenpop.streams import HEARD, Streams
from tests.browser.conftest import Window
from tests.crm import new_url
from tests.live import until
from tests.web import sample, stage
from tests.web.conftest import Stage
from tests.web.pages.test_results import a_call
from web.services import Services

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(loop_scope="session")
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """With a bus, so that what is typed is pushed, as the product wires it."""
    bus, made = Bus(), stage.services()
    await made.crm.database.close()
    database = Database.at(new_url("sqlite", tmp_path), publish=bus.publish)
    parts = stage.SampleParts(stage.SampleLog(sample.log()), made.feed.board)
    made = replace(made, crm=open_crm(Settings(data=str(tmp_path)), database, made.clock, parts))
    bus.subscribe_batches("streams", HEARD, Streams(made.feed, made.crm.timeline.watchers).take)
    yield made
    await bus.close()


CALL = a_call()
FORM = f"/work/result/{CALL.id}"


async def agent(window: Window, name: str = "نگار سهرابی") -> Stage:
    return await window.stage.as_role("agent", name=name, extensions=("205",))


BOX = "tamas-callnote textarea"


async def kept(window: Window, text: str) -> None:
    """Until the server has this text."""
    await until(lambda: _has(window, CALL.id, text), what=f"not kept: {text}")


async def _has(window: Window, call: str, text: str) -> bool:
    notes = await window.stage.services.crm.results.notes_of(window.stage.actor, call)
    return text in [note.text for note in notes]


async def test_saved_as_it_is_typed(window: Window) -> None:
    page = await window.open(FORM, stage=await agent(window))
    await page.type(BOX, "پالت چهارم هم کسر است")
    await expect(page.locator("tamas-callnote .hint")).to_have_text("ذخیره شد")
    await kept(window, "پالت چهارم هم کسر است")
    assert window.wrong == []


async def test_a_killed_tab_loses_nothing(window: Window) -> None:
    """The renderer is killed a moment after the last letter, before anything could be sent; the server was away."""
    asked = await agent(window)
    page = await window.open(FORM, stage=asked)
    await expect(page.locator("tamas-callnote")).to_be_visible()
    await page.route("**/note", lambda route: route.abort())
    await page.type(BOX, "تا نیمه نوشته")
    crash = await page.context.new_cdp_session(page)
    with suppress(TimeoutError, Error):  # nobody is left to answer
        await asyncio.wait_for(crash.send("Page.crash"), 1)
    again = await page.context.new_page()
    await again.goto(window.stage.url + FORM)
    await expect(again.locator(BOX)).to_have_value("تا نیمه نوشته")
    await kept(window, "تا نیمه نوشته")


async def test_a_closed_tab_sends_what_was_just_typed(window: Window) -> None:
    page = await window.open(FORM, stage=await agent(window))
    await page.fill(BOX, "در همان لحظه بسته شد")
    await page.close(run_before_unload=True)
    await kept(window, "در همان لحظه بسته شد")


async def test_what_cannot_be_sent_is_kept_and_sent_later(window: Window) -> None:
    page = await window.open(FORM, stage=await agent(window))
    await page.context.set_offline(True)
    await page.type(BOX, "بی‌خط")
    await expect(page.locator("tamas-callnote .hint")).to_contain_text("روی همین دستگاه")
    await page.context.set_offline(False)
    await expect(page.locator("tamas-callnote .hint")).to_have_text("ذخیره شد")
    await kept(window, "بی‌خط")


async def test_two_windows_of_one_agent_lose_neither_text(window: Window) -> None:
    asked = await agent(window)
    first = await window.open(FORM, stage=asked)
    second = await window.open(FORM, stage=asked)
    await first.type(BOX, "سفارش ۲۰۹۸۷")
    await kept(window, "سفارش ۲۰۹۸۷")
    await expect(second.locator(BOX)).to_have_value("سفارش ۲۰۹۸۷")
    await first.context.set_offline(True)
    await first.type(BOX, " کسر است")
    await second.type(BOX, "، فوری")
    await kept(window, "سفارش ۲۰۹۸۷، فوری")
    await first.context.set_offline(False)
    await kept(window, "سفارش ۲۰۹۸۷، فوری\nکسر است")


async def test_the_next_agent_reads_what_was_typed(window: Window) -> None:
    first = await window.open(FORM, stage=await agent(window))
    second = await window.open(FORM, stage=await agent(window, "پویا نیکزاد"))
    await first.type(BOX, "مهلت را بگویید")
    await expect(second.locator("tamas-callnote .other")).to_have_text("نگار سهرابیمهلت را بگویید")
    await first.type(BOX, "؛ حتماً")
    await expect(second.locator("tamas-callnote .other")).to_contain_text("حتماً")
    await expect(second.locator(BOX)).to_have_value("")


async def test_a_result_by_keys(window: Window) -> None:
    asked = await agent(window)
    await window.stage.services.crm.results.write_note(asked.actor, CALL.id, NoteDraft(text="صورتحساب"))
    page = await window.open(FORM, stage=asked)
    await page.locator("#result-h").click()
    await page.keyboard.press("2")
    await expect(page.locator('input[value="follow-up"]')).to_be_checked()
    await expect(page.locator('input[name="follow"][value="1"]')).to_be_checked()
    await expect(page.locator('.reason[data-of="follow-up"]')).to_be_visible()
    await expect(page.locator('.reason[data-of="sale"]')).to_be_hidden()
    await page.locator(BOX).press("4")  # a letter of the note, and no choice
    await expect(page.locator('input[value="follow-up"]')).to_be_checked()
    await page.get_by_role("button", name="ثبت نتیجه").click()
    await expect(page.locator(".done")).to_be_visible()
    said = await window.stage.services.crm.results.of_call(asked.actor, CALL.id)
    assert said.result is not None and said.result.disposition == "follow-up"
    assert said.notes[0].text in ("صورتحساب4", "4صورتحساب")
    (task,) = (await window.stage.services.crm.tasks.page(asked.actor, TaskFilter(owner=asked.actor.id))).items
    assert task.due_day == "2026-11-23"
    assert window.wrong == []


async def test_refused_stays_as_it_was_chosen(window: Window) -> None:
    page = await window.open(FORM, stage=await agent(window))
    await page.locator('label:has(input[value="complaint"])').click()
    await page.get_by_role("button", name="ثبت نتیجه").click()
    await expect(page.locator(".resultf .refused")).to_contain_text("یادداشت")
    await expect(page.locator('input[value="complaint"]')).to_be_checked()


@pytest.mark.parametrize("path", [FORM, "/work/day", "/admin/results"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_nothing_is_wider_than_the_screen(window: Window, path: str, width: int) -> None:
    page = await window.open(path, width=width, stage=None if path.startswith("/admin") else await agent(window))
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.wrong == []


async def test_my_day_hears_of_a_result_and_of_a_task_that_is_done(window: Window) -> None:
    asked = await agent(window)
    await window.stage.services.crm.tasks.create(asked.actor, TaskDraft(title="پیش‌فاکتور", due_day="2026-11-22"))
    page = await window.open("/work/day", stage=asked)
    await page.locator(".tasks .chk").click()
    await expect(page.locator(".tasks")).to_have_count(0)
    await page.get_by_role("link", name="نتیجه…").first.click()
    await page.locator("#result-h").click()
    await page.keyboard.press("1")
    await page.get_by_role("button", name="ثبت نتیجه").click()
    await expect(page.locator(".done")).to_be_visible()
    await page.go_back()
    await page.reload()
    await expect(page.locator(".dlist .tag").first).to_contain_text("حل شد")
    await expect(page.locator(".shares")).to_contain_text("حل شد")
    assert window.wrong == []


async def test_what_was_typed_goes_with_a_call_that_became_part_of_another(window: Window) -> None:
    page = await window.open(FORM, stage=await agent(window))
    await page.type(BOX, "پیش از یکی شدن")
    await kept(window, "پیش از یکی شدن")
    other = next(r for r in sample.log() if r.id != CALL.id and any(x.extension == "205" for x in r.legs))
    await page.evaluate(f"document.querySelector('tamas-callnote').setAttribute('call', '{other.id}')")
    await until(lambda: _has(window, other.id, "پیش از یکی شدن"), what="the note did not go with the call")
    notes = await window.stage.services.crm.results.notes_of(window.stage.actor, other.id)
    assert len(notes) == 1
