"""Lists: every filter narrows to whom it should, in the right order, and pages neither lose nor repeat anybody."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.contacts.model import Draft, DraftNumber, PartyFilter, PartyMail
from crm_core.fields.model import Choice
from crm_core.fields.service import Change
from cti.kernel.actor import system
from cti.kernel.clock import ManualClock
from cti.kernel.errors import InvalidError
from web.services import Crm

US = system("test")


@pytest.fixture
async def folk(crm: Crm, clock: ManualClock) -> dict[str, str]:
    """Four people and a company; their ids by name."""
    fields = crm.fields
    await fields.create(US, "person", "credit", "money", Change(en="Credit"))
    await fields.create(US, "person", "grade", "choice", Change(en="Grade", choices=(Choice("a"), Choice("b"))))
    await fields.create(US, "person", "memo", "text", Change(en="Memo"))
    made = {}
    for name, draft in {
        "Vahid": {
            "tier": "vip",
            "tags": ("Gold", "north"),
            "fields": {"credit": 500, "grade": "a", "memo": "likes tea"},
        },
        "آرش": {"roles": ("supplier",), "numbers": (DraftNumber("09121112233"),), "fields": {"credit": 900}},
        "پرویز": {"company_name": "سپهر", "do_not_call": True, "source": "fair", "mails": (PartyMail("p@x.example"),)},
        "بابک": {"tags": ("north",), "roles": ("customer", "supplier"), "fields": {"grade": "b"}},
    }.items():
        clock.advance(10)
        made[name] = (await crm.contacts.create(US, "person", Draft(name=name, **draft))).id  # type: ignore[arg-type]
    return made


async def names(crm: Crm, **wanted: Any) -> list[str]:
    page = await crm.contacts.page(US, PartyFilter(**{"kind": "person", **wanted}))
    assert await crm.contacts.count(US, PartyFilter(**{"kind": "person", **wanted})) == len(page.items)
    return [one.name for one in page.items]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["آرش", "بابک", "پرویز", "Vahid"]),
        ({"order": "changed"}, ["بابک", "پرویز", "آرش", "Vahid"]),
        ({"order": "created"}, ["بابک", "پرویز", "آرش", "Vahid"]),
        ({"kind": "company"}, ["سپهر"]),
        ({"kind": None}, ["آرش", "بابک", "پرویز", "سپهر", "Vahid"]),
        ({"tag": "gold"}, ["Vahid"]),
        ({"tag": "NORTH"}, ["بابک", "Vahid"]),
        ({"tag": "north", "role": "customer"}, ["بابک"]),
        ({"tag": "north", "order": "changed"}, ["بابک", "Vahid"]),
        ({"tag": "no\0ne"}, []),
        ({"role": "supplier"}, ["آرش", "بابک"]),
        ({"tier": "vip"}, ["Vahid"]),
        ({"tier": ""}, ["آرش", "بابک", "پرویز"]),
        ({"owner": ""}, ["آرش", "بابک", "پرویز", "Vahid"]),
        ({"owner": "somebody"}, []),
        ({"team": "north"}, []),
        ({"source": "fair"}, ["پرویز"]),
        ({"do_not_call": True}, ["پرویز"]),
        ({"do_not_call": False}, ["آرش", "بابک", "Vahid"]),
        ({"has_number": True}, ["آرش"]),
        ({"has_number": False}, ["بابک", "پرویز", "Vahid"]),
        ({"text": "وح"}, []),
        ({"text": "vah"}, ["Vahid"]),
        ({"text": "912111"}, ["آرش"]),
        ({"text": "p@x"}, ["پرویز"]),
        ({"text": "سپهر"}, ["پرویز"]),
        ({"fields": (("credit", "is", "500"),)}, ["Vahid"]),
        ({"fields": (("credit", "least", "۶۰۰"),)}, ["آرش"]),
        ({"fields": (("credit", "most", "1000"),)}, ["آرش", "Vahid"]),
        ({"fields": (("credit", "empty", ""),)}, ["بابک", "پرویز"]),
        ({"fields": (("grade", "is", "b"),)}, ["بابک"]),
        ({"fields": (("memo", "contains", "TEA"),)}, ["Vahid"]),
        ({"fields": (("memo", "contains", "%"),)}, []),
        ({"deleted": True}, []),
    ],
    ids=str,
)
async def test_filters(crm: Crm, folk: dict[str, str], wanted: dict[str, Any], found: list[str]) -> None:
    assert await names(crm, **wanted) == found


async def test_days(crm: Crm, folk: dict[str, str], clock: ManualClock) -> None:
    now = clock.now()
    assert await names(crm, created_from=now) == ["بابک"]
    assert await names(crm, created_from=now - 20, created_to=now) == ["آرش", "پرویز"]
    clock.advance(100)
    await crm.contacts.change(US, folk["آرش"], Draft(position="x"))
    assert await names(crm, changed_from=now + 1) == ["آرش"]
    assert await names(crm, changed_to=now + 1) == ["بابک", "پرویز", "Vahid"]


async def test_a_company_and_its_people(crm: Crm, folk: dict[str, str]) -> None:
    company = (await crm.contacts.page(US, PartyFilter(kind="company"))).items[0]
    assert await names(crm, company=company.id) == ["پرویز"]


async def test_the_trash_newest_first(crm: Crm, folk: dict[str, str], clock: ManualClock) -> None:
    for name in ("آرش", "Vahid"):
        clock.advance(1)
        await crm.contacts.delete(US, folk[name])
    assert await names(crm, deleted=True) == ["Vahid", "آرش"]
    assert await names(crm) == ["بابک", "پرویز"]
    assert await names(crm, tag="north") == ["بابک"]


@pytest.mark.parametrize(
    "wanted", [{}, {"order": "changed"}, {"tag": "t"}, {"text": "نام"}, {"role": "customer"}], ids=str
)
async def test_pages_neither_lose_nor_repeat(crm: Crm, wanted: dict[str, Any]) -> None:
    drafts = [("person", Draft(name=f"نام {n % 7}", tags=("t",), roles=("customer",))) for n in range(60)]
    async with crm.database.transaction() as tx:
        made = await crm.contacts.write_many(tx, US, drafts)  # type: ignore[arg-type]
    seen: list[str] = []
    cursor = None
    while True:
        page = await crm.contacts.page(US, PartyFilter(**wanted), cursor, 7)
        seen += [one.id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 60
    assert set(seen) == {one.id for one in made}


async def test_counting_stops_where_told(crm: Crm, folk: dict[str, str]) -> None:
    assert await crm.contacts.count(US, PartyFilter(), most=2) == 2


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "bnVsbA", "WyJhIiwiYiIsImMiXQ", "!" * 5000])
async def test_a_cursor_of_somebody_elses(crm: Crm, cursor: str) -> None:
    with pytest.raises(InvalidError):
        await crm.contacts.page(US, PartyFilter(), cursor)


async def test_a_field_that_there_is_not(crm: Crm) -> None:
    for fields in ((("nothing", "is", "1"),), (("nothing" * 100, "like", "\0"),)):
        with pytest.raises(InvalidError):
            await crm.contacts.page(US, PartyFilter(fields=fields))
