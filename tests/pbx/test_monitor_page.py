"""The live monitor's verbs by click: a supervisor's Chromium at `/`, real phones that send tones, a real Asterisk.

What came of a click is asked of the PBX's own console, the phones' sound, the records and the agent's own desktop.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from cti.live.events import LiveCall
from cti.live.record import CallRecord
from tests.crm_core.users import people
from tests.live import TESTER, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.hearing import pitch
from tests.pbx.scenario import Caller, bye, dial, talk
from tests.pbx.test_monitor import AGENT, ALL, BOSS, FLAGS, LEVELS, MOBILE, OTHER, WATCHED, Floor, floor
from tests.pbx.test_supervise import ends

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

FIRST, SECOND = "09121000131", "09121000132"


@dataclass
class Stage:
    """The supervisor looks at ``page``, Sara works at ``desk``."""

    floor: Floor
    asterisk: Asterisk
    page: Page
    desk: Page
    wrong: list[str]

    def act(self, name: str) -> Locator:
        return self.page.locator(f"tamas-acts [data-act={name}]")

    @property
    def form(self) -> Locator:
        return self.page.locator("tamas-acts .actform")

    @property
    def banner(self) -> Locator:
        return self.page.locator("tamas-ear .ban")

    @property
    def sara(self) -> Locator:
        return self.page.locator(".agc", has_text="sara")

    async def choose(self, call: LiveCall) -> None:
        await self.select(self.page.locator(f'li[data-call="{call.record.id}"] .pick'))

    async def select(self, what: Locator) -> None:
        """Unless it is: a second click takes it back."""
        if await what.get_attribute("aria-pressed") == "false":
            await what.click()

    async def move(self, call: LiveCall, to: str) -> None:
        await self.choose(call)
        await self.act("move").click()
        await self.form.locator("select").select_option(to)
        await self.form.get_by_role("button").click()
        await expect(self.form).to_have_count(0)

    async def waits(self, number: str, queue: str) -> LiveCall:
        def found() -> LiveCall | None:
            calls = [one for one in self.floor.running.live() if one.record.caller.raw == number]
            return next((one for one in calls if one.state == "queued" and one.record.queue == queue), None)

        call: LiveCall = await until(found, 15, lambda: str(self.floor.running.live()))
        return call

    async def talks(self, number: str, extension: str) -> None:
        def so() -> bool:
            calls = [one for one in self.floor.running.live() if one.record.caller.raw == number]
            return [leg.extension for one in calls for leg in one.legs if leg.state == "talking"] == [extension]

        await until(so, 15, lambda: str(self.floor.running.live()))

    async def channels(self) -> list[str]:
        """The PBX's own list, in order, each without the number that makes its name unique."""
        said = await self.asterisk.cli("core show channels concise")
        return sorted(re.split(r"-\w+$|/0x", line.partition("!")[0])[0] for line in said.splitlines() if "!" in line)

    async def channels_are(self, *names: str) -> None:
        said: list[str] = []

        async def so() -> bool:
            said[:] = await self.channels()
            return said == sorted(names)

        await until(so, 5, lambda: f"the PBX has {said}, not {sorted(names)}")

    async def queue(self) -> str:
        return await self.asterisk.cli("queue show desk")

    async def waiting(self) -> list[str]:
        """The channels that wait in Sara's queue, first to last, by the PBX's own word."""
        return re.findall(r"^\s+\d+\. (\S+)", (await self.queue()).partition("Callers:")[2], re.MULTILINE)

    async def record(self, number: str) -> CallRecord:
        await self.floor.running.quiet()
        return [one for one in await self.floor.running.records() if one.caller.raw == number][-1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(floor(asterisk, tmp_path_factory.mktemp("monitor")))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        stack.push_async_callback(browser.close)
        wrong: list[str] = []
        page = await window(browser, there, "/", there.cookie, wrong)
        desk = await window(
            browser, there, "/work", await there.running.product.crm.sessions.open(there.agents["sara"]), wrong
        )
        await expect(page.locator(".agc", has_text="sara")).to_be_visible()
        await expect(desk.locator("tamas-me .me")).to_be_visible()
        yield Stage(there, asterisk, page, desk, wrong)


async def window(browser: Browser, there: Floor, path: str, secret: str, wrong: list[str]) -> Page:
    url = there.running.url
    context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": "tamas_session", "value": secret, "url": url}])
    await context.add_init_script(WATCHED)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(url + path)
    return page


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    """For one test: afterwards no call is up, no phone is on, and nothing went wrong in a page."""
    yield shared
    await shared.asterisk.cli("channel request hangup all")
    await until(lambda: not shared.floor.running.live(), 10, lambda: str(shared.floor.running.live()))
    shared.floor.phones.close()
    assert shared.wrong == []


async def test_listen_plays_the_call_in_the_browser(stage: Stage) -> None:
    await stage.floor.listen(AGENT)
    await stage.choose(await stage.floor.call())
    await stage.act("listen").click()
    await expect(stage.banner).to_contain_text("You hear sara")
    levels: dict[str, float] = {}

    async def loud() -> bool:
        levels.update(await stage.page.evaluate(LEVELS, [[name, pitch(name)] for name in ALL]))
        return min(levels[AGENT], levels[MOBILE]) > -30

    await until(loud, 10, lambda: str(levels))
    assert max(levels[OTHER], levels[BOSS]) < min(levels[AGENT], levels[MOBILE]) - 20, levels
    await stage.channels_are("PJSIP/trunk", "PJSIP/201", "WebSocket/tamas")
    await stage.banner.get_by_role("button", name="Stop").click()
    await expect(stage.banner).to_have_count(0)
    await stage.channels_are("PJSIP/trunk", "PJSIP/201")


async def test_why_a_call_is_heard_no_more_is_said(stage: Stage) -> None:
    """The socket of the sound closes when it is over: whichever comes first, its end or the reason."""
    await stage.floor.listen(AGENT, OTHER)
    call = await stage.floor.call()
    await stage.choose(call)
    await stage.act("listen").click()
    await expect(stage.banner).to_contain_text("You hear sara")
    product = stage.floor.running.product
    sara = await product.crm.users.get(TESTER, stage.floor.agents["sara"])
    actor, _ = await people.sign_in(product.crm, sara)
    await product.control.commands.transfer(actor, call.record.id, OTHER)
    await expect(stage.banner).to_contain_text("The call went on to somebody who is in none of your teams.")
    await stage.channels_are("PJSIP/trunk", "PJSIP/202")


async def test_whisper_then_join_in_then_end_the_call(stage: Stage) -> None:
    await stage.floor.listen(AGENT, BOSS)
    await stage.choose(await stage.floor.call())
    await stage.act("whisper").click()
    await expect(stage.banner).to_contain_text("You whisper to sara")
    await hear(stage, agent={MOBILE, BOSS}, caller={AGENT})
    await stage.act("barge").click()
    await expect(stage.banner).to_contain_text("You talk with sara")
    await hear(stage, agent={MOBILE, BOSS}, caller={AGENT, BOSS})
    await stage.act("end").click()
    await stage.form.get_by_role("button").click()
    await stage.channels_are()
    await expect(stage.banner).to_have_count(0)
    assert (await stage.record(MOBILE)).hung_up_by == "system"


async def hear(stage: Stage, agent: set[str], caller: set[str]) -> None:
    """Whose tones arrive where, once what was on its way before has gone by."""

    async def so() -> bool:
        return await stage.floor.hears(AGENT) == agent and await stage.floor.hears(MOBILE) == caller

    await until(so, 10, "others are heard")


async def test_a_talk_is_taken_over(stage: Stage) -> None:
    await stage.floor.listen(AGENT, BOSS)
    await stage.choose(await stage.floor.call())
    await stage.act("takeover").click()
    await stage.talks(MOBILE, BOSS)
    await stage.channels_are("PJSIP/trunk", "PJSIP/203")


async def test_who_waits_is_put_first_and_moved_to_a_queue_and_to_an_agent(stage: Stage) -> None:
    await stage.floor.listen(AGENT, BOSS)
    for number in (FIRST, SECOND):
        stage.floor.phones.call(Caller(number), "5026", dial(), talk(60), bye())
        last = await stage.waits(number, "desk")
    first, second = await stage.waiting()
    await stage.choose(last)
    await stage.act("front").click()

    async def swapped() -> bool:
        return await stage.waiting() == [second, first]

    await until(swapped, 3, "the PBX has them as they were")
    await stage.move(last, f"agent {stage.floor.agents['sara']}")
    await stage.talks(SECOND, AGENT)
    await stage.move(await stage.waits(FIRST, "desk"), "queue second")
    await stage.talks(FIRST, BOSS)
    assert await stage.waiting() == []
    await stage.asterisk.cli("channel request hangup all")
    assert ends(await stage.record(FIRST)) == [("desk", "moved"), ("second", "answered")]
    assert ends(await stage.record(SECOND)) == [("desk", "moved")]


async def test_an_agent_is_sent_to_a_pause_and_back_and_out_and_in(stage: Stage) -> None:
    me, told = stage.desk.locator("tamas-me .me"), stage.desk.locator("tamas-told .done")
    await stage.select(stage.sara)
    await stage.act("sign-in").click()
    await expect(me).to_contain_text("Ready")
    await queue_says(stage, "(Not in use)")
    await stage.act("pause").click()
    await stage.form.locator("select").select_option("lunch")
    began = time.monotonic()
    await stage.form.get_by_role("button").click()
    await expect(me).to_contain_text("Lunch", timeout=1000)
    shown = time.monotonic() - began
    await expect(told).to_contain_text("boss paused you: Lunch")
    await expect(stage.sara).to_contain_text("Lunch", timeout=1000)
    await queue_says(stage, "(paused:Lunch")
    await stage.act("ready").click()
    await expect(me).to_contain_text("Ready", timeout=1000)
    await stage.act("sign-out").click()
    await expect(me).to_contain_text("Offline", timeout=1000)
    await queue_says(stage, "No Members")
    await stage.act("sign-in").click()
    await expect(me).to_contain_text("Ready", timeout=1000)
    await queue_says(stage, "PJSIP/201")
    await stage.act("sign-out").click()  # the PBX is that of other tests, too
    await queue_says(stage, "No Members")
    print(f"a pause by click shows on the agent's desktop within {shown * 1000:.0f} ms")


async def queue_says(stage: Stage, words: str) -> None:
    said = ""

    async def so() -> bool:
        nonlocal said
        said = await stage.queue()
        return words in said

    await until(so, 5, lambda: said)
