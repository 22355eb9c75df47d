"""Cookies, tokens and forged writes."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.users.access import IDLE_SECONDS
from tests.crm_core.users import people
from tests.web.conftest import Stage
from web import auth
from web.auth import HEADER, THE_DOOR, csrf_token, own_path
from web.errors import STALE
from web.page import SCRIPT

CHOICES = {"language": "en"}


async def write(stage: Stage, **headers: str) -> tuple[int, str]:
    """A write that anybody signed in may do, with just these headers."""
    given = {"Cookie": stage.cookie, **headers}
    async with (await stage.as_nobody()).http.post(
        stage.url + "/sign-out", headers=given, allow_redirects=False
    ) as response:
        return response.status, await response.text()


async def test_a_write_needs_the_sessions_token(on_stage: Stage) -> None:
    right = csrf_token(on_stage.cookie.partition("=")[2])
    other = csrf_token((await on_stage.as_role("agent")).cookie.partition("=")[2])
    for wrong in ({}, {HEADER: ""}, {HEADER: "x" * 64}, {HEADER: other}, {HEADER: right[:-1]}):
        assert (await write(on_stage, **wrong))[0] == 403
    assert (await write(on_stage, **{HEADER: right}))[0] == 303


async def test_the_token_may_stand_in_the_form(on_stage: Stage) -> None:
    browser = on_stage.open("")
    token = csrf_token(on_stage.cookie.partition("=")[2])
    cookie = {"Cookie": on_stage.cookie}
    async with browser.post(on_stage.url + "/sign-out", data={"csrf": "no"}, headers=cookie) as response:
        assert response.status == 403
    form = {"csrf": token}
    async with browser.post(on_stage.url + "/sign-out", data=form, headers=cookie, allow_redirects=False) as response:
        assert response.status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1"},  # another port of this machine
    ],
)
async def test_other_sites_cannot_write_even_with_the_token(on_stage: Stage, headers: dict[str, str]) -> None:
    right = csrf_token(on_stage.cookie.partition("=")[2])
    assert (await write(on_stage, **{HEADER: right, **headers}))[0] == 403


async def test_signing_in_from_another_site_is_refused(on_stage: Stage) -> None:
    nobody = await on_stage.as_nobody()
    form, evil = {"login": "x", "password": "y"}, {"Origin": "http://evil.example"}
    async with nobody.http.post(on_stage.url + "/sign-in", data=form, headers=evil) as response:
        assert response.status == 403 and "Set-Cookie" not in response.headers


async def test_a_token_needs_neither_cookie_nor_csrf(on_stage: Stage) -> None:
    bearer = {"Authorization": f"Bearer {await on_stage.token()}"}
    nobody = await on_stage.as_nobody()
    assert (await nobody.go("/api/v1/calls", **bearer))[0] == 200
    async with nobody.http.post(on_stage.url + "/api/v1/nowhere", headers=bearer, json={}) as response:
        assert response.status == 404


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer tamas_x", "bearer " + "x" * 1000, "Bearer \udcff"])
async def test_a_token_that_opens_nothing_is_401_everywhere(on_stage: Stage, header: str) -> None:
    nobody = await on_stage.as_nobody()
    status, text = await nobody.go("/api/v1/calls", Authorization=header.encode("utf-8", "replace").decode())
    assert status == 401 and "Unauthorized" in text


async def test_who_is_not_signed_in_comes_back_to_where_he_went(on_stage: Stage) -> None:
    nobody = await on_stage.as_nobody()

    async def asked(path: str, **headers: str) -> Any:
        return await nobody.http.get(on_stage.url + path, headers=headers, allow_redirects=False)

    response = await asked("/calls?outcome=abandoned&number=0912")
    assert response.status == 303
    assert response.headers["Location"] == "/sign-in?next=/calls%3Foutcome%3Dabandoned%26number%3D0912"
    response = await asked("/")
    assert response.headers["Location"] == "/sign-in"
    response = await asked("/api/v1/calls")
    assert response.status == 401 and response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"
    response = await asked("/calls?cursor=x", **{"HX-Request": "true", "HX-Current-URL": on_stage.url + "/calls?a=b"})
    assert response.status == 401 and "HX-Redirect" not in response.headers  # the page stays, with what is typed in it
    assert response.headers[THE_DOOR] == "/sign-in?next=/calls%3Fa%3Db"
    response = await asked("/calls", **{"HX-Request": "true", "HX-Current-URL": "http://evil.example/truth"})
    assert response.headers[THE_DOOR] == "/sign-in?next=/truth"  # a path of ours, whatever it is


@pytest.mark.parametrize(
    ("page", "there"),
    [
        ("/me?a=b", "/me%3Fa%3Db"),
        ("/me/password", "/me"),
        ("/admin/teams/x", "/admin/teams"),
        ("/contacts/x/delete", "/contacts/x"),
    ],
)
async def test_after_a_form_one_comes_back_to_a_page(on_stage: Stage, page: str, there: str) -> None:
    """Also where the page with the form was itself the answer to a form."""
    nobody = await on_stage.as_nobody()
    for headers in ({"Referer": nobody.url + page}, {"Referer": nobody.url + page, SCRIPT: "1"}):
        answer = await nobody.http.post(nobody.url + "/me/password", headers=headers, allow_redirects=False)
        assert (answer.headers.get("Location") or answer.headers[THE_DOOR]) == f"/sign-in?next={there}"
        assert answer.status == (401 if SCRIPT in headers else 303)


async def test_a_form_of_before_is_told_apart_from_a_forged_one(on_stage: Stage) -> None:
    headers = {"Cookie": on_stage.cookie, HEADER: "x" * 64, "Referer": on_stage.url + "/me"}
    async with on_stage.open("").post(on_stage.url + "/me", headers=headers | {SCRIPT: "1"}) as response:
        assert response.status == 403 and response.headers[STALE] == "1"
    async with on_stage.open("").post(on_stage.url + "/me", headers=headers) as response:
        assert response.status == 403 and 'href="/me" data-unsent' in await response.text()
    evil = headers | {"Origin": "http://evil.example", SCRIPT: "1"}
    async with on_stage.open("").post(on_stage.url + "/me", headers=evil) as response:
        assert response.status == 403 and STALE not in response.headers


@pytest.mark.parametrize("path", ["/calls", "/calls?a=b#c", "/contacts/سارا", "/x?next=http://evil.example"])
def test_own_paths(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "calls", "//evil.example", "/\\evil.example", "http://evil.example", "///x", "javascript:alert(1)", "/\n/x",
     "/sign-in", "/sign-out", "/welcome", "/api/v1/calls", "/push", "/" + "x" * 3000, "http://[", "\t//x"],
)  # fmt: skip
def test_what_is_no_page_to_go_to(path: str) -> None:
    assert own_path(path) == "/"


async def test_an_open_page_does_not_keep_a_session_alive(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    on_stage.services.clock.advance(IDLE_SECONDS - 1)  # type: ignore[attr-defined]
    assert await crm.access.of_session(secret, seen=False) is not None
    on_stage.services.clock.advance(1)  # type: ignore[attr-defined]
    assert await crm.access.of_session(secret) is None


async def test_health_needs_nobody_and_no_database(on_stage: Stage) -> None:
    async with (await on_stage.as_nobody()).http.get(
        on_stage.url + "/healthz", headers={"Authorization": "Bearer wrong"}
    ) as response:
        assert response.status == 200


def test_the_form_token_says_nothing_of_the_cookie() -> None:
    assert csrf_token("") == ""
    assert "secret" not in csrf_token("secret") and csrf_token("a") != csrf_token("b")
    assert auth.COOKIE == "tamas_session"
