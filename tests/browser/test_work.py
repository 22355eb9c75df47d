"""The desk in a real browser: cards come, change and go with the pushes; keys, one sound, nothing moves."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, Route, expect

from crm_core.contacts.callers import CallersKnown, KnownCaller
from crm_core.contacts.model import Draft, DraftNumber
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.control.devices import BY_NAME, Reach, capabilities
from cti.control.phones import PhoneAt
from cti.kernel.actor import system
from cti.live.events import CallChanged, CallEnded, CallStarted, LegState, LiveCall
from cti.live.record import Leg, rfc3339
from screenpop.rules import View
from tests.browser.conftest import Window
from tests.browser.test_every_page import told_by_axe
from tests.live import until
from tests.web import sample, stage
from web.services import Services

pytestmark = pytest.mark.browser

MARYAM, RAZI = ("مریم رستگار", "09123456789"), ("پخش رازی", "02166554400")
RING: tuple[tuple[str, LegState], ...] = (("204", "ringing"),)
TALK: tuple[tuple[str, LegState], ...] = (("204", "talking"),)
CHOSEN = "localStorage.getItem('tamas-bell') ?? localStorage.setItem('tamas-bell', JSON.stringify({on:true,volume:1}))"


@pytest.fixture
def services() -> Services:
    made = stage.services(clock=stage.RunningClock())
    stage.go_live(made.feed)
    made.feed.pops.writer.can = may
    return made


def may(view: View, _call: LiveCall, _device: str) -> Any:
    asking = "" if view.consult is None else "ring" if view.consult.doing == "ring" else "talk"
    return capabilities(BY_NAME["yealink"], view.doing, Reach(), placed=view.placed, consulting=asking)


class Desk:
    """Me at 204, with a window on the desk."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.feed = window.stage.services.feed
        me, mate = PhoneAt("main", "PJSIP/204", "204"), PhoneAt("main", "PJSIP/214", "214")
        places = (Place(window.stage.actor.id, "Me", ("204",), (me,)), Place("mate", "پویا نیکزاد", ("214",), (mate,)))
        self.own: dict[str, Any] = {"state": "ready", "own": "ready", "pauses": [], "queues": []}
        self.feed.agent_snapshot = lambda _user: self.own
        self.feed.tell([PeopleAtPhones({}, places)])

    async def open(self, path: str = "/work", **more: Any) -> Page:
        page = await self.window.open(f"{path}{'&' if '?' in path else '?'}lang=en", script=CHOSEN, **more)
        await expect(page.locator("tamas-me .me")).to_be_visible()
        return page

    def call(self, key: str, legs: Any, who: Any = MARYAM, state: Any = "ringing", **more: Any) -> LiveCall:
        made = sample.live_call(key, 60, who, state, 6, "support", legs, spoke=20 if state == "talking" else None)
        return msgspec.structs.replace(made, **more)

    def rings(self, key: str = "950", who: Any = MARYAM) -> LiveCall:
        call = self.call(key, RING, who)
        self.feed.tell([CallStarted(sample.NOW, call)])
        return call

    def talks(self, key: str = "950", who: Any = MARYAM) -> LiveCall:
        call = self.call(key, TALK, who, "talking")
        self.feed.tell([CallChanged(sample.NOW, call)])
        return call

    def ends(self, call: LiveCall, **more: Any) -> None:
        def ended(leg: Leg) -> Leg:
            return msgspec.structs.replace(leg, ended_at=sample.NOW)

        legs = tuple(map(ended, more.pop("legs", call.record.legs)))
        record = msgspec.structs.replace(call.record, ended_at=sample.NOW, legs=legs, **more)
        self.window.stage.services.calls.log.records.append(record)  # type: ignore[attr-defined]
        self.feed.tell([CallEnded(sample.NOW, record)])

    def becomes(self, **state: Any) -> None:
        gone = dict.fromkeys(set(self.own) - set(state) - {"pauses", "queues"})
        self.own |= state
        self.feed.agent(self.window.stage.actor.id, state | gone)


