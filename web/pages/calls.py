"""``/calls``: the call log, with filters, day rows, totals, and how it agrees with the PBX's own records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

import msgspec
from aiohttp import web

from call_log.query import CallFilter, TruthDay
from call_log.service import VIEW
from crm_core.results.dispositions import path_in
from crm_core.results.model import Disposition
from cti.kernel.actor import Actor
from cti.live.record import CallRecord
from web.callers import contacts_of
from web.dates import end_of, start_of
from web.filters import DIRECTION_CHOICES, OUTCOME_CHOICES, Asked, read
from web.format import Formats
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, formats, render
from web.results import DIRECTIONS, OUTCOMES
from web.services import Services

PAGE_SIZE = 50
DAYS_COMPARED = 31
"""A longer span than this is not held against the PBX's records in one line."""

VIEWS: tuple[tuple[str, dict[str, str | None]], ...] = (  # quick choices atop the list
    (N_("All"), {"outcome": None, "direction": None}),
    (N_("Answered"), {"outcome": "answered", "direction": None}),
    (N_("Abandoned"), {"outcome": "abandoned", "direction": None}),
    (N_("Outbound"), {"outcome": None, "direction": "outbound"}),
    (N_("Internal"), {"outcome": None, "direction": "internal"}),
)


class Day(msgspec.Struct, frozen=True):
    """The rows of one local day. ``calls``: how many of that day match, on this page or not."""

    at: float
    calls: int
    records: tuple[CallRecord, ...]


class Agreement(msgspec.Struct, frozen=True):
    """Over the days shown: the PBX's count, ours, and how many still differ. ``pbx`` None: never compared."""

    pbx: int | None
    ours: int
    differences: int


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    asked = await asked_of(request)
    page = await services.calls.page(actor, asked.wanted, request.query.get("cursor") or None, PAGE_SIZE)
    records = [await as_now(services, actor, record) for record in page.items]
    days = await _days(services, actor, f, asked.wanted, records)
    response = render(
        request,
        "calls",
        "calls.html",
        fragment="_calls.html",
        agreement=await _agreement(services, actor, f, asked.wanted),
        asked=asked,
        contacts=await contacts_of(services, actor, records),
        choices={"outcome": OUTCOME_CHOICES, "direction": DIRECTION_CHOICES},
        dispositions=await _dispositions(services),
        days=days,
        news=asked.news(),
        next=page.next and asked.link({"cursor": page.next}),
        later=bool(request.query.get("cursor")),
        outcomes=OUTCOMES,
        directions=DIRECTIONS,
        queues=services.feed.board.queue_names(),
        said=await services.crm.results.of_calls(actor, [record.id for record in records]),
        totals=await services.calls.totals(actor, asked.wanted),
        views=[(text, asked.link(changes), _chosen(asked, changes)) for text, changes in VIEWS],
    )
    if not request.query.get("cursor") and "again" not in request.query:
        response.headers["HX-Push-Url"] = asked.link()  # without the fields that were left empty
    return response


async def asked_of(request: web.Request) -> Asked:
    """What the address asks of the call log; of a result, the calls of which somebody said it."""
    services, f = request.app[SERVICES], formats(request)
    asked = read(request.query, f, services.clock.now())
    if (result := asked.typed.get("result")) is None:
        return asked
    if not await services.crm.dispositions.path(result):
        problems = asked.problems | {"result": N_("There is no such choice.")}
        return msgspec.structs.replace(asked, problems=problems)
    ids = await services.crm.results.calls_with(actor_of(request), result, asked.wanted.start or 0.0)
    return msgspec.structs.replace(asked, wanted=msgspec.structs.replace(asked.wanted, ids=ids))


async def as_now(services: Services, actor: Actor, record: CallRecord) -> CallRecord:
    """A call that is up as it is now: the log may be a moment behind."""
    live = services.feed.board.live(record.id)
    return record if live is None else await services.calls.shown(actor, live.record) or record


async def _dispositions(services: Services) -> dict[str, tuple[Disposition, ...]]:
    """Every result that can be asked for, by its id, with what it is a detail of."""
    known = await services.crm.dispositions.known()
    return {one: path_in(known, one) for one in known}


def _chosen(asked: Asked, changes: dict[str, str | None]) -> bool:
    return all(asked.typed.get(name) == value for name, value in changes.items())


async def _days(
    services: Services, actor: Actor, f: Formats, wanted: CallFilter, records: Sequence[CallRecord]
) -> list[Day]:
    days = []
    for day, some in groupby(records, key=lambda record: f.day(record.started_at or 0.0)):
        total = await services.calls.totals(actor, _within(wanted, dt.date.fromisoformat(day), f))
        days.append(Day(at=f.midday(day), calls=total.calls, records=tuple(some)))
    return days


def _within(wanted: CallFilter, day: dt.date, f: Formats) -> CallFilter:
    """The same question for one day, or the part of it that was asked for."""
    start, end = start_of(day, f.zone), end_of(day, f.zone)
    return msgspec.structs.replace(wanted, start=max(start, wanted.start or start), end=min(end, wanted.end or end))


async def _agreement(services: Services, actor: Actor, f: Formats, wanted: CallFilter) -> Agreement | None:
    """None where the days asked for are too many, or lie in the future, and for who may not look into the truth."""
    if not actor.may("truth.view"):
        return None
    now = services.clock.now()
    newest = f.day(min(now, (wanted.end or now) - 1))
    oldest = f.day(wanted.start) if wanted.start is not None else newest
    count = (dt.date.fromisoformat(newest) - dt.date.fromisoformat(oldest)).days + 1
    if not 1 <= count <= DAYS_COMPARED:
        return None
    days = [day for pbx in services.pbxs for day in await services.truth.days(actor, pbx, newest, count)]
    return _sum(days)


def _sum(days: Sequence[TruthDay]) -> Agreement:
    compared = [day for day in days if day.pbx_calls is not None]
    return Agreement(
        pbx=sum(day.pbx_calls or 0 for day in compared) if compared else None,
        ours=sum(day.our_calls for day in compared),
        differences=sum(day.differences for day in compared),
    )


PAGE = Page(path="/calls", name="calls", show=_show, label=N_("Calls"), icon="phone", permission=VIEW, letter="c")
"""Lists what happened."""
