"""XLSX: read row by row, with what a workbook may unpack to limited before anything is unpacked.

Formulas are never worked out: the value that the spreadsheet kept beside them is taken. Numbers lose nothing on their
way to text (a mobile that lost its leading zero gets it back where numbers are read); dates become ``YYYY-MM-DD``.

Neighbours: ``header`` finds the names, ``reading`` opens it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from crm_core.exchange.header import header_of, names_of, widest
from crm_core.exchange.rows import MOST_COLUMNS, Choices, Limits, Row, Table, clean
from cti.kernel.errors import N_, InvalidError

_SMALL = 1 << 20
"""A part below this may be packed as tightly as it likes."""
_PROLOGUE = 2_048
_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))
_BROKEN = N_("The workbook is damaged; open it in a spreadsheet program and save it again as .xlsx.")


def open_xlsx(path: Path, choices: Choices, limits: Limits) -> Table:
    """Raises ``InvalidError`` for a workbook that is damaged, too large or made to do harm."""
    from openpyxl import load_workbook

    check(path, limits)
    try:
        # By a file, not its path: openpyxl judges paths by their ending, and ours has none. It stays open for the rows.
        book = load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
    except InvalidError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise InvalidError(_BROKEN) from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or list(book.worksheets)
    if not sheets:
        raise InvalidError(N_("The workbook has no sheet."))
    return _table(_chosen(sheets, choices.sheet, limits), sheets, choices, limits)


def _table(sheet: Any, sheets: list[Any], choices: Choices, limits: Limits) -> Table:
    rows = _rows(sheet, limits)
    first = list(itertools.islice(rows, 50))
    header = header_of(first) if choices.header is None else choices.header
    named = next((row for row in first if row.number == header), None)
    below = (row for row in itertools.chain(first, rows) if row.number > header)
    titles = tuple(str(one.title) for one in sheets)
    return Table("xlsx", Choices(sheet=sheet.title, header=header), names_of(named, widest(first)), below, titles)


def _chosen(sheets: list[Any], title: str, limits: Limits) -> Any:
    """The sheet of that title; without one, the first that has rows."""
    for sheet in sheets:
        if title and sheet.title == title:
            return sheet
    return next((sheet for sheet in sheets[:20] if any(itertools.islice(_rows(sheet, limits), 1))), sheets[0])


def check(path: Path, limits: Limits) -> None:
    """Raises ``InvalidError`` before anything is unpacked that would be too much, and for XML with entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts, limits)
            if "xl/workbook.xml" not in archive.namelist():
                raise InvalidError(N_("This is a zip file, but no .xlsx workbook."))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_prologue(archive, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidError(_BROKEN) from error


def _check_sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    bomb = InvalidError(N_("The workbook unpacks to far more than it should and was not opened; save it as CSV."))
    if len(parts) > limits.entries or sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise bomb
    for part in parts:
        if part.file_size > _SMALL and part.file_size > part.compress_size * limits.ratio:
            raise bomb
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > limits.shared_bytes:
            raise InvalidError(N_("The workbook holds too much text to be opened at once; save it as CSV."))
    if sum(part.filename.startswith("xl/worksheets/") for part in parts) > limits.sheets:
        raise InvalidError(N_("The workbook has more than %(count)s sheets."), count=limits.sheets)


def _check_prologue(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as file:
        beginning = file.read(_PROLOGUE).replace(b"\0", b"").upper()  # UTF-16 too
    if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
        raise InvalidError(N_("The workbook defines entities of its own, as no spreadsheet program does; not opened."))


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    sheet.reset_dimensions()  # what it says of its size may be a lie
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > limits.rows:
                raise InvalidError(N_("The file has more than %(count)s rows; import it in parts."), count=limits.rows)
            cells = tuple(map(text_of, values[:MOST_COLUMNS]))
            if any(cells):
                yield Row(number, cells)
    except (ParseError, ValueError, KeyError, IndexError, zipfile.BadZipFile, EOFError, OverflowError) as error:
        raise InvalidError(_BROKEN) from error


def text_of(value: object) -> str:
    """A cell's value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in _ERRORS else clean(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return str(value)
