"""``/timeline/…``: what happened with a contact, a number or about a call, as fragments that other pages fetch;
``/numbers/{key}``: the page of a number that belongs to nobody yet.

Each page of a stream ends with a button that fetches the next in its place. A page that hears of news asks for its top
again, down to where its first part ended (``through``), so that nothing is lost between the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

import msgspec
from aiohttp import web

from crm_core.contacts.model import DraftNumber, PartyFilter
from crm_core.results.model import Said
from crm_core.timeline.kinds import BY_NAME, KINDS
from crm_core.timeline.model import Item, of_call, of_number, of_party
from crm_core.timeline.walk import COUNTED
from cti.kernel.paging import Page as Part
from cti.kernel.paging import read_cursor
from screenpop.feed import ABOUT, NUMBER, PARTY
from web.page import SERVICES, Form, Page, actor_of, formats, render
from web.results import DIRECTIONS, MISSED, OUTCOMES
from web.sending import answered

PAGE_SIZE = 30
MOST_AGAIN = 200
"""Entries that are asked for again when there is news."""
MATCHES = 10
LONGEST_FIND = 100


class Day(msgspec.Struct, frozen=True):
    """The entries of one local day; ``at``: the newest of them. ``again``: the day began on the part before."""

    at: float
    items: tuple[Item, ...]
    again: bool = False


class Stream(NamedTuple):
    """Which stream, and where: ``url`` of its fragment, ``topic`` that tells its news; ``party``, ``call``, ``key``:
    what it is about."""

    subject: str
    url: str
    topic: str
    party: str | None = None
    call: str | None = None
    key: str | None = None


def _of_party(request: web.Request) -> Stream:
    party = request.match_info["id"]
    return Stream(of_party(party), f"/timeline/party/{quote(party)}", PARTY + party, party=party)


def _of_number(request: web.Request) -> Stream:
    key = request.match_info["key"]
    return Stream(of_number(key), f"/timeline/number/{quote(key)}", NUMBER + key, key=key)


def _of_call(request: web.Request) -> Stream:
    call = request.match_info["id"]
    return Stream(of_call(call), f"/timeline/call/{quote(call)}", ABOUT + call, call=call)


async def _party(request: web.Request) -> web.StreamResponse:
    return await _show(request, _of_party(request))


async def _number(request: web.Request) -> web.StreamResponse:
    return await _show(request, _of_number(request))


async def _call(request: web.Request) -> web.StreamResponse:
    return await _show(request, _of_call(request))


async def _show(request: web.Request, stream: Stream) -> web.StreamResponse:
    query, actor, timeline = request.query, actor_of(request), request.app[SERVICES].crm.timeline
    kind = query.get("kind", "")
    kinds = (kind,) if kind in BY_NAME else ()
    top, cursor, through = query.get("part") == "top", query.get("cursor") or None, query.get("through") or None
    size = MOST_AGAIN if top else PAGE_SIZE
    part = await timeline.page(actor, stream.subject, kinds, None if top else cursor, size)
    if top and through:
        part = _down_to(part, through)
    days = _days(request, part.items)
    template = "timeline/top.html" if top else "timeline/more.html" if cursor else "timeline/stream.html"
    return render(
        request,
        "contacts",
        template,
        stream=stream,
        days=days,
        kind=kind if kinds else "",
        kinds=KINDS,
        counts=None if cursor else await timeline.counts(actor, stream.subject),
        counted=COUNTED,
        next=part.next,
        last_day=formats(request).day(part.items[-1].at) if part.items else "",
        through=through if top and through else part.next,
        colleagues=[] if cursor or top else await _colleagues(request),
        directions=DIRECTIONS,
        outcomes=OUTCOMES,
        missed=MISSED,
        said=await _said(request, part.items),
        now=request.app[SERVICES].clock.now(),
    )


async def _said(request: web.Request, items: Sequence[Item]) -> dict[str, Said]:
    """What people said of the calls among these entries."""
    calls = [item.source for item in items if item.kind == "call"]
    return await request.app[SERVICES].crm.results.of_calls(actor_of(request), calls) if calls else {}


def _down_to(part: Part[Item], through: str) -> Part[Item]:
    """As much of it as stands at or before a place."""
    place: tuple[float, str] = read_cursor(through, tuple[float, str])
    kept = tuple(item for item in part.items if (item.at, item.id) >= place)
    return Part(kept, through if len(kept) < len(part.items) else part.next)


def _days(request: web.Request, items: Sequence[Item]) -> list[Day]:
    f, last = formats(request), request.query.get("day", "")
    found = [(day, tuple(some)) for day, some in groupby(items, key=lambda item: f.day(item.at))]
    return [Day(some[0].at, some, again=day == last) for day, some in found]


async def _colleagues(request: web.Request) -> list[dict[str, str]]:
    """Whom a note may mention."""
    users = await request.app[SERVICES].crm.users.directory(actor_of(request))
    return [{"login": user.login, "name": user.name} for user in users if user.active]


async def _attach(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    party = str(form.get("party", "")) or None
    timeline = request.app[SERVICES].crm.timeline
    return await answered(request, timeline.attach(actor_of(request), str(form.get("entry", "")), party))


async def _number_page(request: web.Request) -> web.StreamResponse:
    crm, actor, stream = request.app[SERVICES].crm, actor_of(request), _of_number(request)
    await crm.timeline.counts(actor, stream.subject)  # says no where the address is no number, or not for him
    sees, find = actor.may("contacts.view"), request.query.get("find", "").strip()[:LONGEST_FIND]
    matches = await crm.lookup.who(actor, stream.key or "", MATCHES) if sees else ()
    found = (await crm.contacts.page(actor, PartyFilter(text=find), None, MATCHES)).items if find and sees else ()
    return render(
        request, "calls", "number.html", stream=stream, key=stream.key, matches=matches, find=find, found=found
    )


async def _give(request: web.Request) -> web.StreamResponse:
    """The number becomes one more of a contact's; his page shows its calls at once."""
    form, key = await request.post(), request.match_info["key"]
    contacts = request.app[SERVICES].crm.contacts
    party = await contacts.add_number(actor_of(request), str(form.get("party", "")), DraftNumber(raw=key))
    raise web.HTTPSeeOther(f"/contacts/{party.id}")


PARTY_STREAM = Page("/timeline/party/{id}", "contacts", _party, permission="contacts.view")
NUMBER_STREAM = Page("/timeline/number/{key}", "calls", _number, permission="numbers.view")
CALL_STREAM = Page(
    "/timeline/call/{id}",
    "calls",
    _call,
    permission="contacts.view",
    forms=(Form("/timeline/attach", _attach, "contacts.edit"),),
)
NUMBER_PAGE = Page(
    "/numbers/{key}",
    "calls",
    _number_page,
    permission="numbers.view",
    forms=(Form("/numbers/{key}/attach", _give, "contacts.edit"),),
)
"""What we know of a number that is nobody's yet."""
