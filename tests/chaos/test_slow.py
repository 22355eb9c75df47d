"""The product stands still for seconds under load: Asterisk does not cut it off (writetimeout), and nothing is lost."""

import time
from pathlib import Path

import pytest

from tests.chaos.storm import OFTEN, Size, agreed, both_sizes, moments, storm
from tests.live import running_product
from tests.pbx.asterisk import Asterisk

pytestmark = pytest.mark.pbx
STILL_SECONDS = 3.0


@both_sizes
async def test_a_loop_that_stands_still(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    async with running_product(
        tmp_path, pbx.profile, pbx_url=pbx.ami_url(), cdr_url=str(pbx.truth), reconcile_minutes=OFTEN
    ) as running:
        await running.connected()
        async with storm(pbx, size):
            async for _ in moments(size, spare=STILL_SECONDS):
                time.sleep(STILL_SECONDS)  # noqa: ASYNC251 - the fault itself
        await running.quiet()
        records = await agreed(pbx, running.records, size, tell=f"stood still for {STILL_SECONDS} s each time")
        assert len(records) == size.calls
        (listener,) = running.product.listeners
        assert listener.connection.counts.connections == 1
        assert not listener.tracker.oddities
        assert await running.product.ledger.differences("main", 0.0, 1e12) == []
