"""Notes: written, mentioned, changed by whom, gone; and they follow their call."""

from __future__ import annotations

import pytest

from crm_core.audit.service import AuditFilter
from crm_core.notes.events import NoteDeleted, NoteWritten
from crm_core.notes.service import LONGEST_TEXT
from crm_core.timeline.calls import entry_of
from crm_core.timeline.model import of_call, of_number, of_party
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.timeline.people import BLIND, ELHAM, MOBILE, SINA, STRANGER, call, party
from tests.crm_core.timeline.test_service import stream, whole
from tests.crm_core.users import people
from web.services import Crm


async def test_a_note_is_in_the_stream(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    written = await crm.notes.write(SINA, "  hello\r\nthere \0", maryam.id)
    (item,) = await whole(crm, of_party(maryam.id))
    assert (item.source, item.facts.text, item.facts.author, item.author) == (written.id, "hello\nthere", "Sina", "u2")
    assert (await crm.notes.page(SINA, party=maryam.id)).items == (written,)
    assert await crm.notes.get(SINA, written.id) == written


async def test_a_note_about_a_call_goes_with_the_call(crm: Crm) -> None:
    one = call(1)
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(one))
    written = await crm.notes.write(SINA, "about the call", call=one.id)
    assert await stream(crm, of_number(MOBILE), "note") == [written.id]
    maryam = await party(crm, "مریم", "0912 111 2233")
    assert await stream(crm, of_party(maryam.id), "note") == [written.id]
    assert await stream(crm, of_call(one.id)) == [written.id]
    async with crm.database.transaction() as tx:
        await crm.notes.follow(tx, one.id, call(0).id)
    assert (await crm.notes.page(SINA, call=call(0).id)).items[0].id == written.id
    assert await stream(crm, of_call(call(0).id)) == [written.id]
    assert await stream(crm, of_call(one.id)) == []


async def test_who_is_mentioned_finds_it_and_is_told_once(crm: Crm, told: list[object]) -> None:
    elham = await people.make(crm, "elham", "agent", name="الهام یوسفی")
    actor, _ = await people.sign_in(crm, elham, "127.0.0.1")
    maryam = await party(crm, "مریم")
    written = await crm.notes.write(SINA, "@الهام يوسفي ببین", maryam.id)
    assert next(e for e in told if isinstance(e, NoteWritten)).called == (actor.id,)
    (found,) = (await crm.notes.mentions(actor)).items
    assert (found.note.id, found.seen_at) == (written.id, None)
    assert await crm.notes.unseen(actor) == 1
    told.clear()
    await crm.notes.change(SINA, written.id, "@elham ببین، لطف کن")
    assert next(e for e in told if isinstance(e, NoteWritten)).called == ()
    await crm.notes.seen(actor, written.id)
    assert await crm.notes.unseen(actor) == 0
    await crm.notes.change(SINA, written.id, "nobody now")
    assert (await crm.notes.mentions(actor)).items == ()


async def test_one_changes_ones_own_and_a_moderator_everybodys(crm: Crm, clock: ManualClock) -> None:
    maryam = await party(crm, "مریم")
    mine = await crm.notes.write(SINA, "mine", maryam.id)
    hers = await crm.notes.write(ELHAM, "hers", maryam.id)
    clock.advance(60)
    changed = await crm.notes.change(SINA, mine.id, "mine, better")
    assert (changed.text, changed.edited_at) == ("mine, better", clock.now())
    for doing in (crm.notes.change(SINA, hers.id, "no"), crm.notes.delete(SINA, hers.id)):
        with pytest.raises(ForbiddenError, match="Elham"):
            await doing
    await crm.notes.change(ELHAM, mine.id, "moderated")
    await crm.notes.delete(ELHAM, mine.id)
    assert await stream(crm, of_party(maryam.id)) == [hers.id]
    with pytest.raises(NotFoundError):
        await crm.notes.get(SINA, mine.id)
    trail = (await crm.audit.page(ELHAM, AuditFilter(kind="note", id=mine.id))).items
    assert [entry.action for entry in trail] == ["deleted", "changed", "changed", "created"]
    assert trail[1].detail == {"changed": {"text": ["mine, better", "moderated"]}}
    assert trail[0].detail is not None
    assert trail[0].detail["text"] == "moderated"


async def test_a_deleted_note_is_told(crm: Crm, told: list[object]) -> None:
    written = await crm.notes.write(SINA, "x", (await party(crm, "a")).id)
    await crm.notes.delete(SINA, written.id)
    assert any(isinstance(event, NoteDeleted) for event in told)


@pytest.mark.parametrize("text", ["", "  \n ", "\0", "x" * (LONGEST_TEXT + 1)])
async def test_what_is_no_note(crm: Crm, text: str) -> None:
    with pytest.raises(InvalidError):
        await crm.notes.write(SINA, text, (await party(crm, "a")).id)


async def test_it_is_about_something(crm: Crm) -> None:
    with pytest.raises(InvalidError, match="about"):
        await crm.notes.write(SINA, "x")
    for nobody in ("none", "no\0ne", "x" * 5000):
        with pytest.raises(NotFoundError, match="contact"):
            await crm.notes.write(SINA, "x", nobody)
    for bad in ("", "a\0b", "c" * 300, "new\nline"):
        with pytest.raises(InvalidError, match="call"):
            await crm.notes.write(SINA, "x", call=bad)


async def test_who_may(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    written = await crm.notes.write(SINA, "call 09121112233", maryam.id)
    with pytest.raises(ForbiddenError):
        await crm.notes.write(BLIND, "x", maryam.id)
    for doing in (crm.notes.get(STRANGER, written.id), crm.notes.page(STRANGER), crm.notes.mentions(STRANGER)):
        with pytest.raises(ForbiddenError):
            await doing
    assert "1112" not in (await crm.notes.get(BLIND, written.id)).text


async def test_pages(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    ids = [(await crm.notes.write(SINA, f"{n}", maryam.id)).id for n in range(5)]
    first = await crm.notes.page(SINA, party=maryam.id, limit=3)
    second = await crm.notes.page(SINA, party=maryam.id, cursor=first.next, limit=3)
    assert {note.id for note in (*first.items, *second.items)} == set(ids)
    assert second.next is None
    assert (await crm.notes.page(SINA, author="u1")).items == ()
    with pytest.raises(InvalidError):
        await crm.notes.page(SINA, cursor="x")
