"""Alerts in a whole product: what is past its limit is pushed, and is there after a restart; who calls again is told,
also by a rule that is made while the product runs."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import msgspec

from call_log.model import Entry
from crm_core.alerts.rules import AlertRules
from cti.app.alerts import Watch
from cti.live.alarms import AlertRule
from cti.live.events import CallChanged, CallEnded
from tests.crm_core.users import people
from tests.crm_core.users.people import SYSTEM
from tests.live import Push, Running, fetch, running_product, until
from tests.web import sample

AGAIN = AlertRule(id="again", kind="repeat", limit=3, window_minutes=600)


async def test_a_full_queue_is_pushed_and_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        product, alerts = running.product, running.product.crm.alerts
        always = AlertRule(id="any", kind="waiting", limit=0)
        await product.crm.alert_rules.put(SYSTEM, AlertRules(rules=(always,), version=0))
        async with running.push("alerts:all") as push:
            await until(lambda: push.of("alerts:all")[-1]["data"]["alerts"] if push.of("alerts:all") else None, 15)
        ids = {alert.id for alert in alerts.open(SYSTEM)}
        await until(lambda: not alerts._unwritten, 5)
    async with running_product(tmp_path) as running:
        assert ids <= {alert.id for alert in running.product.crm.alerts.open(SYSTEM)}


async def test_each_supervisor_is_told_of_his_teams_queues(tmp_path: Path) -> None:
    """From who works with which queue to the socket and the API, through all of the product."""
    async with running_product(tmp_path) as running:
        crm, leads = running.product.crm, dict[str, tuple[str, str]]()
        for queue in ("sales", "support"):
            team = await crm.teams.create(SYSTEM, queue)
            await people.make(crm, f"agent-{queue}", "agent", teams=(team.id,), queues=(queue,))
            lead = await people.make(crm, f"lead-{queue}", "supervisor", teams=(team.id,))
            leads[team.id] = (queue, (await crm.tokens.create(SYSTEM, "test", user_id=lead.id)).secret)
        await crm.alert_rules.put(SYSTEM, AlertRules(rules=(AlertRule(id="any", kind="waiting", limit=0),)))
        await until(lambda: leads.keys() <= {team for one in crm.alerts.all_open() for team in one.teams or ()}, 15)
        for team_id, (queue, token) in leads.items():
            async with Push(running.url, topic := f"alerts:{team_id}", token=token) as push:
                await until(partial(push.of, topic))
                assert [row["queue"] for row in push.of(topic)[-1]["data"]["alerts"].values()] == [queue]
            _, found = await asyncio.to_thread(fetch, f"{running.url}/api/v1/alerts?open=true", token)
            assert [one["subject"]["queue"] for one in found["items"]] == [queue]


async def alone(running: Running) -> Watch:
    """A watch that looks when it is told to, in place of the product's own."""
    (own,) = (task for task in running.product.tasks.tasks if task.name == "alerts")
    await own.stop(5.0)
    return Watch(running.product)


def came(running: Running, n: int, ago: float, number: str = "09121234567") -> CallEnded:
    """A call of ``ago`` seconds back."""
    at = running.product.clock.now() - ago
    made = sample.record(f"again{n}", at, "inbound", ("", number), "5000", (("wait", 0.0, 5.0),), outcome="abandoned")
    return CallEnded(at + 5, made)


async def test_a_rule_that_is_made_late_counts_the_day_that_was(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        product, alerts, watch = running.product, running.product.crm.alerts, await alone(running)
        calls = [came(running, n, ago) for n, ago in enumerate((50_000, 7200, 3600))]
        await product.store.save([Entry(one.record, one.at) for one in calls])
        await watch.turn()
        await product.crm.alert_rules.put(SYSTEM, AlertRules(rules=(AGAIN,)))
        await watch.turn()
        assert alerts.open(SYSTEM) == (), "the first was eleven hours ago"
        live = came(running, 3, 10).record
        watch.take([CallChanged(0.0, sample.live_call("x", 1.0, ("", None), "talking", 1.0)), CallEnded(0.0, live)])
        watch.take([CallEnded(0.0, live)])
        await watch.turn()
        (alert,) = alerts.open(SYSTEM)
        assert (alert.subject.number, alert.value) == ("+989121234567", 3.0)


async def test_events_that_were_missed_are_read(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        product, alerts, watch = running.product, running.product.crm.alerts, await alone(running)
        await product.crm.alert_rules.put(SYSTEM, AlertRules(rules=(msgspec.structs.replace(AGAIN, limit=2),)))
        await watch.turn()
        calls = [came(running, n, ago) for n, ago in enumerate((200, 100))]
        await product.store.save([Entry(one.record, one.at) for one in calls])
        await watch.turn()
        assert alerts.open(SYSTEM) == ()
        watch.missed(2)
        await watch.turn()
        assert [alert.value for alert in alerts.open(SYSTEM)] == [2.0]
