"""``/desk``: the phone to sit at today; shown after signing in to who has none of his own, and from the account.

Neighbour: ``crm_core.users.desks`` decides, and tells who loses a phone.
"""

from __future__ import annotations

from aiohttp import web

from cti.kernel.errors import ConflictError, RefusedError
from web.auth import own_path
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, SIGNED_IN, Form, Page, actor_of, render
from web.typed import Typed

PATH = "/desk"
CHOOSES = "desk.choose"


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request, next_=own_path(request.query.get("next", "/")))


async def _page(
    request: web.Request, *, next_: str, error: RefusedError | None = None, ask: str = ""
) -> web.StreamResponse:
    """``ask``: the phone that somebody works at, to be taken or left."""
    desks, actor = request.app[SERVICES].crm.desks, actor_of(request)
    return render(
        request,
        "desk",
        "desk.html",
        status=200 if error is None else 409 if ask else 422,
        ask=ask,
        error=None if error is None else said(request, error),
        lost=await desks.lost(actor),
        next=next_,
        phones=await desks.phones(actor),
        taken=request.query.get("taken", "")[:200],
    )


async def _sit(request: web.Request) -> web.StreamResponse:
    typed, desks, actor = await Typed.of(request), request.app[SERVICES].crm.desks, actor_of(request)
    next_, extension = own_path(typed.text("next", "/")), typed.text("extension")
    try:
        await desks.sit(actor, extension, take="take" in typed)
    except ConflictError as error:
        return await _page(request, next_=next_, error=error, ask=extension)
    except RefusedError as error:
        return await _page(request, next_=next_, error=error)
    raise web.HTTPSeeOther(next_)


async def _stand(request: web.Request) -> web.StreamResponse:
    await request.app[SERVICES].crm.desks.stand(actor_of(request))
    raise web.HTTPSeeOther(PATH)


async def _read(request: web.Request) -> web.StreamResponse:
    """The loser has read that his phone was taken."""
    await request.app[SERVICES].crm.desks.read(actor_of(request))
    raise web.HTTPSeeOther(own_path((await Typed.of(request)).text("next", "/")))


async def _notice(request: web.Request) -> web.StreamResponse:
    """For every page: what the reader has to know of his phone; empty if nothing."""
    lost = await request.app[SERVICES].crm.desks.lost(actor_of(request))
    return render(request, "desk", "_desk_notice.html", lost=lost)


PAGE = Page(
    path=PATH,
    name="desk",
    show=_show,
    label=N_("My phone today"),
    icon="headset",
    permission=CHOOSES,
    hint=N_("The phone where you work today, if it is not your own."),
    forms=(Form(PATH, _sit, CHOOSES), Form(f"{PATH}/leave", _stand, SIGNED_IN), Form(f"{PATH}/read", _read, SIGNED_IN)),
)
NOTICE = Page(path=f"{PATH}/notice", name="desk", show=_notice)
