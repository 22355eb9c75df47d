"""What is written is read back as it was, and runs nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from cti.kernel import sheets
from cti.kernel.sheets import Length, Look, Moment, Row, csv_parts, fit, harmless, write_csv, write_xlsx

AT = 1795331197.4  # 2026-11-22 10:36:37 in Tehran
HEADER = ("نام", "شماره", "زمان", "مدت", "روز", "چند", "بله")
ROW: Row = ("سارا", "09121234567", Moment(AT), Length(3725.2), dt.date(2026, 11, 22), 5, True)


async def batches(*rows: Row) -> AsyncIterator[Sequence[Row]]:
    for row in rows:
        yield [row]


async def as_csv(*rows: Row, look: Look | None = None) -> list[list[str]]:
    data = b"".join([part async for part in csv_parts(HEADER, batches(*rows), look or Look())])
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def test_csv() -> None:
    assert await as_csv(ROW, (None, 'a,"b"\nc', 1.5, 2.0, "", "", False)) == [
        list(HEADER),
        ["سارا", "09121234567", "1405/09/01 10:36:37", "1:02:05", "1405/09/01", "5", "1"],
        ["", 'a,"b"\nc', "1.5", "2", "", "", "0"],
    ]
    assert (await as_csv(ROW, look=Look(calendar="gregorian")))[1][2:5] == [
        "2026-11-22 10:36:37", "1:02:05", "2026-11-22",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-2+3|cmd",
        "@SUM(A1)",
        "\t=1",
        "  =1",
        "\u200f=1",
        "\ufeff=HYPERLINK(0)",
        "＝1",
        "\r\n=1",
        "%0",
        "|x",
        "\tx",
    ],
)
async def test_no_text_is_a_formula(text: str, tmp_path: Path) -> None:
    assert harmless(text) == "'" + text
    assert (await as_csv((text,)))[1][0].startswith("'")
    await write_xlsx(tmp_path / "x.xlsx", text, [text], batches((text,)), Look())
    for row in openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0].iter_rows():
        assert {cell.data_type for cell in row} == {"s"}


@pytest.mark.parametrize("text", ["+989121234567", "0912", "-5.5", "a=b", "مریم", "", "x - y"])
def test_plain_texts_stay(text: str) -> None:
    assert harmless(text) == text


async def test_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    await write_xlsx(path, "تماس‌ها [1]", HEADER, batches(ROW), Look(calendar="gregorian"))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.sheet_view.rightToLeft and sheet.title == "تماس‌ها  1"
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert head == list(HEADER)
    assert row[:3] == ["سارا", "09121234567", dt.datetime(2026, 11, 22, 10, 36, 37)]
    assert row[3] == dt.timedelta(hours=1, minutes=2, seconds=5)
    assert row[4:] == [dt.datetime(2026, 11, 22), 5, True]


async def test_xlsx_with_jalali_dates(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    await write_xlsx(path, "", HEADER, batches(ROW), Look(rtl=False))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert not sheet.sheet_view.rightToLeft
    assert [cell.value for cell in sheet[2]][2:5:2] == ["1405/09/01 10:36:37", "1405/09/01"]


async def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 2)
    await write_xlsx(tmp_path / "x.xlsx", "t", ["n"], batches(*((n,) for n in range(5))), Look())
    read = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    assert [[cell.value for cell in sheet["A"]] for sheet in read] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


async def test_hostile_texts(tmp_path: Path) -> None:
    hostile = "<b>\0\x08\ud800" + "x" * 100_000
    await write_xlsx(tmp_path / "x.xlsx", hostile, [hostile], batches((hostile, 10**30, float(7))), Look())
    value = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]["A2"].value
    assert value == fit(hostile) and len(str(value)) == sheets.LONGEST_TEXT
    await write_csv(tmp_path / "x.csv", [hostile], batches((hostile,)), Look())
    assert (tmp_path / "x.csv").read_text("utf-8-sig").count("<b>x") == 2
