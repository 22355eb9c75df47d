"""``/import/{id}/errors``: the rows that were set aside, with the reason beside each: to be mended and imported again.

The columns are the file's own and one more, so that the mended file is read as the first one was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

from crm_core.exchange.model import Import, ImportRow
from cti.kernel.sheets import FileKind, Row
from web import i18n
from web.i18n import N_
from web.import_words import reason
from web.page import SERVICES, Page, actor_of, language_of
from web.sheets import send_sheet

ERROR = N_("Error")
Say = Callable[[str], str]


def reasons(row: ImportRow, headers: Sequence[str], say: Say) -> str:
    """What is wrong with a row, in the reader's language."""
    found = []
    for fault in row.faults:
        text = reason(fault, say)
        header = headers[fault.column] if 0 <= fault.column < len(headers) else ""
        found.append(f"{header}: {text}" if header else text)
    return "\n".join(found)


async def rows(one: Import, parts: AsyncIterator[list[ImportRow]], say: Say) -> AsyncIterator[Sequence[Row]]:
    """The rows of the file: as they were, as long as the header, and what is wrong."""
    headers = one.looked.headers if one.looked is not None else ()
    async for part in parts:
        yield [[*_cells(row, len(headers)), reasons(row, headers, say)] for row in part]


def _cells(row: ImportRow, width: int) -> list[str]:
    return [*row.cells, *[""] * (width - len(row.cells))][:width]


async def _errors(request: web.Request) -> web.StreamResponse:
    exchange, actor = request.app[SERVICES].crm.exchange, actor_of(request)
    one = await exchange.get(actor, request.match_info["id"])
    return await send_errors(request, one)


async def send_errors(request: web.Request, one: Import, kind: FileKind | None = None) -> web.StreamResponse:
    say = i18n.translations(language_of(request)).gettext
    parts = request.app[SERVICES].crm.exchange.faulty(actor_of(request), one.id)
    headers = one.looked.headers if one.looked is not None else ()
    name = f"{one.name.rpartition('.')[0] or one.name}-{say(N_('to mend'))}"
    return await send_sheet(request, name, say(ERROR), [*headers, say(ERROR)], rows(one, parts, say), kind)


PAGE = Page(path="/import/{id}/errors", name="contacts", show=_errors, permission="contacts.import")
