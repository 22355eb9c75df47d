"""Who is there already."""

from __future__ import annotations

import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party, PartyMail
from crm_core.exchange.keys import MatchBy, keys_of
from crm_core.exchange.matching import matches, same
from tests.crm_core.exchange.imports import ME
from web.services import Crm


async def made(crm: Crm, name: str, number: str = "", mail: str = "", **more: str) -> Party:
    numbers = (DraftNumber(number),) if number else ()
    draft = Draft(name=name, numbers=numbers, mails=(PartyMail(mail),) if mail else (), **more)  # type: ignore[arg-type]
    return await crm.contacts.create(ME, "person", draft)


def sought(crm: Crm, name: str, number: str = "", mail: str = "", **more: str) -> Party:
    draft = Draft(
        name=name, numbers=(DraftNumber(number),) if number else (), mails=(PartyMail(mail),) if mail else (), **more  # type: ignore[arg-type]
    )  # fmt: skip
    return crm.contacts.drafted(ME, "person", draft, {"person": (), "company": ()})


@pytest.mark.parametrize(
    ("wanted", "by", "found"),
    [
        (("x", "+98 912 123 4567"), ("number",), "علی"),
        (("علي", "021-88664523"), ("number",), "علی"),
        (("دیگری", "021-88664523"), ("number",), None),
        (("x", "", "ALI@b.ir"), ("mail",), "علی"),
        (("x", "", "ALI@b.ir"), ("number",), None),
        (("عـلی",), ("name",), "علی"),
        (("علی",), ("number", "mail"), None),
        (("پاک شده", "09120000000"), ("number",), None),
    ],
)
async def test_matches(crm: Crm, wanted: tuple[str, ...], by: tuple[MatchBy, ...], found: str | None) -> None:
    ali = await made(crm, "علی", "09121234567", "ali@b.ir")
    await crm.contacts.add_number(ME, ali.id, DraftNumber("02188664523"))
    gone = await made(crm, "پاک شده", "09120000000")
    await crm.contacts.delete(ME, gone.id)
    one = sought(crm, *wanted)
    async with crm.database.read() as reader:
        hit = same(keys_of(one, by), await matches(reader, keys_of(one, by), by))
    assert (hit.name if hit else None) == found


async def test_the_oldest_of_several(crm: Crm) -> None:
    first = await made(crm, "اول", "09121234567")
    await made(crm, "دوم", "09121234567")
    one = sought(crm, "x", "09121234567")
    async with crm.database.read() as reader:
        hit = same(keys_of(one), await matches(reader, keys_of(one), ("number",)))
    assert hit is not None
    assert hit.id in (first.id, hit.id)


async def test_national_ids(crm: Crm) -> None:
    await made(crm, "علی", national_id="0084575948")
    one = sought(crm, "x", national_id="0084575948")
    async with crm.database.read() as reader:
        assert same(keys_of(one), await matches(reader, keys_of(one), ("national_id",))) is not None
