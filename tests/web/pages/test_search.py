"""The search box's fragment and the page of its own."""

from __future__ import annotations

import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party
from tests.web import sample
from tests.web.conftest import Stage

EVIL = "<script>alert(1)</script>"
BOX = {"HX-Request": "true"}


async def person(on_stage: Stage, kind: str = "person", **draft: object) -> Party:
    return await on_stage.services.crm.contacts.create(on_stage.actor, kind, Draft(**draft))  # type: ignore[arg-type]


async def box(on_stage: Stage, typed: str, lang: str = "fa") -> str:
    return await on_stage.page(f"/search?lang={lang}&q={typed}", **BOX)


async def test_a_person_by_name_number_and_note(on_stage: Stage) -> None:
    made = await person(on_stage, name="علی‌رضا کریمی", company_name="پارس تک", numbers=(DraftNumber("09129990011"),))
    await on_stage.services.crm.notes.write(on_stage.actor, "پیگیری سفارش تازه", made.id)
    for typed in ("علیرضا", "علي رضا", "۰۹۱۲۹۹۹", "9990011", "سفارش"):
        found = await box(on_stage, typed)
        assert f'href="/contacts/{made.id}"' in found, typed
        assert 'role="option"' in found
    assert "<mark>علی‌رضا</mark>" in await box(on_stage, "علیرضا")
    assert "۰<mark>۹۱۲ ۹۹۹</mark>" in await box(on_stage, "0912999")
    assert "<mark>سفارش</mark>" in await box(on_stage, "سفارش")


async def test_calls_by_number(on_stage: Stage) -> None:
    record = next(one for one in sample.log() if one.direction == "inbound" and one.caller.raw)
    found = await box(on_stage, record.caller.raw or "")
    assert "/calls/" in found
    assert "/calls?number=" in found
    assert "/calls/" not in await box(on_stage, "مریم")


async def test_nothing_found_offers_a_new_contact(on_stage: Stage) -> None:
    assert "/contacts/new?number=09359990011" in await box(on_stage, "09359990011")
    assert "/numbers/%2B989359990011" in await box(on_stage, "09359990011")
    assert "/contacts/new?name=" in await box(on_stage, "هیچ‌کس")
    assert (await box(on_stage, "")).strip() == ""


async def test_the_page_of_its_own(on_stage: Stage) -> None:
    await person(on_stage, "company", name="پارس تک")
    page = await on_stage.page("/search?q=پارس&lang=en")
    assert "Companies" in page
    assert 'value="پارس"' in page
    assert "Type a name in any spelling" in await on_stage.page("/search?lang=en")


@pytest.mark.parametrize(
    "typed", [EVIL, "%00", "%ED%A0%80", "a" * 5000, "'\"><img src=x>", "{{ 7*7 }}", "%", "0" * 300]
)
async def test_hostile_questions(on_stage: Stage, typed: str) -> None:
    await person(on_stage, name=EVIL)
    found = await box(on_stage, typed)
    assert "<script>" not in found
    assert "<img" not in found


async def test_who_may_see_what(on_stage: Stage) -> None:
    made = await person(on_stage, name="مریم", numbers=(DraftNumber("09129990011"),))
    roles = on_stage.services.crm.roles
    blind = await roles.create(on_stage.actor, "blind", frozenset(("contacts.view",)))
    seen = await (await on_stage.as_role(blind.id)).page("/search?lang=en&q=مریم", **BOX)
    assert made.id in seen
    assert "999" not in seen
    caller = await roles.create(on_stage.actor, "caller", frozenset(("calls.view_all", "numbers.view")))
    assert made.id not in await (await on_stage.as_role(caller.id)).page("/search?q=مریم", **BOX)
    status, _ = await (await on_stage.as_nobody()).go("/search?q=x", **BOX)
    assert status == 401
