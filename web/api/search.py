"""``/api/v1/search``: the search box as JSON. Neighbour: ``web.pages.search`` asks the same."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from call_log.service import VIEW
from crm_core.search.service import PartyHit, TextHit
from cti.live.record import rfc3339, to_json
from web.api.operation import Asked, Operation
from web.api.schema import RECORD, FoundParty, FoundText, ref
from web.pages.search import LONGEST, search


class SearchQuery(msgspec.Struct, forbid_unknown_fields=True):
    q: Annotated[
        str,
        Meta(max_length=LONGEST, description="A name in any spelling, any part of a number, a company, a mail, a word"),
    ]
    limit: Annotated[int, Meta(ge=1, le=50, description="The most of one group")] = 10


def _party(hit: PartyHit) -> FoundParty:
    one, number = hit.party, hit.number
    shown = None if number is None else number.e164 or number.raw
    return FoundParty(one.id, one.kind, one.name, one.company_name, one.tier, shown)


def _text(hit: TextHit) -> FoundText:
    text = "".join(part for part, _ in hit.excerpt)
    contact = hit.party.id if hit.party else None
    return FoundText(hit.text.id, hit.text.kind, text, contact, hit.text.call_id or None, rfc3339(hit.text.at))


async def _search(asked: Asked) -> dict[str, Any]:
    query: SearchQuery = asked.query
    found = await search(asked.services, asked.actor, query.q, query.limit, query.limit)
    return {
        "contacts": [_party(hit) for hit in found.crm.people],
        "companies": [_party(hit) for hit in found.crm.companies],
        "notes": [_text(hit) for hit in found.crm.texts],
        "calls": [to_json(record) for record in found.calls],
    }


def _groups(**items: dict[str, Any]) -> dict[str, Any]:
    properties = {name: {"type": "array", "items": item} for name, item in items.items()}
    return {"type": "object", "required": list(items), "properties": properties}


SEARCH = Operation(
    method="GET",
    path="/api/v1/search",
    name="search",
    summary="People, companies, notes and calls that answer to a text, the likeliest first",
    query=SearchQuery,
    answers=_groups(contacts=ref(FoundParty), companies=ref(FoundParty), notes=ref(FoundText), calls=RECORD),
    run=_search,
    permission=f"contacts.view|{VIEW}",
)
