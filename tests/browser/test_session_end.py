"""A session that ends while somebody writes: nothing that was typed is lost, and nobody else gets to see it."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.async_api import Locator, Page, expect

from crm_core.contacts.model import Draft
from crm_core.users.account import User
from cti.kernel.actor import system
from tests.browser.conftest import Window
from tests.browser.test_every_page import AXE
from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD
from tests.web.conftest import Stage
from web.auth import COOKIE

pytestmark = pytest.mark.browser

KEPT = "sessionStorage.getItem('tamas-typed') ?? ''"


async def sara(window: Window) -> tuple[User, Stage]:
    """Somebody with a password, and the stage as she asks it."""
    user = await people.make_with_password(window.stage.services.crm, "sara", "administrator")
    return user, await window.stage.as_user(user.id)


async def contact(window: Window) -> str:
    """The address of a contact's page."""
    made = await window.stage.services.crm.contacts.create(system("test"), "person", Draft(name="علی نیکزاد"))
    return f"/contacts/{made.id}"


async def second_step(window: Window, user: User) -> pyotp.TOTP:
    """The app on the phone of a user who has the second step on."""
    crm, now = window.stage.services.crm, window.stage.services.clock.now()
    actor, _ = await people.sign_in(crm, user)
    app = pyotp.TOTP((await crm.second_step.offer(actor)).secret)
    await crm.second_step.confirm(actor, app.at(now))
    window.stage.services.clock.advance(30)  # type: ignore[attr-defined]
    return app


async def forget(page: Page) -> None:
    """The session is over, as this browser will find out when it next asks."""
    await page.context.clear_cookies(name=COOKIE)


async def sign_in(page: Page, login: str = "sara", password: str = PASSWORD) -> None:
    """At the door."""
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(password)
    await page.keyboard.press("Enter")


def signed_out(page: Page) -> Locator:
    return page.locator("#signed-out")


def noise_of_401(window: Window) -> list[str]:
    """What went wrong but for the refusals, which browsers write into their console."""
    return [text for text in window.wrong if "status of 40" not in text]


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_a_form_sent_in_the_background_stays_and_can_be_sent_again(window: Window, language: str) -> None:
    _, stage = await sara(window)
    page = await window.open(f"{await contact(window)}?lang={language}", stage=stage)
    tag = page.locator("#add-tag")
    await tag.fill("حمل سرد")
    await forget(page)
    await tag.press("Enter")
    await expect(signed_out(page)).to_contain_text("شما خارج شدید" if language == "fa" else "You were signed out")
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run('#signed-out', {resultTypes: ['violations']})")
    assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
    await page.keyboard.press("Escape")
    await expect(signed_out(page)).to_be_visible()
    await expect(page.locator("#again-password")).to_be_focused()
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(signed_out(page).get_by_role("alert")).to_contain_text("نادرست" if language == "fa" else "wrong")
    await page.locator("#again-password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(signed_out(page)).to_be_hidden()
    await expect(page.locator("#session-said")).to_contain_text("دوباره" if language == "fa" else "again")
    await expect(tag).to_have_value("حمل سرد")
    await expect(tag).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".tagsrow .tag")).to_have_text("حمل سرد")
    assert noise_of_401(window) == []


async def test_the_dialog_knows_the_second_step(window: Window) -> None:
    user, stage = await sara(window)
    app = await second_step(window, user)
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage, width=390)
    await page.locator("#add-tag").fill("cold")
    await forget(page)
    await page.locator("#add-tag").press("Enter")
    await page.locator("#again-password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#again-code")).to_be_focused()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.keyboard.type(app.at(window.stage.services.clock.now()))
    await page.keyboard.press("Enter")
    await expect(signed_out(page)).to_be_hidden()
    await page.locator("#add-tag").press("Enter")
    await expect(page.locator(".tagsrow .tag")).to_have_text("cold")


async def test_a_note_stays_in_its_composer(window: Window) -> None:
    _, stage = await sara(window)
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage)
    note = page.locator("tamas-composer textarea").first
    await note.fill("calls back tomorrow")
    await forget(page)
    await note.press("Control+Enter")
    await expect(signed_out(page)).to_be_visible()
    await page.locator("#again-password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(signed_out(page)).to_be_hidden()
    await expect(note).to_have_value("calls back tomorrow")
    await note.press("Control+Enter")
    await expect(page.locator("p.note")).to_have_text("calls back tomorrow")


async def test_signed_in_again_in_another_tab_the_dialog_goes(window: Window) -> None:
    user, stage = await sara(window)
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage)
    await page.locator("#add-tag").fill("cold")
    await forget(page)
    await page.locator("#add-tag").press("Enter")
    async with page.context.expect_page() as opened:
        await signed_out(page).get_by_role("link", name="in a new tab").click()
    other = await opened.value
    await sign_in(other)
    await expect(other.locator(".account")).to_be_visible()
    await other.close()
    await page.bring_to_front()
    await page.evaluate("window.dispatchEvent(new Event('focus'))")  # a window manager's part
    await expect(signed_out(page)).to_be_hidden()
    await page.locator("#add-tag").press("Enter")
    await expect(page.locator(".tagsrow .tag")).to_have_text("cold")
    assert user.login == "sara"


async def test_when_somebody_else_signs_in_the_page_is_his(window: Window) -> None:
    _, stage = await sara(window)
    await people.make_with_password(window.stage.services.crm, "ali", "administrator")
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage)
    await page.locator("#add-tag").fill("cold")
    await forget(page)
    await page.locator("#add-tag").press("Enter")
    await page.locator("#again-login").fill("ali")
    await page.locator("#again-password").fill(PASSWORD)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator(".account")).to_contain_text("ali")
    await expect(page.locator("#add-tag")).to_have_value("")


