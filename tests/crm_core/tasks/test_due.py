"""Days end where the site is; a list is cut into what is late, today's and later."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from crm_core.tasks.due import bucket, checked_moment, end_of_day
from crm_core.tasks.model import Task
from cti.kernel.errors import InvalidError

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=TEHRAN).timestamp()
ONE = Task("1", "t", "", "u", "U", None, None, None, None, 1.0, "u", "U")


def test_the_end_of_a_day() -> None:
    assert end_of_day("2026-11-22", TEHRAN) == dt.datetime(2026, 11, 23, tzinfo=TEHRAN).timestamp()


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "today", ""])
def test_no_day(day: str) -> None:
    with pytest.raises(InvalidError):
        end_of_day(day, TEHRAN)


@pytest.mark.parametrize("at", [-1.0, 1e12, float("inf")])
def test_no_moment(at: float) -> None:
    with pytest.raises(InvalidError):
        checked_moment(at)


@pytest.mark.parametrize(
    ("due_at", "expected"),
    [
        (None, "someday"),
        (NOON - 1, "overdue"),
        (NOON + 60, "today"),
        (end_of_day("2026-11-22", TEHRAN), "today"),
        (end_of_day("2026-11-22", TEHRAN) + 1, "later"),
    ],
)
def test_buckets(due_at: float | None, expected: str) -> None:
    assert bucket(msgspec.structs.replace(ONE, due_at=due_at), NOON, TEHRAN) == expected
