"""``/work/day``: my day: calls to return, my calls with their results, messages, tasks, what it comes to.

A page of its own, and the fragment that the desktop shows while nothing rings. Neighbours: ``call_log.mine`` counts,
``pages.results`` has the form after a call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from call_log.query import CallFilter, Missed
from crm_core.results.model import Disposition
from crm_core.tasks.due import end_of_day
from crm_core.tasks.model import TaskFilter
from cti.kernel.actor import Actor
from web.callers import contacts_of
from web.dates import start_of
from web.page import SERVICES, Page, actor_of, formats, render
from web.results import DIRECTIONS
from web.services import Services

USE = "desk.use"
MOST_CALLS = 50
MOST_TASKS = 20
MOST_MISSED = 30
RETURN_DAYS = 3
"""Missed calls of today and so many days before are still to be returned."""


class Share(msgspec.Struct, frozen=True):
    """How often a result was chosen; ``share`` of the most frequent, for its bar."""

    one: Disposition
    count: int
    share: float


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    actor.require(USE)
    now = services.clock.now()
    today = f.local(now).date()
    start, end = start_of(today, f.zone), end_of_day(today.isoformat(), f.zone)
    all_missed = await _missed(services, actor, start_of(today - dt.timedelta(days=RETURN_DAYS), f.zone))
    missed = all_missed[:MOST_MISSED]
    calls = (await services.calls.own(actor, CallFilter(start=start), None, MOST_CALLS)).items
    records = [*(one.record for one in missed), *calls]
    return render(
        request,
        "work",
        "day.html",
        fragment="_day.html",
        calls=calls,
        contacts=await contacts_of(services, actor, records),
        day=today.isoformat(),
        directions=DIRECTIONS,
        figures=await services.calls.figures(actor, start, end),
        messages=await services.crm.directory.messages(actor),
        missed=missed,
        missed_count=len(all_missed),
        most=MOST_CALLS,
        now=now,
        return_days=RETURN_DAYS,
        said=await services.crm.results.of_calls(actor, [call.id for call in calls]) if calls else {},
        shares=await _shares(services, actor, start, end),
        **await _tasks(services, actor, end),
    )


async def _missed(services: Services, actor: Actor, since: float) -> list[Missed]:
    queues = (await services.crm.users.get(actor, actor.id)).queues if actor.id else ()
    return await services.calls.unreturned(actor, queues, since)


async def _shares(services: Services, actor: Actor, start: float, end: float) -> list[Share]:
    """What I chose today, by the widest result, the most frequent first."""
    counts: dict[str, int] = {}
    known: dict[str, Disposition] = {}
    for disposition, count in (await services.crm.results.counts(actor, start, end)).items():
        path = await services.crm.dispositions.path(disposition)
        if path:
            known[path[0].id] = path[0]
            counts[path[0].id] = counts.get(path[0].id, 0) + count
    most = max(counts.values(), default=1)
    return [Share(known[x], n, n / most) for x, n in sorted(counts.items(), key=lambda item: -item[1])]


async def _tasks(services: Services, actor: Actor, end: float) -> Mapping[str, Any]:
    """What I am to do today, and what is late."""
    if not actor.may("tasks.use"):
        return {"tasks": None, "parties": {}}
    wanted = TaskFilter(owner=actor.id, due_before=end + 1.0)
    tasks = (await services.crm.tasks.page(actor, wanted, None, MOST_TASKS)).items
    parties = [task.party for task in tasks if task.party]
    names = await services.crm.contacts.get_many(actor, parties) if actor.may("contacts.view") else {}
    return {"tasks": tasks, "parties": names}


PAGE = Page("/work/day", "work", _show, permission=USE)
