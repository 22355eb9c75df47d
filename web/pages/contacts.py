"""``/contacts``: people and companies, with quick views and filters; and the names of companies for a form's list."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from crm_core.contacts.model import PartyFilter
from crm_core.fields.model import OWNERS, FieldDef
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, formats, render
from web.people_filters import Asked, read
from web.people_words import ROLES, TIERS, colleagues

PAGE_SIZE = 50
COUNTED = 10_000
"""Counting stops here: beyond it the list says «more than»."""
OFFERED = 12

View = dict[str, str | None]
_ALL: View = dict.fromkeys(("kind", "owner", "tier", "calls", "order", "deleted"))
VIEWS: tuple[tuple[str, View, str], ...] = (  # quick choices atop the list, and the permission that one needs
    (N_("All"), {}, ""),
    (N_("Persons"), {"kind": "person"}, ""),
    (N_("Companies"), {"kind": "company"}, ""),
    (N_("Mine"), {"owner": "me"}, ""),
    (N_("VIP"), {"tier": "vip"}, ""),
    (N_("Changed lately"), {"order": "changed"}, ""),
    (N_("Do not call"), {"calls": "no"}, ""),
    (N_("Trash"), {"deleted": "yes"}, "contacts.delete"),
)


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    contacts = services.crm.contacts
    fields = await _fields(request)
    asked = read(request.query, f, services.clock.now(), actor.id, fields)
    page = await contacts.page(actor, asked.wanted, request.query.get("cursor") or None, PAGE_SIZE)
    count = await contacts.count(actor, asked.wanted, COUNTED + 1)
    company_id = asked.wanted.company or ""
    return render(
        request,
        "contacts",
        "contacts.html",
        fragment="_contacts.html",
        asked=asked,
        colleagues=await colleagues(request),
        company=(await contacts.get_many(actor, [company_id])).get(company_id),
        count=count,
        counted=COUNTED,
        fields=fields,
        later=bool(request.query.get("cursor")),
        next=page.next and asked.link({"cursor": page.next}),
        nobody_yet=not page.items and not asked.narrowed and not asked.wanted.kind,
        parties=page.items,
        roles=ROLES,
        tiers=TIERS,
        views=[
            (text, asked.link(_ALL | changes), _chosen(asked, changes))
            for text, changes, permission in VIEWS
            if not permission or actor.may(permission)
        ],
    )


async def _fields(request: web.Request) -> tuple[FieldDef, ...]:
    """The custom fields in use, those of people first, each name once."""
    defined = request.app[SERVICES].crm.fields.defined
    found = {one.name: one for kind in OWNERS[::-1] for one in await defined(kind)}
    return tuple(found.values())


def _chosen(asked: Asked, changes: View) -> bool:
    return all(asked.typed.get(name) == value for name, value in (_ALL | changes).items())


async def _companies(request: web.Request) -> web.StreamResponse:
    """The options of a form's list: companies whose name begins as typed."""
    typed = request.query.get("company_name", "").strip()
    wanted = PartyFilter(kind="company", text=typed or None)
    page = await request.app[SERVICES].crm.contacts.page(actor_of(request), wanted, limit=OFFERED)
    return render(request, "contacts", "_companies.html", companies=page.items)


async def _attach(request: web.Request) -> web.StreamResponse:
    """To whom does this number belong? Those that match what is typed, each with a button."""
    number, typed = request.query.get("number", "")[:64], request.query.get("text", "").strip()[:200]
    values: dict[str, Any] = {"number": number, "typed": typed, "parties": ()}
    if typed:
        wanted = PartyFilter(text=typed)
        values["parties"] = (await request.app[SERVICES].crm.contacts.page(actor_of(request), wanted, limit=20)).items
    return render(request, "contacts", "contact_attach.html", fragment="_contact_attach.html", **values)


PAGE = Page(
    path="/contacts",
    name="contacts",
    show=_show,
    label=N_("People"),
    icon="users",
    permission="contacts.view",
    letter="p",
)
COMPANIES = Page(path="/contacts/companies", name="contacts", show=_companies, permission="contacts.view")
ATTACH = Page(path="/contacts/attach", name="contacts", show=_attach, permission="contacts.edit")
