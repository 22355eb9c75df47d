"""Others' states and messages to them over the API."""

from __future__ import annotations

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from tests.web.api.test_agents import at_work
from tests.web.api.test_notes import send
from tests.web.conftest import Stage

AGENTS = "/api/v1/agents"


async def led(on_stage: Stage) -> tuple[Stage, Stage, str]:
    """An agent at work, his supervisor, and where the agent's states are."""
    agent, _ = await at_work(on_stage)
    lead = await on_stage.as_role("supervisor", name="مریم")
    crm = on_stage.services.crm
    team = await crm.teams.create(on_stage.actor, "Sales")
    await crm.teams.change(on_stage.actor, team.id, users=(agent.actor.id, lead.actor.id))
    mates = (Mate(agent.actor.id, "سارا", (team.id,)), Mate(lead.actor.id, "مریم", (team.id,)))
    crm.reach.take(PeopleAtPhones({}, mates=mates, teams=((team.id, "Sales"),)))
    return agent, lead, f"{AGENTS}/{agent.actor.id}"


async def test_the_day_of_an_agent_who_is_led(on_stage: Stage) -> None:
    agent, lead, url = await led(on_stage)
    await send(lead, "POST", f"{url}/pause", 409, {"reason": "lunch"})
    assert (await send(lead, "POST", f"{url}/sign-in", 200, {}))["state"] == "ready"
    await send(lead, "POST", f"{url}/pause", 404, {"reason": "nonsense"})
    assert (await send(lead, "POST", f"{url}/pause", 200, {"reason": "lunch"}))["reason"]["id"] == "lunch"
    assert (await send(agent, "GET", f"{AGENTS}/me", 200))["state"] == "pause"
    assert (await send(lead, "POST", f"{url}/ready", 200))["state"] == "ready"
    assert (await send(lead, "POST", f"{url}/sign-out", 200))["state"] == "off"
    for verb in ("ready", "sign-out"):
        await send(agent, "POST", f"{url}/{verb}", 403)
    await send(lead, "POST", f"{AGENTS}/nobody/ready", 404)


async def test_messages(on_stage: Stage) -> None:
    agent, lead, _ = await led(on_stage)
    team = (await send(on_stage, "GET", "/api/v1/teams", 200))["items"][0]["id"]
    sent = await send(lead, "POST", f"{AGENTS}/messages", 201, {"teams": [team], "text": "ناهار"})
    assert sent["to"] == [{"user": agent.actor.id, "name": "سارا", "read_at": None}] and sent["teams"] == ["Sales"]
    (one,) = (await send(agent, "GET", f"{AGENTS}/messages", 200))["items"]
    assert (one["text"], one["by"], one["id"]) == ("ناهار", "مریم", sent["id"])
    await send(agent, "POST", f"{AGENTS}/messages/{sent['id']}/read", 204)
    assert (await send(agent, "GET", f"{AGENTS}/messages", 200))["items"] == []
    (mine,) = (await send(lead, "GET", f"{AGENTS}/messages/sent", 200))["items"]
    assert mine["to"][0]["read_at"] is not None
    await send(agent, "POST", f"{AGENTS}/messages", 403, {"teams": [team], "text": "x"})
    await send(agent, "GET", f"{AGENTS}/messages/sent", 403)
    await send(lead, "POST", f"{AGENTS}/messages", 400, {"text": "to nobody"})
    await send(lead, "POST", f"{AGENTS}/messages/nonsense/read", 404)
