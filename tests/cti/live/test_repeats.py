"""Calls counted by number as they come and go: always what counting all of them anew would give."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from cti.live import repeats
from cti.live.repeats import Repeats, Wanted

HOUR, DAY = Wanted(3600.0, 2), Wanted(86_400.0, 3)


def test_as_if_counted_anew_at_each_turn() -> None:
    made, dice, came, now = Repeats((HOUR, DAY)), random.Random(3), [], 0.0
    for n in range(3000):
        now += dice.expovariate(1 / 90)
        came.append((now, f"+98912{dice.randrange(60):07}"))
        made.add(f"c{n}", came[-1][1], now)
        made.add(f"c{n}", came[-1][1], now)  # each call changes many times
        made.turn(now)
        for wanted in (HOUR, DAY) if n % 50 == 0 else ():
            counts = Counter(number for at, number in came if at >= now - wanted.seconds)
            assert made.often(wanted) == {number: c for number, c in counts.items() if c >= wanted.times}
    made.turn(now + 2 * DAY.seconds)
    assert (made.often(HOUR), made.often(DAY)) == ({}, {})
    assert not made._known, "what is over takes no room"


def test_who_called_once_never_calls_again() -> None:
    once = Wanted(60.0, 0)
    made = Repeats((once,))
    made.add("a", "+981", 1.0)
    assert not made.often(once)
    made.add("b", "+981", 2.0)
    assert made.often(once) == {"+981": 2}


def test_what_nobody_asks_is_not_counted() -> None:
    made = Repeats()
    made.add("a", "+981", 1.0)
    assert not made._known
    assert made.often(HOUR) == {}


def test_of_too_many_the_newest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "MOST_CALLS", 3)
    made = Repeats((HOUR,))
    for n in range(5):
        made.add(f"c{n}", "+981" if n < 2 else "+982", 10.0)
    made.turn(10.0)
    assert made.often(HOUR) == {"+982": 3}
