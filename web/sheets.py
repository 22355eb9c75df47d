"""Sends a list as a file, while it is being made: CSV part by part, XLSX when it is whole.

Neighbours: ``cti.kernel.sheets`` writes it; the pages that offer an export give the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from cti.kernel.errors import N_, InvalidError
from cti.kernel.sheets import Batches, Calendar, FileKind, Look, csv_parts, write_xlsx
from web.page import SERVICES, language_of

TYPES: dict[FileKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PART = 256 * 1024


def file_kind(query: Mapping[str, str]) -> FileKind:
    """``format=csv`` or ``xlsx`` of an address; CSV if it says nothing. InvalidError for another."""
    match query.get("format", "csv"):
        case "csv":
            return "csv"
        case "xlsx":
            return "xlsx"
    raise InvalidError(N_("There is no such kind of file; choose csv or xlsx."))


def look_of(request: web.Request) -> Look:
    """Dates as ``calendar=jalali`` or ``gregorian`` says, else as the reader's language has them."""
    language = language_of(request)
    calendars: dict[str, Calendar] = {"jalali": "jalali", "gregorian": "gregorian"}
    usual: Calendar = "jalali" if language == "fa" else "gregorian"
    calendar = calendars.get(request.query.get("calendar", ""), usual)
    return Look(calendar=calendar, zone=request.app[SERVICES].timezone, rtl=language == "fa")


async def send_sheet(
    request: web.Request,
    name: str,
    title: str,
    header: Sequence[str],
    batches: Batches,
    kind: FileKind | None = None,
) -> web.StreamResponse:
    """Answer with the rows as a file (``name`` without its ending), of the look that the address says; of its kind
    too, unless ``kind`` does."""
    kind, look = kind or file_kind(request.query), look_of(request)
    response = web.StreamResponse(headers=_headers(f"{name}.{kind}", kind))
    if kind == "csv":
        await response.prepare(request)
        async for part in csv_parts(header, batches, look):
            await response.write(part)
    else:
        async with _workbook(title, header, batches, look) as path:
            response.content_length = path.stat().st_size
            await response.prepare(request)
            with path.open("rb") as file:
                while part := file.read(_PART):
                    await response.write(part)
    await response.write_eof()
    return response


@asynccontextmanager
async def _workbook(title: str, header: Sequence[str], batches: Batches, look: Look) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tamas-export-") as folder:
        path = Path(folder) / "sheet.xlsx"
        await write_xlsx(path, title, header, batches, look)
        yield path


def _headers(name: str, kind: FileKind) -> dict[str, str]:
    plain = name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return {
        "Content-Type": TYPES[kind],
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }
