"""Every outcome, result and reason has a shape or icon and a word."""

from __future__ import annotations

from typing import get_args

import msgspec

from call_log.query import DifferenceKind
from cti.live.record import Direction, LegResult, Outcome, SegmentState, Side, TransferKind
from tests.web import sample
from web import results


def test_nothing_that_the_record_can_say_is_without_words() -> None:
    assert set(get_args(Outcome)) == set(results.OUTCOMES)
    assert set(get_args(LegResult)) == set(results.LEG_RESULTS)
    assert set(get_args(Direction)) == set(results.DIRECTIONS)
    assert set(get_args(Side)) == set(results.SIDES)
    assert set(get_args(TransferKind)) <= set(results.TRANSFERS)
    assert set(get_args(SegmentState)) == set(results.SEGMENTS)
    assert set(get_args(DifferenceKind)) == set(results.DIFFERENCES)


def test_colour_never_stands_alone() -> None:
    for result in (*results.OUTCOMES.values(), *results.LEG_RESULTS.values(), results.IN_PROGRESS, results.UNKNOWN):
        assert bool(result.mark) != bool(result.icon)
        assert result.text


def test_a_call_that_lives_is_in_progress_and_one_that_was_left_is_not() -> None:
    record = sample.live_calls()[0].record
    assert results.outcome_of(record, live=True) is results.IN_PROGRESS
    assert results.outcome_of(record, live=False) is results.UNFINISHED
    assert results.outcome_of(sample.transferred(), live=False) is results.OUTCOMES["answered"]


def test_results_of_legs() -> None:
    leg = sample.transferred().legs[0]
    assert results.leg_result(leg) is results.LEG_RESULTS["noanswer"]
    assert results.leg_result(msgspec.structs.replace(leg, result=None, ended_at=None)) is results.IN_PROGRESS
    assert results.leg_result(msgspec.structs.replace(leg, result=None)) is results.UNKNOWN


def test_missed_is_inbound_that_nobody_took() -> None:
    assert results.missed(sample.abandoned("3", "10:28", (None, "0935"), "support", 108))
    assert not results.missed(sample.outbound("7", "10:15", "205", "09198765432", 20, 0, "noanswer", "noanswer"))
    assert not results.missed(sample.transferred())
