"""When something is due, as people write it; what is no date stays in the title."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from web.due_words import Due, read

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = dt.datetime(2026, 11, 22, 10, 36, tzinfo=TEHRAN).timestamp()  # Sunday, 1405/09/01


def at(day: int, hour: int, minute: int = 0) -> float:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN).timestamp()


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("تماس با انبار", Due("تماس با انبار")),
        ("فردا ۱۰:۰۰ تماس با انبار", Due("تماس با انبار", at(23, 10))),
        ("فردا تماس با انبار", Due("تماس با انبار", None, "2026-11-23")),
        ("تماس با انبار فردا ساعت ۹", Due("تماس با انبار", at(23, 9))),
        ("پس‌فردا، ارسال پیش‌فاکتور", Due("ارسال پیش‌فاکتور", None, "2026-11-24")),
        ("شنبه ۸:۳۰ جلسه", Due("جلسه", at(28, 8, 30))),
        ("یکشنبه جلسه", Due("جلسه", None, "2026-11-29")),
        ("سه‌شنبه جلسه", Due("جلسه", None, "2026-11-24")),
        ("۱۴۰۵/۰۹/۰۳ ساعت ۹ پیگیری", Due("پیگیری", at(24, 9))),
        ("2026-11-30 send the offer", Due("send the offer", None, "2026-11-30")),
        ("tomorrow 10:00 call the warehouse", Due("call the warehouse", at(23, 10))),
        ("Monday at 9 send it", Due("send it", at(23, 9))),
        ("call her by Friday", Due("call her", None, "2026-11-27")),
        ("12:15 lunch", Due("lunch", at(22, 12, 15))),
        ("9:00 report", Due("report", at(23, 9))),
        ("فردا", Due("فردا")),
        ("25:99 impossible", Due("25:99 impossible")),
        ("1405/13/41 no day", Due("1405/13/41 no day")),
        ("فردایی بهتر", Due("فردایی بهتر")),
        ("todays list", Due("todays list")),
        ("", Due("")),
    ],
)
def test_read(line: str, due: Due) -> None:
    assert read(line, NOW, TEHRAN) == due


def test_a_long_line_is_read_at_once() -> None:
    assert read("فردا " + "ا " * 50_000, NOW, TEHRAN).day == "2026-11-23"
