"""``/settings``: what is set up once, as a calm list; and who one is here."""

from __future__ import annotations

from aiohttp import web

from web.page import ANYBODY, SERVICES, Page, render


async def _show(request: web.Request) -> web.StreamResponse:
    return render(request, "settings", "settings.html")


async def _offline(request: web.Request) -> web.StreamResponse:
    """What a browser shows by itself when it cannot reach us: nothing of anybody in it, so it may be kept."""
    response = render(request, "offline", "offline.html", today=request.app[SERVICES].clock.now())
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


PAGE = Page(path="/settings", name="settings", show=_show)
"""Each page that has a ``hint`` is here for those to whom it opens."""
OFFLINE = Page(path="/offline", name="offline", show=_offline, permission=ANYBODY)
"""Kept by the service worker (``web/src/worker.ts``)."""
