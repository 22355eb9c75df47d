"""``/sign-in`` (and its second step), ``/sign-out``, and ``/welcome``, where a one-time password is replaced.

What is refused comes back filled in, but for the passwords. Neighbours: ``web.auth`` keeps the session in a cookie,
``crm_core.users.sessions`` decides.
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from crm_core.users.passwords import SHORTEST
from crm_core.users.sessions import CodeNeeded
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, InvalidError, RefusedError, TooManyError, UnauthenticatedError
from web import auth
from web.errors import said
from web.guard import CSRF
from web.page import ANYBODY, SERVICES, SIGNED_IN, Form, Page, actor_of, formats, in_background, render

_STATUSES = {UnauthenticatedError: 401, TooManyError: 429}


async def _show(request: web.Request) -> web.StreamResponse:
    there = auth.own_path(request.query.get("next", "/"))
    if actor_of(request).known:
        return auth.leave_for(request, there)
    return _door(request, "sign_in.html", next=there, login="")


async def _sign_in(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    there = auth.own_path(str(form.get("next", "/")))
    sessions = request.app[SERVICES].crm.sessions
    try:
        found = await sessions.sign_in(auth.visitor(request), login, password)
    except RefusedError as error:
        return _door(request, "sign_in.html", error, next=there, login=login[:100])
    if isinstance(found, CodeNeeded):
        response = _on(request, f"{auth.CODE}?{auth.next_query(there)}", "code")
        auth.set_ticket(request, response, found.ticket)
        return response
    return await _enter(request, found.secret, found.user_id, auth.WELCOME if found.must_change else there)


async def _show_code(request: web.Request) -> web.StreamResponse:
    if not request.cookies.get(auth.TICKET):
        return auth.leave_for(request, auth.SIGN_IN)
    return _door(request, "sign_in_code.html", next=auth.own_path(request.query.get("next", "/")))


async def _sign_in_code(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    there = auth.own_path(str(form.get("next", "/")))
    ticket = request.cookies.get(auth.TICKET, "")[: auth.LONGEST_SECRET]
    sessions = request.app[SERVICES].crm.sessions
    try:
        found = await sessions.sign_in_code(auth.visitor(request), ticket, str(form.get("code", "")))
    except RefusedError as error:
        return _door(request, "sign_in_code.html", error, next=there)
    return await _enter(request, found.secret, found.user_id, auth.WELCOME if found.must_change else there)


async def _enter(request: web.Request, secret: str, user_id: str, there: str) -> web.StreamResponse:
    """A new session, always: one that was there before (perhaps put there by somebody else) ends."""
    crm = request.app[SERVICES].crm
    if actor_of(request).known:
        await crm.sessions.sign_out(actor_of(request))
    signed = await crm.access.of_session(secret)
    if there == "/" and signed is not None:
        there = _home(signed.actor)
    if signed is not None and await crm.desks.asks(signed.actor):
        there = f"/desk?{auth.next_query(there)}"
    response = _on(request, there, "welcome" if there == auth.WELCOME else "in")
    auth.set_session(request, response, secret)
    if signed is not None:
        _remember(response, lang=signed.user.language, theme=signed.user.theme)
    return response


def _home(actor: Actor) -> str:
    """Where one's day begins: at the desk for who takes calls, before the live page for who looks after others."""
    return "/work" if actor.may("desk.use") and not actor.may("calls.view_team") else "/"


def _on(request: web.Request, there: str, step: str) -> web.StreamResponse:
    """To the next page; a script, whose page is to stay, is told only how far one has come."""
    return _tell(200, step=step, text="") if in_background(request) else auth.leave_for(request, there)


def _tell(status: int, **values: str) -> web.Response:
    response = web.Response(body=msgspec.json.encode(values), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


async def _session(request: web.Request) -> web.StreamResponse:
    """Who is signed in, and what his forms have to carry: for a page that outlived a session."""
    return _tell(200, user=actor_of(request).id, csrf=request[CSRF])


def _remember(response: web.StreamResponse, **choices: str) -> None:
    """What the user chose on another machine holds here too."""
    for name, value in choices.items():
        if value:
            response.set_cookie(name, value, max_age=365 * 86400, samesite="Lax")


async def _sign_out(request: web.Request) -> web.StreamResponse:
    await request.app[SERVICES].crm.sessions.sign_out(actor_of(request))
    response = auth.leave_for(request, auth.SIGN_IN)
    auth.clear_session(response)
    return response


async def _show_welcome(request: web.Request) -> web.StreamResponse:
    if not request[auth.SIGNED].must_change:
        return auth.leave_for(request, "/")
    return _door(request, "welcome.html", least=SHORTEST)


async def _choose(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    new, again = str(form.get("new", "")), str(form.get("again", ""))
    try:
        if new != again:
            raise InvalidError(N_("The two passwords are not the same. Type them again."))
        await request.app[SERVICES].crm.users.choose_password(actor_of(request), new)
    except RefusedError as error:
        return _door(request, "welcome.html", error, least=SHORTEST)
    return auth.leave_for(request, "/")


def _door(request: web.Request, template: str, error: RefusedError | None = None, **values: Any) -> web.Response:
    status = 200 if error is None else _STATUSES.get(type(error), 400)
    text = None if error is None else formats(request).digits(said(request, error))
    today = request.app[SERVICES].clock.now()
    if error is not None and in_background(request):
        response = _tell(status, step="refused", text=text or "")
    else:
        response = render(request, "sign-in", template, status=status, error=text, today=today, **values)
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = f"{error.retry_seconds:.0f}"
    return response


PAGE = Page(
    path=auth.SIGN_IN,
    name="sign-in",
    show=_show,
    permission=ANYBODY,
    forms=(
        Form(auth.SIGN_IN, _sign_in, ANYBODY),
        Form(auth.CODE, _sign_in_code, ANYBODY),
        Form(auth.SIGN_OUT, _sign_out, SIGNED_IN),
    ),
)
"""The door."""
CODE = Page(path=auth.CODE, name="sign-in", show=_show_code, permission=ANYBODY)
"""The second step."""
SESSION = Page(path="/session", name="sign-in", show=_session, permission=SIGNED_IN)
"""What ``web/src/session.ts`` asks when it has signed in again."""
WELCOME = Page(
    path=auth.WELCOME,
    name="sign-in",
    show=_show_welcome,
    permission=SIGNED_IN,
    forms=(Form(auth.WELCOME, _choose, SIGNED_IN),),
)
"""A password of one's own in place of a one-time one."""
