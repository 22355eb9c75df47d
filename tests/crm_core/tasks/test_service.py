"""Tasks: given, listed by when they are due, done, opened again, taken away; in streams and in the trail."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.audit.service import AuditFilter
from crm_core.tasks.events import TaskChanged
from crm_core.tasks.model import Task, TaskDraft, TaskFilter
from crm_core.timeline.calls import entry_of
from crm_core.timeline.model import of_call, of_number, of_party
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.timeline.people import BLIND, ELHAM, MOBILE, SINA, STRANGER, call, party
from tests.crm_core.timeline.test_service import stream, whole
from tests.crm_core.users import people
from web.services import Crm

OTHER = Actor("u9", "Omid", permissions=frozenset({"tasks.use"}))


async def make(crm: Crm, title: str, actor: Actor = SINA, **more: Any) -> Task:
    return await crm.tasks.create(actor, TaskDraft(title=title, **more))


async def titles(crm: Crm, actor: Actor = SINA, **wanted: Any) -> list[str]:
    """All pages, two at a time."""
    found: list[str] = []
    cursor = None
    while True:
        page = await crm.tasks.page(actor, TaskFilter(**wanted), cursor, 2)
        found += [task.title for task in page.items]
        if (cursor := page.next) is None:
            return found


async def test_by_when_they_are_due_then_done_ones(crm: Crm, clock: ManualClock) -> None:
    now = clock.now()
    for title, due in (("later", now + 90_000), ("never", None), ("late", now - 5), ("soon", now + 5)):
        await make(crm, title, due_at=due)
    by_day = await make(crm, "by day", due_day="2026-11-22")
    assert by_day.due_at is not None
    for title in ("done first", "done last"):
        clock.advance(1)
        await crm.tasks.done(SINA, (await make(crm, title)).id)
    opened = ["late", "soon", "by day", "later", "never"]
    assert await titles(crm, owner="u2") == opened
    assert await titles(crm, owner="u2", open=None) == [*opened, "done last", "done first"]
    assert await titles(crm, owner="u2", open=False) == ["done last", "done first"]
    assert await titles(crm, due_before=now) == ["late"]
    assert await titles(crm, due_from=now + 80_000) == ["later"]
    with pytest.raises(InvalidError, match="cursor"):
        await crm.tasks.page(SINA, TaskFilter(), "x")


async def test_done_and_open_again_stand_in_the_stream(crm: Crm, clock: ManualClock) -> None:
    maryam = await party(crm, "مریم")
    one = await make(crm, "call back", party=maryam.id)
    clock.advance(60)
    assert (await crm.tasks.done(SINA, one.id)).done_by_name == "Sina"
    done, made = await whole(crm, of_party(maryam.id))
    assert (done.facts.event, done.facts.by, made.facts.event, made.facts.open) == ("done", "Sina", "made", False)
    assert (await crm.tasks.done(SINA, one.id)).done_at == clock.now()
    await crm.tasks.done(SINA, one.id, False)
    (made,) = await whole(crm, of_party(maryam.id))
    assert made.facts.open
    assert await titles(crm, party=maryam.id) == ["call back"]
    await crm.tasks.delete(SINA, one.id)
    assert await stream(crm, of_party(maryam.id)) == []
    with pytest.raises(NotFoundError):
        await crm.tasks.get(SINA, one.id)
    trail = (await crm.audit.page(ELHAM, AuditFilter(kind="task", id=one.id))).items
    assert [entry.action for entry in trail] == ["deleted", "changed", "changed", "created"]


async def test_given_to_a_colleague(crm: Crm, told: list[object]) -> None:
    omid = await people.make(crm, "omid", "agent", name="امید")
    one = await make(crm, "yours", owner=omid.id)
    event = next(event for event in told if isinstance(event, TaskChanged))
    assert (event.given, event.task.owner_name, event.by) == (True, "امید", "u2")
    assert await titles(crm, made_by="u2") == ["yours"]
    assert await titles(crm, owner="u2") == []
    changed = await crm.tasks.change(SINA, one.id, TaskDraft(title="yours, soon", due_day="2026-12-01"))
    assert (changed.title, changed.due_day) == ("yours, soon", "2026-12-01")
    cleared = await crm.tasks.change(SINA, one.id, TaskDraft(due_at=None))
    assert (cleared.due_at, cleared.due_day) == (None, None)
    with pytest.raises(InvalidError, match="colleague"):
        await crm.tasks.change(SINA, one.id, TaskDraft(owner="nobody"))


async def test_others_tasks_are_others(crm: Crm) -> None:
    mine = await make(crm, "mine")
    hers = await make(crm, "hers", ELHAM)
    assert await titles(crm, OTHER) == []
    assert await titles(crm, SINA) == ["mine"]
    assert sorted(await titles(crm, ELHAM)) == ["hers", "mine"]
    for doing in (crm.tasks.done(OTHER, mine.id), crm.tasks.delete(SINA, hers.id)):
        with pytest.raises(ForbiddenError):
            await doing
    with pytest.raises(NotFoundError):
        await crm.tasks.get(OTHER, mine.id)
    with pytest.raises(ForbiddenError, match="view_all"):
        await crm.tasks.page(SINA, TaskFilter(team="t"))
    with pytest.raises(ForbiddenError):
        await crm.tasks.page(STRANGER, TaskFilter())
    with pytest.raises(ForbiddenError, match="contacts"):
        await crm.tasks.page(OTHER, TaskFilter(party="p"))
    with pytest.raises(ForbiddenError, match="tasks"):
        await make(crm, "x", BLIND)


async def test_of_a_team(crm: Crm) -> None:
    admin = await people.actor(crm)
    team = await crm.teams.create(admin, "فروش")
    omid = await people.make(crm, "omid", "agent", teams=(team.id,))
    await make(crm, "team's", ELHAM, owner=omid.id)
    await make(crm, "mine", ELHAM)
    assert await titles(crm, ELHAM, team=team.id) == ["team's"]


async def test_about_a_call(crm: Crm) -> None:
    one = call(1)
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(one))
    task = await make(crm, "about it", call=one.id)
    assert await stream(crm, of_number(MOBILE), "task") == [f"{task.id}:made"]
    async with crm.database.transaction() as tx:
        await crm.tasks.follow(tx, one.id, call(0).id)
    assert await stream(crm, of_call(call(0).id)) == [f"{task.id}:made"]
    assert await titles(crm, call=call(0).id) == ["about it"]


@pytest.mark.parametrize(
    "draft",
    [
        TaskDraft(),
        TaskDraft(title=" \n"),
        TaskDraft(title="x" * 201),
        TaskDraft(title="x", text="y" * 10_001),
        TaskDraft(title="x", due_day="2026-02-31"),
        TaskDraft(title="x", due_at=-1.0),
        TaskDraft(title="x", call="a\0"),
    ],
)
async def test_what_is_no_task(crm: Crm, draft: TaskDraft) -> None:
    with pytest.raises(InvalidError):
        await crm.tasks.create(SINA, draft)


async def test_about_nobody(crm: Crm) -> None:
    with pytest.raises(NotFoundError):
        await make(crm, "x", party="no\0body")
