"""The desk of several agents, each in a browser of his own, at a real Asterisk whose callers are real phones: a queue
rings three, one answers in the browser, hands the caller over with what he noted, and all go on after a cut line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from crm_core.users.account import UserDraft
from cti.live.record import CallRecord
from tests.live import TESTER, Running, running_product, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.phones import Phones
from tests.pbx.scenario import Caller, dial, talk
from tests.pbx.test_softphone import FIGURES, FLAGS, SECRET, WATCHED
from tests.proxy import Proxy

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(240)]

NAMES = {"210": "Negar", "211": "Elham", "212": "Sina"}
QUEUE, MOBILE = "5030", "09121000777"
SILENT = "localStorage.getItem('tamas-bell') ?? localStorage.setItem('tamas-bell', JSON.stringify({on:false,volume:0}))"


@dataclass
class Floor:
    """Everybody at their desks. ``pages`` by extension; ``lines`` between each browser and the product."""

    running: Running
    phones: Phones
    pages: dict[str, Page] = field(default_factory=dict)
    lines: dict[str, Proxy] = field(default_factory=dict)

    async def calls_in(self) -> None:
        """An outside caller enters the queue, and stays until he is hung up on."""
        self.phones.call(Caller(MOBILE, "Maryam"), QUEUE, dial(), talk())

    async def rings_at(self, *extensions: str) -> None:
        for extension in extensions:
            await expect(self.pages[extension].locator("tamas-bar [data-verb=answer]")).to_be_enabled(timeout=20_000)
            await expect(self.pages[extension].locator(".card-pop .hero")).to_contain_text("0912 100 0777")

    async def answer(self, extension: str) -> None:
        await self.pages[extension].keyboard.press("F8")
        await self.talks(extension)

    async def talks(self, extension: str) -> None:
        await expect(self.pages[extension].locator("tamas-bar [data-verb=hangup]")).to_be_visible(timeout=20_000)
        await until(lambda: self.hears(extension), 20, f"{extension} hears nothing")

    async def hears(self, extension: str) -> bool:
        """Sound comes in and goes out by now, more than a moment ago."""
        before = await self.pages[extension].evaluate(FIGURES)
        await asyncio.sleep(0.3)
        now = await self.pages[extension].evaluate(FIGURES)
        return bool(now["received"] > before["received"] and now["sent"] > before["sent"] and now["energy"] > 0)

    async def over(self) -> CallRecord:
        """All is quiet: the caller's record."""
        await self.running.quiet(30)
        found = [one for one in await self.running.records() if one.caller.raw == MOBILE]
        return found[-1]


@asynccontextmanager
async def floor(asterisk: Asterisk, folder: Path, *extensions: str, **more: Any) -> AsyncIterator[Floor]:
    settings: dict[str, Any] = {
        "pbx_url": asterisk.ami_url(),
        "pbx_actions_url": asterisk.ami_url("actions"),
        "pbx_sip_url": f"ws://{asterisk.ip}:{asterisk.ports['HTTP_PORT']}/ws",
        "language": "en",
        **more,
    }
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(running_product(folder / "data", asterisk.profile, **settings))
        await running.connected()
        made = Floor(running, Phones(asterisk, folder / "sipp"))
        stack.callback(made.phones.close)
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        stack.push_async_callback(browser.close)
        for extension in extensions or NAMES:
            address = urlsplit(running.url)
            line = await stack.enter_async_context(Proxy.running("127.0.0.1", address.port or 0))
            made.lines[extension] = line
            made.pages[extension] = await _seated(running, browser, extension, f"http://127.0.0.1:{line.port}")
        yield made


async def _seated(running: Running, browser: Browser, extension: str, url: str) -> Page:
    """An agent signed in at the desk, registered, ready."""
    crm = running.product.crm
    await crm.softphones.put(TESTER, "main", f"PJSIP/{extension}", extension, secret=SECRET)
    name = NAMES[extension]
    async with crm.access.changing() as tx:
        draft = UserDraft(
            login=name.lower(), name=name, role="agent", extensions=(extension,), queues=("web",), language="en"
        )
        user = await crm.users.put(tx, TESTER, draft)
    context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
    await context.grant_permissions(["microphone"])
    secret = await crm.sessions.open(user.id)
    await context.add_cookies([{"name": "tamas_session", "value": secret, "url": url}])
    await context.add_init_script(WATCHED)
    await context.add_init_script(SILENT)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{url}/work")

    async def registered() -> bool:
        return bool(await page.evaluate("window.told?.status === 'ready'"))

    await until(registered, 20, f"{extension} is not registered")
    await expect(page.locator("tamas-me .me")).to_be_visible()
    return page


