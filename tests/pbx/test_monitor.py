"""A supervisor in the calls of his agents, at a real Asterisk: phones send tones, so pitch tells who hears whom."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect

from crm_core.audit.service import AuditEntry, AuditFilter
from cti.control.port import Spy
from cti.kernel.actor import Actor
from cti.live.events import LiveCall
from cti.live.parties import Party
from tests.crm_core.users import people
from tests.live import TESTER, Running, running_product, until
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.hearing import Tap, heard, pitch
from tests.pbx.phones import Phones
from tests.pbx.probe import Probe, Recording
from tests.pbx.scenario import Caller, answer, bye, dial, ring, talk
from tests.pbx.test_softphone import FIGURES, FLAGS, SECRET
from tests.pbx.test_softphone import WATCHED as WATCHED_PHONE

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]

AGENT, OTHER, BOSS, MOBILE = "201", "202", "203", "09121000129"
ALL = (AGENT, OTHER, BOSS, MOBILE)
assert len(set(map(pitch, ALL))) == len(ALL)


class Floor:
    """Sara (201) is in the boss's team, Reza (202) is not; the boss has phone 203."""

    def __init__(self, running: Running, phones: Phones, probe: Probe, boss: Actor, cookie: str) -> None:
        self.running, self.phones, self.probe, self.boss, self.cookie = running, phones, probe, boss, cookie
        self.ports: dict[str, int] = {}
        self.agents: dict[str, str] = {}

    @property
    def spying(self) -> Any:
        return self.running.product.control.monitoring.spying

    async def listen(self, *extensions: str) -> None:
        for extension in extensions:
            await self.phones.listen(extension, ring(0.1), answer(), talk())
            self.ports[extension] = media_port(self.phones._running[-1])

    async def call(self, number: str = "5001", extension: str = AGENT) -> LiveCall:
        """An outside caller talks with the phone behind this number."""
        process = self.phones.call(Caller(MOBILE), number, dial(), talk(60), bye())
        self.ports[MOBILE] = media_port(process)

        def talking() -> LiveCall | None:
            return next(
                (
                    c
                    for c in self.running.live()
                    if any(x.extension == extension and x.state == "talking" for x in c.legs)
                ),
                None,
            )

        found: LiveCall = await until(talking, 15, lambda: str(self.running.live()))
        return found

    async def hears(self, who: str) -> set[str]:
        """Whose tones arrive at a phone."""
        with Tap(self.running_ip, self.ports[who]) as tap:
            return heard(await asyncio.to_thread(tap.listen), ALL)

    @property
    def running_ip(self) -> str:
        return self.phones._asterisk.ip

    async def begun(self) -> None:
        """The PBX has said that the boss hears somebody."""
        await until(lambda: [one for one in self.spying.running(self.boss) if one.heard_at], 15, "nothing is heard")

    async def ask(self, method: str, path: str, **json: Any) -> tuple[int, Any]:
        token = await self.running.product.crm.tokens.create(self.boss, "test")
        headers = {"Authorization": f"Bearer {token.secret}"}
        async with aiohttp.request(method, self.running.url + path, json=json or None, headers=headers) as answer:
            return answer.status, await answer.json()

    def parties(self, call: LiveCall) -> tuple[Party, ...]:
        tracker = self.spying._parts.tracker("main")
        return tuple(tracker.parties(call.record.id))

    async def audited(self) -> list[AuditEntry]:
        """What is written down of whispering, latest first."""
        found = await self.running.product.crm.audit.page(TESTER, AuditFilter(action="monitor-whisper"))
        return list(found.items)


def media_port(process: subprocess.Popen[bytes]) -> int:
    command = [str(part) for part in process.args]  # type: ignore[union-attr]
    return int(command[command.index("-mp") + 1])


