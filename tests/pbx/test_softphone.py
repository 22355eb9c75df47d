"""The phone in a real Chromium: it registers at a real Asterisk through our own origin, is called, talks, and stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from crm_core.users.account import User, UserDraft
from tests.live import TESTER, Running, running_product, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.phones import Phones
from tests.pbx.scenario import Caller, dial, talk

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(180)]

FLAGS = [
    "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
EXTENSION, SECRET = "210", "phone-secret"
WATCHED = """
window.connections = [];
const Real = RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); window.connections.push(this); }
};
window.told = null;
window.channel = new BroadcastChannel("tamas-softphone");
window.channel.onmessage = ({ data }) => { if (data.state) window.told = data.state; };
window.channel.postMessage({ ask: true });
window.tell = (verb, body, n = 0) =>
  window.channel.postMessage({ run: { verb, call: window.told.calls[n].id, body, id: Math.random() } });
window.audios = [];
const Sound = AudioContext;
window.AudioContext = class extends Sound {
  constructor(...given) { super(...given); window.audios.push(this); }
};
"""
FIGURES = """
async () => {
  const sums = { sent: 0, received: 0, energy: 0 };
  for (const one of window.connections) for (const report of (await one.getStats()).values()) {
    if (report.type === "outbound-rtp") sums.sent += report.packetsSent;
    if (report.type !== "inbound-rtp") continue;
    sums.received += report.packetsReceived;
    sums.energy += report.totalAudioEnergy ?? 0;
  }
  return sums;
}
"""


@dataclass
class Desk:
    """An agent at extension 210 in a browser of his own."""

    running: Running
    asterisk: Asterisk
    context: BrowserContext
    page: Page
    said: list[str]

    async def told(self, page: Page | None = None) -> dict[str, Any]:
        """The state of the phone as every tab hears it."""
        found: dict[str, Any] = await (page or self.page).evaluate("window.told ?? {calls: []}")
        return found

    async def call_is(self, state: str) -> None:
        async def so() -> bool:
            return [call["state"] for call in (await self.told())["calls"]] == [state]

        await until(so, 20, f"no call is {state}")

    async def figures(self) -> dict[str, float]:
        found: dict[str, float] = await self.page.evaluate(FIGURES)
        return found

    def channel(self) -> str | None:
        """The PBX's channel of the phone, while it has one."""
        for call in self.running.live():
            for leg in call.legs:
                if leg.endpoint == f"PJSIP/{EXTENSION}" and leg.state != "ended":
                    return leg.state
        return None


@asynccontextmanager
async def at_the_desk(asterisk: Asterisk, folder: Path, script: str = WATCHED, **more: Any) -> AsyncIterator[Desk]:
    """`script` runs before each page's own; `more` are settings of the product."""
    http = f"ws://{asterisk.ip}:{asterisk.ports['HTTP_PORT']}/ws"
    settings: dict[str, Any] = {
        "pbx_url": asterisk.ami_url(),
        "pbx_actions_url": asterisk.ami_url("actions"),
        "pbx_sip_url": http,
        **more,
    }
    async with running_product(folder / "data", asterisk.profile, **settings) as running:
        await running.connected()
        crm = running.product.crm
        await crm.softphones.put(TESTER, "main", f"PJSIP/{EXTENSION}", EXTENSION, secret=SECRET)
        secret = await crm.sessions.open((await agent(running)).id)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
            await context.grant_permissions(["microphone"])
            await context.add_cookies([{"name": "tamas_session", "value": secret, "url": running.url}])
            await context.add_init_script(script)
            page, said = await context.new_page(), list[str]()
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.set_default_timeout(15_000)
            await page.goto(f"{running.url}/phone?lang=en")
            await expect(page.locator("tamas-phone")).to_contain_text("Registered")
            yield Desk(running, asterisk, context, page, said)
            await browser.close()


async def agent(running: Running) -> User:
    crm = running.product.crm
    async with crm.access.changing() as tx:
        draft = UserDraft(login="negar", name="Negar", role="agent", extensions=(EXTENSION,))
        return await crm.users.put(tx, TESTER, draft)


@asynccontextmanager
async def callers(asterisk: Asterisk, folder: Path) -> AsyncIterator[Phones]:
    phones = Phones(asterisk, folder)
    try:
        yield phones
    finally:
        phones.close()


