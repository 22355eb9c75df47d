"""CEL and CDR from the CSV files that Asterisk writes into ``/var/log/asterisk``.

Forms: with a header line (our lab's and many sites'), ``cdr_csv``'s own ``cdr-csv/Master.csv``, and the samples
of ``cdr_custom.conf`` and ``cel_custom.conf``. Which of them a file is, its first lines tell. Files only grow, so a
period is found by bisection: a year of CEL costs no more than its last hour.

Neighbours: ``rows`` defines what comes out; ``source`` asks for periods.
"""

from __future__ import annotations

import csv
import datetime as dt
import logging
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec

from ami_listener.truth.rows import CdrRow, CelRow, Moments, Rows, cdr_row, cel_row

log = logging.getLogger(__name__)

Kind = Literal["cel", "cdr"]

# Columns of files without a header line.
_CDR_MASTER = """
    accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec
    disposition amaflags uniqueid userfield
"""
# cdr_csv.c; the last two only with loguniqueid and loguserfield.
CDR_MASTER = tuple(_CDR_MASTER.split())
_CDR_CUSTOM = """
    clid src dst dcontext channel dstchannel lastapp lastdata start answer end duration billsec disposition amaflags
    accountcode uniqueid userfield sequence
"""
# cdr_custom.conf.sample
CDR_CUSTOM = tuple(_CDR_CUSTOM.split())
_CEL_CUSTOM = """
    eventtype eventtime cid_name cid_num cid_ani cid_rdnis cid_dnid exten context channame appname appdata amaflags
    accountcode uniqueid linkedid peer userfield userdeftype extra
"""
# cel_custom.conf.sample
CEL_CUSTOM = tuple(_CEL_CUSTOM.split())

_DISPOSITIONS = frozenset(("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"))
_DISORDER_SECONDS = 7200.0
"""A CDR is written when it ends and dated by its start, so rows are not in the order of their times."""
_AHEAD_SECONDS = 120.0
"""How far beyond its end a part of a period is read on, for rows written a little late."""
_BLOCK = 1 << 16


class CsvFile(msgspec.Struct, frozen=True):
    path: Path
    kind: Kind
    columns: tuple[str, ...]
    header: bool


def find_files(folder: Path) -> list[CsvFile]:
    """The CEL and CDR files in ``folder`` and in the folders in it. Other files are passed over."""
    paths = sorted((*folder.glob("*.csv"), *folder.glob("*/*.csv")))
    return [file for file in map(recognise, paths) if file is not None]


def recognise(path: Path) -> CsvFile | None:
    """What this file holds, by its first line; None if it is neither CEL nor CDR, or empty."""
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        first = next(csv.reader(lines), None)
    if not first:
        return None
    names = tuple(cell.strip().lower() for cell in first)
    if "eventtype" in names:
        return CsvFile(path, "cel", names, True)
    if "disposition" in names:
        return CsvFile(path, "cdr", names, True)
    for kind, columns, at in (("cdr", CDR_MASTER, 14), ("cdr", CDR_CUSTOM, 13)):
        if len(first) > at and first[at].upper() in _DISPOSITIONS:
            return CsvFile(path, kind, columns, False)  # type: ignore[arg-type]
    if len(first) >= 16 and first[0].isupper() and "_" in first[0] + "_":
        return CsvFile(path, "cel", CEL_CUSTOM, False)
    return None


def read_folder(folder: Path, zone: dt.tzinfo, since: float, until: float, ahead: float = 0.0) -> Rows:
    """All rows of this period (our clock; ``until`` exclusive). Raises ``OSError`` if the folder cannot be read."""
    return Passage(folder, zone, since, until, ahead).rest()


