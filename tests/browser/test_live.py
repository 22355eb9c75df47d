"""The live page in a real browser: what is pushed is seen at once, and nothing jumps."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, expect

from cti.live.events import CallChanged, CallEnded, CallStarted, LiveCall
from screenpop.feed import Feed
from tests.browser.conftest import Window
from tests.web import sample, stage
from tests.web.conftest import Stage
from web import server
from web.services import Services

pytestmark = pytest.mark.browser

STOPWATCH = """
window.seen = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(url) {
    super(url);
    this.addEventListener("message", (m) => {
      if (JSON.parse(m.data).type === "event") window.arrived = performance.now();
    });
  }
};
document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const row = document.querySelector("tr[data-call='" + window.wanted + "']");
  if (row && row.className === window.state && window.arrived) {
    window.seen.push(performance.now() - window.arrived);
    window.arrived = 0;
    document.documentElement.dataset.seen = window.seen.length;
  }
}).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true}));
"""
FRAME_MS = 1000 / 60


@pytest.fixture
def services() -> Services:
    made = stage.services(clock=stage.RunningClock())
    stage.go_live(made.feed)
    return made


@pytest.fixture
def feed(on_stage: Stage) -> Feed:
    return on_stage.services.feed


def changed(call: LiveCall, **changes: Any) -> CallChanged:
    return CallChanged(sample.NOW, msgspec.structs.replace(call, **changes))


def row(page: Page, call: LiveCall) -> Any:
    return page.locator(f'tr[data-call="{call.record.id}"]')


async def tops(page: Page) -> dict[str, float]:
    """Where each row stands."""
    found: dict[str, float] = await page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('tr[data-call]')]"
        ".map(r => [r.dataset.call, r.getBoundingClientRect().top]))"
    )
    return found


async def test_every_call_is_there_with_who_state_path_and_clock(window: Window) -> None:
    page = await window.open("/?lang=fa")
    await expect(page.locator("tr[data-call]")).to_have_count(len(sample.live_calls()))
    held = row(page, sample.live_calls()[3])
    for text in ("نگه‌داشته", "فولاد سپهر", "۰۳۱ ۳۶۶۱ ۲۲۰۰", "support", "کیان احمدی"):
        await expect(held).to_contain_text(text)
    assert re.fullmatch("[۰-۹]+:[۰-۹]{2}", await held.locator("t-clock").first.inner_text())
    assert await held.locator("svg.mk use").first.get_attribute("href")
    waiting = page.locator(".queues tr", has_text="support")
    await expect(waiting).to_contain_text("۳")
    assert window.wrong == []


async def test_what_is_pushed_is_seen_within_the_frame(window: Window, feed: Feed) -> None:
    page = await window.open("/", script=STOPWATCH)
    call = sample.live_calls()[9]
    await expect(row(page, call)).to_have_class("ringing")
    for n in range(20):
        state = "talking" if n % 2 == 0 else "ringing"
        await page.evaluate("([id, state]) => { window.wanted = id; window.state = state; }", [call.record.id, state])
        feed.tell([changed(call, state=state)])
        await expect(page.locator("html")).to_have_attribute("data-seen", str(n + 1))
    seen = sorted(await page.evaluate("window.seen"))
    assert seen[len(seen) // 2] <= 2 * FRAME_MS, seen  # the frame after the one in which it arrived, at the latest


async def test_no_row_moves_while_calls_come_change_and_go(window: Window, feed: Feed) -> None:
    page = await window.open("/")
    calls = sample.live_calls()
    await expect(page.locator("tr[data-call]")).to_have_count(len(calls))
    before = await tops(page)
    feed.tell([
        changed(calls[9], state="talking"),
        changed(calls[0], state="held"),
        CallStarted(sample.NOW, sample.live_call("950", 0, (None, "09120000000"), "arriving", 0)),
        CallEnded(sample.NOW, calls[1].record),
    ])  # fmt: skip
    await expect(page.locator("tr[data-call]")).to_have_count(len(calls) + 1)
    after = await tops(page)
    assert {call: after[call] for call in before} == before
    ended = row(page, calls[1])
    await expect(ended).to_have_class("ended")
    await expect(ended).to_have_count(0, timeout=6000)


async def test_an_ended_call_stays_under_the_pointer(window: Window, feed: Feed) -> None:
    page = await window.open("/")
    calls = sample.live_calls()
    await row(page, calls[5]).hover()
    feed.tell([CallEnded(sample.NOW, calls[1].record)])
    await expect(row(page, calls[1])).to_have_class("ended")
    before = await tops(page)
    await page.wait_for_timeout(3500)  # longer than it would linger
    assert await tops(page) == before
    await page.mouse.move(5, 5)
    await expect(row(page, calls[1])).to_have_count(0)


async def test_clocks_tick_by_themselves(window: Window) -> None:
    page = await window.open("/?lang=en")
    clock = row(page, sample.live_calls()[0]).locator("t-clock").first
    first = await clock.inner_text()
    assert re.fullmatch(r"24:\d\d", first)
    await expect(clock).not_to_have_text(first)


async def test_a_lost_link_is_said_plainly_and_goes_when_it_is_back(window: Window, feed: Feed) -> None:
    page = await window.open("/?lang=en")
    banner = page.locator("tamas-live [role=alert]")
    await expect(page.locator("tr[data-call]").first).to_be_visible()
    await expect(banner).to_have_count(0)
    feed.tell(sample.links(up=False))
    await expect(banner).to_contain_text("The link to the PBX is down.")
    await expect(banner).to_contain_text("stopped answering")
    await expect(page.locator("tamas-pulse")).to_contain_text("PBX link down")
    feed.tell(sample.links())
    await expect(banner).to_have_count(0)


async def test_it_says_how_fresh_it_is_and_when_it_no_longer_is(window: Window, on_stage: Stage) -> None:
    shown = replace(stage.services(), crm=on_stage.services.crm)
    running = await server.start(server.create_app(shown), "127.0.0.1", 0)
    port = int(running.url.rsplit(":", 1)[1])
    page = await window.open("/?lang=en")
    await page.goto(running.url + "/?lang=en")
    fresh = page.locator(".head t-fresh")
    await expect(fresh).to_have_text(re.compile(r"Live, [01]\.\d s ago"))
    await running.stop()
    await expect(fresh).to_have_text(re.compile(r"\d+ s behind"), timeout=8000)
    await expect(page.locator("html")).to_have_class("stale")
    again = replace(stage.services(), crm=on_stage.services.crm)
    stage.go_live(again.feed)
    second = await server.start(server.create_app(again), "127.0.0.1", port)
    await expect(fresh).to_have_text(re.compile("Live, "), timeout=15_000)
    await expect(page.locator("tr[data-call]")).to_have_count(len(sample.live_calls()))
    await page.close()
    await second.stop()


async def test_a_gap_is_mended_by_a_snapshot(window: Window, feed: Feed) -> None:
    page = await window.open("/")
    calls = sample.live_calls()
    await expect(page.locator("tr[data-call]")).to_have_count(len(calls))
    topic = feed.hub._channels["board:all"]
    clients = set(topic.clients)
    topic.clients.clear()  # a message that never arrives
    feed.tell([CallEnded(sample.NOW, calls[0].record)])
    topic.clients.update(clients)
    feed.tell([changed(calls[2], state="held")])
    await expect(row(page, calls[0])).to_have_class("ended")
    await expect(row(page, calls[2])).to_have_class("held")


async def test_hostile_names_are_text(window: Window, feed: Feed) -> None:
    page = await window.open("/")
    name = '<img src=x onerror="window.hacked=1">\u202e' + "x" * 8192
    feed.tell([CallStarted(sample.NOW, sample.live_call("666", 1, (name, "0912"), "arriving", 1, queue=name))])
    await expect(page.locator('tr[data-call$=".666"]')).to_contain_text("<img src=x onerror")
    assert await page.evaluate("window.hacked") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "\u202e" not in await page.inner_text("body")
    assert window.wrong == []


async def test_no_calls_is_said_and_not_left_blank(window: Window, feed: Feed) -> None:
    feed.load([], [], sample.links())
    page = await window.open("/?lang=fa")
    await expect(page.locator(".calls-now .empty")).to_contain_text("اکنون تماسی نیست")
