"""The list of tasks: one line makes one, and each is where it is due."""

from __future__ import annotations

from crm_core.tasks.model import TaskDraft, TaskFilter
from tests.crm_core.timeline.people import party
from tests.web import sample
from tests.web.conftest import Stage
from tests.web.pages.streams import post


async def test_one_line_is_a_task(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    assert (await post(on_stage, "/tasks", title="فردا ۱۰:۰۰ سفارش کاغذ"))[0] == 204
    (task,) = (await crm.tasks.page(on_stage.actor, TaskFilter())).items
    assert (task.title, task.due_day) == ("سفارش کاغذ", None)
    assert task.due_at is not None
    assert task.due_at > sample.NOW
    page = await on_stage.page("/tasks?lang=fa")
    assert "سفارش کاغذ" in page
    assert "بعدتر" in page
    assert (await post(on_stage, f"/tasks/{task.id}/done"))[0] == 204
    assert "سفارش کاغذ" not in await on_stage.page("/tasks")
    assert "سفارش کاغذ" in await on_stage.page("/tasks?view=done")
    assert (await post(on_stage, f"/tasks/{task.id}/reopen"))[0] == 204
    assert (await post(on_stage, f"/tasks/{task.id}", title="other", due="۱۴۰۵/۰۹/۱۰"))[0] == 204
    assert (await crm.tasks.get(on_stage.actor, task.id)).due_day == "2026-12-01"
    assert (await post(on_stage, f"/tasks/{task.id}", due="some day"))[0] == 422
    assert (await post(on_stage, f"/tasks/{task.id}", due=""))[0] == 204
    assert (await crm.tasks.get(on_stage.actor, task.id)).due_at is None
    assert (await post(on_stage, f"/tasks/{task.id}/delete"))[0] == 204


async def test_a_note_box_makes_a_task_of_its_contact(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    assert (await post(on_stage, "/tasks", text="call back\nask for the number", party=contact.id))[0] == 204
    page = await on_stage.page(f"/tasks/of/{contact.id}")
    assert "call back" in page
    assert "ask for the number" in page
    assert "مریم" in await on_stage.page("/tasks")


async def test_views(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", name="الهام")
    await post(on_stage, "/tasks", title="for Elham", owner=agent.actor.id)
    assert "for Elham" not in await on_stage.page("/tasks")
    assert "for Elham" in await on_stage.page("/tasks?view=given")
    assert "for Elham" in await on_stage.page("/tasks?view=all")
    assert "for Elham" in await agent.page("/tasks")
    assert 'href="/tasks?view=all"' not in await agent.page("/tasks?view=all")
    assert (await post(agent, "/tasks", title=""))[0] == 422


async def test_others_are_refused(on_stage: Stage) -> None:
    task = await on_stage.services.crm.tasks.create(on_stage.actor, TaskDraft(title="mine"))
    agent = await on_stage.as_role("agent")
    assert (await post(agent, f"/tasks/{task.id}/done"))[0] == 422
