"""My day: what I have to return, what I had, what it comes to, and nothing of anybody else."""

from __future__ import annotations

from crm_core.results.service import ResultDraft
from crm_core.tasks.model import TaskDraft
from tests.web import sample
from tests.web.conftest import Stage
from tests.web.pages.test_results import a_call


async def test_a_day(on_stage: Stage) -> None:
    crm, call = on_stage.services.crm, a_call()
    queue = next(r.queue for r in sample.log() if r.outcome == "abandoned" and r.queue)
    agent = await on_stage.as_role("agent", extensions=("205",), queues=(queue,))
    await crm.results.save(agent.actor, call.id, ResultDraft(disposition="complaint-bill", note="صورتحساب اشتباه بود"))
    await crm.tasks.create(agent.actor, TaskDraft(title="فرستادن پیش‌فاکتور", due_day="2026-11-22"))
    await crm.tasks.create(agent.actor, TaskDraft(title="فردا", due_day="2026-11-23"))
    text = await agent.page("/work/day")
    for part in ("شکایت", "صورتحساب اشتباه بود", "فرستادن پیش‌فاکتور", f"/calls/{call.id}", "خبر نمی‌دهد", queue):
        assert part in text, part
    assert ">فردا<" not in text
    assert 'data-dial="' in text
    part = await agent.page("/work/day", **{"HX-Request": "true"})
    assert part.lstrip().startswith('<div id="day"')


async def test_an_empty_day_says_what_comes_here(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", extensions=("999",))
    text = await agent.page("/work/day")
    assert "امروز هنوز تماسی نیست" in text and "کسی منتظر" in text
    assert f"/calls/{a_call().id}" not in text


async def test_only_for_who_works_at_the_desk(on_stage: Stage) -> None:
    role = await on_stage.services.crm.roles.create(on_stage.actor, "looks on", ("calls.view_all",))
    assert (await (await on_stage.as_role(role.id)).go("/work/day"))[0] == 403
    just = await on_stage.services.crm.roles.create(on_stage.actor, "just", ("desk.use",))
    assert (await (await on_stage.as_role(just.id)).go("/work/day"))[0] == 200
