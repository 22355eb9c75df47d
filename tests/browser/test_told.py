"""What whoever leads an agent writes to him, and does to his state, on the page that he has open; in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from crm_core.agents.messages import MOST_SHOWN, Message, MessageRead, MessageSent
from crm_core.agents.model import Reason
from crm_core.agents.supervising import Supervised
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from screenpop.told import tell
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser
LUNCH = Reason(id="lunch", fa="ناهار", en="Lunch")


@pytest.mark.parametrize(("language", "width"), [("fa", 390), ("en", 1440)])
async def test_messages_and_changes_stand_on_top_until_they_are_read(
    window: Window, tmp_path: Path, language: str, width: int
) -> None:
    stage = window.stage
    agent = await stage.as_role("agent", name="سارا", language=language)
    crm, feed = stage.services.crm, stage.services.feed
    crm.reach.take(PeopleAtPhones({}, mates=(Mate(agent.actor.id, "سارا"),)))
    kept = await crm.messages.send(stage.actor, [agent.actor.id], [], "جلسه ساعت ۱۱\nاتاق ۳")
    page = await window.open("/contacts", width, stage=agent)
    notes = page.locator("tamas-told .message")
    await expect(notes).to_have_count(1)
    now = stage.services.clock.now()
    tell(feed, Supervised(agent.actor.id, now, "pause", "مریم", LUNCH))
    tell(feed, Supervised(agent.actor.id, now, "ready", "مریم"))
    tell(feed, Supervised(agent.actor.id, now, "pause", "مریم", LUNCH))
    tell(feed, MessageSent(agent.actor.id, Message("m2", now, "مریم", "<b>bold</b> " + "long " * 60)))
    tell(feed, MessageRead(agent.actor.id, "m9", "x", now))
    feed.hub.settle()
    done = page.locator("tamas-told .done")
    await expect(done).to_contain_text("ناهار" if language == "fa" else "مریم paused you: Lunch")
    await expect(notes).to_have_count(2)
    await expect(notes.first).to_contain_text("<b>bold</b>")
    fits = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert fits, "nothing is wider than the screen"
    await page.screenshot(path=tmp_path / f"told.{language}.png")
    await notes.last.get_by_role("button").click()
    await expect(notes).to_have_count(1)
    assert kept.id not in {one.id for one in await crm.messages.unread(agent.actor)}
    await notes.get_by_role("button").click()  # one that is not kept any more goes, too
    await expect(notes).to_have_count(0)
    await done.get_by_role("button").click()
    await expect(done).to_have_count(0)
    assert [one for one in window.wrong if "404" not in one] == []


async def test_older_ones_than_a_page_asks_for_come_when_the_newer_are_read(window: Window) -> None:
    stage = window.stage
    agent = await stage.as_role("agent", name="سارا", language="en")
    crm = stage.services.crm
    crm.reach.take(PeopleAtPhones({}, mates=(Mate(agent.actor.id, "سارا"),)))
    for n in range(MOST_SHOWN + 1):
        await crm.messages.send(stage.actor, [agent.actor.id], [], f"message {n}.")
    page = await window.open("/contacts", stage=agent)
    notes = page.locator("tamas-told .message")
    for n in reversed(range(MOST_SHOWN + 1)):
        await expect(notes.first).to_contain_text(f"message {n}.")
        await notes.first.get_by_role("button").click()
    await expect(notes).to_have_count(0)
    assert await crm.messages.unread(agent.actor) == ()