@pytest.fixture
def desk(window: Window) -> Desk:
    return Desk(window)


async def test_a_ring_is_painted_from_the_push_alone_and_nothing_moves(desk: Desk) -> None:
    page = await desk.open()
    await page.wait_for_load_state("networkidle")
    before = await page.evaluate("document.querySelector('#main').getBoundingClientRect().top")
    asked: list[str] = []
    await page.route("**/*", lambda route: asked.append(route.request.url))  # nothing is answered any more
    desk.rings()
    bar, hero = page.locator("tamas-bar"), page.locator(".card-pop .hero")
    await expect(bar).to_contain_text("مریم رستگار")
    await expect(bar).to_contain_text("from support")
    await expect(hero).to_contain_text("0912 345 6789")
    await expect(page).to_have_title("☎ مریم رستگار · Tamas")
    assert await page.evaluate("document.querySelector('#main').getBoundingClientRect().top") == before
    await expect(bar.get_by_role("button", name="Answer")).to_be_visible()


async def test_the_bar_is_on_every_page(desk: Desk) -> None:
    page = await desk.open("/calls")
    desk.rings()
    await expect(page.locator("tamas-bar")).to_contain_text("مریم رستگار")
    await page.locator("tamas-bar a.who").click()
    await expect(page.locator(".card-pop .hero")).to_contain_text("مریم رستگار")


async def test_answered_elsewhere_says_by_whom_and_folds(desk: Desk) -> None:
    page = await desk.open()
    call = desk.rings()
    await expect(page.locator(".card-pop.ring")).to_be_visible()
    mine = msgspec.structs.replace(call.record.legs[0], ended_at=sample.NOW, result="cancelled")
    taken = desk.call("950", (("214", "talking"),), state="talking")
    other = msgspec.structs.replace(taken.record.legs[0], answered_at=sample.NOW - 1)
    record = msgspec.structs.replace(taken.record, legs=(mine, other))
    desk.feed.tell([CallChanged(sample.NOW, msgspec.structs.replace(taken, record=record))])
    await expect(page.locator("tamas-bar")).to_contain_text("answered")
    await expect(page.locator(".cols:not([hidden]) .card-pop")).to_have_count(0, timeout=4000)
    await expect(page.locator("tamas-work .idle")).to_be_visible()
    await expect(page).to_have_title("Desk · Tamas")


async def test_a_reload_keeps_the_card(desk: Desk) -> None:
    page = await desk.open()
    desk.rings()
    desk.talks()
    await expect(page.locator(".card-pop.talk")).to_be_visible()
    await page.reload()
    await expect(page.locator(".card-pop.talk")).to_contain_text("مریم رستگار")


async def test_a_key_chooses_among_those_who_have_the_number(desk: Desk) -> None:
    contacts, number = desk.window.stage.services.crm.contacts, (DraftNumber(raw="09123456789"),)
    one = await contacts.create(system("test"), "person", Draft(last_name="Rastegar", tier="vip", numbers=number))
    other = await contacts.create(system("test"), "company", Draft(name="Warehouse", numbers=number))
    matches = await desk.window.stage.services.crm.lookup.who(desk.window.stage.actor, "+989123456789")
    page = await desk.open()
    call = desk.rings()
    known = KnownCaller(one.id, "Rastegar", "vip", 1)
    desk.feed.tell([CallersKnown({call.record.id: known}, {call.record.id: matches})])
    await expect(page.locator(".hero .nm")).to_have_text("Rastegar")
    await expect(page.locator("tamas-bar .vip")).to_be_visible()
    await page.keyboard.press("2")
    await expect(page.locator(".hero .nm")).to_have_text("Warehouse")
    await expect(page.locator(f'.hero a[href="/contacts/{other.id}"]')).to_be_visible()
    await expect(page.locator('[role="radio"][aria-checked="true"]')).to_contain_text("Warehouse")


