"""An alert comes to every page that is open of whom it concerns, is taken by a click, and goes when it is over; it
sounds once, and is a notification where nobody looks. In both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from crm_core.alerts.rules import AlertRules
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.live.alarms import AlertRule
from cti.live.events import PbxLinkChanged, QueueChanged
from cti.live.readings import Now
from screenpop.alerts import AlertScreens
from tests.browser.conftest import Window
from tests.browser.test_every_page import told_by_axe
from tests.browser.test_work import CHOSEN, REAL, noted
from tests.crm_core.users.people import SYSTEM
from tests.live import until
from tests.web.conftest import Stage

pytestmark = pytest.mark.browser
RULES = (
    AlertRule(id="many", kind="waiting", level="warn", limit=3, clear_after=0),
    AlertRule(id="link", kind="link_down", level="bad", clear_after=0),
)
HOSTILE = 'sup"><img src=x onerror="window.hacked=1">\u202eمب'


class Wrong:
    """What goes wrong in the contact centre of two teams: ``sales`` is served by the one, ``help`` by the other."""

    def __init__(self, window: Window, teams: dict[str, str]) -> None:
        self.window, self.teams = window, teams
        services = window.stage.services
        self.feed, self.alerts, self.now = services.feed, services.crm.alerts, services.clock.now()
        self.screens = AlertScreens(services.feed, self.alerts.all_open)
        self.alerts.changed = lambda _alerts: self.screens.turn()

    async def who(self, role: str, *queues: str, language: str = "en") -> Stage:
        """Somebody of the teams that serve these queues."""
        teams = tuple(self.teams[queue] for queue in queues)
        return await self.window.stage.as_role(role, name="شهرام", language=language, teams=teams)

    def full(self, *queues: str, down: bool = False) -> None:
        """Four wait in each of these queues; the link to the north is down, or not. All else is well."""
        self.now += 1
        links = [PbxLinkChanged("north", self.now, False, "gone")] if down else []
        full = [QueueChanged("main", self.now, name, 4, ()) for name in queues]
        self.feed.board.load([], full, links)
        self.alerts.look(Now(at=self.now, queues=full, links=links))


@pytest_asyncio.fixture(loop_scope="session")
async def wrong(window: Window) -> Wrong:
    crm = window.stage.services.crm
    await crm.alert_rules.put(SYSTEM, AlertRules(rules=RULES))
    teams = {queue: (await crm.teams.create(SYSTEM, queue[:6])).id for queue in ("sales", "help", HOSTILE)}
    mates = tuple(Mate(f"of {queue}", queue, (team,), (queue,)) for queue, team in teams.items())
    crm.reach.take(PeopleAtPhones({}, (), mates, tuple((team, name) for name, team in teams.items())))
    return Wrong(window, teams)


@pytest.mark.parametrize(
    ("language", "width", "theme"), [("fa", 390, "light"), ("en", 1440, "light"), ("fa", 1440, "dark")]
)
async def test_raised_taken_and_over(wrong: Wrong, tmp_path: Path, language: str, width: int, theme: str) -> None:
    boss = await wrong.who("manager", language=language)
    page = await wrong.window.open("/contacts", width, theme=theme, stage=boss)
    banner = page.locator("tamas-alerts .ban")
    await expect(page.locator("tamas-alerts")).to_be_attached()
    await expect(banner).to_have_count(0)
    wrong.full("support")
    await expect(banner).to_contain_text("تماس‌گیرنده در انتظار" if language == "fa" else "callers wait")
    wrong.full("support", down=True)
    await expect(banner).to_contain_text("north")  # the worse one is on top
    await page.locator("tamas-alerts button[aria-expanded]").click()
    await expect(banner).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    assert not await told_by_axe(page)
    await page.screenshot(path=tmp_path / f"alerts.{language}.{theme}.png")
    await banner.first.locator("[data-take]").click()
    await expect(banner.last).to_contain_text("شهرام")  # who is taken care of goes down
    assert {one.taken_name for one in wrong.alerts.all_open() if one.kind == "link_down"} == {"شهرام"}
    wrong.full()
    await expect(banner).to_have_count(0)
    assert wrong.window.wrong == []


async def test_how_things_stand_goes_on_behind_the_headline(wrong: Wrong) -> None:
    page = await wrong.window.open("/contacts", stage=await wrong.who("manager"))
    wrong.full("support")
    facts = page.locator("tamas-alerts .facts")
    await expect(facts).to_have_text("limit 3 · 0 ready")
    wrong.feed.board.apply(QueueChanged("main", wrong.now, "support", 4, ()))
    await expect(page.locator("tamas-alerts [role=status]")).to_have_text(
        "\u2068support\u2069: \u20684\u2069 callers wait"
    )


async def test_a_supervisor_never_hears_of_anothers_queue(wrong: Wrong) -> None:
    """What both see, and was told later, is there: so what one does not have did not come."""
    pages = [
        await wrong.window.open("/contacts", stage=await wrong.who("supervisor", one)) for one in ("sales", "help")
    ]
    loose = await wrong.window.open("/contacts", stage=await wrong.who("supervisor"))
    for page in (*pages, loose):
        await expect(page.locator("tamas-alerts")).to_be_attached()
    wrong.full("sales")
    wrong.full("sales", down=True)
    for page, there in zip((*pages, loose), (2, 1, 1), strict=True):
        banner = page.locator("tamas-alerts .ban")
        await expect(banner).to_contain_text("north")
        if there > 1:
            await page.locator("tamas-alerts button[aria-expanded]").click()
        await expect(banner).to_have_count(there)
    await expect(pages[0].locator("tamas-alerts")).to_contain_text("sales")
    for page in (pages[1], loose):
        assert "sales" not in await page.locator("tamas-alerts").inner_text()


async def test_who_may_not_act_is_told_why(wrong: Wrong) -> None:
    page = await wrong.window.open("/contacts", stage=await wrong.who("agent", "sales"))
    await expect(page.locator("tamas-alerts")).to_be_attached()
    wrong.full("sales")
    take = page.locator("tamas-alerts [data-take]")
    await expect(take).to_have_attribute("aria-disabled", "true")
    await take.click(force=True)
    await expect(page.locator("tamas-alerts p[role=alert]")).to_have_text("You do not have the permission for this.")
    assert [one.taken_by for one in wrong.alerts.all_open()] == [""]


async def test_hostile_names_are_text(wrong: Wrong) -> None:
    page = await wrong.window.open("/contacts", stage=await wrong.who("supervisor", HOSTILE))
    await expect(page.locator("tamas-alerts")).to_be_attached()
    wrong.full(HOSTILE)
    await expect(page.locator("tamas-alerts .ban")).to_contain_text('sup"><img src=x onerror=')
    assert await page.locator("tamas-alerts img").count() == 0
    assert await page.evaluate("window.hacked") is None
    assert "\u202e" not in await page.locator("tamas-alerts").inner_text()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("waiting", "limit queues"), ("service_level", "limit queues window"), ("repeat", "limit window"),
        ("nobody_ready", "queues"), ("trunk_down", ""), ("link_down", ""), ("talk", "limit queues"),
    ],
)  # fmt: skip
async def test_a_rule_asks_for_what_its_kind_needs(window: Window, kind: str, asked: str) -> None:
    page = await window.open("/admin/alerts?lang=en", 390)
    form = page.locator("form[action='/admin/alerts/rules']")
    await form.locator("select[name=kind]").select_option(kind)
    names = {"limit": "limit", "queues": "queues", "window": "window_minutes"}
    shown = [name for name, field in names.items() if await form.locator(f"[name={field}]").is_visible()]
    assert shown == asked.split()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
async def test_the_page_of_rules_and_of_what_was_wrong_keeps_nobody_out(wrong: Wrong, width: int, theme: str) -> None:
    wrong.full("sales", down=True)
    wrong.full(HOSTILE)
    await wrong.alerts.write()
    page = await wrong.window.open("/admin/alerts?lang=fa", width, theme=theme)
    await expect(page.locator(".lately > li")).to_have_count(3)
    await page.locator(".flist summary").first.click()
    await expect(page.locator(".rule").first).to_be_visible()
    await page.wait_for_load_state("networkidle")
    wrong_here = await told_by_axe(page)
    assert not wrong_here, "\n".join(wrong_here)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def heard(page: Page, count: int) -> None:
    await expect(page.locator("html")).to_have_attribute("data-rang", str(count))


async def test_it_sounds_once_in_one_tab(wrong: Wrong) -> None:
    """In a page that has just come, where sound was turned on before."""
    one = await wrong.window.open("/contacts", stage=await wrong.who("supervisor", "sales"), script=CHOSEN)
    await expect(one.locator("tamas-alerts")).to_be_attached()
    await one.mouse.click(700, 500)
    other = await one.context.new_page()
    await other.goto(wrong.window.stage.url + "/calls")
    await expect(other.locator("tamas-alerts")).to_be_attached()
    wrong.full("sales")
    for page in (one, other):
        await expect(page.locator("tamas-alerts .ban")).to_have_count(1)
    await heard(one, 1)
    wrong.full("sales", down=True)
    await heard(one, 2)
    assert await other.get_attribute("html", "data-rang") is None


async def test_sound_is_turned_on_in_the_banner_by_who_takes_no_calls(wrong: Wrong) -> None:
    sees = ("live.view", "calls.view_all", "contacts.view", "numbers.view")
    role = await wrong.window.stage.services.crm.roles.create(wrong.window.stage.actor, "watches", sees)
    page = await wrong.window.open("/contacts", stage=await wrong.who(role.id))
    await expect(page.locator("tamas-alerts")).to_be_attached()
    wrong.full("sales")
    bell = page.locator("tamas-alerts [data-bell]")
    await expect(bell).to_have_attribute("aria-pressed", "false")
    await bell.click()
    await expect(bell).to_have_attribute("aria-pressed", "true")
    await heard(page, 1)  # so one hears how it sounds
    wrong.full("sales", down=True)
    await heard(page, 2)


async def test_where_nobody_looks_it_is_a_notification(wrong: Wrong) -> None:
    """The browser's own, with nothing of it replaced (see ``test_work``)."""
    page = await wrong.window.open(
        "/contacts", stage=await wrong.who("supervisor", "sales"), script=CHOSEN + ";" + REAL
    )
    await page.context.grant_permissions(["notifications"])
    await page.reload()
    await expect(page.locator("tamas-alerts")).to_be_attached()
    wrong.full("sales")
    await expect(page.locator("tamas-alerts .ban")).to_have_count(1)
    assert await page.evaluate("window.noted") == [], "who looks is not notified"
    front = await page.context.new_page()
    driver = await page.context.new_cdp_session(page)
    await driver.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    await front.bring_to_front()
    await until(lambda: page.evaluate("!document.hasFocus()"), 5, "the tab behind is said to be looked at")
    wrong.full("sales", down=True)
    await noted(page, 1)
    assert await page.evaluate("window.noted[0]") == ["show", "The link to the PBX \u2068north\u2069 is down"]
