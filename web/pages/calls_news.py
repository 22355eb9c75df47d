"""``/calls/news``: what has come to the call log since a page of it was shown.

The push says only that there is news (the topic ``calls``); how many of the new calls are the reader's, and how the
rows that were not final look now, is asked here, of the same service and with the same filters as the page.
Neighbours: ``pages.calls`` is the page, ``web/src/calls.ts`` asks.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from aiohttp import web

from call_log.query import CallFilter
from call_log.service import VIEW
from cti.kernel.actor import Actor
from cti.kernel.errors import NotFoundError
from cti.live.record import CallRecord
from web.callers import contacts_of
from web.page import SERVICES, Page, actor_of, render
from web.pages.calls import PAGE_SIZE, as_now, asked_of
from web.results import DIRECTIONS
from web.services import Services

MOST_COUNTED = 99


async def _news(request: web.Request) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    asked = await asked_of(request)
    records = await _still_there(services, actor, request.query.get("open", "").split(",")[:PAGE_SIZE])
    return render(
        request,
        "calls",
        "_calls_news.html",
        calls=records,
        contacts=await contacts_of(services, actor, records),
        count=await _count(services, actor, asked.wanted, request.query.get("top")),
        directions=DIRECTIONS,
        most=MOST_COUNTED,
        said=await services.crm.results.of_calls(actor, [record.id for record in records]),
    )


async def _still_there(services: Services, actor: Actor, ids: Iterable[str]) -> list[CallRecord]:
    """These calls as they are now; those that became part of another are not there any more."""
    found = []
    for call_id in filter(None, ids):
        try:
            record = await services.calls.get(actor, call_id)
        except NotFoundError:
            continue
        if record.id == call_id:
            found.append(await as_now(services, actor, record))
    return found


async def _count(services: Services, actor: Actor, wanted: CallFilter, top: str | None) -> int:
    """How many calls stand above ``top``, the first that is shown (empty: none is); ``MOST_COUNTED`` + 1 for more.
    None: nobody asks, as on a later page."""
    if top is None:
        return 0
    above = None
    if top:
        try:
            first = await services.calls.get(actor, top)
        except NotFoundError:
            return 1  # it is gone, so the page is another by now
        above = first.started_at or 0.0, first.id
        wanted = msgspec.structs.replace(wanted, start=max(above[0], wanted.start or 0.0))
    page = await services.calls.page(actor, wanted, None, MOST_COUNTED + 1)
    return sum(above is None or (record.started_at or 0.0, record.id) > above for record in page.items)


PAGE = Page(path="/calls/news", name="calls", show=_news, permission=VIEW)
"""A part of the call log's page."""
