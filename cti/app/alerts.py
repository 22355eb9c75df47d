"""Alerts wired into the product: each second how things stand is measured, and what changed is told and written.

Nothing is gathered that no rule asks for, and nothing is copied that something else keeps already: this happens each
second, between the calls. Neighbours: ``cti.live.readings`` measures, ``crm_core.alerts`` judges and keeps,
``screenpop.alerts`` shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from call_log.came import came
from crm_core.alerts.webhook import Webhook
from cti.kernel.db import left_for_later
from cti.live.alarms import Alert
from cti.live.events import CallChanged, CallEnded, CallStarted, Endpoint
from cti.live.readings import Now, wanted
from cti.live.record import CallRecord
from cti.live.repeats import Repeats
from screenpop.alerts import AlertScreens

if TYPE_CHECKING:
    from cti.app.product import Product

log = logging.getLogger(__name__)
TURN_SECONDS = 1.0
Heard = CallStarted | CallChanged | CallEnded
HEARD: tuple[type[Heard], ...] = (CallStarted, CallChanged, CallEnded)


class Watch:
    """``turn`` has to be called each second, ``take`` of calls that come and go. ``looked`` is told of each turn."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.looked: Callable[[], None] = lambda: None
        self._repeats = self._next = Repeats()
        self._missed = False

    async def run(self) -> None:
        """Look at how things stand, for as long as the product runs."""
        while True:
            await self.turn()
            await self._product.clock.sleep(TURN_SECONDS)

    async def turn(self) -> None:
        product, alerts = self._product, self._product.crm.alerts
        with left_for_later(log, "who called is not read"):
            await self._count()
        lines = any(rule.kind == "trunk_down" for rule in product.crm.alert_rules.active())
        trunks = await self._trunks() if lines else ()
        unseen = {x.url.name for x in product.listeners if not x.asked or x.link is None or not x.link.up}
        self._repeats.turn(product.clock.now())
        now = Now(
            at=product.clock.now(),
            calls=product.control.book,
            queues=product.feed.board.queues_now(),
            links=[x.link for x in product.listeners if x.link is not None],
            trunks=trunks,
            service_level=product.today.figures.service_level,
            repeats=self._repeats,
        )
        alerts.look(now, unseen)
        self.looked()
        with left_for_later(log, "alerts are not written"):
            await alerts.write()

    async def _trunks(self) -> Sequence[tuple[str, Endpoint]]:
        with left_for_later(log, "lines are not looked at for alerts"):
            return await self._product.crm.directory.trunks()
        return ()

    # --- who calls again and again

    def take(self, events: Sequence[Heard]) -> None:
        """Calls that came, went on or went."""
        if not (self._repeats.wanted or self._next.wanted):
            return
        for event in events:
            self._came(event.record if isinstance(event, CallEnded) else event.call.record)

    def missed(self, _count: int = 0) -> None:
        """Some were not told of: the log knows."""
        self._missed = True

    async def _count(self) -> None:
        """Where a rule asks for something else by now, the log is read for it; those who come meanwhile count too."""
        asked = frozenset(wanted(rule) for rule in self._product.crm.alert_rules.active() if rule.kind == "repeat")
        if asked == self._repeats.wanted and not self._missed and self._next is self._repeats:
            return
        self._missed, self._next = False, Repeats(asked)
        if asked:
            since = self._product.clock.now() - max(one.seconds for one in asked)
            async for some in came(self._product.database, since):
                for one in some:
                    self._next.add(one.call, one.number, one.at)
            for call in self._product.control.book:
                self._came(call.record)
        self._repeats = self._next

    def _came(self, record: CallRecord) -> None:
        number, at = record.caller.number, record.started_at
        if number and at and record.direction == "inbound" and record.kind == "call":
            for repeats in {self._repeats, self._next}:
                repeats.add(record.id, number, at)


async def begin(product: Product) -> None:
    """What was open is open again, and from now on how things stand is looked at. The day's figures have begun."""
    watch, alerts = Watch(product), product.crm.alerts
    await alerts.load()
    screens = AlertScreens(product.feed, alerts.all_open)
    hook = Webhook.of(product.settings.alerts, product.clock)

    def changed(some: Sequence[Alert]) -> None:
        screens.turn()
        hook.take(some)

    alerts.changed, watch.looked = changed, screens.turn
    product.bus.subscribe_batches("who calls again", HEARD, watch.take, on_gap=watch.missed)
    product.tasks.start("alerts sent", hook.run)
    product.tasks.start("alerts", watch.run)
