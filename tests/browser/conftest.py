"""A real Chromium in front of the sample's day.

Its start costs more than most tests that need it, so there is one for all of them, and all run in the loop that it was
started in. What a test sees in it is its own: a context, as a private window, and a stage.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.web.conftest import Stage, built, services, staged
from web.services import Services

__all__ = ["built", "services"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"
]  # fmt: skip


@dataclass
class Window:
    """A browser's window on the stage, and everything that went wrong in it."""

    stage: Stage
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def open(
        self,
        path: str,
        width: int = 1440,
        height: int = 900,
        theme: str = "light",
        script: str = "",
        stage: Stage | None = None,
    ) -> Page:
        """A page of a new browser in which the administrator is signed in (or whoever ``stage`` is asked by; see
        ``Stage.as_role`` and ``as_nobody``). ``script`` runs in it before anything else."""
        context = await self.browser.new_context(viewport={"width": width, "height": height}, has_touch=width < 500)
        self.contexts.append(context)
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        await context.add_cookies([{"name": "theme", "value": theme, "url": self.stage.url}])
        if cookie := (stage or self.stage).cookie:
            name, _, value = cookie.partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": self.stage.url}])
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.wrong.append(str(e)))
        page.on("request", lambda r: self.asked.append(r.url))
        if script:
            await page.add_init_script(script)
        await page.goto(self.stage.url + path)
        return page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def on_stage(services: Services) -> AsyncIterator[Stage]:
    """As for the other pages, in the browser's loop."""
    async with staged(services) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(on_stage: Stage, chromium: Browser) -> AsyncIterator[Window]:
    made = Window(on_stage, chromium)
    yield made
    for context in made.contexts:
        await context.close()
