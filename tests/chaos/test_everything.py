"""Everything that can break breaks, in any order, on one busy day: and still the log is the truth."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.chaos.storm import IN_MAKE_CHAOS, OFTEN, Size, agreed, moments, storm
from tests.chaos.test_database import locked
from tests.live import ProductProcess, until
from tests.pbx.asterisk import Asterisk
from tests.proxy import Proxy

pytestmark = [pytest.mark.pbx, *IN_MAKE_CHAOS]
Fault = Callable[[], Awaitable[None]]


class Day:
    """One installation: a PBX, the line to it, the product and its database."""

    def __init__(self, pbx: Asterisk, proxy: Proxy, product: ProductProcess) -> None:
        self.pbx, self.proxy, self.product = pbx, proxy, product

    async def kill_the_product(self) -> None:
        self.product.kill()
        await asyncio.sleep(random.uniform(0, 2))
        await self.product.start()

    async def cut_the_line(self) -> None:
        self.proxy.cut()

    async def freeze_the_line(self) -> None:
        self.proxy.freeze()

    async def restart_the_pbx(self) -> None:
        await asyncio.to_thread(self.pbx.kill)
        await self.pbx.start()

    async def lock_the_database(self) -> None:
        async with locked(self.product.folder / "data/tamas.db"):
            await asyncio.sleep(random.uniform(2, 6))

    async def kill_it_while_its_database_is_locked(self) -> None:
        async with locked(self.product.folder / "data/tamas.db"):
            await asyncio.sleep(random.uniform(2, 6))
            self.product.kill()
        await self.product.start()

    async def kill_it_while_the_line_is_dead(self) -> None:
        self.proxy.freeze()
        await asyncio.sleep(random.uniform(0, 3))
        await self.kill_the_product()

    @property
    def faults(self) -> list[Fault]:
        return [
            self.kill_the_product,
            self.cut_the_line,
            self.freeze_the_line,
            self.restart_the_pbx,
            self.lock_the_database,
            self.kill_it_while_its_database_is_locked,
            self.kill_it_while_the_line_is_dead,
        ]


async def test_a_bad_day(pbx: Asterisk, tmp_path: Path) -> None:
    size = Size("bad day", 10, 900, 7, 0.0)
    async with Proxy.running(*pbx.ami) as proxy:
        url, cdr = proxy.instead_of(pbx.ami_url()), str(pbx.truth)
        async with ProductProcess(tmp_path, pbx.profile, pbx_url=url, cdr_url=cdr, reconcile_minutes=OFTEN) as product:
            await until(product.ready, 20, product.log)
            day = Day(pbx, proxy, product)
            order = random.sample(day.faults, size.faults)
            print([fault.__name__ for fault in order])
            began = time.monotonic()
            async with storm(pbx, size, whole=False):
                async for number in moments(size, spare=8.0):
                    print(f"{time.monotonic() - began:.1f} s: {order[number].__name__}")
                    await order[number]()
            await until(product.ready, 30, product.log)
            records = await agreed(pbx, product.records, size, seconds=90, tell=f"{product.starts - 1} kills")
            lost = sum(record.outcome == "lost" for record in records)
            print(f"{len(records)} calls, {lost} lost with the PBX that carried them")
