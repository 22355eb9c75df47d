"""One's own account: what is chosen takes effect, what is secret is told once."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD
from tests.web.conftest import Stage


@pytest.fixture
async def sara(on_stage: Stage) -> Stage:
    user = await people.make_with_password(on_stage.services.crm, "sara", "agent")
    return await on_stage.as_user(user.id)


async def test_preferences_take_effect_on_every_page(sara: Stage) -> None:
    form = {
        "name": "Sara",
        "language": "en",
        "calendar": "jalali",
        "digits": "persian",
        "theme": "dark",
        "density": "roomy",
    }
    assert (await sara.send("POST", "/me", data=form))[0] == 303
    text = await sara.page("/calls")
    html = re.search(r"<html[^>]+>", text)
    assert html is not None
    for attribute in (
        'lang="en"',
        'dir="ltr"',
        'data-digits="persian"',
        'data-calendar="jalali"',
        'data-theme="dark"',
        'data-density="roomy"',
    ):
        assert attribute in html[0]
    assert "Azar" in await sara.page("/admin/audit") if sara.actor.may("audit.view") else True


async def test_the_bar_changes_one_thing_and_goes_back(sara: Stage) -> None:
    status, _ = await sara.send("POST", "/me/preferences", data={"language": "en", "next": "/calls?number=5"})
    assert status == 303
    assert '<html lang="en"' in await sara.page("/me")
    assert (await sara.send("POST", "/me/preferences", data={"theme": "light"}))[0] == 204
    assert 'data-theme="light"' in await sara.page("/me")
    async with sara.http.post(
        sara.url + "/me/preferences", data={"theme": "", "next": "https://evil.example/"}, allow_redirects=False
    ) as response:
        assert response.headers["Location"] == "/"


async def test_what_is_no_choice_is_refused(sara: Stage) -> None:
    status, text = await sara.send("POST", "/me?lang=en", data={"name": "S", "language": "tlh"})
    assert status == 422 and "not one of the choices" in text
    assert (await sara.send("POST", "/me", data={"name": ""}))[0] == 422


async def test_a_password_is_changed_with_the_old_one(sara: Stage) -> None:
    def form(old: str, new: str, again: str) -> dict[str, str]:
        return {"old": old, "new": new, "again": again}

    assert (await sara.send("POST", "/me/password", data=form(PASSWORD, "یک گذرواژهٔ تازه", "دیگر")))[0] == 422
    assert (await sara.send("POST", "/me/password", data=form("wrong", "a new pass phrase", "a new pass phrase")))[
        0
    ] == 422
    elsewhere = await sara.as_user(sara.actor.id)
    new = "a new pass phrase 7"
    assert (await sara.send("POST", "/me/password", data=form(PASSWORD, new, new)))[0] == 303
    assert (await sara.go("/me"))[0] == 200
    assert (await elsewhere.go("/api/v1/users/me"))[0] == 401


async def test_the_second_step_is_offered_confirmed_and_dropped(sara: Stage) -> None:
    status, text = await sara.send("POST", "/me/second-step")
    assert status == 200 and 'src="data:image/svg+xml' in text
    secret = re.search(r'id="totp-key">([^<]+)<', text)
    assert secret is not None
    assert (await sara.send("POST", "/me/second-step/confirm", data={"code": "000000"}))[0] == 422
    code = pyotp.TOTP(secret[1]).at(int(sara.services.clock.now()))
    status, text = await sara.send("POST", "/me/second-step/confirm", data={"code": code})
    codes = re.findall(r"<li>([^<]+)</li>", text[text.index('id="codes"') :])
    assert status == 200 and len(codes) >= 8
    assert codes[0] not in await sara.page("/me")
    assert (await sara.send("POST", "/me/second-step/codes", data={"password": "wrong"}))[0] == 422
    status, text = await sara.send("POST", "/me/second-step/codes", data={"password": PASSWORD})
    assert status == 200 and codes[0] not in text
    assert (await sara.send("POST", "/me/second-step/off", data={"password": PASSWORD}))[0] == 303


async def test_sessions_are_ended(sara: Stage) -> None:
    other = await sara.as_user(sara.actor.id)
    assert (await sara.send("POST", "/me/sessions", data={"id": other.actor.session}))[0] == 303
    assert (await other.go("/api/v1/users/me"))[0] == 401
    third = await sara.as_user(sara.actor.id)
    assert (await sara.send("POST", "/me/sessions"))[0] == 303
    assert (await third.go("/api/v1/users/me"))[0] == 401
    assert (await sara.send("POST", "/me/sessions", data={"id": "forged"}))[0] == 422


async def test_tokens_are_shown_once_and_revoked(sara: Stage) -> None:
    form = [("name", "گزارش"), ("scopes", "calls.view"), ("until", "1499/01/01")]
    status, text = await sara.send("POST", "/me/tokens", data=form)
    secret = re.search(r'id="token-secret"[^>]*>([^<]+)<', text)
    assert status == 200 and secret is not None
    page = await sara.page("/me")
    assert secret[1] not in page and "گزارش" in page
    (token,) = await sara.services.crm.tokens.all(sara.actor)
    assert token.scopes == ("calls.view",) and token.expires_at is not None
    assert (await sara.send("POST", "/me/tokens/revoke", data={"id": token.id}))[0] == 303
    assert await sara.services.crm.tokens.all(sara.actor) == ()


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x"},
        {"name": "", "all": "on"},
        {"name": "x", "all": "on", "until": "never"},
        {"name": "x", "scopes": "users.manage"},
    ],
)
async def test_tokens_that_cannot_be_come_back_filled_in(sara: Stage, form: dict[str, str]) -> None:
    status, text = await sara.send("POST", "/me/tokens", data=form)
    assert status == 422 and f'value="{form["name"]}"' in text


async def test_nobody_has_no_account(on_stage: Stage) -> None:
    nobody = await on_stage.as_nobody()
    assert 'name="password"' in (await nobody.go("/me"))[1]
