"""The page of alerts: rules added, changed, refused as they were typed, taken away; what was warned of."""

from __future__ import annotations

from typing import Any

from crm_core.alerts.rules import AlertRules
from cti.live.alarms import AlertRule
from cti.live.events import PbxLinkChanged, QueueChanged
from cti.live.readings import Now
from tests.web import sample
from tests.web.conftest import Stage

PATH = "/admin/alerts"
TYPED = {
    "kind": "waiting", "level": "bad", "limit": "۵", "clear_limit": "2", "raise_after": "10", "clear_after": "",
    "window_minutes": "15", "queues": "sales، tech", "quiet_from": "22:00", "quiet_to": "۰۷:۳۰", "active": "on",
}  # fmt: skip


async def rules(on_stage: Stage) -> AlertRules:
    return await on_stage.services.crm.alert_rules.get(on_stage.actor)


async def post(on_stage: Stage, path: str, status: int = 303, **data: Any) -> str:
    typed = {"version": (await rules(on_stage)).version, **TYPED, **data}
    got, text = await on_stage.send("POST", f"{PATH}/rules{path}", data=typed)
    assert got == status, text
    return text


async def test_added_changed_and_taken_away(on_stage: Stage) -> None:
    await post(on_stage, "")
    made = (await rules(on_stage)).rules[-1]
    assert (made.kind, made.limit, made.clear_limit, made.clear_after) == ("waiting", 5, 2, 10)
    assert (made.queues, made.quiet_from, made.quiet_to) == (("sales", "tech"), 1320, 450)
    await post(on_stage, f"/{made.id}", limit="9")
    assert (await rules(on_stage)).rules[-1].limit == 9
    assert "sales, tech" in await on_stage.page(f"{PATH}?saved")
    await post(on_stage, f"/{made.id}", do="delete")
    assert all(one.id != made.id for one in (await rules(on_stage)).rules)


async def test_refused_as_it_was_typed(on_stage: Stage) -> None:
    for wrong in (
        {"limit": "many"},
        {"quiet_to": "25:00"},
        {"quiet_to": ""},
        {"kind": "weather"},
        {"clear_limit": "8"},
    ):
        text = await post(on_stage, "", 422, **wrong)
        assert 'role="alert"' in text
        assert "sales، tech" in text
    await post(on_stage, "", 422, version=9)
    await post(on_stage, "/none", 422)
    assert (await on_stage.send("POST", f"{PATH}/rules", data={}))[0] == 422


async def test_what_was_warned_of(on_stage: Stage) -> None:
    """And who saw to it; names from outside are text, and turn nothing around."""
    crm = on_stage.services.crm
    rules = (AlertRule(id="full", kind="waiting", limit=1), AlertRule(id="link", kind="link_down", clear_after=0))
    await crm.alert_rules.put(on_stage.actor, AlertRules(rules=rules))
    queues = [QueueChanged("main", sample.NOW, "<b>sup\u202eport", 2, ())]
    crm.alerts.look(Now(at=sample.NOW, queues=queues, links=[PbxLinkChanged("north", sample.NOW, False, "")]))
    link = next(one for one in crm.alerts.all_open() if one.kind == "link_down")
    await crm.alerts.take(on_stage.actor, link.id)
    crm.alerts.look(Now(at=sample.NOW + 75, queues=queues))
    await crm.alerts.write()
    page = await on_stage.page(f"{PATH}?lang=en")
    assert "north" in page and f"\u2068{on_stage.actor.name}\u2069 saw to it" in page and "1:15" in page
    assert "&lt;b&gt;sup port" in page and "\u202e" not in page
    assert page.count(">still<") == 1


async def test_a_limit_of_the_api_is_shown_as_it_is(on_stage: Stage) -> None:
    rules = AlertRules(rules=(AlertRule(id="half", kind="wait", limit=2.5, clear_limit=1.0),))
    await on_stage.services.crm.alert_rules.put(on_stage.actor, rules)
    page = await on_stage.page(f"{PATH}?lang=en")
    assert page.count("2.5") == 2, "in the list and in the form"
    await post(on_stage, "/half", 422, limit="2.5")
