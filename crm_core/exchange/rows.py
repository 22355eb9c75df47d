"""What every reader gives: rows of text, and how much it may take to read them.

Neighbours: ``csv_file``, ``xlsx_file`` and ``vcard_file`` read, ``reading`` chooses among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

Format = Literal["csv", "xlsx", "vcard"]
Delimiter = Literal["", ",", ";", "\t", "|"]

LONGEST_CELL = 10_000
"""Characters of a cell that are kept: a note may be long, a megabyte in one is a mistake."""
MOST_COLUMNS = 300

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Limits(msgspec.Struct, frozen=True):
    """What a file may ask of us. ``ratio``: how many times larger a part of a workbook may be than it is packed."""

    file_bytes: int = 200 * 2**20
    unpacked_bytes: int = 2 * 2**30
    shared_bytes: int = 256 * 2**20
    ratio: int = 200
    entries: int = 2_000
    sheets: int = 200
    rows: int = 2_000_000
    line: int = 1_000_000
    memory_bytes: int = 2 * 2**30


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is to be read, where it was told; empty: guessed. ``header``: the row that names the columns (the
    first is 1), 0 for a file without one."""

    encoding: str = ""
    delimiter: Delimiter = ""
    sheet: str = ""
    header: int | None = None


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """``number`` as a spreadsheet counts it, the first being 1; of a vCard file: which card."""

    number: int
    cells: tuple[str, ...]


@dataclass
class Table:
    """An opened file. ``rows`` gives the rows after ``header_row`` once, in order, blank ones left out."""

    format: Format
    choices: Choices
    headers: tuple[str, ...]
    rows: Iterator[Row]
    sheets: tuple[str, ...] = ()
    damaged: bool = False
    """Some characters could not be read in the encoding."""


def clean(text: str) -> str:
    """A cell's text as it may be kept: no control characters, no blanks around, not endless."""
    if len(text) > LONGEST_CELL:
        text = text[:LONGEST_CELL]
    if text.isprintable():
        return text.strip()
    return _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").strip()
