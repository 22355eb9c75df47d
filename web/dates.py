"""What people type as a day, read: Jalali or Gregorian, Persian or Latin digits, or a word.

``1405/09/01``, ``۱۴۰۵-۹-۱``, ``2026-11-22``, ``today``, ``دیروز``. A year before 1700 is Jalali: no
call was ever made then. Neighbour: ``web.format`` writes what this reads.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import jdatetime

from cti.live.numbers import latin_digits

_DAY = re.compile(r"(\d{4})[/.\-\s](\d{1,2})[/.\-\s](\d{1,2})")
_WORDS = {"today": 0, "امروز": 0, "yesterday": 1, "دیروز": 1}
_FIRST_GREGORIAN_YEAR = 1700


def read_day(text: str, now: float, zone: ZoneInfo) -> dt.date | None:
    """The day that ``text`` means at ``now``; None if it means none."""
    plain = latin_digits(text).strip().lower()
    if plain in _WORDS:
        return dt.datetime.fromtimestamp(now, zone).date() - dt.timedelta(days=_WORDS[plain])
    if (found := _DAY.fullmatch(plain)) is None:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        if year >= _FIRST_GREGORIAN_YEAR:
            return dt.date(year, month, day)
        gregorian: dt.date = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        return None
    return gregorian


def start_of(day: dt.date, zone: ZoneInfo) -> float:
    """Epoch seconds of the first moment of a local day."""
    return dt.datetime.combine(day, dt.time(), zone).timestamp()


def end_of(day: dt.date, zone: ZoneInfo) -> float:
    """Epoch seconds of the first moment after it (a day may have 23 or 25 hours)."""
    return start_of(day + dt.timedelta(days=1), zone)