async def test_an_unknown_caller_becomes_a_contact_in_two_keystrokes_and_a_name(desk: Desk) -> None:
    page = await desk.open()
    desk.rings(who=(None, "09351112233"))
    await expect(page.locator(".hero")).to_contain_text("Nobody is known")
    await page.keyboard.press("n")
    await page.keyboard.type("Sara Ahmadi")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hero .nm")).to_have_text("Sara Ahmadi")
    found = await desk.window.stage.services.crm.lookup.who(desk.window.stage.actor, "+989351112233")
    assert [match.name for match in found] == ["Sara Ahmadi"]


async def test_an_unknown_number_is_attached_to_whom_one_finds(desk: Desk) -> None:
    await desk.window.stage.services.crm.contacts.create(system("test"), "person", Draft(last_name="Kiani"))
    page = await desk.open()
    desk.rings(who=(None, "09351112233"))
    await expect(page.locator(".hero")).to_contain_text("Nobody is known")
    await page.keyboard.press("a")
    await page.locator("#attach-party input[type=search]").fill("Kiani")
    await page.locator("#attach-party .arow button").click()
    await expect(page.locator(".hero .nm")).to_have_text("Kiani")
    found = await desk.window.stage.services.crm.lookup.who(desk.window.stage.actor, "+989351112233")
    assert [match.name for match in found] == ["Kiani"]


async def test_what_the_phone_cannot_do_says_why_and_a_refusal_stands_beneath(desk: Desk) -> None:
    page = await desk.open()
    desk.rings()
    desk.talks()
    mute = page.locator('tamas-bar [data-verb="mute"]')
    await expect(mute).to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("m")
    await expect(page.locator(".refusal")).to_contain_text("Press the button on your phone")
    async with page.expect_response("**/hold") as answer:  # no PBX is behind this stage
        await page.keyboard.press("F2")
    said = (await (await answer.value).json())["detail"]
    await expect(page.locator(".refusal")).to_have_text(said)
    assert (await page.locator(".call").bounding_box() or {})["height"] == 46


async def test_two_calls_at_once(desk: Desk) -> None:
    page = await desk.open()
    desk.rings()
    desk.talks()
    await expect(page.locator(".card-pop.talk")).to_be_visible()
    other = desk.rings("951", RAZI)
    chip = page.locator("tamas-bar .chips button")
    await expect(chip).to_contain_text("پخش رازی")
    await expect(page.locator(".cols:not([hidden]) .nm")).to_have_text("مریم رستگار")  # what one does stays in view
    await chip.click()
    await expect(page.locator(".cols:not([hidden]) .nm")).to_have_text("پخش رازی")
    desk.ends(other)
    await expect(page.locator(".cols:not([hidden]) .nm")).to_have_text("مریم رستگار", timeout=8000)


async def test_colleagues_tell_where_they_belong_and_how_much_they_had(desk: Desk) -> None:
    page = await desk.open()
    mate = {"id": "mate", "name": "پویا نیکزاد", "ext": "214", "state": "pause", "teams": ["t1"], "calls": 12}
    lunch = {"id": "lunch", "label": "ناهار", "fa": "ناهار", "en": "Lunch"}
    answer = {"items": [mate | {"team_names": ["فروش"], "reason": lunch}], "next": None}
    await page.route("**/api/v1/agents", lambda route: route.fulfill(json=answer))
    desk.rings()
    desk.talks()
    await expect(page.locator(".card-pop.talk")).to_be_visible()
    await page.keyboard.press("t")
    row = page.locator("tamas-transfer li").first
    await expect(row).to_contain_text("فروش · Lunch · Calls today: 12")


