"""Commands on the calls of one's teams over the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cti.control import contexts
from cti.control.port import Target
from tests.cti.control.office import CALL, TRUNK
from tests.cti.control.test_steering import Lead
from tests.web.api.test_notes import send
from tests.web.conftest import Stage, staged
from web.services import Services

URL = f"/api/v1/calls/{CALL}"


@pytest.mark.parametrize("verb", ["end", "takeover", "front", "move"])
async def test_agents_may_not_and_a_call_that_is_over_is_not_there(on_stage: Stage, verb: str) -> None:
    body = {"queue": "sales"} if verb == "move" else None
    await send(await on_stage.as_role("agent"), "POST", f"{URL}/{verb}", 403, body)
    await send(await on_stage.as_role("supervisor"), "POST", f"{URL}/{verb}", 404, body)


async def test_who_waits_is_put_first_moved_and_ended(services: Services) -> None:
    lead = Lead().waiting()
    async with staged(replace(services, steering=lead.steering)) as on_stage:
        boss = await on_stage.as_role("supervisor", extensions=("203",))
        await send(boss, "POST", f"{URL}/front", 204)
        assert lead.office.last("put_first")["channel"] == TRUNK
        for wrong in ({}, {"queue": "a", "agent": "b"}):
            await send(boss, "POST", f"{URL}/move", 400, wrong)
        await send(boss, "POST", f"{URL}/move", 404, {"queue": "nowhere"})
        await send(boss, "POST", f"{URL}/move", 204, {"queue": "sales"})
        assert lead.office.last("redirect")["target"] == Target("sales", contexts.INTO_QUEUE)
        await send(boss, "POST", f"{URL}/move", 204, {"agent": "u202"})
        assert lead.office.variables(TRUNK)[contexts.PHONE] == "PJSIP/202"
        taking = await send(boss, "POST", f"{URL}/takeover", 202)
        assert taking == {"call": CALL, "uniqueid": ""}
        lead.reach.out.add(CALL)
        await send(boss, "POST", f"{URL}/end", 403)
        lead.reach.out.clear()
        await send(boss, "POST", f"{URL}/end", 204)


async def test_an_agent_hands_his_call_to_a_queue_by_its_name(services: Services) -> None:
    lead = Lead().talking()
    lead.office.desk.board.queues.waiting("sales", 0)
    async with staged(replace(services, commands=lead.office.commands)) as on_stage:
        agent = await on_stage.as_role("agent", extensions=("201",))
        await send(agent, "POST", f"{URL}/transfer", 404, {"queue": "nowhere"})
        await send(agent, "POST", f"{URL}/transfer", 400, {})
        await send(agent, "POST", f"{URL}/transfer", 204, {"queue": "sales"})
        assert lead.office.last("blind_transfer")["target"] == Target("sales", contexts.INTO_QUEUE)
