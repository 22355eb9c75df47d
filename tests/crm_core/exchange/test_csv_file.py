"""CSV as spreadsheets and people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.exchange.csv_file import delimiter_of, open_csv
from crm_core.exchange.rows import Choices, Limits, Row
from cti.kernel.errors import InvalidError
from tests.crm_core.exchange.files import csv_file

ROWS = (("نام", "موبایل", "یادداشت"), ("رضایی، علی", "09121234567", "دو\nسطر"), ("", "", ""), ("مریم", "0935", "a;b,c"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_round_trip(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = csv_file(tmp_path / "file", ROWS, delimiter=delimiter, encoding=encoding)
    table = open_csv(path, Choices(), Limits())
    assert table.headers == ROWS[0]
    assert (table.choices.delimiter, table.choices.header) == (delimiter, 1)
    assert list(table.rows) == [Row(2, ROWS[1]), Row(4, ROWS[3])]


def test_windows_1256(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "f", [("نام", "تلفن"), ("كامران گلچين", "021")], encoding="windows-1256", delimiter=";")
    table = open_csv(path, Choices(), Limits())
    assert next(table.rows).cells == ("كامران گلچين", "021")


def test_excels_own_line_that_names_the_delimiter() -> None:
    assert delimiter_of("sep=|\r\na,b|c\r\n") == "|"


def test_told_ways_of_reading_hold(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "f", [("a,b", "c"), ("d,e", "f")], delimiter=";")  # what holds a comma is quoted
    table = open_csv(path, Choices(delimiter=",", header=0), Limits())
    assert table.headers == ("",)
    assert len(list(table.rows)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,phone\n" + '"' + "x" * 200_000, "does not end|longer"),
        ("x" * 200_000, "longer"),
        ("name\n" + "a\n" * 30, "more than 10 rows"),
    ],
)
def test_what_would_take_all_memory_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "f"
    path.write_text(text)
    with pytest.raises(InvalidError, match=said):
        list(open_csv(path, Choices(), Limits(line=100_000, rows=10)).rows)


def test_nuls_and_more_columns_than_anybody_has(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"name,phone\nal\0i,09121234567" + b",x" * 5_000 + b"\n")
    (row,) = open_csv(path, Choices(encoding="utf-8", delimiter=","), Limits()).rows
    assert row.cells[0] == "ali"
    assert len(row.cells) == 300
