"""``/admin/wallboards``: boards for a screen on a wall: made, changed, seen before, given a new link or none.

A link is shown once, in the answer to what made it. Neighbours: ``crm_core.wallboards`` keeps them, ``pages.wall`` is
the board itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from crm_core.wallboards.model import Issued, Shown
from crm_core.wallboards.service import MANAGE
from cti.kernel.errors import RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.peer import encrypted
from web.typed import Typed, judged

PATH = "/admin/wallboards"
KINDS: Mapping[str, str] = {"queues": N_("Queues"), "agents": N_("Agents"), "day": N_("The day")}
LIMITS = ("wait_warn", "wait_bad", "target")
NEW = "new"
WRONG = N_("A board has a name of 1 to 60 letters, waits of up to 7200 seconds, a target of up to 100 percent.")
WRONG_NUMBER = N_("Waits and the target are whole numbers, or empty.")


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    issued: Issued | None = None,
    error: RefusedError | None = None,
    typed: Typed | None = None,
    where: str = "",
) -> web.StreamResponse:
    """``issued``: a link to be shown now; ``typed``: a form that was refused, of the board ``where``."""
    services, actor = request.app[SERVICES], actor_of(request)
    boards = await services.crm.wallboards.all(actor)
    reached = services.crm.reach.queues(actor)
    queues = [name for name in services.feed.board.queue_names() if reached is None or name in reached]
    chosen = [name for board in boards for name in board.shown.queues]
    return render(
        request,
        "wallboards",
        "wallboards.html",
        status=422 if error else 200,
        boards=boards,
        error=error and said(request, error),
        kinds=KINDS,
        link=issued and f"{'https' if encrypted(request) else 'http'}://{request.host}/wall/{issued.secret}",
        linked=issued.board.id if issued else "",
        forms={board.id: filled(board.shown) for board in boards}
        | {NEW: {"kind": "queues", "language": services.language, "theme": "dark"}}
        | ({where: as_typed(typed)} if typed else {}),
        queues=sorted({*queues, *chosen, *(typed.all("queues") if typed else ())}),
        saved="saved" in request.query,
        where=where,
        whole=reached is None,
    )


async def _create(request: web.Request) -> web.StreamResponse:
    typed = await Typed.of(request)
    try:
        issued = await request.app[SERVICES].crm.wallboards.create(actor_of(request), shown_of(typed))
    except RefusedError as error:
        return await _page(request, error=error, typed=typed, where=NEW)
    return await _page(request, issued=issued)


async def _change(request: web.Request) -> web.StreamResponse:
    typed, actor, board_id = await Typed.of(request), actor_of(request), request.match_info["id"]
    boards = request.app[SERVICES].crm.wallboards
    try:
        match typed.text("do"):
            case "link":
                return await _page(request, issued=await boards.issue(actor, board_id))
            case "revoke":
                await boards.revoke(actor, board_id)
            case "delete":
                await boards.delete(actor, board_id)
            case _:
                await boards.change(actor, board_id, shown_of(typed))
    except RefusedError as error:
        return await _page(request, error=error, typed=typed, where=board_id)
    raise web.HTTPSeeOther(f"{PATH}?saved=1")


def shown_of(typed: Typed) -> Shown:
    """What a form says that a board shall show. InvalidError."""
    told: dict[str, Any] = {name: typed.text(name) for name in ("name", "kind", "language", "theme")}
    told |= {name: typed.number(name, WRONG_NUMBER) for name in LIMITS}
    return judged(told | {"queues": typed.all("queues"), "nameless": "nameless" in typed}, Shown, WRONG)


def filled(shown: Shown) -> dict[str, Any]:
    """The form of a board as it is."""
    values: dict[str, Any] = msgspec.to_builtins(shown)
    return values


def as_typed(typed: Typed) -> dict[str, Any]:
    """A form as it came."""
    names = ("name", "kind", "language", "theme", *LIMITS)
    return {name: typed.text(name) for name in names} | {
        "queues": typed.all("queues"),
        "nameless": "nameless" in typed,
    }


PAGE = Page(
    path=PATH,
    name="wallboards",
    show=_show,
    label=N_("Wallboards"),
    icon="monitor-down",
    permission=MANAGE,
    hint=N_("Boards for a screen on a wall, opened by a link that shows nothing else."),
    forms=(Form(PATH, _create, MANAGE), Form(f"{PATH}/{{id}}", _change, MANAGE)),
)
