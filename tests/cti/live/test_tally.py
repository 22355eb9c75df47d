"""A time tallied: whether anything of it goes on, and what an agent's quarters come to."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from cti.live.agents import Noted
from cti.live.counted import facts_of
from cti.live.record import CallRecord, QueueWait
from cti.live.shifts import shifts_of
from cti.live.tally import Counts, Tally, pack_time, unpack_quarters, unpack_time
from tests.call_log.calls import provisional
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B, C, at

TEHRAN = ZoneInfo("Asia/Tehran")


def tally(*records: CallRecord, noted: list[Noted] | None = None, now: float = day.NEXT, over: bool = False) -> Counts:
    made = Tally(day.DAY, day.NEXT, shifts_of(day.noted() if noted is None else noted), TEHRAN, now, over=over)
    made.add([facts_of(record, day.people(record)) for record in records])
    return made.counts()


def test_agents_totals_and_quarters() -> None:
    found = tally(*day.records(), now=day.NEXT + 3600.0)
    assert (found.certain, found.waiting) == (True, [])
    assert (found.agents[A].total.busy, found.agents[A].total.calls, found.agents[B].total.handle) == (355.0, 5, 480.0)
    assert found.agents[C].total.staffed == 86_400.0
    assert found.agents[A].total.staffed == 9 * 3600.0  # the clock hours from 08 to 17
    quarters = unpack_quarters(found.agents[B].quarters)
    # Call 5: 84 s before half past nine, from 09:28:36 on ...
    assert quarters[at("09:15:00")].busy + quarters[at("09:30:00")].busy == 300.0
    assert quarters[at("09:15:00")].busy == 112.0  # 09:28:08 to 09:30
    assert unpack_time(pack_time(found.agents[B])) == found.agents[B]


def test_what_goes_on_is_not_certain() -> None:
    record = day.records()[1]
    assert tally(record).certain
    assert not tally(provisional(record)).certain, "he still talks"
    waits = (QueueWait("sales", None, False, at("09:00:00")),)
    waiting = tally(provisional(msgspec.structs.replace(record, queue_waits=waits, legs=())))
    assert (waiting.certain, waiting.queues, len(waiting.waiting)) == (False, {}, 1)
    wrap = [Noted(A, at("09:02:10"), "wrap", call=record.id, queue="sales")]
    assert not tally(record, noted=wrap, now=at("09:03:00")).certain
    assert tally(record, noted=wrap, now=at("09:03:00"), over=True).certain
    (cell,) = tally(record, noted=wrap, now=at("09:03:00")).queues["main", "sales"].values()
    assert (cell.wrap, cell.wrapped) == (50_000_000, 1)
