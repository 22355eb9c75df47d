"""Rows of typed cells as CSV or XLSX: right to left, with Jalali or Gregorian dates, and no cell that runs.

A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` as a formula: in CSV such a text gets an
apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection), in XLSX every text is written as a text.
Rows come in batches and leave as they come; a million need no more memory than one batch.

Neighbours: ``web.sheets`` sends them, ``crm_core.exchange`` and the commands write them.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import jdatetime
import msgspec
import xlsxwriter

Calendar = Literal["jalali", "gregorian"]
FileKind = Literal["csv", "xlsx"]
FILE_KINDS: tuple[FileKind, ...] = ("csv", "xlsx")

ROWS_OF_A_SHEET = 1_048_575
"""Excel's own limit, without the header; what is more goes to a further sheet."""
LONGEST_TEXT = 32_767
"""Excel's own limit for a cell."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_RUNS = (
    "=",
    "+",
    "-",
    "@",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "|",
    "%",
)  # the wide ones are folded by some programs
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EDGES = "".join(map(chr, range(33))) + "\u00a0\u200b\u200e\u200f\ufeff"
_DAY_SECONDS = 86_400.0


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A moment, in epoch seconds: written as date and time of the site."""

    at: float


class Length(msgspec.Struct, frozen=True, gc=False):
    """A length of time in seconds: written as ``h:mm:ss``."""

    seconds: float


Cell = str | int | float | bool | None | Moment | Length | dt.date
Row = Sequence[Cell]
Batches = AsyncIterable[Sequence[Row]]


@dataclass(frozen=True)
class Look:
    """How a sheet is written. ``zone``: the site's time zone; ``rtl``: its first column stands at the right."""

    calendar: Calendar = "jalali"
    zone: str = "Asia/Tehran"
    rtl: bool = True

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def local(self, at: float) -> dt.datetime:
        """The site's time at a moment, to the second, as spreadsheets know it (without a zone)."""
        return dt.datetime.fromtimestamp(round(at), self._zone).replace(tzinfo=None)

    def text(self, cell: Cell) -> str:
        """A cell as text, in Latin digits."""
        match cell:
            case None:
                return ""
            case bool():
                return "1" if cell else "0"
            case str():
                return fit(cell)
            case Moment(at=at):
                local = self.local(at)
                return f"{self.day(local.date())} {local:%H:%M:%S}"
            case Length(seconds=seconds):
                return length(seconds)
            case dt.date():
                return self.day(cell)
            case _:
                return f"{cell:g}" if isinstance(cell, float) and cell == int(cell) else str(cell)

    def day(self, day: dt.date) -> str:
        """``1405/09/01`` or ``2026-11-22``."""
        if self.calendar == "gregorian":
            return f"{day:%Y-%m-%d}"
        jalali = jdatetime.date.fromgregorian(date=day)
        return f"{jalali.year}/{jalali.month:02}/{jalali.day:02}"


def length(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{left:02}"


def fit(text: str) -> str:
    """A text without what no spreadsheet can hold."""
    kept = _UNFIT.sub("", text)
    return kept if len(kept) <= LONGEST_TEXT else kept[: LONGEST_TEXT - 1] + "…"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a plain number (``+98912…``) stays as it is."""
    if text.lstrip(_EDGES).startswith(_RUNS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return "'" + text if text[:1] in ("\t", "\r", "\n") else text


async def csv_parts(header: Sequence[str], batches: Batches, look: Look) -> AsyncIterator[bytes]:
    """CSV as RFC 4180 has it, in UTF-8 with the mark that Excel asks for, part by part."""
    yield b"\xef\xbb\xbf" + _csv([header], look)
    async for batch in batches:
        yield await asyncio.to_thread(_csv, batch, look)


def _csv(rows: Sequence[Row], look: Look) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(text) if isinstance(cell, str) else text for cell, text in _texts(row, look)])
    return out.getvalue().encode()


def _texts(row: Row, look: Look) -> list[tuple[Cell, str]]:
    return [(cell, look.text(cell)) for cell in row]


async def write_csv(path: Path, header: Sequence[str], batches: Batches, look: Look) -> None:
    """The whole file at ``path``."""
    with path.open("wb") as out:
        async for part in csv_parts(header, batches, look):
            await asyncio.to_thread(out.write, part)


async def write_xlsx(path: Path, title: str, header: Sequence[str], batches: Batches, look: Look) -> None:
    """The whole workbook at ``path``; its sheet is called ``title``."""
    book = _Book(path, title, header, look)
    try:
        async for batch in batches:
            await asyncio.to_thread(book.add, batch)
    finally:
        await asyncio.to_thread(book.close)


class _Book:
    """XlsxWriter in ``constant_memory``: each row is written out when the next begins."""

    def __init__(self, path: Path, title: str, header: Sequence[str], look: Look) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options | {"in_memory": False})
        self._title, self._header, self._look = _sheet_name(title), header, look
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._length = self._book.add_format({"num_format": "[h]:mm:ss"})
        self._sheets = 0
        self._begin()

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._row > ROWS_OF_A_SHEET:
                self._begin()
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._row += 1

    def close(self) -> None:
        self._book.close()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        if self._look.rtl:
            self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(self._header) - 1), 18)
        for column, text in enumerate(self._header):
            self._sheet.write_string(0, column, fit(text), self._bold)
        self._row = 1

    def _write(self, column: int, cell: Cell) -> None:
        at: tuple[Any, Any] = self._row, column
        gregorian = self._look.calendar == "gregorian"
        match cell:
            case None:
                return
            case bool():
                self._sheet.write_boolean(*at, cell)
            case int() | float():
                self._sheet.write_number(*at, cell)
            case Length(seconds=seconds):
                self._sheet.write_number(*at, round(seconds) / _DAY_SECONDS, self._length)
            case Moment(at=moment) if gregorian:
                self._sheet.write_datetime(*at, self._look.local(moment), self._moment)
            case dt.date() if gregorian:
                self._sheet.write_datetime(*at, cell, self._day)
            case _:
                self._sheet.write_string(*at, self._look.text(cell))


def _sheet_name(title: str) -> str:
    """What Excel takes as a sheet's name (ECMA-376 leaves it open; Excel: 31 characters, none of these)."""
    return re.sub(r"[\[\]:*?/\\']", " ", fit(title)).strip()[:25] or "1"
