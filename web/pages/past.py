"""``/live/past``: the live page as it was, played from a moment on. The browser fills it from the push socket.

``?at=`` is the moment (RFC 3339, as the page itself writes it into its address, or epoch seconds); without it, a little
while ago.
"""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from cti.live.record import rfc3339
from screenpop.playbacks import EDGE_SECONDS, SPEEDS, VIEW
from web.page import SERVICES, Page, actor_of, render

BACK_SECONDS = 600.0
"""Where it begins if no moment is asked for."""


async def _show(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    kept = await services.playbacks.range(actor_of(request))
    if kept is None:
        return render(request, "past", "past.html", at="", start="", end="", zone=services.timezone, speeds=())
    start, end = kept
    at = _moment(request.query.get("at", ""))
    wanted = end - BACK_SECONDS if at is None else at
    return render(
        request,
        "past",
        "past.html",
        at=rfc3339(min(max(wanted, start), max(start, end - EDGE_SECONDS))),
        start=rfc3339(start),
        end=rfc3339(end),
        zone=services.timezone,
        speeds=[round(speed) for speed in SPEEDS],
    )


def _moment(text: str) -> float | None:
    """Epoch seconds; None for what is no moment. Other pages give the seconds; a plus in an address is a space."""
    try:
        if text.replace(".", "", 1).isdigit():
            return float(text)
        return dt.datetime.fromisoformat(text.replace(" ", "+")).timestamp()
    except (ValueError, OverflowError):
        return None


PAGE = Page(path="/live/past", name="past", show=_show, permission=VIEW)
