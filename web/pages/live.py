"""``/``: the calls now, the queues, the agents and the links. The browser fills it from the push socket."""

from __future__ import annotations

from aiohttp import web

from web.i18n import N_
from web.page import Page, render


async def _show(request: web.Request) -> web.StreamResponse:
    return render(request, "live", "live.html")


PAGE = Page(path="/", name="live", show=_show, label=N_("Live"), icon="activity", permission="live.view", letter="l")
"""Shows what the PBX is doing now."""
