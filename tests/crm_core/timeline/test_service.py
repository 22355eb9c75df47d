"""Streams: whose entries they have, in which order, what is masked, and who may see them."""

from __future__ import annotations

import pytest

from crm_core.timeline.calls import entry_of
from crm_core.timeline.events import TimelineChanged
from crm_core.timeline.kinds.call import CallFacts
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry, Item, of_call, of_number, of_party
from cti.kernel.actor import Actor
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.timeline.people import BLIND, ELHAM, MOBILE, SINA, STRANGER, call, party
from web.services import Crm


async def put(crm: Crm, *entries: Entry) -> None:
    async with crm.database.transaction() as tx:
        await crm.timeline.put_many(tx, entries)


def note(source: str, at: float, *subjects: str, text: str = "hello") -> Entry:
    return Entry("note", source, at, subjects, NoteFacts(text), "u1")


async def stream(crm: Crm, subject: str, *kinds: str, actor: Actor = ELHAM) -> list[str]:
    return [item.source for item in await whole(crm, subject, *kinds, actor=actor)]


async def whole(crm: Crm, subject: str, *kinds: str, actor: Actor = ELHAM) -> list[Item]:
    """All pages, one entry at a time."""
    items, cursor = [], None
    while True:
        page = await crm.timeline.page(actor, subject, kinds, cursor, limit=1)
        items += page.items
        if (cursor := page.next) is None:
            return items


async def test_a_call_is_there_as_soon_as_its_number_is_somebodys(crm: Crm) -> None:
    one = call(1)
    await put(crm, entry_of(one))
    assert await stream(crm, of_number(MOBILE)) == [one.id]
    maryam = await party(crm, "مریم", "0912 111 2233")
    assert await stream(crm, of_party(maryam.id)) == [one.id]


async def test_newest_first_each_once_filtered_by_kind(crm: Crm) -> None:
    maryam = await party(crm, "مریم", "0912 111 2233")
    one = call(1)
    own = of_party(maryam.id)
    at = one.started_at or 0.0
    await put(crm, entry_of(one), note("a", at + 5, own), note("b", at - 5, own, of_number(MOBILE)), note("c", at, own))
    assert await stream(crm, own) == ["a", "c", one.id, "b"]
    assert await stream(crm, own, "note") == ["a", "c", "b"]
    assert await stream(crm, own, "call", "file") == [one.id]
    assert await crm.timeline.counts(ELHAM, own) == {
        "call": 1,
        "note": 3,
        "result": 0,
        "task": 0,
        "file": 0,
        "system": 0,
    }
    with pytest.raises(InvalidError, match="kind"):
        await crm.timeline.page(ELHAM, own, ["gossip"])


