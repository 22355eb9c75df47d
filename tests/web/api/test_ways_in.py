"""One's sessions and tokens over the API."""

from __future__ import annotations

import aiohttp

from tests.web.api.test_users import asked, fits
from tests.web.conftest import Stage


async def test_sessions_are_listed_and_ended(on_stage: Stage) -> None:
    elsewhere = await on_stage.as_user(on_stage.actor.id)
    sessions = (await asked(on_stage, "GET", "/api/v1/sessions"))["items"]
    assert all(fits("SessionInfo", one) for one in sessions) and len(sessions) == 2
    (other,) = [one["id"] for one in sessions if not one["current"]]
    assert other == elsewhere.actor.session
    await asked(on_stage, "DELETE", f"/api/v1/sessions/{other}", 204)
    await asked(elsewhere, "GET", "/api/v1/users/me", 401)
    await on_stage.as_user(on_stage.actor.id)
    await asked(on_stage, "DELETE", "/api/v1/sessions", 204)
    assert len((await asked(on_stage, "GET", "/api/v1/sessions"))["items"]) == 1


async def test_sessions_of_others_are_nobodys_business(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    await asked(agent, "DELETE", f"/api/v1/sessions/{on_stage.actor.session}", 404)


async def test_a_token_may_what_it_was_made_for(on_stage: Stage) -> None:
    body = {"name": "report", "scopes": ["calls.view_all"], "expires_at": "2099-01-01T00:00:00Z"}
    made = await asked(on_stage, "POST", "/api/v1/tokens", 201, body)
    assert fits("TokenCreated", made)
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    async with aiohttp.ClientSession(headers=bearer) as http:
        for path, status in (("calls", 200), ("users", 403), ("users/me", 200)):
            async with http.get(f"{on_stage.url}/api/v1/{path}") as response:
                assert response.status == status
    assert [one["name"] for one in (await asked(on_stage, "GET", "/api/v1/tokens"))["items"]] == ["report"]
    await asked(on_stage, "DELETE", f"/api/v1/tokens/{made['token']['id']}", 204)
    async with aiohttp.ClientSession(headers=bearer) as http, http.get(f"{on_stage.url}/api/v1/calls") as response:
        assert response.status == 401


async def test_tokens_that_cannot_be(on_stage: Stage) -> None:
    await asked(on_stage, "POST", "/api/v1/tokens", 400, {"name": "x", "expires_at": "2001-01-01T00:00:00Z"})
    await asked(on_stage, "POST", "/api/v1/tokens", 400, {"name": "x", "scopes": ["no.such"]})
    agent = await on_stage.as_role("agent")
    await asked(agent, "POST", "/api/v1/tokens", 403, {"name": "x", "scopes": ["users.manage"]})
