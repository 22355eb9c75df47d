"""The page of alerts: rules added, changed, refused as they were typed, taken away; what was warned of."""

from __future__ import annotations

from typing import Any

from crm_core.alerts.rules import AlertRules
from cti.live.events import PbxLinkChanged
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
    alerts = on_stage.services.crm.alerts
    for at in (sample.NOW - 10, sample.NOW):
        alerts.look(Now(at=at, links=[PbxLinkChanged("north", at, False, "")]))
    await alerts.write()
    assert "north" in await on_stage.page(PATH)
