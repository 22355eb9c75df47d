"""Tasks over the API."""

from __future__ import annotations

from tests.crm_core.timeline.people import party
from tests.web.api.test_notes import send
from tests.web.conftest import Stage

URL = "/api/v1/tasks"


async def test_made_changed_done_deleted(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    body = {"title": "call back", "party": contact.id, "due_at": "2026-12-01T10:00:00Z"}
    task = await send(on_stage, "POST", URL, 201, body)
    assert (task["due_at"], task["done_at"]) == ("2026-12-01T10:00:00.000Z", None)
    one = f"{URL}/{task['id']}"
    assert await send(on_stage, "GET", one, 200) == task
    changed = await send(on_stage, "PATCH", one, 200, {"due_day": "2026-12-02"})
    assert (changed["due_day"], changed["title"]) == ("2026-12-02", "call back")
    assert (await send(on_stage, "PATCH", one, 200, {"due_at": None}))["due_at"] is None
    assert (await send(on_stage, "POST", f"{one}/done", 200))["done_at"] is not None
    assert (await send(on_stage, "GET", f"{URL}?open=false", 200))["items"][0]["id"] == task["id"]
    assert (await send(on_stage, "POST", f"{one}/reopen", 200))["done_at"] is None
    assert (await send(on_stage, "GET", f"{URL}?party={contact.id}", 200))["items"][0]["id"] == task["id"]
    await send(on_stage, "DELETE", one, 204)
    await send(on_stage, "GET", one, 404)


async def test_refused(on_stage: Stage) -> None:
    await send(on_stage, "POST", URL, 400, {})
    await send(on_stage, "POST", URL, 400, {"title": "x", "owner": "nobody"})
    await send(on_stage, "POST", URL, 400, {"title": "x", "due_day": "2026-02-31"})
    await send(on_stage, "POST", URL, 400, {"title": "x", "due_at": "9999-12-31T23:59:59Z"})
    await send(on_stage, "POST", URL, 400, {"title": "\0"})
    await send(on_stage, "POST", URL, 404, {"title": "x", "party": "nobody"})
    await send(on_stage, "GET", f"{URL}?owner=%00&due_before=2026-01-01T00:00:00Z", 200)
    agent = await on_stage.as_role("agent")
    await send(agent, "GET", f"{URL}?team=x", 403)
