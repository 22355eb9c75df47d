"""Alerts over the API: listed for whom they concern, taken once, and their rules written whole."""

from __future__ import annotations

import json

import msgspec
import pytest

from crm_core.alerts.rules import AlertRules
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.live.alarms import AlertRule
from cti.live.events import PbxLinkChanged, QueueChanged
from cti.live.readings import Now
from tests.crm_core.users.people import SYSTEM
from tests.web import sample
from tests.web.conftest import Stage

RULES = AlertRules(
    rules=(AlertRule(id="two", kind="waiting", limit=2), AlertRule(id="link", kind="link_down", level="bad"))
)


async def test_listed_and_taken(on_stage: Stage) -> None:
    alerts = on_stage.services.crm.alerts
    status, text = await on_stage.send("PUT", "/api/v1/alert-rules", json=msgspec.to_builtins(RULES))
    assert status == 200, text
    assert json.loads(text)["version"] == 1
    alerts.look(Now(at=sample.NOW, queues=[QueueChanged("main", 1.0, "sales", 3, ())]))
    await alerts.write()
    (row,) = json.loads((await on_stage.go("/api/v1/alerts?open=true"))[1])["items"]
    shown = (row["kind"], row["subject"], row["value"], row["cleared_at"], row["teams"])
    assert shown == ("waiting", {"pbx": "main", "queue": "sales"}, 3, None, [])
    assert row["raised_at"].endswith("Z")
    boss = await on_stage.as_role("manager")
    assert (await boss.send("POST", f"/api/v1/alerts/{row['id']}/take"))[0] == 200
    status, text = await on_stage.send("POST", f"/api/v1/alerts/{row['id']}/take")
    assert status == 409, text
    assert json.loads((await on_stage.go("/api/v1/alerts"))[1])["items"][0]["taken_by"] == boss.actor.id


@pytest.mark.parametrize(
    ("role", "of_team", "seen", "taken"),
    [
        ("administrator", False, {"sales", "help", ""}, 200), ("manager", False, {"sales", "help", ""}, 200),
        ("supervisor", True, {"sales", ""}, 200), ("supervisor", False, {""}, 403), ("agent", True, {"sales", ""}, 403),
    ],
)  # fmt: skip
async def test_who_sees_and_takes_what(on_stage: Stage, role: str, of_team: bool, seen: set[str], taken: int) -> None:
    crm = on_stage.services.crm
    team = await crm.teams.create(SYSTEM, "Sales")
    who = await on_stage.as_role(role, teams=(team.id,) if of_team else ())
    crm.reach.take(PeopleAtPhones({}, (), (Mate("sara", "Sara", (team.id,), ("sales",)),), ((team.id, "Sales"),)))
    await crm.alert_rules.put(SYSTEM, RULES)
    queues = [QueueChanged("main", 1.0, name, 3, ()) for name in ("sales", "help")]
    crm.alerts.look(Now(at=sample.NOW, queues=queues, links=[PbxLinkChanged("north", 1.0, False, "gone")]))
    await crm.alerts.write()
    for path in ("/api/v1/alerts", "/api/v1/alerts?open=true"):
        status, text = await who.go(path)
        assert status == 200
        assert {one["subject"].get("queue", "") for one in json.loads(text)["items"]} == seen
    (sales,) = (one for one in crm.alerts.all_open() if one.subject.queue == "sales")
    assert (await who.send("POST", f"/api/v1/alerts/{sales.id}/take"))[0] == taken