async def ring(desk: Desk, phones: Phones) -> None:
    """201 calls the browser, and waits to be hung up on."""
    phones.call(Caller("201", "Agent 201"), EXTENSION, dial(), talk())
    await desk.call_is("ringing")


async def test_it_is_called_and_sound_goes_both_ways(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk, callers(asterisk, tmp_path / "sipp") as phones:
        await ring(desk, phones)
        await desk.page.evaluate("tell('answer')")
        await desk.call_is("talking")

        async def both_ways() -> bool:
            now = await desk.figures()
            return now["sent"] > 50 and now["received"] > 50 and now["energy"] > 0

        await until(both_ways, 20, lambda: "no sound both ways")
        await desk.page.evaluate("tell('hold')")
        await desk.call_is("held")
        await until(lambda: desk.channel() == "held" or any(c.state == "held" for c in desk.running.live()), 10)
        await desk.page.evaluate("tell('unhold')")
        await desk.call_is("talking")
        await desk.page.evaluate("tell('mute')")
        await until(lambda: _muted(desk), 5)
        await desk.page.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)
        await desk.running.quiet()
        (record,) = [one for one in await desk.running.records() if one.legs]
        leg = next(leg for leg in record.legs if leg.extension == EXTENSION)
        assert leg.result == "answered" and record.hung_up_by in ("agent", "callee")


