"""``/admin/audit``: who saw, changed, exported or listened to what; and the trail of one record, for its page.

Neighbours: ``web.audits`` puts entries into words, ``crm_core.audit`` keeps them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from aiohttp import web

from crm_core.audit.service import AuditEntry, AuditFilter, back_to
from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError
from cti.kernel.sheets import Moment, Row
from screenpop.presenter import shown
from web import i18n
from web.audits import ACTIONS, KINDS, facts, link, names_of, require_sight
from web.dates import end_of, read_day, start_of
from web.format import Formats
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, formats, language_of, render
from web.services import Services
from web.sheets import file_kind, look_of, send_sheet

PAGE_SIZE = 50
TRAIL_SIZE = 20
EXPORT_BATCH = 500
FIELDS = ("actor", "action", "kind", "id", "from", "to", "text")
COLUMNS: tuple[str, ...] = (
    N_("Time"),
    N_("User"),
    N_("What"),
    N_("Kind"),
    N_("Record"),
    N_("Details"),
    N_("From where"),
    N_("Session"),
)


class Asked(msgspec.Struct, frozen=True):
    """The filters as typed, what they mean, and what was wrong with one."""

    typed: dict[str, str]
    wanted: AuditFilter
    problems: dict[str, str]

    def link(self, path: str = "/admin/audit", **changes: str) -> str:
        return f"{path}?{urlencode(self.typed | changes)}"


def read(query: Mapping[str, str], f: Formats, now: float) -> Asked:
    typed = {name: text for name in FIELDS if (text := shown(query.get(name, "")))}
    problems: dict[str, str] = {}
    fields: dict[str, Any] = {name: typed.get(name) for name in ("actor", "action", "kind", "id", "text")}
    for name, field, moment in (("from", "start", start_of), ("to", "end", end_of)):
        if name not in typed:
            continue
        if (day := read_day(typed[name], now, f.zone)) is None:
            problems[name] = N_("Write a date as 1405/09/01 or 2026-11-22.")
        else:
            fields[field] = moment(day, f.zone)
    return Asked(typed, AuditFilter(**fields), problems)


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    asked = read(request.query, f, services.clock.now())
    page = await services.crm.audit.page(actor, asked.wanted, request.query.get("cursor") or None, PAGE_SIZE)
    return render(
        request,
        "audit",
        "audit.html",
        fragment="_audit.html",
        asked=asked,
        next=page.next and asked.link(cursor=page.next),
        back_to=back_to(page.next) if page.next and len(page.items) < PAGE_SIZE else None,
        later="cursor" in request.query,
        users=await services.crm.users.directory(actor),
        **await _shown(services, actor, page.items, request),
    )


async def _trail(request: web.Request) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    kind, record = request.match_info["kind"], request.match_info["id"]
    await require_sight(services, actor, kind, record)
    cursor = request.query.get("cursor") or None
    page = await services.crm.audit.page(actor, AuditFilter(kind=kind, id=record), cursor, TRAIL_SIZE)
    here = f"/audit/{quote(kind, safe='')}/{quote(record, safe='')}"
    return render(
        request,
        "audit",
        "_trail.html",
        later=cursor is not None,
        next=page.next and f"{here}?{urlencode({'cursor': page.next})}",
        **await _shown(services, actor, page.items, request),
    )


async def _shown(
    services: Services, actor: Actor, entries: Sequence[AuditEntry], request: web.Request
) -> dict[str, Any]:
    """What templates need to show entries."""
    say = i18n.translations(language_of(request)).gettext
    return {
        "actions": ACTIONS,
        "entries": entries,
        "facts": lambda entry: facts(entry, say),
        "kinds": KINDS,
        "link": link,
        "names": await names_of(services, actor, entries),
    }


async def _export(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    asked = read(request.query, f, services.clock.now())
    for problem in asked.problems.values():
        raise InvalidError(problem)
    kind, look = file_kind(request.query), look_of(request)
    actor.require("audit.view")
    await services.crm.audit.did(actor, "exported", "audit", "", {"filter": asked.typed, "format": kind})
    say = i18n.translations(language_of(request)).gettext
    name = f"tamas-audit-{look.day(look.local(services.clock.now()).date()).replace('/', '-')}"
    rows = _rows(services, actor, asked.wanted, request)
    return await send_sheet(request, name, say("Audit"), [say(text) for text in COLUMNS], rows)


async def _rows(
    services: Services, actor: Actor, wanted: AuditFilter, request: web.Request
) -> AsyncIterator[Sequence[Row]]:
    cursor: str | None = None
    while True:
        page = await services.crm.audit.page(actor, wanted, cursor, EXPORT_BATCH)
        names = await names_of(services, actor, page.items)
        say = i18n.translations(language_of(request)).gettext
        yield [_row(entry, names, say) for entry in page.items]
        if (cursor := page.next) is None:
            return


def _row(entry: AuditEntry, names: Mapping[tuple[str, str], str], say: Any) -> Row:
    told = [
        f"{x.name}: {x.after}" if x.before is None else f"{x.name}: {x.before} → {x.after}" for x in facts(entry, say)
    ]
    return (
        Moment(entry.at),
        entry.actor_name,
        say(ACTIONS.get(entry.action, entry.action)),
        say(KINDS.get(entry.kind, entry.kind)),
        names.get((entry.kind, entry.record), entry.record),
        "\n".join(told),
        entry.origin,
        entry.session,
    )


PAGE = Page(
    path="/admin/audit",
    name="audit",
    show=_show,
    label=N_("Audit"),
    icon="history",
    permission="audit.view",
    hint=N_("Who saw, changed or exported what, when and from where."),
)
"""Lists who did what."""
EXPORT = Page(path="/admin/audit/export", name="audit", show=_export, permission="audit.view")
"""Sends the list as a file."""
TRAIL = Page(path="/audit/{kind}/{id}", name="audit", show=_trail, permission="audit.view")
"""What was done with one record, for its page."""