class Passage:
    """One way through the rows of a period, part by part; each line is read once. Raises ``OSError``."""

    def __init__(self, folder: Path, zone: dt.tzinfo, since: float, until: float, ahead: float = 0.0) -> None:
        moments = Moments(zone, ahead)
        self._files = [_Passing(file, moments, since, until) for file in find_files(folder)]

    def take(self, until: float) -> Rows:
        """The rows before ``until`` that were not taken yet; a row dated long before its line comes when it comes."""
        found = [row for file in self._files for row in file.take(until)]
        return Rows([r for r in found if isinstance(r, CelRow)], [r for r in found if isinstance(r, CdrRow)])

    def rest(self) -> Rows:
        """All that were not taken yet."""
        try:
            return self.take(float("inf"))
        finally:
            self.close()

    def close(self) -> None:
        for file in self._files:
            file.close()


class _Passing:
    """One file, read on as far as a part needs it."""

    def __init__(self, file: CsvFile, moments: Moments, since: float, until: float) -> None:
        self._file, self._moments, self._since, self._until = file, moments, since, until
        self._lines = _rows(file, moments, since)
        self._early: list[CelRow | CdrRow] = []
        self._damaged = 0

    def take(self, until: float) -> list[CelRow | CdrRow]:
        early, self._early = self._early, []
        found: list[CelRow | CdrRow] = []
        for row in chain(early, self._read(until + _AHEAD_SECONDS)):
            (found if _dated(row) < until else self._early).append(row)
        return found

    def _read(self, until: float) -> Iterator[CelRow | CdrRow]:
        for given in self._lines:
            row = None if given is None else _row(self._file, given, self._moments)
            if row is None:
                self._damaged += 1
                continue
            if self._since <= _dated(row) < self._until:
                yield row
            if (row.at if isinstance(row, CelRow) else row.end) >= until:
                return

    def close(self) -> None:
        self._lines.close()
        if self._damaged:
            log.warning("%s: %d lines cannot be read", self._file.path, self._damaged)


def _dated(row: CelRow | CdrRow) -> float:
    return row.at if isinstance(row, CelRow) else row.start


def _row(file: CsvFile, given: dict[str, str], moments: Moments) -> CelRow | CdrRow | None:
    try:
        return cel_row(given, moments) if file.kind == "cel" else cdr_row(given, moments)
    except ValueError:
        return None


def begins(folder: Path, zone: dt.tzinfo) -> float | None:
    """The oldest moment of which there is any row, by the first row of each file."""
    moments = Moments(zone)
    found = []
    for file in find_files(folder):
        with file.path.open("rb") as data:
            if file.header:
                data.readline()
            found.append(_time_of(file, moments, data.readline()))
    return min((at for at in found if at is not None), default=None)


def _rows(file: CsvFile, moments: Moments, since: float) -> Generator[dict[str, str] | None]:
    """Rows from about ``since`` on, None for a damaged one.

    Each line is read by itself, so that a stray quote costs one line and not all that follow. A last line without its
    end is still being written, and left for next time.
    """
    with file.path.open("rb") as data:
        data.seek(_offset(file, moments, since - _DISORDER_SECONDS))
        for line in data:
            if not line.endswith(b"\n"):
                return
            try:
                cells = next(csv.reader([line.decode("utf-8", "replace")]), [])
            except csv.Error:
                yield None
                continue
            if cells and not (file.header and cells[0].lower() == file.columns[0]):
                yield dict(zip(file.columns, cells, strict=False))


def _offset(file: CsvFile, moments: Moments, since: float) -> int:
    """Where to begin: the start of a line before which every line is older than ``since``."""
    low, high = 0, file.path.stat().st_size
    with file.path.open("rb") as data:
        while high - low > _BLOCK:
            middle = (low + high) // 2
            data.seek(middle)
            data.readline()
            at = _time_of(file, moments, data.readline())
            if at is not None and at < since:
                low = middle
            else:
                high = middle
        data.seek(low)
        if low:
            data.readline()
        return data.tell()


def _time_of(file: CsvFile, moments: Moments, line: bytes) -> float | None:
    try:
        given = dict(zip(file.columns, next(csv.reader([line.decode("utf-8", "replace")])), strict=False))
        return moments.read(given.get("eventtime") or given.get("start") or given.get("calldate"))
    except (StopIteration, ValueError, csv.Error):
        return None