@asynccontextmanager
async def floor(asterisk: Asterisk, folder: Path, boss: str = BOSS, **settings: Any) -> AsyncIterator[Floor]:
    urls: dict[str, Any] = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions")}
    media: dict[str, Any] = {"media": f"{asterisk.ip}:{asterisk.ports['MEDIA_PORT']}"}
    phones = Phones(asterisk, folder / "sipp")
    try:
        async with running_product(
            folder / "data", asterisk.profile, language="en", **urls, **{**media, **settings}
        ) as running:
            await running.connected()
            crm = running.product.crm
            users = {}
            for login, extension, role, queues in (
                ("sara", AGENT, "agent", ("desk",)),
                ("reza", OTHER, "agent", ()),
                ("boss", boss, "supervisor", ()),
            ):
                users[login] = await people.make(crm, login, role, extensions=(extension,), queues=queues)
            team = await crm.teams.create(TESTER, "Sales")
            await crm.teams.change(TESTER, team.id, users=(users["sara"].id, users["boss"].id))
            lead, cookie = await people.sign_in(crm, users["boss"])
            await crm.desks.tell()
            await until(lambda: all((p := running.product.places.of(u.id)) and p.phones for u in users.values()), 10)
            await until(lambda: all(x.state.phase == "up" for x in running.product.actors), 10)
            async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
                try:
                    made = Floor(running, phones, probe, lead, cookie)
                    made.agents = {login: user.id for login, user in users.items()}
                    yield made
                finally:
                    await probe.send("Command", Command="channel request hangup all")
                    await until(lambda: not running.live(), 10, lambda: str(running.live()))
    finally:
        phones.close()


