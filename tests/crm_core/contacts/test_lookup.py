"""Who is this: everybody who has the number, ranked; nobody for those who have none."""

from __future__ import annotations

import pytest

from crm_core.contacts.model import Draft, DraftNumber
from cti.kernel.actor import NOBODY, Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, UnauthenticatedError
from cti.live.numbers import e164, match_key
from web.services import Crm

WHO = system("test")
MOBILE = "+989121112233"


async def add(crm: Crm, name: str, *numbers: str, kind: str = "person", tier: str = "") -> str:
    draft = Draft(name=name, tier=tier, numbers=tuple(DraftNumber(number) for number in numbers))
    return (await crm.contacts.create(WHO, kind, draft)).id  # type: ignore[arg-type]


async def names(crm: Crm, key: str | None) -> list[tuple[str, bool]]:
    return [(match.name, match.sure) for match in await crm.lookup.who(WHO, key)]


async def test_a_second_number_is_as_good_as_the_first(crm: Crm) -> None:
    await add(crm, "مریم", "02188664523", "0912 111 2233")
    assert await names(crm, MOBILE) == [("مریم", True)]


@pytest.mark.parametrize("stored", ["09121112233", "0989121112233", "9121112233", "۰۹۱۲۱۱۱۲۲۳۳", "0912/111/2233"])
async def test_stored_in_any_form_and_calling_in_any_form(crm: Crm, stored: str) -> None:
    await add(crm, "مریم", stored)
    for calling in ("09121112233", "+989121112233", "00989121112233", "9121112233"):
        assert await names(crm, match_key(calling, e164(calling, "IR"))) == [("مریم", True)]


async def test_all_matches_ranked(crm: Crm, clock: ManualClock) -> None:
    await add(crm, "شرکت", MOBILE, kind="company")
    await add(crm, "قدیمی", MOBILE)
    clock.advance(10)
    await add(crm, "تازه", MOBILE)
    await add(crm, "ویژه", MOBILE, tier="vip")
    assert [name for name, _ in await names(crm, MOBILE)] == ["ویژه", "تازه", "قدیمی", "شرکت"]
    assert len(await crm.lookup.who(WHO, MOBILE, limit=2)) == 2


async def test_match_says_what_a_pop_shows(crm: Crm) -> None:
    draft = Draft(name="مریم", company_name="البرز", tier="vip", numbers=(DraftNumber(MOBILE, "mobile", label="شخصی"),))
    made = await crm.contacts.create(WHO, "person", draft)
    (match,) = await crm.lookup.who(WHO, MOBILE)
    assert (match.id, match.kind, match.company, match.number_kind, match.label, match.vip) == (
        made.id, "person", "البرز", "mobile", "شخصی", True,
    )  # fmt: skip


async def test_deleted_match_nobody_until_restored(crm: Crm) -> None:
    one = await add(crm, "مریم", MOBILE)
    await crm.contacts.delete(WHO, one)
    assert await names(crm, MOBILE) == []
    await crm.contacts.restore(WHO, one)
    assert await names(crm, MOBILE) == [("مریم", True)]


@pytest.mark.parametrize("raw", ["201", "1471", "110", "anonymous", "", "s"])
async def test_extensions_and_withheld_match_nobody(crm: Crm, raw: str) -> None:
    made = await crm.contacts.create(
        WHO, "person", Draft(name="داخلی", numbers=(DraftNumber("201"), DraftNumber("110")))
    )
    assert all(number.key is None for number in made.numbers)
    assert await names(crm, match_key(raw, None)) == []
    assert await names(crm, "") == []


async def test_a_fixed_number_without_its_area_code_is_a_maybe(crm: Crm) -> None:
    await add(crm, "بی‌کد", "88664523")
    await add(crm, "تهران", "02188664523")
    await add(crm, "مشهد", "05188664523")
    assert await names(crm, "+982188664523") == [("تهران", True), ("بی‌کد", False)]
    assert set(await names(crm, "88664523")) == {("بی‌کد", True), ("تهران", False), ("مشهد", False)}
    assert await names(crm, "+983188664523") == [("بی‌کد", False)]


async def test_mobiles_and_short_numbers_have_no_maybe(crm: Crm) -> None:
    await add(crm, "همراه", "09121112233")
    for key in ("+989351112233", "21112233", "11112233"):
        assert await names(crm, key) == []


async def test_many_at_once(crm: Crm) -> None:
    await add(crm, "مریم", MOBILE)
    await add(crm, "سارا", "02188664523")
    found = await crm.lookup.who_many([MOBILE, None, "", "+982188664523", "+989000000000", MOBILE])
    assert {key: [match.name for match in matches] for key, matches in found.items()} == {
        MOBILE: ["مریم"],
        "+982188664523": ["سارا"],
    }
    assert await crm.lookup.who_many([]) == {}
    assert len(await crm.lookup.who_many(f"+98912{n:07}" for n in range(2_000))) == 0


async def test_who_may_ask(crm: Crm) -> None:
    with pytest.raises(UnauthenticatedError):
        await crm.lookup.who(NOBODY, MOBILE)
    with pytest.raises(ForbiddenError):
        await crm.lookup.who(Actor(id="u", name="u"), MOBILE)
