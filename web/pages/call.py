"""``/calls/{id}``: one call, drawn as its ladder and told as a table. Live while the call is."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from call_log.service import VIEW
from crm_core.results.part import MAY_SAY
from crm_core.softphones import quality
from screenpop.presenter import handlers, other_party
from web.callers import contacts_of, key_of
from web.i18n import N_
from web.ladder import ladder
from web.page import SERVICES, Page, actor_of, render
from web.results import DIFFERENCES, DIRECTIONS, SEGMENTS, SIDES, TRANSFERS, leg_result, outcome_of

WORDS_OF = {
    "differences": DIFFERENCES,
    "directions": DIRECTIONS,
    "segments": SEGMENTS,
    "sides": SIDES,
    "transfers": TRANSFERS,
}


async def _heard(request: web.Request, call_id: str) -> list[tuple[str, float, str]]:
    """Who heard it in the browser, how well (mean opinion score), and that in a word."""
    services = request.app[SERVICES]
    found = await services.crm.softphones.of_calls([call_id])
    names = {one.id: one.name for one in await services.crm.users.directory(actor_of(request))} if found else {}
    return [(names.get(one.user, ""), one.mos, _word(one.mos)) for one in found]


def _word(mos: float) -> str:
    return N_("good") if mos >= quality.GOOD else N_("fair") if mos >= quality.FAIR else N_("poor")


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, call_id = request.app[SERVICES], actor_of(request), request.match_info["id"]
    live = services.feed.board.live(call_id)
    record = await services.calls.shown(actor, live.record) if live else await services.calls.get(actor, call_id)
    if record is None:
        raise web.HTTPNotFound
    if record.id != call_id:
        raise web.HTTPMovedPermanently(f"/calls/{quote(record.id, safe='')}")
    services.crm.audit.saw(actor, "call", record.id)
    return render(
        request,
        "calls",
        "call.html",
        fragment="_call.html",
        call=record,
        confirmed=await services.truth.confirmed_at(actor, record.id) is not None,
        contacts=(await contacts_of(services, actor, [record])).get(record.id, ()),
        consult_seconds=max((leg.consult_seconds for leg in record.legs), default=0.0),
        differences=await services.truth.differences_of(actor, record.id),
        drawing=ladder(record, services.clock.now()),
        handlers=handlers(record),
        heard=await _heard(request, record.id),
        key=await key_of(services, actor, record) if actor.may("numbers.view") else None,
        leg_result=leg_result,
        live=live is not None,
        outcome=outcome_of(record, live is not None),
        may_say=any(map(actor.may, MAY_SAY)),
        party=other_party(record),
        said=(await services.crm.results.of_calls(actor, [record.id])).get(record.id),
        words_of=WORDS_OF,
    )


PAGE = Page(path="/calls/{id}", name="calls", show=_show, permission=VIEW)
"""Shows one call whole."""
