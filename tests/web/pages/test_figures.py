"""The page of figures: written, and refused with what was typed."""

from __future__ import annotations

from typing import Any

from cti.live.events import QueueChanged
from cti.live.figures import FigureRules, Threshold
from tests.web.conftest import Stage

PATH = "/admin/figures"
QUEUE: dict[str, Any] = {
    "service_level": "cisco_ignored", "threshold_seconds": "۱۵", "target_percent": "90", "short_seconds": "0",
    "wait_warn": "20", "wait_bad": "40",
}  # fmt: skip
DAY: dict[str, Any] = {
    "occupancy": "staffed", "interval_minutes": "15", "now_minutes": "۶۰", "talk_warn": "300", "talk_bad": "600",
    "pause_warn": "60", "pause_bad": "120",
}  # fmt: skip


async def rules(on_stage: Stage) -> FigureRules:
    return await on_stage.services.crm.figure_rules.get(on_stage.actor)


async def post(on_stage: Stage, path: str, status: int = 303, **data: Any) -> str:
    version = (await rules(on_stage)).version
    got, text = await on_stage.send("POST", f"{PATH}{path}", data={"version": version, **data})
    assert got == status, text
    return text


async def test_the_rule_of_a_queue(on_stage: Stage) -> None:
    on_stage.services.feed.tell([QueueChanged("main", 1.0, "sales & co", 0, ())])
    assert "sales &amp; co" in await on_stage.page(PATH)
    await post(on_stage, "/queues", queue="sales & co", **QUEUE)
    rule = (await rules(on_stage)).queue("sales & co")
    assert (rule.service_level, rule.threshold_seconds, rule.target_percent) == ("cisco_ignored", 15.0, 90.0)
    assert (rule.short_seconds, rule.short_leave_rate, rule.wait) == (0.0, False, Threshold(20.0, 40.0))
    await post(on_stage, "/queues/sales%20&%20co", **QUEUE | {"short_leave_rate": "on", "threshold_seconds": "10"})
    changed = (await rules(on_stage)).queue("sales & co")
    assert (changed.threshold_seconds, changed.short_leave_rate) == (10.0, True)
    await post(on_stage, "/queues/sales%20&%20co", do="delete")
    assert (await rules(on_stage)).queue("sales & co").threshold_seconds == 20.0
    await post(on_stage, "/queues/*", do="delete", **QUEUE)
    assert (await rules(on_stage)).queue("any").threshold_seconds == 15.0, "the rule for all others stays"


async def test_agents_and_the_day(on_stage: Stage) -> None:
    await post(on_stage, "/day", **DAY)
    now = await rules(on_stage)
    assert (now.occupancy, now.interval_minutes, now.now_minutes) == ("staffed", 15, 60)
    assert (now.talk, now.pause) == (Threshold(300.0, 600.0), Threshold(60.0, 120.0))


async def test_every_formula_is_explained_with_its_source(on_stage: Stage) -> None:
    page = await on_stage.page(PATH)
    lists = [part.partition("</dl>")[0] for part in page.split('<dl class="formulas">')[1:]]
    assert [part.count("<dt>") for part in lists] == [9, 3]
    assert "Genesys Cloud" in page
    assert "app_queue" in page


async def test_what_cannot_be_is_said_and_stays_typed(on_stage: Stage) -> None:
    page = await post(on_stage, "/queues/*", 422, **QUEUE | {"threshold_seconds": "many"})
    assert 'role="alert"' in page
    assert 'value="many"' in page
    await post(on_stage, "/queues/*", 422, **QUEUE | {"target_percent": "101"})
    await post(on_stage, "/queues/*", 422, **QUEUE | {"service_level": "nonsense"})
    await post(on_stage, "/queues/*", 422, **QUEUE | {"wait_bad": "19"})
    await post(on_stage, "/day", 422, **DAY | {"interval_minutes": "20"})
    await post(on_stage, "/day", 422, **DAY | {"now_minutes": "1"})
    for path in ("/day", "/queues", "/queues/*"):
        await post(on_stage, path, 422)  # a form that lacks everything
    assert (await rules(on_stage)).version == 0


async def test_who_may(on_stage: Stage) -> None:
    manager = await on_stage.as_role("manager")
    assert (await manager.go(PATH))[0] == 200
    supervisor = await on_stage.as_role("supervisor")
    assert (await supervisor.go(PATH))[0] == 403
