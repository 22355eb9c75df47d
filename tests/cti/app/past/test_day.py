"""The figures of a day of the past: of what was over at the moment, and of what comes after it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from call_log.facts import Ended
from call_log.handled import nobody_knows
from call_log.model import encode_record
from cti.app.past import day as module
from cti.app.past.day import PastDay
from cti.live.figures import FigureRules
from cti.live.record import QueueWait
from tests.call_log.calls import DAY, provisional, record

RULES = FigureRules()
HOUR = 3600.0


def ended(number: int, at: float) -> Ended:
    """A call that waited in a queue for five seconds and was given up."""
    waits = (QueueWait("sales", 5.0, False, at - 5.0),)
    call = record(number, at=at - 5.0, ended_at=at, outcome="abandoned", queue="sales", queue_waits=waits)
    return Ended(at, encode_record(call))


def offered(day: PastDay, at: float) -> int:
    figured = day.begin(at, RULES, (), nobody_knows)
    assert figured is not None
    return int(figured.queue("main/sales")["offered"])


@pytest.fixture
def day() -> PastDay:
    made = PastDay(ZoneInfo("UTC"))
    made.logged(DAY, [ended(n, DAY + n * HOUR) for n in range(1, 9)])
    return made


def test_what_was_over_by_then_is_counted_however_one_jumps(day: PastDay) -> None:
    assert [offered(day, DAY + n * HOUR + 1) for n in (3, 8, 1, 5)] == [3, 8, 1, 5]
    day.logged(DAY, [ended(n, DAY + n * HOUR) for n in range(8, 11)])
    assert offered(day, DAY + 10 * HOUR) == 10, "one that is told twice is one"


def test_another_day_has_its_own_calls(day: PastDay) -> None:
    day.logged(DAY - 86_400.0, [ended(20, DAY - HOUR)])
    assert offered(day, DAY - 1.0) == 1


def test_it_goes_on_with_what_comes(day: PastDay) -> None:
    figured = day.begin(DAY + 2 * HOUR, RULES, (), nobody_knows)
    assert figured is not None and figured.queue("main/sales")["offered"] == 2
    call = record(30, at=DAY + 2 * HOUR + 1, ended_at=DAY + 2 * HOUR + 9, outcome="abandoned", queue="sales")
    waiting = provisional(call, queue_waits=(QueueWait("sales", None, False, DAY + 2 * HOUR + 1),))
    day.take(waiting)
    day.merged(waiting.id)
    day.take(record(31, at=DAY + 2 * HOUR, ended_at=DAY + 2 * HOUR + 6, outcome="abandoned", queue="sales",
                    queue_waits=(QueueWait("sales", 6.0, False, DAY + 2 * HOUR),)))  # fmt: skip
    day.turn(DAY + 3 * HOUR)
    figured.forget()
    assert figured.queue("main/sales")["offered"] == 3
    day.turn(DAY + 25 * HOUR)
    figured.forget()
    assert figured.queue("main/sales")["offered"] == 0, "a new day"


def test_of_a_day_with_too_many_calls_there_are_none(day: PastDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 9)
    day.logged(DAY, [ended(n, DAY + n * 60) for n in range(50, 99)])
    assert day.begin(DAY + HOUR, RULES, (), nobody_knows) is None
    day.take(provisional(record(200, at=DAY + HOUR, ended_at=None)))
    assert len(day._over) == 9