async def test_one_hears_oneself(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk:
        await until(lambda: _seated(desk), 10, "the product does not know that his phone is there")
        button = desk.page.locator("tamas-phone button.echo")
        await button.click()
        await desk.call_is("talking")  # it answered by itself
        await expect(button).to_contain_text("End the echo test")

        async def both_ways() -> bool:
            now = await desk.figures()
            return now["sent"] > 50 and now["received"] > 50 and now["energy"] > 0

        await until(both_ways, 20, lambda: "one does not hear oneself")
        await button.click()
        await expect(button).to_contain_text("Echo test")
        await until(lambda: desk.channel() is None, 10)
        await desk.page.locator("tamas-me .me").click()
        await desk.page.locator("tamas-me button.echo").click()
        await desk.call_is("talking")
        assert await desk.page.locator("tamas-bar .who").count() == 0  # no card tells of it
        await desk.page.locator("tamas-me button.echo").click()
        await until(lambda: desk.channel() is None, 10)


async def _seated(desk: Desk) -> bool:
    answer = await desk.context.request.get(f"{desk.running.url}/api/v1/agents/me")
    return (await answer.json()).get("phone", {}).get("reachable") is True


async def test_where_it_rings_is_chosen(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk:
        choice = desk.page.locator("#phone-ring")
        names = await choice.locator("option").all_inner_texts()
        assert names[0] == "As the system has it" and len(names) > 2, names
        chosen = await choice.locator("option").nth(2).get_attribute("value")
        await choice.select_option(index=2)
        sinks = "() => window.audios.map((one) => one.sinkId)"
        await until(lambda: _is(desk.page, sinks, [chosen]), 5)
        assert await desk.page.evaluate("localStorage.getItem('tamas-speaker')") is None


async def _is(page: Page, script: str, wanted: Any) -> bool:
    return bool(await page.evaluate(script) == wanted)


async def test_each_of_two_calls_at_once_keeps_how_it_was_heard(asterisk: Asterisk, tmp_path: Path) -> None:
    """Both at the same endpoint: what one heard of the second is not written down with the first."""
    async with at_the_desk(asterisk, tmp_path) as desk, callers(asterisk, tmp_path / "sipp") as phones:
        crm = desk.running.product.crm
        await ring(desk, phones)
        await desk.page.evaluate("tell('answer')")
        await desk.call_is("talking")
        (first,) = [call.record.id for call in desk.running.live()]
        await desk.page.evaluate("tell('hold')")
        phones.call(Caller("203", "Agent 203"), EXTENSION, dial(), talk())
        await until(lambda: _states(desk, ["held", "ringing"]), 20)
        await desk.page.evaluate("tell('answer', undefined, 1)")
        await until(lambda: _states(desk, ["held", "talking"]), 10)
        (second,) = [call.record.id for call in desk.running.live() if call.record.id != first]
        await until(lambda: _more(desk, (50)), 10)
        await asyncio.sleep(4.2)  # two readings
        await desk.page.evaluate("tell('hangup', undefined, 1)")

        async def kept() -> set[str]:
            return {one.heard.call for one in await crm.softphones.of_calls([first, second])}

        async def second_only() -> bool:
            return await kept() == {second}

        await until(second_only, 10, lambda: "it is not kept with the second")
        await desk.page.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)

        async def both() -> bool:
            return await kept() == {first, second}

        await until(both, 10)


async def _states(desk: Desk, wanted: list[str]) -> bool:
    return [call["state"] for call in (await desk.told())["calls"]] == wanted


async def _muted(desk: Desk) -> bool:
    return [call["muted"] for call in (await desk.told())["calls"]] == [True]


async def test_another_tab_answers_and_a_page_is_changed_in_mid_call(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk, callers(asterisk, tmp_path / "sipp") as phones:
        other = await desk.context.new_page()
        await other.goto(f"{desk.running.url}/phone?lang=en")
        await expect(other.locator("tamas-phone")).to_contain_text("another tab")
        await ring(desk, phones)
        await until(lambda: _rings(desk, other), 10)
        await other.evaluate("tell('answer')")
        await desk.call_is("talking")
        await desk.page.locator(".rail a[href='/contacts']").click()
        await expect(desk.page.locator(".rail a[href='/contacts']")).to_have_attribute("aria-current", "page")
        assert desk.page.url.endswith("/contacts")
        before = (await desk.figures())["received"]
        await until(lambda: _more(desk, before + 50), 10)  # the call goes on
        await desk.page.go_back()
        await expect(desk.page.locator("tamas-phone")).to_contain_text("Registered")
        await desk.call_is("talking")
        await other.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)


async def _rings(desk: Desk, page: Page) -> bool:
    return [call["state"] for call in (await desk.told(page))["calls"]] == ["ringing"]


async def _more(desk: Desk, than: float) -> bool:
    return (await desk.figures())["received"] > than


async def test_when_the_tab_closes_the_next_one_takes_over(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk, callers(asterisk, tmp_path / "sipp") as phones:
        other = await desk.context.new_page()
        await other.goto(f"{desk.running.url}/phone?lang=en")
        await expect(other.locator("tamas-phone")).to_contain_text("another tab")
        await desk.page.close()
        await expect(other.locator("tamas-phone")).to_contain_text("This tab carries the calls")
        await expect(other.locator("tamas-phone")).to_contain_text("Registered")
        desk.page = other
        await ring(desk, phones)
        await other.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)


async def test_after_a_reload_in_mid_call_the_customer_is_still_there(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk, callers(asterisk, tmp_path / "sipp") as phones:
        await ring(desk, phones)
        await desk.page.evaluate("tell('answer')")
        await desk.call_is("talking")
        before = {call.record.id for call in desk.running.live()}
        await desk.page.evaluate("onbeforeunload = null; window.stop()")
        desk.page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await desk.page.reload()
        await expect(desk.page.locator("tamas-phone")).to_contain_text("Registered")
        await desk.call_is("ringing")  # with music meanwhile
        await desk.page.evaluate("tell('answer')")
        await desk.call_is("talking")
        assert {call.record.id for call in desk.running.live()} == before  # it is the same call
        heard = (await desk.figures())["received"]
        await until(lambda: _more(desk, heard + 50), 20)
        await desk.page.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)


async def test_the_secret_is_nowhere_but_in_memory(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_the_desk(asterisk, tmp_path) as desk:
        for path in ("/phone", "/me", "/settings"):
            answer = await desk.context.request.get(desk.running.url + path)
            assert SECRET not in await answer.text()
        kept = await desk.page.evaluate(
            "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,"
            " document.documentElement.outerHTML, await caches.keys(), (await indexedDB.databases()).length])"
        )
        assert SECRET not in kept and json.loads(kept)[5] == 0
        told = await desk.context.request.get(f"{desk.running.url}/api/v1/softphone")
        assert told.headers["cache-control"] == "no-store" and SECRET in await told.text()
        assert not [text for text in desk.said if SECRET in text]
        for file in (tmp_path / "data").rglob("*"):
            if file.is_file():
                assert SECRET.encode() not in await asyncio.to_thread(file.read_bytes), file
