"""CSV: encoding and delimiter guessed, quoted line breaks kept, read line by line so that no file is too long.

Neighbours: ``encoding`` guesses the one, ``header`` finds the names, ``reading`` opens it.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from crm_core.exchange.encoding import checked, encoding_of
from crm_core.exchange.header import header_of, names_of, widest
from crm_core.exchange.rows import MOST_COLUMNS, Choices, Delimiter, Limits, Row, Table, clean
from cti.kernel.errors import N_, InvalidError

_PEEK = 65_536
_RECORDS = 60
DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")


def open_csv(path: Path, choices: Choices, limits: Limits) -> Table:
    """Raises ``InvalidError`` for what cannot be read as a table."""
    encoding = checked(choices.encoding) if choices.encoding else encoding_of(path)
    delimiter = choices.delimiter or delimiter_of(_beginning(path, encoding))
    rows = _rows(path, encoding, delimiter, limits)
    first = list(itertools.islice(rows, 50))
    header = header_of(first) if choices.header is None else choices.header
    named = next((row for row in first if row.number == header), None)
    below = (row for row in itertools.chain(first, rows) if row.number > header)
    settled = Choices(encoding=encoding, delimiter=delimiter, header=header)
    damaged = any("\ufffd" in cell for row in first for cell in row.cells)
    return Table("csv", settled, names_of(named, widest(first)), below, damaged=damaged)


def delimiter_of(text: str) -> Delimiter:
    """What parts the columns: with which most records have the same number of fields, and more than one."""
    told = text.split("\n", 1)[0].strip().strip('"').lower()
    if told.startswith("sep=") and told[4:] in DELIMITERS:
        return cast(Delimiter, told[4:])
    return max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    try:
        records = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _RECORDS))
    except csv.Error:
        return 0.0, 0
    counts = Counter(len(record) for record in records if any(record))
    if not counts:
        return 0.0, 0
    width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    return (times / counts.total() if width > 1 else 0.0), width


def _beginning(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        try:
            text = file.read(_PEEK)
        except UnicodeError as error:
            raise _unreadable(encoding) from error
    return text if len(text) < _PEEK else text[: text.rfind("\n") + 1] or text


def _rows(path: Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[Row]:
    csv.field_size_limit(limits.line)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(_lines(file, limits), delimiter=delimiter)
        try:
            for number, record in enumerate(reader, 1):
                if number == 1 and record and record[0].strip().lower().startswith("sep="):
                    continue
                cells = tuple(map(_cell, record[:MOST_COLUMNS]))
                if any(cells):
                    yield Row(number, cells)
                _check_count(number, limits)
        except csv.Error as error:
            raise InvalidError(
                N_("Near line %(line)s a cell does not end; perhaps a quotation mark is opened and never closed."),
                line=reader.line_num,
            ) from error
        except UnicodeError as error:
            raise _unreadable(encoding) from error


def _cell(text: str) -> str:
    """Without the apostrophe that keeps a text from running as a formula: exports put it there, spreadsheets hide."""
    kept = clean(text)
    return kept[1:] if kept[:1] == "'" and kept[1:2] in ("=", "+", "-", "@", "|", "%") else kept


def _check_count(number: int, limits: Limits) -> None:
    if number > limits.rows:
        raise InvalidError(N_("The file has more than %(count)s rows; import it in parts."), count=limits.rows)


def _lines(file: io.TextIOWrapper | Iterable[str], limits: Limits) -> Iterator[str]:
    """Lines of a bounded length: a file without line breaks is not read into memory whole."""
    assert isinstance(file, io.TextIOWrapper)
    while line := file.readline(limits.line):
        if len(line) >= limits.line:
            raise InvalidError(
                N_("A line of the file is longer than %(count)s characters; it is no table."), count=limits.line
            )
        yield line.replace("\0", "")


def _unreadable(encoding: str) -> InvalidError:
    return InvalidError(N_("The file cannot be read as %(encoding)s; choose another encoding."), encoding=encoding)
