"""The log as facts: page by page, whole, with who worked where, also of calls that began the day before."""

from __future__ import annotations

import pytest

from call_log import facts as facts_module
from call_log.facts import Facts
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.counted import facts_of
from tests.cti.live import figured_day as day


async def test_a_day_is_read_whole(database: Database, store: CallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.save([Entry(record, record.ended_at or 0.0, people=day.people(record)) for record in day.records()])
    monkeypatch.setattr(facts_module, "PAGE", 4)
    pages = [page async for page in Facts(database).between(day.DAY, day.NEXT)]
    assert [len(page) for page in pages] == [4, 4, 4, 2]
    read = {one.call: one for page in pages for one in page}
    assert read == {record.id: facts_of(record, day.people(record)) for record in day.records()}


async def test_only_what_has_a_part_in_the_time(database: Database, store: CallStore) -> None:
    await store.save([Entry(record, record.ended_at or 0.0) for record in day.records()])
    found = [one.call async for page in Facts(database).between(day.DAY, day.at("09:01:00")) for one in page]
    assert found == ["main-late", "main-1"], "call late ended after midnight"
    found = [one.call async for page in Facts(database).between(day.NEXT, day.NEXT + 60.0) for one in page]
    assert found == ["main-13"]
    assert [page async for page in Facts(database).between(day.NEXT + 999.0, day.NEXT + 9999.0)] == []


async def test_of_records_as_they_are_logged(database: Database, store: CallStore) -> None:
    record = day.records()[1]
    assert (await Facts(database).of([record]))[0].talks[0].users == (), "who worked there is not in the log yet"
    await store.save([Entry(record, 1.0, people=day.people(record))])
    (found,) = await Facts(database).of([record])
    assert found.talks[0].users == (day.A,)
    assert await Facts(database).of([]) == []
