"""A PBX's clock as measured is kept in the log, once for each change that matters, and found again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from ami_listener.listener import PbxListener
from ami_listener.url import PbxUrl
from call_log.ledger import Ledger
from cti.app.clocks import EVERY_SECONDS, keep_offset, known_offset
from cti.app.storage import open_database
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.live.profile import Profile
from tests.live import settings_of, until


class Site:
    """A log, and a PBX whose clock is what the test says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ledger = Ledger(database, ZoneInfo("UTC"))
        self.clock = ManualClock()
        self.listener = PbxListener(PbxUrl.parse("ami://u:s@127.0.0.1/"), Profile(), lambda event: None, self.clock)

    def measure(self, offset: float) -> None:
        """The PBX answers as a clock does that is so far ahead; earlier answers are forgotten."""
        now = self.clock.now()
        for _ in range(15):
            self.listener.connection.pbx_clock.add(now, now, now + offset)

    async def turn(self) -> None:
        """Let the keeper look once."""
        await until(lambda: self.clock.sleepers)
        self.clock.advance(EVERY_SECONDS)
        await until(lambda: self.clock.sleepers)

    async def kept(self) -> list[float]:
        async with self.database.read() as reader:
            return [row[0] for row in await reader.fetch("SELECT offset_seconds FROM pbx_clock ORDER BY at")]


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    database = await open_database(settings_of(folder))
    one = Site(database)
    keeper = asyncio.create_task(keep_offset(one.listener, one.ledger, one.clock))
    try:
        yield one
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await database.close()


async def test_a_measurement_is_kept_when_it_is_news(tmp_path: Path) -> None:
    async with site(tmp_path) as one:
        await one.turn()
        assert await one.kept() == []
        for offset in (3600.0, 3600.1, 3600.3, 3599.0, -7.0):
            one.measure(offset)
            await one.turn()
        assert [round(x, 3) for x in await one.kept()] == [3600.0, 3599.0, -7.0]


async def test_what_was_kept_holds_from_then_on(tmp_path: Path) -> None:
    async with site(tmp_path) as one:
        before = one.clock.now()
        for offset in (100.0, 200.0):
            one.measure(offset)
            await one.turn()
        assert await known_offset(one.ledger, "main", before) == 0.0
        assert round(await known_offset(one.ledger, "main", before + 1.5), 3) == 100.0
        assert round(await known_offset(one.ledger, "main", one.clock.now()), 3) == 200.0
        assert await known_offset(one.ledger, "other", one.clock.now()) == 0.0


async def test_a_clock_that_is_right_is_not_corrected(tmp_path: Path) -> None:
    async with site(tmp_path) as one:
        one.measure(1.2)
        await one.turn()
        assert [round(x, 3) for x in await one.kept()] == [1.2]
        assert await known_offset(one.ledger, "main", one.clock.now()) == 0.0
