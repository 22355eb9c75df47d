"""An alert comes to every page that is open, is taken by a click, and goes when it is over; in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from crm_core.alerts.rules import AlertRules
from cti.live.alarms import AlertRule
from cti.live.events import PbxLinkChanged, QueueChanged
from cti.live.readings import Now
from screenpop.alerts import AlertScreens
from tests.browser.conftest import Window
from tests.crm_core.users.people import SYSTEM

pytestmark = pytest.mark.browser
RULES = (
    AlertRule(id="many", kind="waiting", level="warn", limit=3, clear_after=0),
    AlertRule(id="link", kind="link_down", level="bad", clear_after=0),
)


@pytest.mark.parametrize(("language", "width"), [("fa", 390), ("en", 1440)])
async def test_raised_taken_and_over(window: Window, tmp_path: Path, language: str, width: int) -> None:
    stage = window.stage
    alerts, now = stage.services.crm.alerts, stage.services.clock.now()
    await stage.services.crm.alert_rules.put(SYSTEM, AlertRules(rules=RULES))
    alerts.changed = AlertScreens(stage.services.feed, alerts.all_open).take
    boss = await stage.as_role("supervisor", name="شهرام", language=language)
    page = await window.open("/contacts", width, stage=boss)
    banner = page.locator("tamas-alerts .ban")
    await expect(page.locator("tamas-alerts")).to_be_attached()
    await expect(banner).to_have_count(0)
    queue = QueueChanged("main", now, "support", 4, ())
    alerts.look(Now(at=now, queues=[queue]))
    await expect(banner).to_contain_text("تماس‌گیرنده در انتظار" if language == "fa" else "callers wait")
    alerts.look(Now(at=now + 1, queues=[queue], links=[PbxLinkChanged("north", now, False, "gone")]))
    await expect(banner).to_contain_text("north")  # the worse one is on top
    await page.locator("tamas-alerts button[aria-expanded]").click()
    await expect(banner).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    await page.screenshot(path=tmp_path / f"alerts.{language}.png")
    await banner.first.get_by_role("button").last.click()
    await expect(banner.last).to_contain_text("شهرام")  # who is taken care of goes down
    assert {one.taken_name for one in alerts.open(SYSTEM) if one.kind == "link_down"} == {"شهرام"}
    alerts.look(Now(at=now + 2))
    await expect(banner).to_have_count(0)
    assert window.wrong == []