async def test_a_reason_is_said_in_the_readers_language(desk: Desk) -> None:
    page = await desk.open()
    lunch = {"id": "lunch", "label": "ناهار", "fa": "ناهار", "en": "Lunch"}
    desk.becomes(state="pause", own="pause", reason=lunch)
    await expect(page.locator("tamas-me .me")).to_contain_text("Lunch")
    desk.becomes(state="pause", own="pause", reason={"id": "pbx", "label": "کار با مدیر", "fa": None, "en": None})
    await expect(page.locator("tamas-me .me")).to_contain_text("کار با مدیر")


async def test_who_may_calls_somebody_all_the_same(desk: Desk) -> None:
    """Marked as not to be called: it is said, and done only if one means it."""
    page = await desk.open("/work?dial=09123456789")

    async def refuse(route: Route) -> None:
        sure = (route.request.post_data_json or {}).get("anyway")
        problem = {
            "title": "Conflict",
            "status": 409,
            "detail": "Maryam is marked as not to be called.",
            "anyway": True,
        }
        await route.fulfill(status=202 if sure else 409, json={"call": "c", "uniqueid": "u"} if sure else problem)

    await page.route("**/api/v1/calls", refuse)
    await page.locator(".dialbox input").press("Enter")
    await expect(page.locator(".refusal")).to_contain_text("not to be called")
    async with page.expect_request("**/api/v1/calls") as asked:
        await page.get_by_role("button", name="Call anyway").click()
    assert (await asked.value).post_data_json == {"to": "09123456789", "anyway": True}
    await expect(page.locator(".refusal")).to_have_count(0)


async def test_a_consultation_shows_both_and_its_verbs(desk: Desk) -> None:
    page = await desk.open()
    desk.rings()
    desk.talks()
    await expect(page.locator(".card-pop.talk")).to_be_visible()
    await page.keyboard.press("t")
    await expect(page.locator("tamas-transfer input")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("tamas-transfer")).to_have_count(0)
    both = desk.call("950", (("204", "consulting"), ("214", "consulting")), state="talking")
    asked = msgspec.structs.replace(
        both.record.legs[1], rang_at=sample.NOW - 9, answered_at=sample.NOW - 6, talk_seconds=0.0, consult_seconds=6.0
    )
    record = msgspec.structs.replace(both.record, legs=(both.record.legs[0], asked))
    desk.feed.tell([CallChanged(sample.NOW, msgspec.structs.replace(both, record=record))])
    legs = page.locator("tamas-bar .legs .leg")
    await expect(legs).to_have_count(2)
    await expect(legs.nth(0)).to_contain_text("On hold")
    await expect(legs.nth(1)).to_contain_text("پویا نیکزاد")
    for name in ("Swap", "Join all", "Cancel", "Complete"):
        await expect(page.locator("tamas-bar").get_by_role("button", name=name)).to_be_visible()


async def test_wrap_up_is_done_with_two_keys(desk: Desk) -> None:
    page = await desk.open()
    desk.rings()
    call = desk.talks()
    until = rfc3339(desk.window.stage.services.clock.now() + 40)
    desk.becomes(
        state="wrap", own="wrap", wrap={"call": call.record.id, "since": until, "until": until, "mandatory": False}
    )
    desk.ends(call)
    form = page.locator("tamas-result")
    await expect(form).to_be_visible()
    await expect(page.locator("tamas-bar")).to_contain_text("Result of the call with")
    await page.keyboard.press("1")
    await expect(form.locator("input[name=disposition]:checked")).to_have_count(1)
    async with page.expect_response(lambda r: "/work/result/" in r.url and r.request.method == "POST") as saved:
        await page.keyboard.press("F8")
    assert (await saved.value).ok
    told = await desk.window.stage.services.crm.results.of_call(desk.window.stage.actor, call.record.id)
    assert len(told.results) == 1


async def test_one_tab_rings_and_the_other_is_silent(desk: Desk) -> None:
    one = await desk.open()
    other = await one.context.new_page()
    await other.goto(desk.window.stage.url + "/calls?lang=en")
    await expect(other.locator("tamas-me .me")).to_be_visible()
    await one.mouse.click(700, 500)
    desk.rings()
    await expect(other.locator("tamas-bar")).to_contain_text("مریم رستگار")
    await expect(one.locator("html")).to_have_attribute("data-rang", "1")
    assert await other.get_attribute("html", "data-rang") is None


