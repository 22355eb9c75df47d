"""``/calls/{id}``: one call, drawn as its ladder and told as a table. Live while the call is."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from cti.live.record import CallRecord
from screenpop.presenter import handlers, other_party
from web.ladder import ladder
from web.page import SERVICES, Page, render
from web.results import DIFFERENCES, DIRECTIONS, SEGMENTS, SIDES, TRANSFERS, leg_result, outcome_of
from web.services import Services

CALL_ID_LIMIT = 200
WORDS_OF = {
    "differences": DIFFERENCES,
    "directions": DIRECTIONS,
    "segments": SEGMENTS,
    "sides": SIDES,
    "transfers": TRANSFERS,
}


async def _show(request: web.Request) -> web.StreamResponse:
    services, call_id = request.app[SERVICES], request.match_info["id"]
    live = services.feed.board.live(call_id)
    record = live.record if live is not None else await _logged(services, call_id)
    if record is None:
        raise web.HTTPNotFound
    if record.id != call_id:
        raise web.HTTPMovedPermanently(f"/calls/{quote(record.id, safe='')}")
    return render(
        request,
        "calls",
        "call.html",
        fragment="_call.html",
        call=record,
        confirmed=await services.truth.confirmed_at(record.id) is not None,
        consult_seconds=max((leg.consult_seconds for leg in record.legs), default=0.0),
        differences=await services.truth.differences_of(record.id),
        drawing=ladder(record, services.clock.now()),
        handlers=handlers(record),
        leg_result=leg_result,
        live=live is not None,
        outcome=outcome_of(record, live is not None),
        party=other_party(record),
        words_of=WORDS_OF,
    )


async def _logged(services: Services, call_id: str) -> CallRecord | None:
    return await services.calls.get(call_id) if len(call_id) <= CALL_ID_LIMIT else None


PAGE = Page(path="/calls/{id}", name="calls", show=_show)
"""Shows one call whole."""
