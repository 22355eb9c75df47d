"""Visits added up without thresholds: any rule counts them as it would one by one; what is taken out leaves nothing."""

from __future__ import annotations

import random

import pytest

from cti.live.cells import Cell, counts_of, pack_cells, unpack_cells
from cti.live.counted import Visit, VisitEnd
from cti.live.figures import QueueCounts, QueueRule

RULE = QueueRule(queue="*")


@pytest.mark.parametrize(("seconds", "within", "short"), [(4.9, 1, 1), (5.0, 1, 0), (20.0, 1, 0), (20.1, 0, 0)])
def test_thresholds_of_the_abandoned(seconds: float, within: int, short: int) -> None:
    counts = counts_of(Visit("a", 0.0, "abandoned", seconds), 0.0, 99.0, RULE)
    assert (counts.abandoned, counts.abandoned_in, counts.short, counts.longest_wait) == (1, within, short, seconds)


def test_the_answered_and_the_moved() -> None:
    cell = Cell()
    cell.put(Visit("a", 0.0, "answered", 20.0, 60.0, 10.0), 15.0)
    cell.put(Visit("a", 0.0, "answered", 20.5, 0.0, 0.0, over=False), 0.0)
    cell.put(Visit("a", 0.0, "moved", 21.0), 0.0)
    assert cell.counts(RULE) == QueueCounts(
        answered=2, answered_in=1, handled=1, moved=1, late=1, wait_seconds=40.5, longest_wait=21.0,
        talk_seconds=60.0, hold_seconds=10.0, wrap_seconds=15.0, wrapped=1,
    )  # fmt: skip


def test_who_waits_is_late_from_the_threshold_on() -> None:
    waiting = Visit("a", 100.0, "waiting", None)
    assert counts_of(waiting, 0.0, 120.0, RULE) == QueueCounts(waiting=1, longest_wait=20.0)
    assert counts_of(waiting, 0.0, 121.0, RULE) == QueueCounts(waiting=1, late=1, longest_wait=21.0)


def _any_visit(dice: random.Random) -> tuple[Visit, float]:
    waited, talked = round(dice.uniform(0, 40), dice.randrange(7)), round(dice.uniform(0, 500), 3)
    end: VisitEnd = dice.choice(("answered", "abandoned", "moved"))
    return Visit("a", 0.0, end, waited, talked, talked / 7, dice.random() < 0.9), dice.choice((0.0, 7.3))


def test_in_any_order_with_some_taken_out_it_is_the_sum_of_the_rest() -> None:
    dice = random.Random(1)
    visits = [_any_visit(dice) for _ in range(300)]
    cell, kept = Cell(), visits[:100]
    for one in visits:
        cell.put(*one)
    for one in dice.sample(visits[100:], 200):
        cell.take_out(*one)
    for limit in (0.0, 5.0, 20.0, 39.0):
        rule, total = QueueRule(queue="*", threshold_seconds=limit, short_seconds=limit / 2), QueueCounts()
        for visit, wrap in kept:
            total.add(counts_of(visit, wrap, 0.0, rule))
        counted = cell.counts(rule)
        for name in total.__struct_fields__:
            assert getattr(counted, name) == pytest.approx(getattr(total, name), abs=1e-6), name
    for one in kept:
        cell.take_out(*one)
    assert cell == Cell()
    assert not cell


def test_what_is_written_down_is_read_again() -> None:
    cell = Cell()
    cell.put(Visit("a", 0.0, "answered", 12.345678, 60.0, 10.0), 15.0)
    cell.put(Visit("a", 0.0, "abandoned", 0.1), 0.0)
    assert unpack_cells(pack_cells({900.0: cell, 1800.0: Cell()})) == {900.0: cell, 1800.0: Cell()}
