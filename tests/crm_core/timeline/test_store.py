"""Hostile text goes in and comes out; an entry that is nobody's is none. (What is written is tested by ``service``.)"""

from __future__ import annotations

from crm_core.timeline import store
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry, of_party
from tests.crm_core.timeline.people import party
from tests.crm_core.timeline.test_service import stream, whole
from web.services import Crm


async def test_text_that_a_database_dislikes(crm: Crm) -> None:
    own = of_party((await party(crm, "مریم")).id)
    text = "a\0b <script> \u202e ' \" \\u0000 " + "آ" * 10_000
    async with crm.database.transaction() as tx:
        await store.put(tx, [Entry("note", "x", 1.0, (own,), NoteFacts(text))])
    (item,) = await whole(crm, own)
    assert item.facts.text == text


async def test_nobodys_entry_is_not_kept(crm: Crm, told: list[object]) -> None:
    told.clear()
    async with crm.database.transaction() as tx:
        await store.put(tx, [Entry("note", "x", 1.0, (), NoteFacts("a"))])
        assert await store.known(tx, ["note:x"]) == {}
    assert told == []


async def test_an_entry_may_move_from_one_to_another(crm: Crm) -> None:
    a, b = of_party((await party(crm, "a")).id), of_party((await party(crm, "b")).id)
    for own in (a, b):
        async with crm.database.transaction() as tx:
            await store.put(tx, [Entry("note", "x", 1.0, (own,), NoteFacts("t"))])
    assert (await stream(crm, a), await stream(crm, b)) == ([], ["x"])
