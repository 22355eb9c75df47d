"""Notes sent in the background: taken, or refused with a sentence; without script the page comes again."""

from __future__ import annotations

from tests.crm_core.timeline.people import party
from tests.web.conftest import Stage
from tests.web.pages.streams import post


async def test_written_changed_deleted(on_stage: Stage) -> None:
    crm, contact = on_stage.services.crm, await party(on_stage.services.crm, "مریم")
    assert await post(on_stage, "/notes", text="hello", party=contact.id) == (204, "")
    (note,) = (await crm.notes.page(on_stage.actor, party=contact.id)).items
    assert await post(on_stage, f"/notes/{note.id}", text="changed") == (204, "")
    assert (await crm.notes.get(on_stage.actor, note.id)).text == "changed"
    assert await post(on_stage, f"/notes/{note.id}/delete") == (204, "")
    assert (await crm.notes.page(on_stage.actor)).items == ()


async def test_refused_in_the_readers_language(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    assert await post(on_stage, "/notes?lang=fa", text=" ", party=contact.id) == (422, "نخست چیزی بنویسید.")
    status, why = await post(on_stage, "/notes?lang=en", text="x" * 10_001, party=contact.id)
    assert (status, why) == (422, "A note has at most 10000 characters; this one has 10001.")


async def test_without_script_the_page_comes_again(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    assert (await post(on_stage, "/notes", script=False, text="x", party=contact.id))[0] == 303
    assert (await post(on_stage, "/notes", script=False, text="", party=contact.id))[0] == 400


async def test_mentions_are_listed_and_read(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    agent = await on_stage.as_role("agent", name="الهام یوسفی")
    await post(on_stage, "/notes", text="@الهام یوسفی ببین", party=contact.id)
    page = await agent.page("/mentions")
    assert "mention new" in page
    (found,) = (await on_stage.services.crm.notes.mentions(agent.actor)).items
    assert (await post(agent, f"/notes/{found.note.id}/seen"))[0] == 204
    assert "mention new" not in await agent.page("/mentions")


async def test_who_may_not_is_told(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    note = await on_stage.services.crm.notes.write(on_stage.actor, "x", contact.id)
    agent = await on_stage.as_role("agent")
    status, why = await post(agent, f"/notes/{note.id}?lang=en", text="y")
    assert status == 422
    assert on_stage.actor.name in why
