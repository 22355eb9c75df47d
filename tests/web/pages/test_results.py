"""The form after a call, and the page on which its choices are made; also without script."""

from __future__ import annotations

import re

from crm_core.results.model import Disposition
from crm_core.results.service import ResultDraft
from crm_core.tasks.model import TaskFilter
from crm_core.timeline.calls import entry_of
from crm_core.timeline.kinds.call import key_of
from cti.live.record import CallRecord
from tests.web import sample
from tests.web.conftest import Stage
from web.pages.results import queue_of


def a_call(extension: str = "205") -> CallRecord:
    """The last call of the sample that this phone talked in."""
    records = sorted(sample.log(), key=lambda record: record.started_at or 0, reverse=True)
    return next(r for r in records if any(x.extension == extension and x.talk_seconds for x in r.legs))


async def test_the_form_of_a_call(on_stage: Stage) -> None:
    call = a_call()
    agent = await on_stage.as_role("agent", extensions=("205",))
    text = await agent.page(f"/work/result/{call.id}")
    assert "<html" in text and 'value="resolved" data-key="1"' in text and 'data-of="complaint"' in text
    part = await agent.page(f"/work/result/{call.id}", **{"HX-Request": "true"})
    assert "<html" not in part and "<tamas-callnote" in part
    other = await on_stage.as_role("agent", extensions=("999",))
    assert (await other.go(f"/work/result/{call.id}"))[0] == 404


async def test_saved_with_a_detail_a_note_and_a_follow_up(on_stage: Stage) -> None:
    call, crm = a_call(), on_stage.services.crm
    agent = await on_stage.as_role("agent", extensions=("205",))
    form = {
        "disposition": "complaint",
        "detail-complaint": "complaint-bill",
        "detail-sale": "sale-ordered",  # of another result: not his choice
        "note": "نسخهٔ دوم",
        "follow": "3",
    }
    assert (await agent.send("POST", f"/work/result/{call.id}", data=form))[0] == 303
    told = await crm.results.of_call(agent.actor, call.id)
    assert told.result is not None and told.result.disposition == "complaint-bill"
    assert [note.text for note in told.notes] == ["نسخهٔ دوم"]
    (task,) = (await crm.tasks.page(agent.actor, TaskFilter(owner=agent.actor.id))).items
    assert (task.due_day, task.call) == ("2026-11-25", call.id)
    assert task.title.startswith("تماس دوباره")
    text = await agent.page(f"/work/result/{call.id}")
    assert re.search(r'value="complaint-bill"[^>]* checked', text) and "نسخهٔ دوم" in text


async def test_what_is_refused_is_said(on_stage: Stage) -> None:
    call = a_call()
    for form, why in (
        ({}, "نتیجهٔ دیگری"),
        ({"disposition": "complaint"}, "یادداشت می‌خواهد"),
        ({"disposition": "resolved", "follow": "day", "day": "x"}, "2026-11-22"),
    ):
        status, text = await on_stage.send("POST", f"/work/result/{call.id}", data=form)
        assert status == 400 and why in text, text
    request = on_stage.http.post(
        f"{on_stage.url}/work/result/{call.id}", data={}, headers={"X-Tamas-Script": "1"}, allow_redirects=False
    )
    async with request as response:
        assert response.status == 422 and "نتیجهٔ دیگری" in await response.text()


async def test_the_queue_decides_what_is_offered(on_stage: Stage) -> None:
    call = next(r for r in sample.log() if r.queue and any(x.extension == "205" for x in r.legs))
    part = await on_stage.services.crm.results.part(on_stage.actor, call.id)
    assert queue_of(part) == call.queue
    await on_stage.services.crm.dispositions.copy(on_stage.actor, call.queue or "")
    own = (await on_stage.services.crm.dispositions.of_queue(on_stage.actor, call.queue or ""))[0].one
    assert f'value="{own.id}"' in await on_stage.page(f"/work/result/{call.id}")


async def made(on_stage: Stage, **form: str) -> Disposition:
    assert (await on_stage.send("POST", "/admin/results", data=form))[0] == 303
    known = await on_stage.services.crm.dispositions.known()
    return next(one for one in known.values() if one.label_fa == form["label_fa"])


