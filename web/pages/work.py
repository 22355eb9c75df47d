"""``/work``: the desktop of who takes calls, and the parts of it that hang on one call.

The page itself holds nothing: the browser paints cards from the pushes (topics ``pops``, ``agent``) and fetches
``/work/call/{id}`` for what is known of the caller. Neighbours: ``work_panels`` has what stands at the side,
``pages.day`` what is seen while nothing rings, ``pages.results`` the form after a call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from crm_core.contacts.model import Party
from crm_core.timeline.kinds.call import CallFacts
from crm_core.timeline.model import Item, of_number, of_party
from cti.kernel.actor import Actor
from cti.kernel.errors import NotFoundError
from cti.live.record import CallRecord, rfc3339
from web.callers import contacts_of, key_of
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, render
from web.pages.work_panels import shown_panels
from web.people_words import TIERS, colleagues
from web.services import Services

USE = "desk.use"
DAY = "/work/day"
WEEK_SECONDS = 7 * 86400
MOST_CALLS = 50
"""Calls that are looked through for why it matters now."""


class Lately(msgspec.Struct, frozen=True):
    """What the same caller did before this call: when today he gave up waiting, whether nobody has called him since,
    and the number of this call among those of seven days (1: the first)."""

    abandoned_at: float | None = None
    nth: int = 1


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    actor.require(USE)
    queues = services.feed.board.queue_names()
    return render(request, "work", "work.html", day=DAY, queues="\n".join(queues))


async def _call(request: web.Request) -> web.StreamResponse:
    """What is known of the caller, why the call matters now, and what is open with him."""
    services, actor = request.app[SERVICES], actor_of(request)
    part = await services.crm.results.part(actor, request.match_info["id"])
    queue = _queue(services, part.record)
    if request.query.get("part") == "queue":
        return render(request, "work", "_work_queue.html", call=part.record, queue=queue)
    party = await _party(services, actor, part.record, request.query.get("party") or None)
    lately = await _lately(services, actor, part.record, party)
    return render(
        request,
        "work",
        "_work_call.html",
        call=part.record,
        colleagues=await colleagues(request) if party else None,
        lately=lately,
        panels=await shown_panels(request, part.record, party),
        party=party,
        queue=queue,
        tiers=TIERS,
    )


def _queue(services: Services, record: CallRecord) -> dict[str, Any] | None:
    """How the queue that the call came by stands now."""
    row = services.feed.board.queue(record.pbx, record.queue) if record.queue else None
    return row and row | {"longest_since": rfc3339(row["longest_since"])}


async def _party(services: Services, actor: Actor, record: CallRecord, asked: str | None) -> Party | None:
    """Whom the agent chose, else who is known to have the number."""
    if not actor.may("contacts.view"):
        return None
    if asked is None:
        known = (await contacts_of(services, actor, [record])).get(record.id)
        asked = known[0].id if known else None
    try:
        return None if asked is None else await services.crm.contacts.get(actor, asked)
    except NotFoundError:  # deleted meanwhile
        return None


async def _lately(services: Services, actor: Actor, record: CallRecord, party: Party | None) -> Lately:
    subject = of_party(party.id) if party else await _number_subject(services, actor, record)
    if subject is None:
        return Lately()
    found = (await services.crm.timeline.page(actor, subject, ("call",), None, MOST_CALLS)).items
    return lately((item for item in found if item.source != record.id), record, services.timezone)


async def _number_subject(services: Services, actor: Actor, record: CallRecord) -> str | None:
    key = await key_of(services, actor, record) if actor.may("numbers.view") else None
    return of_number(key) if key else None


def lately(items: Iterable[Item], record: CallRecord, timezone: str) -> Lately:
    """``items``: the caller's other calls, the newest first. Pure."""
    now = record.started_at or 0.0
    week = [item for item in items if now - WEEK_SECONDS < item.at < now and isinstance(item.facts, CallFacts)]
    for item in week:
        if _day(item.at, timezone) != _day(now, timezone):
            break
        if item.facts.outcome == "abandoned":
            return Lately(item.at, len(week) + 1)
        if item.facts.talk_seconds:
            break
    return Lately(None, len(week) + 1)


def _day(at: float, timezone: str) -> str:
    return dt.datetime.fromtimestamp(at, ZoneInfo(timezone)).date().isoformat()


PAGE = Page(path="/work", name="work", show=_show, label=N_("Desk"), icon="headset", permission=USE, letter="d")
CALL = Page(path="/work/call/{id}", name="work", show=_call, permission=USE)