async def test_a_number_is_called_by_a_click_and_the_refusal_is_said(desk: Desk) -> None:
    page = await desk.open("/work?dial=tel:%2B98912-345-6789")
    box = page.locator(".dialbox input")
    await expect(box).to_have_value("+989123456789")  # shown, never called unasked: any page may link here
    async with page.expect_request("**/api/v1/calls") as asked:
        await box.press("Enter")
    assert (await asked.value).post_data_json == {"to": "+989123456789"}
    await expect(page.locator(".refusal")).to_be_visible()
    await page.goto(desk.window.stage.url + "/calls?lang=en")
    async with page.expect_request("**/api/v1/calls") as asked:
        await page.locator("[data-dial]").first.click()
    assert (await asked.value).method == "POST"
    assert page.url.endswith("/calls?lang=en")


async def test_my_state_is_changed_by_keys(desk: Desk) -> None:
    page = await desk.open()
    await page.keyboard.press("s")
    async with page.expect_request("**/agents/me/pause") as asked:
        await page.keyboard.press("2")
    assert "reason" in (await asked.value).post_data_json
    desk.becomes(state="pause", own="pause", reason={"id": "lunch", "label": "Lunch"}, since=rfc3339(sample.NOW))
    await expect(page.locator("tamas-me .me")).to_contain_text("Lunch")


async def test_the_first_visit_asks_for_sound_once(desk: Desk) -> None:
    page = await desk.window.open("/work?lang=en")
    await page.get_by_role("button", name="Stay silent").click()
    await page.reload()
    await expect(page.locator("tamas-me .me")).to_be_visible()
    await expect(page.locator(".ask-bell")).to_have_count(0)


async def test_a_lost_push_is_mended_by_how_things_stand(desk: Desk) -> None:
    page = await desk.open()
    call = desk.rings()
    await expect(page.locator(".card-pop.ring")).to_be_visible()
    channel = desk.feed.hub._channels[f"pops {desk.window.stage.actor.id}"]
    clients = set(channel.clients)
    channel.clients.clear()  # a message that never arrives
    desk.feed.tell([CallEnded(sample.NOW, call.record)])
    channel.clients.update(clients)
    desk.rings("951", RAZI)
    await expect(page.locator("tamas-bar")).to_contain_text("پخش رازی")
    await expect(page.locator("tamas-bar .chips button")).to_have_count(0)  # the first is not there for ever


PAINTED = """
(text) => new Promise((done) => {
  const bar = document.querySelector("tamas-bar");
  const look = () => {
    if (!bar.textContent.includes(text) || !document.querySelector(".card-pop.ring")) return false;
    requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
    return true;
  };
  if (look()) return;
  const watching = new MutationObserver(() => look() && watching.disconnect());
  watching.observe(document.body, { subtree: true, childList: true, characterData: true });
})
"""