async def test_who_types_while_his_session_is_ended_keeps_the_page(window: Window) -> None:
    _, stage = await sara(window)
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage)
    await page.locator("#add-tag").fill("cold")
    await window.stage.services.crm.sessions.sign_out(stage.actor)
    await expect(signed_out(page)).to_be_visible()
    shown = await page.evaluate("getComputedStyle(document.querySelector('#signed-out'), '::backdrop').backgroundColor")
    assert "0.3" not in shown and "/ " not in shown  # whoever passes by sees nothing of the page behind it
    await page.locator("#again-password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(signed_out(page)).to_be_hidden()
    await expect(page.locator("#add-tag")).to_have_value("cold")


async def test_where_nothing_was_typed_the_door_opens(window: Window) -> None:
    _, stage = await sara(window)
    path = await contact(window)
    page = await window.open(f"{path}?lang=en", stage=stage)
    await expect(page.locator("tamas-status")).to_be_attached()
    await window.stage.services.crm.sessions.sign_out(stage.actor)
    await sign_in(page)
    await expect(page).to_have_url(re.compile(path))


async def write_contact(page: Page) -> None:
    await page.locator("[name=first_name]").fill("مریم")
    await page.locator("[name=last_name]").fill("رستگار")
    await page.locator("tamas-date input").first.fill("1370/02/03")
    await page.locator("[name='numbers.raw']").fill("09123456789")
    await page.locator("[data-do=add-row][value=numbers]").click()
    await page.locator("[name='numbers.raw']").nth(1).fill("02188712340")
    await page.locator("[name=tier]").select_option("vip")
    await page.locator("[name=do_not_call]").check()


@pytest.mark.parametrize("totp", [False, True])
async def test_a_plain_form_is_filled_in_again_after_signing_in(window: Window, totp: bool) -> None:
    user, stage = await sara(window)
    app = await second_step(window, user) if totp else None
    page = await window.open("/contacts/new?lang=en", stage=stage)
    await write_contact(page)
    await forget(page)
    await page.locator("#party-form .btn.p").first.click()
    await expect(page.locator(".door-form")).to_contain_text("What you typed is kept")
    await sign_in(page)
    if app is not None:
        await page.locator("#code").fill(app.at(window.stage.services.clock.now()))
        await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/contacts/new"))
    await expect(page.locator("#session-said")).to_contain_text("filled in again")
    await expect(page.locator("[name=first_name]")).to_have_value("مریم")
    await expect(page.locator("tamas-date input").first).to_have_value("1991-04-23")
    await expect(page.locator("[name='numbers.raw']").nth(1)).to_have_value("02188712340")
    assert await page.evaluate(KEPT) == ""
    await page.locator("#party-form .btn.p").first.click()
    await expect(page.get_by_role("heading", name="مریم رستگار")).to_be_visible()
    await expect(page.locator("#facts .nrow")).to_have_count(2)
    await expect(page.locator(".names .vip")).to_be_visible()
    assert await page.evaluate(KEPT) == ""


async def test_what_was_typed_is_nobody_elses(window: Window) -> None:
    _, stage = await sara(window)
    await people.make_with_password(window.stage.services.crm, "ali", "administrator")
    page = await window.open("/contacts/new?lang=en", stage=stage)
    await page.locator("[name=first_name]").fill("مریم")
    await forget(page)
    await page.locator("#party-form .btn.p").first.click()
    await sign_in(page, "ali")
    await expect(page).to_have_url(re.compile("/contacts/new"))
    await expect(page.locator("[name=first_name]")).to_have_value("")
    assert await page.evaluate(KEPT) == ""


async def test_passwords_are_never_kept(window: Window) -> None:
    _, stage = await sara(window)
    page = await window.open("/me?lang=en", stage=stage)
    form = page.locator("form[action='/me/password']")
    for field in await form.locator("input[type=password]").all():
        await field.fill("a secret of mine")
    await forget(page)
    await form.locator("button").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    assert "secret" not in await page.evaluate(KEPT)
    await sign_in(page)
    await expect(page).to_have_url(re.compile(r"/me(\?.*)?$"))


async def test_a_page_from_before_another_sign_in_is_sent_again(window: Window) -> None:
    """Two tabs: in one of them one has signed in anew, the other still has the token of before."""
    user, stage = await sara(window)
    page = await window.open(f"{await contact(window)}?lang=en", stage=stage)
    await page.locator("#add-tag").fill("cold")
    fresh = await window.stage.services.crm.sessions.open(user.id)
    await page.context.add_cookies([{"name": COOKIE, "value": fresh, "url": window.stage.url}])
    await page.locator("#add-tag").press("Enter")
    await expect(page.locator("#session-said")).to_contain_text("again")
    await page.locator("#add-tag").press("Enter")
    await expect(page.locator(".tagsrow .tag")).to_have_text("cold")


async def test_a_plain_form_from_before_another_sign_in_comes_back_filled_in(window: Window) -> None:
    user, stage = await sara(window)
    page = await window.open("/contacts/new?lang=en", stage=stage)
    await page.locator("[name=first_name]").fill("مریم")
    fresh = await window.stage.services.crm.sessions.open(user.id)
    await page.context.add_cookies([{"name": COOKIE, "value": fresh, "url": window.stage.url}])
    await page.locator("#party-form .btn.p").first.click()
    await page.get_by_role("link", name="Open it again").click()
    await expect(page.locator("[name=first_name]")).to_have_value("مریم")
    await page.locator("#party-form .btn.p").first.click()
    await expect(page.get_by_role("heading", name="مریم")).to_be_visible()
