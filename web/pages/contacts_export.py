"""``/contacts/export``: the people and companies that the list's filters describe, as CSV, XLSX or vCard.

Neighbours: ``contacts`` shows the same list, ``crm_core.exchange.export`` and ``vcards`` write its rows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from crm_core.exchange import export
from crm_core.exchange.service import Parts
from crm_core.exchange.vcards import MEDIA, vcard
from crm_core.fields.model import OWNERS, FieldDef
from cti.kernel.errors import InvalidError
from cti.kernel.sheets import Row
from web import i18n
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, formats, language_of
from web.pages.files import disposition
from web.people_filters import read
from web.sheets import file_kind, look_of, send_sheet

NAME = "tamas-contacts"


async def _export(request: web.Request) -> web.StreamResponse:
    services, actor, f = request.app[SERVICES], actor_of(request), formats(request)
    fields = [one for kind in OWNERS for one in await services.crm.fields.defined(kind)]
    asked = read(request.query, f, services.clock.now(), actor.id, fields)
    for problem in asked.problems.values():
        raise InvalidError(problem)
    cards = request.query.get("format") == "vcard"
    kind = "vcard" if cards else file_kind(request.query)
    parts = await services.crm.exchange.export(actor, asked.wanted, {"filter": asked.typed, "format": kind})
    day = look_of(request).day(look_of(request).local(services.clock.now()).date()).replace("/", "-")
    if cards:
        return await _send_cards(request, f"{NAME}-{day}.vcf", parts)
    say, language = i18n.translations(language_of(request)).gettext, language_of(request)
    own = list({one.name: one for one in fields}.values())
    rows = _rows(parts, say, language, own, spaced=kind == "csv")
    return await send_sheet(request, f"{NAME}-{day}", say(N_("People")), export.header(say, language, own), rows)


async def _rows(
    parts: Parts, say: export.Say, language: str, fields: Sequence[FieldDef], *, spaced: bool
) -> AsyncIterator[Sequence[Row]]:
    async for part in parts:
        yield [export.row(one, say, language, fields, spaced=spaced) for one in part]


async def _send_cards(request: web.Request, name: str, parts: Parts) -> web.StreamResponse:
    headers = {"Content-Type": MEDIA, "Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    async for part in parts:
        await response.write(b"".join(map(vcard, part)))
    await response.write_eof()
    return response


PAGE = Page(path="/contacts/export", name="contacts", show=_export, permission="contacts.export")
