"""Every page that there is, as people with and without eyes, ears, mice and large screens meet it.

axe-core (WCAG 2.2 A and AA) finds nothing serious; nothing scrolls sideways; no text is left in the other language.
A page that is not listed here fails: whoever adds one says what it looks like with something in it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page as BrowserPage

from crm_core.contacts.model import Draft, DraftNumber, PartyMail
from crm_core.wallboards.model import Shown
from cti.kernel.actor import system
from tests.browser.conftest import Window
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.pages import PAGES
from web.services import Finding, Services

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NOT_PAGES = (  # files, and fragments that are looked at inside the pages that hold them
    "/calls/export", "/calls/news", "/contacts/export", "/admin/audit/export", "/files/{id}", "/audit/{kind}/{id}",
    "/duplicates/of/{id}", "/tasks/of/{party}", "/work/call/{id}",
    "/timeline/party/{id}", "/timeline/number/{key}", "/timeline/call/{id}", "/desk/notice",
    "/sign-in", "/sign-in/code", "/session", "/welcome", "/ca.crt", "/mentions", "/contacts/companies",
    "/wall/{token}", "/wall/{token}/push", "/admin/wallboards/{id}/preview", "/admin/wallboards/{id}/preview/push",
)  # fmt: skip
FRAGMENTS = re.compile(r"/import/\{id\}.*")
SCRIPTS = {"fa": re.compile(r"[A-Za-z]{3,}"), "en": re.compile(r"[\u0600-\u06FF]{2,}")}


@pytest.fixture
def services() -> Services:
    async def nothing_wrong() -> tuple[Finding, ...]:
        return ()

    made = stage.services(doctor=nothing_wrong)
    stage.go_live(made.feed)
    return made


async def places(on_stage: Stage) -> list[str]:
    """The address of every page, with somebody and something behind each place."""
    boss, contacts = system("test"), on_stage.services.crm.contacts
    numbers, mails = (DraftNumber(raw="09123456789"),), (PartyMail(address="m@example.com"),)
    twins = [
        Draft(first_name="مریم", last_name="رستگار", tier="vip", tags=("دارو",), numbers=numbers, mails=mails),
        Draft(first_name="مريم", last_name="رستگار", numbers=(DraftNumber(raw="+989123456789"),)),
    ]
    one, other = [(await contacts.create(boss, "person", draft)).id for draft in twins]
    await on_stage.services.crm.wallboards.create(boss, Shown(name="تالار", queues=("sales",)))
    values = {
        "/calls/{id}": {"id": sample.transferred().id},
        "/work/result/{id}": {"id": sample.transferred().id},
        "/numbers/{key}": {"key": "+989351112233"},
        "/truth/{day}": {"day": "2026-11-21"},
        "/admin/users/{id}": {"id": on_stage.actor.id},
        "/contacts/duplicates/{one}/{other}": {"one": one, "other": other},
        "/contacts/{id}": {"id": one},
        "/contacts/{id}/edit": {"id": one},
        "/search": {},
        "/contacts/attach": {},
    }
    queries = {"/search": "?q=رستگار", "/contacts/attach": "?number=09351112233"}
    found = []
    for page in PAGES:
        if page.path in NOT_PAGES or FRAGMENTS.fullmatch(page.path):
            continue
        given = values.get(page.path, {})
        assert set(re.findall(r"\{(\w+)\}", page.path)) == set(given), f"{page.path}: say what it looks like, here"
        found.append(page.path.format(**given) + queries.get(page.path, ""))
    return found


VISIBLE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), holder = walker.currentNode.parentElement;
    // What people named themselves, numbers and codes stand in bdi, pre or kbd, or say their own language.
    if (!text || holder.closest("bdi, pre, kbd, code, script, style, textarea, option[value], .av")) continue;
    if (holder.closest("[lang]:not(html)")) continue;
    if (holder.checkVisibility()) found.push(text);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (!one.closest("bdi, [lang]:not(html)")) found.push(one.ariaLabel ?? "", one.title ?? "", one.placeholder ?? "");
  return found;
}"""
DATA = ("دارو", "مریم رستگار", "مريم رستگار", "رستگار", "مدیر سامانه", "آموزش")
NAMES = re.compile(
    r"(?:Sat|Sun|Mon|Tue|Wed|Thu|Fri) \d+ \w+ \d+|"  # a hint in the other calendar
    r"(?:یک|دو|سه|چهار|پنج)?‌?(?:شنبه|جمعه) [۰-۹]+ \w+ [۰-۹]+|"
    r"\.[a-z]+\b|manager\.conf|CTI_\w+|Authorization: Bearer \w+|"
    r"endpoint|WebSocket|webrtc = yes|wss?:\S*|main PJSIP/\d+|"  # as they are written into the PBX's files
    r"CSV|XLSX|Excel|vCard|API|TOTP|HTML|SIP|IAX2?|PBX|CDR|CEL|AMI|VIP|Ctrl|Enter|https?\S*|[\w.-]+@[\w.-]+|\d+"
)


def without_data(text: str) -> str:
    for one in DATA:
        text = text.replace(one, "")
    return text


async def told_by_axe(page: BrowserPage) -> list[str]:
    """What is serious."""
    await page.evaluate(AXE)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {[node['html'][:160] + ' ' + node['failureSummary'][:200] for node in one['nodes'][:2]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def in_another_language(page: BrowserPage, language: str) -> list[str]:
    texts = await page.evaluate(VISIBLE)
    return [text[:80] for text in texts if SCRIPTS[language].search(NAMES.sub("", without_data(text)))]


SIDES = [("fa", "light", 1440), ("en", "dark", 390)]
OTHER_SIDES = [("fa", "light", 390), ("en", "dark", 1440)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [*SIDES, *(pytest.param(*side, marks=pytest.mark.soak) for side in OTHER_SIDES)],
)
async def test_nothing_serious_nothing_sideways_nothing_untranslated(
    window: Window, language: str, theme: str, width: int
) -> None:
    wrong: list[str] = []
    page = await window.open(f"/offline?lang={language}", theme=theme, width=width)
    for path in await places(window.stage):
        await page.goto(f"{window.stage.url}{path}{'&' if '?' in path else '?'}lang={language}")
        await page.evaluate("document.fonts.ready.then(() => true)")
        await page.wait_for_load_state("networkidle")
        found = await told_by_axe(page) + await in_another_language(page, language)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        found += [f"{wide} px wide"] if wide > width else []
        wrong += [f"{path}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
    assert window.wrong == []
