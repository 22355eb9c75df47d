"""Agents beside a real Asterisk: in their queues, paused, in a wrap-up that no next call slips into, and released."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crm_core.agents.model import QueueWrap
from crm_core.agents.service import Agents
from crm_core.users.account import User
from cti.kernel.actor import Actor
from cti.live.agents import AgentChanged
from tests.crm_core.users import people
from tests.live import TESTER, Running, running_product, until
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.phones import Phones
from tests.pbx.probe import Probe, Recording
from tests.pbx.scenario import Caller, answer, bye, dial, ring, talk

pytestmark = pytest.mark.pbx

CALLERS = [Caller(f"0912100{n:04d}") for n in range(8)]


class Desk:
    """A product beside a PBX with one agent, who is not signed in to any queue yet."""

    def __init__(self, asterisk: Asterisk, running: Running, user: User, actor: Actor, probe: Probe) -> None:
        self.asterisk, self.running, self.user, self.actor, self.probe = asterisk, running, user, actor, probe
        self.told: list[tuple[float, str]] = []
        running.product.bus.subscribe("test", AgentChanged, self._tell)

    @property
    def agents(self) -> Agents:
        return self.running.product.crm.agents

    @property
    def own(self) -> dict[str, Any]:
        return self.agents.snapshot(self.user.id)

    def _tell(self, event: AgentChanged) -> None:
        if event.user == self.user.id and (not self.told or self.told[-1][1] != event.state):
            self.told.append((time.time(), event.state))

    def since(self, state: str, nth: int = 0) -> float:
        """When he was in that state, epoch seconds."""
        return [at for at, told in self.told if told == state][nth]

    async def rules(self, **wrap: Any) -> None:
        rules = await self.running.product.crm.agent_rules.get(TESTER)
        wraps = (QueueWrap(queue="*", **wrap), *rules.wraps[1:])
        await self.running.product.crm.agent_rules.put(TESTER, msgspec.structs.replace(rules, wraps=wraps))

    async def member(self, queue: str, interface: str) -> dict[str, str] | None:
        """The member as the PBX itself has it."""
        since = len(self.probe.messages)
        await self.probe.send("QueueStatus", Queue=queue, Member=interface)
        await self.probe.wait(lambda m: m.get("Event") == "QueueStatusComplete", since)
        return next((m for m in self.probe.messages[since:] if m.get("Event") == "QueueMember"), None)

    async def is_paused(self, queue: str, interface: str) -> str | None:
        """The reason of the pause; None if he is not paused, or not there."""
        member = await self.member(queue, interface)
        return member["PausedReason"] if member and member["Paused"] == "1" else None


@asynccontextmanager
async def at_desk(
    asterisk: Asterisk, folder: Path, extension: str, queues: tuple[str, ...], **settings: Any
) -> AsyncIterator[Desk]:
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions")}
    async with running_product(folder, asterisk.profile, language="en", **urls, **settings) as running:
        await running.connected()
        crm = running.product.crm
        user = await people.make(crm, "sara", extensions=(extension,), queues=queues)
        actor, _ = await people.sign_in(crm, user)
        await crm.desks.tell()
        async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
            desk = Desk(asterisk, running, user, actor, probe)
            await until(lambda: crm.agents.floor.place(user.id), 10, "nobody sits there")
            yield desk


async def test_a_full_queue_offers_no_call_from_the_answer_to_the_end_of_the_wrap_up(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    """Eight callers wait for one agent, who talks for 1.5 s and has 3 s of wrap-up after each."""
    phones = Phones(asterisk, tmp_path / "sipp")
    try:
        async with at_desk(asterisk, tmp_path / "data", "203", ("desk",)) as desk:
            await desk.rules(seconds=3.0)
            await desk.agents.sign_in(desk.actor)
            await phones.listen("203", ring(0.3), answer(), talk(1.5), bye())
            desk.probe.messages.clear()
            phones.crowd(CALLERS, 50, "5026", dial(), talk())
            await until(lambda: [state for _, state in desk.told].count("wrap") >= 3, 40, lambda: str(desk.told))
            offers = offered(desk.probe)
            answers, wraps, readies = (
                [at for at, state in desk.told if state == which] for which in ("talk", "wrap", "ready")
            )
            readies = [at for at in readies if at > wraps[0]]
            late = []
            for nth, begun in enumerate(answers[:2]):
                over = readies[nth]
                assert [at for at in offers if begun + 0.2 < at < over] == [], "a call slipped in"
                assert over - wraps[nth] == pytest.approx(3.0, abs=0.4)
                late.append(min(at for at in offers if at > over) - over)
            print("next call offered after", [f"{1000 * seconds:.0f} ms" for seconds in late])
            assert max(late) < 2.5, "the queue tries every second"
            assert await desk.is_paused("desk", "PJSIP/203") == "Wrap-up"
            await desk.agents.wrap_up_done(desk.actor)
    finally:
        phones.close()


def offered(probe: Probe) -> list[float]:
    """When the queue rang the agent."""
    return [float(m["Timestamp"]) for m in probe.messages if m.get("Event") == "AgentCalled"]
