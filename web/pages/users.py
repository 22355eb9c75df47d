"""``/admin/users``: who works here: found, made, changed, given passwords, signed out, switched off.

What is refused comes back filled in. Neighbours: ``user_forms`` reads and fills the form, ``crm_core.users`` decides.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from crm_core.users.roster import RosterFilter
from cti.kernel.errors import RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.typed import Typed
from web.user_forms import Filled, choices, draft_of, empty, of_user, typed_in

MANAGE = "users.manage"
PATH = "/admin/users"
STATES = {"": None, "on": True, "off": False}
FILTERS = ("text", "role", "team", "state")


async def _list(request: web.Request) -> web.StreamResponse:
    crm, actor, asked = request.app[SERVICES].crm, actor_of(request), _asked(request)
    wanted = RosterFilter(
        text=asked.get("text"),
        role=asked.get("role"),
        team=asked.get("team"),
        active=STATES.get(asked.get("state", "")),
    )
    page = await crm.roster.page(actor, wanted, request.query.get("cursor") or None)
    return render(
        request,
        "users",
        "users.html",
        fragment="_users.html",
        asked=asked,
        later=bool(request.query.get("cursor")),
        listed=page.items,
        next=page.next and f"{PATH}?{urlencode({**asked, 'cursor': page.next})}",
        roles=await crm.roles.all(actor),
        teams=await crm.teams.all(actor),
    )


def _asked(request: web.Request) -> dict[str, str]:
    return {name: text[:200] for name in FILTERS if (text := request.query.get(name, "").strip())}


async def _show_new(request: web.Request) -> web.StreamResponse:
    return await _form(request, empty())


async def _create(request: web.Request) -> web.StreamResponse:
    crm, typed = request.app[SERVICES].crm, await Typed.of(request)
    try:
        made = await crm.users.create(actor_of(request), draft_of(typed), typed.text("password") or None)
    except RefusedError as error:
        return await _form(request, typed_in(typed), error=error)
    if made.one_time is None:
        raise web.HTTPSeeOther(f"{PATH}/{made.user.id}")
    return await _one(request, made.user.id, one_time=made.one_time, fresh=True)


async def _show(request: web.Request) -> web.StreamResponse:
    return await _one(request, request.match_info["id"])


async def _change(request: web.Request) -> web.StreamResponse:
    crm, typed, user_id = request.app[SERVICES].crm, await Typed.of(request), request.match_info["id"]
    try:
        await crm.users.change(actor_of(request), user_id, draft_of(typed), typed.version())
    except RefusedError as error:
        return await _one(request, user_id, filled=typed_in(typed), error=error)
    raise web.HTTPSeeOther(f"{PATH}/{user_id}?saved=1")


async def _password(request: web.Request) -> web.StreamResponse:
    user_id = request.match_info["id"]
    try:
        one_time = await request.app[SERVICES].crm.users.set_password(actor_of(request), user_id)
    except RefusedError as error:
        return await _one(request, user_id, error=error)
    return await _one(request, user_id, one_time=one_time)


async def _act(request: web.Request) -> web.StreamResponse:
    """What is done to a user with one button."""
    crm, actor, user_id = request.app[SERVICES].crm, actor_of(request), request.match_info["id"]
    try:
        match request.match_info["act"]:
            case "sign-out":
                await crm.sessions.revoke_all(actor, user_id)
            case "off":
                await crm.users.switch(actor, user_id, active=False)
            case "on":
                await crm.users.switch(actor, user_id, active=True)
            case "second-step":
                await crm.second_step.drop_of(actor, user_id)
            case _:
                raise web.HTTPNotFound
    except RefusedError as error:
        return await _one(request, user_id, error=error)
    raise web.HTTPSeeOther(f"{PATH}/{user_id}")


async def _one(
    request: web.Request,
    user_id: str,
    *,
    filled: Filled | None = None,
    error: RefusedError | None = None,
    one_time: str | None = None,
    fresh: bool = False,
) -> web.StreamResponse:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    user = await crm.users.get(actor, user_id)
    more = {"user": user, "one_time": one_time, "fresh": fresh, "sessions": await crm.sessions.all(actor, user_id)}
    return await _form(request, filled or of_user(user), error=error, **more)


async def _form(
    request: web.Request, filled: Filled, *, error: RefusedError | None = None, **more: Any
) -> web.StreamResponse:
    values = {"user": None, "one_time": None, "fresh": False, "sessions": ()} | more
    return render(
        request,
        "users",
        "user.html",
        status=200 if error is None else 422,
        error=None if error is None else said(request, error),
        filled=filled,
        saved="saved" in request.query,
        **await choices(request.app[SERVICES].crm, actor_of(request), filled),
        **values,
    )


PAGE = Page(
    path=PATH,
    name="users",
    show=_list,
    label=N_("Users"),
    icon="users",
    permission=MANAGE,
    hint=N_("Who may sign in, in which role, and with which phones and queues."),
    forms=(Form(PATH, _create, MANAGE),),
)
NEW = Page(path=f"{PATH}/new", name="users", show=_show_new, permission=MANAGE)
ONE = Page(
    path=f"{PATH}/{{id}}",
    name="users",
    show=_show,
    permission=MANAGE,
    forms=(
        Form(f"{PATH}/{{id}}", _change, MANAGE),
        Form(f"{PATH}/{{id}}/password", _password, MANAGE),
        Form(f"{PATH}/{{id}}/{{act}}", _act, MANAGE),
    ),
)
