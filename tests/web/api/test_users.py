"""Users over the API: made, changed, switched off; and oneself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.crm_core.users.people import PASSWORD
from tests.web.api.test_schema import strict
from tests.web.conftest import Stage

USERS = "/api/v1/users"
SARA = {"login": "sara", "name": "سارا محمدی", "role": "agent", "extensions": ["201"]}


def fits(name: str, answer: object) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": strict()}}
    return not list(Draft202012Validator(schema).iter_errors(answer))


async def asked(on_stage: Stage, method: str, path: str, status: int = 200, body: object = None) -> Any:
    got, text = await on_stage.send(method, path, json=body)
    assert got == status, text
    return json.loads(text) if text else None


async def test_a_user_is_made_changed_and_switched_off(on_stage: Stage) -> None:
    made = await asked(on_stage, "POST", USERS, 201, SARA)
    assert fits("UserCreated", made) and made["one_time"] and made["user"]["must_change"]
    path = f"{USERS}/{made['user']['id']}"
    changed = await asked(on_stage, "PATCH", path, 200, {"queues": ["sales"], "version": 1})
    assert fits("User", changed) and (changed["queues"], changed["version"]) == (["sales"], 2)
    await asked(on_stage, "PATCH", path, 409, {"name": "x", "version": 1})
    assert (await asked(on_stage, "POST", f"{path}/deactivate"))["active"] is False
    assert [u["login"] for u in (await asked(on_stage, "GET", f"{USERS}?active=false"))["items"]] == ["sara"]
    assert (await asked(on_stage, "POST", f"{path}/activate"))["active"] is True
    assert fits("OneTimePassword", await asked(on_stage, "POST", f"{path}/password", 200, {}))
    await asked(on_stage, "POST", f"{path}/sign-out", 204)


async def test_what_cannot_be_is_refused(on_stage: Stage) -> None:
    await asked(on_stage, "POST", USERS, 201, SARA)
    await asked(on_stage, "POST", USERS, 409, SARA)
    await asked(on_stage, "POST", USERS, 404, SARA | {"login": "reza", "role": "none"})
    await asked(on_stage, "POST", USERS, 400, SARA | {"login": "two words"})
    await asked(on_stage, "POST", USERS, 400, SARA | {"login": "reza", "name": "x" * 100_000})
    await asked(on_stage, "GET", f"{USERS}/none", 404)
    await asked(on_stage, "GET", f"{USERS}?cursor=none", 400)


@pytest.mark.parametrize("nul", ["\0", "sara\0", "%00"])
async def test_nul_bytes_break_nothing(on_stage: Stage, nul: str) -> None:
    for body in (SARA | {"role": nul}, SARA | {"teams": [nul]}, SARA | {"login": nul}, SARA | {"extensions": [nul]}):
        status, text = await on_stage.send("POST", USERS, json=body)
        assert status in (201, 400, 404, 409), text


async def test_myself(on_stage: Stage) -> None:
    me = await asked(on_stage, "GET", f"{USERS}/me")
    assert fits("User", me) and me["id"] == on_stage.actor.id
    after = await asked(on_stage, "PATCH", f"{USERS}/me", 200, {"name": "مدیر", "language": "en", "digits": "persian"})
    assert (after["name"], after["language"], after["digits"]) == ("مدیر", "en", "persian")
    await asked(on_stage, "PATCH", f"{USERS}/me", 400, {"role": "administrator"})
    await asked(on_stage, "POST", f"{USERS}/me/password", 403, {"old": "wrong", "new": PASSWORD})


async def test_users_are_for_who_manages_them(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    for method, path in (("GET", USERS), ("POST", USERS), ("GET", f"{USERS}/{on_stage.actor.id}")):
        await asked(agent, method, path, 403, SARA if method == "POST" else None)
    assert (await asked(agent, "GET", f"{USERS}/me"))["id"] == agent.actor.id
