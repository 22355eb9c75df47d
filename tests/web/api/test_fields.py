"""Custom fields by the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.conftest import Stage

LEVEL = {"kind": "person", "name": "level", "type": "choice", "en": "Level", "choices": [{"value": "gold"}]}


async def sent(on_stage: Stage, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    status, text = await on_stage.send(method, path, json=body)
    return status, json.loads(text)


async def test_a_field_is_defined_listed_and_taken_out_of_use(on_stage: Stage) -> None:
    status, made = await sent(on_stage, "POST", "/api/v1/fields", LEVEL)
    assert (status, made["name"], made["version"]) == (201, "level", 1)
    found = json.loads(await on_stage.page("/api/v1/fields?kind=person"))
    assert found == {"items": [made], "next": None}
    change = {"en": "Rank", "choices": [{"value": "gold"}], "active": False}
    status, changed = await sent(on_stage, "PUT", f"/api/v1/fields/{made['id']}", change)
    assert (status, changed["en"], changed["version"]) == (200, "Rank", 2)
    assert json.loads(await on_stage.page("/api/v1/fields"))["items"] == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"name": "A"}, 400), ({"type": "colour"}, 400), ({"choices": []}, 400), ({"en": ""}, 400), ({"more": 1}, 400)],
)
async def test_what_cannot_be_is_told(on_stage: Stage, wrong: dict[str, Any], status: int) -> None:
    assert (await sent(on_stage, "POST", "/api/v1/fields", LEVEL | wrong))[0] == status


async def test_twice_and_nowhere(on_stage: Stage) -> None:
    await sent(on_stage, "POST", "/api/v1/fields", LEVEL)
    assert (await sent(on_stage, "POST", "/api/v1/fields", LEVEL))[0] == 409
    assert (await sent(on_stage, "PUT", "/api/v1/fields/none", {"en": "x"}))[0] == 404


async def test_agents_read_them_only(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/api/v1/fields"))[0] == 200
    assert (await sent(agent, "POST", "/api/v1/fields", LEVEL))[0] == 403
