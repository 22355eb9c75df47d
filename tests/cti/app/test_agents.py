"""Agents in the running product: signed in over its API at the demo's PBX, pushed, and kept over a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_core.users.account import User
from cti.app.agents import open_demo
from tests.crm_core.users import people
from tests.live import Push, Running, running_product, until


async def agent_of(running: Running) -> tuple[User, str]:
    """A new user at one of the demo's phones, who works with its queues, and a token of his."""
    crm = running.product.crm
    await running.connected()
    (listener,) = running.product.listeners
    queues = await until(lambda: {q.queue: q for q in listener.tracker.queues()})
    name, held = next((name, q) for name, q in queues.items() if q.members)
    extension = held.members[0].interface.partition("/")[2]
    user = await people.make(crm, "sara", extensions=(extension,), queues=(name,))
    actor, _ = await people.sign_in(crm, user)
    return user, (await crm.tokens.create(actor, "test")).secret


def last(push: Push, topic: str) -> dict[str, Any]:
    told = push.of(topic)
    state: dict[str, Any] = {}
    for message in told:
        state = {**({} if message["type"] == "snapshot" else state), **message["data"]}
    return state


async def test_the_agent_of_the_demo_begins_ready_and_stays_as_he_was_left(tmp_path: Path) -> None:
    async def sara(running: Running) -> User:
        return await running.product.crm.users.by_login(people.SYSTEM, "agent")

    async with running_product(tmp_path, demo_calls_per_second=0.01, language="en") as running:
        await running.connected()
        agents, user = running.product.crm.agents, await sara(running)
        await until(lambda: agents.snapshot(user.id)["own"] == "ready", 10, "she is not ready")
        queues = agents.snapshot(user.id)["queues"]
        assert queues and all(one["in"] and not one["paused"] for one in queues), queues
        actor = (await people.sign_in(running.product.crm, user))[0]
        told = {one["id"]: one for one in await agents.all(people.SYSTEM)}
        assert told[user.id]["calls"] == running.product.today.figures.agent(user.id)["calls"]
        await agents.sign_out(actor)
        await open_demo(running.product)
        assert agents.snapshot(user.id)["own"] == "off"


async def test_an_agent_at_the_demo(tmp_path: Path) -> None:
    async with running_product(tmp_path, demo_calls_per_second=0.01, language="en") as running:
        user, token = await agent_of(running)
        agents = running.product.crm.agents
        await until(lambda: agents.floor.place(user.id), 10, "nobody sits there")
        actor = (await people.sign_in(running.product.crm, user))[0]
        async with Push(running.url, "agent", "agents", token=token) as push:
            await until(lambda: last(push, "agent"))
            await agents.sign_in(actor)
            await agents.pause(actor, "lunch")
            await until(lambda: last(push, "agent").get("state") == "pause", 10, lambda: str(push.messages))
            await until(
                lambda: last(push, "agent")["queues"] and all(q["paused"] for q in last(push, "agent")["queues"]),
                10,
                lambda: str(last(push, "agent")),
            )
            await until(lambda: last(push, "agents")[user.id]["state"] == "pause")
    async with running_product(tmp_path, demo_calls_per_second=0.01, language="en") as running:
        await running.connected()
        agents = running.product.crm.agents
        await until(lambda: any(q["paused"] for q in agents.snapshot(user.id)["queues"]), 10)
        told = agents.snapshot(user.id)
        assert (told["state"], told["reason"]["id"]) == ("pause", "lunch")
