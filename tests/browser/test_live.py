"""The live page in a real browser: what is pushed is seen at once, and nothing jumps."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, Route, expect

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from cti.live.events import CallChanged, CallEnded, CallStarted, LiveCall
from screenpop.feed import Feed
from tests.browser.conftest import Window
from tests.live import TESTER, until
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
  if (row && row.classList.contains(window.state) && window.arrived) {
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
    page = await window.open("/?view=calls&lang=fa")
    await expect(page.locator("tr[data-call]")).to_have_count(len(sample.live_calls()))
    held = row(page, sample.live_calls()[3])
    for text in ("نگه‌داشته", "فولاد سپهر", "۰۳۱ ۳۶۶۱ ۲۲۰۰", "support", "کیان احمدی"):
        await expect(held).to_contain_text(text)
    assert re.fullmatch("[۰-۹]+:[۰-۹]{2}", await held.locator("t-clock").first.inner_text())
    assert await held.locator("svg.mk use").first.get_attribute("href")
    await page.locator("button[data-view=queues]").click()
    waiting = page.locator(".queues tr", has_text="support")
    await expect(waiting).to_contain_text("۳")
    assert window.wrong == []


async def test_what_is_pushed_is_seen_within_the_frame(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls", script=STOPWATCH)
    call = sample.live_calls()[9]
    await expect(row(page, call)).to_have_class(re.compile("ringing"))
    for n in range(20):
        state = "talking" if n % 2 == 0 else "ringing"
        await page.evaluate("([id, state]) => { window.wanted = id; window.state = state; }", [call.record.id, state])
        feed.tell([changed(call, state=state)])
        await expect(page.locator("html")).to_have_attribute("data-seen", str(n + 1))
    seen = sorted(await page.evaluate("window.seen"))
    assert seen[len(seen) // 2] <= 2 * FRAME_MS, seen  # the frame after the one in which it arrived, at the latest


async def test_no_row_moves_under_the_pointer_while_calls_come_change_and_go(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls")
    calls = sample.live_calls()
    await expect(page.locator("tr[data-call]")).to_have_count(len(calls))
    await row(page, calls[5]).hover()
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
    await page.mouse.move(5, 5)
    await expect(row(page, calls[1])).to_have_count(0, timeout=6000)


async def test_what_hurts_stands_first(window: Window, feed: Feed) -> None:
    page = await window.open("/?lang=en")
    rows = page.locator(".callrows [data-call]")
    await expect(rows).to_have_count(len(sample.live_calls()))
    waiting = [call for call in sample.live_calls() if call.state == "queued"]
    longest = min(waiting, key=lambda call: call.since)
    await expect(rows.first).to_have_attribute("data-call", longest.record.id)
    states = await rows.evaluate_all("rows => rows.map(row => row.classList[1])")
    order = ["queued", "ringing", "arriving", "parked", "held", "talking"]
    assert states == sorted(states, key=lambda state: {"arriving": 1}.get(state, order.index(state)))


async def test_what_is_looked_at_is_in_the_address(window: Window) -> None:
    page = await window.open("/?lang=en")
    await page.locator("button[data-view=calls]").click()
    await page.locator("select[name=queue]").select_option("support")
    await expect(page).to_have_url(re.compile("view=calls"))
    await expect(page).to_have_url(re.compile("queue=support"))
    shown = page.locator("tr[data-call]")
    of_queue = [call for call in sample.live_calls() if call.record.queue == "support"]
    await expect(shown).to_have_count(len(of_queue))
    await page.reload()
    await expect(shown).to_have_count(len(of_queue))
    await expect(page.locator("button[data-view=calls]")).to_have_attribute("aria-current", "true")


async def test_the_selected_call_shows_its_verbs_and_a_refusal_is_said(window: Window) -> None:
    page = await window.open("/?lang=en")
    waiting = next(call for call in sample.live_calls() if call.state == "queued")
    await page.locator(f'.callrow[data-call="{waiting.record.id}"] .pick').click()
    acts = page.locator("tamas-acts")
    await expect(acts.locator("[data-act=front]")).to_be_visible()
    await expect(acts.locator("[data-act=listen]")).to_have_count(0)  # nobody talks
    await acts.locator("[data-act=front]").click()
    await expect(acts.locator("[role=alert]")).to_contain_text("over")  # the stage has no PBX
    await page.keyboard.press("Escape")
    await expect(acts).to_have_count(0)
    talking = next(call for call in sample.live_calls() if call.state == "talking")
    await page.locator(f'.callrow[data-call="{talking.record.id}"] .pick').click()
    for verb in ("listen", "whisper", "barge", "takeover", "end"):
        await expect(acts.locator(f"[data-act={verb}]")).to_be_visible()
    await acts.locator("[data-act=end]").click()
    await expect(acts).to_contain_text("ends the call for everybody")


async def test_a_form_that_was_opened_meanwhile_stays(window: Window) -> None:
    page = await window.open("/")
    held = asyncio.Event()

    async def slow(route: Route) -> None:
        await held.wait()
        await route.fulfill(status=204)

    await page.route("**/api/v1/calls/*/takeover", slow)
    await page.locator(f'li[data-call="{sample.live_calls()[0].record.id}"] .pick').click()
    acts = page.locator("tamas-acts")
    await acts.locator("[data-act=takeover]").click()
    await acts.locator("[data-act=end]").click()
    async with page.expect_response("**/takeover"):
        held.set()
    await expect(acts.locator(".busy")).to_have_count(0)
    await expect(acts.locator(".actform")).to_be_visible()


async def test_who_lacks_the_right_sees_why(window: Window, on_stage: Stage) -> None:
    roles = on_stage.services.crm.roles
    made = await roles.create(TESTER, "Reader", ("live.view", "calls.view_all"))
    page = await window.open("/?lang=en", stage=await on_stage.as_role(made.id))
    await page.locator(".callrow .pick").first.click()
    await expect(page.locator("tamas-acts")).to_have_count(0)  # he leads nobody
    made = await roles.create(TESTER, "Listener", ("live.view", "calls.view_all", "monitor.listen"))
    page = await window.open("/?lang=en", stage=await on_stage.as_role(made.id))
    talking = next(call for call in sample.live_calls() if call.state == "talking")
    await page.locator(f'.callrow[data-call="{talking.record.id}"] .pick').click()
    whisper = page.locator("tamas-acts [data-act=whisper]")
    await expect(whisper).to_have_attribute("aria-disabled", "true")
    await whisper.click(force=True)
    await expect(page.locator("tamas-acts [role=alert]")).to_contain_text("permission")


async def test_a_supervisor_sees_his_teams_and_chooses_among_them(window: Window, on_stage: Stage, feed: Feed) -> None:
    crm, actor = on_stage.services.crm, on_stage.actor
    sales, support = [await crm.teams.create(actor, name) for name in ("Sales", "Support")]
    feed.tell([PeopleAtPhones(
        {"main/201": "Sara", "main/205": "Kian"},
        tuple(Place(ext, ext, (ext,), (PhoneAt("main", f"PJSIP/{ext}", ext, True),)) for ext in ("201", "205")),
        (Mate("201", "Sara", (sales.id,)), Mate("205", "Kian", (support.id,))),
        ((sales.id, "Sales"), (support.id, "Support")),
    )])  # fmt: skip
    of = {ext: {c.record.id for c in sample.live_calls() if any(leg.extension == ext for leg in c.record.legs)}
          for ext in ("201", "205")}  # fmt: skip
    waiting = {c.record.id for c in sample.live_calls() if c.state == "queued"}
    assert of["201"] - of["205"] and of["205"] - of["201"]

    async def shown(page: Page) -> set[str]:
        found: list[str] = await page.locator("tr[data-call]:not(.ended)").evaluate_all(
            "all => all.map(one => one.dataset.call)"
        )
        return set(found)

    one = await window.open("/?view=calls&lang=en", stage=await on_stage.as_role("supervisor", teams=(sales.id,)))
    await expect(one.locator("tr[data-call]").first).to_be_visible()
    assert await shown(one) - waiting == of["201"]
    await expect(one.locator("select[name=team]")).to_have_count(0)
    both = await on_stage.as_role("supervisor", teams=(sales.id, support.id))
    two = await window.open(f"/?view=calls&lang=en&team={support.id}", stage=both)
    await expect(two.locator("tr[data-call]").first).to_be_visible()
    assert await shown(two) - waiting == of["205"]
    await two.locator("select[name=team]").select_option("Sales")
    await until(lambda: _is(shown(two), of["201"]))
    await expect(two).to_have_url(re.compile(f"team={sales.id}"))
    none = await window.open("/?lang=en", stage=await on_stage.as_role("supervisor"))
    await expect(none.locator(".empty")).to_contain_text("Ask an administrator to put you in a team")
    await expect(none.locator("tamas-live")).to_have_count(0)
    await expect(none.locator("tamas-pulse")).to_contain_text("0 calls")
    assert window.wrong == []


async def _is(shown: Awaitable[set[str]], expected: set[str]) -> bool:
    waiting = {c.record.id for c in sample.live_calls() if c.state == "queued"}
    return await shown - waiting == expected


async def test_an_ended_call_stays_under_the_pointer(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls")
    calls = sample.live_calls()
    await row(page, calls[5]).hover()
    feed.tell([CallEnded(sample.NOW, calls[1].record)])
    await expect(row(page, calls[1])).to_have_class(re.compile("ended"))
    before = await tops(page)
    await page.wait_for_timeout(3500)  # longer than it would linger
    assert await tops(page) == before
    await page.mouse.move(5, 5)
    await expect(row(page, calls[1])).to_have_count(0)


async def test_clocks_tick_by_themselves(window: Window) -> None:
    page = await window.open("/?view=calls&lang=en")
    clock = row(page, sample.live_calls()[0]).locator("t-clock").first
    first = await clock.inner_text()
    assert re.fullmatch(r"24:\d\d", first)
    await expect(clock).not_to_have_text(first)


async def test_a_lost_link_is_said_plainly_and_goes_when_it_is_back(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls&lang=en")
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
    page = await window.open("/?view=calls&lang=en")
    await page.goto(running.url + "/?view=calls&lang=en")
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
    page = await window.open("/?view=calls")
    calls = sample.live_calls()
    await expect(page.locator("tr[data-call]")).to_have_count(len(calls))
    topic = feed.hub._channels["board:all"]
    clients = set(topic.clients)
    topic.clients.clear()  # a message that never arrives
    feed.tell([CallEnded(sample.NOW, calls[0].record)])
    topic.clients.update(clients)
    feed.tell([changed(calls[2], state="held")])
    await expect(row(page, calls[0])).to_have_class(re.compile("ended"))
    await expect(row(page, calls[2])).to_have_class(re.compile("held"))


async def test_hostile_names_are_text(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls")
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
