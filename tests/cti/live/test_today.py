"""The day so far, fed as it goes: against figures worked out by hand, told twice, over midnight, by other rules."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cti.live.agents import Noted
from cti.live.counted import facts_of
from cti.live.figures import FigureRules, QueueRule
from cti.live.intervals import day_bounds
from cti.live.record import CallRecord, QueueWait
from cti.live.shifts import shifts_of
from cti.live.today import FiguresToday
from tests.call_log.calls import provisional
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B, C, at

TEHRAN = ZoneInfo("Asia/Tehran")


class Told:
    """The figures, with a clock and rules that a test sets."""

    def __init__(self, now: float, zone: ZoneInfo = TEHRAN) -> None:
        self.now, self.rules = now, FigureRules()
        self.figures = FiguresToday(zone, lambda: self.now, lambda: self.rules)

    def take(self, *records: CallRecord) -> None:
        for record in records:
            self.figures.take(facts_of(record, day.people(record)))

    def until(self, end: float) -> None:
        """Everything of the table that is over by then, in order, at its own time."""
        happened = [(one.at, one) for one in day.noted()] + [(r.ended_at or 0.0, r) for r in day.records()]
        for when, what in sorted(happened, key=lambda one: one[0]):
            if when <= end:
                self.now = max(self.now, when)
                if isinstance(what, CallRecord):
                    self.take(what)
                else:
                    self.figures.noted(what)
        self.now = end


def whole_day() -> Told:
    """Just before midnight, with the last call answered and going on."""
    told = Told(day.DAY)
    told.until(at("23:59:59"))
    return told


def test_a_day_by_hand() -> None:
    told = whole_day()
    last = provisional(day.records()[-1])
    told.take(last)
    assert told.figures.queue("main", "support") == day.SUPPORT | {"sl_now": None}
    # Call 13 goes on: it is answered, and its talk (90) and wrap-up (30) are still to come: (525 + 105) / 4.
    goes_on = {"talk_seconds": 525.0, "wrap_seconds": 105.0, "aht": 157.5, "acw": 35.0, "sl_now": 100.0}
    assert told.figures.queue("main", "sales") == day.SALES | goes_on
    assert told.figures.agent(A) == day.OF_A
    assert told.figures.agent(B) == day.OF_B
    assert told.figures.queues() == (("main", "sales"), ("main", "support"))


def test_the_day_as_a_whole_and_by_interval() -> None:
    told = whole_day()
    found = told.figures.day()
    assert (found["date"], found["start"], found["interval_minutes"]) == ("2026-11-22", day.DAY, 30)
    assert (found["offered"], found["answered"], found["answered_in"]) == (10, 5, 4)  # without call 13
    assert found["service_level"] == 66.7  # (3 + 1) / (4 + 1 + 2 − 1)
    nine = next(one for one in found["intervals"] if one["start"] == at("09:00:00"))
    assert nine == {"start": at("09:00:00"), **day.AT_NINE}
    assert [one["start"] for one in found["intervals"]] == [
        at("09:00:00"), at("09:30:00"), at("10:00:00"), at("11:00:00"),
    ]  # fmt: skip
    told.rules = FigureRules(interval_minutes=60)
    assert [one["offered"] for one in told.figures.day()["intervals"]] == [8, 1, 1]
    assert told.figures.day([("main", "support")])["offered"] == 3


def test_after_midnight_a_day_begins_and_who_works_goes_on() -> None:
    told = whole_day()
    told.take(provisional(day.records()[-1]))
    told.until(day.NEXT + 3600.0)
    assert told.figures.queue("main", "sales")["offered"] == 0, "call 13 joined before midnight"
    assert told.figures.queue("main", "sales")["service_level"] is None
    assert told.figures.day()["date"] == "2026-11-23"
    # Dara: 40 of the 90 s of call 13, 30 s of wrap-up, one hour signed in. His call began the day before.
    assert told.figures.agent(C) == {
        "calls": 0,
        "talk_seconds": 40,
        "wrap_seconds": 30,
        "ready_seconds": 3530,
        "pause_seconds": 0,
        "pauses": {},
        "signed_in_seconds": 3600,
        "occupancy": 1.9,  # 70 / 3600
        "aht": None,
    }
    assert told.figures.agent(A)["signed_in_seconds"] == 0


def test_who_waits_over_midnight_is_of_the_day_in_which_he_joined() -> None:
    told = Told(at("23:59:50"))
    left = day.queued("14", "23:59:50", "sales", 20.0)
    told.take(provisional(msgspec.structs.replace(left, queue_waits=(QueueWait("sales", None, False, told.now),))))
    assert told.figures.queue("main", "sales")["waiting"] == 1
    told.now = day.NEXT
    assert (told.figures.queue("main", "sales")["waiting"], told.figures.queues()) == (0, ())
    told.now = day.NEXT + 10.0
    told.take(left)
    assert (told.figures.queue("main", "sales")["abandoned"], told.figures.day()["intervals"]) == (0, [])


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
    told = Told(start, zone)
    told.figures.noted(Noted(A, start - 90_000.0, "sign_in"))
    for number in range(hours):  # one caller half past each hour that passes
        told.now = start + number * 3600.0 + 1900.0
        told.take(day.queued(str(number), "00:30:00", "sales", 10.0, A, 60.0, day=start + number * 3600.0))
        assert told.figures.queue("main", "sales")["sl_now"] == 100.0
    told.rules = FigureRules(interval_minutes=60)
    assert [one["offered"] for one in told.figures.day()["intervals"]] == [1] * hours
    told.now = end - 0.5
    found = told.figures.agent(A)
    assert (found["calls"], found["talk_seconds"]) == (hours, hours * 60)
    assert told.figures.seconds(A).signed_in == hours * 3600.0 - 0.5
    told.now = end
    assert (told.figures.day()["start"], told.figures.day()["offered"]) == (end, 0)


def test_two_pbxs_with_a_queue_and_phones_of_the_same_names() -> None:
    told = Told(at("12:00:00"))
    here, there = day.queued("1", "09:00:00", "sales", 10.0, A, 60.0), day.queued("2", "09:01:00", "sales", 30.0)
    there = msgspec.structs.replace(there, id="branch-1", pbx="branch")
    nobodys = msgspec.structs.replace(day.queued("3", "09:02:00", "sales", 5.0, A, 40.0), id="branch-3", pbx="branch")
    told.take(here, there)
    told.figures.take(facts_of(nobodys, {}))
    told.figures.noted(Noted(A, at("09:01:10"), "wrap", call=here.id, queue="sales"))
    told.figures.noted(Noted(A, at("09:01:30"), "wrap_over", call=here.id, queue="sales"))
    assert told.figures.queues() == (("branch", "sales"), ("main", "sales"))
    main, branch = told.figures.queue("main", "sales"), told.figures.queue("branch", "sales")
    assert (main["offered"], main["answered"], main["service_level"], main["wrap_seconds"]) == (1, 1, 100.0, 20.0)
    assert (branch["offered"], branch["abandoned"], branch["service_level"]) == (2, 1, 50.0)
    assert branch["wrap_seconds"] == 0.0
    assert told.figures.day()["offered"] == 3
    assert told.figures.day([("branch", "sales")])["offered"] == 2
    assert told.figures.phone("branch", "201")["talk_seconds"] == 40
    assert told.figures.phone("main", "201")["talk_seconds"] == 0
    assert told.figures.agent(A)["talk_seconds"] == 60


def test_what_is_told_again_counts_once() -> None:
    told = whole_day()
    before = told.figures.day()
    told.take(*day.records()[:-1])
    assert told.figures.day() == before
    told.figures.merged("main-4")
    told.take(day.records()[4])
    assert told.figures.queue("main", "sales")["abandoned"] == 1, "it became part of another call, whatever comes late"
    told.figures.forget("main-3")
    assert told.figures.queue("main", "sales")["abandoned"] == 0


def test_read_from_the_log_it_is_the_same() -> None:
    told, again = whole_day(), Told(at("23:59:59"))
    facts = [facts_of(record, day.people(record)) for record in day.records()[:-1]]
    fresh = again.figures.anew(shifts_of(one for one in day.noted() if one.at <= again.now))
    for one in facts:
        fresh.take(one)
    again.figures.adopt(fresh)
    for user in (A, B, C):
        assert again.figures.agent(user) == told.figures.agent(user)
    assert again.figures.day() == told.figures.day()


def _story(dice: random.Random, number: int) -> list[tuple[float, CallRecord | Noted]]:
    """A call as it is told: while it is up (sometimes), when it is over, now and then mended later; and a wrap-up."""
    joined, wait = day.DAY + dice.randrange(36_000), dice.choice((2.5, 10.0, 20.0, 31.7))
    who, queue = dice.choice((A, B, "")), dice.choice(("sales", "support"))
    end = day.queued(str(number), "00:00:00", queue, wait, who, 60.0 if who else 0.0, day=joined)
    over, of = end.ended_at or 0.0, {"call": end.id, "queue": queue}
    waits = (QueueWait(queue, None, False, joined),)
    told: list[tuple[float, CallRecord | Noted]] = [
        (joined, provisional(msgspec.structs.replace(end, queue_waits=waits, legs=()))),
        (joined + wait, provisional(end)),
        (over, end),
    ]
    if who:
        told += [(over, Noted(who, over, "wrap", **of)), (over + 9.0, Noted(who, over + 9.0, "wrap_over", **of))]
    if dice.random() < 0.2:
        told.append((over + 500.0, msgspec.structs.replace(end, outcome="callback")))
    return told


@pytest.mark.parametrize("seed", range(5))
def test_as_it_goes_it_is_what_it_would_be_counted_anew(seed: int) -> None:
    dice = random.Random(seed)
    told, known, noted, gone = Told(day.DAY), dict[str, CallRecord](), list[Noted](), set[str]()
    happened = sorted((one for number in range(60) for one in _story(dice, number)), key=lambda one: one[0])
    for step, (when, what) in enumerate(happened):
        told.now = max(told.now, when)
        if isinstance(what, CallRecord):
            told.take(what)
            known[what.id] = what
        else:
            told.figures.noted(what)
            noted.append(what)
        if dice.random() < 0.05:
            gone.add(lost := dice.choice(list(known)))
            told.figures.merged(lost)
        if step % 10 == 9:
            anew = Told(told.now)
            anew.figures.adopt(anew.figures.anew(shifts_of(noted)))
            anew.take(*(record for record in known.values() if record.id not in gone))
            assert told.figures.day() == anew.figures.day()
            for queue in ("sales", "support"):
                assert told.figures.queue("main", queue) == anew.figures.queue("main", queue)


def test_who_waits_counts_by_the_clock() -> None:
    told = Told(at("09:00:00"))
    waits = (QueueWait("sales", None, False, at("09:00:00")),)
    told.take(provisional(msgspec.structs.replace(day.records()[4], queue_waits=waits)))
    told.rules = FigureRules(queues=(QueueRule(queue="*", service_level="cisco_negative"),))
    found = told.figures.queue("main", "sales")
    assert (found["waiting"], found["offered"], found["service_level"]) == (1, 0, None)
    told.now += 21.0
    found = told.figures.queue("main", "sales")
    assert (found["waiting"], found["longest_wait"], found["service_level"]) == (1, 21.0, 0.0)


def test_now_looks_back_a_while() -> None:
    told = Told(day.DAY)
    told.until(at("09:41:20"))
    assert told.figures.service_level("main", "sales", 10 * 60.0) == 100.0  # call 6
    assert told.figures.service_level("main", "sales", 30 * 60.0) == 66.7  # 4 (lost), 5, 6 since 09:11:20
    assert told.figures.service_level("main", "sales", 10.0) is None
    assert told.figures.queue("main", "sales")["sl_now"] == 66.7


def test_other_rules_count_the_same_day_anew() -> None:
    told = whole_day()
    told.rules = FigureRules(
        occupancy="signed_in",
        queues=(QueueRule(queue="sales", threshold_seconds=5.0, short_seconds=0.0), QueueRule(queue="*")),
    )
    found = told.figures.queue("main", "sales")
    assert (found["answered_in"], found["short_abandoned"]) == (1, 0)  # call 6
    assert found["service_level"] == 16.7  # 1 / (4 + 2)
    assert told.figures.agent(A)["occupancy"] == 1.3  # 410 / 30600
    assert told.figures.queue("main", "support")["service_level"] == 100.0


def test_as_time_goes_by_it_is_what_it_would_be_counted_anew() -> None:
    told = Told(day.DAY)
    for moment in ("09:00:10", "09:02:30", "09:41:00", "10:03:05", "12:30:00", "16:59:59", "17:30:00"):
        told.until(at(moment))
        for later in (0.0, 1.0, 7.5, 1500.0, 3599.0):
            told.now = at(moment) + later
            for user in (A, B, C):
                grown = told.figures.seconds(user)
                told.figures._spent.clear()
                assert told.figures.seconds(user) == grown, (moment, later, user)


def test_a_phone_that_is_nobodys() -> None:
    told = Told(at("09:30:00"))
    told.figures.take(facts_of(day.records()[1], {}))
    assert told.figures.phone("main", "201")["talk_seconds"] == 120
    assert told.figures.phone("main", "209")["calls"] == 0
    assert told.figures.agent(A)["calls"] == 0
