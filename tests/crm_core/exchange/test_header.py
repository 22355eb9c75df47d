"""Which row names the columns."""

from __future__ import annotations

import pytest

from crm_core.exchange.header import header_of, names_of
from crm_core.exchange.rows import Row


def rows(*cells: tuple[str, ...]) -> list[Row]:
    return [Row(n, one) for n, one in enumerate(cells, 1)]


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        ((("نام", "موبایل"), ("علی", "09121234567")), 1),
        ((("فهرست مشتریان", ""), ("", ""), ("نام", "تلفن"), ("علی", "02188664523")), 3),
        ((("علی رضایی", "09121234567"), ("مریم", "09121234568")), 0),
        ((("foo", "bar"), ("علی رضایی", "09121234567")), 1),
        ((("09121234567",), ("09121234568",)), 0),
        ((("موبایل",), ("09121234568",)), 1),
        ((), 0),
    ],
)
def test_header(cells: tuple[tuple[str, ...], ...], number: int) -> None:
    assert header_of(rows(*cells)) == number


def test_columns_without_a_name_are_there_too() -> None:
    assert names_of(Row(1, ("a", "")), 4) == ("a", "", "", "")
    assert names_of(None, 2) == ("", "")
