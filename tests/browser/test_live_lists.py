"""The lists of the live page: under headings, in the PBX's order, and drawn as far as one looks."""

from __future__ import annotations

import re

import msgspec
import pytest
from playwright.async_api import Page, expect

from cti.live.events import CallStarted, DialStep, PbxLinkChanged, QueueChanged
from screenpop.feed import Feed
from tests.browser.conftest import Window
from tests.cti.live.desk import Desk
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services

pytestmark = pytest.mark.browser


@pytest.fixture
def services() -> Services:
    made = stage.services(clock=stage.RunningClock())
    stage.go_live(made.feed)
    return made


@pytest.fixture
def feed(on_stage: Stage) -> Feed:
    return on_stage.services.feed


async def headings(page: Page) -> list[str]:
    """Name and count of each group, from above."""
    found: list[str] = await page.locator(".grp").evaluate_all(
        "all => all.map(one => one.querySelector('b').innerText + ' ' + one.querySelector('.q').innerText)"
    )
    return found


def other_pbx(feed: Feed) -> None:
    """A second PBX with a queue and a call."""
    (support,) = (queue for queue in sample.queues() if queue.queue == "support")
    call = sample.live_call("800", 30, (None, "09127654321"), "queued", 30, "night")
    record = msgspec.structs.replace(call.record, pbx="branch", id="branch-800")
    feed.tell([
        PbxLinkChanged("branch", sample.NOW, True, None),
        QueueChanged("branch", sample.NOW, "night", 1, support.members[:1]),
        CallStarted(sample.NOW, msgspec.structs.replace(call, record=record)),
    ])  # fmt: skip


async def test_calls_are_grouped_the_worst_group_first_and_the_keys_walk_through_all(
    window: Window, feed: Feed
) -> None:
    page = await window.open("/?view=calls&lang=en")
    await page.locator("select[name=group]").select_option("queue")
    await expect(page).to_have_url(re.compile("group=queue"))
    calls = sample.live_calls()
    of = {
        name: [c for c in calls if (c.record.queue or "Others") == name] for name in ("support", "technical", "Others")
    }
    await expect(page.locator(".grp")).to_have_count(3)
    assert await headings(page) == [f"{name} {len(of[name])}" for name in of], "who waits is in support"
    first = page.locator("tbody").first
    await expect(first.locator(".grp .worst t-clock")).to_have_text(
        await first.locator("tr[data-call] .r t-clock").first.inner_text()
    )
    picks = page.locator(".calls-now .pick")
    await picks.first.focus()
    for _ in calls[1:]:
        await page.keyboard.press("ArrowDown")
    await expect(picks.last).to_be_focused()
    await page.reload()
    await expect(page.locator(".grp")).to_have_count(3)
    await expect(page.locator("select[name=group]")).to_have_value("queue")
    await page.locator("button[data-view=all]").click()
    await expect(page.locator(".grp, select[name=group]")).to_have_count(0)
    assert window.wrong == []


async def test_each_view_is_grouped_by_what_it_has(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=queues&lang=en")
    await expect(page.locator(".queues tbody tr").first).to_be_visible()
    await expect(page.locator("select[name=group]")).to_have_count(0)  # one PBX, no teams
    other_pbx(feed)
    options = page.locator("select[name=group] option")
    await expect(options).to_have_text(["nothing", "PBX"])
    await page.locator("select[name=group]").select_option("pbx")
    await expect(page.locator(".grp")).to_have_count(2)
    assert set(await headings(page)) == {f"main {len(sample.queues())}", "branch 1"}
    await page.locator("button[data-view=agents]").click()
    await expect(options).to_have_text(["nothing", "Queue", "PBX"])
    await expect(page.locator(".grp")).to_have_count(2)
    assert window.wrong == []


async def test_groups_fit_a_phone_in_persian(window: Window) -> None:
    page = await window.open("/?view=calls&group=queue&lang=fa", width=390, height=844)
    await expect(page.locator(".grp").first).to_contain_text("support")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator(".grp").last).to_contain_text("سایر")


async def test_who_waits_stands_as_the_pbx_has_him(window: Window, feed: Feed) -> None:
    page = await window.open("/?view=calls&lang=en")
    ids = [c.record.id for c in sample.live_calls() if c.state == "queued"]
    rows = page.locator("tr.queued")
    await expect(rows.locator(".place")).to_have_text(["1", "2", "3"])
    (support,) = (queue for queue in sample.queues() if queue.queue == "support")
    feed.tell([msgspec.structs.replace(support, changed=(), order=(ids[2], ids[0], ids[1]))])
    await expect(rows.first).to_have_attribute("data-call", ids[2])
    await expect(rows.locator(".place")).to_have_text(["1", "2", "3"])


async def test_a_click_whose_own_phone_rings_says_which_number_it_calls(window: Window, feed: Feed) -> None:
    page = await window.open("/?lang=en")
    desk = Desk().dial(None, "1.0", "240")
    (call,) = desk.tracker.snapshot()
    feed.tell([CallStarted(1.0, call), DialStep("main", 1.0, "1.0", "u", "my_phone", "", "", "09121112233")])
    row = page.locator('.callrow[data-call="main-1.0"]')
    await expect(row).to_contain_text("09121112233")
    await expect(row).to_contain_text("own phone rings")
    await expect(page.locator(".people .sech")).to_contain_text("Calling")  # a word, also where states are counted
    await page.locator("button[data-view=calls]").click()
    await expect(page.locator('tr[data-call="main-1.0"]')).to_contain_text("Calling out")


async def test_what_can_be_done_stands_in_rows_and_stays_in_sight(window: Window) -> None:
    calls = [call for call in sample.live_calls() if call.state == "talking"]
    for width, height in ((1440, 900), (390, 844)):
        page = await window.open("/?lang=en", width=width, height=height)
        await page.locator(f'.callrow[data-call="{calls[-1].record.id}"] .pick').click()
        acts = page.locator("tamas-acts")
        await expect(acts.locator("[data-act=end]")).to_be_in_viewport()
        box = await acts.bounding_box()
        assert box is not None and box["height"] < 190, (width, box)


async def test_a_long_list_is_drawn_as_far_as_one_looks(window: Window, feed: Feed) -> None:
    calls = [sample.live_call(str(n), 60, (None, f"0912{n:07}"), "talking", 60 - n / 10) for n in range(400)]
    feed.load(calls, sample.queues(), sample.links())
    page = await window.open("/?view=calls&lang=en")
    rows = page.locator("tr[data-call]")
    await expect(rows.first).to_be_visible()
    assert await rows.count() == 60
    await expect(page.locator("t-more")).to_have_text("and 340 more")
    await page.locator("t-more").scroll_into_view_if_needed()
    await expect(rows).to_have_count(180)
    for drawn in (300, 400):
        await page.locator(".scroll").evaluate("it => it.scrollTo(0, it.scrollHeight)")
        await expect(rows).to_have_count(drawn)
    await expect(page.locator("t-more")).to_have_count(0)
    assert window.wrong == []
