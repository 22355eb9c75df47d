"""Files as people send them: made here, so that what is wrong with each can be read beside it."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from openpyxl import Workbook

TITLE = ("فهرست مشتریان شرکت آزمون", None, None, None, None, None, None, None)
HEADER = ("ردیف", "نام و نام‌خانوادگي", "تلفن همراه", "تلفن ثابت ", "شركت", "E-mail", "كد ملي", "تاریخ تولد", "توضیحات")
DIRTY: tuple[tuple[object, ...], ...] = (
    (1, " علي  رضايي ", 9121234567, "021-88664523 داخلی 12", "پارس‌گستر", "Ali@Example.com", 84575948, "1365/02/14",
        None),
    (2, "مریم رستگار", "۰۹۳۵ ۱۲۳ ۴۵۶۷", 2188664523.0, "پارس گستر", "", "", dt.datetime(1990, 5, 4), "خوش‌حساب"),
    (3, "=HYPERLINK(\"http://evil\")", "0912 765 4321 / 09351112233", "", "", "", "", "",
        "<script>alert(1)</script>"),
    (None, None, None, None, None, None, None, None, None),
    (4, "حسن کریمی", "شماره ندارد", "", "", "hassan@", "", "", ""),
    (5, "", "09121110000", "", "", "", "", "", "بی‌نام"),
    (6, "علی رضایی", "+98 912 123 4567", "", "", "", "", "", "باز هم علی"),
    (7, "سارا\u200f نوری", "9.12E+09", "", "", "", "", "", ""),
    (8, "زهرا موسوی", "", "02188664523", "شرکت البرز", "", "", "۱۳۷۰/۱۳/۴۵", ""),
    (9, "", "", "021 2222 3333", "بازرگانی نور", "", "", "", ""),
    (10, "علی رضایی", "", "02188664523", "پارس گستر", "", "", "", ""),
)  # fmt: skip
"""Row 3 of the sheet is its first: title and header stand above."""


def dirty_xlsx(path: Path) -> Path:
    """Everything wrong in one: a title above the header, Arabic letters, lost zeros, dates of both calendars, formulas,
    two numbers in a cell, nothing where a name should be, the same man twice,
    a cell of Excel's that lost its digits."""
    book = Workbook()
    book.active.title = "خالی"
    sheet = book.create_sheet("مشتریان")
    sheet.append(TITLE)
    sheet.append(HEADER)
    for row in DIRTY:
        sheet.append(row)
    book.save(path)
    return path


def csv_file(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = "".join(
        delimiter.join(f'"{cell}"' if set(cell) & set(',;"\n') else cell for cell in row) + "\r\n" for row in rows
    )
    path.write_bytes(text.encode(encoding))
    return path


def many(path: Path, count: int, *, first: int = 0) -> Path:
    """``count`` contacts, none like another."""
    with path.open("w", encoding="utf-8") as out:
        out.write("نام,نام خانوادگی,موبایل,تلفن,شرکت,ایمیل,شهر,برچسب\n")
        for n in range(first, first + count):
            out.write(
                f"مهدی,گل‌محمدی {n},0912{n:07},021{22_000_000 + n * 7},شرکت {n % 50},m{n}@example.com,تهران,مشتری\n"
            )
    return path


def bomb(path: Path, megabytes: int) -> Path:
    """A workbook of a few kilobytes that unpacks to ``megabytes``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(b" " * 2**20)
    return path


async def pieces(path: Path, size: int = 65_536) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece
