"""What counts as a difference, and what a mended record takes from whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from call_log.compare import as_lost, fields_that_differ, mended
from cti.live.record import Caller, Number, Segment
from tests.call_log.calls import DAY, leg, provisional, record

ALL = frozenset(("answered", "outcome", "talk_seconds", "legs", "ended_at"))
OURS = record(1)


def differ(precision: float = 0.0, knows: frozenset[str] = ALL, **changes: Any) -> set[str]:
    return set(fields_that_differ(OURS, record(1, **changes), knows, precision))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"outcome": "busy"}, {"outcome"}),
        ({"talk_seconds": 7.4}, {"talk_seconds"}),
        ({"talk_seconds": 7.33}, set()),
        ({"ended_at": (OURS.ended_at or 0) + 0.2}, {"ended_at"}),
        ({"ended_at": None}, {"ended_at"}),
        ({"legs": ()}, {"legs PJSIP/201"}),
        ({"legs": (leg("z", talk_seconds=5.0),)}, {"legs PJSIP/201 talk_seconds"}),
        ({"legs": (leg("z", result="noanswer"),)}, {"legs PJSIP/201"}),
        # what each side sees its own way is no difference
        ({"hold_seconds": 0.0, "digits": None, "recordings": (), "queue_waits": (), "hung_up_by": None}, set()),
        ({"legs": (leg("another channel of the same phone"),), "direction": "outbound", "transfers": ()}, set()),
    ],
)
def test_what_differs(changes: dict[str, Any], found: set[str]) -> None:
    assert differ(**changes) == found


def test_an_unanswered_leg_is_compared_by_that_alone() -> None:
    ours = record(1, legs=(leg("a"), leg("b", "PJSIP/202", result="cancelled", talk_seconds=0.0)))
    truth = record(1, legs=(leg("a"), leg("b", "PJSIP/202", result="noanswer", talk_seconds=0.0)))
    assert fields_that_differ(ours, truth, ALL, 0.0) == {}


def test_whole_seconds_are_taken_as_such() -> None:
    assert differ(1.0, talk_seconds=8.2, ended_at=(OURS.ended_at or 0) - 0.99) == set()
    assert differ(1.0, talk_seconds=8.3) == {"talk_seconds"}
    talks = tuple(Segment("talk", DAY + n, DAY + n + 1) for n in range(3))
    several = leg("x", talk_seconds=7.25, segments=talks)
    assert differ(1.0, talk_seconds=10.2, legs=(several,)) == set()
    assert differ(1.0, talk_seconds=10.3, legs=(several,)) == {"talk_seconds"}


def test_only_what_is_known_is_compared() -> None:
    changes: dict[str, Any] = {"talk_seconds": 99.0, "legs": (), "ended_at": 5.0, "outcome": "busy"}
    assert differ(knows=frozenset(("answered",)), **changes) == set()
    assert differ(knows=frozenset(("answered",)), answered_at=None, **changes) == {"outcome"}
    assert differ(knows=ALL - {"outcome"}, outcome="noanswer") == set()


@pytest.mark.parametrize("ours", ["voicemail", "callback"])
def test_a_mailbox_is_ours_to_know(ours: Any) -> None:
    mine = record(1, outcome=ours, answered_at=None)
    unanswered = record(1, outcome="abandoned", answered_at=None, talk_seconds=1.0)
    assert set(fields_that_differ(mine, unanswered, ALL, 0.0)) == {"talk_seconds"}
    assert mended(mine, unanswered, ALL, 0.0, mine.id).outcome == ours
    assert mended(mine, record(1), ALL, 0.0, mine.id).outcome == "answered"


def test_a_mended_record_is_the_truths_with_what_only_we_know() -> None:
    ours = record(
        1,
        talk_seconds=90.0,
        linkedids=(record(1).linkedid, "1795305700.9"),
        caller=Caller("+982188000000", "02188000000", "علی"),
        conference="room",
    )
    truth = record(1, caller=Caller(None, None, None), dialled=Number(None, None), direction="internal", queue=None)
    found = mended(ours, truth, ALL, 0.0, "main-1")
    assert (found.id, found.linkedids) == ("main-1", ours.linkedids)
    assert (found.caller, found.dialled, found.direction) == (ours.caller, ours.dialled, ours.direction)
    assert (found.talk_seconds, found.queue, found.conference) == (7.25, "support", "room")


def test_hold_is_never_longer_than_the_talk_it_is_part_of() -> None:
    ours = record(1, talk_seconds=90.0, legs=(leg("a", talk_seconds=90.0, hold_seconds=60.0),))
    truth = record(1, legs=(leg("a", talk_seconds=20.0, hold_seconds=0.0),))
    assert mended(ours, truth, ALL, 0.0, ours.id).legs[0].hold_seconds == 20.0


def test_what_agrees_stays_as_exact_as_it_is() -> None:
    coarse = record(
        1, talk_seconds=7.0, started_at=float(int(OURS.started_at or 0)), linkedids=(OURS.linkedid, "1795309999.1")
    )
    found = mended(OURS, coarse, ALL, 1.0, OURS.id)
    assert found == msgspec.structs.replace(OURS, linkedids=coarse.linkedids)


def test_coarse_truth_ends_what_was_open() -> None:
    found = mended(provisional(OURS, legs=()), OURS, frozenset(("answered",)), 1.0, OURS.id)
    assert (found.provisional, found.outcome, found.ended_at) == (False, "answered", OURS.ended_at)
    assert found.duration_seconds == pytest.approx(8.5)


def test_a_lost_call_ends_when_it_was_last_seen() -> None:
    found = as_lost(provisional(OURS, legs=(leg("a", ended_at=None), leg("b"))), DAY + 99)
    assert (found.outcome, found.ended_at, found.hung_up_by) == ("lost", DAY + 99, None)
    assert [x.ended_at for x in found.legs] == [DAY + 99, leg("b").ended_at]
    assert as_lost(provisional(OURS, started_at=None), DAY).duration_seconds == 0
