"""One's own figures, and the missed calls that nobody has returned."""

from __future__ import annotations

from typing import Any

import pytest

from call_log.mine import OwnDay
from call_log.model import Entry
from call_log.query import Figures, Scope
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.record import Caller, CallRecord, Number
from tests.call_log.calls import DAY, leg, record

ME = Scope(("u1",), ("201",))
CALLER = Caller("+989121112233", "09121112233", None)


@pytest.fixture
async def own(database: Database, store: CallStore) -> OwnDay:
    async with database.transaction() as tx:
        await tx.execute("UPDATE call_agent_since SET at = 0")
    return OwnDay(database)


def missed(n: int, **changes: Any) -> CallRecord:
    rang = leg(f"{n}.1", "PJSIP/201", at=DAY + n * 10, answered_at=None, result="noanswer", talk_seconds=0.0)
    made = {"outcome": "abandoned", "answered_at": None, "talk_seconds": 0.0, "legs": (rang,), "caller": CALLER}
    return record(n, **made | changes)


async def save(store: CallStore, *records: CallRecord, **people: tuple[str, ...]) -> None:
    named = {name.replace("_", "."): users for name, users in people.items()}
    await store.save(
        [
            Entry(one, DAY, people={x.uniqueid: u for x in one.legs if (u := named.get(f"x{x.uniqueid}")) is not None})
            for one in records
        ]
    )


async def test_figures_are_of_who_was_there(own: OwnDay, store: CallStore) -> None:
    one = record(1, legs=(leg("1.1", "PJSIP/201", at=DAY + 10), leg("1.2", "PJSIP/202", at=DAY + 10, talk_seconds=3.0)))
    other = record(2, legs=(leg("2.1", "PJSIP/201", at=DAY + 20, talk_seconds=40.0),))
    unknown = record(3, legs=(leg("3.1", "PJSIP/201", at=DAY + 30, talk_seconds=20.0),))
    await save(store, one, other, unknown, missed(4), **{"x1.1": ("u1",), "x2.1": ("u9",), "x4.1": ("u1",)})
    assert await own.figures(ME, DAY, DAY + 86400) == Figures(3, 2, 27.25, 20.0)
    assert (await own.figures(ME, DAY, DAY + 86400)).average_seconds == 13.625
    assert await own.figures(Scope(("u9",)), DAY, DAY + 86400) == Figures(1, 1, 40.0, 40.0)
    assert (
        await own.figures(ME, DAY + 86400, DAY + 2 * 86400)
        == Figures(0, 0, 0.0, 0.0)
        == await own.figures(Scope(), DAY, DAY + 86400)
    )
    assert Figures(0, 0, 0.0, 0.0).average_seconds is None


async def test_calls_of_before_it_was_written_down_count_by_phone(
    own: OwnDay, store: CallStore, database: Database
) -> None:
    await save(store, record(1))
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM call_tag WHERE tag LIKE 'phone %'")
    assert (await own.figures(ME, DAY, DAY + 86400)).calls == 0
    async with database.transaction() as tx:
        await tx.execute("UPDATE call_agent_since SET at = ?", DAY + 3600)
    assert (await own.figures(ME, DAY, DAY + 86400)).calls == 1


async def test_to_be_returned_until_somebody_talks_with_the_number(own: OwnDay, store: CallStore) -> None:
    await save(store, missed(1), missed(2), missed(3, caller=Caller(None, None, None)))
    await save(store, missed(4, caller=Caller("+982188776655", "02188776655", None), outcome="busy"))
    found = await own.unreturned(ME, (), DAY)
    assert [(one.record.id, one.times) for one in found] == [(missed(4).id, 1), (missed(2).id, 2)]
    assert await own.unreturned(ME, (), DAY + 3600) == [] == await own.unreturned(Scope(), (), DAY)
    back = record(
        9, direction="outbound", caller=Caller(None, "202", None), dialled=Number(CALLER.number, f"9{CALLER.raw}"),
        legs=(leg("9.1", "PJSIP/202"),),
    )  # fmt: skip
    await save(store, back)
    assert [one.record.id for one in await own.unreturned(ME, (), DAY)] == [missed(4).id]
    await save(store, missed(11))
    assert [one.record.id for one in await own.unreturned(ME, (), DAY)] == [missed(11).id, missed(4).id]


async def test_the_line_that_was_called_is_no_number_to_return(own: OwnDay, store: CallStore) -> None:
    """Another caller of the same line was answered later: that returns nothing."""
    line = Number("+982191004500", "02191004500")
    await save(store, missed(1, dialled=line), record(2, dialled=line))
    assert len(await own.unreturned(ME, (), DAY)) == 1


async def test_of_my_queues_though_my_phone_never_rang(own: OwnDay, store: CallStore) -> None:
    await save(store, missed(1, legs=()), missed(2, legs=(), queue="sales", queue_waits=()))
    assert [one.record.queue for one in await own.unreturned(ME, ("sales",), DAY)] == ["sales"]
    assert len(await own.unreturned(ME, ("sales", "support"), DAY)) == 1, "one number, one line"
