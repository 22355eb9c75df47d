"""``/admin/roles``: what each role may do, as a matrix to tick; roles made, renamed and deleted.

What is saved holds at once, for whoever is signed in too. Neighbours: ``web.permission_words`` explains each
permission, ``crm_core.users.roles`` decides.
"""

from __future__ import annotations

from aiohttp import web

from crm_core.users.account import Role
from cti.kernel.errors import ConflictError, InvalidError, RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.permission_words import GROUPS
from web.typed import Typed

MANAGE = "roles.manage"
PATH = "/admin/roles"


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    error: RefusedError | None = None,
    ticked: dict[str, frozenset[str]] | None = None,
    title: str = "",
) -> web.StreamResponse:
    """``ticked``: the matrix as it was sent, where it was refused."""
    roles = await request.app[SERVICES].crm.roles.all(actor_of(request))
    now = {role.id: frozenset(role.permissions) for role in roles}
    return render(
        request,
        "roles",
        "roles.html",
        status=200 if error is None else 422,
        error=None if error is None else said(request, error),
        groups=GROUPS,
        roles=roles,
        saved="saved" in request.query,
        ticked=now | (ticked or {}),
        title=title,
    )


async def _save(request: web.Request) -> web.StreamResponse:
    """The whole matrix: only roles that differ are changed, and only if nobody else has changed them meanwhile."""
    typed, actor, roles = await Typed.of(request), actor_of(request), request.app[SERVICES].crm.roles
    given = _ticked(typed)
    try:
        for role in await roles.all(actor):
            sent = given.get(role.id, frozenset())
            if f"version.{role.id}" not in typed or not _differs(role, sent):
                continue
            await roles.change(
                actor, role.id, permissions=tuple(sorted(sent)), version=typed.version(f"version.{role.id}")
            )
    except RefusedError as error:
        return await _page(request, error=error, ticked=given if not isinstance(error, ConflictError) else None)
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


def _ticked(typed: Typed) -> dict[str, frozenset[str]]:
    """Ticks are sent as ``role:permission``."""
    found: dict[str, set[str]] = {}
    for tick in typed.all("may"):
        role, _, permission = tick.partition(":")
        found.setdefault(role, set()).add(permission)
    return {role: frozenset(names) for role, names in found.items()}


def _differs(role: Role, sent: frozenset[str]) -> bool:
    return frozenset(role.permissions) != sent


async def _create(request: web.Request) -> web.StreamResponse:
    typed, actor, roles = await Typed.of(request), actor_of(request), request.app[SERVICES].crm.roles
    try:
        like = await roles.get(actor, typed.text("like")) if typed.text("like") else None
        await roles.create(actor, typed.text("title"), like.permissions if like else ())
    except RefusedError as error:
        return await _page(request, error=error, title=typed.text("title"))
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


async def _one(request: web.Request) -> web.StreamResponse:
    """One role gets another name, or goes."""
    typed, actor, roles = await Typed.of(request), actor_of(request), request.app[SERVICES].crm.roles
    role_id = request.match_info["id"]
    try:
        match typed.text("do"):
            case "rename":
                await roles.change(actor, role_id, title=typed.text("title"))
            case "delete":
                await roles.delete(actor, role_id)
            case _:
                raise InvalidError(N_("There is nothing of that kind to do with a role."))
    except RefusedError as error:
        return await _page(request, error=error)
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


PAGE = Page(
    path=PATH,
    name="roles",
    show=_show,
    label=N_("Roles"),
    icon="key-round",
    permission=MANAGE,
    hint=N_("What agents, supervisors, managers and administrators may do."),
    forms=(
        Form(PATH, _save, MANAGE),
        Form(f"{PATH}/new", _create, MANAGE),
        Form(f"{PATH}/{{id}}", _one, MANAGE),
    ),
)