async def test_a_supervisor_hears_his_agent_without_a_phone(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there:
        await there.listen(AGENT)
        call = await there.call()
        monitor = await there.spying.start(there.boss, call.record.id, "listen", browser=True)
        frames = there.spying.ear(there.boss, monitor.id).frames()
        await there.begun()
        sound = b""
        async for frame in frames:
            sound += frame
            if len(sound) >= 16_000:
                break
        assert heard(sound[8000:], ALL) == {AGENT, MOBILE}
        assert await there.hears(MOBILE) == {AGENT} and await there.hears(AGENT) == {MOBILE}
        await there.spying.stop(there.boss, monitor.id)

        async def alone() -> bool:
            return "WebSocket/" not in await asterisk.cli("core show channels concise")

        await until(alone, 5, "the PBX still sends sound")


LEVELS = """names => {
  const meter = window.meters.at(-1);
  meter.fftSize = 8192;
  const level = new Float32Array(meter.frequencyBinCount);
  meter.getFloatFrequencyData(level);
  return Object.fromEntries(names.map(([name, hertz]) => [name, level[Math.round(hertz * 8192 / 8000)]]));
}"""
WATCHED = """window.meters = [];
const make = AudioContext.prototype.createAnalyser;
AudioContext.prototype.createAnalyser = function () {
  const one = make.call(this);
  window.meters.push(one);
  return one;
};
"""


async def test_the_browser_plays_what_is_said(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = await browser.new_context(locale="en")
        url = there.running.url
        await context.add_cookies([{"name": "tamas_session", "value": there.cookie, "url": url}])
        await context.add_init_script(WATCHED)
        page = await context.new_page()
        await page.goto(f"{url}/me")
        await there.listen(AGENT)
        call = await there.call()
        await page.locator("h1").first.click()  # browsers let nothing sound before a click
        wanted = {"call": call.record.id, "mode": "listen", "with": "browser"}
        await page.evaluate("d => document.dispatchEvent(new CustomEvent('tamas-listen', {detail: d}))", wanted)
        banner = page.locator("tamas-ear .ban")
        await expect(banner).to_contain_text("You hear sara", timeout=10_000)
        levels: dict[str, float] = {}

        async def loud() -> bool:
            levels.update(await page.evaluate(LEVELS, [[name, pitch(name)] for name in ALL]))
            return min(levels[AGENT], levels[MOBILE]) > -30

        await until(loud, 10, lambda: str(levels))
        assert max(levels[OTHER], levels[BOSS]) < min(levels[AGENT], levels[MOBILE]) - 20, levels
        meter = page.locator("tamas-ear meter")

        async def moves() -> bool:
            return bool(await meter.evaluate("meter => meter.value") > 0.2)

        await until(moves, 5, "the meter shows nothing")
        await banner.get_by_role("button", name="Stop").click()
        await expect(banner).to_have_count(0)
        await until(lambda: not there.spying.running(there.boss), 5, "the PBX still sends sound")
        await browser.close()


async def test_whoever_whispers_with_the_softphone_is_in_the_call_at_once(asterisk: Asterisk, tmp_path: Path) -> None:
    sip = f"ws://{asterisk.ip}:{asterisk.ports['HTTP_PORT']}/ws"
    async with floor(asterisk, tmp_path, boss="210", pbx_sip_url=sip) as there, async_playwright() as playwright:
        crm, url = there.running.product.crm, there.running.url
        await crm.softphones.put(TESTER, "main", "PJSIP/210", "210", secret=SECRET)
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
        await context.grant_permissions(["microphone"])
        await context.add_cookies([{"name": "tamas_session", "value": there.cookie, "url": url}])
        await context.add_init_script(WATCHED_PHONE)
        page = await context.new_page()
        await page.goto(f"{url}/")

        async def registered() -> bool:
            return bool(await page.evaluate("window.told?.status === 'ready'"))

        def reachable() -> bool:
            place = there.running.product.places.of(there.boss.id)
            return place is not None and any(phone.reachable for phone in place.phones)

        await until(registered, 20, "the softphone is not registered")
        await until(reachable, 10, "nobody was told that it is there")
        await there.listen(AGENT)
        call = await there.call()
        wanted = {"call": call.record.id, "mode": "whisper", "with": "phone"}
        await page.evaluate("d => document.dispatchEvent(new CustomEvent('tamas-listen', {detail: d}))", wanted)
        banner = page.locator("tamas-ear .ban")
        await expect(banner).to_contain_text("You whisper to sara", timeout=10_000)

        async def hears() -> bool:
            before = await page.evaluate(FIGURES)
            await asyncio.sleep(0.3)
            now = await page.evaluate(FIGURES)
            return bool(now["received"] > before["received"] and now["sent"] > before["sent"] and now["energy"] > 0)

        await until(hears, 10, "the softphone is silent")
        assert await there.hears(MOBILE) == {AGENT}
        await expect(page.locator("tamas-bar [data-verb=answer]")).to_have_count(0)
        await banner.get_by_role("button", name="Stop").click()
        await until(lambda: len(there.running.live()) == 1, 5, lambda: str(there.running.live()))
        await browser.close()


@pytest.mark.parametrize(
    ("mode", "agent_hears", "caller_hears"),
    [
        ("listen", {MOBILE}, {AGENT}),
        ("whisper", {MOBILE, BOSS}, {AGENT}),
        ("barge", {MOBILE, BOSS}, {AGENT, BOSS}),
    ],
)
async def test_who_hears_the_supervisor(
    asterisk: Asterisk, tmp_path: Path, mode: Any, agent_hears: set[str], caller_hears: set[str]
) -> None:
    async with floor(asterisk, tmp_path) as there:
        await there.listen(AGENT, BOSS)
        call = await there.call()
        await there.spying.start(there.boss, call.record.id, mode)
        await there.begun()
        await asyncio.sleep(0.3)  # what was on its way before
        assert await there.hears(BOSS) >= {AGENT, MOBILE}
        assert await there.hears(AGENT) == agent_hears
        assert await there.hears(MOBILE) == caller_hears


async def test_whoever_hears_another_than_was_chosen_is_hung_up(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there:
        await there.listen(AGENT, BOSS)
        call = await there.call()
        pbx, parties = there.running.product.pbxs["main"], there.parties(call)
        chosen = next(one.uniqueid for one in parties if one.extension == AGENT)
        other = next(one.uniqueid for one in parties if one.outside)
        asked, sent = pbx.spy, list[Spy]()

        async def mistaken(order: Spy) -> None:
            sent.append(order)
            await asked(Spy(order.endpoint, other, order.mode, order.uniqueid))

        pbx.spy = mistaken  # type: ignore[method-assign]
        await there.spying.start(there.boss, call.record.id)
        assert sent[0].spied == chosen
        await until(lambda: not there.spying.running(there.boss), 10, "it goes on")
        await until(lambda: len(there.running.live()) == 1, 5, lambda: str(there.running.live()))


async def test_by_the_api_with_permission_for_that_team_alone(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path, monitoring={"notice": True}) as there:
        await there.listen(OTHER, BOSS)
        others = await there.call("5022", OTHER)
        status, problem = await there.ask("POST", f"/api/v1/calls/{others.record.id}/monitor", mode="listen")
        assert status == 403, problem
        await there.listen(AGENT)
        call = await there.call("5001", AGENT)
        status, made = await there.ask("POST", f"/api/v1/calls/{call.record.id}/monitor", mode="whisper")
        assert status == 202 and made["uniqueid"].startswith("tamas-") and "audio" not in made
        await there.begun()
        status, listed = await there.ask("GET", "/api/v1/monitors")
        assert [(one["mode"], one["with"], one["state"]) for one in listed["items"]] == [("whisper", "phone", "heard")]
        party = next(one for one in there.parties(call) if one.extension == AGENT)
        await there.running.product.pbxs["main"].hangup(party.channel)  # the call ends: so does the listening
        await until(lambda: not there.spying.running(there.boss), 5, "it outlives the call")
        await until(lambda: len(there.running.live()) == 1, 5, lambda: str(there.running.live()))
        await there.running.product.bus.drain()
        await there.running.product.recorder.flush()
        kinds = {record.kind for record in await there.running.records()}
        assert kinds == {"call", "monitoring"}
        today = there.running.product.today.figures
        assert today.agent(there.boss.id)["calls"] == 0 and today.agent(there.agents["sara"])["calls"] == 1
        notes = await there.audited()
        assert [(one.actor_name, one.record) for one in notes] == [("boss", call.record.id)] * 2
        assert notes[1].detail is not None and notes[1].detail["agent"] == "sara"
        assert notes[0].detail is not None and notes[0].detail["over"] is True


async def test_a_phone_that_is_not_picked_up_is_a_call_to_nobody(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there:
        await there.listen(AGENT)
        await there.phones.listen(BOSS, ring())
        call = await there.call()
        monitor = await there.spying.start(there.boss, call.record.id, "barge")
        rings = await until(lambda: next((x for x in there.running.live() if x.record.kind == "monitoring"), None), 5)
        board = there.running.product.feed.board.whole()
        assert call.record.id in board["calls"] and rings.record.id not in board["calls"]
        assert there.running.product.feed.pops.snapshot(there.boss.id) == {"pops": []}
        await there.spying.stop(there.boss, monitor.id)
        await until(lambda: len(there.running.live()) == 1, 5, lambda: str(there.running.live()))
        await there.running.product.bus.drain()
        await there.running.product.recorder.flush()
        (record,) = [one for one in await there.running.records() if one.id == rings.record.id]
        assert record.kind == "monitoring" and record.talk_seconds == 0


async def test_the_doctor_says_whether_sound_comes(asterisk: Asterisk, tmp_path: Path) -> None:
    async with floor(asterisk, tmp_path) as there:
        found = {one.title: one.level for one in await there.running.product.doctor.examine()}
        assert found["PBX %(pbx)s: it brings the sound of calls that are listened to."] == "ok"
        await until(lambda: not there.running.live(), 5, lambda: str(there.running.live()))
    elsewhere = f"{asterisk.ip}:{asterisk.address.next_port()}"
    async with floor(asterisk, tmp_path / "elsewhere", media=elsewhere) as there:
        found = {one.title: one.level for one in await there.running.product.doctor.examine()}
        assert found["PBX %(pbx)s: no sound comes for who listens without a phone."] == "warn"
        await there.listen(AGENT)
        call = await there.call()
        await there.spying.start(there.boss, call.record.id, browser=True)
        await until(lambda: not there.spying.running(there.boss), 10, "it waits for sound that does not come")
