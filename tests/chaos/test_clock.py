"""The PBX's clock is a minute and a half off: measured by Ping, kept, and every time set right, also after a gap.

It is our clock that is turned here, for the product alone: to it Asterisk is wrong, with all that it writes and says.
"""

from pathlib import Path

import pytest

from cti.kernel.clock import SystemClock
from tests.chaos.storm import IN_MAKE_CHAOS, LONG, OFTEN, SHORT, Size, agreed, moments, storm
from tests.live import running_product, until
from tests.pbx.asterisk import Asterisk
from tests.proxy import Proxy

pytestmark = pytest.mark.pbx


class Behind(SystemClock):
    """A clock that is `seconds` behind everybody else's; negative: ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return super().now() - self._seconds


@pytest.mark.parametrize(
    ("size", "ahead"),
    [(SHORT, 90.0), *(pytest.param(LONG, ahead, marks=IN_MAKE_CHAOS) for ahead in (90.0, -90.0))],
    ids=["ahead-short", "ahead-long", "behind-long"],
)
async def test_the_pbxs_clock_is_off(pbx: Asterisk, tmp_path: Path, size: Size, ahead: float) -> None:
    clock, cdr = Behind(ahead), str(pbx.truth)
    async with Proxy.running(*pbx.ami) as proxy:
        url = proxy.instead_of(pbx.ami_url())
        async with running_product(
            tmp_path, pbx.profile, clock=clock, pbx_url=url, cdr_url=cdr, reconcile_minutes=OFTEN
        ) as running:
            await running.connected()
            async with storm(pbx, size):
                async for _ in moments(size, spare=2.0):
                    proxy.cut()  # what the PBX then lists, and what its own records say, has its times too
            await running.quiet()
            records = await agreed(pbx, running.records, size, ahead=ahead, tell=f"clock {ahead:+.0f} s off")
            assert len(records) == size.calls
            product = running.product
            kept = await product.ledger.clock_offset("main", clock.now())
            assert kept == pytest.approx(ahead, abs=0.5)
            assert (
                f"{ahead:+.0f}"
                in next(f for f in await product.doctor.examine() if "clock" in f.title).values["seconds"]
            )


async def test_what_a_run_before_left_is_read_by_the_clock_that_was_kept(pbx: Asterisk, tmp_path: Path) -> None:
    """The product is stopped in mid-call and started again: one record, with the right times, by our clock."""
    clock, size = Behind(90.0), Size("stop", 4, 12, 1, 0.0)
    settings = {"clock": clock, "pbx_url": pbx.ami_url(), "cdr_url": str(pbx.truth), "reconcile_minutes": OFTEN}
    async with storm(pbx, size):
        async with running_product(tmp_path, pbx.profile, **settings) as running:
            await running.connected()
            await until(lambda: len(running.live()) > 5)
        async with running_product(tmp_path, pbx.profile, **settings) as running:
            translator = running.product.listeners[0].translator
            assert translator.clock_offset == pytest.approx(90.0, abs=0.5)
    async with running_product(tmp_path, pbx.profile, **settings) as running:
        await running.connected()
        await agreed(pbx, running.records, size, ahead=90.0)
