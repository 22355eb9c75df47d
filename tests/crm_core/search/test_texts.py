"""Texts are found by their words, the newest first, of the kinds that were asked for."""

from __future__ import annotations

from crm_core.contacts import index
from crm_core.contacts.finding import match
from crm_core.search.texts import newest
from cti.kernel.db import Database


async def test_newest_first_and_of_these_kinds(database: Database) -> None:
    async with database.transaction() as tx:
        await index.search_text(tx, "note", "old", "p1", "پیگیری سفارش", 1.0)
        await index.search_text(tx, "note", "new", "", "سفارش‌های تازه", 3.0)
        await index.search_text(tx, "task", "other", "p1", "سفارش", 2.0)
        await index.search_text(tx, "note", "none", "p1", "چیز دیگر", 4.0)
    async with database.read() as reader:
        found = await newest(reader, match(reader, ["سفارش"], True), ("note",), 10)
        assert [(one.id, one.party_id) for one in found] == [("new", ""), ("old", "p1")]
        assert [one.id for one in await newest(reader, match(reader, ["سفارش"], True), ("note", "task"), 2)] == [
            "new",
            "other",
        ]
        assert await newest(reader, match(reader, ["سفارش", "دیگر"], True), ("note",), 10) == []
