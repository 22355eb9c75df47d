"""``/contacts/duplicates``: who may be the same, side by side, with why; merged value by value, or told apart for good.

``/contacts/duplicates/{one}/{other}`` holds any two together, ``/duplicates/of/{id}`` is the part of a contact's page
that says who may be him, and undoes a merge. Neighbour: ``crm_core.duplicates`` does it all.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import msgspec
from aiohttp import web

from crm_core.contacts.model import Party, PartyFilter
from crm_core.duplicates.merging import CUSTOM, GROUPS, differing
from crm_core.duplicates.model import UNDO_SECONDS, Pair, Suggestion
from crm_core.duplicates.service import MOST_COUNTED
from crm_core.fields.model import FieldDef
from cti.kernel.errors import N_, InvalidError, RefusedError
from web.errors import said
from web.page import SERVICES, Form, Page, actor_of, render, wants_fragment
from web.people_words import ADDRESSES, LINKS, MAILS, NUMBERS, ROLES, TIERS, colleagues

MERGE = "contacts.merge"
PAGE_SIZE = 10
CHOICE = "choice."
OFFERED = 20
DAY_SECONDS = 86_400

REASONS: dict[str, str] = {
    "number": N_("Same number"),
    "mail": N_("Same e-mail"),
    "national_id": N_("Same national ID"),
    "economic_code": N_("Same economic code"),
    "name": N_("Same name"),
    "company": N_("Same company"),
    "birth_date": N_("Same date of birth"),
}
LABELS: dict[str, str] = {
    "name": N_("Name"),
    "company": N_("Company"),
    "position": N_("Position"),
    "tier": N_("Tier"),
    "owner": N_("Owner"),
    "team": N_("Team"),
    "source": N_("Source"),
    "language": N_("Language"),
    "birth_date": N_("Date of birth"),
    "national_id": N_("National ID"),
    "economic_code": N_("Economic code"),
}


class Row(msgspec.Struct, frozen=True):
    """One field of two parties; ``choose`` where both have a value and they differ. ``custom``: its definition."""

    name: str
    label: str
    choose: bool
    custom: FieldDef | None = None


async def _show(request: web.Request) -> web.StreamResponse:
    duplicates, actor = request.app[SERVICES].crm.duplicates, actor_of(request)
    page = await duplicates.page(actor, request.query.get("cursor") or None, PAGE_SIZE)
    return render(
        request,
        "contacts",
        "duplicates.html",
        fragment="_duplicates.html",
        count=await duplicates.count(actor),
        counted=MOST_COUNTED,
        later=bool(request.query.get("cursor")),
        next=page.next and f"/contacts/duplicates?cursor={page.next}",
        pairs=page.items,
        **await _drawn(request),
    )


async def _compare(request: web.Request) -> web.StreamResponse:
    contacts, actor = request.app[SERVICES].crm.contacts, actor_of(request)
    ids = [request.match_info["one"], request.match_info["other"]]
    one, other = [await contacts.get(actor, party_id) for party_id in ids]
    if one.id == other.id:  # merged meanwhile
        raise web.HTTPSeeOther(f"/contacts/{one.id}")
    return await _card(request, one, other)


async def _card(
    request: web.Request, one: Party, other: Party, error: RefusedError | None = None
) -> web.StreamResponse:
    known = await request.app[SERVICES].crm.duplicates.of(actor_of(request), one.id)
    found = next((pair.suggestion for pair in known if pair.second.id == other.id), None)
    return render(
        request,
        "contacts",
        "duplicate.html",
        fragment="_duplicate.html",
        status=200 if error is None else 422,
        error=error and said(request, error),
        pair=Pair(found or Suggestion(one.id, other.id, one.kind, 0, (), 0.0), one, other),
        **await _drawn(request),
    )


async def _drawn(request: web.Request) -> dict[str, Any]:
    """What a card needs."""
    defs = {kind: await request.app[SERVICES].crm.fields.defined(kind) for kind in ("person", "company")}
    return {
        "colleagues": await colleagues(request),
        "kinds": {"numbers": NUMBERS, "mails": MAILS, "addresses": ADDRESSES, "links": LINKS},
        "reasons": REASONS,
        "relations": ROLES,
        "rows_of": lambda pair: rows(pair.first, pair.second, defs[pair.first.kind]),
        "tiers": TIERS,
    }


def rows(one: Party, other: Party, defs: tuple[FieldDef, ...]) -> list[Row]:
    """The fields in which at least one of the two has a value."""
    choose = set(differing([one, other]))
    found = [
        Row(name, LABELS[name], name in choose)
        for name, fields in GROUPS.items()
        if getattr(one, fields[0]) or getattr(other, fields[0])
    ]
    custom = [one_def for one_def in defs if one_def.name in one.fields or one_def.name in other.fields]
    return found + [Row(CUSTOM + one_def.name, "", CUSTOM + one_def.name in choose, one_def) for one_def in custom]


async def _merge(request: web.Request) -> web.StreamResponse:
    crm, actor, form = request.app[SERVICES].crm, actor_of(request), await request.post()
    ids = (str(form.get("one", "")), str(form.get("other", "")))
    try:
        into, gone = _sides(ids, str(form.get("into", ids[0])))
        party = await crm.duplicates.merge(actor, into, [gone], _choices(form))
    except InvalidError as error:
        one, other = [await crm.contacts.get(actor, party_id) for party_id in ids]
        return await _card(request, one, other, error)
    return await _merged(request, party)


def _sides(ids: tuple[str, str], into: str) -> tuple[str, str]:
    if into not in ids:
        raise InvalidError(N_("Choose which of the two stays."))
    return into, ids[1] if into == ids[0] else ids[0]


def _choices(form: Mapping[str, Any]) -> dict[str, str]:
    return {name.removeprefix(CHOICE): str(value) for name, value in form.items() if name.startswith(CHOICE)}


async def _merged(request: web.Request, party: Party) -> web.StreamResponse:
    if wants_fragment(request):
        return render(request, "contacts", "_merged.html", party=party, said="merged")
    raise web.HTTPSeeOther(f"/contacts/{party.id}")


async def _dismiss(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    duplicates = request.app[SERVICES].crm.duplicates
    await duplicates.dismiss(actor_of(request), str(form.get("one", "")), str(form.get("other", "")))
    if wants_fragment(request):
        return render(request, "contacts", "_merged.html", party=None, said="dismissed")
    raise web.HTTPSeeOther("/contacts/duplicates")


async def _undo(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    survivor, *_back = await request.app[SERVICES].crm.duplicates.unmerge(actor_of(request), str(form.get("id", "")))
    if wants_fragment(request):
        return render(request, "contacts", "_merged.html", party=survivor, said="undone")
    raise web.HTTPSeeOther(f"/contacts/{survivor.id}")


async def _of(request: web.Request) -> web.StreamResponse:
    """The part of a contact's page: who may be the same, whom to merge with, and the merge that can be undone."""
    services, actor, party_id = request.app[SERVICES], actor_of(request), request.match_info["id"]
    party = await services.crm.contacts.get(actor, party_id)
    typed = request.query.get("text", "").strip()[:200]
    merge = await services.crm.duplicates.undoable(actor, party.id)
    left = 0 if merge is None else merge.at + UNDO_SECONDS - services.clock.now()
    return render(
        request,
        "contacts",
        "_duplicates_of.html",
        days=max(1, ceil(left / DAY_SECONDS)),
        found=await _others(request, party, typed),
        merge=merge,
        pairs=await services.crm.duplicates.of(actor, party.id),
        party=party,
        reasons=REASONS,
        typed=typed,
    )


async def _others(request: web.Request, party: Party, typed: str) -> tuple[Party, ...]:
    if not typed:
        return ()
    contacts = request.app[SERVICES].crm.contacts
    page = await contacts.page(actor_of(request), PartyFilter(kind=party.kind, text=typed), limit=OFFERED)
    return tuple(one for one in page.items if one.id != party.id)


PAGE = Page(
    path="/contacts/duplicates",
    name="contacts",
    show=_show,
    permission=MERGE,
    forms=(
        Form("/contacts/duplicates/merge", _merge, MERGE),
        Form("/contacts/duplicates/dismiss", _dismiss, MERGE),
        Form("/contacts/duplicates/undo", _undo, MERGE),
    ),
)
COMPARE = Page(path="/contacts/duplicates/{one}/{other}", name="contacts", show=_compare, permission=MERGE)
OF = Page(path="/duplicates/of/{id}", name="contacts", show=_of, permission=MERGE)
