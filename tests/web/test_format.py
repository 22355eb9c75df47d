"""Every cell of the design's table of dates and numbers (§8), in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tests.web.sample import ZONE
from web.format import MONTHS, Formats, phone
from web.i18n import translations

AT = dt.datetime(2026, 11, 22, 10, 36, tzinfo=ZONE).timestamp()
DAY = 86400


def formats(language: str) -> Formats:
    return Formats(language, "Asia/Tehran", "IR", translations(language).gettext, lambda: AT)


CELLS: tuple[tuple[str, Callable[[Formats], str], str, str], ...] = (
    ("full", lambda f: f.full(AT), "یکشنبه ۱ آذر ۱۴۰۵، ۱۰:۳۶", "Sun 22 Nov 2026, 10:36"),
    ("this year", lambda f: f.date(AT - 3 * DAY), "۲۸ آبان", "19 Nov"),
    ("another year", lambda f: f.date(AT - 384 * DAY), "۱۲ آبان ۱۴۰۴", "3 Nov 2025"),
    ("today", lambda f: f.near(AT), "امروز", "Today"),
    ("yesterday", lambda f: f.near(AT - DAY), "دیروز", "Yesterday"),
    ("tomorrow", lambda f: f.near(AT + DAY), "فردا", "Tomorrow"),
    ("this week", lambda f: f.near(AT + 2 * DAY), "سه‌شنبه", "Tue"),
    ("further", lambda f: f.near(AT - 7 * DAY), "۲۴ آبان", "15 Nov"),
    ("field", lambda f: f.field(AT), "۱۴۰۵/۰۹/۰۱", "2026-11-22"),
    ("range", lambda f: f.span(AT - 7 * DAY, AT - DAY), "۲۴ تا ۳۰ آبان ۱۴۰۵", "15 to 21 Nov 2026"),
    ("range over months", lambda f: f.span(AT - DAY, AT + 9 * DAY), "۳۰ آبان تا ۱۰ آذر ۱۴۰۵", "21 Nov to 1 Dec 2026"),
    ("range of a day", lambda f: f.span(AT, AT), "۱ آذر ۱۴۰۵", "22 Nov 2026"),
    ("ago", lambda f: f.ago(AT - 5 * 60), "۵ دقیقه پیش", "5 min ago"),
    ("just now", lambda f: f.ago(AT - 5), "هم‌اکنون", "just now"),
    ("hours ago", lambda f: f.ago(AT - 7200), "۰۸:۳۶", "08:36"),
    ("days ago", lambda f: f.ago(AT - DAY), "دیروز ۱۰:۳۶", "Yesterday 10:36"),
    ("duration", lambda f: f.duration(384), "۶:۲۴", "6:24"),
    ("duration of seconds", lambda f: f.duration(6.9), "۰:۰۶", "0:06"),
    ("duration of hours", lambda f: f.duration(61 * 3600 + 18 * 60 + 40), "۶۱:۱۸:۴۰", "61:18:40"),
    ("no duration", lambda f: f.duration(None), "–", "–"),
    ("long", lambda f: f.long_duration(7 * 3600 + 600), "۷ س ۱۰ د", "7 h 10 min"),
    ("long, minutes", lambda f: f.long_duration(600), "۱۰ دقیقه", "10 min"),
    ("money", lambda f: f.money(184_500_000), "۱۸۴٬۵۰۰٬۰۰۰ ریال", "184,500,000 rial"),
    ("share", lambda f: f.percent(0.836, 1), "۸۳٫۶٪", "83.6%"),
    ("whole share", lambda f: f.percent(0.83), "۸۳٪", "83%"),
    ("size", lambda f: f.bytes(280_000), "۲۸۰ کیلوبایت", "280 kB"),
    ("large size", lambda f: f.bytes(1_250_000), "۱٫۲ مگابایت", "1.2 MB"),
    ("change", lambda f: f.points(1.9), "۱٫۹ واحد", "1.9 pt"),
    ("fall", lambda f: f.points(-1.9), "\N{MINUS SIGN}۱٫۹ واحد", "\N{MINUS SIGN}1.9 pt"),
    ("no minus before zero", lambda f: f.number(-0.04, 1), "۰٫۰", "0.0"),
    ("mobile", lambda f: f.phone("+989123456789", "09123456789"), "۰۹۱۲ ۳۴۵ ۶۷۸۹", "0912 345 6789"),
    ("landline", lambda f: f.phone("+982191004500", "91004500"), "۰۲۱ ۹۱۰۰ ۴۵۰۰", "021 9100 4500"),
    ("foreign", lambda f: f.phone("+49301234567", ""), "+۴۹ ۳۰ ۱۲۳۴۵۶۷", "+49 30 1234567"),
    ("extension", lambda f: f.phone(None, "205"), "۲۰۵", "205"),
    ("withheld", lambda f: f.phone(None, None), "", ""),
    ("heading of today", lambda f: f.day_heading(AT), "امروز، یکشنبه ۱ آذر ۱۴۰۵", "Today, Sun 22 Nov 2026"),
    ("heading of another day", lambda f: f.day_heading(AT - 2 * DAY), "جمعه ۲۹ آبان ۱۴۰۵", "Fri 20 Nov 2026"),
    ("other calendar", lambda f: f.other_calendar(AT), "Sun 22 Nov 2026", "یکشنبه ۱ آذر ۱۴۰۵"),
)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell[0])
def test_the_table(cell: tuple[str, Callable[[Formats], str], str, str]) -> None:
    _, write, persian, english = cell
    assert write(formats("fa")) == persian
    assert write(formats("en")) == english


def test_a_day_begins_at_the_sites_midnight() -> None:
    midnight = dt.datetime(2026, 11, 22, 0, 0, tzinfo=ZONE).timestamp()
    assert formats("fa").day(midnight) == "2026-11-22"
    assert formats("fa").day(midnight - 1) == "2026-11-21"


def test_a_number_that_is_none_is_shown_as_it_came() -> None:
    assert phone("+9", "x<9>", "IR") == "x<9>"
    assert phone(None, "*98\u202e", "IR") == "*98"


@pytest.mark.parametrize(
    ("language", "calendar", "digits", "full", "day"),
    [
        ("fa", "gregorian", "", "یکشنبه ۲۲ نوامبر ۲۰۲۶، ۱۰:۳۶", "۲۰۲۶-۱۱-۲۲"),
        ("fa", "", "latin", "یکشنبه 1 آذر 1405، 10:36", "1405/09/01"),
        ("en", "jalali", "", "Sun 1 Azar 1405, 10:36", "1405/09/01"),
        ("en", "gregorian", "persian", "Sun ۲۲ Nov ۲۰۲۶, ۱۰:۳۶", "۲۰۲۶-۱۱-۲۲"),
    ],
)
def test_calendar_and_digits_are_chosen_apart_from_the_language(
    language: str, calendar: str, digits: str, full: str, day: str
) -> None:
    translate = translations(language).gettext
    f = Formats(language, "Asia/Tehran", "IR", translate, lambda: AT, calendar=calendar, digits=digits)
    assert (f.full(AT), f.field(AT)) == (full, day)
    others = {"jalali": "Sun 22 Nov 2026", "gregorian": "یکشنبه ۱ آذر ۱۴۰۵"}
    assert f.other_calendar(AT) == others[f.calendar]


def test_every_month_has_its_name() -> None:
    assert {len(names) for names in MONTHS.values()} == {12} and len(MONTHS) == 4
