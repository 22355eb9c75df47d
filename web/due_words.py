"""When something is to be done, read out of one line as people write it. Pure.

``فردا ۱۰:۰۰ تماس با انبار``, ``Monday send the offer``, ``۱۴۰۵/۰۹/۰۳ ساعت ۹ پیگیری``.

Only words at the beginning or the end of the line are taken for a date; what is left is the title. Neighbour: ``dates``
reads a date that stands alone.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cti.kernel.persian import latin_digits
from web.dates import read_day

_AHEAD = {
    "امروز": 0, "today": 0, "فردا": 1, "tomorrow": 1, "پس‌فردا": 2, "پسفردا": 2, "پس فردا": 2,
}  # fmt: skip
_WEEKDAYS = {  # Monday is 0
    "دوشنبه": 0, "سه‌شنبه": 1, "سه شنبه": 1, "سهشنبه": 1, "چهارشنبه": 2, "چهار شنبه": 2, "پنجشنبه": 3, "پنج‌شنبه": 3,
    "پنج شنبه": 3, "جمعه": 4, "شنبه": 5, "یکشنبه": 6, "یک‌شنبه": 6, "یک شنبه": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_DAY = "|".join(sorted(map(re.escape, (*_AHEAD, *_WEEKDAYS)), key=len, reverse=True)) + r"|\d{4}[/-]\d{1,2}[/-]\d{1,2}"
_CLOCK = r"(?:(?:ساعت|at)\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?|(?P<h>\d{1,2}):(?P<m>\d{2}))"
_WHEN = rf"(?:(?P<day>{_DAY})(?:\s*[،,]?\s*{_CLOCK})?|{_CLOCK.replace('?P<', '?P<only_')})"
_FIRST = re.compile(rf"^{_WHEN}(?=$|[\s،,:])[\s،,:]*", re.IGNORECASE)
_LAST = re.compile(rf"[\s،,]+(?:تا\s+|by\s+)?{_WHEN}$", re.IGNORECASE)


class Due(NamedTuple):
    """``title``: the line without its date. ``at``: epoch seconds, or ``day`` (``YYYY-MM-DD``) where no time of day was
    said, or neither."""

    title: str
    at: float | None = None
    day: str | None = None


def read(line: str, now: float, zone: ZoneInfo) -> Due:
    """What ``line`` says is to be done, and when."""
    text = latin_digits(line)  # letter by letter, so that places are the same in both
    for found in (_FIRST.match(text), _LAST.search(text)):
        if found is None:
            continue
        rest = (line[: found.start()] + line[found.end() :]).strip(" \t،,:")
        when = _when({key.removeprefix("only_"): value for key, value in found.groupdict().items() if value}, now, zone)
        if rest and when is not None:
            return Due(rest, *when)
    return Due(line.strip())


def _when(said: dict[str, str], now: float, zone: ZoneInfo) -> tuple[float | None, str | None] | None:
    today = dt.datetime.fromtimestamp(now, zone).date()
    day = _day(said["day"].lower(), today, now, zone) if "day" in said else today
    hour = said.get("hour") or said.get("h")
    if day is None:
        return None
    if hour is None:
        return None, day.isoformat()
    try:
        clock = dt.time(int(hour), int(said.get("minute") or said.get("m") or 0))
    except ValueError:
        return None
    at = dt.datetime.combine(day, clock, zone)
    if "day" not in said and at.timestamp() <= now:  # a time of day that has passed is tomorrow's
        at += dt.timedelta(days=1)
    return at.timestamp(), None


def _day(word: str, today: dt.date, now: float, zone: ZoneInfo) -> dt.date | None:
    if word in _AHEAD:
        return today + dt.timedelta(days=_AHEAD[word])
    if word in _WEEKDAYS:
        return today + dt.timedelta(days=(_WEEKDAYS[word] - today.weekday() - 1) % 7 + 1)
    return read_day(word, now, zone)
