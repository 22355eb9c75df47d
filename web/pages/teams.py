"""``/admin/teams``: who belongs together. Neighbour: ``crm_core.users.teams`` keeps them."""

from __future__ import annotations

from aiohttp import web

from cti.kernel.errors import InvalidError, RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.typed import Typed

MANAGE = "users.manage"
PATH = "/admin/teams"


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    error: RefusedError | None = None,
    where: str = "",
    name: str = "",
    users: tuple[str, ...] = (),
) -> web.StreamResponse:
    """``where``: the team (or ``new``) whose form was refused; ``name`` and ``users``: what was typed in it."""
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    people = await crm.users.directory(actor)
    return render(
        request,
        "teams",
        "teams.html",
        status=200 if error is None else 422,
        error=None if error is None else said(request, error),
        people=[(one.id, one.name, one.login) for one in people if one.active],
        names={one.id: one.name for one in people},
        saved="saved" in request.query,
        teams=await crm.teams.all(actor),
        typed_name=name,
        typed_users=users,
        where=where,
    )


async def _create(request: web.Request) -> web.StreamResponse:
    typed, actor, teams = await Typed.of(request), actor_of(request), request.app[SERVICES].crm.teams
    name, users = typed.text("name"), typed.all("users")
    try:
        team = await teams.create(actor, name)
        if users:
            await teams.change(actor, team.id, users=users)
    except RefusedError as error:
        return await _page(request, error=error, where="new", name=name, users=users)
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


async def _change(request: web.Request) -> web.StreamResponse:
    typed, actor, teams = await Typed.of(request), actor_of(request), request.app[SERVICES].crm.teams
    team_id, name, users = request.match_info["id"], typed.text("name"), typed.all("users")
    try:
        match typed.text("do"):
            case "save":
                await teams.change(actor, team_id, name=name, users=users, version=typed.version())
            case "delete":
                await teams.delete(actor, team_id)
            case _:
                raise InvalidError(N_("There is nothing of that kind to do with a team."))
    except RefusedError as error:
        return await _page(request, error=error, where=team_id, name=name, users=users)
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


PAGE = Page(
    path=PATH,
    name="teams",
    show=_show,
    label=N_("Teams"),
    icon="users-round",
    permission=MANAGE,
    hint=N_("Who belongs together; a supervisor sees the calls of the own teams."),
    forms=(Form(PATH, _create, MANAGE), Form(f"{PATH}/{{id}}", _change, MANAGE)),
)
