"""The log as facts: page by page, whole, with who worked where, also of calls that began the day before."""

from __future__ import annotations

import pytest

from call_log import facts as facts_module
from call_log.facts import Facts
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.counted import facts_of
from tests.call_log.calls import DAY, provisional, record
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


async def test_what_was_over_in_a_time_is_given_unread(
    database: Database, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_module, "PAGE", 2)
    calls = [record(n, at=DAY + 100 * n, ended_at=DAY + 100 * n + 50) for n in range(6)]
    lasting = record(7, at=DAY - 3600, ended_at=DAY + 400)
    people = {calls[2].legs[0].uniqueid: ("u1",)}
    await store.save([Entry(call, DAY + 900, people=people if call is calls[2] else {}) for call in (*calls, lasting)])
    await store.save([Entry(provisional(record(8, at=DAY + 300, ended_at=None)), DAY + 900)])
    pages = [page async for page in Facts(database).over(DAY + 150, DAY + 450)]
    assert [(one.at - DAY, one.facts().call) for page in pages for one in page] == [
        (400, lasting.id), (250, calls[2].id), (350, calls[3].id), (450, calls[4].id),
    ]  # fmt: skip
    assert [len(page) for page in pages] == [2, 2]
    (talk,) = pages[0][1].facts().talks
    assert talk.users == ("u1",)
