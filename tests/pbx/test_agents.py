"""Agents beside a real Asterisk: in their queues, paused, in a wrap-up that no next call slips into, and released."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crm_core.agents import store
from crm_core.agents.model import QueueWrap
from crm_core.agents.service import Agents
from crm_core.users.account import User
from cti.kernel.actor import Actor
from cti.live.agents import AgentChanged
from tests.crm_core.users import people
from tests.live import TESTER, ProductProcess, Running, beside, fetch, running_product, until
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.flows.people import calls, picks_up
from tests.pbx.moves import Flow, Wait, act
from tests.pbx.moves import until as until_event
from tests.pbx.phones import Phones
from tests.pbx.play import play
from tests.pbx.probe import Probe, Recording
from tests.pbx.scenario import Caller, answer, bye, dial, ring, talk
from web.services import Crm

pytestmark = pytest.mark.pbx

PHONE, LOCAL = "PJSIP/203", "Local/203@from-queue/n"
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

    async def until_member(
        self, queue: str, fits: Callable[[dict[str, str]], bool], interface: str = PHONE
    ) -> dict[str, str]:
        """The member once it is so."""

        async def found() -> dict[str, str] | None:
            member = await self.member(queue, interface)
            return member if member and fits(member) else None

        member: dict[str, str] = await until(found, 10, lambda: f"{queue}: {self.own}")
        return member

    async def until_paused(self, queue: str, reason: str = "", interface: str = PHONE) -> str:
        """The reason once he is paused (for this one)."""

        def fits(member: dict[str, str]) -> bool:
            return member["Paused"] == "1" and reason in ("", member["PausedReason"])

        return (await self.until_member(queue, fits, interface))["PausedReason"]

    async def until_gone(self, queue: str, interface: str = PHONE) -> None:
        """Return when he is in the queue no more."""

        async def gone() -> bool:
            return await self.member(queue, interface) is None

        await until(gone, 10, queue)

    async def restore(self, *queues: str, interface: str = PHONE) -> None:
        """The static members as the other tests expect them."""
        if self.agents.floor.agent(self.user.id).on:
            await self.agents.sign_out(self.actor)
            await self.until_gone("desk" if interface == PHONE else "402", interface)
        for queue in queues:
            await self.until_paused(queue, interface=interface)
        await self.running.product.tasks.stop()
        for queue in queues:
            await self.probe.send("QueuePause", Queue=queue, Interface=interface, Paused="false")

    async def is_paused(self, queue: str, interface: str) -> str | None:
        """The reason of the pause; None if he is not paused, or not there."""
        member = await self.member(queue, interface)
        return member["PausedReason"] if member and member["Paused"] == "1" else None


@asynccontextmanager
async def at_desk(
    asterisk: Asterisk, folder: Path, extension: str, queues: tuple[str, ...], **settings: Any
) -> AsyncIterator[Desk]:
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions"), **settings}
    async with running_product(folder, asterisk.profile, language="en", **urls) as running:
        await running.connected()
        crm = running.product.crm
        user = await people.make(crm, "sara", extensions=(extension,), queues=queues)
        actor, _ = await people.sign_in(crm, user)
        await crm.desks.tell()
        async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
            desk = Desk(asterisk, running, user, actor, probe)
            await until(lambda: crm.agents.floor.place(user.id), 10, "nobody sits there")
            yield desk
    await quiet(asterisk)


async def quiet(asterisk: Asterisk) -> None:
    """End every call: whoever still waits in a queue would be offered to the next test's agent."""
    async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:

        async def nobody() -> bool:
            await probe.send("Hangup", Channel="/.*/")
            status = await probe.send("CoreStatus")
            return status["CoreCurrentCalls"] == "0"

        await until(nobody, 15, "a call is left")


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
            await desk.restore("second", "support")
    finally:
        phones.close()


