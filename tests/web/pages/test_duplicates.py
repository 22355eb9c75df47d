"""Duplicates as a browser without script sees them, and the fragments of one with it."""

from __future__ import annotations

from crm_core.contacts.model import Draft, DraftNumber, Party
from tests.web.conftest import Stage

EVIL = "<script>alert(1)</script>"
BOX = {"HX-Request": "true"}


async def make(on_stage: Stage, name: str, number: str = "09129990011", **values: object) -> Party:
    draft = Draft(name=name, numbers=(DraftNumber(number),), **values)  # type: ignore[arg-type]
    return await on_stage.services.crm.contacts.create(on_stage.actor, "person", draft)


async def look(on_stage: Stage) -> None:
    await on_stage.services.crm.duplicate_watch.look_through()


async def send(on_stage: Stage, what: str, **data: str) -> tuple[int, str]:
    return await on_stage.send("POST", f"/contacts/duplicates/{what}", data=data)


async def test_the_first_day_teaches(on_stage: Stage) -> None:
    assert "No duplicates" in await on_stage.page("/contacts/duplicates?lang=en")


async def test_a_pair_side_by_side_with_why(on_stage: Stage) -> None:
    one = await make(on_stage, "علی رضایی", position="مدیر", tags=("الف",))
    other = await make(on_stage, EVIL, "+989129990011")
    await look(on_stage)
    page = await on_stage.page("/contacts/duplicates?lang=en")
    assert "Same number" in page
    assert "<script>alert" not in page
    for party in (one, other):
        assert f'name="into" value="{party.id}"' in page
        assert f'name="choice.name" value="{party.id}"' in page
    assert 'name="choice.position"' not in page, "one of them has none"


async def test_merged_with_choices_then_undone(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "علیرضا")
    ids = {"one": one.id, "other": other.id}
    status, _ = await send(on_stage, "merge", **ids, into=other.id, **{"choice.name": one.id})
    assert status == 303
    contacts = on_stage.services.crm.contacts
    merged = await contacts.get(on_stage.actor, one.id)
    assert (merged.id, merged.name) == (other.id, "علی")
    shown = await on_stage.page(f"/duplicates/of/{other.id}?lang=en")
    assert "Undo the merge" in shown
    assert "30 days" in shown
    status, _ = await send(on_stage, "undo", id=other.id)
    assert status == 303
    assert (await contacts.get(on_stage.actor, one.id)).name == "علی"


async def test_with_script_the_card_becomes_what_happened(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "علیرضا")
    data = {"one": one.id, "other": other.id, "into": one.id}
    async with on_stage.http.post(
        f"{on_stage.url}/contacts/duplicates/merge?lang=en", data=data, headers=BOX
    ) as answer:
        assert answer.status == 200
        text = await answer.text()
    assert "Merged." in text
    assert f'name="id" value="{one.id}"' in text


async def test_told_apart(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "علیرضا")
    assert (await send(on_stage, "dismiss", one=one.id, other=other.id))[0] == 303
    await look(on_stage)
    assert "No duplicates" in await on_stage.page("/contacts/duplicates?lang=en")


async def test_any_two_can_be_held_together(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "سارا", "09359990011")
    assert "سارا" in await on_stage.page(f"/duplicates/of/{one.id}?text=سار&lang=en")
    page = await on_stage.page(f"/contacts/duplicates/{one.id}/{other.id}?lang=en")
    assert "Not the same" not in page
    assert 'name="choice.name"' in page
    status, text = await send(on_stage, "merge", one=one.id, other=other.id, into="stranger")
    assert status == 422
    assert "Choose which of the two stays." in text or "کدام" in text


async def test_what_is_refused(on_stage: Stage) -> None:
    one = await make(on_stage, "علی")
    assert (await send(on_stage, "merge", one=one.id, other="nobody", into=one.id))[0] == 404
    assert (await send(on_stage, "merge"))[0] in (404, 422)
    assert (await send(on_stage, "undo", id=one.id))[0] == 404
    assert (await on_stage.go(f"/contacts/duplicates/{one.id}/nobody"))[0] == 404
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/contacts/duplicates"))[0] == 403