async def test_made_changed_moved_removed(on_stage: Stage) -> None:
    one = await made(
        on_stage, label_fa="مشاوره", shape="info", tone="positive", needs_note="on", follow_up_days="۲", parent=""
    )
    assert (one.shape, one.needs_note, one.follow_up_days) == ("info", True, 2)
    text = await on_stage.page("/admin/results")
    assert f'id="r-{one.id}"' in text and "مشاوره" in text
    detail = await made(on_stage, label_fa="قیمت", parent=one.id)
    assert detail.parent == one.id
    assert (await on_stage.send("POST", f"/admin/results/{one.id}/move", data={"to": "up"}))[0] == 303
    change = {"label_fa": "راهنمایی", "active": "on", "version": "1"}
    assert (await on_stage.send("POST", f"/admin/results/{one.id}", data=change))[0] == 303
    status, text = await on_stage.send("POST", f"/admin/results/{one.id}", data=change | {"label_fa": "ب"})
    assert status == 422 and "دوباره نگاه کنید" in text
    assert (await on_stage.send("POST", f"/admin/results/{one.id}/remove", data={}))[0] == 303
    assert one.id not in await on_stage.services.crm.dispositions.known()


async def test_what_is_refused_comes_back_as_typed(on_stage: Stage) -> None:
    for form, why in (
        ({"label_fa": "<i>Advice</i>" + "x" * 60}, "نویسه"),
        ({"label_fa": "<i>Advice</i>", "follow_up_days": "دو"}, "با عدد"),
        ({"label_fa": "<i>Advice</i>", "follow_up_days": "999"}, "365"),
    ):
        status, text = await on_stage.send("POST", "/admin/results", data=form)
        assert status == 422 and why in text and "&lt;i&gt;Advice" in text, text


async def test_a_queue_of_its_own(on_stage: Stage) -> None:
    queue = next(record.queue for record in sample.log() if record.queue)
    assert (await on_stage.send("POST", "/admin/results/queue", data={"queue": queue}))[0] == 303
    assert queue in await on_stage.page(f"/admin/results?queue={queue}")
    assert (await on_stage.send("POST", "/admin/results/queue", data={"queue": queue}))[0] == 422
    assert (await on_stage.go("/admin/results?queue=none"))[0] == 200


async def test_it_is_shown_wherever_the_call_is(on_stage: Stage) -> None:
    crm, call = on_stage.services.crm, a_call()
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(call))
    draft = ResultDraft(disposition="complaint-bill", note="صورتحساب اشتباه")
    await crm.results.save(on_stage.actor, call.id, draft)
    key = key_of(call)
    for path, part in (
        (f"/calls/{call.id}", "شکایت › صورتحساب"),
        ("/calls?from=", "شکایت"),
        (f"/timeline/number/{key}", "صورتحساب اشتباه"),
        (f"/timeline/call/{call.id}", "صورتحساب اشتباه"),
        ("/calls/export?format=csv&from=", "شکایت › صورتحساب"),
        ("/calls/export?format=csv&from=", "صورتحساب اشتباه"),
    ):
        assert part in await on_stage.page(path), path


async def test_numbers_in_notes_are_masked_for_who_may_not_see_them(on_stage: Stage) -> None:
    call = a_call()
    draft = ResultDraft(disposition="resolved", note="شمارهٔ تازه 09123456789")
    await on_stage.services.crm.results.save(on_stage.actor, call.id, draft)
    role = await on_stage.services.crm.roles.create(on_stage.actor, "blind", ("calls.view_all", "contacts.view"))
    assert "3456789" not in await (await on_stage.as_role(role.id)).page(f"/timeline/call/{call.id}")


async def test_the_log_narrows_to_a_result(on_stage: Stage) -> None:
    call = a_call()
    await on_stage.services.crm.results.save(on_stage.actor, call.id, ResultDraft(disposition="sale-ordered"))
    for result, there in (("sale", True), ("sale-ordered", True), ("sale-declined", False), ("resolved", False)):
        text = await on_stage.page(f"/calls?from=&result={result}")
        assert (f'id="call-{call.id}"' in text) is there, result
        answer = await on_stage.page(f"/api/v1/calls?disposition={result}")
        assert (call.id in answer) is there, result
    assert "فروش › سفارش داد" in await on_stage.page("/calls?from=&result=sale-ordered")
    assert "چنین گزینه‌ای نیست" in await on_stage.page("/calls?from=&result=none")
    exported = await on_stage.page("/calls/export?format=csv&from=&result=sale")
    assert len(exported.strip().splitlines()) == 2
