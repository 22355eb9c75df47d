"""``/truth``: per day, the PBX's own records against our log; ``/truth/{day}``: what differed on one."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from call_log.query import TruthDay
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, formats, render
from web.results import DIFFERENCES, FIELDS, OUTCOMES

DAYS = 31


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    newest = f.day(services.clock.now())
    days = [day for pbx in services.pbxs for day in await services.truth.days(actor, pbx, newest, DAYS)]
    days.sort(key=lambda day: day.day, reverse=True)
    known = [day for day in days if day.our_calls or day.pbx_calls]
    return render(request, "truth", "truth.html", days=known, sums=_sums(known), many=len(services.pbxs) > 1)


def _sums(days: list[TruthDay]) -> dict[str, int]:
    compared = [day for day in days if day.pbx_calls is not None]
    return {
        "days": len(compared),
        "pbx": sum(day.pbx_calls or 0 for day in compared),
        "ours": sum(day.our_calls for day in compared),
        "differences": sum(day.differences for day in compared),
        "repaired": sum(day.found - day.differences for day in compared),
    }


async def _show_day(request: web.Request) -> web.StreamResponse:
    services, actor, day = request.app[SERVICES], actor_of(request), request.match_info["day"]
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        raise web.HTTPNotFound from None
    found = [d for pbx in services.pbxs for d in await services.truth.day_differences(actor, pbx, day)]
    totals = [total for pbx in services.pbxs for total in await services.truth.days(actor, pbx, day, 1)]
    found.sort(key=lambda difference: (difference.repaired, -(difference.started_at or 0.0)))
    return render(
        request,
        "truth",
        "truth_day.html",
        day=day,
        fields=FIELDS,
        found=found,
        kinds=DIFFERENCES,
        outcomes=OUTCOMES,
        totals=totals,
    )


PAGE = Page(
    path="/truth", name="truth", show=_show, label=N_("PBX truth"), icon="scale", permission="truth.view", letter="b"
)
"""Proves that no call is missing."""
DAY = Page(path="/truth/{day}", name="truth", show=_show_day, permission="truth.view")
"""Says what differed on a day, call by call."""
