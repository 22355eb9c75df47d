"""``/me``: one's own account: name and preferences, password, second step, sessions, API tokens, the phone of today.

Secrets that are told once (recovery codes, tokens) are shown in the answer to the form that made them, and nowhere
else. Neighbours: ``crm_core.users`` decides, ``pages.desk`` has the phones.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import segno
from aiohttp import web

from crm_core.users.account import OwnDraft
from cti.kernel.errors import InvalidError, RefusedError
from web.auth import own_path
from web.dates import end_of, read_day
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, SIGNED_IN, Form, Page, actor_of, formats, render
from web.permission_words import GROUPS, TITLES
from web.typed import Typed

PATH = "/me"
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "language": (("", N_("As the site")), ("fa", "فارسی"), ("en", "English")),
    "calendar": (("", N_("As the language")), ("jalali", N_("Jalali")), ("gregorian", N_("Gregorian"))),
    "digits": (("", N_("As the language")), ("persian", "۰۱۲۳۴۵۶۷۸۹"), ("latin", "0123456789")),
    "theme": (("", N_("As the system")), ("light", N_("Light")), ("dark", N_("Dark"))),
    "density": (("", N_("Standard")), ("compact", N_("Compact")), ("roomy", N_("Roomy"))),
}
Do = Callable[[web.Request, Typed], Awaitable[dict[str, Any] | None]]


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request, *, where: str = "", error: RefusedError | None = None, **told: Any
) -> web.StreamResponse:
    """``where``: the form that was sent. ``told``: what it answers, this once; what was typed if it was refused."""
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    user = await crm.users.get(actor, actor.id)
    values: dict[str, Any] = {"offer": None, "qr": None, "codes": (), "told_secret": None, "typed": None} | told
    return render(
        request,
        "me",
        "me.html",
        status=200 if error is None else 422,
        choices=CHOICES,
        codes_left=await crm.second_step.codes_left(actor),
        error=None if error is None else said(request, error),
        groups=GROUPS,
        lost=await crm.desks.lost(actor),
        role=await crm.roles.get(actor, user.role),
        saved=request.query.get("saved", ""),
        seat=await crm.desks.seat(actor),
        sessions=await crm.sessions.all(actor),
        titles=TITLES,
        tokens=await crm.tokens.all(actor) if actor.may("tokens.own") else (),
        user=user,
        where=where,
        **values,
    )


def _form(where: str, do: Do) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A form that goes back to the page: with what ``do`` has to tell once, else as saved, else with its refusal."""

    async def run(request: web.Request) -> web.StreamResponse:
        typed = await Typed.of(request)
        try:
            told = await do(request, typed)
        except RefusedError as error:
            return await _page(request, where=where, error=error, typed=typed)
        if told is not None:
            return await _page(request, where=where, **told)
        raise web.HTTPSeeOther(f"{PATH}?saved={where}#{where}")

    return run


async def _profile(request: web.Request, typed: Typed) -> None:
    """Only what the form has is changed, so that one button (the theme in the bar) can be a form too."""
    given = {name: typed.text(name) for name in ("name", *CHOICES) if name in typed}
    try:
        draft = msgspec.convert(given, OwnDraft)
    except msgspec.ValidationError as error:
        raise InvalidError(N_("That is not one of the choices.")) from error
    await request.app[SERVICES].crm.users.prefer(actor_of(request), draft)


async def _preferences(request: web.Request) -> web.StreamResponse:
    """From the bar of any page: back to where one was, or nowhere for a page that has changed itself already."""
    typed = await Typed.of(request)
    await _profile(request, typed)
    if "next" in typed:
        raise web.HTTPSeeOther(own_path(typed.text("next")))
    raise web.HTTPNoContent


async def _password(request: web.Request, typed: Typed) -> None:
    if typed.text("new") != typed.text("again"):
        raise InvalidError(N_("The two passwords are not the same. Type them again."))
    users = request.app[SERVICES].crm.users
    await users.change_password(actor_of(request), typed.text("old"), typed.text("new"))


async def _offer(request: web.Request, _typed: Typed) -> dict[str, Any]:
    offer = await request.app[SERVICES].crm.second_step.offer(actor_of(request))
    return {"offer": offer, "qr": segno.make(offer.uri, error="m").svg_data_uri(scale=4, border=2)}


async def _confirm(request: web.Request, typed: Typed) -> dict[str, Any]:
    codes = await request.app[SERVICES].crm.second_step.confirm(actor_of(request), typed.text("code"))
    return {"codes": codes}


async def _codes(request: web.Request, typed: Typed) -> dict[str, Any]:
    second_step = request.app[SERVICES].crm.second_step
    return {"codes": await second_step.renew_codes(actor_of(request), typed.text("password"))}


async def _drop(request: web.Request, typed: Typed) -> None:
    await request.app[SERVICES].crm.second_step.drop(actor_of(request), typed.text("password"))


async def _sessions(request: web.Request, typed: Typed) -> None:
    """One, or all but this one."""
    sessions, actor = request.app[SERVICES].crm.sessions, actor_of(request)
    if typed.text("id"):
        await sessions.revoke(actor, typed.text("id"))
    else:
        await sessions.revoke_all(actor)


async def _token(request: web.Request, typed: Typed) -> dict[str, Any]:
    tokens, f = request.app[SERVICES].crm.tokens, formats(request)
    scopes = None if "all" in typed else typed.all("scopes")
    if scopes == ():
        raise InvalidError(N_("Choose what the token may do."))
    until = None
    if text := typed.text("until").strip():
        day = read_day(text, request.app[SERVICES].clock.now(), f.zone)
        if day is None:
            raise InvalidError(N_("Write a date as 1405/09/01 or 2026-11-22."))
        until = end_of(day, f.zone)
    made = await tokens.create(actor_of(request), typed.text("name"), scopes=scopes, expires_at=until)
    return {"told_secret": made.secret}


async def _revoke(request: web.Request, typed: Typed) -> None:
    await request.app[SERVICES].crm.tokens.revoke(actor_of(request), typed.text("id"))


PAGE = Page(
    path=PATH,
    name="me",
    show=_show,
    forms=(
        Form(PATH, _form("profile", _profile), SIGNED_IN),
        Form(f"{PATH}/preferences", _preferences, SIGNED_IN),
        Form(f"{PATH}/password", _form("password", _password), SIGNED_IN),
        Form(f"{PATH}/second-step", _form("second-step", _offer), SIGNED_IN),
        Form(f"{PATH}/second-step/confirm", _form("second-step", _confirm), SIGNED_IN),
        Form(f"{PATH}/second-step/codes", _form("second-step", _codes), SIGNED_IN),
        Form(f"{PATH}/second-step/off", _form("second-step", _drop), SIGNED_IN),
        Form(f"{PATH}/sessions", _form("sessions", _sessions), SIGNED_IN),
        Form(f"{PATH}/tokens", _form("tokens", _token), "tokens.own"),
        Form(f"{PATH}/tokens/revoke", _form("tokens", _revoke), SIGNED_IN),
    ),
)
