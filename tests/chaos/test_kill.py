"""The product is killed, again and again, while a real Asterisk is busy: no call is lost, doubled, or a ghost."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.chaos.storm import IN_MAKE_CHAOS, LONG, OFTEN, SHORT, Size, agreed, both_sizes, moments, storm
from tests.databases import postgres
from tests.live import ProductProcess, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.truth import read

pytestmark = pytest.mark.pbx

MARGIN = 2.0
"""What was told in the last half second before a kill is not in the journal; a list may come a second late."""


async def no_ghost(product: ProductProcess) -> None:
    """Nothing is up: not on the board that browsers see, not in the metrics, not in the log."""
    async with product.push("board:all") as push:
        snapshot = (await until(lambda: push.of("board:all")))[0]
        assert snapshot["type"] == "snapshot"
        assert snapshot["data"]["calls"] == {}
    assert 'tamas_calls_live{pbx="main"} 0.0' in (await product.get("/metrics"))[1]
    assert not [record for record in await product.records() if record.provisional]


async def kill_and_start(product: ProductProcess, longest: float) -> tuple[float, float]:
    """From when to when nobody listened, epoch seconds."""
    down = time.time()
    product.kill()
    await asyncio.sleep(random.uniform(0, longest))  # calls come, go and change while nobody listens
    await product.start()
    await until(product.ready)
    return down, time.time()


@pytest.mark.parametrize(
    ("size", "database"),
    [
        (SHORT, "sqlite"),
        pytest.param(LONG, "sqlite", marks=IN_MAKE_CHAOS),
        pytest.param(LONG, "postgresql", marks=IN_MAKE_CHAOS),
    ],
    ids=["short", "long", "long-postgresql"],
)
async def test_killed_under_load(pbx: Asterisk, tmp_path: Path, size: Size, database: str) -> None:
    url = postgres().new_url() if database == "postgresql" else ""
    settings = {"pbx_url": pbx.ami_url(), "cdr_url": str(pbx.truth), "reconcile_minutes": OFTEN, "database_url": url}
    async with ProductProcess(tmp_path, pbx.profile, **settings) as product:
        await until(product.ready)
        async with storm(pbx, size):
            async for _ in moments(size, spare=2.0):
                await kill_and_start(product, 3.0)
        records = await agreed(pbx, product.records, size, tell=f"{product.starts - 1} kills")
        assert not [record for record in records if record.outcome == "lost"]
        assert len(await product.calls()) == len(records) == size.calls
        await no_ghost(product)


@both_sizes
async def test_killed_without_a_truth_to_ask(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    """What was not seen is then `lost`, said so and counted; what was seen is right."""
    async with ProductProcess(tmp_path, pbx.profile, pbx_url=pbx.ami_url()) as product:
        await until(product.ready)
        async with storm(pbx, size):
            outages = [await kill_and_start(product, 1.0) async for _ in moments(size, spare=2.0)]

        async def settled() -> bool:
            return not [record for record in await product.records() if record.provisional]

        await until(settled, 60, "a call without an end stays in the log")
        await no_ghost(product)
        records = await product.records()
    truths = {linkedid: one for one in read(pbx.cel) for linkedid in one.linkedids}
    ids = [truths[record.linkedid].linkedids for record in records]
    assert len(ids) == len(set(ids)), "a call is in the log twice"
    lost = [record for record in records if record.outcome == "lost"]
    unseen = size.calls - len(records)
    print(f"{size.name}: {size.calls} calls, {len(lost)} lost, {unseen} began and ended while nobody listened")
    for record in lost:
        one = truths[record.linkedid]
        overlaps = [one.started_at <= up + MARGIN and one.ended_at >= down - MARGIN for down, up in outages]
        assert any(overlaps), f"{record.id} was up while we listened, and is lost"
    for record in records:
        if record.outcome != "lost":
            talk = sum(leg.talk_seconds for leg in record.legs if not leg.outside)
            assert talk == pytest.approx(
                sum(truths[record.linkedid].talk.get(x.endpoint, 0) for x in record.legs), abs=0.1
            )
