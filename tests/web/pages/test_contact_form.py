"""The form of people: what is typed arrives, and what is refused comes back as it was typed."""

from __future__ import annotations

import re

from crm_core.contacts.model import Draft, DraftNumber, Party, PartyFilter
from crm_core.fields.service import Change
from tests.web.conftest import Stage

PERSON = [
    ("of", "person"),
    ("part", "numbers"),
    ("first_name", "مریم"),
    ("last_name", "رستگار"),
    ("company_name", "البرز مهر"),
    ("birth_date", "۱۳۶۰/۱۰/۱۴"),
    ("national_id", "۰۰۸۴۵۷۵۹۴۸"),
    ("numbers.raw", "۰۹۱۲۳۴۵۶۷۸۹"),
    ("numbers.kind", ""),
    ("numbers.extension", ""),
    ("numbers.label", "اصلی"),
    ("numbers.raw", "02188712340"),
    ("numbers.kind", "work"),
    ("numbers.extension", "۱۱۸"),
    ("numbers.label", ""),
    ("mails.address", "m@alborz.example"),
    ("mails.kind", "work"),
    ("role", "customer"),
    ("other_roles", "مربی"),
    ("tags", "دارو، حمل سرد"),
    ("do_not_sms", "on"),
]


async def the_one(on_stage: Stage) -> Party:
    return (await on_stage.services.crm.contacts.page(on_stage.actor, PartyFilter(kind="person"))).items[0]


async def test_a_person_is_made(on_stage: Stage) -> None:
    assert 'name="numbers.raw" value="09351112233"' in await on_stage.page("/contacts/new?number=09351112233")
    assert (await on_stage.send("POST", "/contacts/new", data=PERSON))[0] == 303
    made = await the_one(on_stage)
    assert (made.name, made.company_name, made.birth_date) == ("مریم رستگار", "البرز مهر", "1982-01-04")
    assert [(n.e164, n.kind, n.extension, n.label) for n in made.numbers] == [
        ("+989123456789", "mobile", "", "اصلی"),
        ("+982188712340", "work", "118", ""),
    ]
    assert (made.roles, made.tags, made.do_not_sms) == (("customer", "مربی"), ("دارو", "حمل سرد"), True)
    assert made.national_id == "0084575948"


async def test_what_is_refused_comes_back(on_stage: Stage) -> None:
    wrong = [*PERSON, ("mails.address", "nobody<b>"), ("mails.kind", "home")]
    status, page = await on_stage.send("POST", "/contacts/new?lang=en", data=wrong)
    assert status == 422
    assert "is no e-mail address" in page
    for text in ("مریم", "رستگار", "۰۹۱۲۳۴۵۶۷۸۹", "nobody&lt;b&gt;", "دارو، حمل سرد", "۱۳۶۰/۱۰/۱۴"):
        assert text in page
    assert await on_stage.services.crm.contacts.count(on_stage.actor, PartyFilter()) == 0


async def test_one_row_more_without_script(on_stage: Stage) -> None:
    status, page = await on_stage.send("POST", "/contacts/new", data=[*PERSON, ("more", "numbers")])
    assert status == 200
    assert len(re.findall('name="numbers.raw"', page)) == 4  # two, the new one, and the template
    assert "دارو، حمل سرد" in page


async def test_saved_over_another(on_stage: Stage) -> None:
    await on_stage.send("POST", "/contacts/new", data=PERSON)
    made = await the_one(on_stage)
    edit = f"/contacts/{made.id}/edit"
    assert 'name="version" value="1"' in await on_stage.page(edit)
    await on_stage.services.crm.contacts.change(on_stage.actor, made.id, Draft(position="مدیر"))
    mine = [pair for pair in PERSON if pair[0] not in ("last_name",)] + [("last_name", "رستگاری"), ("version", "1")]
    status, page = await on_stage.send("POST", f"{edit}?lang=en", data=mine)
    assert status == 409
    assert "Somebody changed it" in page
    assert "رستگاری" in page
    assert 'name="version" value="2"' in page
    assert (await on_stage.send("POST", edit, data=[*mine[:-1], ("version", "2")]))[0] == 303
    assert (await the_one(on_stage)).last_name == "رستگاری"


async def test_numbers_stay_for_who_may_not_see_them(on_stage: Stage) -> None:
    draft = Draft(name="Vahid", numbers=(DraftNumber("09123456789"),))
    made = await on_stage.services.crm.contacts.create(on_stage.actor, "person", draft)
    role = await on_stage.services.crm.roles.create(on_stage.actor, "blind", ("contacts.view", "contacts.edit"))
    blind = await on_stage.as_role(role.id)
    page = await blind.page(f"/contacts/{made.id}/edit")
    assert "9123456789" not in page
    assert 'name="numbers.raw"' not in page
    sent = {"last_name": "Vahidi", "version": "1"}
    assert (await blind.send("POST", f"/contacts/{made.id}/edit", data=sent))[0] == 303
    now = await the_one(on_stage)
    assert (now.name, len(now.numbers), now.numbers[0].e164) == ("Vahidi", 1, "+989123456789")


async def test_custom_fields(on_stage: Stage) -> None:
    fields = on_stage.services.crm.fields
    await fields.create(on_stage.actor, "person", "credit", "money", Change(fa="اعتبار", en="Credit", required=True))
    status, _ = await on_stage.send("POST", "/contacts/new", data=[*PERSON, ("field_credit", "")])
    assert status == 422
    assert (await on_stage.send("POST", "/contacts/new", data=[*PERSON, ("field_credit", "۱٬۲۵۰")]))[0] == 303
    assert (await the_one(on_stage)).fields == {"credit": 1250}


async def test_a_company(on_stage: Stage) -> None:
    sent = {
        "of": "company",
        "name": "سپهر",
        "national_id": "10100302746",
        "part": "numbers",
        "numbers.raw": "02191004500",
    }
    assert (await on_stage.send("POST", "/contacts/new", data=sent))[0] == 303
    assert "سپهر" in await on_stage.page("/contacts?kind=company")


async def test_hostile_forms(on_stage: Stage) -> None:
    for data in (
        {},
        {"of": "nothing"},
        {"first_name": "x" * 100_000},
        {"first_name": "\0\ud83d".encode("utf-8", "replace").decode()},
        {"first_name": "a", "owner": "x" * 1000},
        {"first_name": "a", "part": "numbers", "numbers.raw": "9" * 5000},
        {"first_name": "a", "mails.address": "a@" + "b" * 9000},
        {"first_name": "a", "links.value": "javascript:alert(1)"},
        {"first_name": "a", "numbers.kind": "zzz", "numbers.raw": "0912", "part": "numbers"},
        {"more": "zzz"},
    ):
        status, _ = await on_stage.send("POST", "/contacts/new", data=data)
        assert status in (200, 303, 422), data
