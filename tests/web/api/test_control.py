"""Calling and commands over the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cti.control import contexts
from cti.control.port import Target
from tests.cti.control.office import CALL, SARAS, Office
from tests.web.api.test_notes import send
from tests.web.conftest import Stage, staged
from web.services import Services

URL = f"/api/v1/calls/{CALL}"
PLAIN = ("answer", "hangup", "hold", "unhold", "complete", "swap", "cancel", "join", "park")


@pytest.mark.parametrize("verb", [*PLAIN, "fetch", "record", "pause-recording"])
async def test_a_call_that_is_over(on_stage: Stage, verb: str) -> None:
    problem = await send(on_stage, "POST", f"{URL}/{verb}", 404)
    assert problem["detail"]


async def test_what_is_refused_before_anything_is_asked(on_stage: Stage) -> None:
    await send(on_stage, "POST", "/api/v1/calls", 400, {})
    await send(on_stage, "POST", "/api/v1/calls", 400, {"to": "202", "channel": "PJSIP/202"})
    await send(on_stage, "POST", "/api/v1/calls", 422, {"to": "202"})  # at no phone
    await send(on_stage, "POST", f"{URL}/transfer", 400, {"to": "202", "kind": "warm"})
    await send(on_stage, "POST", f"{URL}/dtmf", 400, {"keys": "1;2"})
    await send(on_stage, "POST", f"{URL}/pause-recording", 400, {"seconds": 10_000})
    manager = await on_stage.as_role("manager")
    await send(manager, "POST", "/api/v1/calls", 403 if not manager.actor.may("calls.dial") else 422, {"to": "202"})


async def test_who_may_call_somebody_all_the_same_is_told_so(services: Services) -> None:
    office = Office()

    async def marked(*_asked: object) -> str:
        return "Maryam"

    office.commands.not_to_be_called = marked
    async with staged(replace(services, commands=office.commands)) as on_stage:
        agent = await on_stage.as_role("agent", extensions=("201",))
        refused = await send(agent, "POST", "/api/v1/calls", 409, {"to": "09121112233"})
        assert "Maryam" in refused["detail"] and "anyway" not in refused
        refused = await send(agent, "POST", "/api/v1/calls", 409, {"to": "09121112233", "anyway": True})
        lead = await on_stage.as_role("supervisor", extensions=("202",))
        asked = await send(lead, "POST", "/api/v1/calls", 409, {"to": "09121112233"})
        assert asked["anyway"] is True and "anyway" not in refused
        await send(lead, "POST", "/api/v1/calls", 202, {"to": "09121112233", "anyway": True})


async def test_an_agents_call_from_a_click_to_a_transfer(services: Services) -> None:
    office = Office()
    async with staged(replace(services, commands=office.commands)) as on_stage:
        agent = await on_stage.as_role("agent", extensions=("201",))
        dialled = await send(agent, "POST", "/api/v1/calls", 202, {"to": "0912 111 2233"})
        assert office.last("originate")["call"].uniqueid == dialled["uniqueid"]
        assert dialled["call"] == f"main-{dialled['uniqueid']}"
        for number in ("SIP/202@evil", "202,1", "*72202", "004930123456"):
            await send(agent, "POST", "/api/v1/calls", 403 if number.startswith("00") else 400, {"to": number})
        office.in_call()
        await send(agent, "POST", f"{URL}/hold", 422)  # nobody knows what phone that is
        until = await send(agent, "POST", f"{URL}/pause-recording", 200, {"seconds": 60})
        assert until["until"].endswith("Z")
        assert await send(agent, "POST", f"{URL}/pause-recording", 200, {"on": False}) == {"until": None}
        await send(agent, "POST", f"{URL}/transfer", 204, {"to": "202"})
        assert office.last("blind_transfer") == {"channel": SARAS, "target": Target("202", contexts.TRANSFER)}
        await send(agent, "POST", f"{URL}/hangup", 204)
        await send(agent, "POST", f"{URL}/hangup", 409)  # the PBX has no such channel any more
        other = await on_stage.as_role("agent", extensions=("202",))
        await send(other, "POST", f"{URL}/hangup", 403)
