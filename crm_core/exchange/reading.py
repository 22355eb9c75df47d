"""Opens a file as a table, by what it holds and not by what it is called.

Neighbours: ``csv_file``, ``xlsx_file``, ``vcard_file``; ``worker`` reads with it in a process of its own.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from crm_core.exchange.csv_file import open_csv
from crm_core.exchange.rows import Choices, Format, Limits, Table
from crm_core.exchange.vcard_file import open_vcards
from crm_core.exchange.xlsx_file import open_xlsx
from cti.kernel.errors import N_, InvalidError

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"GIF8",
    b"\x7fELF",
    b"SQLite format",
)
_OPEN = {"csv": open_csv, "xlsx": open_xlsx, "vcard": open_vcards}


def open_table(path: Path, choices: Choices, limits: Limits) -> Table:
    """Raises ``InvalidError`` that says what to do for a file that is no table, too large or harmful."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise too_large(limits)
    if size == 0:
        raise InvalidError(N_("The file is empty."))
    return _OPEN[format_of(path)](path, choices, limits)


def too_large(limits: Limits) -> InvalidError:
    """What is said of a file over the limit, before it is read."""
    return InvalidError(
        N_("The file is larger than %(size)s MB. Import it in parts, or ask an administrator for a higher limit."),
        size=limits.file_bytes // 2**20,
    )


def format_of(path: Path) -> Format:
    """Raises ``InvalidError`` for what is none of the three."""
    with path.open("rb") as file:
        beginning = file.read(4_096)
    if beginning.startswith(b"PK"):
        return _zipped(path)
    if beginning.startswith(_OLD_OFFICE):
        raise InvalidError(
            N_("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password.")
        )
    if beginning.startswith(_OTHERS):
        raise InvalidError(N_("This is no table. Contacts come from CSV, Excel (.xlsx) and vCard (.vcf) files."))
    return "vcard" if b"BEGIN:VCARD" in beginning.replace(b"\0", b"").upper() else "csv"


def _zipped(path: Path) -> Format:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "mimetype" in archive.namelist()[:3]:
                raise InvalidError(N_("This is an OpenDocument file. Save it as .xlsx or CSV."))
    return "xlsx"
