"""Dates, durations, numbers and phone numbers as each language writes them.

The table of it is §8 of the design, and ``tests/web/test_format.py`` holds every
cell. Persian has Jalali dates and Persian digits unless the reader chose otherwise; digits
are written here by the server and never by a font.
Neighbours: ``web.i18n`` translates words, ``web.dates`` reads what people type.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

import jdatetime
import phonenumbers

from screenpop.presenter import shown

_PERSIAN = str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

JALALI, GREGORIAN = "jalali", "gregorian"
MONTHS = {
    ("fa", JALALI): (
        *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
        *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    ),
    ("en", GREGORIAN): ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ("fa", GREGORIAN): (
        *("ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن"),
        *("ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"),
    ),
    ("en", JALALI): (
        *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
        *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
    ),
}
WEEKDAYS = {  # Monday first, as datetime.weekday counts
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MINUS = "\N{MINUS SIGN}"
HOUR = 3600


class Formats:
    """How one reader sees things. ``translate`` gives the reader's words; ``now`` is epoch seconds.

    ``calendar`` (jalali, gregorian) and ``digits`` (persian, latin) are his choice; empty: as his language has them.
    """

    def __init__(
        self,
        language: str,
        timezone: str,
        region: str,
        translate: Callable[[str], str],
        now: Callable[[], float],
        *,
        calendar: str = "",
        digits: str = "",
    ) -> None:
        self.language = language
        self.calendar = calendar or (JALALI if language == "fa" else GREGORIAN)
        self.persian = (digits or ("persian" if language == "fa" else "latin")) == "persian"
        self._months = MONTHS[language, self.calendar]
        self.zone = ZoneInfo(timezone)
        self.region = region
        self._ = translate
        self._now = now

    # ---- numbers ------------------------------------------------------------------------------

    def digits(self, text: object) -> str:
        """Digits of a code or clock; its other characters stay."""
        return str(text).translate(_PERSIAN_DIGITS) if self.persian else str(text)

    def number(self, value: float, places: int = 0) -> str:
        text = f"{abs(value):,.{places}f}"
        sign = MINUS if value < 0 and text.strip("0.,") else ""
        return sign + (text.translate(_PERSIAN) if self.persian else text)

    def percent(self, share: float, places: int = 0) -> str:
        """``share`` 0.836 -> 83.6% with one place."""
        return self.number(share * 100, places) + ("٪" if self.persian else "%")

    def bytes(self, size: int) -> str:
        """``1.2 MB``: in thousands, as disks and mails count."""
        for unit, text in ((1_000_000, self._("%(size)s MB")), (1_000, self._("%(size)s kB"))):
            if size >= unit:
                return text % {"size": self.number(size / unit, 1 if size < 10 * unit else 0)}
        return self._("%(size)s B") % {"size": self.number(size)}

    def points(self, value: float) -> str:
        """A change of a share, in percentage points."""
        return self._("%(points)s pt") % {"points": self.number(value, 1)}

    def money(self, rials: int) -> str:
        return self._("%(amount)s rial") % {"amount": self.number(rials)}

    # ---- lengths of time ----------------------------------------------------------------------

    def duration(self, seconds: float | None) -> str:
        """``m:ss`` without a leading zero, ``h:mm:ss`` from an hour; a dash where there is none."""
        if seconds is None:
            return "–"
        whole = int(seconds)
        hours, rest = divmod(whole, HOUR)
        minutes, left = divmod(rest, 60)
        return self.digits(f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}")

    def long_duration(self, seconds: float) -> str:
        hours, minutes = divmod(int(seconds) // 60, 60)
        if not hours:
            return self._("%(minutes)s min") % {"minutes": self.number(minutes)}
        return self._("%(hours)s h %(minutes)s min") % {"hours": self.number(hours), "minutes": self.number(minutes)}

    def ago(self, at: float) -> str:
        """How long ago, under an hour; the time of day, or the date, beyond."""
        passed = self._now() - at
        if passed < 60:
            return self._("just now")
        if passed < HOUR:
            return self._("%(minutes)s min ago") % {"minutes": self.number(int(passed // 60))}
        return self.time(at) if self.day(at) == self.day(self._now()) else f"{self.near(at)} {self.time(at)}"

    # ---- moments ------------------------------------------------------------------------------

    def local(self, at: float) -> dt.datetime:
        return dt.datetime.fromtimestamp(at, self.zone)

    def day(self, at: float) -> str:
        """The local day as the product names it (``2026-11-22``)."""
        return self.local(at).date().isoformat()

    def midday(self, day: str) -> float:
        """A moment within a named day, to write its date by."""
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), self.zone).timestamp()

    def time(self, at: float, seconds: bool = False) -> str:
        return self.digits(self.local(at).strftime("%H:%M:%S" if seconds else "%H:%M"))

    def date(self, at: float) -> str:
        """``۲۸ آبان`` this year, with the year in another."""
        year, month, day = self._ymd(at)
        text = f"{day} {self._months[month - 1]}"
        return self.digits(text if year == self._ymd(self._now())[0] else f"{text} {year}")

    def full(self, at: float) -> str:
        return self._("%(day)s, %(time)s") % {"day": self.full_date(at), "time": self.time(at)}

    def full_date(self, at: float) -> str:
        year, month, day = self._ymd(at)
        weekday = WEEKDAYS[self.language][self.local(at).weekday()]
        return self.digits(f"{weekday} {day} {self._months[month - 1]} {year}")

    def near(self, at: float) -> str:
        """Today, Yesterday, Tomorrow; a weekday within six days; else the date."""
        away = (self.local(at).date() - self.local(self._now()).date()).days
        word = {0: self._("Today"), -1: self._("Yesterday"), 1: self._("Tomorrow")}.get(away)
        if word is not None:
            return word
        return WEEKDAYS[self.language][self.local(at).weekday()] if abs(away) < 7 else self.date(at)

    def day_heading(self, at: float) -> str:
        """Over the rows of a day: ``Today, Sun 22 Nov 2026``."""
        away = (self.local(self._now()).date() - self.local(at).date()).days
        if away not in (0, 1):
            return self.full_date(at)
        return self._("%(word)s, %(date)s") % {"word": self.near(at), "date": self.full_date(at)}

    def field(self, at: float) -> str:
        """As in a field or a file name."""
        year, month, day = self._ymd(at)
        return self.digits(f"{year}/{month:02}/{day:02}" if self.calendar == JALALI else f"{year}-{month:02}-{day:02}")

    def span(self, first: float, last: float) -> str:
        """``15 to 21 Nov 2026``: what both ends share is written once."""
        (y1, m1, d1), (y2, m2, d2) = self._ymd(first), self._ymd(last)
        months = self._months
        end = f"{d2} {months[m2 - 1]} {y2}"
        if (y1, m1, d1) == (y2, m2, d2):
            return self.digits(end)
        start = str(d1) if (y1, m1) == (y2, m2) else f"{d1} {months[m1 - 1]}" + (f" {y1}" if y1 != y2 else "")
        return self.digits(self._("%(start)s to %(end)s") % {"start": start, "end": end})

    def other_calendar(self, at: float) -> str:
        """The same day in the calendar that the page does not use, for a hint, in that calendar's own language."""
        language = "en" if self.calendar == JALALI else "fa"
        other = Formats(language, str(self.zone), self.region, self._, self._now)
        return other.full_date(at)

    def _ymd(self, at: float) -> tuple[int, int, int]:
        local = self.local(at)
        if self.calendar != JALALI:
            return local.year, local.month, local.day
        jalali = jdatetime.date.fromgregorian(date=local.date())
        return jalali.year, jalali.month, jalali.day

    # ---- phone numbers ------------------------------------------------------------------------

    def phone(self, number: str | None, raw: str | None) -> str:
        """As people here write it, in the reader's digits; empty if withheld."""
        return self.digits(phone(number, raw, self.region))


@lru_cache(maxsize=16384)
def phone(number: str | None, raw: str | None, region: str) -> str:
    """National form for the region's own numbers, international for others, Latin digits; short
    numbers (extensions, service codes) as they are; empty if withheld."""
    if number:
        try:
            parsed = phonenumbers.parse(number, None)
        except phonenumbers.NumberParseException:
            return shown(raw, 32) or ""
        ours = phonenumbers.region_code_for_number(parsed) == region
        kind = phonenumbers.PhoneNumberFormat.NATIONAL if ours else phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(parsed, kind)
    return shown(raw, 32) or ""
