"""Suggestions follow the changes: after each one, after many at once, and after those that nobody saw."""

from __future__ import annotations

import asyncio

import pytest

from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.model import Draft, DraftNumber
from crm_core.duplicates.watch import CALM_SECONDS, MANY, DuplicateWatch
from cti.kernel.actor import system
from cti.kernel.clock import ManualClock
from web.services import Crm

WHO = system("test")


async def make(crm: Crm, name: str, number: str) -> str:
    return (await crm.contacts.create(WHO, "person", Draft(name=name, numbers=(DraftNumber(number),)))).id


async def work(watch: DuplicateWatch, told: list[object]) -> None:
    for event in told:
        if isinstance(event, PartyChanged | PartiesMerged):
            watch.take(event)
    told.clear()
    await watch.flush()


async def test_each_change(crm: Crm, told: list[object]) -> None:
    watch = crm.duplicate_watch
    one = await make(crm, "الف", "09121112233")
    other = await make(crm, "ب", "09121112233")
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 1
    await crm.contacts.change(WHO, other, Draft(numbers=(DraftNumber("09350000000"),)))
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 0
    await crm.contacts.change(WHO, other, Draft(numbers=(DraftNumber("9121112233"),)))
    await work(watch, told)
    await crm.contacts.delete(WHO, one)
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 0
    await crm.contacts.restore(WHO, one)
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 1
    await crm.duplicates.merge(WHO, one, [other])
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 0
    await crm.duplicates.unmerge(WHO, one)
    await work(watch, told)
    assert await crm.duplicates.count(WHO) == 1


async def test_many_at_once_and_a_gap(crm: Crm) -> None:
    await make(crm, "الف", "09121112233")
    await make(crm, "ب", "09121112233")
    for n in range(MANY + 1):
        crm.duplicate_watch.take(PartyChanged(f"x{n}", "person", 1.0))
    await crm.duplicate_watch.flush()
    assert await crm.duplicates.count(WHO) == 1
    await make(crm, "پ", "09121112233")
    crm.duplicate_watch.missed(3)
    await crm.duplicate_watch.flush()
    assert await crm.duplicates.count(WHO) == 3


async def settled(crm: Crm, clock: ManualClock, count: int) -> None:
    for _ in range(500):
        if await crm.duplicates.count(WHO) == count:
            return
        clock.advance(CALM_SECONDS)
        await asyncio.sleep(0.01)
    pytest.fail(f"never {count} suggestions")


async def test_while_it_runs_and_after_it_did_not(crm: Crm, clock: ManualClock, told: list[object]) -> None:
    one = await make(crm, "الف", "09121112233")
    await make(crm, "ب", "09121112233")
    running = asyncio.create_task(crm.duplicate_watch.run())
    await settled(crm, clock, 1)
    third = await make(crm, "پ", "09121112233")
    crm.duplicate_watch.take(PartyChanged(third, "person", clock.now()))
    await settled(crm, clock, 3)
    running.cancel()
    clock.advance(10)
    await crm.contacts.change(WHO, one, Draft(numbers=()))
    later = DuplicateWatch(crm.database, clock)
    running = asyncio.create_task(later.run())
    await settled(crm, clock, 1)
    running.cancel()
