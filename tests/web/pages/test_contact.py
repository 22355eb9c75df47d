"""The page of one person or company, and what can be changed on it at once."""

from __future__ import annotations

import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party, PartyAddress, PartyLink, PartyMail
from tests.web.conftest import Stage

EVIL = '"><img src=x onerror=alert(1)>'
MARYAM = Draft(
    first_name="مریم",
    last_name="رستگار",
    honorific="خانم",
    company_name="البرز مهر",
    position="مدیر",
    tier="vip",
    numbers=(DraftNumber("09123456789", label="اصلی"), DraftNumber("021-88712340 داخلی 118")),
    mails=(PartyMail("m@alborz.example", "work"),),
    addresses=(PartyAddress("ولیعصر، ۱۲", "work", city="تهران"),),
    links=(PartyLink("https://alborz.example", "website"), PartyLink("@maryam", "telegram")),
    birth_date="1360/10/14",
    national_id="1234567890",
    tags=("دارو",),
    roles=("customer", "مربی"),
)


async def made(on_stage: Stage, draft: Draft = MARYAM) -> Party:
    return await on_stage.services.crm.contacts.create(on_stage.actor, "person", draft)


async def kept(on_stage: Stage, party: Party) -> Party:
    return await on_stage.services.crm.contacts.get(on_stage.actor, party.id)


async def test_everything_that_is_known(on_stage: Stage) -> None:
    page = await on_stage.page(f"/contacts/{(await made(on_stage)).id}?lang=fa")
    for text in (
        "مریم رستگار",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "۱۱۸",
        "m@alborz.example",
        "ولیعصر",
        "تهران",
        "@maryam",
        "دارو",
        "مربی",
    ):
        assert text in page
    assert "۱۴ دی ۱۳۶۰" in page
    assert "رقم کنترل" in page or "check digit" in page


@pytest.mark.parametrize("field", ["first_name", "honorific", "position", "source", "company_name"])
async def test_html_stays_text(on_stage: Stage, field: str) -> None:
    one = await made(on_stage, Draft(**{"last_name": "x", field: EVIL[:40]}))  # type: ignore[arg-type]
    assert "<img src=x" not in await on_stage.page(f"/contacts/{one.id}")
    assert "<img src=x" not in await on_stage.page(f"/contacts/{one.id}/edit")


async def test_quick_changes(on_stage: Stage) -> None:
    one = await made(on_stage)
    quick = f"/contacts/{one.id}/quick"
    for data in ({"tier": ""}, {"do_not_call": "yes"}, {"owner": on_stage.actor.id}):
        status, _ = await on_stage.send("POST", quick, data=data)
        assert status == 303
    now = await kept(on_stage, one)
    assert (now.tier, now.do_not_call, now.owner, now.version) == ("", True, on_stage.actor.id, 4)


async def test_tags_come_and_go(on_stage: Stage) -> None:
    one = await made(on_stage)
    await on_stage.send("POST", f"/contacts/{one.id}/tags", data={"add": "طلایی، نقره"})
    await on_stage.send("POST", f"/contacts/{one.id}/tags", data={"remove": "دارو"})
    assert (await kept(on_stage, one)).tags == ("طلایی", "نقره")


async def test_a_number_that_is_none(on_stage: Stage) -> None:
    one = await made(on_stage)
    status, page = await on_stage.send("POST", f"/contacts/{one.id}/number?lang=en", data={"number": "hello"})
    assert status == 422
    assert "it has no digits" in page


async def test_trash_and_back(on_stage: Stage) -> None:
    one = await made(on_stage)
    assert (await on_stage.send("POST", f"/contacts/{one.id}/delete"))[0] == 303
    page = await on_stage.page(f"/contacts/{one.id}")
    assert f"/contacts/{one.id}/restore" in page
    assert "برای همیشه پاک می‌شود" in page and "اسفند" in page  # 90 days later
    assert f"/contacts/{one.id}/quick" not in page
    assert one.name in await on_stage.page("/contacts?deleted=yes")
    assert (await on_stage.send("POST", f"/contacts/{one.id}/restore"))[0] == 303
    assert (await kept(on_stage, one)).live


async def test_a_company_lists_its_people(on_stage: Stage) -> None:
    one = await made(on_stage)
    page = await on_stage.page(f"/contacts/{one.company_id}")
    assert f'href="/contacts/{one.id}"' in page


async def test_for_who_may_less(on_stage: Stage) -> None:
    one = await made(on_stage)
    role = await on_stage.services.crm.roles.create(on_stage.actor, "blind", ("contacts.view",))
    blind = await on_stage.as_role(role.id)
    page = await blind.page(f"/contacts/{one.id}")
    assert "3456789" not in page
    assert "/quick" not in page
    assert "/edit" not in page
    assert "/delete" not in page
    assert (await blind.send("POST", f"/contacts/{one.id}/quick", data={"tier": ""}))[0] == 403


async def test_there_is_none(on_stage: Stage) -> None:
    for path in ("/contacts/nobody", "/contacts/%00", "/contacts/nobody/edit", "/contacts/..%2F..%2Fetc"):
        assert (await on_stage.go(path))[0] == 404
