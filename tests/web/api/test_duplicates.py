"""Duplicates over the API: listed, told apart, merged, undone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crm_core.contacts.model import Draft, DraftNumber
from tests.web.api.test_schema import strict
from tests.web.conftest import Stage


async def make(on_stage: Stage, name: str, number: str = "09129990011", kind: str = "person") -> str:
    draft = Draft(name=name, numbers=(DraftNumber(number),))
    return (await on_stage.services.crm.contacts.create(on_stage.actor, kind, draft)).id  # type: ignore[arg-type]


async def send(on_stage: Stage, path: str, body: object = None) -> tuple[int, Any]:
    status, text = await on_stage.send("POST", f"/api/v1/{path}", json={} if body is None else body)
    return status, json.loads(text) if text else None


async def listed(on_stage: Stage) -> list[dict[str, Any]]:
    await on_stage.services.crm.duplicate_watch.look_through()
    items: list[dict[str, Any]] = json.loads(await on_stage.page("/api/v1/duplicates"))["items"]
    return items


async def test_listed_and_told_apart(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "علیرضا")
    (found,) = await listed(on_stage)
    schema = {"$ref": "#/components/schemas/Suggestion", "components": {"schemas": strict()}}
    assert list(Draft202012Validator(schema).iter_errors(found)) == []
    assert {found["one"], found["other"]} == {one, other}
    assert found["reasons"] == [{"kind": "number", "value": "09129990011"}]
    assert (await send(on_stage, "duplicates/dismiss", {"one": other, "other": one}))[0] == 204
    assert await listed(on_stage) == []


async def test_merged_and_undone(on_stage: Stage) -> None:
    one, other = await make(on_stage, "علی"), await make(on_stage, "علیرضا", "09359990011")
    body = {"others": [other], "choices": {"name": other}}
    status, party = await send(on_stage, f"contacts/{one}/merge", body)
    assert status == 200, party
    assert (party["id"], party["name"], len(party["numbers"])) == (one, "علیرضا", 2)
    assert json.loads(await on_stage.page(f"/api/v1/contacts/{other}"))["id"] == one
    status, answer = await send(on_stage, f"contacts/{one}/unmerge")
    assert status == 200
    assert [(party["id"], party["name"]) for party in answer["items"]] == [(one, "علی"), (other, "علیرضا")]
    assert (await send(on_stage, f"contacts/{one}/unmerge"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"others": []}, 400), ({"others": ["x"] * 21}, 400), ({"others": ["nobody"]}, 404),
        ({"others": ["\0"]}, 404), ({"others": ["x"], "choices": {"name": 1}}, 400), ({"others": ["x"], "y": 1}, 400),
    ],
)  # fmt: skip
async def test_what_cannot_be_merged(on_stage: Stage, body: object, status: int) -> None:
    one = await make(on_stage, "علی")
    assert (await send(on_stage, f"contacts/{one}/merge", body))[0] == status


async def test_a_person_and_a_company(on_stage: Stage) -> None:
    one, company = await make(on_stage, "علی"), await make(on_stage, "پارس", kind="company")
    status, problem = await send(on_stage, f"contacts/{one}/merge", {"others": [company]})
    assert (status, problem["status"]) == (400, 400)


async def test_who_may(on_stage: Stage) -> None:
    one = await make(on_stage, "علی")
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/api/v1/duplicates"))[0] == 403
    assert (await agent.send("POST", f"/api/v1/contacts/{one}/merge", json={"others": ["x"]}))[0] == 403
