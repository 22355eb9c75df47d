"""``/contacts/new`` and ``/contacts/{id}/edit``: one form for all that is kept of a person or a company.

What is refused comes back as it was typed, with the reason beside the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from crm_core.contacts.model import Party, PartyKind
from crm_core.fields.model import FieldDef
from cti.kernel.errors import ConflictError, InvalidError, RefusedError
from web.errors import said
from web.page import SERVICES, Form, Page, actor_of, render
from web.people_forms import Typed, draft_of, of_form, of_party, of_query, with_row
from web.people_words import ADDRESSES, LANGUAGES, LINKS, MAILS, NUMBERS, ROLES, TIERS, colleagues

EDIT = "contacts.edit"


async def _new(request: web.Request) -> web.StreamResponse:
    return await _page(request, _kind(request.query.get("kind")), of_query(request.query))


async def _edit(request: web.Request) -> web.StreamResponse:
    party = await _party(request)
    if not party.live:
        raise web.HTTPSeeOther(f"/contacts/{party.id}")
    return await _page(request, party.kind, of_party(party, actor_of(request).may("numbers.view")), party=party)


async def _create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    kind = _kind(form.get("of"))
    typed = of_form(form, await _defined(request, kind))
    if more := form.get("more"):
        return await _page(request, kind, with_row(typed, str(more)))
    try:
        made = await request.app[SERVICES].crm.contacts.create(actor_of(request), kind, draft_of(typed, kind))
    except InvalidError as error:
        return await _page(request, kind, typed, error=error)
    raise web.HTTPSeeOther(f"/contacts/{made.id}")


async def _save(request: web.Request) -> web.StreamResponse:
    form, party = await request.post(), await _party(request)
    typed = of_form(form, await _defined(request, party.kind))
    if more := form.get("more"):
        return await _page(request, party.kind, with_row(typed, str(more)), party=party)
    try:
        draft = draft_of(typed, party.kind)
        await request.app[SERVICES].crm.contacts.change(actor_of(request), party.id, draft, typed.version)
    except (InvalidError, ConflictError) as error:
        return await _page(request, party.kind, typed, party=party, error=error)
    raise web.HTTPSeeOther(f"/contacts/{party.id}")


async def _page(
    request: web.Request,
    kind: PartyKind,
    typed: Typed,
    *,
    party: Party | None = None,
    error: RefusedError | None = None,
) -> web.StreamResponse:
    """``party``: as it is now. After a conflict the next save is over that, knowingly."""
    conflict = isinstance(error, ConflictError)
    return render(
        request,
        "contacts",
        "contact_form.html",
        status=200 if error is None else 409 if conflict else 422,
        colleagues=await colleagues(request),
        conflict=conflict,
        defs=await _defined(request, kind),
        error=error,
        at=str(error.values.get("at", "")) if error else "",
        kind=kind,
        party=party,
        typed=typed,
        version=party.version if party else None,
        kinds={"numbers": NUMBERS, "mails": MAILS, "addresses": ADDRESSES, "links": LINKS},
        languages=LANGUAGES,
        roles=ROLES,
        tiers=TIERS,
        said=partial(said, request),
    )


def _kind(text: Any) -> PartyKind:
    return "company" if text == "company" else "person"


async def _party(request: web.Request) -> Party:
    return await request.app[SERVICES].crm.contacts.get(actor_of(request), request.match_info["id"])


async def _defined(request: web.Request, kind: PartyKind) -> Sequence[FieldDef]:
    return await request.app[SERVICES].crm.fields.defined(kind)


NEW = Page(
    path="/contacts/new", name="contacts", show=_new, permission=EDIT, forms=(Form("/contacts/new", _create, EDIT),)
)
PAGE = Page(
    path="/contacts/{id}/edit",
    name="contacts",
    show=_edit,
    permission=EDIT,
    forms=(Form("/contacts/{id}/edit", _save, EDIT),),
)
