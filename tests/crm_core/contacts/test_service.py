"""People and companies as users make, change, lose and find them again."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.audit.service import AuditFilter
from crm_core.contacts import store
from crm_core.contacts.events import PartyChanged
from crm_core.contacts.model import Draft, DraftNumber, PartyFilter, PartyMail
from cti.kernel.actor import NOBODY, Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from web.services import Crm

ELHAM = Actor(
    id="u1",
    name="Elham",
    permissions=frozenset(("contacts.view", "contacts.edit", "contacts.delete", "numbers.view", "audit.view")),
)
BLIND = msgspec.structs.replace(ELHAM, id="u2", permissions=ELHAM.permissions - {"numbers.view"})
READER = msgspec.structs.replace(ELHAM, id="u3", permissions=frozenset(("contacts.view",)))
MARYAM = Draft(
    first_name="مریم",
    last_name="رستگار",
    company_name="داروسازی البرز مهر",
    position="مدیر زنجیرهٔ تأمین",
    tier="vip",
    numbers=(DraftNumber("۰۹۱۲ ۳۴۵ ۶۷۸۹"), DraftNumber("021-88712340 داخلی ۱۱۸", "work", label="دفتر")),
    mails=(PartyMail("m.rastegar@alborzmehr.example", "work"),),
    tags=("دارو", "حمل سرد"),
    roles=("customer",),
)


async def test_a_person_as_made(crm: Crm, told: list[object], clock: ManualClock) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    found = await crm.contacts.get(ELHAM, made.id)
    assert found == made
    assert found.do_not_call is False
    assert (found.name, found.version, found.created_by, found.created_at) == ("مریم رستگار", 1, "u1", clock.now())
    mobile, office = found.numbers
    assert (mobile.raw, mobile.e164, mobile.key, mobile.kind) == (
        "0912 345 6789", "+989123456789", "+989123456789", "mobile",
    )  # fmt: skip
    assert (office.raw, office.e164, office.extension, office.label) == ("021-88712340", "+982188712340", "118", "دفتر")
    company = await crm.contacts.get(ELHAM, found.company_id or "")
    assert (company.kind, company.name) == ("company", "داروسازی البرز مهر")
    assert [one.id for one in await crm.contacts.people(ELHAM, company.id)] == [made.id]
    assert [(one.id, one.kind) for one in told if isinstance(one, PartyChanged)] == [
        (company.id, "company"),
        (made.id, "person"),
    ]


async def test_the_same_company_in_another_spelling(crm: Crm) -> None:
    one = await crm.contacts.create(ELHAM, "person", Draft(name="الف", company_name="شركت علي‌رضا"))
    other = await crm.contacts.create(ELHAM, "person", Draft(name="ب", company_name="شرکت  علیرضا"))
    assert one.company_id == other.company_id
    assert other.company_name == "شركت علي‌رضا"
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="company")) == 1


async def test_change(crm: Crm, told: list[object], clock: ManualClock) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    clock.advance(60)
    told.clear()
    changed = await crm.contacts.change(ELHAM, made.id, Draft(last_name="رستگاری", tier=""), made.version)
    assert (changed.name, changed.version, changed.tier) == ("مریم رستگاری", 2, "")
    assert changed.numbers == made.numbers
    assert changed.changed_at == made.changed_at + 60
    assert await crm.contacts.get(ELHAM, made.id) == changed
    assert told == [PartyChanged(made.id, "person", clock.now())]
    with pytest.raises(ConflictError, match="Somebody changed it"):
        await crm.contacts.change(ELHAM, made.id, Draft(tier="gold"), made.version)
    trail = await crm.audit.page(ELHAM, AuditFilter(kind="contact", id=made.id))
    detail = next(entry.detail for entry in trail.items if entry.action == "changed")
    assert detail is not None
    assert detail["changed"]["tier"] == ["vip", ""]
    assert set(detail["changed"]) == {"name", "last_name", "tier"}


async def test_nothing_changed_is_no_version(crm: Crm, told: list[object]) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    told.clear()
    assert await crm.contacts.change(ELHAM, made.id, Draft(tier="vip", tags=("دارو", "حمل سرد"))) == made
    assert told == []


async def test_trash_and_back(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    await crm.contacts.delete(ELHAM, made.id)
    assert (await crm.contacts.get(ELHAM, made.id)).deleted_at is not None
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="person")) == 0
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="person", deleted=True)) == 1
    assert await rows(crm, "party_number") == await rows(crm, "party_tag") == 0
    with pytest.raises(NotFoundError):
        await crm.contacts.delete(ELHAM, made.id)
    with pytest.raises(NotFoundError):
        await crm.contacts.change(ELHAM, made.id, Draft(tier=""))
    back = await crm.contacts.restore(ELHAM, made.id)
    assert (back.deleted_at, back.numbers) == (None, made.numbers)
    assert (await rows(crm, "party_number"), await rows(crm, "party_tag")) == (2, 2)
    with pytest.raises(NotFoundError):
        await crm.contacts.restore(ELHAM, made.id)


async def test_a_company_renamed(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    await crm.contacts.change(ELHAM, made.company_id or "", Draft(name="البرز"))
    assert (await crm.contacts.get(ELHAM, made.id)).company_name == "البرز"


async def test_out_of_the_company(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    gone = await crm.contacts.change(ELHAM, made.id, Draft(company_name=""))
    assert (gone.company_id, gone.company_name) == (None, "")
    back = await crm.contacts.change(ELHAM, made.id, Draft(company_id=made.company_id))
    assert (back.company_id, back.company_name) == (made.company_id, made.company_name)
    with pytest.raises(InvalidError, match="no such company"):
        await crm.contacts.change(ELHAM, made.id, Draft(company_id=made.id))


async def test_who_may_not(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    contacts = crm.contacts
    for refused in (
        contacts.create(READER, "person", MARYAM),
        contacts.change(READER, made.id, Draft(tier="")),
        contacts.tag(READER, made.id, ["x"]),
        contacts.add_number(READER, made.id, DraftNumber("09120000000")),
        contacts.delete(READER, made.id),
        contacts.restore(READER, made.id),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    for unknown in (
        contacts.get(NOBODY, made.id),
        contacts.get_many(NOBODY, [made.id]),
        contacts.page(NOBODY, PartyFilter()),
        contacts.count(NOBODY, PartyFilter()),
        contacts.people(NOBODY, made.id),
    ):
        with pytest.raises(UnauthenticatedError):
            await unknown


async def test_numbers_for_who_may_not_see_them(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    seen = await crm.contacts.get(BLIND, made.id)
    assert [(one.e164, one.key) for one in seen.numbers] == [(None, None)] * 2
    assert "3456789" not in seen.numbers[0].raw.replace(" ", "")
    listed = (await crm.contacts.page(BLIND, PartyFilter(kind="person"))).items[0]
    assert listed.numbers == seen.numbers
    with pytest.raises(ForbiddenError):
        await crm.contacts.change(BLIND, made.id, Draft(numbers=()))
    changed = await crm.contacts.change(BLIND, made.id, Draft(tier="gold"))
    assert changed.numbers == seen.numbers
    added = await crm.contacts.add_number(BLIND, made.id, DraftNumber("0935 111 22 33"))
    assert len(added.numbers) == 3
    assert (await crm.contacts.get(ELHAM, made.id)).numbers[:2] == made.numbers


async def test_who_looks_after_somebody_must_exist(crm: Crm) -> None:
    for wrong in (Draft(name="x", owner="nobody"), Draft(name="x", team="none")):
        with pytest.raises(InvalidError, match="there is no such"):
            await crm.contacts.create(ELHAM, "person", wrong)


async def test_tags_beside_each_other(crm: Crm) -> None:
    made = await crm.contacts.create(ELHAM, "person", MARYAM)
    changed = await crm.contacts.tag(ELHAM, made.id, ["#طلایی", "دارو"], ["حمل‌سرد"])
    assert changed.tags == ("دارو", "طلایی")


async def test_many_at_once(crm: Crm, told: list[object]) -> None:
    drafts = [
        ("person", Draft(name=f"مخاطب {n}", numbers=(DraftNumber(f"0912{n:07}"),), company_name=f"شرکت {n % 10}"))
        for n in range(300)
    ]
    async with crm.database.transaction() as tx:
        made = await crm.contacts.write_many(tx, system("import"), drafts)  # type: ignore[arg-type]
    assert [one.name for one in made] == [draft.name for _, draft in drafts]
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="company")) == 10
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="person")) == 300
    assert len([one for one in told if isinstance(one, PartyChanged)]) == 310
    assert len((await crm.audit.page(ELHAM, AuditFilter(action="created"), limit=400)).items) == 310
    async with crm.database.transaction() as tx:
        standing = await store.standing(tx, [one.id for one in made])
        await crm.contacts.remove_many(tx, system("import"), list(standing.values()))
    assert await crm.contacts.count(ELHAM, PartyFilter(kind="person")) == 0


async def rows(crm: Crm, table: str) -> int:
    async with crm.database.read() as reader:
        found = await reader.one(f"SELECT count(*) FROM {table}")
        assert found is not None
        return int(found[0])


async def test_who_sees_numbers_masked_cannot_guess_them_by_a_filter(crm: Crm) -> None:
    await crm.contacts.create(ELHAM, "person", MARYAM)
    for part in ("0912345", "6789", "091234567"):
        assert await crm.contacts.count(BLIND, PartyFilter(text=part)) == 0
        assert await crm.contacts.count(ELHAM, PartyFilter(text=part)) == 1
    assert await crm.contacts.count(BLIND, PartyFilter(text="09123456789")) == 1
