"""How a call came out: said by who had a part in it, with its follow-up, and still there when calls become one."""

from __future__ import annotations

import pytest

from call_log.store import CallStore
from crm_core.audit.service import AuditFilter
from crm_core.results.events import ResultSaved
from crm_core.results.model import Said
from crm_core.results.notes import NoteDraft
from crm_core.results.service import ResultDraft
from crm_core.tasks.model import TaskDraft, TaskFilter
from crm_core.timeline.calls import entry_of
from crm_core.timeline.events import TimelineChanged
from crm_core.timeline.model import of_call
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.results.calls import BOSS, NIMA, OUTSIDER, SARA, STRANGER, logged
from tests.crm_core.timeline.test_service import whole
from web.services import Crm


async def test_result_note_and_follow_up_in_one(crm: Crm, clock: ManualClock, told: list[object]) -> None:
    one = await logged(crm)
    task = TaskDraft(title="call back", due_day="2026-11-23")
    saved = await crm.results.save(
        SARA, one.id, ResultDraft(disposition="follow-up-call", note="promised for noon", task=task)
    )
    (made,) = (await crm.tasks.page(SARA, TaskFilter(call=one.id))).items
    assert (made.id, made.title, made.due_day, made.call) == (saved.task, "call back", "2026-11-23", one.id)
    assert ResultSaved("u2", one.id, "follow-up-call", clock.now()) in told
    said = await crm.results.of_call(NIMA, one.id)
    assert said.result == saved
    assert [part.label("en") for part in saved.path] == ["Needs follow-up", "Promised to call back"]
    assert [note.text for note in said.notes] == ["promised for noon"]
    entry = next(item for item in await whole(crm, of_call(one.id)) if item.kind == "result")
    assert entry.facts.en == ("Needs follow-up", "Promised to call back")
    assert (entry.facts.shape, entry.facts.note, entry.facts.task) == ("clock", "promised for noon", made.id)
    trail = (await crm.audit.page(BOSS, AuditFilter(kind="call", id=one.id))).items
    assert trail[0].detail == {"disposition": "Promised to call back"}


async def test_a_follow_up_that_cannot_be_leaves_nothing_behind(crm: Crm, told: list[object]) -> None:
    one = await logged(crm)
    wrong = TaskDraft(title="x", owner="nobody")
    with pytest.raises(InvalidError):
        await crm.results.save(SARA, one.id, ResultDraft(disposition="resolved", note="kept?", task=wrong))
    assert await crm.results.of_call(SARA, one.id) == Said(one.id)
    assert not [event for event in told if isinstance(event, ResultSaved)]


async def test_said_again_it_replaces(crm: Crm, clock: ManualClock) -> None:
    one = await logged(crm)
    first = ResultDraft(disposition="follow-up", task=TaskDraft(title="call back"))
    task = (await crm.results.save(SARA, one.id, first)).task
    clock.advance(60)
    again = await crm.results.save(SARA, one.id, ResultDraft(disposition="resolved"))
    assert again.task == task
    clock.advance(60)
    await crm.results.save(NIMA, one.id, ResultDraft(disposition="information"))
    said = await crm.results.of_call(BOSS, one.id)
    assert [(one.user_name, one.disposition) for one in said.results] == [("Nima", "information"), ("Sara", "resolved")]
    now = clock.now()
    assert await crm.results.counts(SARA, now - 3600, now + 1) == {"resolved": 1}
    assert await crm.results.counts(SARA, now - 3600, now - 3000) == {}


async def test_some_results_need_a_note(crm: Crm) -> None:
    one = await logged(crm)
    for note in (None, "  "):
        with pytest.raises(InvalidError, match="needs a note"):
            await crm.results.save(SARA, one.id, ResultDraft(disposition="complaint-bill", note=note))
    await crm.results.write_note(SARA, one.id, NoteDraft(text="typed while talking"))
    assert (await crm.results.save(SARA, one.id, ResultDraft(disposition="complaint-bill"))).task is None


async def test_who_may(crm: Crm) -> None:
    one = await logged(crm)
    draft = ResultDraft(disposition="resolved")
    assert (await crm.results.save(BOSS, one.id, draft)).user == "u1"
    for actor, error in ((OUTSIDER, NotFoundError), (STRANGER, ForbiddenError)):
        with pytest.raises(error):
            await crm.results.save(actor, one.id, draft)
        with pytest.raises(error):
            await crm.results.of_call(actor, one.id)
    with pytest.raises(InvalidError, match="no such result"):
        await crm.results.save(SARA, one.id, ResultDraft(disposition="none"))
    with pytest.raises(ForbiddenError):
        await crm.results.of_calls(STRANGER, [one.id])
    assert await crm.results.of_calls(SARA, []) == {}


async def test_it_is_news_in_the_streams_of_the_caller(crm: Crm, told: list[object]) -> None:
    one = await logged(crm)
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(one))
    told.clear()
    await crm.results.save(SARA, one.id, ResultDraft(disposition="resolved"))
    assert any(event.keys for event in told if isinstance(event, TimelineChanged))


async def test_two_calls_become_one(crm: Crm, clock: ManualClock) -> None:
    """What Sara said of each is joined, what Nima said of the one that is gone is of the other now."""
    gone, into = await logged(crm, 2), await logged(crm, 1)
    await crm.results.write_note(SARA, gone.id, NoteDraft(text="of the second"))
    clock.advance(1)
    await crm.results.write_note(SARA, into.id, NoteDraft(text="of the first"))
    await crm.results.write_note(NIMA, gone.id, NoteDraft(text="nima"))
    await crm.results.save(SARA, into.id, ResultDraft(disposition="resolved"))
    clock.advance(1)
    await crm.results.save(SARA, gone.id, ResultDraft(disposition="information"))
    store = CallStore(crm.database)
    async with crm.database.transaction() as tx:
        await store.merge(tx, gone.id, into.id)
        await crm.results.follow(tx, gone.id, into.id)
        await crm.results.follow(tx, gone.id, into.id)
    said = await crm.results.of_call(BOSS, into.id)
    assert {note.user_name: note.text for note in said.notes} == {"Sara": "of the second\nof the first", "Nima": "nima"}
    assert [result.disposition for result in said.results] == ["information"]
    assert {item.facts.by for item in await whole(crm, of_call(into.id))} == {"Sara", "Nima"}
    assert await whole(crm, of_call(gone.id)) == []
    note = await crm.results.write_note(SARA, gone.id, NoteDraft(text="by the old id"))
    assert note.call == into.id


async def test_what_was_noted_is_found(crm: Crm) -> None:
    one, other = await logged(crm, 1), await logged(crm, 2)
    await crm.results.write_note(SARA, one.id, NoteDraft(text="پالت چهارم کسر است"))

    async def found() -> list[str]:
        return [hit.text.call_id for hit in (await crm.search.find(BOSS, "پالت")).texts]

    assert await found() == [one.id]
    async with crm.database.transaction() as tx:
        await crm.results.follow(tx, one.id, other.id)
    assert await found() == [other.id]
    await crm.results.write_note(SARA, other.id, NoteDraft(text=""))
    assert await found() == []
