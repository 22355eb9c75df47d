"""What people type as a day."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.web.sample import NOW, ZONE
from web.dates import end_of, read_day, start_of


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1405/09/01", "2026-11-22"),
        ("۱۴۰۵/۰۹/۰۱", "2026-11-22"),
        ("۱۴۰۵-۹-۱", "2026-11-22"),
        ("1405.9.1", "2026-11-22"),
        ("2026-11-22", "2026-11-22"),
        ("٢٠٢٦/١١/٢٢", "2026-11-22"),
        ("1403/12/30", "2025-03-20"),
        (" today ", "2026-11-22"),
        ("امروز", "2026-11-22"),
        ("دیروز", "2026-11-21"),
        ("Yesterday", "2026-11-21"),
    ],
)
def test_days_are_read(typed: str, day: str) -> None:
    assert read_day(typed, NOW, ZONE) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("typed", ["", "1405", "1405/13/01", "1405/12/30", "2026-02-30", "22/11/2026", "soon", "0/0/0"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed, NOW, ZONE) is None


def test_a_day_reaches_from_midnight_to_midnight() -> None:
    day = dt.date(2026, 11, 22)
    assert dt.datetime.fromtimestamp(start_of(day, ZONE), ZONE).isoformat() == "2026-11-22T00:00:00+03:30"
    assert end_of(day, ZONE) - start_of(day, ZONE) == 86400
    summer = dt.date(2022, 3, 22)  # the last year in which Iran's clocks were put forward
    assert end_of(summer - dt.timedelta(days=1), ZONE) - start_of(summer - dt.timedelta(days=1), ZONE) in (82800, 86400)
