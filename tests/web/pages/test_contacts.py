"""The list of people, as a browser without script sees it."""

from __future__ import annotations

import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party
from tests.web.conftest import Stage

EVIL = "<script>alert(1)</script>"


async def person(on_stage: Stage, **draft: object) -> Party:
    return await on_stage.services.crm.contacts.create(on_stage.actor, "person", Draft(**draft))  # type: ignore[arg-type]


async def test_the_first_day_teaches(on_stage: Stage) -> None:
    page = await on_stage.page("/contacts?lang=en")
    assert "Nobody here yet" in page
    assert "/contacts/new" in page


async def test_a_row(on_stage: Stage) -> None:
    await person(
        on_stage,
        name="مریم رستگار",
        company_name="البرز مهر",
        tier="vip",
        do_not_call=True,
        numbers=(DraftNumber("09123456789"), DraftNumber("02188712340")),
        tags=("دارو",),
        owner=on_stage.actor.id,
    )
    page = await on_stage.page("/contacts?kind=person&lang=fa")
    assert "مریم رستگار" in page
    assert "۰۹۱۲ ۳۴۵ ۶۷۸۹" in page
    assert "البرز مهر" in page
    assert 'title="ویژه"' in page
    assert "مدیر سامانه" in page


async def test_views_and_filters(on_stage: Stage) -> None:
    await person(on_stage, name="Vahid", tier="vip", tags=("gold",), owner=on_stage.actor.id)
    await person(on_stage, name="Shirin", do_not_call=True, source="fair")
    for query, names in {
        "tier=vip": ["Vahid"],
        "owner=me": ["Vahid"],
        "owner=nobody": ["Shirin"],
        "calls=no": ["Shirin"],
        "calls=yes": ["Vahid"],
        "tag=GOLD": ["Vahid"],
        "source=fair": ["Shirin"],
        "text=shir": ["Shirin"],
        "number=none&order=created": ["Shirin", "Vahid"],
        "created_since=2000-01-01": ["Shirin", "Vahid"],
        "created_until=2000-01-01": [],
        "changed_since=1300/01/01": ["Shirin", "Vahid"],
        "kind=company": [],
    }.items():
        page = await on_stage.page(f"/contacts?{query}")
        assert [name for name in ("Shirin", "Vahid") if f">{name}</bdi>" in page] == names, query


@pytest.mark.parametrize("query", ["order=x", "kind=x", "created_since=soon", "field_x=1", "tag=%00", "text=%00%00"])
async def test_what_cannot_be_read_narrows_nothing(on_stage: Stage, query: str) -> None:
    await person(on_stage, name="Vahid")
    assert (await on_stage.go(f"/contacts?{query}"))[0] == 200


async def test_html_stays_text(on_stage: Stage) -> None:
    await person(on_stage, name=EVIL, company_name=EVIL, position=EVIL, tags=(EVIL,), source=EVIL)
    for path in ("/contacts", f"/contacts?tag={EVIL}&text={EVIL}&source={EVIL}", "/contacts/companies"):
        assert "<script>alert" not in await on_stage.page(path)


async def test_pages_follow(on_stage: Stage) -> None:
    for n in range(60):
        await person(on_stage, name=f"نام {n:02}")
    page = await on_stage.page("/contacts")
    assert page.count("<tr data-href") == 50
    link = next(part for part in page.split('"') if part.startswith("/contacts?cursor="))
    rest = await on_stage.page(link.replace("&amp;", "&"))
    assert rest.count("<tr data-href") == 10


async def test_what_one_may_not_is_not_there(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    page = await agent.page("/contacts")
    assert ('href="/contacts/new"' in page) == agent.actor.may("contacts.edit")
    assert ('href="/import"' in page) == agent.actor.may("contacts.import")
    assert ("deleted=yes" in page) == agent.actor.may("contacts.delete")


async def test_to_whom_a_number_belongs(on_stage: Stage) -> None:
    one = await person(on_stage, name="Vahid")
    page = await on_stage.page("/contacts/attach?number=09123456789&text=vah")
    assert f"/contacts/{one.id}/number" in page
    status, _ = await on_stage.send("POST", f"/contacts/{one.id}/number", data={"number": "۰۹۱۲۳۴۵۶۷۸۹"})
    assert status == 303
    found = await on_stage.services.crm.contacts.get(on_stage.actor, one.id)
    assert [number.e164 for number in found.numbers] == ["+989123456789"]
