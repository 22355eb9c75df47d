"""``/wall/TOKEN``: a board on a wall, opened by its link alone, full screen; ``/admin/wallboards/ID/preview``: the same
for who makes boards, by his session.

The link opens this page and its socket, and nothing else: whoever comes by it is no user, but a ``Viewer`` of one
board. Neighbours: ``crm_core.wallboards`` knows the links, ``screenpop.walls`` makes what is shown, ``web/src/wall.ts``
draws it, ``pages.wallboards`` makes boards.
"""

from __future__ import annotations

from aiohttp import web

from crm_core.wallboards.model import Viewer, Wallboard
from crm_core.wallboards.service import MANAGE
from cti.kernel.errors import N_, NotFoundError, RefusedError
from screenpop.feed import WALLBOARD
from screenpop.walls import look
from web import i18n
from web.format import Formats
from web.held import by_now
from web.page import ANYBODY, ASSETS, SERVICES, Page, actor_of
from web.push import PUSHES
from web.templating import environment
from web.words import words

PREVIEW = "/admin/wallboards/{id}/preview"


async def _show(request: web.Request) -> web.StreamResponse:
    board = await request.app[SERVICES].crm.wallboards.opened_by(request.match_info["token"])
    if board is None:
        raise NotFoundError(N_("This link opens no wallboard (any more). Ask whoever sent it for a new one."))
    return _board(request, board)


async def _socket(request: web.Request) -> web.StreamResponse:
    """What the page is told by; it ends as soon as the link opens nothing any more."""
    boards, token = request.app[SERVICES].crm.wallboards, request.match_info["token"]

    async def who() -> Viewer | None:
        board = await boards.opened_by(token)
        return None if board is None else Viewer(board.id)

    return await request.app[PUSHES].look_on(request, who)


async def _preview(request: web.Request) -> web.StreamResponse:
    boards = request.app[SERVICES].crm.wallboards
    return _board(request, await boards.get(actor_of(request), request.match_info["id"]))


async def _preview_socket(request: web.Request) -> web.StreamResponse:
    boards, board_id = request.app[SERVICES].crm.wallboards, request.match_info["id"]

    async def who() -> Viewer | None:
        actor = await by_now(request)
        if actor is None:
            return None
        try:
            return Viewer((await boards.get(actor, board_id)).id)
        except RefusedError:  # he may not any more, or there is no such board
            return None

    return await request.app[PUSHES].look_on(request, who)


def _board(request: web.Request, board: Wallboard) -> web.StreamResponse:
    """The page as the board has it, whatever whoever opens it has chosen for himself."""
    services, shown, asset = request.app[SERVICES], board.shown, request.app[ASSETS].url
    translate = i18n.translations(shown.language).gettext
    f = Formats(shown.language, services.timezone, services.region, translate, services.clock.now)
    text = (
        environment(shown.language)
        .get_template("wall.html")
        .render(
            asset=asset,
            board=shown,
            build=f"{asset('wall.js')} {asset('style.css')}",
            dir=i18n.DIRECTIONS[shown.language],
            f=f,
            look=look(shown),
            topic=WALLBOARD + board.id,
            words=words(translate),
            zone=services.timezone,
        )
    )
    response = web.Response(text=text, content_type="text/html", charset="utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    response.headers["X-Robots-Tag"] = "noindex"
    return response


PAGE = Page(path="/wall/{token}", name="wall", show=_show, permission=ANYBODY)
SOCKET = Page(path="/wall/{token}/push", name="wall", show=_socket, permission=ANYBODY)
SEEN_BEFORE = Page(path=PREVIEW, name="wallboards", show=_preview, permission=MANAGE)
SEEN_BEFORE_SOCKET = Page(path=f"{PREVIEW}/push", name="wallboards", show=_preview_socket, permission=MANAGE)
