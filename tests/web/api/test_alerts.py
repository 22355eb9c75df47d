"""Alerts over the API: listed, taken once, and their rules written whole."""

from __future__ import annotations

import json

from crm_core.alerts.service import AlertRules
from cti.live.alarms import AlertRule
from cti.live.events import QueueChanged
from cti.live.readings import Now
from tests.web import sample
from tests.web.conftest import Stage


async def test_listed_and_taken(on_stage: Stage) -> None:
    alerts = on_stage.services.crm.alerts
    rules = AlertRules(rules=(AlertRule(id="two", kind="waiting", limit=2),))
    status, text = await on_stage.send("PUT", "/api/v1/alert-rules", json=json.loads(_json(rules)))
    assert status == 200, text
    assert json.loads(text)["version"] == 1
    alerts.look(Now(at=sample.NOW, queues=[QueueChanged("main", 1.0, "sales", 3, ())]))
    await alerts.write()
    (row,) = json.loads((await on_stage.go("/api/v1/alerts?open=true"))[1])["items"]
    assert (row["kind"], row["subject"], row["value"], row["cleared_at"]) == (
        "waiting",
        {"pbx": "main", "queue": "sales"},
        3,
        None,
    )
    assert row["raised_at"].endswith("Z")
    boss = await on_stage.as_role("supervisor")
    assert (await boss.send("POST", f"/api/v1/alerts/{row['id']}/take"))[0] == 200
    status, text = await on_stage.send("POST", f"/api/v1/alerts/{row['id']}/take")
    assert status == 409, text
    assert json.loads((await on_stage.go("/api/v1/alerts"))[1])["items"][0]["taken_by"] == boss.actor.id


def _json(rules: AlertRules) -> str:
    import msgspec

    return msgspec.json.encode(rules).decode()
