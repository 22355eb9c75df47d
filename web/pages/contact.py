"""``/contacts/{id}``: one person or company: what is known at the start, what happened in the middle, what is open at
the end. The other features fill their parts by fragments of their own.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from crm_core.contacts.checks import warnings
from crm_core.contacts.model import Draft, DraftNumber, Party
from cti.kernel.errors import InvalidError, RefusedError
from web.errors import said
from web.page import SERVICES, Form, Page, actor_of, render, wants_fragment
from web.people_forms import split
from web.people_words import ADDRESSES, LANGUAGES, LINKS, MAILS, NUMBERS, ROLES, TIERS, colleagues

VIEW, EDIT, DELETE = "contacts.view", "contacts.edit", "contacts.delete"
PEOPLE_SHOWN = 30


async def _show(request: web.Request) -> web.StreamResponse:
    party = await request.app[SERVICES].crm.contacts.get(actor_of(request), request.match_info["id"])
    if party.id != request.match_info["id"]:  # merged into another
        raise web.HTTPSeeOther(f"/contacts/{party.id}")
    return await _page(request, party)


async def _page(request: web.Request, party: Party, error: RefusedError | None = None) -> web.StreamResponse:
    actor, crm = actor_of(request), request.app[SERVICES].crm
    people: tuple[Party, ...] = ()
    if party.kind == "company":
        people = await crm.contacts.people(actor, party.id, PEOPLE_SHOWN + 1)
    return render(
        request,
        "contacts",
        "contact.html",
        fragment="_contact.html",
        status=200 if error is None else 422,
        colleagues=await colleagues(request),
        error=error,
        defs=await crm.fields.defined(party.kind),
        kinds={"numbers": NUMBERS, "mails": MAILS, "addresses": ADDRESSES, "links": LINKS},
        languages=LANGUAGES,
        party=party,
        people=people,
        purged_at=crm.trash.purged_at(party),
        people_shown=PEOPLE_SHOWN,
        roles=ROLES,
        tiers=TIERS,
        said=partial(said, request),
        warnings=warnings(party) if actor.may("numbers.view") else {},
    )


async def _done(request: web.Request, party: Party) -> web.StreamResponse:
    """The changed parts for htmx, else the page again."""
    if wants_fragment(request):
        return await _page(request, party)
    raise web.HTTPSeeOther(f"/contacts/{party.id}")


async def _quick(request: web.Request) -> web.StreamResponse:
    """One thing changed from the page itself: tier, owner, team, whether to call, whether to send SMS."""
    form, party_id = await request.post(), request.match_info["id"]
    given: dict[str, Any] = {name: str(form[name]) for name in ("tier", "owner", "team") if name in form}
    given |= {name: form[name] == "yes" for name in ("do_not_call", "do_not_sms") if name in form}
    given |= {name: given[name] or None for name in ("owner", "team") if name in given}
    actor, contacts = actor_of(request), request.app[SERVICES].crm.contacts
    try:
        party = await contacts.change(actor, party_id, Draft(**given))
    except InvalidError as error:
        return await _page(request, await contacts.get(actor, party_id), error)
    return await _done(request, party)


async def _tag(request: web.Request) -> web.StreamResponse:
    form, party_id = await request.post(), request.match_info["id"]
    actor, contacts = actor_of(request), request.app[SERVICES].crm.contacts
    try:
        add, remove = split(str(form.get("add", ""))), [str(tag) for tag in form.getall("remove", [])]
        party = await contacts.tag(actor, party_id, add, remove)
    except InvalidError as error:
        return await _page(request, await contacts.get(actor, party_id), error)
    return await _done(request, party)


async def _number(request: web.Request) -> web.StreamResponse:
    form, party_id = await request.post(), request.match_info["id"]
    actor, contacts = actor_of(request), request.app[SERVICES].crm.contacts
    try:
        given = DraftNumber(raw=str(form.get("number", "")), label=str(form.get("label", "")))
        party = await contacts.add_number(actor, party_id, given)
    except InvalidError as error:
        return await _page(request, await contacts.get(actor, party_id), error)
    return await _done(request, party)


async def _delete(request: web.Request) -> web.StreamResponse:
    party_id = request.match_info["id"]
    await request.app[SERVICES].crm.contacts.delete(actor_of(request), party_id)
    raise web.HTTPSeeOther(f"/contacts/{party_id}")


async def _restore(request: web.Request) -> web.StreamResponse:
    party = await request.app[SERVICES].crm.contacts.restore(actor_of(request), request.match_info["id"])
    raise web.HTTPSeeOther(f"/contacts/{party.id}")


PAGE = Page(
    path="/contacts/{id}",
    name="contacts",
    show=_show,
    permission=VIEW,
    forms=(
        Form("/contacts/{id}/quick", _quick, EDIT),
        Form("/contacts/{id}/tags", _tag, EDIT),
        Form("/contacts/{id}/number", _number, EDIT),
        Form("/contacts/{id}/delete", _delete, DELETE),
        Form("/contacts/{id}/restore", _restore, DELETE),
    ),
)
