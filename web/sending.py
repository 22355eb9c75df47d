"""How a form that keeps what was typed is answered: a sentence where it was refused, nothing where it was done.

The browser's part is ``web/src/composer.ts``: it sends in the background and keeps the text until it was taken. Without
script the page comes again. Neighbours: ``pages.notes``, ``files`` and ``tasks``.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from cti.kernel.errors import RefusedError, UnavailableError
from web.errors import said
from web.page import in_background


async def answered(request: web.Request, doing: Awaitable[Any]) -> web.StreamResponse:
    """Do it; then 204 for a script, the page again for others. Refused: why, in the reader's language."""
    try:
        await doing
    except (RefusedError, UnavailableError) as error:
        if not in_background(request):
            raise
        return web.Response(text=said(request, error), status=422 if isinstance(error, RefusedError) else 503)
    if in_background(request):
        return web.Response(status=204, headers={"HX-Trigger": "tamas-written"})
    raise web.HTTPSeeOther(back(request))


def back(request: web.Request) -> str:
    """The page of ours that the form stood on."""
    referer = request.headers.get("Referer", "")
    prefix = f"{request.scheme}://{request.host}/"
    path = "/" + referer.removeprefix(prefix) if referer.startswith(prefix) else "/"
    return "/" if path.startswith(("//", "/\\")) else path
