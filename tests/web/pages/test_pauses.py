"""The page of pauses and wrap-up: written, and refused with what was typed."""

from __future__ import annotations

from typing import Any

from crm_core.agents.model import Rules
from cti.live.events import QueueChanged
from tests.web.conftest import Stage

PATH = "/admin/pauses"


async def rules(on_stage: Stage) -> Rules:
    return await on_stage.services.crm.agent_rules.get(on_stage.actor)


async def post(on_stage: Stage, path: str, status: int = 303, **data: Any) -> str:
    version = (await rules(on_stage)).version
    got, text = await on_stage.send("POST", f"{PATH}{path}", data={"version": version, **data})
    assert got == status, text
    return text


async def test_reasons_are_added_named_ordered_and_taken_out_of_use(on_stage: Stage) -> None:
    await post(on_stage, "/reasons", fa="چای", en="Tea time")
    await post(on_stage, "/reasons", fa="بدون انگلیسی")
    tea, other = (await rules(on_stage)).reasons[-2:]
    assert (tea.id, tea.fa, tea.active) == ("tea-time", "چای", True)
    assert other.id.startswith("r")
    await post(on_stage, "/reasons/tea-time", fa="چای‌خانه", en="Tea")
    assert next(one for one in (await rules(on_stage)).reasons if one.id == "tea-time").active is False
    await post(on_stage, "/reasons/tea-time", to="up")
    assert [one.id for one in (await rules(on_stage)).reasons].index("tea-time") == 5
    page = await on_stage.page(f"{PATH}?saved")
    assert "چای‌خانه" in page
    assert "tea-time" in page


async def test_wrap_up_by_queue(on_stage: Stage) -> None:
    queue = QueueChanged("main", 1.0, "sales & co", 0, ())
    on_stage.services.feed.tell([queue])
    assert "sales &amp; co" in await on_stage.page(PATH)
    await post(
        on_stage, "/queues", queue="sales & co", seconds="۴۵", extend_seconds="15", extensions="3", mandatory="on"
    )
    rule = (await rules(on_stage)).wrap("sales & co")
    assert (rule.seconds, rule.mandatory, rule.extend_seconds, rule.extensions) == (45.0, True, 15.0, 3)
    await post(on_stage, "/queues/sales%20&%20co", seconds="", extend_seconds="", extensions="")
    assert (await rules(on_stage)).wrap("sales & co").seconds is None
    await post(on_stage, "/queues/sales%20&%20co", do="delete")
    assert (await rules(on_stage)).wrap("sales & co").seconds == 30.0
    await post(on_stage, "/queues/*", seconds="10", extensions="0")
    assert (await rules(on_stage)).wrap("sales & co").seconds == 10.0
    await post(on_stage, "/queues/*", do="delete", seconds="10")
    assert any(one.queue == "*" for one in (await rules(on_stage)).wraps), "the rule for all others stays"


async def test_missed_calls(on_stage: Stage) -> None:
    await post(on_stage, "/missed", missed_limit="۳")
    assert (await rules(on_stage)).missed_limit == 3


async def test_what_cannot_be_is_said_and_stays_typed(on_stage: Stage) -> None:
    page = await post(on_stage, "/reasons", 422, fa="", en="")
    assert 'role="alert"' in page
    page = await post(on_stage, "/queues/*", 422, seconds="many")
    assert 'value="many"' in page
    await post(on_stage, "/queues/*", 422, seconds="99999")
    await post(on_stage, "/missed", 422, missed_limit="-1")
    await post(on_stage, "/reasons/none", 422, fa="x")
    assert (await rules(on_stage)).version == 0
