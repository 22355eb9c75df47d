"""Which row of a table names its columns: lists made by hand begin with a title, or have no names at all.

Neighbours: the readers ask it; ``columns`` knows what columns are called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm_core.exchange.columns import known_header
from crm_core.exchange.rows import MOST_COLUMNS, Row
from cti.kernel.persian import latin_digits

LOOKED_AT = 10
"""How many rows from the top may be titles."""
_DATA = re.compile(r"[+(]?\d[\d\s().\-/+]{4,}|[^@\s]+@[^@\s]+\.[^@\s]+")


def header_of(rows: Sequence[Row]) -> int:
    """The number of the row that names the columns; 0 if none does. ``rows``: the first ones of the table."""
    top = rows[:LOOKED_AT]
    if not top:
        return 0
    known = [(sum(map(_known, row.cells)), -row.number) for row in top]
    best, number = max(known)
    if best >= 2 or (best == 1 and (widest(top) == 1 or not _holds_data(_numbered(top, -number)))):
        return -number
    wide = widest(rows)
    first = next((row for row in top if _filled(row) * 2 >= wide), top[0])
    return 0 if _holds_data(first) or not _holds_data_below(rows, first.number) else first.number


def names_of(row: Row | None, width: int) -> tuple[str, ...]:
    """A name for each column: the header's, made unlike each other; empty where it has none."""
    cells = row.cells if row is not None else ()
    return tuple(cells[n][:200] if n < len(cells) else "" for n in range(min(max(width, len(cells)), MOST_COLUMNS)))


def widest(rows: Sequence[Row]) -> int:
    return max((len(row.cells) for row in rows), default=0)


def _numbered(rows: Sequence[Row], number: int) -> Row:
    return next(row for row in rows if row.number == number)


def _known(cell: str) -> bool:
    return bool(cell) and known_header(cell) is not None


def _filled(row: Row) -> int:
    return sum(map(bool, row.cells))


def _holds_data(row: Row) -> bool:
    """True if a cell is a number or a mail: names of columns are not."""
    return any(_DATA.fullmatch(latin_digits(cell)) for cell in row.cells if cell)


def _holds_data_below(rows: Sequence[Row], number: int) -> bool:
    return any(_holds_data(row) for row in rows if row.number > number)
