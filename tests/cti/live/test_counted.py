"""What a record says for the figures: how each visit ended, and who was busy when."""

from __future__ import annotations

from typing import Any

import msgspec

from cti.live.counted import CallFacts, facts_of
from cti.live.record import QueueWait, Segment
from tests.call_log.calls import DAY, leg, provisional, record


def left(*waits: tuple[str, float | None, bool], ended: float, **changes: Any) -> CallFacts:
    """A call that went from queue to queue, each ``(name, seconds, answered)``, and ended then."""
    at, visits = DAY, []
    for queue, seconds, answered in waits:
        visits.append(QueueWait(queue, seconds, answered, at))
        at += seconds or 0.0
    plain: dict[str, Any] = {"queue_waits": tuple(visits), "ended_at": DAY + ended, "outcome": "abandoned", "legs": ()}
    return facts_of(record(at=DAY, **(plain | changes)), {})


def ends(facts: CallFacts) -> list[str]:
    return [visit.end for visit in facts.visits]


def test_how_visits_end() -> None:
    assert ends(left(("a", 10.0, False), ended=10.0)) == ["abandoned"]
    assert ends(left(("a", 10.0, False), ended=11.0)) == ["abandoned"], "a CDR has whole seconds"
    assert ends(left(("a", 10.0, False), ended=30.0, outcome="voicemail")) == ["moved"]
    assert ends(left(("a", 10.0, False), ended=10.0, outcome="callback")) == ["moved"]
    assert ends(left(("a", 10.0, False), ("b", 5.0, False), ended=15.0)) == ["moved", "abandoned"]
    assert ends(left(("a", 10.0, False), ("b", 5.0, True), ended=60.0, outcome="answered")) == ["moved", "answered"]
    assert ends(left(("a", 5.0, True), ("b", 20.0, False), ended=25.0, outcome="answered")) == ["answered", "abandoned"]
    short = {"outcome": "answered", "legs": (leg("201", answered_at=DAY + 10.4),)}
    assert ends(left(("a", 10.0, False), ended=11.2, **short)) == ["moved"], "to an agent, for a few words"
    assert ends(left(("a", None, False), ended=20.0, outcome="lost")) == [], "nobody knows"
    assert ends(left(("a", 5.0, False), ended=20.0, outcome="lost")) == []


def test_who_is_in_the_queue_again_at_once_was_in_it_all_the_time() -> None:
    (visit,) = left(("a", 10.0, False), ("a", 5.0, True), ended=60.0, outcome="answered").visits
    assert (visit.end, visit.seconds, visit.joined_at) == ("answered", 15.0, DAY)
    assert ends(left(("a", 10.0, False), ("a", 5.0, False), ended=15.0)) == ["abandoned"]
    assert ends(left(("a", 10.0, True), ("a", 5.0, True), ended=60.0, outcome="answered")) == ["answered"] * 2
    waits = (QueueWait("a", 10.0, False, DAY), QueueWait("a", 5.0, True, DAY + 30.0))  # a phone rang meanwhile
    assert ends(facts_of(record(at=DAY, queue_waits=waits), {})) == ["moved", "answered"]
    again = (QueueWait("a", 10.0, False, DAY), QueueWait("a", None, False, DAY + 10.0))
    (visit,) = facts_of(provisional(record(at=DAY, queue_waits=again, legs=())), {}).visits
    assert (visit.end, visit.joined_at) == ("waiting", DAY)


def test_while_a_call_is_up() -> None:
    up = provisional(record(at=DAY, legs=(), queue_waits=(QueueWait("a", None, False, DAY),)))
    assert ends(facts_of(up, {})) == ["waiting"]
    gone = msgspec.structs.replace(up, queue_waits=(QueueWait("a", 9.0, False, DAY),))
    assert ends(facts_of(gone, {})) == [], "abandoned or moved on is not known yet"
    (visit,) = facts_of(provisional(record(at=DAY)), {}).visits
    assert (visit.end, visit.over, visit.talk_seconds) == ("answered", False, 0.0)


def test_monitoring_is_no_call() -> None:
    assert facts_of(record(kind="monitoring"), {}) == CallFacts(record().id, "main")


def test_talk_goes_to_the_visit_before_it() -> None:
    waits = (QueueWait("a", 1.0, True, DAY), QueueWait("b", 2.0, True, DAY + 100.0))
    legs = (
        leg("1", at=DAY),
        leg("2", "PJSIP/202", at=DAY + 20.0, consult_seconds=3.0),  # passed on, after a consultation
        leg("3", "PJSIP/203", at=DAY + 101.0),
        leg("4", "SIP/trunk-out", at=DAY + 102.0),
    )
    first, second = facts_of(record(at=DAY, queue_waits=waits, legs=legs), {}).visits
    assert (first.talk_seconds, first.hold_seconds) == (17.5, 1.0)  # 7.25 + 7.25 + 3
    assert (second.talk_seconds, second.hold_seconds) == (7.25, 0.5), "an outside line is no agent"


def test_who_was_busy_when() -> None:
    spans = (
        Segment("ring", DAY, DAY + 2.0), Segment("talk", DAY + 2.0, DAY + 5.0), Segment("hold", DAY + 5.0, DAY + 6.0),
        Segment("up", DAY + 6.0, DAY + 7.0), Segment("consult", DAY + 7.0, DAY + 9.0),
    )  # fmt: skip
    legs = (leg("1", segments=spans), leg("2", segments=()), leg("3", segments=spans[:1]), leg("4", "SIP/trunk-out"))
    one, two = facts_of(record(at=DAY, legs=legs), {"1": ("u1", "u2")}).talks
    assert one.users == ("u1", "u2")
    assert one.stretches == ((DAY + 2.0, DAY + 6.0), (DAY + 7.0, DAY + 9.0))
    assert (two.users, two.stretches) == ((), ((DAY + 1.25, DAY + 8.5),)), "of a record without stretches: its sums"
    talking = leg("1", segments=(Segment("talk", DAY, None),))
    assert facts_of(provisional(record(legs=(talking,))), {}).talks[0].stretches == ((DAY, None),)
    assert facts_of(record(legs=(talking,)), {}).talks == (), "an end that is not known is no time"
