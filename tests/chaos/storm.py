"""What every fault has in common: calls come in all the while, and at the end the log is the truth.

The truth is what Asterisk itself wrote (`tests.pbx.truth`). Each fault has a short form for `make test` and a long one
for `make chaos`.
"""

from __future__ import annotations

import asyncio
import csv
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from cti.live.record import CallRecord
from tests.live import until
from tests.pbx.asterisk import Asterisk
from tests.pbx.load import LoadResult, load
from tests.pbx.truth import Truth, read
from tests.pbx.verdict import disagreements

TALK_SECONDS = 2.0
HEALING_SECONDS = 45.0
"""Within it the log must be the truth once the last call has ended: what is fresh settles for 15 s, then is compared,
and what the first comparison leaves is compared again."""
OFTEN = 0.2
"""Minutes between two comparisons: a PBX that is short of CPU tells AMI late, and what it told is then mended at the
next one. With the product's own five minutes a test would wait that long."""
MOMENT_SECONDS = 0.5
"""How far apart two threads of a busy Asterisk may see the same event."""

Records = Callable[[], Awaitable[list[CallRecord]]]


@dataclass(frozen=True)
class Size:
    """How much happens: `faults` times whatever a test does, each lasting `outage` seconds where that applies."""

    name: str
    calls_per_second: float
    calls: int
    faults: int
    outage: float

    @property
    def seconds(self) -> float:
        """How long calls come in."""
        return self.calls / self.calls_per_second


SHORT = Size("short", 6, 48, 1, 6.5)
LONG = Size("long", 12, 500, 5, 30.0)
IN_MAKE_CHAOS = (pytest.mark.chaos, pytest.mark.timeout(900))
both_sizes = pytest.mark.parametrize(
    "size", [SHORT, pytest.param(LONG, marks=IN_MAKE_CHAOS)], ids=lambda size: size.name
)


@asynccontextmanager
async def storm(asterisk: Asterisk, size: Size, *, whole: bool = True) -> AsyncIterator[None]:
    """Calls come in while the block runs, and until they are all made. `whole`: every SIP dialogue must go through."""
    calling = asyncio.create_task(load(asterisk, size.calls_per_second, size.calls, TALK_SECONDS))
    try:
        yield
        result: LoadResult = await calling
    finally:
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    assert result.whole or not whole, "a call of the load did not go through"


async def moments(size: Size, spare: float = 0.0) -> AsyncIterator[int]:
    """So many random moments while the calls come in, each in its own part of that time, `spare` s before its end."""
    began, part = time.monotonic(), size.seconds / size.faults
    for number in range(size.faults):
        at = began + part * number + random.uniform(0.15, 0.85) * max(0.5, part - spare)
        await asyncio.sleep(max(0.0, at - time.monotonic()))  # a fault comes when it comes
        yield number


async def agreed(
    asterisk: Asterisk,
    records: Records,
    size: Size,
    *,
    seconds: float = HEALING_SECONDS,
    tell: str = "",
    ahead: float = 0.0,
    forgive: Callable[[str], bool] = lambda problem: False,
) -> list[CallRecord]:
    """Every call of the truth is in the log exactly once, and is as it was: returned as soon as that is so.

    `ahead`: how far the PBX's clock is. `forgive` tells of a difference that it may stand. Of calls that were up when
    the PBX was killed the truth has no end either: those are `lost`, once each.
    """
    over = finished(asterisk)
    truths = [by_our_clock(one, ahead) for one in read(asterisk.cel) if over >= set(one.linkedids)]
    began = time.monotonic()
    problems: list[str] = []

    async def right() -> bool:
        ours = await records()
        cut = [record for record in ours if not over & set(record.linkedids)]
        found = disagreements([record for record in ours if over & set(record.linkedids)], truths, MOMENT_SECONDS)
        problems[:] = [problem for problem in found if not forgive(problem)]
        problems.extend(f"{r.id} is {r.outcome!r}, truly lost" for r in cut if r.outcome != "lost" or r.provisional)
        return not problems

    await until(right, seconds, lambda: f"{len(problems)} of {len(truths)} calls, such as {problems[:8]}")
    found = await records()
    print(
        f"{size.name}: {len(truths)} calls, {size.faults} faults, right after {time.monotonic() - began:.1f} s; {tell}"
    )
    return found


def finished(asterisk: Asterisk) -> set[str]:
    """The linkedids whose last channel is gone by the PBX's own log: not those that were up when it was killed."""
    with asterisk.cel.open(encoding="utf-8", newline="") as file:
        return {row["linkedid"] for row in csv.DictReader(file) if row["eventtype"] == "LINKEDID_END"}


def by_our_clock(one: Truth, ahead: float) -> Truth:
    """The same call with its times less what the PBX's clock is ahead of ours."""

    def ours(at: float | None) -> float | None:
        return None if at is None else at - ahead

    legs = [
        replace(leg, rang_at=leg.rang_at - ahead, answered_at=ours(leg.answered_at), ended_at=leg.ended_at - ahead)
        for leg in one.legs
    ]
    return replace(
        one,
        started_at=one.started_at - ahead,
        ended_at=one.ended_at - ahead,
        first_talk_at=ours(one.first_talk_at),
        legs=tuple(legs),
        transfers=tuple(replace(move, at=move.at - ahead) for move in one.transfers),
    )
