"""Boards on a wall in a real browser: readable at 5 m, kept up by themselves, and dark when the link is taken back."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from crm_core.wallboards.model import Kind, Shown
from cti.app.wallboards import hang, turn
from cti.live.events import QueueChanged
from screenpop.walls import Walls
from tests.browser.conftest import Window
from tests.browser.test_every_page import in_another_language, told_by_axe
from tests.screenpop.morning import morning
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services

pytestmark = pytest.mark.browser

SMALLEST = """() => {
  const walker = document.createTreeWalker(document.querySelector(".wall"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (!text) continue;
    const box = walker.currentNode.parentElement.getBoundingClientRect();
    if (box.width) found.push([parseFloat(getComputedStyle(walker.currentNode.parentElement).fontSize), text]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
}"""
OUTSIDE = """() => [...document.querySelectorAll(".wall *")].filter((one) => {
  const box = one.getBoundingClientRect();
  const out = box.left < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
  return box.width && out && !one.closest("svg");
}).map((one) => one.className + " " + one.textContent.trim().slice(0, 40))"""
FRAMES = """
window.frames_told = [];
window.sockets = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(url) {
    super(url);
    window.sockets.push(this);
    this.addEventListener("message", (m) => window.frames_told.push(m.data));
  }
};
"""


@pytest.fixture
def services() -> Services:
    made = stage.services(clock=stage.RunningClock())
    stage.go_live(made.feed)
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def walls(on_stage: Stage) -> AsyncIterator[Walls]:
    made = hang(on_stage.services.crm, on_stage.services.feed, morning())

    task = asyncio.create_task(turn(made, on_stage.services.clock))
    yield made
    task.cancel()


async def board(window: Window, width: int = 1920, height: int = 1080, **shown: Any) -> tuple[Page, str]:
    """A screen that nobody is signed in at, with a new board on it; and the board's id."""
    made = await window.stage.services.crm.wallboards.create(
        window.stage.actor, Shown(**({"name": "مرکز تماس تهران"} | shown))
    )
    nobody = await window.stage.as_nobody()
    page = await window.open(f"/wall/{made.secret}", width, height, script=FRAMES, stage=nobody)
    await expect(page.locator(".wall header .bigclock")).to_have_text(re.compile(r"[0-9۰-۹]{2}:[0-9۰-۹]{2}"))
    return page, made.board.id


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_readable_at_five_metres_and_all_of_it_on_the_screen(
    window: Window, walls: Walls, kind: Kind, language: Any
) -> None:
    page, _ = await board(window, kind=kind, language=language)
    size, text = await page.evaluate(SMALLEST)
    assert size >= 26, f"{text!r} has {size} px"
    assert await page.evaluate(OUTSIDE) == []
    assert window.wrong == []
    assert {url.partition("?")[0].rpartition("/")[0] for url in window.asked} <= {
        f"{window.stage.url}/static/dist", f"{window.stage.url}/wall"
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
@pytest.mark.parametrize(("language", "theme"), [("fa", "dark"), ("en", "light")])
async def test_seen_without_eyes_and_in_one_language(
    window: Window, walls: Walls, kind: Kind, language: Any, theme: Any
) -> None:
    page, _ = await board(window, kind=kind, language=language, theme=theme, name="1")
    assert await told_by_axe(page) + await in_another_language(page, language) == []


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
async def test_in_the_hand_it_is_one_column(window: Window, walls: Walls, kind: Kind) -> None:
    page, _ = await board(window, 390, 844, kind=kind)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    size, text = await page.evaluate(SMALLEST)
    assert size >= 14, f"{text!r} has {size} px"


async def test_the_figures_are_those_of_the_morning(window: Window, walls: Walls) -> None:
    page, _ = await board(window, language="en", queues=("support", "sales"))
    rows = page.locator(".wall tbody tr")
    await expect(rows).to_have_count(2)
    cells = [re.sub(r"\s+", " ", text).strip() for text in await rows.nth(0).locator("td").all_inner_texts()]
    assert [cells[0], cells[1], *cells[3:]] == ["support", "3", "61%", "0", "28"]
    await expect(rows.nth(0).locator("td").nth(3)).to_have_class(re.compile("crit"))
    await expect(page.locator(".huge")).to_have_text("80%")
    await expect(page.locator("footer")).to_contain_text("support")
    longest = page.locator(".figs .fig").nth(1).locator("b")
    first = await longest.inner_text()
    await expect(longest).not_to_have_text(first)  # it ticks by itself


async def test_the_percent_stands_where_a_reader_of_persian_looks_for_it(window: Window, walls: Walls) -> None:
    page, _ = await board(window, language="fa", queues=("support", "sales"))
    await expect(page.locator(".huge")).to_have_text("۸۰٪")
    whole, sign = [await page.locator(one).bounding_box() for one in (".huge bdi", ".huge small")]
    assert whole is not None and sign is not None
    assert sign["x"] + sign["width"] >= whole["x"] + whole["width"] - 1, "right of the digits, as in the rows"


async def test_a_young_day_has_room_to_grow(window: Window, walls: Walls) -> None:
    page, _ = await board(window, language="en", kind="day", queues=("support", "sales"))
    bars = page.locator(".bars rect.a")
    await expect(bars).to_have_count(7)
    widths = await bars.evaluate_all("all => all.map((one) => Number(one.getAttribute('width')))")
    assert max(widths) < 1264 / 12
    ends = [one.strip() for one in await page.locator(".bars .ends span").all_inner_texts()]
    assert ends == ["07:00", "12:30"], "twelve half hours, of which seven have begun"


async def test_what_happens_shows_without_being_asked(window: Window, walls: Walls) -> None:
    page, _ = await board(window, language="en", queues=("sales",))
    waiting = page.locator(".wall tbody tr td").nth(1)
    await expect(waiting).to_have_text("0")
    (sales,) = [queue for queue in sample.queues() if queue.queue == "sales"]
    window.stage.services.feed.tell([QueueChanged(sales.pbx, sample.NOW, "sales", 5, sales.members)])
    await expect(waiting).to_have_text("5")


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
async def test_nameless_means_nowhere_in_any_frame_or_on_the_page(window: Window, walls: Walls, kind: Kind) -> None:
    page, _ = await board(window, kind=kind, nameless=True)
    await expect(page.locator(".wall .stat, .wall .tile").first).to_be_visible()
    told = "".join(json.dumps(json.loads(one), ensure_ascii=False) for one in await page.evaluate("frames_told"))
    shown = await page.content()
    assert "wallboard:" in told
    for name in sample.AGENTS.values():
        assert name not in told and name not in shown, name


async def test_a_named_board_names_them(window: Window, walls: Walls) -> None:
    page, _ = await board(window, kind="agents", queues=("sales",))
    await expect(page.locator(".tile")).to_have_count(4)
    await expect(page.locator(".tiles")).to_contain_text(sample.AGENTS["221"])


async def test_it_goes_dark_when_its_link_is_taken_back(window: Window, walls: Walls) -> None:
    page, board_id = await board(window, language="en")
    await window.stage.services.crm.wallboards.revoke(window.stage.actor, board_id)
    await expect(page.locator(".wall > .wait")).to_contain_text("opens no wallboard")
    await expect(page.locator(".wall tbody tr")).to_have_count(0)


async def test_a_link_taken_back_while_there_was_no_network_leaves_nothing_on_the_screen(
    window: Window, walls: Walls
) -> None:
    page, board_id = await board(window, language="en")
    await expect(page.locator(".wall tbody tr").first).to_be_visible()
    await page.context.set_offline(True)
    await page.evaluate("window.sockets.forEach((one) => one.close())")
    await window.stage.services.crm.wallboards.revoke(window.stage.actor, board_id)
    await page.context.set_offline(False)
    await expect(page.locator(".wall > .wait")).to_contain_text("opens no wallboard", timeout=20_000)
    await expect(page.locator(".wall tbody tr")).to_have_count(0)


async def test_another_look_loads_it_anew(window: Window, walls: Walls) -> None:
    page, board_id = await board(window, language="en")
    shown = Shown(name="Office", kind="day", language="fa", theme="light")
    await window.stage.services.crm.wallboards.change(window.stage.actor, board_id, shown)
    html = page.locator("html")
    await expect(html).to_have_attribute("lang", "fa")
    await expect(html).to_have_attribute("data-theme", "light")
    await expect(page.locator(".wall.day h1")).to_have_text("Office")


async def test_after_a_night_without_network_it_is_back_and_a_newer_product_is_loaded(
    window: Window, walls: Walls
) -> None:
    page, _ = await board(window, language="en")
    await page.evaluate("document.documentElement.dataset.build = 'of yesterday'")
    await page.context.set_offline(True)
    await page.evaluate("performance.now = ((plain) => () => plain() + 60000)(performance.now.bind(performance))")
    await expect(page.locator(".wall.lost")).to_be_visible()
    await expect(page.locator(".fresh")).to_contain_text("No connection")
    await expect(page.locator(".wall tbody tr").first).to_be_visible()
    await page.context.set_offline(False)

    await expect(page.locator("html")).not_to_have_attribute("data-build", "of yesterday", timeout=20_000)
    await expect(page.locator(".wall header .fresh")).to_contain_text("Live")
    await expect(page.locator(".wall.lost")).to_have_count(0)


async def test_who_makes_boards_sees_one_before(window: Window, walls: Walls) -> None:
    await board(window, name="Hall", kind="day", language="en")
    page = await window.open("/admin/wallboards?lang=en")
    await page.locator(".flist summary").click()
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Preview").click()
    await expect((await opened.value).locator(".wall.day .huge")).to_have_text("80%")
