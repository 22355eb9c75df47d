"""The desktop's page, and what hangs on one call: who it is, why it matters now, what is open."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party
from crm_core.tasks.model import TaskDraft
from crm_core.timeline.kinds.call import CallFacts
from crm_core.timeline.model import Item
from cti.kernel.actor import system
from cti.live.events import CallStarted
from cti.live.record import Outcome
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.pages.work import Lately, lately
from web.services import Services

RINGING = sample.live_call("950", 44, ("مریم رستگار", "09123456789"), "ringing", 6, "support", [("204", "ringing")])


@pytest.fixture
def services() -> Services:
    made = stage.services()
    stage.go_live(made.feed)
    made.feed.tell([CallStarted(sample.NOW, RINGING)])
    return made


async def maryam(on_stage: Stage, **more: object) -> Party:
    draft = Draft(
        first_name="Maryam", last_name="Rastegar", company_name="Alborz", numbers=(DraftNumber(raw="09123456789"),)
    )
    return await on_stage.services.crm.contacts.create(system("test"), "person", msgspec.structs.replace(draft, **more))


def path(**query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/work/call/{RINGING.record.id}?lang=en&{asked}"


async def test_the_page_is_there_with_what_the_browser_needs(on_stage: Stage) -> None:
    page = await on_stage.page("/work?lang=en")
    assert "<tamas-work" in page and "<tamas-bar" in page and "<tamas-me" in page
    assert 'name="desk"' in page and 'name="dials"' in page and "support" in page
    assert 'href="/work"' in page[page.index('class="rail"') :]


async def test_who_has_no_desk_has_no_bar(on_stage: Stage) -> None:
    role = await on_stage.services.crm.roles.create(on_stage.actor, "looks on", ("calls.view", "contacts.view"))
    other = await on_stage.as_role(role.id)
    page = await other.page("/calls")
    assert "<tamas-bar" not in page and 'name="desk"' not in page and "data-dial" not in page
    assert (await other.go("/work"))[0] == 403


async def test_a_call_brings_who_it_is_and_what_is_open(on_stage: Stage) -> None:
    party = await maryam(on_stage)
    await on_stage.services.crm.tasks.create(on_stage.actor, TaskDraft(title="Send the offer", party=party.id))
    text = await on_stage.page(path())
    for part in ("Alborz", "Open tasks", "Send the offer", 'data-part="why"', 'data-part="facts"', 'data-part="side"'):
        assert part in text
    assert "Queue <bdi>support</bdi>" in text


async def test_the_queue_is_asked_for_again_alone(on_stage: Stage) -> None:
    text = await on_stage.page(path(part="queue"))
    assert "Queue <bdi>support</bdi>" in text and "part=queue" in text and "data-part" not in text


async def test_who_was_chosen_is_shown_instead(on_stage: Stage) -> None:
    await maryam(on_stage)
    other = await maryam(on_stage, first_name="Other", company_name="Elsewhere")
    text = await on_stage.page(path(party=other.id))
    assert "Elsewhere" in text and "Alborz" not in text


async def test_nobody_known_leaves_no_empty_boxes(on_stage: Stage) -> None:
    text = await on_stage.page(path())
    assert "Open tasks" not in text and "What we know" not in text


async def test_a_call_of_others_is_not_shown(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", extensions=("299",))
    assert (await agent.go(path()))[0] in (403, 404)
    mine = await on_stage.as_role("agent", extensions=("204",))
    assert (await mine.go(path()))[0] == 200


def before(hours: float, outcome: Outcome, talk: float = 0.0) -> Item:
    facts = CallFacts("main", "inbound", outcome=outcome, talk_seconds=talk)
    at = (RINGING.record.started_at or 0.0) - hours * 3600
    return Item(f"call:{hours}", "call", str(hours), at, None, facts)


ZONE = "Asia/Tehran"


def test_why_it_matters_now() -> None:
    record = RINGING.record
    assert lately((), record, ZONE) == Lately(None, 1)
    gave_up = before(1, "abandoned")
    assert lately((gave_up, before(30, "answered", 60)), record, ZONE) == Lately(gave_up.at, 3)
    # Somebody has talked with him since: it is settled.
    assert lately((before(0.5, "answered", 60), gave_up), record, ZONE) == Lately(None, 3)
    assert lately((before(26, "abandoned"),), record, ZONE) == Lately(None, 2)  # not today
    assert lately((before(24 * 8, "answered", 5),), record, ZONE) == Lately(None, 1)  # more than a week ago
