"""A period against figures worked out by hand: the whole day, its intervals, one queue, one agent, a DST change."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cti.live.agents import Noted
from cti.live.counted import facts_of
from cti.live.figures import FigureRules
from cti.live.intervals import day_bounds, days
from cti.live.period import Asked, Period
from cti.live.shifts import shifts_of
from cti.live.tally import Tally
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B, C, at

TEHRAN = ZoneInfo("Asia/Tehran")
NOON_AFTER = day.NEXT + 12 * 3600.0


def period(asked: Asked, now: float = NOON_AFTER, zone: ZoneInfo = TEHRAN) -> Period:
    """Of the table, in two pages, a day at a time."""
    made = Period(asked, FigureRules(), zone, now)
    facts = [facts_of(record, day.people(record)) for record in day.records()]
    for start, end in days(asked.start, asked.end, zone):
        tally = Tally(start, end, shifts_of(day.noted()), zone, now)
        tally.add(facts[:5])
        tally.add(facts[5:])
        made.add(tally.counts())
    return made


def test_a_day_by_hand() -> None:
    told = period(Asked(start=day.DAY, end=day.NEXT, minutes=30)).told()
    sales, support = told["queues"]
    assert sales == {"pbx": "main", "queue": "sales", **day.SALES}
    assert support == {"pbx": "main", "queue": "support", **day.SUPPORT}
    assert told["agents"] == [
        {"agent": A, **day.OF_A},
        {"agent": B, **day.OF_B},
        {"agent": C, **day.OF_C},
    ]
    assert (told["total"]["offered"], told["total"]["service_level"]) == (11, 71.4)  # 5 / (6 + 2 − 1)
    assert len(told["intervals"]) == 48
    assert told["intervals"][18] == {"start": at("09:00:00"), **day.AT_NINE}
    assert told["intervals"][19]["moved"] == 2, "6 and 7 joined support at half past nine"
    empty = told["intervals"][24]
    assert [empty[name] for name in ("service_level", "abandon_rate", "asa", "aht", "acw")] == [None] * 5
    assert sum(one["offered"] for one in told["intervals"]) == 11


def test_intervals_of_a_quarter_and_of_an_hour_add_up() -> None:
    for minutes, count in ((15, 96), (60, 24)):
        told = period(Asked(start=day.DAY, end=day.NEXT, minutes=minutes)).told()  # type: ignore[arg-type]
        assert len(told["intervals"]) == count
        assert sum(one["talk_seconds"] for one in told["intervals"]) == told["total"]["talk_seconds"] == 765.0


def test_one_queue() -> None:
    told = period(Asked(start=day.DAY, end=day.NEXT, minutes=60, queues=frozenset({"support"}))).told()
    assert [one["queue"] for one in told["queues"]] == ["support"]
    assert told["total"] == day.SUPPORT


def test_one_agent_by_interval() -> None:
    told = period(Asked(start=day.DAY, end=day.NEXT, minutes=30, users=frozenset({B}), each=B)).told()
    assert told["agents"] == [{"agent": B, **day.OF_B}]
    nine, half_past = told["intervals"][18:20]
    # Call 5: 112 s before half past nine, 188 s after it, then 60 s of wrap-up. It counts where it was answered.
    assert (nine["calls"], nine["talk_seconds"], nine["ready_seconds"], nine["wrap_seconds"]) == (1, 112, 1688, 0)
    assert (half_past["calls"], half_past["talk_seconds"], half_past["ready_seconds"]) == (0, 188, 1552)
    assert (half_past["wrap_seconds"], half_past["occupancy"], half_past["aht"]) == (60, 13.8, None)  # 248 / 1800
    assert sum(one["talk_seconds"] for one in told["intervals"]) == 400
    assert sum(one["signed_in_seconds"] for one in told["intervals"]) == 14400


def test_what_is_still_to_come_is_not_counted() -> None:
    told = period(Asked(start=day.DAY, end=day.NEXT, minutes=60, users=frozenset({C})), now=at("06:00:00")).told()
    assert told["agents"][0]["signed_in_seconds"] == 6 * 3600
    assert period(Asked(start=day.NEXT, end=day.NEXT + 86400.0, minutes=60), now=at("06:00:00")).told()["agents"] == []


@pytest.mark.parametrize(
    ("name", "noon", "hours"),
    [
        ("Europe/Berlin", 1_792_926_000.0, 25),  # 2026-10-25: the hour from 2 to 3 twice
        ("Europe/Berlin", 1_774_778_400.0, 23),  # 2026-03-29: none from 2 to 3
        ("Asia/Tehran", 1_616_401_800.0, 23),  # 2021-03-22 began at 01:00
        ("Asia/Tehran", 1_632_213_000.0, 25),  # 2021-09-21 had 23 to 24 twice
    ],
)
def test_a_day_on_which_the_clock_is_set(name: str, noon: float, hours: int) -> None:
    zone = ZoneInfo(name)
    start, end = day_bounds(noon, zone)
    shifts = shifts_of([Noted(A, start - 90_000.0, "sign_in")])
    # Two callers, an hour apart: on the long day both at half past two by the clock.
    calls = [
        day.queued("1", "02:30:00", "sales", 10.0, A, 60.0, day=start),
        day.queued("2", "03:30:00", "sales", 30.0, A, 60.0, day=start),
    ]
    tally = Tally(start, end, shifts, zone, end)
    tally.add(facts_of(record, day.people(record)) for record in calls)
    made = Period(Asked(start=start, end=end, minutes=60), FigureRules(), zone, end)
    made.add(tally.counts())
    told = made.told()
    assert len(told["intervals"]) == hours
    assert [one["start"] for one in told["intervals"] if one["offered"]] == [start + 2 * 3600.0, start + 3 * 3600.0]
    assert [one["service_level"] for one in told["intervals"] if one["offered"]] == [100.0, 0.0]
    (spent,) = told["agents"]
    assert (spent["signed_in_seconds"], spent["ready_seconds"]) == (hours * 3600, hours * 3600 - 120)
