"""Figures wired into the product: the day so far is read at the start and goes on with what is logged and noted.

What comes while the day is read waits until it is in, so nothing is missed between the two. Neighbours:
``cti.live.today`` holds the day, ``call_log.facts`` and ``crm_core.agents`` have what it is made of.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from call_log.days import SETTLED_SECONDS, Days
from call_log.facts import Facts
from call_log.figures import FigureReports, Reach
from crm_core.agents import store as agents
from cti.kernel.clock import Clock
from cti.kernel.db import Database, left_for_later
from cti.live.agents import Noted
from cti.live.counted import CallFacts
from cti.live.events import CallLogged, CallMerged
from cti.live.figures import FigureRules
from cti.live.intervals import day_bounds
from cti.live.shifts import Shift, shifts_of
from cti.live.today import FiguresToday

if TYPE_CHECKING:
    from cti.app.product import Product

log = logging.getLogger(__name__)
Heard = CallLogged | CallMerged | Noted
HEARD: tuple[type[Heard], ...] = (CallLogged, CallMerged, Noted)
PATIENCE_SECONDS = 2.0
"""The start waits so long for the day."""
AGAIN_SECONDS = 2.0
"""A database that is away is asked again so often."""
KEPT_DAYS = 400
"""So many days back are tallied before anybody asks."""
REST = 4.0
"""After a day that took a second there is rest for so many."""
TOLD_LATE_SECONDS = 900.0
"""What was read is told as well within this, if at all."""
AT_ONCE = 100
"""Calls are taken in before others have a turn."""


class Today:
    """``run`` has to run: it reads the day at the start, and again where events were missed. ``settle``: writes down
    what agents did, so that it is there to be read."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo, rules: Callable[[], FigureRules]) -> None:
        self._database, self._clock, self._zone = database, clock, zone
        self.settle: Callable[[], Awaitable[None]] = _nothing
        self.facts = Facts(database)
        self.days = Days(database, self.facts, self._shifts, zone, clock)
        self._unread = asyncio.Event()
        self.was_read = asyncio.Event()
        self._turn = asyncio.Lock()
        self._known: frozenset[Noted] = frozenset()  # the last that were read: they may be told as well
        self.figures = FiguresToday(zone, clock.now, rules)

    def missed(self, _count: int = 0) -> None:
        """The day is to be read anew."""
        self._unread.set()

    async def take(self, events: Sequence[Heard]) -> None:
        """Take in what was logged and noted."""
        midnight, _ = day_bounds(self._clock.now(), self._zone)
        logged = {event.record.id: event.record for event in events if isinstance(event, CallLogged)}
        async with self._turn:
            for event in events:
                if isinstance(event, CallMerged):
                    self.figures.merged(event.gone)
                elif isinstance(event, Noted) and event not in self._known:
                    self.figures.noted(event)
            try:
                for late in {one.at for one in events if isinstance(one, Noted) and one.at < midnight}:
                    await self.days.forget(late)
                for number, facts in enumerate(await self.facts.of(list(logged.values()))):
                    self.figures.take(facts)
                    if number % AT_ONCE == AT_ONCE - 1:
                        await asyncio.sleep(0)
            except Exception:
                self._unread.set()
                raise

    async def read(self) -> None:
        """Read the day so far. Raises what the database raises; the day is then as it was."""
        async with self._turn:
            self._unread.clear()
            try:
                start, end = day_bounds(now := self._clock.now(), self._zone)
                lately: set[Noted] = set()
                fresh = self.figures.anew(await self._shifts(start, end, now - TOLD_LATE_SECONDS, lately))
                async for page in self.facts.between(start, end):
                    await asyncio.to_thread(_feed, fresh, page)
            except BaseException:
                self._unread.set()
                raise
            self._known = frozenset(lately)
            self.figures.adopt(fresh)
            self.was_read.set()

    def service(self, reach: Reach) -> FigureReports:
        """Figures for who may see them."""
        return FigureReports(self.days, self.figures, self.figures.rules, reach, self._zone, self._clock)

    async def _shifts(
        self, start: float, end: float, since: float = float("inf"), lately: set[Noted] | None = None
    ) -> Mapping[str, Shift]:
        """What every agent was in a time. ``lately`` is given what was noted from ``since`` on."""
        await self.settle()
        found: dict[str, Shift] = {}
        async with self._database.read() as reader:
            async for noted in agents.notes_of_each(reader, start, end):
                found |= await asyncio.to_thread(shifts_of, noted)
                if lately is not None:
                    lately.update(one for one in noted if one.at >= since)
        return found

    async def keep_days(self) -> None:
        """Tally the days that are over, the latest first, whenever there is one more; for as long as the product
        runs."""
        while True:
            with left_for_later(log, "days are not tallied"):
                for start, end in await self.days.missing(KEPT_DAYS):
                    began = self._clock.monotonic()
                    await self.days.keep(start, end)
                    await self._clock.sleep(REST * (self._clock.monotonic() - began))
            await self._clock.sleep(SETTLED_SECONDS)

    async def run(self) -> None:
        """Read the day whenever that is needed, for as long as the product runs."""
        while True:
            await self._unread.wait()
            with left_for_later(log, "the figures of the day are not read"):
                await self.read()
            if self._unread.is_set():
                await self._clock.sleep(AGAIN_SECONDS)


def _feed(fresh: FiguresToday, page: Sequence[CallFacts]) -> None:
    for facts in page:
        fresh.take(facts)


async def _nothing() -> None:
    return


async def begin(product: Product) -> None:
    """The day is read, and goes on with what is logged and noted from now on."""
    today = product.today
    today.settle = product.crm.agents.flush
    await product.crm.figure_rules.load()
    product.bus.subscribe_batches("figures", HEARD, today.take, on_gap=today.missed)
    today.missed()
    product.tasks.start("figures", today.run)
    product.tasks.start("figures of days", today.keep_days)
    with suppress(TimeoutError):  # a day of a hundred thousand calls is read on while the product runs already
        async with asyncio.timeout(PATIENCE_SECONDS):
            await today.was_read.wait()
