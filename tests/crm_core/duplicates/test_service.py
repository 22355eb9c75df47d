"""Duplicates as users meet them: suggested with reasons, dismissed, merged with nothing lost, undone."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.audit.service import AuditFilter
from crm_core.contacts import store as parties
from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyFilter, PartyMail
from crm_core.duplicates.model import UNDO_SECONDS
from cti.kernel.actor import NOBODY, Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from web.services import Crm

WHO = msgspec.structs.replace(system("test"), id="u1")
MOBILE, OTHER_MOBILE = "09121112233", "09350000000"


async def make(crm: Crm, name: str, *numbers: str, kind: str = "person", **values: object) -> Party:
    draft = Draft(name=name, numbers=tuple(DraftNumber(number) for number in numbers), **values)  # type: ignore[arg-type]
    return await crm.contacts.create(WHO, kind, draft)  # type: ignore[arg-type]


async def look(crm: Crm) -> None:
    await crm.duplicate_watch.look_through()


async def test_suggested_with_reasons_and_dismissed(crm: Crm) -> None:
    one = await make(crm, "علی‌رضا رضایی", MOBILE, position="مدیر")
    other = await make(crm, "عليرضا رضائي", "+989121112233")
    await make(crm, "کس دیگر", OTHER_MOBILE)
    await look(crm)
    (pair,) = (await crm.duplicates.page(WHO)).items
    assert (pair.first, pair.second) == (one, other), "the one that has more is offered as the survivor"
    assert [reason.kind for reason in pair.suggestion.reasons] == ["number", "name"]
    assert await crm.duplicates.count(WHO) == 1
    (seen,) = await crm.duplicates.of(WHO, other.id)
    assert seen.second.id == one.id
    await crm.duplicates.dismiss(WHO, other.id, one.id)
    await look(crm)
    assert (await crm.duplicates.page(WHO)).items == ()
    assert await crm.duplicates.of(WHO, one.id) == ()


async def test_pages(crm: Crm) -> None:
    for n in range(6):
        for _ in range(2):
            await make(crm, f"نام {n}", f"0912111223{n}")
    await look(crm)
    first = await crm.duplicates.page(WHO, limit=4)
    rest = await crm.duplicates.page(WHO, first.next, limit=4)
    assert (len(first.items), len(rest.items), rest.next) == (4, 2, None)
    names = {pair.first.name for pair in (*first.items, *rest.items)}
    assert len(names) == 6
    with pytest.raises(InvalidError):
        await crm.duplicates.page(WHO, "nonsense")


async def test_merged_and_undone(crm: Crm, told: list[object]) -> None:
    one = await make(crm, "علی", MOBILE, tags=("الف",))
    other = await make(crm, "علیرضا", OTHER_MOBILE, tags=("ب",), mails=(PartyMail("a@x.example"),))
    await look(crm)
    told.clear()
    after = await crm.duplicates.merge(WHO, one.id, [other.id], {"name": other.id})
    assert (after.id, after.name, after.tags, after.version) == (one.id, "علیرضا", ("الف", "ب"), 2)
    assert await crm.contacts.get(WHO, other.id) == after, "who asks for the gone one gets the survivor"
    async with crm.database.read() as reader:
        assert await parties.family(reader, one.id) == (one.id, other.id)
    for key in ("+989121112233", "+989350000000"):
        assert [match.id for match in await crm.lookup.who(WHO, key)] == [one.id]
    assert [hit.party.id for hit in (await crm.search.find(WHO, "علیرضا")).people] == [one.id]
    assert await crm.contacts.count(WHO, PartyFilter()) == 1
    assert [event for event in told if isinstance(event, PartiesMerged)] == [
        PartiesMerged(other.id, one.id, after.changed_at)
    ]
    assert {event.id for event in told if isinstance(event, PartyChanged)} == {one.id, other.id}

    back, again = await crm.duplicates.unmerge(WHO, one.id)
    same = {"version": 0, "changed_at": 0.0, "changed_by": ""}
    assert msgspec.structs.replace(back, **same) == msgspec.structs.replace(one, **same)
    assert msgspec.structs.replace(again, **same) == msgspec.structs.replace(other, **same)
    assert [match.id for match in await crm.lookup.who(WHO, "+989350000000")] == [other.id]
    assert [event.undone for event in told if isinstance(event, PartiesMerged)] == [False, True]
    with pytest.raises(NotFoundError):
        await crm.duplicates.unmerge(WHO, one.id)
    actions = [entry.action for entry in (await crm.audit.page(WHO, AuditFilter(id=one.id))).items]
    assert actions == ["unmerged", "merged", "created"]


async def test_undone_by_the_one_that_went(crm: Crm) -> None:
    one, other = await make(crm, "الف"), await make(crm, "ب")
    await crm.duplicates.merge(WHO, one.id, [other.id])
    await crm.duplicates.unmerge(WHO, other.id)
    assert (await crm.contacts.get(WHO, other.id)).id == other.id


async def test_several_at_once_and_in_turn(crm: Crm) -> None:
    a, b, c, d = [await make(crm, name, f"0912111223{n}") for n, name in enumerate("ابپت")]
    await crm.duplicates.merge(WHO, a.id, [b.id, c.id])
    await crm.duplicates.merge(WHO, d.id, [a.id])
    async with crm.database.read() as reader:
        assert set(await parties.family(reader, d.id)) == {a.id, b.id, c.id, d.id}
    assert len((await crm.contacts.get(WHO, b.id)).numbers) == 4
    with pytest.raises(ConflictError):
        await crm.duplicates.unmerge(WHO, b.id)
    await crm.duplicates.unmerge(WHO, a.id)
    assert len((await crm.contacts.get(WHO, b.id)).numbers) == 3
    await crm.duplicates.unmerge(WHO, a.id)
    assert [len((await crm.contacts.get(WHO, one.id)).numbers) for one in (a, b, c, d)] == [1, 1, 1, 1]


async def test_after_thirty_days_it_stays(crm: Crm, clock: ManualClock) -> None:
    one, other = await make(crm, "الف"), await make(crm, "ب")
    await crm.duplicates.merge(WHO, one.id, [other.id])
    clock.advance(UNDO_SECONDS - 1)
    assert await crm.duplicates.undoable(WHO, one.id) is not None
    clock.advance(1)
    assert await crm.duplicates.undoable(WHO, one.id) is None
    with pytest.raises(NotFoundError):
        await crm.duplicates.unmerge(WHO, one.id)


async def test_companies_take_their_people_along(crm: Crm) -> None:
    person = await make(crm, "مریم", company_name="پارس")
    gone = person.company_id or ""
    into = await make(crm, "پارس تک", kind="company")
    await crm.duplicates.merge(WHO, into.id, [gone])
    moved = await crm.contacts.get(WHO, person.id)
    assert (moved.company_id, moved.company_name) == (into.id, "پارس تک")
    assert [hit.party.id for hit in (await crm.search.find(WHO, "پارس‌تک")).people] == [person.id]
    await crm.duplicates.unmerge(WHO, into.id)
    back = await crm.contacts.get(WHO, person.id)
    assert (back.company_id, back.company_name) == (gone, "پارس")


async def test_what_cannot_be_merged(crm: Crm) -> None:
    one, other, company = await make(crm, "الف"), await make(crm, "ب"), await make(crm, "پ", kind="company")
    deleted = await make(crm, "ت")
    await crm.contacts.delete(WHO, deleted.id)
    for others, error in (
        ([], InvalidError),
        ([one.id], InvalidError),
        ([company.id], InvalidError),
        ([f"x{n}" for n in range(21)], InvalidError),
        ([deleted.id], NotFoundError),
        (["never\0"], NotFoundError),
    ):
        with pytest.raises(error):
            await crm.duplicates.merge(WHO, one.id, others)
    await crm.duplicates.merge(WHO, one.id, [other.id])
    with pytest.raises(ConflictError):
        await crm.duplicates.merge(WHO, company.id, [other.id])
    assert (await crm.contacts.get(WHO, one.id)).version == 2, "what was refused changed nothing"


async def test_who_may(crm: Crm) -> None:
    one, other = await make(crm, "الف", MOBILE), await make(crm, "ب", MOBILE)
    await look(crm)
    reader = Actor(id="u2", name="u2", permissions=frozenset(("contacts.view",)))
    (pair,) = await crm.duplicates.of(reader, one.id)
    assert "1112" not in str(pair), "numbers are masked, in reasons too"
    for refused in (
        crm.duplicates.page(reader),
        crm.duplicates.count(reader),
        crm.duplicates.merge(reader, one.id, [other.id]),
        crm.duplicates.unmerge(reader, one.id),
        crm.duplicates.dismiss(reader, one.id, other.id),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    with pytest.raises(UnauthenticatedError):
        await crm.duplicates.of(NOBODY, one.id)
