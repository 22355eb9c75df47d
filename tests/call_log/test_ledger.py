"""Days are counted from the calls themselves; a difference stays the one it was."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from call_log.ledger import Ledger
from call_log.model import Entry
from call_log.query import Difference, TruthDay
from call_log.store import CallStore
from cti.kernel.db import Database
from tests.call_log.calls import DAY, provisional, record


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, dt.UTC)


def wrong(call: str, at: float = DAY + 5, **changes: object) -> Difference:
    made = Difference(call, "main", "wrong", {"talk_seconds": (7.25, 6.0)}, True, DAY + 900, at)
    return msgspec.structs.replace(made, **changes)


async def note(database: Database, ledger: Ledger, *differences: Difference) -> None:
    async with database.transaction() as tx:
        await ledger.note(tx, differences)


async def test_differences_are_kept_once_and_brought_up_to_date(database: Database, ledger: Ledger) -> None:
    await note(database, ledger, wrong("a"), wrong("b", DAY + 50), wrong("old", DAY - 5))
    later = wrong("a", fields={"outcome": ("answered", "busy")}, repaired=False, at=DAY + 5)
    await note(database, ledger, msgspec.structs.replace(later, at=DAY + 9999))
    assert await ledger.day_differences("main", "2026-11-22") == [
        wrong("b", DAY + 50),
        wrong("a", fields={"outcome": ("answered", "busy")}, repaired=False),
    ]
    assert await ledger.differences_of("old") == [wrong("old", DAY - 5)]
    assert await ledger.day_differences("second", "2026-11-22") == []


async def test_a_day_is_counted_from_its_calls(store: CallStore, database: Database, ledger: Ledger) -> None:
    calls = [record(n) for n in range(6)]
    up, spying, yesterday = provisional(record(8)), record(9, kind="monitoring"), record(0, at=DAY - 1)
    await store.save([Entry(r, DAY) for r in (*calls, up, spying, yesterday)])
    assert (await ledger.day("main", "2026-11-22")).pbx_calls is None
    extra = msgspec.structs.replace(wrong(calls[5].id), kind="extra", repaired=False)
    async with database.transaction() as tx:
        await store.confirm(tx, [r.id for r in (*calls[:5], spying)], DAY + 900)
        await ledger.note(tx, [wrong(calls[0].id), extra])
        await ledger.note_day(tx, "main", "2026-11-22", DAY + 900)
    assert await ledger.day("main", "2026-11-22") == TruthDay("2026-11-22", "main", 5, 6, 1, 2, DAY + 900)
    async with database.transaction() as tx:
        await store.confirm(tx, [calls[5].id], DAY + 1800)
        await ledger.settle(tx, [extra])
        await ledger.note_day(tx, "main", "2026-11-22", DAY + 1800)
    assert await ledger.day("main", "2026-11-22") == TruthDay("2026-11-22", "main", 6, 6, 0, 2, DAY + 1800)
    newest, before = await ledger.days("main", "2026-11-22", 2)
    assert newest.our_calls == 6
    assert (before.day, before.our_calls, before.checked_at) == ("2026-11-21", 1, None)


async def test_a_day_begins_at_midnight_where_the_product_is(database: Database) -> None:
    tehran = Ledger(database, ZoneInfo("Asia/Tehran"))
    assert tehran.bounds("2026-11-22") == (DAY - 3.5 * 3600, DAY + 20.5 * 3600)
    assert tehran.day_of(DAY - 3.5 * 3600) == "2026-11-22"
    assert tehran.day_of(DAY - 3.5 * 3600 - 0.001) == "2026-11-21"
    berlin = Ledger(database, ZoneInfo("Europe/Berlin"))
    begin, end = berlin.bounds("2026-10-25")  # clocks go back: a day of 25 hours
    assert end - begin == 25 * 3600


async def test_the_clock_of_the_pbx_is_known_for_any_time(ledger: Ledger) -> None:
    assert await ledger.clock_offset("main", DAY) is None
    await ledger.record_clock("main", DAY, 90.0)
    await ledger.record_clock("main", DAY + 60, 0.25)
    await ledger.record_clock("main", DAY + 60, 0.5)
    assert await ledger.clock_offset("main", DAY + 59) == 90.0
    assert await ledger.clock_offset("main", DAY + 600) == 0.5
    assert await ledger.clock_offset("main", DAY - 1) is None


async def test_a_call_is_confirmed_once_the_truth_was_seen_to_hold_it(
    store: CallStore, database: Database, ledger: Ledger
) -> None:
    both, alone = record(0), record(1)
    await store.save([Entry(r, DAY) for r in (both, alone)])
    async with database.transaction() as tx:
        await store.confirm(tx, [both.id], DAY + 900)
    assert await ledger.confirmed_at(both.id) == DAY + 900
    assert await ledger.confirmed_at(alone.id) is None
    assert await ledger.confirmed_at("never heard of") is None
