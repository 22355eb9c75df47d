"""The call log is followed: every call once, whatever was missed, repaired, merged or killed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from call_log.model import Entry
from call_log.store import CallStore
from crm_core.timeline.calls import Calls
from crm_core.timeline.model import of_number
from cti.kernel.clock import SystemClock
from cti.kernel.db import Transaction
from cti.live.events import CallLogged
from tests.crm_core.timeline.people import ELHAM, MOBILE, call, party
from tests.crm_core.timeline.test_service import stream, whole
from web.services import Crm


@pytest.fixture
def log(crm: Crm) -> CallStore:
    return CallStore(crm.database)


@pytest.fixture
def calls(crm: Crm, log: CallStore) -> Calls:
    return Calls(crm.database, SystemClock(), log)


async def test_every_call_with_somebody_outside(crm: Crm, log: CallStore, calls: Calls) -> None:
    heard = [
        call(1),
        call(2, None),
        call(3, direction="internal"),
        call(4, kind="monitoring"),
        call(5, direction="outbound", dialled=call(1).dialled),
    ]
    await log.save([Entry(r, 1.0) for r in heard])
    await calls.catch_up()
    assert await stream(crm, of_number(MOBILE)) == [heard[0].id]


async def test_a_call_that_is_up_is_provisional_and_then_replaced(crm: Crm, log: CallStore, calls: Calls) -> None:
    up = call(1, provisional=True, outcome=None, talk_seconds=0.0, ended_at=None)
    await log.save([Entry(up, 1.0)])
    await calls.catch_up()
    (item,) = await whole(crm, of_number(MOBILE))
    assert item.facts.provisional
    await log.save([Entry(call(1), 2.0)])
    await calls.catch_up()
    (item,) = await whole(crm, of_number(MOBILE))
    assert not item.facts.provisional
    await log.save([Entry(call(1, caller=call(1, "+982188712340").caller), 3.0, "repair")])  # it was somebody else
    await calls.catch_up()
    assert await stream(crm, of_number(MOBILE)) == []
    assert await stream(crm, of_number("+982188712340")) == [up.id]
    await log.save([Entry(call(1, None), 4.0, "repair")])
    await calls.catch_up()
    assert await stream(crm, of_number("+982188712340")) == []


async def test_what_was_logged_while_nobody_listened_is_caught_up(crm: Crm, log: CallStore) -> None:
    """As after a kill: whoever follows anew begins where the last one's transaction ended."""
    await log.save([Entry(call(n), float(n)) for n in range(3)])
    await Calls(crm.database, SystemClock(), log).catch_up()
    await log.save([Entry(call(n), float(n)) for n in range(3, 6)])
    again = Calls(crm.database, SystemClock(), log)
    await again.catch_up()
    assert again.written == 3
    assert len(await stream(crm, of_number(MOBILE))) == 6


async def test_merged_calls_are_one_entry_and_take_what_hangs_on_them(crm: Crm, log: CallStore) -> None:
    moved: list[tuple[str, str]] = []

    async def follow(_tx: Transaction, gone: str, into: str) -> None:
        moved.append((gone, into))

    calls = Calls(crm.database, SystemClock(), log, [follow])
    a, b = call(1), call(2)
    await log.save([Entry(a, 1.0), Entry(b, 1.0)])
    await calls.catch_up()
    nima = await party(crm, "نیما")
    await crm.timeline.attach(ELHAM, f"call:{b.id}", nima.id)
    await log.save([], merges=[(b.id, a.id)])
    await calls.catch_up()
    (item,) = await whole(crm, of_number(MOBILE))
    assert (item.source, item.attached) == (a.id, nima.id)
    assert moved == [(b.id, a.id)]


async def test_it_follows_as_it_is_told(crm: Crm, log: CallStore, calls: Calls) -> None:
    running = asyncio.create_task(calls.run())
    await log.save([Entry(call(1), 1.0)])
    calls.take([CallLogged(call(1))])
    await until(lambda: stream(crm, of_number(MOBILE)), 1)
    await log.save([Entry(call(2), 1.0)])
    calls.missed(17)
    await until(lambda: stream(crm, of_number(MOBILE)), 2)
    running.cancel()


async def until(ask: Callable[[], Awaitable[list[str]]], count: int) -> None:
    """Return once there are so many."""
    async with asyncio.timeout(10):
        while len(await ask()) != count:  # noqa: ASYNC110 - what another task writes
            await asyncio.sleep(0.01)


async def test_two_processes_that_follow_write_each_call_once(crm: Crm, log: CallStore) -> None:
    await log.save([Entry(call(n), float(n)) for n in range(40)])
    both = [Calls(crm.database, SystemClock(), log) for _ in range(2)]
    await asyncio.gather(*(one.catch_up() for one in both))
    assert len(await stream(crm, of_number(MOBILE))) == 40
    assert sum(one.written for one in both) == 40


async def test_one_that_cannot_be_written_does_not_hold_up_the_others(crm: Crm, log: CallStore) -> None:
    good, bad = [call(n) for n in (1, 2, 4)], call(3)

    class Source:
        merged_since = log.merged_since

        async def changed_since(self, after: tuple[int, str], limit: int = 500) -> object:
            found = await log.changed_since(after, limit)
            spoilt = {bad.id: msgspec.structs.replace(bad, started_at="yesterday")}  # what no database takes
            return [(number, spoilt.get(r.id, r)) for number, r in found]

    calls = Calls(crm.database, SystemClock(), Source())  # type: ignore[arg-type]
    await log.save([Entry(r, 1.0) for r in (*good, bad)])
    await calls.catch_up()
    if crm.database.dialect == "postgresql":  # SQLite takes anything
        assert calls.refused == 1
        assert await stream(crm, of_number(MOBILE)) == [r.id for r in reversed(good)]