async def test_static_members_are_paused_and_dynamic_ones_come_and_go(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_desk(asterisk, tmp_path, "203", ("desk",)) as desk:
        await desk.agents.sign_in(desk.actor, ["desk"])
        member = await desk.until_member("desk", lambda m: m["Paused"] == "0")
        assert (member["Membership"], member["Name"], member["StateInterface"]) == ("dynamic", "sara", "PJSIP/203")
        assert await desk.until_paused("second") == "Signed out", "a static one that he did not choose"
        await desk.agents.pause(desk.actor, "lunch")
        assert await desk.until_paused("desk") == "Lunch"
        await desk.agents.pause(desk.actor, "meeting")
        assert await desk.until_paused("desk", "Meeting")
        await desk.agents.ready(desk.actor)
        assert await desk.until_paused("desk", "Lunch")
        await desk.agents.sign_in(desk.actor)
        assert await desk.until_paused("second", "Lunch")
        await desk.agents.ready(desk.actor)
        await desk.until_member("second", lambda m: m["Paused"] == "0")
        await desk.agents.sign_out(desk.actor)
        await desk.until_gone("desk")
        assert await desk.until_paused("second") == "Signed out"
        await desk.restore("second", "support")


async def test_who_misses_a_call_is_away_until_he_is_back(asterisk: Asterisk, tmp_path: Path) -> None:
    phones = Phones(asterisk, tmp_path / "sipp")
    try:
        async with at_desk(asterisk, tmp_path / "data", "203", ("desk",)) as desk:
            await desk.agents.sign_in(desk.actor)
            await phones.listen("203", ring())
            phones.call(CALLERS[0], "5026", dial(30), talk())
            await until(lambda: desk.own["state"] == "pause", 15, lambda: str(desk.told))
            assert desk.own["reason"]["id"] == "missed" and desk.own["reason"]["en"] == "Missed call"
            assert desk.own["missed"]["call"].startswith("main-")
            assert await desk.until_paused("desk") == "Missed call"
            rung = len(offered(desk.probe))
            assert rung == 1
            await desk.agents.ready(desk.actor)
            await until(lambda: len(offered(desk.probe)) > rung, 5, "the caller who waits is offered again")
            await desk.restore("second", "support")
    finally:
        phones.close()


async def test_reasons_survive_a_restart_of_the_pbx_and_members_are_put_back(tmp_path: Path) -> None:
    """Neither queue keeps its members or pauses over a restart of this Asterisk."""
    asterisk = Asterisk()
    try:
        await asterisk.start()
        async with at_desk(asterisk, tmp_path, "203", ("desk",)) as desk:
            await desk.agents.sign_in(desk.actor)
            await desk.agents.pause(desk.actor, "lunch")
            await desk.until_paused("desk", "Lunch")
            await asterisk.restart(kill=True)
            await desk.running.connected(30)
            async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as desk.probe:
                assert await desk.until_paused("desk", "Lunch")
                assert await desk.until_paused("second", "Lunch")
                assert "differs" not in desk.own
    finally:
        asterisk.remove()


async def test_what_others_do_at_the_pbx_is_seen(asterisk: Asterisk, tmp_path: Path) -> None:
    """A pause by another hand is his pause until it is taken back; who is unpaused in his own pause is paused again."""
    async with at_desk(asterisk, tmp_path, "203", ("desk",)) as desk:
        await desk.agents.sign_in(desk.actor)
        await desk.until_member("desk", lambda m: m["Paused"] == "0")
        await desk.probe.send("QueuePause", Queue="desk", Interface=PHONE, Paused="true", Reason="Boss says so")
        await until(lambda: desk.own["state"] == "pause", 5, lambda: str(desk.own))
        assert desk.own["reason"] == {"id": "pbx", "label": "Boss says so"}
        assert await desk.until_paused("second", "Boss says so"), "in all of his queues"
        await desk.probe.send("QueuePause", Queue="desk", Interface=PHONE, Paused="false")
        await until(lambda: desk.own["state"] == "ready", 5, lambda: str(desk.own))
        await desk.until_member("second", lambda m: m["Paused"] == "0")
        await desk.agents.pause(desk.actor, "lunch")
        await desk.until_paused("desk", "Lunch")
        await desk.probe.send("QueuePause", Queue="desk", Interface=PHONE, Paused="false")
        assert await desk.until_paused("desk", "Lunch")
        await desk.agents.sign_out(desk.actor)
        await desk.restore("second", "support")


async def test_where_the_pbx_does_not_obey_is_shown(asterisk: Asterisk, tmp_path: Path) -> None:
    """A login that may only listen: the agent is told within some two seconds that his queue does not know of him."""
    async with at_desk(asterisk, tmp_path, "203", ("desk",), pbx_actions_url="") as desk:
        await desk.agents.sign_in(desk.actor, ["desk"])
        begun = time.monotonic()

        def differs() -> dict[str, dict[str, str]]:
            return {one["queue"]: one for one in desk.own.get("differs", ())}

        await until(lambda: "desk" in differs(), 5, lambda: str(desk.own))
        assert 0.9 < time.monotonic() - begun < 2.5
        assert (differs()["desk"]["we"], differs()["desk"]["pbx_says"]) == ("in", "out")
        assert "may not send QueueAdd" in differs()["desk"]["why"]


async def test_a_restart_of_the_product_in_mid_talk_keeps_the_wrap_up(asterisk: Asterisk, tmp_path: Path) -> None:
    """Down while the agent hangs up: he is not held for ever, and has his wrap-up."""
    phones = Phones(asterisk, tmp_path / "sipp")
    try:
        async with at_desk(asterisk, tmp_path / "data", "203", ("desk",)) as desk:
            await desk.rules(seconds=2.0)
            await desk.agents.sign_in(desk.actor)
            await phones.listen("203", ring(0.3), answer(), talk(4), bye())
            phones.call(CALLERS[0], "5026", dial(), talk())
            await desk.until_paused("desk", "Wrap-up")
            user = desk.user
        await asyncio.sleep(4.5)
        urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions")}
        async with running_product(tmp_path / "data", asterisk.profile, language="en", **urls) as running:
            agents = running.product.crm.agents
            assert agents.snapshot(user.id)["own"] in ("ready", "wrap")
            await until(lambda: agents.snapshot(user.id)["state"] == "wrap", 10, lambda: str(agents.snapshot(user.id)))
            await until(lambda: agents.snapshot(user.id)["state"] == "ready", 10)
            async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
                back = Desk(asterisk, running, user, desk.actor, probe)
                await back.until_member("desk", lambda m: m["Paused"] == "0")
                await agents.sign_out(desk.actor)
                await back.restore("second", "support")
    finally:
        phones.close()


async def test_killed_in_mid_talk_nobody_is_held_for_ever(asterisk: Asterisk, tmp_path: Path) -> None:
    """`kill -9` while the agent talks; the caller is gone before the product is back."""
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions"), "language": "en"}
    phones = Phones(asterisk, tmp_path / "sipp")
    try:
        async with ProductProcess(tmp_path / "product", asterisk.profile, **urls) as product:
            await until(product.ready, 20, product.log)
            token = await beside(product.settings, new_agent)
            me = f"{product.url}/api/v1/agents/me"

            def state() -> str:
                status, told = fetch(f"{product.url}/api/v1/agents/me", token)
                return str(told["own"]) if status == 200 else ""

            await until(lambda: "phone" in fetch(me, token)[1], 10, "he sits nowhere")
            assert post(f"{me}/sign-in", token)["state"] == "ready"
            await phones.listen("203", ring(0.3), answer(), talk(4), bye())
            async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
                phones.call(CALLERS[0], "5026", dial(), talk())
                await probe.wait(lambda m: m.get("Event") == "QueueMemberPause" and m["PausedReason"] == "Wrap-up", 0)
                await until(lambda: beside(product.settings, owing))  # written with the pause, some ms later
                product.kill()
                await probe.wait(lambda m: m.get("Event") == "AgentComplete", 0)
                await product.start()
                await until(lambda: state() == "wrap", 20, product.log)
                assert post(f"{product.url}/api/v1/agents/me/wrap-up-done", token)["own"] == "ready"
                await probe.wait(lambda m: m.get("Event") == "QueueMemberPause" and m["Paused"] == "0", 0)
                since = len(probe.messages)
                assert post(f"{product.url}/api/v1/agents/me/sign-out", token)["state"] == "off"
                await probe.wait(lambda m: m.get("Event") == "QueueMemberRemoved", since)
            product.kill()
        async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
            await probe.send("QueuePause", Interface=PHONE, Paused="false")
        await quiet(asterisk)
    finally:
        phones.close()


async def new_agent(crm: Crm) -> str:
    """A token of somebody at phone 203."""
    user = await people.make(crm, "sara", extensions=("203",), queues=("desk",))
    actor, _ = await people.sign_in(crm, user)
    return (await crm.tokens.create(actor, "test")).secret


async def owing(crm: Crm) -> str:
    """The call for which somebody owes a wrap-up, as it is written down; empty if none."""
    async with crm.database.read() as reader:
        return next((one.call for kept in (await store.states(reader)).values() for one in kept.owed), "")


def post(url: str, token: str) -> dict[str, Any]:
    request = urllib.request.Request(
        url, b"{}", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        told: dict[str, Any] = json.loads(response.read())
    return told


HANDED_ON = Flow(
    "attended_from_desk",
    "203 answers a call of queue desk, asks 202, hangs up; the caller goes on with 202 while another one waits",
    {"203": picks_up(0.7, talk(4), bye()), "202": picks_up()},
    (
        calls("5026", talk(12), bye()),
        until_event("BridgeEnter", Channel="PJSIP/203-*"),
        Wait(1),
        act("Atxfer", Channel="{PJSIP/203}", Context="internal", Exten="202"),
        Wait(1),
        calls("5026", dial(9), talk(), who="09121234567"),
    ),
    (),
)


async def test_who_hands_a_caller_on_has_his_wrap_up_at_once(asterisk: Asterisk, tmp_path: Path) -> None:
    """The PBX forgets `lastcall` in an attended transfer; here the call still lives when the wrap-up begins."""
    async with at_desk(asterisk, tmp_path, "203", ("desk",)) as desk:
        await desk.rules(seconds=4.0)
        await desk.agents.sign_in(desk.actor)
        playing = asyncio.create_task(play(asterisk, HANDED_ON, tmp_path / "flow"))
        await until(lambda: desk.own["state"] == "wrap", 20, lambda: str(desk.told))
        assert [call.record.queue for call in desk.running.live()].count("desk") >= 2, "both callers are still there"
        assert await desk.is_paused("desk", PHONE) == "Wrap-up"
        assert "cons" in [state for _, state in desk.told]
        await until(lambda: desk.own["own"] == "ready", 10)
        begun, over = desk.since("talk"), time.time()
        assert [at for at in offered(desk.probe) if begun + 0.2 < at < over - 0.3] == []
        await until(lambda: [at for at in offered(desk.probe) if at > over - 0.3], 5, "the one who waits is offered")
        await playing
        await desk.restore("second", "support")


async def test_members_as_freepbx_writes_them(asterisk_freepbx: Asterisk, tmp_path: Path) -> None:
    async with at_desk(asterisk_freepbx, tmp_path, "203", ("400", "402")) as desk:
        await desk.agents.sign_in(desk.actor)
        for queue in ("400", "402"):
            member = await desk.until_member(queue, lambda m: m["Paused"] == "0", LOCAL)
            assert (member["Membership"], member["StateInterface"]) == ("dynamic", "hint:203@ext-local")
        await desk.agents.pause(desk.actor, "lunch")
        assert await desk.until_paused("400", "Lunch", LOCAL)
        assert await desk.until_paused("401", "Lunch", LOCAL), "where he is a static member"
        await desk.agents.sign_out(desk.actor)
        await desk.until_gone("402", LOCAL)
        assert await desk.until_paused("401", "Signed out", LOCAL)
        await desk.restore("401", interface=LOCAL)


async def test_wrap_up_of_a_member_behind_a_local_channel(asterisk_freepbx: Asterisk, tmp_path: Path) -> None:
    """FreePBX's way, with `shared_lastcall`: three callers, one agent."""
    phones = Phones(asterisk_freepbx, tmp_path / "sipp")
    try:
        async with at_desk(asterisk_freepbx, tmp_path / "data", "203", ("402",)) as desk:
            await desk.rules(seconds=2.0)
            await desk.agents.sign_in(desk.actor)
            await desk.until_member("402", lambda m: m["Paused"] == "0", LOCAL)
            await phones.listen("203", ring(0.3), answer(), talk(1.5), bye())
            desk.probe.messages.clear()
            phones.crowd(CALLERS[:3], 50, "02188880402", dial(), talk())
            await until(lambda: [state for _, state in desk.told].count("wrap") >= 2, 30, lambda: str(desk.told))
            begun, wrapped = desk.since("talk"), desk.since("wrap")
            over = next(at for at, state in desk.told if state == "ready" and at > wrapped)
            offers = offered(desk.probe)
            assert [at for at in offers if begun + 0.2 < at < over] == [], "a call slipped in"
            assert over - wrapped == pytest.approx(2.0, abs=0.4)
            assert min(at for at in offers if at > over) - over < 2.5
            await desk.restore("401", interface=LOCAL)
    finally:
        phones.close()


def offered(probe: Probe) -> list[float]:
    """When the queue rang the agent."""
    return [float(m["Timestamp"]) for m in probe.messages if m.get("Event") == "AgentCalled"]
