"""The line between the product and a busy Asterisk breaks in every way: noticed, mended, and the log is right."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.chaos.storm import OFTEN, Size, agreed, both_sizes, moments, storm
from tests.live import Push, Running, running_product, until
from tests.pbx.asterisk import Asterisk
from tests.proxy import Proxy

pytestmark = pytest.mark.pbx
NOTICED_SECONDS = 10.0
BACK_SECONDS = 25.0


@asynccontextmanager
async def through_a_proxy(pbx: Asterisk, folder: Path) -> AsyncIterator[tuple[Running, Proxy]]:
    async with Proxy.running(*pbx.ami) as proxy:
        url, cdr = proxy.instead_of(pbx.ami_url()), str(pbx.truth)
        async with running_product(folder, pbx.profile, pbx_url=url, cdr_url=cdr, reconcile_minutes=OFTEN) as running:
            await running.connected()
            yield running, proxy


def _up(running: Running) -> bool:
    (listener,) = running.product.listeners
    return listener.connection.state.phase == "up"


async def noticed(running: Running) -> float:
    """Seconds until the product says that the link is gone: to /readyz, and to the board (see `told`)."""
    began = time.monotonic()
    await until(lambda: not _up(running), NOTICED_SECONDS, running.states)
    seconds = time.monotonic() - began
    status, body = await running.get("/readyz")
    assert status == 503
    assert body["checks"]["pbx main"] != "ok"
    assert body["checks"]["database"] == body["checks"]["call log"] == "ok"
    return seconds


async def back(running: Running) -> None:
    await until(lambda: _up(running), BACK_SECONDS, running.states)
    assert (await running.get("/readyz"))[0] == 200


def links(push: Push) -> list[bool]:
    """What the board said of the link, in order: up or not."""
    told = [message["data"].get("links", {}).get("main", {}) for message in push.of("board:all")]
    return [row["up"] for row in told if "up" in row]


async def hold(pbx: Asterisk, folder: Path, size: Size, break_it: Callable[[Proxy], None], spare: float) -> None:
    async with through_a_proxy(pbx, folder) as (running, proxy), running.push("board:all") as push:
        slowest = 0.0
        async with storm(pbx, size):
            async for _ in moments(size, spare):
                break_it(proxy)
                slowest = max(slowest, await noticed(running))
                proxy.heal()
                await back(running)
        await running.quiet()
        records = await agreed(pbx, running.records, size, tell=f"noticed within {slowest:.1f} s")
        assert len(records) == size.calls
        await until(lambda: links(push)[-1])
        assert links(push) == [True, *[False, True] * size.faults]  # the banner went up, and down again
        assert proxy.connections > size.faults
        assert running.product.listeners[0].connection.counts.callback_failures == 0


@both_sizes
async def test_reset(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    await hold(pbx, tmp_path, size, Proxy.cut, 2.0)


@both_sizes
async def test_half_open(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    """The other side is gone and nobody said so."""
    await hold(pbx, tmp_path, size, Proxy.freeze, 2.0)


@both_sizes
async def test_black_hole(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    """As half-open, and what connects anew gets no answer for a while."""
    await hold(pbx, tmp_path, size, lambda proxy: proxy.freeze(newcomers=True), 2.0)


async def test_a_black_hole_that_lasts(pbx: Asterisk, tmp_path: Path) -> None:
    """Every try fails by its own time limit; nothing piles up, and the first one after it is over succeeds."""
    async with through_a_proxy(pbx, tmp_path) as (running, proxy):
        proxy.freeze(newcomers=True)
        await noticed(running)
        tries = proxy.connections
        await asyncio.sleep(12.0)  # longer than the login's limit
        assert tries <= proxy.connections <= tries + 4
        assert proxy.open <= 3
        proxy.heal()
        await back(running)
