"""``/search``: people, companies, notes and calls that answer to what was typed; its fragment is what the search box
and the palette show while somebody types. Neighbours: ``crm_core.search`` and the call log find, ``web.api.search``
answers the same as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from call_log.query import CallFilter
from call_log.search import SHORTEST_NUMBER
from call_log.service import VIEW, VIEWS
from crm_core.contacts.model import PartyNumber
from crm_core.search.highlight import Part, marked_number
from crm_core.search.service import Results
from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError
from cti.live.numbers import e164
from cti.live.record import CallRecord
from web.callers import contacts_of
from web.format import Formats
from web.page import SERVICES, Page, actor_of, formats, render
from web.results import DIRECTIONS
from web.services import Services

IN_BOX, ON_PAGE = 6, 25
"""The most of one group, in the box and on the page of its own."""
CALLS_IN_BOX = 4
LONGEST = 200


class Found(NamedTuple):
    """All groups. ``calls`` is empty unless a number was typed."""

    crm: Results
    calls: tuple[CallRecord, ...]

    @property
    def empty(self) -> bool:
        return self.crm.empty and not self.calls


async def search(services: Services, actor: Actor, typed: str, limit: int, calls: int) -> Found:
    """What ``actor`` may see of all that answers to ``typed``."""
    text = typed.strip()[:LONGEST]
    crm = await services.crm.search.find(actor, text, limit) if actor.may("contacts.view") else Results(text)
    return Found(crm, await _calls(services, actor, text, calls))


async def _calls(services: Services, actor: Actor, text: str, limit: int) -> tuple[CallRecord, ...]:
    digits = "".join(c for c in text if c.isdigit())
    letters = any(c.isalpha() for c in text)
    if len(digits) < SHORTEST_NUMBER or letters or not any(map(actor.may, VIEWS)):
        return ()
    try:
        return (await services.calls.page(actor, CallFilter(number=text), None, limit)).items
    except InvalidError:
        return ()  # too few digits once its zeros are gone


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    typed = request.query.get("q", "")[:LONGEST]
    boxed = request.headers.get("HX-Request") == "true"
    found = await search(services, actor, typed, IN_BOX if boxed else ON_PAGE, CALLS_IN_BOX if boxed else ON_PAGE)
    number = e164(typed.strip(), services.region)
    return render(
        request,
        "search",
        "search.html",
        fragment="_search.html",
        all_calls="/calls?" + urlencode({"number": typed.strip()}),
        boxed=boxed,
        contacts=await contacts_of(services, actor, found.calls),
        directions=DIRECTIONS,
        found=found,
        new="/contacts/new?" + urlencode({"number" if found.crm.digits else "name": typed.strip()}),
        number=number,
        parts_of=lambda one: number_parts(f, one, found.crm.digits),
        typed=typed,
    )


def number_parts(f: Formats, number: PartyNumber, digits: Sequence[str]) -> tuple[Part, ...]:
    """A number as its reader writes it, with the digits that were asked for marked."""
    shown = f.phone(number.e164, number.raw) if number.e164 else f.digits(number.raw)
    marked = (marked_number(shown, some) for some in digits)
    return next((parts for parts in marked if any(on for _, on in parts)), ((shown, False),))


PAGE = Page(path="/search", name="search", show=_show, permission=f"contacts.view|{VIEW}")
"""Finds anybody."""
