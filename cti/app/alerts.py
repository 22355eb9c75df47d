"""Alerts wired into the product: each second how things stand is measured, and what changed is told and written.

Neighbours: ``cti.live.readings`` measures, ``crm_core.alerts`` judges and keeps, ``screenpop.alerts`` shows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from call_log.query import CallFilter
from crm_core.alerts.webhook import Webhook
from cti.kernel.db import left_for_later
from cti.live.alarms import Alert
from cti.live.events import Endpoint, LiveCall
from cti.live.readings import Now
from cti.live.record import CallRecord
from screenpop.alerts import AlertScreens

if TYPE_CHECKING:
    from cti.app.product import Product

log = logging.getLogger(__name__)
TURN_SECONDS = 1.0
DAY_SECONDS = 86_400.0
MOST_CAME = 200_000
"""Calls of a day that are remembered for who calls again and again."""


class Watch:
    """``turn`` has to be called each second."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._came: dict[str, tuple[str, float]] = {}  # call -> number, when; oldest first

    async def load(self) -> None:
        """Who called in the last day, where a rule asks for it."""
        alerts = self._product.crm.alerts
        await alerts.load()
        if not any(rule.kind == "repeat" for rule in alerts.now.rules):
            return
        wanted = CallFilter(direction="inbound", start=self._product.clock.now() - DAY_SECONDS)
        found: list[CallRecord] = []
        cursor: str | None = None
        while len(found) < MOST_CAME:
            page = await self._product.calls.page(wanted, cursor, 200)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        for record in reversed(found):
            self._remember(record)

    async def run(self) -> None:
        """Look at how things stand, for as long as the product runs."""
        while True:
            await self.turn()
            await self._product.clock.sleep(TURN_SECONDS)

    async def turn(self) -> None:
        product = self._product
        trunks = await self._trunks()
        calls = [call for x in product.listeners for call in x.tracker.snapshot()]
        unseen = {x.url.name for x in product.listeners if not x.asked or x.link is None or not x.link.up}
        now = Now(
            at=product.clock.now(),
            calls=calls,
            queues=[queue for x in product.listeners for queue in x.tracker.queues()],
            links=[x.link for x in product.listeners if x.link is not None],
            trunks=trunks,
            service_level=product.today.figures.service_level,
            came=self._who_came(calls),
        )
        product.crm.alerts.look(now, unseen)
        with left_for_later(log, "alerts are not written"):
            await product.crm.alerts.write()

    async def _trunks(self) -> list[tuple[str, Endpoint]]:
        with left_for_later(log, "lines are not looked at for alerts"):
            seen = await self._product.crm.directory.known()
            return [(one.pbx, line) for one in seen for line in one.endpoints if line.kind == "trunk"]
        return []

    def _who_came(self, calls: list[LiveCall]) -> list[tuple[str, float]]:
        for call in calls:
            self._remember(call.record)
        before = self._product.clock.now() - DAY_SECONDS
        while self._came and next(iter(self._came.values()))[1] < before:
            del self._came[next(iter(self._came))]
        return list(self._came.values())

    def _remember(self, record: CallRecord) -> None:
        number, at = record.caller.number, record.started_at
        if record.direction == "inbound" and record.kind == "call" and number and at and record.id not in self._came:
            self._came[record.id] = (number, at)
            if len(self._came) > MOST_CAME:
                del self._came[next(iter(self._came))]


async def begin(product: Product) -> None:
    """What was open is open again, and from now on how things stand is looked at. The day's figures have begun."""
    watch = Watch(product)
    await watch.load()
    screens = AlertScreens(product.feed, product.crm.alerts.all_open)
    hook = Webhook.of(product.settings.alerts, product.clock)

    def changed(alerts: Sequence[Alert]) -> None:
        screens.take(alerts)
        hook.take(alerts)

    product.crm.alerts.changed = changed
    product.tasks.start("alerts sent", hook.run)
    product.tasks.start("alerts", watch.run)
