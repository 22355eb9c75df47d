"""Hearing calls of one's teams over the API."""

from __future__ import annotations

from dataclasses import replace

from tests.cti.control.office import CALL
from tests.cti.control.test_spying import Lead
from tests.web.api.test_notes import send
from tests.web.conftest import Stage, staged
from web.services import Services

URL = f"/api/v1/calls/{CALL}/monitor"


async def test_agents_may_not_and_a_call_that_is_over_is_not_there(on_stage: Stage) -> None:
    await send(await on_stage.as_role("agent"), "POST", URL, 403, {})
    boss = await on_stage.as_role("supervisor")
    await send(boss, "POST", URL, 404, {})
    await send(boss, "POST", URL, 400, {"mode": "shout"})
    await send(boss, "DELETE", "/api/v1/monitors/none", 404)


async def test_a_supervisor_listens_whispers_and_stops(services: Services) -> None:
    lead = Lead()
    async with staged(replace(services, spying=lead.spying)) as on_stage:
        boss = await on_stage.as_role("supervisor", extensions=("203",))
        assert "audio" in await send(boss, "POST", URL, 202, {})
        heard = await send(boss, "POST", URL, 202, {"with": "browser"})
        assert heard == {"monitor": heard["monitor"], "agent": "Sara", "audio": f"/listen/{heard['monitor']}"}
        told = await send(boss, "POST", URL, 202, {"mode": "whisper", "with": "phone"})
        assert told["uniqueid"] == lead.orders[-1].uniqueid and "audio" not in told
        (mine,) = (await send(boss, "GET", "/api/v1/monitors", 200))["items"]
        assert mine["id"] == told["monitor"] and lead.orders[-1].uniqueid not in str(mine)
        assert (mine["mode"], mine["with"], mine["state"], mine["of_me"]) == ("whisper", "phone", "begins", False)
        other = await on_stage.as_role("supervisor", extensions=("202",))
        await send(other, "DELETE", f"/api/v1/monitors/{told['monitor']}", 404)
        await send(boss, "DELETE", f"/api/v1/monitors/{told['monitor']}", 204)
        assert (await send(boss, "GET", "/api/v1/monitors", 200))["items"] == []


async def test_an_agent_sees_who_hears_him_where_that_is_set(services: Services) -> None:
    lead = Lead()
    async with staged(replace(services, spying=lead.spying)) as on_stage:
        boss = await on_stage.as_role("supervisor", extensions=("203",))
        sara = await on_stage.as_role("agent", extensions=("201",))
        lead.teams.known["201"] = sara.actor.id
        lead.teams.reached = None
        await send(boss, "POST", URL, 202, {"with": "phone"})
        await lead.heard(lead.spying.running(boss.actor)[0])
        assert (await send(sara, "GET", "/api/v1/monitors", 200))["items"] == []
        lead.spying.told = True
        (seen,) = (await send(sara, "GET", "/api/v1/monitors", 200))["items"]
        assert (seen["of_me"], seen["by"], seen["state"]) == (True, boss.actor.name, "heard")


async def test_where_no_sound_comes_here_it_is_by_phone(services: Services) -> None:
    lead = Lead(media=False)
    async with staged(replace(services, spying=lead.spying)) as on_stage:
        boss = await on_stage.as_role("supervisor", extensions=("203",))
        assert "uniqueid" in await send(boss, "POST", URL, 202, {})
        refused = await send(boss, "POST", URL, 422, {"with": "browser"})
        assert "CTI_MEDIA" in refused["detail"]