async def test_a_page_ends_where_the_next_begins_whatever_comes_meanwhile(crm: Crm) -> None:
    own = of_party((await party(crm, "مریم")).id)
    await put(crm, *(note(str(n), 1000.0 + n // 3, own) for n in range(50)))
    first = await crm.timeline.page(ELHAM, own, limit=20)
    await put(crm, note("new", 9999.0, own))
    second = await crm.timeline.page(ELHAM, own, (), first.next, limit=40)
    found = [item.source for item in (*first.items, *second.items)]
    assert sorted(found, key=int) == [str(n) for n in range(50)]
    assert second.next is None
    for cursor in ("nonsense", "W10", "WyJhIiwxXQ"):
        with pytest.raises(InvalidError, match="cursor"):
            await crm.timeline.page(ELHAM, own, (), cursor)


async def test_what_is_told_again_is_there_once_as_it_was_last_told(crm: Crm, told: list[object]) -> None:
    maryam, nima = await party(crm, "مریم"), await party(crm, "نیما")
    await put(crm, note("a", 10.0, of_party(maryam.id)))
    told.clear()
    await put(crm, note("a", 10.0, of_party(maryam.id)))
    assert told == []
    await put(crm, note("a", 10.0, of_party(maryam.id), text="other"))
    assert told == [TimelineChanged((maryam.id,), (), (), 10.0)]
    (item,) = await whole(crm, of_party(maryam.id))
    assert item.facts.text == "other"
    await put(crm, note("a", 30.0, of_party(nima.id)))
    assert told[-1] == TimelineChanged((maryam.id, nima.id), (), (), 30.0)
    assert await stream(crm, of_party(maryam.id)) == []
    assert [i.at for i in await whole(crm, of_party(nima.id))] == [30.0]
    async with crm.database.transaction() as tx:
        await crm.timeline.drop(tx, "note", "a")
        await crm.timeline.drop(tx, "note", "never was")
    assert await stream(crm, of_party(nima.id)) == []


async def test_a_companys_stream_has_its_peoples(crm: Crm) -> None:
    company = await party(crm, "البرز مهر", "02188712340", kind="company")
    maryam = await party(crm, "مریم", "0912 111 2233", company_id=company.id)
    one = call(1)
    await put(crm, entry_of(one), note("hers", 1.0, of_party(maryam.id)), note("its", 2.0, of_party(company.id)))
    assert await stream(crm, of_party(company.id)) == [one.id, "its", "hers"]
    assert await stream(crm, of_party(maryam.id)) == [one.id, "hers"]


async def test_an_entry_of_a_shared_number_is_shown_with_whom_it_was_attached_to(crm: Crm) -> None:
    maryam, nima = await party(crm, "مریم", "0912 111 2233"), await party(crm, "نیما", "0912 111 2233")
    one = call(1)
    await put(crm, entry_of(one))
    for who in (maryam, nima):
        (item,) = await whole(crm, of_party(who.id))
        assert item.shared
    await crm.timeline.attach(SINA, item.id, maryam.id)
    await put(crm, entry_of(call(1, talk_seconds=77.0)))  # the truth repairs the call: it stays where it is
    (item,) = await whole(crm, of_party(maryam.id))
    assert (item.attached, item.facts.talk_seconds) == (maryam.id, 77.0)
    assert await stream(crm, of_party(nima.id)) == []
    assert await stream(crm, of_number(MOBILE)) == [one.id]
    await crm.timeline.attach(SINA, item.id, None)
    assert await stream(crm, of_party(nima.id)) == [one.id]
    with pytest.raises(NotFoundError, match="entry"):
        await crm.timeline.attach(SINA, "call:none", maryam.id)
    with pytest.raises(NotFoundError, match="contact"):
        await crm.timeline.attach(SINA, item.id, "nobody")


async def test_who_may_not_see_numbers_sees_them_masked(crm: Crm) -> None:
    maryam = await party(crm, "مریم", "0912 111 2233")
    own = of_party(maryam.id)
    await put(crm, entry_of(call(1)), note("a", 1.0, own, text="call 09121112233 back"))
    facts, written = (item.facts for item in await whole(crm, own, actor=BLIND))
    assert isinstance(facts, CallFacts)
    assert facts.number is None
    assert "1112" not in str(facts.raw)
    assert "1112" not in written.text
    with pytest.raises(ForbiddenError, match=r"numbers\.view"):
        await crm.timeline.page(BLIND, of_number(MOBILE))


async def test_who_may(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    with pytest.raises(ForbiddenError, match=r"contacts\.view"):
        await crm.timeline.page(STRANGER, of_party(maryam.id))
    with pytest.raises(ForbiddenError, match=r"contacts\.view"):
        await crm.timeline.counts(STRANGER, of_party(maryam.id))
    with pytest.raises(ForbiddenError, match=r"contacts\.edit"):
        await crm.timeline.attach(BLIND, "call:x", maryam.id)


async def test_what_is_about_a_call_goes_with_it(crm: Crm) -> None:
    maryam, nima = await party(crm, "مریم", "0912 111 2233"), await party(crm, "نیما", "0912 111 2233")
    one = call(1)
    about = note("a", 1.0, of_number(MOBILE), of_call(one.id))
    await put(crm, entry_of(one), about)
    assert await stream(crm, of_call(one.id)) == ["a"]
    await crm.timeline.attach(SINA, f"call:{one.id}", maryam.id)
    assert await stream(crm, of_party(nima.id)) == []
    assert await stream(crm, of_party(maryam.id)) == [one.id, "a"]
    await crm.timeline.attach(SINA, f"call:{one.id}", None)
    assert await stream(crm, of_party(nima.id)) == [one.id, "a"]
    assert await stream(crm, of_call(one.id)) == ["a"]


@pytest.mark.parametrize("subject", ["", "p:", "x:1", "p", "p:\0", "n:" + "9" * 1000])
async def test_other_subjects_are_refused(crm: Crm, subject: str) -> None:
    with pytest.raises(InvalidError):
        await crm.timeline.page(ELHAM, subject)


async def test_nobody_has_no_stream(crm: Crm) -> None:
    with pytest.raises(NotFoundError):
        await crm.timeline.page(ELHAM, of_party("nobody"))