async def test_a_queue_rings_three_and_one_answers_in_the_browser(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as desks:
        await desks.calls_in()
        await desks.rings_at("210", "211", "212")
        answered = time.monotonic()
        await desks.pages["211"].keyboard.press("F8")
        for other in ("210", "212"):
            await expect(desks.pages[other].locator("tamas-bar")).to_contain_text("Elham")
            await expect(desks.pages[other].locator("tamas-bar [data-verb=answer]")).to_have_count(0)
        gone = time.monotonic() - answered
        await desks.talks("211")
        for other in ("210", "212"):
            await expect(desks.pages[other].locator("tamas-work .idle")).to_be_visible()
        await desks.pages["211"].keyboard.press("F9")
        record = await desks.over()
        print(f"answered elsewhere is told on the other two screens within {gone:.2f} s")
    answers = {leg.extension: leg.result for leg in record.legs}
    assert answers["211"] == "answered" and record.hung_up_by == "agent"
    assert {answers["210"], answers["212"]} == {"cancelled"}


async def test_a_caller_is_handed_over_with_what_was_noted(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path, "210", "211") as desks:
        negar, elham = desks.pages["210"], desks.pages["211"]
        await desks.calls_in()
        await desks.rings_at("210", "211")
        await desks.answer("210")
        await negar.locator("tamas-callnote textarea").fill("Three pallets are short")
        await expect(negar.locator("tamas-callnote")).to_contain_text("Saved")
        await expect(elham.locator("tamas-work .idle")).to_be_visible()

        await negar.locator(".card-pop .hero").click()
        await negar.keyboard.press("t")
        await negar.locator("tamas-transfer input").fill("Elham")
        await expect(negar.locator("tamas-transfer")).to_contain_text("211")
        await negar.keyboard.press("Enter")
        await expect(elham.locator("tamas-bar [data-verb=answer]")).to_be_enabled(timeout=20_000)
        await elham.keyboard.press("F8")
        await expect(negar.locator("tamas-bar .legs .leg")).to_have_count(2, timeout=20_000)
        await expect(negar.locator("tamas-bar")).to_contain_text("On hold")
        await until(lambda: desks.hears("211"), 20, "the consultation is silent")
        await negar.keyboard.press("F7")
        await expect(elham.locator(".card-pop .hero")).to_contain_text("0912 100 0777")
        await expect(elham.locator(".cols:not([hidden])")).to_contain_text("Three pallets are short")
        await desks.talks("211")
        await expect(negar.locator("tamas-bar [data-verb=hangup]")).to_have_count(0)
        await elham.keyboard.press("F9")
        record = await desks.over()
    talked = {leg.extension for leg in record.legs if leg.talk_seconds > 0}
    assert talked >= {"210", "211"} and record.outcome == "answered"
    assert [move.kind for move in record.transfers] == ["attended"]


async def test_a_line_that_is_cut_for_ten_seconds_in_mid_call(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path, "210") as desks:
        page = desks.pages["210"]
        await desks.calls_in()
        await desks.rings_at("210")
        await desks.answer("210")
        desks.lines["210"].cut()
        desks.lines["210"].freeze(newcomers=True)
        until_moment = time.monotonic() + 10
        while time.monotonic() < until_moment:
            assert await desks.hears("210")  # the sound goes its own way
        desks.lines["210"].heal()
        await expect(page.locator("tamas-status")).not_to_contain_text("does not answer", timeout=20_000)

        async def registered() -> bool:
            return bool(await page.evaluate("window.told?.status === 'ready'"))

        await until(registered, 30, "it does not register again")
        assert await desks.hears("210")
        await page.keyboard.press("F9")
        record = await desks.over()
    (leg,) = [leg for leg in record.legs if leg.extension == "210"]
    assert leg.result == "answered" and leg.talk_seconds > 10 and record.transfers == ()


async def test_a_tab_that_is_closed_for_good(asterisk: Asterisk, tmp_path: Path) -> None:
    """The caller hears music, the phone rings again as soon as the agent is at one, and then it is the queue's turn."""
    short = {"dialling": {"gone_seconds": 2.0, "keep_seconds": 12}}
    async with floor(asterisk, tmp_path, "210", "211", **short) as desks, heard(asterisk) as told:
        await desks.pages["211"].context.close()  # the queue is Negar's alone
        await desks.calls_in()
        await desks.rings_at("210")
        await desks.answer("210")
        page, (call,) = desks.pages["210"], desks.running.live()
        context, url, began = page.context, page.url, time.monotonic()
        await page.close(run_before_unload=False)
        await until(lambda: _plays(told), 10, "the caller hears no music")
        music = time.monotonic() - began
        page = desks.pages["210"] = await context.new_page()
        await page.goto(url)
        await expect(page.locator("tamas-bar [data-verb=answer]")).to_be_enabled(timeout=10_000)
        rang = time.monotonic() - began
        await until(lambda: len(_waits(desks)) == 2, 20, "he is not back in the queue")
        back = time.monotonic() - began
        assert [one.record.id for one in desks.running.live()] == [call.record.id]
        await expect(page.locator("tamas-bar [data-verb=answer]")).to_be_enabled(timeout=20_000)
        await page.keyboard.press("F8")
        await desks.talks("210")
        await page.keyboard.press("F9")
        record = await desks.over()
        print(f"closed: music after {music:.1f} s, the phone rings after {rang:.1f} s, the queue after {back:.1f} s")
    assert [(wait.queue, wait.answered) for wait in record.queue_waits] == [("web", True), ("web", True)]
    assert record.outcome == "answered" and record.hung_up_by == "agent"


@asynccontextmanager
async def heard(asterisk: Asterisk) -> AsyncIterator[list[str]]:
    """The events of the PBX as a second listener hears them, each as its text."""
    reader, writer = await asyncio.open_connection(*asterisk.ami)
    writer.write(b"Action: Login\r\nUsername: recorder\r\nSecret: recorder-secret\r\n\r\n")
    told: list[str] = []

    async def read() -> None:
        while True:
            told.append((await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace"))

    reading = asyncio.create_task(read())
    try:
        yield told
    finally:
        reading.cancel()
        writer.close()


def _plays(told: list[str]) -> bool:
    """Music began for whoever is kept."""
    return any("Event: MusicOnHoldStart" in one and "Context: tamas-keep" in one for one in told)


def _waits(desks: Floor) -> list[str]:
    return [wait.queue for call in desks.running.live() for wait in call.record.queue_waits]
