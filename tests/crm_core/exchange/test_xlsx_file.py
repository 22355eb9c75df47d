"""Workbooks: dirty ones read, harmful ones refused before they unfold."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from crm_core.exchange.rows import Choices, Limits
from crm_core.exchange.xlsx_file import open_xlsx, text_of
from cti.kernel.errors import InvalidError
from tests.crm_core.exchange.files import bomb, dirty_xlsx


def test_a_dirty_workbook(tmp_path: Path) -> None:
    table = open_xlsx(dirty_xlsx(tmp_path / "no-ending"), Choices(), Limits())
    assert table.sheets == ("خالی", "مشتریان")
    assert (table.choices.sheet, table.choices.header) == ("مشتریان", 2)
    assert table.headers[1:3] == ("نام و نام‌خانوادگي", "تلفن همراه")
    rows = list(table.rows)
    assert [row.number for row in rows] == [3, 4, 5, 7, 8, 9, 10, 11, 12, 13]
    assert rows[0].cells[2] == "9121234567"  # as a number, without its zero
    assert rows[1].cells[3] == "2188664523"
    assert rows[1].cells[7] == "1990-05-04"
    assert rows[2].cells[1] == ""  # a formula without a value that was worked out is nothing
    assert rows[2].cells[8] == "<script>alert(1)</script>"


def test_a_sheet_that_was_chosen(tmp_path: Path) -> None:
    assert list(open_xlsx(dirty_xlsx(tmp_path / "f"), Choices(sheet="خالی"), Limits()).rows) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "1"), (9121234567.0, "9121234567"), (1.5, "1.5"), ("#N/A", ""), (" x\0 ", "x"),
        (dt.datetime(2026, 11, 22), "2026-11-22"), (dt.datetime(2026, 11, 22, 8, 5), "2026-11-22 08:05:00"),
        (dt.date(2026, 11, 22), "2026-11-22"), (dt.time(8, 5), "08:05:00"),
    ],
)  # fmt: skip
def test_text_of(value: object, text: str) -> None:
    assert text_of(value) == text


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = bomb(tmp_path / "f", 300)
    assert path.stat().st_size < 2**20
    with pytest.raises(InvalidError, match="unpacks to far more"):
        open_xlsx(path, Choices(), Limits())
    with pytest.raises(InvalidError, match="unpacks to far more"):
        open_xlsx(path, Choices(), Limits(ratio=10**9, unpacked_bytes=2**20))


def archive(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"a.txt": "x"}, "no .xlsx"),
        ({f"x{n}": "" for n in range(60)} | {"xl/workbook.xml": ""}, "unpacks"),
        ({"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'}, "entities"),
        ({"xl/workbook.xml": "<workbook/>", **{f"xl/worksheets/sheet{n}.xml": "" for n in range(9)}}, "8 sheets"),
        ({"xl/workbook.xml": "not xml"}, "damaged"),
    ],
)
def test_what_is_no_honest_workbook_is_refused(tmp_path: Path, parts: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        open_xlsx(archive(tmp_path / "f", parts), Choices(), Limits(entries=50, sheets=8))


def test_a_row_far_down_is_no_reason_to_wait_for_ever(tmp_path: Path) -> None:
    path = dirty_xlsx(tmp_path / "f")
    whole = {name: zipfile.ZipFile(path).read(name).decode() for name in zipfile.ZipFile(path).namelist()}
    name = "xl/worksheets/sheet2.xml"
    whole[name] = whole[name].replace('r="5"', 'r="99999999999"', 1)
    with pytest.raises(InvalidError, match=r"rows|damaged"):
        list(open_xlsx(archive(tmp_path / "g", whole), Choices(), Limits(rows=10_000)).rows)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off(tmp_path: Path, cut: float) -> None:
    data = dirty_xlsx(tmp_path / "f").read_bytes()
    (tmp_path / "g").write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(InvalidError, match="damaged"):
        open_xlsx(tmp_path / "g", Choices(), Limits())
