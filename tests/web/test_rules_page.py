"""Pages of rules: what every one of them does with a form, whichever rules it is about."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.web.conftest import Stage

FORMS: dict[str, dict[str, Any]] = {
    "/admin/figures/queues": {
        "service_level": "cisco_ignored", "threshold_seconds": "10", "target_percent": "90", "short_seconds": "0",
        "wait_warn": "20", "wait_bad": "40",
    },
    "/admin/pauses/queues": {"seconds": "45", "extend_seconds": "15", "extensions": "3"},
}  # fmt: skip
"""Forms that make a rule of a queue, by their address."""


def store(on_stage: Stage, path: str) -> Any:
    crm = on_stage.services.crm
    return crm.figure_rules if "figures" in path else crm.agent_rules


async def queues(on_stage: Stage, path: str) -> list[str]:
    rules = await store(on_stage, path).get(on_stage.actor)
    return [one.queue for one in (rules.queues if "figures" in path else rules.wraps)]


async def send(on_stage: Stage, path: str, version: object, **data: Any) -> tuple[int, str]:
    return await on_stage.send("POST", path, data={"version": version, **data})


@pytest.mark.parametrize("path", FORMS)
async def test_a_rule_of_a_queue_of_any_name(on_stage: Stage, path: str) -> None:
    version = 0
    for name in ("new", "queue", "sales & co"):  # the first two are names of forms too
        address = f"{path}/{name.replace(' ', '%20')}"
        for where, data in ((path, {"queue": name}), (address, {}), (address, {"do": "delete"})):
            status, text = await send(on_stage, where, version, **(FORMS[path] | data))
            assert status == 303, text
            version += 1
            assert (name in await queues(on_stage, path)) == ("do" not in data)


@pytest.mark.parametrize("path", FORMS)
async def test_a_queue_has_to_be_chosen(on_stage: Stage, path: str) -> None:
    status, text = await send(on_stage, path, 0, **FORMS[path])
    assert (status, 'role="alert"' in text) == (422, True)


@pytest.mark.parametrize("path", FORMS)
async def test_of_two_at_once_one_is_told_to_look_again(on_stage: Stage, path: str) -> None:
    names = ("one", "two")
    sent = [send(on_stage, path, 0, **(FORMS[path] | {"queue": name})) for name in names]
    answers = await asyncio.gather(*sent)
    assert sorted(status for status, _ in answers) == [303, 422]
    assert sum(name in names for name in await queues(on_stage, path)) == 1
    for version in ("", "-1", "many", "9" * 30):
        status, text = await send(on_stage, path, version, **(FORMS[path] | {"queue": "three"}))
        assert (status, 'role="alert"' in text) == (422, True)
