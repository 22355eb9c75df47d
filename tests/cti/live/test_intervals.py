"""Days and intervals at the site, also where its clock jumps; stretches of time that overlap."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cti.live.intervals import begin_of, begins, day_bounds, day_of, days, midnight, union, within, without

BERLIN, TEHRAN = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tehran")


def of(text: str, zone: ZoneInfo) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2026-03-29", 23),
        (BERLIN, "2026-10-25", 25),
        (BERLIN, "2026-11-22", 24),
        (TEHRAN, "2021-03-22", 23),  # the clock went from 00:00 to 01:00
        (TEHRAN, "2021-09-21", 25),  # and back from 24:00 to 23:00
        (TEHRAN, "2026-11-22", 24),
    ],
)
def test_days_have_their_hours(zone: ZoneInfo, day: str, hours: int) -> None:
    start, end = day_bounds(of(f"{day}T12:00", zone), zone)
    assert (end - start) / 3600.0 == hours
    assert day_of(start, zone).isoformat() == day_of(end - 1, zone).isoformat() == day
    assert midnight(dt.date.fromisoformat(day), zone) == start
    assert len(begins(start, end, 60, zone)) == hours
    assert len(begins(start, end, 15, zone)) == hours * 4


def test_a_time_cut_at_midnights() -> None:
    first, last = of("2026-10-24T12:00", BERLIN), of("2026-10-26T01:00", BERLIN)
    sunday = day_bounds(of("2026-10-25T12:00", BERLIN), BERLIN)  # of 25 hours
    assert days(first, last, BERLIN) == [(first, sunday[0]), sunday, (sunday[1], last)]
    assert days(first, first, BERLIN) == []


def test_intervals_begin_on_the_sites_clock() -> None:
    at = of("2026-11-22T09:44:59.900", TEHRAN)  # whole hours in Tehran are half hours in UTC
    assert begin_of(at, 15, TEHRAN) == of("2026-11-22T09:30", TEHRAN)
    assert begin_of(at, 30, TEHRAN) == of("2026-11-22T09:30", TEHRAN)
    assert begin_of(at, 60, TEHRAN) == of("2026-11-22T09:00", TEHRAN)
    assert begin_of(of("2026-11-22T09:30", TEHRAN), 30, TEHRAN) == of("2026-11-22T09:30", TEHRAN)


def test_the_hour_that_comes_twice_is_two() -> None:
    first = of("2026-10-25T02:30", BERLIN)
    assert begin_of(first + 3600.0, 60, BERLIN) - begin_of(first, 60, BERLIN) == 3600.0


def test_a_period_that_begins_within_an_interval_has_it_too() -> None:
    start = of("2026-11-22T09:10", TEHRAN)
    assert begins(start, start + 1800.0, 30, TEHRAN) == [start - 600.0, start + 1200.0]
    assert begins(start, start, 30, TEHRAN) == []


def test_stretches() -> None:
    assert union([(5.0, 9.0), (1.0, 3.0), (2.0, 4.0), (7.0, 7.0), (9.0, 9.5)]) == [(1.0, 4.0), (5.0, 9.5)]
    assert within([(1.0, 4.0), (5.0, 9.0)], 2.0, 6.0) == 3.0
    assert within([(1.0, 4.0)], 4.0, 9.0) == 0.0
    assert without([(0.0, 10.0)], [(2.0, 3.0), (9.0, 12.0), (-1.0, 0.5)]) == [(0.5, 2.0), (3.0, 9.0)]
    assert without([(0.0, 10.0)], [(0.0, 10.0)]) == []
    assert without([(0.0, 1.0), (2.0, 3.0)], []) == [(0.0, 1.0), (2.0, 3.0)]
