"""The door: in, through the second step, past a one-time password, and out again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pyotp
import pytest

from crm_core.users.account import Preferences, UserDraft
from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD
from tests.web.conftest import Stage
from web import auth, server
from web.page import SCRIPT


@pytest.fixture
async def nobody(on_stage: Stage) -> Stage:
    """A browser in which nobody is signed in; the user `sara` exists."""
    await people.make_with_password(on_stage.services.crm, "sara")
    return await on_stage.as_nobody()


async def post(stage: Stage, path: str, **form: str) -> tuple[int, str, aiohttp.ClientResponse]:
    async with stage.http.post(stage.url + path, data=form, allow_redirects=False) as response:
        return response.status, await response.text(), response


def cookie_of(response: aiohttp.ClientResponse, name: str = auth.COOKIE) -> Any:
    return response.cookies.get(name)


def csrf_of(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


@pytest.mark.parametrize("lang", ["fa", "en"])
async def test_the_page_tells_nothing_of_the_site(nobody: Stage, lang: str) -> None:
    text = await nobody.page(f"/sign-in?lang={lang}")
    assert 'name="login"' in text and 'autocomplete="current-password"' in text
    assert ("ورود" if lang == "fa" else "Sign in") in text
    assert "/calls" not in text and "sara" not in text
    assert f'lang="{"en" if lang == "fa" else "fa"}"' in text  # the other language is a click away


async def test_in_to_where_one_wanted_to_go(nobody: Stage) -> None:
    status, _, response = await post(nobody, "/sign-in", login="sara", password=PASSWORD, next="/calls?outcome=lost")
    assert status == 303 and response.headers["Location"] == "/calls?outcome=lost"
    cookie = cookie_of(response)
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["secure"]
    assert (await nobody.go("/calls"))[0] == 200
    status, _, response = await post(nobody, "/sign-in", login="sara", password=PASSWORD, next="//evil.example")
    assert response.headers["Location"] == "/work"  # where the day of who takes calls begins


async def test_a_wrong_one_comes_back_filled_in(nobody: Stage) -> None:
    nasty = '"><script>alert(1)</script>'
    status, text, response = await post(nobody, "/sign-in?lang=en", login=nasty, password="secret-typed", next="/calls")
    assert status == 401 and "The user name or the password is wrong." in text
    assert nasty not in text and "&lt;script&gt;" in text
    assert 'value="/calls"' in text and "secret-typed" not in text
    assert cookie_of(response) is None


async def test_it_does_not_tell_which_logins_exist(nobody: Stage) -> None:
    answers = {re.sub(r'value="[^"]*"', "", (await post(nobody, "/sign-in", login=login, password="no"))[1])
               for login in ("sara", "nobody")}  # fmt: skip
    assert len(answers) == 1


async def test_locked_out_it_says_for_how_long(nobody: Stage) -> None:
    for _ in range(5):
        await post(nobody, "/sign-in", login="sara", password="no")
    status, text, response = await post(nobody, "/sign-in?lang=fa", login="sara", password=PASSWORD)
    assert status == 429 and response.headers["Retry-After"] == "15" and "۱۶ ثانیهٔ دیگر" in text


@pytest.mark.parametrize("form", [{}, {"login": "\0"}, {"login": "x" * 100_000, "password": "y" * 100_000}])
async def test_hostile_forms(nobody: Stage, form: dict[str, str]) -> None:
    assert (await post(nobody, "/sign-in", **form))[0] in (401, 429)


async def test_a_file_in_place_of_a_password(nobody: Stage) -> None:
    form = aiohttp.FormData()
    form.add_field("login", "sara")
    form.add_field("password", b"\xff\xfe", filename="x", content_type="text/plain")
    async with nobody.http.post(nobody.url + "/sign-in", data=form) as response:
        assert response.status == 401


async def test_a_session_that_was_there_before_ends(nobody: Stage, on_stage: Stage) -> None:
    """Fixation: whoever put his own session into this browser does not share the next one."""
    before = (await on_stage.as_role("agent")).cookie.partition("=")[2]
    crm = nobody.services.crm
    headers = {"Cookie": f"{auth.COOKIE}={before}", auth.HEADER: auth.csrf_token(before)}
    form = {"login": "sara", "password": PASSWORD}
    async with on_stage.open("").post(
        nobody.url + "/sign-in", data=form, headers=headers, allow_redirects=False
    ) as response:
        cookie = cookie_of(response)
    assert cookie.value != before
    assert await crm.access.of_session(before) is None
    assert await crm.access.of_session("chosen by somebody else") is None


async def test_who_is_in_is_not_asked_again(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/sign-in?next=/calls", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/calls")


async def test_out(nobody: Stage) -> None:
    await post(nobody, "/sign-in", login="sara", password=PASSWORD)
    secret = nobody.cookie.partition("=")[2]
    status, _, response = await post(nobody, "/sign-out", csrf=auth.csrf_token(secret))
    assert status == 303 and cookie_of(response).value == ""
    assert await nobody.services.crm.access.of_session(secret) is None


async def test_a_one_time_password_opens_one_page(on_stage: Stage) -> None:
    crm, nobody = on_stage.services.crm, await on_stage.as_nobody()
    made = await crm.users.create(on_stage.actor, UserDraft(login="reza", name="رضا <b>", role="agent"))
    _, _, response = await post(nobody, "/sign-in", login="reza", password=made.one_time or "", next="/calls")
    assert response.headers["Location"] == "/welcome"
    async with nobody.http.get(nobody.url + "/calls", allow_redirects=False) as response:
        assert response.headers["Location"] == "/welcome"
    assert (await nobody.go("/api/v1/calls"))[0] == 403
    text = await nobody.page("/welcome?lang=en")
    assert "رضا &lt;b&gt;" in text
    csrf = csrf_of(text)
    for new, again, says in (
        ("short", "short", "10 to 256"),
        ("one long password", "another long one", "not the same"),
        (made.one_time or "", made.one_time or "", "has to differ"),
    ):
        status, text, _ = await post(nobody, "/welcome", csrf=csrf, new=new, again=again)
        assert status == 400 and says in text
    status, _, response = await post(nobody, "/welcome", csrf=csrf, new="one long password", again="one long password")
    assert (status, response.headers["Location"]) == (303, "/")
    assert (await nobody.go("/calls"))[0] == 200
    async with nobody.http.get(nobody.url + "/welcome", allow_redirects=False) as response:
        assert response.headers["Location"] == "/"
    status, _, _ = await post(nobody, "/welcome", csrf=csrf, new="yet another one", again="yet another one")
    assert status == 400


async def test_the_second_step(nobody: Stage) -> None:
    crm, clock = nobody.services.crm, nobody.services.clock
    user = await crm.users.by_login(people.SYSTEM, "sara")
    actor, _ = await people.sign_in(crm, user)
    app = pyotp.TOTP((await crm.second_step.offer(actor)).secret)
    await crm.second_step.confirm(actor, app.at(clock.now()))
    status, _, response = await post(nobody, "/sign-in", login="sara", password=PASSWORD, next="/calls")
    assert (status, response.headers["Location"]) == (303, "/sign-in/code?next=/calls")
    assert cookie_of(response) is None
    ticket = cookie_of(response, auth.TICKET)
    assert ticket["httponly"] and ticket["samesite"] == "Strict"
    assert "one-time-code" in await nobody.page("/sign-in/code?next=/calls")
    status, text, _ = await post(nobody, "/sign-in/code?lang=en", code="000000", next="/calls")
    assert status == 401 and "That code is wrong" in text
    clock.advance(30)  # type: ignore[attr-defined]
    status, _, response = await post(nobody, "/sign-in/code", code=app.at(clock.now()), next="/calls")
    assert (status, response.headers["Location"]) == (303, "/calls")
    assert cookie_of(response, auth.TICKET).value == ""
    assert (await nobody.go("/calls"))[0] == 200


async def test_the_second_step_without_the_first(nobody: Stage) -> None:
    async with nobody.http.get(nobody.url + "/sign-in/code", allow_redirects=False) as response:
        assert response.headers["Location"] == "/sign-in"
    assert (await post(nobody, "/sign-in/code", code="123456"))[0] == 401


async def test_what_one_chose_elsewhere_holds_here(nobody: Stage) -> None:
    crm = nobody.services.crm
    actor, _ = await people.sign_in(crm, await crm.users.by_login(people.SYSTEM, "sara"))
    await crm.users.prefer(actor, Preferences(language="en", theme="dark"))
    _, _, response = await post(nobody, "/sign-in", login="sara", password=PASSWORD)
    assert cookie_of(response, "lang").value == "en" and cookie_of(response, "theme").value == "dark"


@pytest.fixture
async def proxied(on_stage: Stage) -> AsyncIterator[Stage]:
    """The same behind a proxy that ends TLS."""
    services = replace(on_stage.services, behind_proxy=True)
    running = await server.start(server.create_app(services), "127.0.0.1", 0)
    yield replace(on_stage, services=services, url=running.url, http=on_stage.open(""))
    await running.stop()


async def test_over_https_the_cookie_is_for_https_only(proxied: Stage) -> None:
    await people.make_with_password(proxied.services.crm, "sara")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    form = {"login": "sara", "password": PASSWORD}
    async with proxied.http.post(
        proxied.url + "/sign-in", data=form, headers=headers, allow_redirects=False
    ) as response:
        cookie = cookie_of(response)
    assert cookie["secure"]
    signed = await proxied.services.crm.access.of_session(cookie.value)
    assert signed is not None
    assert (await proxied.services.crm.sessions.all(signed.actor))[0].origin == "203.0.113.9"


async def tell(stage: Stage, path: str, **form: str) -> tuple[int, dict[str, str]]:
    """Sent by the script of a page that stays."""
    async with stage.http.post(stage.url + path, data=form, headers={SCRIPT: "1"}) as response:
        return response.status, await response.json()


async def test_a_page_that_stays_signs_in_again(nobody: Stage) -> None:
    assert (await nobody.go("/session", **{SCRIPT: "1"}))[0] == 401
    status, told = await tell(nobody, "/sign-in?lang=en", login="sara", password="no")
    assert (status, told) == (401, {"step": "refused", "text": "The user name or the password is wrong."})
    assert await tell(nobody, "/sign-in", login="sara", password=PASSWORD) == (200, {"step": "in", "text": ""})
    async with nobody.http.get(nobody.url + "/session") as response:
        told = await response.json()
        assert response.headers["Cache-Control"] == "no-store"
    secret = nobody.cookie.partition("=")[2]
    assert told == {
        "user": (await nobody.services.crm.access.of_session(secret)).actor.id,
        "csrf": auth.csrf_token(secret),
    }


async def test_a_page_that_stays_asks_for_the_code(nobody: Stage) -> None:
    crm, now = nobody.services.crm, nobody.services.clock.now()
    actor, _ = await people.sign_in(crm, await crm.users.by_login(people.SYSTEM, "sara"))
    app = pyotp.TOTP((await crm.second_step.offer(actor)).secret)
    await crm.second_step.confirm(actor, app.at(now))
    nobody.services.clock.advance(30)  # type: ignore[attr-defined]
    assert (await tell(nobody, "/sign-in", login="sara", password=PASSWORD))[1]["step"] == "code"
    assert (await tell(nobody, "/sign-in/code", code="000000"))[1]["step"] == "refused"
    assert (await tell(nobody, "/sign-in/code", code=app.at(now + 30)))[1]["step"] == "in"
    assert (await nobody.go("/session"))[0] == 200
