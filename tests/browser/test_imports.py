"""The page of an import in real browsers: it shows by itself how far the work is, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from cti.app.crm import open_crm
from cti.kernel.bus import Bus
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from screenpop.streams import HEARD, Streams
from tests.browser.conftest import Window
from tests.crm import new_url
from tests.crm_core.exchange.files import many, pieces
from tests.web import stage
from web.services import Services

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(loop_scope="session")
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """With a bus, so that what moves is pushed, as the product wires it."""
    bus, made = Bus(), stage.services()
    await made.crm.database.close()
    database = Database.at(new_url("sqlite", tmp_path), publish=bus.publish)
    made = replace(made, crm=open_crm(Settings(data=str(tmp_path)), database, made.clock))
    bus.subscribe_batches("streams", HEARD, Streams(made.feed, made.crm.timeline.watchers).take)
    yield made
    await bus.close()


async def begun(window: Window, folder: Path) -> str:
    """The address of an import that is to be worked on."""
    exchange, actor = window.stage.services.crm.exchange, window.stage.actor
    one = await exchange.receive(actor, "مشتریان.csv", pieces(many(folder / "f", 60)))
    await exchange.start(actor, one.id)
    return f"/import/{one.id}"


async def test_who_imports_hears_of_it(window: Window, tmp_path: Path) -> None:
    place = await begun(window, tmp_path)
    page = await window.open(f"{place}?lang=fa")
    await expect(page.get_by_role("heading", name="مشتریان.csv")).to_be_visible()
    await expect(page.locator("progress")).to_be_visible()
    await page.wait_for_timeout(5_000)  # longer than one polls: while the server is heard, nothing is asked
    asked = len([url for url in window.asked if place in url])
    assert asked <= 2  # the page, and once when it began to hear
    assert await window.stage.services.crm.exchange.work.one()
    await expect(page.get_by_role("heading", name="چه از آن شد")).to_be_visible()
    assert window.wrong == []


async def test_one_that_somebody_else_began_is_asked_for(window: Window, tmp_path: Path) -> None:
    place = await begun(window, tmp_path)
    other = await window.stage.as_role("administrator", name="Sara")
    page = await window.open(f"{place}?lang=en", stage=other)
    await expect(page.locator("progress")).to_be_visible()
    assert await window.stage.services.crm.exchange.work.one()
    await expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    assert window.wrong == []


async def test_without_a_socket_it_is_asked_for_now_and_then(window: Window, tmp_path: Path) -> None:
    place = await begun(window, tmp_path)
    silent = "window.WebSocket = class { static OPEN = 1; readyState = 0; close() {} addEventListener() {} }"
    page = await window.open(f"{place}?lang=en", script=silent)
    await expect(page.locator("progress")).to_be_visible()
    assert await window.stage.services.crm.exchange.work.one()
    heading = page.get_by_role("heading", name="What became of it")
    await expect(heading).to_be_visible(timeout=15_000)  # it asks every four seconds
