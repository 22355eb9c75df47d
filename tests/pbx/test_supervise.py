"""Somebody who leads acts on a real Asterisk: callers who wait are put first and moved, talks are taken over and ended,
and nobody is lost or counted as abandoned on the way."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from cti.control.steering import Steering
from cti.kernel.actor import Actor
from cti.live.counted import facts_of
from cti.live.events import LiveCall
from cti.live.record import CallRecord
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.crm_core.users import people
from tests.live import TESTER, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.flows.people import MOBILE, OTHER_MOBILE, picks_up
from tests.pbx.scenario import Caller, answer, bye, dial, ring, talk
from tests.pbx.test_control import House, at_work

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]


class Floor:
    """A house with a supervisor at 203, who leads all of it."""

    def __init__(self, house: House, lead: Actor, team: str) -> None:
        self.house, self.lead, self.team = house, lead, team

    @property
    def steering(self) -> Steering:
        return self.house.running.product.control.steering

    def call_of(self, number: str) -> LiveCall | None:
        return next((call for call in self.house.running.live() if call.record.caller.raw == number), None)

    async def waits(self, number: str, queue: str) -> LiveCall:
        def found() -> LiveCall | None:
            call = self.call_of(number)
            return call if call is not None and call.state == "queued" and call.record.queue == queue else None

        call: LiveCall = await until(found, 15, lambda: str(self.house.running.live()))
        return call

    async def calls(self, number: str, to: str = "5026", seconds: float = 60) -> None:
        self.house.phones.call(Caller(number), to, dial(), talk(seconds), bye())

    async def order(self, queue: str) -> list[str]:
        """The numbers that wait in a queue, first to last, as the PBX says."""
        probe = self.house.probe
        before = len(probe.messages)
        await probe.send("QueueStatus", Queue=queue)
        await probe.wait(lambda m: m.get("Event") == "QueueStatusComplete", before)
        found = [m for m in probe.messages[before:] if m.get("Event") == "QueueEntry" and m.get("Queue") == queue]
        return [m["CallerIDNum"] for m in sorted(found, key=lambda m: int(m["Position"]))]

    def stands(self, queue: str) -> list[str | None]:
        """The same, as the product has it."""
        calls = {call.record.id: call.record.caller.raw for call in self.house.running.live()}
        (listener,) = self.house.running.product.listeners
        return [calls.get(id_) for one in listener.tracker.queues() if one.queue == queue for id_ in one.order]

    async def records(self) -> dict[str, CallRecord]:
        await self.house.running.quiet(30)
        return {one.caller.raw or "": one for one in await self.house.running.records()}

    async def talks(self, number: str, *extensions: str) -> LiveCall:
        def found() -> LiveCall | None:
            call = self.call_of(number)
            talking = call is not None and {x.extension for x in call.legs if x.state == "talking"}
            return call if call is not None and talking == set(extensions) else None

        call: LiveCall = await until(found, 15, lambda: str(self.house.running.live()))
        return call


async def floor(house: House) -> Floor:
    crm = house.running.product.crm
    lead = await people.make(crm, "lead", "supervisor", extensions=("203",))
    team = await crm.teams.create(TESTER, "Sales")
    members = (lead.id, house.sara.id, house.reza.id)
    await crm.teams.change(TESTER, team.id, users=members)
    async with crm.access.changing() as tx:
        await tx.execute(
            "INSERT INTO user_work (user_id, kind, position, value) VALUES (?, 'queue', 0, 'desk')", house.sara.id
        )
    actor = (await people.sign_in(crm, lead))[0]
    await crm.desks.tell()
    await until(lambda: crm.reach.users(actor) == set(members), 10)
    return Floor(house, actor, team.id)


def ends(record: CallRecord) -> list[tuple[str, str]]:
    return [(visit.queue, visit.end) for visit in facts_of(record, {}).visits]


@pytest.mark.parametrize("reorders", [True, False], ids=["where he stands", "by entering anew"])
async def test_who_waits_is_put_first(asterisk: Asterisk, tmp_path: Path, reorders: bool) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        assert here.steering.reorders("main")
        here.steering.reorders = lambda _pbx: reorders  # an Asterisk before 18.20 and 20.5 moves nobody
        await here.calls(MOBILE)
        await here.waits(MOBILE, "desk")
        await here.calls(OTHER_MOBILE)
        second = await here.waits(OTHER_MOBILE, "desk")
        before = await here.order("desk")
        await here.steering.front(here.lead, second.record.id)
        assert before == [MOBILE, OTHER_MOBILE]
        after = [OTHER_MOBILE, MOBILE]

        async def swapped() -> bool:
            return await here.order("desk") == after

        await until(swapped, 3, "they stand as before")
        # The PBX tells nobody of it; the product asks, and knows it within a moment.
        await until(lambda: here.stands("desk") == after, 5, lambda: str(here.stands("desk")))


async def test_who_waits_is_moved_to_another_queue(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_201=picks_up(0.5, talk(2), bye()))
        await here.calls(MOBILE)
        call = await here.waits(MOBILE, "desk")
        await asyncio.sleep(1.5)
        await here.steering.move(here.lead, call.record.id, queue="sales")
        await here.talks(MOBILE, "201")
        record = (await here.records())[MOBILE]
    assert ends(record) == [("desk", "moved"), ("sales", "answered")]
    assert record.outcome == "answered" and record.id == call.record.id
    waited = record.queue_waits[0].seconds
    assert waited is not None and waited >= 1.5 and (record.wait_seconds or 0) >= waited + 0.5


async def test_who_waits_is_moved_to_an_agent(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_202=picks_up(1.0, talk(2), bye()))
        await here.calls(MOBILE)
        call = await here.waits(MOBILE, "desk")
        await here.steering.move(here.lead, call.record.id, agent=house.reza.id)
        await here.talks(MOBILE, "202")
        record = (await here.records())[MOBILE]
    assert ends(record) == [("desk", "moved")] and record.outcome == "answered"
    assert [(leg.extension, leg.result) for leg in record.legs] == [("202", "answered")]


async def test_an_agent_who_does_not_answer_sends_him_back(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path, dialling={"keep_seconds": 2}) as house:
        here = await floor(house)
        await house.listen(_202=(ring(),))
        await here.calls(MOBILE)
        call = await here.waits(MOBILE, "desk")
        await here.steering.move(here.lead, call.record.id, agent=house.reza.id)
        await until(lambda: (now := here.call_of(MOBILE)) is not None and now.state != "queued", 10)
        again = await here.waits(MOBILE, "desk")
        assert [wait.queue for wait in again.record.queue_waits] == ["desk", "desk"]
        await here.steering.end(here.lead, call.record.id)
        record = (await here.records())[MOBILE]
    assert record.hung_up_by == "system"


async def test_a_talk_is_taken_over(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_201=picks_up(0.3), _203=picks_up(0.5, talk(3), bye()))
        await here.calls(MOBILE, "5001")
        call = await here.talks(MOBILE, "201")
        taking = await here.steering.take_over(here.lead, call.record.id)
        assert taking.uniqueid
        await here.talks(MOBILE, "203")
        record = (await here.records())[MOBILE]
    print(record)
    assert {leg.extension for leg in record.legs} == {"201", "203"}
    assert all(leg.talk_seconds > 0 for leg in record.legs)
    assert record.outcome == "answered" and record.direction == "inbound"


async def test_who_waits_is_taken_by_the_supervisor_himself(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_203=picks_up(0.5, talk(2), bye()))
        await here.calls(MOBILE)
        call = await here.waits(MOBILE, "desk")
        await here.steering.take_over(here.lead, call.record.id)
        await here.talks(MOBILE, "203")
        assert ends((await here.records())[MOBILE]) == [("desk", "moved")]


async def test_a_call_is_ended(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_201=picks_up(0.3))
        await here.calls(MOBILE, "5001")
        call = await here.talks(MOBILE, "201")
        await here.steering.end(here.lead, call.record.id)
        record = (await here.records())[MOBILE]
    assert record.hung_up_by == "system"


async def test_an_agent_hands_a_caller_to_a_queue_by_its_name(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        here = await floor(house)
        await house.listen(_201=picks_up(0.3), _203=(ring(0.5), answer(), talk(2), bye()))
        await here.calls(MOBILE, "5001")
        call = await here.talks(MOBILE, "201")
        await house.commands.to_queue(house.sara, call.record.id, "second")
        await here.talks(MOBILE, "203")
        record = (await here.records())[MOBILE]
    assert [(x.kind, x.from_, x.to) for x in record.transfers] == [("blind", "PJSIP/201", "second")]
    assert ends(record) == [("second", "answered")]


async def test_what_a_supervisor_does_shows_on_the_agents_desktop_at_once(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house, async_playwright() as playwright:
        here = await floor(house)
        crm = house.running.product.crm
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = await _desk(house, browser)
            await crm.supervising.sign_in(here.lead, house.sara.id)
            await expect(page.locator("tamas-me .me")).to_contain_text("Ready")
            begun = time.monotonic()
            await crm.supervising.pause(here.lead, house.sara.id, "lunch")
            await expect(page.locator("tamas-me .me")).to_contain_text("Lunch", timeout=1000)
            await expect(page.locator("tamas-told .done")).to_contain_text("lead paused you: Lunch", timeout=1000)
            shown = time.monotonic() - begun
            member = await until(lambda: _paused(house, "desk"), 5)
            assert member["PausedReason"] == "Lunch" and shown < 1.0
            print(f"a forced pause shows on the agent's desktop within {shown * 1000:.0f} ms")
            sent = await crm.messages.send(here.lead, [], [here.team], "Please call Mr Karimi back.\nThanks")
            note = page.locator("tamas-told .message")
            await expect(note).to_contain_text("Please call Mr Karimi back.", timeout=1000)
            await page.screenshot(path=tmp_path / "told.png")
            await page.reload()
            await expect(note).to_contain_text("lead")
            await note.get_by_role("button").click()
            await expect(note).to_have_count(0)
            assert await crm.messages.unread(house.sara) == ()
            (mine,) = await crm.messages.sent(here.lead)
            assert mine.id == sent.id and [one.name for one in mine.to if one.read_at] == ["sara"]
        finally:
            await browser.close()


async def _desk(house: House, browser: Browser) -> Page:
    """Sara's desk in a browser."""
    url, crm = house.running.url, house.running.product.crm
    context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": "tamas_session", "value": await crm.sessions.open(house.sara.id), "url": url}])
    page = await context.new_page()
    await page.goto(f"{url}/work")
    await expect(page.locator("tamas-me .me")).to_be_visible()
    return page


async def _paused(house: House, queue: str) -> dict[str, str] | None:
    """Sara's phone as the PBX has it in a queue, once it is paused there."""
    probe = house.probe
    before = len(probe.messages)
    await probe.send("QueueStatus", Queue=queue, Member="PJSIP/201")
    await probe.wait(lambda m: m.get("Event") == "QueueStatusComplete", before)
    members = [m for m in probe.messages[before:] if m.get("Event") == "QueueMember"]
    return next((m for m in members if m.get("Paused") == "1"), None)
