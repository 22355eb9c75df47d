"""Alerts in a whole product: a link that is lost is told, and cleared when it is back."""

from __future__ import annotations

from pathlib import Path

from crm_core.alerts.service import AlertRules
from cti.live.alarms import AlertRule
from tests.crm_core.users.people import SYSTEM
from tests.live import running_product, until


async def test_a_full_queue_is_pushed_and_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        alerts = running.product.crm.alerts
        always = AlertRule(id="any", kind="waiting", limit=0)
        await alerts.put_rules(SYSTEM, AlertRules(rules=(always,), version=0))
        async with running.push("alerts:all") as push:
            await until(lambda: push.of("alerts:all")[-1]["data"]["alerts"] if push.of("alerts:all") else None, 15)
        ids = {alert.id for alert in alerts.open(SYSTEM)}
        await until(lambda: not alerts._unwritten, 5)
    async with running_product(tmp_path) as running:
        assert ids <= {alert.id for alert in running.product.crm.alerts.open(SYSTEM)}
