"""Idempotent and indifferent to order: the same entries and merges end in the same rows."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from call_log.migrations import migrate
from call_log.model import CHILDREN, Entry
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.events import CallLogged
from tests.call_log.calls import DAY, leg, provisional, record


async def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the tables of calls."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with database.read() as reader:
        for name in ("call", "call_alias", *(t.name for t in CHILDREN)):
            found[name] = sorted(await reader.fetch(f"SELECT * FROM {name}"), key=repr)
    return found


async def owners(database: Database, table: str) -> set[str]:
    """The calls that have rows in a table."""
    async with database.read() as reader:
        return {str(row[0]) for row in await reader.fetch(f"SELECT call_id FROM {table}")}


async def test_what_goes_in_comes_out(store: CallStore, told: list[object]) -> None:
    first = record(1, caller=record(1).caller, conference="room\0 'x' <b>")
    assert await store.save([Entry(first, DAY)]) == 1
    assert await store.get(first.id) == first
    assert told == [CallLogged(first, None)]
    assert await store.get("nothing") is None


async def test_hostile_values_are_kept_as_they_are(store: CallStore) -> None:
    long = "۰" * 8000 + "\0\r\nAction: Originate\r\n"
    hostile = record(
        2,
        queue=long,
        queue_waits=(msgspec.structs.replace(record(2).queue_waits[0], queue=long),),
        legs=(leg("x", endpoint="PJSIP/" + "9" * 9000),),
        caller=msgspec.structs.replace(record(2).caller, raw="0" + "7" * 9000, number=None, name="'; DROP TABLE call"),
    )
    await store.save([Entry(hostile, DAY)])
    assert await store.get(hostile.id) == hostile


async def test_a_final_record_is_not_overwritten_by_a_provisional_one(store: CallStore, told: list[object]) -> None:
    final = record(3)
    up = provisional(final)
    await store.save([Entry(up, DAY + 1)])
    await store.save([Entry(final, DAY + 2)])
    assert await store.save([Entry(up, DAY + 99)]) == 0
    assert await store.get(final.id) == final
    assert told == [CallLogged(up, None), CallLogged(final, up)]


async def test_told_again_word_for_word_it_is_no_news(store: CallStore, told: list[object]) -> None:
    """As after a crash, when the journal is read again: nobody is to act on the same call twice."""
    for _ in range(3):
        await store.save([Entry(provisional(record(3)), DAY + 1), Entry(record(3), DAY + 2)])
    assert told == [CallLogged(record(3), None)]
    await store.save([Entry(record(3, digits="2"), DAY + 2)])
    assert told[1:] == [CallLogged(record(3, digits="2"), record(3))]


async def test_a_repaired_record_stands_against_the_tracker_and_yields_to_a_newer_repair(store: CallStore) -> None:
    final, mended = record(4), record(4, talk_seconds=6.0)
    again = record(4, talk_seconds=5.0)
    await store.save([Entry(final, DAY)])
    await store.save([Entry(mended, DAY + 60, "repair")])
    await store.save([Entry(final, DAY + 120)])
    assert await store.get(final.id) == mended
    await store.save([Entry(again, DAY + 180, "repair")])
    assert await store.get(final.id) == again


async def test_the_lost_gives_way_to_any_knowledge(store: CallStore) -> None:
    lost, known = record(5, outcome="lost"), record(5)
    await store.save([Entry(lost, DAY + 60, "repair")])
    await store.save([Entry(known, DAY, "truth")])
    assert await store.get(known.id) == known


async def test_merged_calls_are_found_under_both_ids_and_counted_once(store: CallStore, database: Database) -> None:
    a, b, c = record(1), record(2), record(3)
    await store.save([Entry(r, DAY) for r in (a, b, c)])
    await store.save([], merges=[(b.id, a.id)])
    await store.save([], merges=[(c.id, b.id)])
    await store.save([Entry(msgspec.structs.replace(b, talk_seconds=99.0), DAY + 5)])
    for call_id in (a.id, b.id, c.id):
        assert await store.get(call_id) == a
    assert [s.record for s in await store.between("main", DAY, DAY + 100)] == [a]
    held = await rows(database)
    for name in (t.name for t in CHILDREN):
        assert await owners(database, name) == {a.id}
    assert [row[:2] for row in held["call_alias"]] == [(b.id, a.id), (c.id, a.id)]


async def test_a_merge_that_would_close_a_circle_is_no_news(store: CallStore) -> None:
    a, b = record(1), record(2)
    await store.save([Entry(a, DAY), Entry(b, DAY)], merges=[(b.id, a.id), (a.id, b.id), (a.id, a.id)])
    assert await store.get(a.id) == a
    assert await store.get(b.id) == a


async def test_whoever_follows_the_log_misses_nothing(store: CallStore) -> None:
    a, b, c = record(1), record(2), record(3)
    await store.save([Entry(r, DAY) for r in (b, a)])
    await store.save([Entry(c, DAY - 9_000)])  # the truth of an older call, told later
    first = await store.changed_since((0, ""), 2)
    assert [r.id for _, r in first] == [a.id, b.id]
    assert [r.id for _, r in await store.changed_since((first[-1][0], b.id))] == [c.id]
    await store.save([Entry(msgspec.structs.replace(a, talk_seconds=99.0), DAY + 5)], merges=[(c.id, b.id)])
    last = first[-1][0] + 1
    assert [(r.id, r.talk_seconds) for _, r in await store.changed_since((last, c.id))] == [(a.id, 99.0)]
    assert [(gone, into) for _, gone, into in await store.merged_since((0, ""))] == [(c.id, b.id)]
    [(number, _, _)] = await store.merged_since((0, ""))
    assert number > last
    assert await store.merged_since((number, c.id)) == []


async def test_unfinished_calls_are_listed_until_they_end(store: CallStore) -> None:
    one, other = record(1), record(2, pbx="second")
    await store.save([Entry(provisional(one), DAY), Entry(provisional(other), DAY)])
    assert {s.record.id for s in await store.provisional()} == {one.id, other.id}
    assert [s.record.id for s in await store.provisional("main")] == [one.id]
    await store.save([Entry(one, DAY)])
    assert await store.provisional("main") == []


async def test_calls_are_found_by_any_linkedid_they_ever_had(store: CallStore) -> None:
    one = record(1, linkedids=(record(1).linkedid, "1795311099.72"))
    await store.save([Entry(one, DAY), Entry(record(2), DAY)])
    assert [s.record for s in await store.by_linkedid("main", ["1795311099.72", "x"])] == [one]
    assert await store.by_linkedid("second", ["1795311099.72"]) == []


async def test_confirmation_outlives_later_writes(store: CallStore, database: Database) -> None:
    one = record(1)
    await store.save([Entry(one, DAY)])
    async with database.transaction() as tx:
        await store.confirm(tx, [one.id], DAY + 50)
    await store.save([Entry(one, DAY + 100, "repair")])
    (stored,) = await store.between("main", DAY, DAY + 100)
    assert stored.confirmed_at == DAY + 50


async def test_a_thousand_calls_in_one_batch(store: CallStore, database: Database) -> None:
    entries = [Entry(record(n), DAY) for n in range(1200)]
    assert await store.save(entries) == 1200
    assert await store.save(entries) == 0
    assert len((await rows(database))["leg"]) == 1200


# What may happen to three calls of which the second and the third turn out to be the first.
_CALLS = [record(n) for n in range(3)]
_NEWS: list[Entry | tuple[str, str]] = [
    *(Entry(provisional(c, talk_seconds=float(at)), DAY + at) for c in _CALLS for at in range(3)),
    *(Entry(c, DAY + 9) for c in _CALLS),
    Entry(record(0, talk_seconds=3.5), DAY + 60, "repair"),
    Entry(record(1, outcome="lost"), DAY + 30),
    (_CALLS[1].id, _CALLS[0].id),
    (_CALLS[2].id, _CALLS[1].id),
]


@pytest.fixture(scope="module")
def orders_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('orders') / 'tamas.sqlite'}"
    asyncio.run(migrate(url))
    return url


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_and_repetition_ends_in_the_same_rows(orders_url: str, data: st.DataObject) -> None:
    every = data.draw(st.permutations(range(len(_NEWS))))
    again = data.draw(st.lists(st.sampled_from(range(len(_NEWS))), max_size=8))
    order = data.draw(st.permutations([*every, *again]))
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=len(order), max_size=len(order)))
    database = await emptied(orders_url)
    for batch in batches(order, sizes):
        news = [_NEWS[i] for i in batch]
        await CallStore(database).save(
            [n for n in news if isinstance(n, Entry)], [n for n in news if isinstance(n, tuple)]
        )
    held = await rows(database)
    assert [row[0] for row in held["call"]] == [_CALLS[0].id]
    assert msgspec.json.decode(held["call"][0][14])["talk_seconds"] == 3.5
    for name in (t.name for t in CHILDREN):
        assert await owners(database, name) == {_CALLS[0].id}
    merged = sorted([(_CALLS[1].id, _CALLS[0].id), (_CALLS[2].id, _CALLS[0].id)])
    assert [row[:2] for row in held["call_alias"]] == merged
    await database.close()


def batches(order: list[int], sizes: list[int]) -> list[list[int]]:
    found, start = [], 0
    for size in sizes:
        found.append(order[start : start + size])
        start += size
    return [batch for batch in found if batch]


async def emptied(url: str) -> Database:
    database = await Database.open(url)
    async with database.transaction() as tx:
        for name in ("call", "call_alias", *(t.name for t in CHILDREN)):
            await tx.execute(f"DELETE FROM {name}")
    return database