async def test_a_ring_is_painted_within_a_tenth_of_a_second(desk: Desk) -> None:
    page = await desk.open()
    await page.wait_for_load_state("networkidle")
    took = []
    for n in range(20):
        number = f"0912000{n:04}"
        seen = asyncio.ensure_future(page.evaluate(PAINTED, number[-3:]))
        await asyncio.sleep(0.05)
        began = time.time()
        call = desk.rings(f"97{n}", (None, number))
        took.append(await seen / 1000 - began)
        desk.feed.tell([CallEnded(sample.NOW, call.record)])
    took.sort()
    print("event to paint, ms:", [round(1000 * one) for one in took])
    assert took[len(took) // 2] < 0.1


async def test_hostile_names_are_text(desk: Desk) -> None:
    page = await desk.open()
    desk.rings(who=('<img src=x onerror="window.hacked=1">\u202e' + "x" * 4000, "09123456789"))
    await expect(page.locator(".hero .nm")).to_contain_text("<img src=x")
    assert await page.evaluate("window.hacked") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "\u202e" not in await page.inner_text("body")


@pytest.mark.parametrize("width", [1440, 390])
async def test_nobody_is_kept_out_and_nothing_scrolls_sideways(desk: Desk, width: int) -> None:
    page = await desk.open(width=width, height=844)
    desk.rings()
    await expect(page.locator(".card-pop.ring")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    wrong = await told_by_axe(page)
    desk.talks()
    await expect(page.locator(".card-pop.talk")).to_be_visible()
    if width > 1000:
        await page.keyboard.press("t")
    wrong += await told_by_axe(page)
    await page.locator("tamas-me .me").click()
    wrong += await told_by_axe(page)
    assert not wrong, "\n".join(wrong)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


NOTED = """
window.noted = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, options) { window.noted.push([title, options.body]); this.title = title; }
  close() { window.noted.push(["closed", this.title]); }
};
"""
UNSEEN = "Object.defineProperty(document, 'hidden', {get: () => true}); document.hasFocus = () => false;"


async def noted(page: Page, count: int) -> None:
    """The page has told the system so often. (Its policy forbids what ``wait_for_function`` does.)"""

    async def told() -> bool:
        return bool(await page.evaluate("count => window.noted.length === count", count))

    await until(told, what=f"not noted {count} times")


async def test_who_does_not_look_is_notified_and_it_goes_with_the_ring(desk: Desk) -> None:
    page = await desk.window.open("/work?lang=en", script=CHOSEN + ";" + NOTED + UNSEEN)
    await expect(page.locator("tamas-me .me")).to_be_visible()
    call = desk.rings()
    await noted(page, 1)
    assert await page.evaluate("window.noted[0]") == ["☎ مریم رستگار", "Rings at your phone from support"]
    desk.feed.tell([CallEnded(sample.NOW, call.record)])
    await noted(page, 2)
    assert (await page.evaluate("window.noted[1]"))[0] == "closed"


async def test_who_looks_is_not_notified(desk: Desk) -> None:
    page = await desk.window.open("/work?lang=en", script=CHOSEN + ";" + NOTED + "document.hasFocus = () => true;")
    await expect(page.locator("tamas-me .me")).to_be_visible()
    desk.rings()
    await expect(page.locator("tamas-bar")).to_contain_text("مریم رستگار")
    await expect(page.locator("html")).to_have_attribute("data-rang", "1")
    assert await page.evaluate("window.noted") == []


REAL = """
window.noted = [];
const Shown = Notification;
window.Notification = class extends Shown {
  constructor(title, options) {
    super(title, options);
    for (const type of ["show", "close", "error"]) this.addEventListener(type, () => window.noted.push([type, title]));
  }
};
"""


async def test_behind_another_tab_the_browsers_own_notification_comes_and_goes(desk: Desk) -> None:
    """With nothing of the browser replaced. A browser without a screen calls every tab visible; that nobody looks is
    told to a page there by the focus alone, once the driver no longer feigns it. What it shows cannot be clicked."""
    page = await desk.window.open("/work?lang=en", script=CHOSEN + ";" + REAL)
    await page.context.grant_permissions(["notifications"])
    await page.reload()
    await expect(page.locator("tamas-me .me")).to_be_visible()
    front = await page.context.new_page()
    driver = await page.context.new_cdp_session(page)
    await driver.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    await front.bring_to_front()
    await until(lambda: page.evaluate("!document.hasFocus()"), 5, "the tab behind is said to be looked at")
    call = desk.rings()
    await noted(page, 1)
    assert await page.evaluate("window.noted[0]") == ["show", "☎ مریم رستگار"]
    desk.feed.tell([CallEnded(sample.NOW, call.record)])
    await noted(page, 2)
    assert (await page.evaluate("window.noted[1]"))[0] == "close"
