"""Notes over the API."""

from __future__ import annotations

import json
from typing import Any

from tests.crm_core.timeline.people import party
from tests.web.conftest import Stage


async def send(stage: Stage, method: str, path: str, status: int, body: object = None) -> Any:
    got, text = await stage.send(method, path, json=body)
    assert got == status, text
    return json.loads(text) if text else None


async def test_written_read_changed_deleted(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    note = await send(on_stage, "POST", "/api/v1/notes", 201, {"text": "hello", "party": contact.id})
    assert note["written_at"].endswith("Z")
    assert note["author"] == on_stage.actor.id
    url = f"/api/v1/notes/{note['id']}"
    assert await send(on_stage, "GET", url, 200) == note
    assert (await send(on_stage, "PATCH", url, 200, {"text": "other"}))["text"] == "other"
    assert len((await send(on_stage, "GET", f"/api/v1/notes?party={contact.id}", 200))["items"]) == 1
    await send(on_stage, "DELETE", url, 204)
    await send(on_stage, "GET", url, 404)


async def test_mentions(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", name="الهام یوسفی")
    contact = await party(on_stage.services.crm, "مریم")
    note = await send(on_stage, "POST", "/api/v1/notes", 201, {"text": "@الهام یوسفی", "party": contact.id})
    assert note["mentioned"] == [agent.actor.id]
    (found,) = (await send(agent, "GET", "/api/v1/mentions", 200))["items"]
    assert (found["note"]["id"], found["seen_at"]) == (note["id"], None)
    await send(agent, "POST", f"/api/v1/notes/{note['id']}/seen", 204)
    (found,) = (await send(agent, "GET", "/api/v1/mentions", 200))["items"]
    assert found["seen_at"].endswith("Z")


async def test_refused(on_stage: Stage) -> None:
    await send(on_stage, "POST", "/api/v1/notes", 400, {"text": "x"})
    await send(on_stage, "POST", "/api/v1/notes", 400, {"text": "", "party": "x"})
    await send(on_stage, "POST", "/api/v1/notes", 404, {"text": "x", "party": "a\0b"})
    await send(on_stage, "POST", "/api/v1/notes", 400, {"text": "x", "call": "a\0b"})
    await send(on_stage, "GET", "/api/v1/notes?party=%00", 200)
    await send(on_stage, "PATCH", "/api/v1/notes/none", 404, {"text": "x"})
