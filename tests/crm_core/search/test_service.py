"""The search box: groups, what is marked, and who may see what."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from crm_core.contacts import index
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyMail
from crm_core.search.highlight import Part
from crm_core.search.service import MOST
from cti.kernel.actor import NOBODY, Actor, system
from cti.kernel.errors import ForbiddenError, UnauthenticatedError
from web.services import Crm

WHO = system("test")
BLIND = Actor(id="u2", name="u2", permissions=frozenset(("contacts.view",)))


async def maryam(crm: Crm) -> Party:
    draft = Draft(
        name="مریم رستگار", company_name="داروسازی البرز", tags=("حمل سرد",),
        numbers=(DraftNumber("02188664523"), DraftNumber("09121112233")), mails=(PartyMail("m.r@alborz.example"),),
    )  # fmt: skip
    return await crm.contacts.create(WHO, "person", draft)


async def note(crm: Crm, source: str, party_id: str, text: str) -> None:
    async with crm.database.transaction() as tx:
        await index.search_text(tx, "note", source, party_id, text, 1.0, "main-1.1")


def on(parts: Sequence[Part]) -> list[str]:
    return [text for text, marked in parts if marked]


async def test_groups(crm: Crm) -> None:
    made = await maryam(crm)
    await note(crm, "n1", made.id, "جلسه با البرز")
    found = await crm.search.find(WHO, "البرز")
    assert [hit.party.name for hit in found.people] == ["مریم رستگار"]
    assert on(found.people[0].detail) == ["البرز"]
    assert [hit.party.name for hit in found.companies] == ["داروسازی البرز"]
    assert on(found.companies[0].title) == ["البرز"]
    (text,) = found.texts
    assert (text.text.id, text.party and text.party.id, on(text.excerpt)) == ("n1", made.id, ["البرز"])


async def test_the_number_that_was_asked_for_is_shown(crm: Crm) -> None:
    await maryam(crm)
    (hit,) = (await crm.search.find(WHO, "۰۹۱۲ ۱۱۱")).people
    assert hit.number is not None
    assert hit.number.key == "+989121112233"
    (hit,) = (await crm.search.find(WHO, "مریم")).people
    assert hit.number is not None
    assert hit.number.key == "+982188664523"


@pytest.mark.parametrize(("asked", "shown"), [("m.r@al", "m.r@alborz.example"), ("حمل", "حمل"), ("alborz", "alborz")])
async def test_what_else_answers_is_shown(crm: Crm, asked: str, shown: str) -> None:
    await maryam(crm)
    (hit,) = (await crm.search.find(WHO, asked)).people
    assert on(hit.detail) == [shown]


@pytest.mark.parametrize("asked", ["", "  ", "%", "ا" * 100_000, "\0", "'; DROP TABLE party; --", "هیچ"])
async def test_nothing_to_find(crm: Crm, asked: str) -> None:
    await maryam(crm)
    assert (await crm.search.find(WHO, asked)).empty


async def test_who_may_not_see_numbers_cannot_guess_them(crm: Crm) -> None:
    made = await maryam(crm)
    await note(crm, "n1", made.id, "تماس با 09121112233 گرفته شد")
    for part in ("0912", "1112233", "2233"):
        assert (await crm.search.find(BLIND, part)).empty
    (hit,) = (await crm.search.find(BLIND, "09121112233")).people
    assert hit.number is not None
    assert "1112" not in hit.number.raw
    assert hit.number.key is None or "1112" not in hit.number.key
    found = await crm.search.find(BLIND, "تماس")
    assert "09121112233" not in "".join(part for part, _ in found.texts[0].excerpt)


async def test_notes_of_who_was_deleted_are_not_found(crm: Crm) -> None:
    made = await maryam(crm)
    await note(crm, "n1", made.id, "پیگیری سفارش")
    await note(crm, "n2", "", "سفارش ناشناس")
    assert len((await crm.search.find(WHO, "سفارش")).texts) == 2
    await crm.contacts.delete(WHO, made.id)
    assert [hit.text.id for hit in (await crm.search.find(WHO, "سفارش")).texts] == ["n2"]


async def test_notes_as_they_are_written_changed_and_deleted(crm: Crm) -> None:
    made = await maryam(crm)
    written = await crm.notes.write(WHO, "پیگیری سفارش", made.id)
    (hit,) = (await crm.search.find(WHO, "سفارش")).texts
    assert (hit.text.id, hit.party and hit.party.id) == (written.id, made.id)
    await crm.notes.change(WHO, written.id, "تحویل شد")
    assert (await crm.search.find(WHO, "سفارش")).empty
    assert len((await crm.search.find(WHO, "تحویل")).texts) == 1
    await crm.notes.delete(WHO, written.id)
    assert (await crm.search.find(WHO, "تحویل")).empty


async def test_limits(crm: Crm) -> None:
    people = [("person", Draft(name=f"رضا {n}")) for n in range(MOST + 5)]
    async with crm.database.transaction() as tx:
        await crm.contacts.write_many(tx, WHO, people)  # type: ignore[arg-type]
    assert len((await crm.search.find(WHO, "رضا")).people) == 8
    assert len((await crm.search.find(WHO, "رضا", limit=10**9)).people) == MOST
    assert len((await crm.search.find(WHO, "رضا", limit=-1)).people) == 1


async def test_who_may_ask(crm: Crm) -> None:
    with pytest.raises(UnauthenticatedError):
        await crm.search.find(NOBODY, "رضا")
    with pytest.raises(ForbiddenError):
        await crm.search.find(msgspec.structs.replace(BLIND, permissions=frozenset()), "رضا")
