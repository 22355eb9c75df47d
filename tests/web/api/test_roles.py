"""Roles and teams over the API."""

from __future__ import annotations

from tests.web.api.test_users import asked, fits
from tests.web.conftest import Stage


async def test_a_role_comes_and_goes(on_stage: Stage) -> None:
    roles = (await asked(on_stage, "GET", "/api/v1/roles"))["items"]
    assert [role["id"] for role in roles] == ["agent", "supervisor", "manager", "administrator"]
    made = await asked(on_stage, "POST", "/api/v1/roles", 201, {"title": "Auditor", "permissions": ["audit.view"]})
    assert fits("Role", made)
    path = f"/api/v1/roles/{made['id']}"
    after = await asked(on_stage, "PATCH", path, 200, {"permissions": ["live.view", "audit.view"], "version": 1})
    assert after["permissions"] == ["live.view", "audit.view"] and after["title"] == "Auditor"
    await asked(on_stage, "PATCH", path, 409, {"title": "x", "version": 1})
    await asked(on_stage, "PATCH", path, 400, {"permissions": ["no.such"]})
    await asked(on_stage, "DELETE", path, 204)
    await asked(on_stage, "GET", path, 404)
    await asked(on_stage, "DELETE", "/api/v1/roles/administrator", 409)


async def test_nobody_can_lock_everybody_out(on_stage: Stage) -> None:
    await asked(on_stage, "PATCH", "/api/v1/roles/administrator", 409, {"permissions": []})


async def test_a_team_comes_and_goes(on_stage: Stage) -> None:
    made = await asked(on_stage, "POST", "/api/v1/teams", 201, {"name": "فروش"})
    path = f"/api/v1/teams/{made['id']}"
    after = await asked(on_stage, "PATCH", path, 200, {"users": [on_stage.actor.id]})
    assert fits("Team", after) and after["users"] == [on_stage.actor.id]
    await asked(on_stage, "PATCH", path, 404, {"users": ["nobody"]})
    await asked(on_stage, "POST", "/api/v1/teams", 409, {"name": "فروش"})
    assert (await asked(on_stage, "GET", path)) == after
    await asked(on_stage, "DELETE", path, 204)
    assert (await asked(on_stage, "GET", "/api/v1/teams"))["items"] == []


async def test_reading_is_for_everybody_writing_is_not(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    assert (await asked(agent, "GET", "/api/v1/roles"))["items"]
    await asked(agent, "POST", "/api/v1/roles", 403, {"title": "x"})
    await asked(agent, "POST", "/api/v1/teams", 403, {"name": "x"})
