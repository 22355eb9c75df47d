"""The queue book: what is told of queues, once per change, and what a list says is gone."""

from __future__ import annotations

from cti.live import pbx
from cti.live.queues import MOST_MEMBERS, MOST_QUEUES, QueueBook

T = 1_800_000_000.0


def member(queue: str, interface: str, removed: bool = False, **changes: object) -> pbx.MemberChanged:
    told: dict[str, object] = {
        "name": interface, "status": 1, "paused": False, "paused_reason": "", "in_call": False, "dynamic": False,
    }  # fmt: skip
    return pbx.MemberChanged(T, queue, interface, removed=removed, **{**told, **changes})  # type: ignore[arg-type]


def listed(
    *members: pbx.MemberChanged, queues: tuple[str, ...] = (), waiting: tuple[str, ...] = ()
) -> pbx.QueuesListed:
    callers = tuple(pbx.WaitingCaller(f"1.{n}", queue, T) for n, queue in enumerate(waiting))
    return pbx.QueuesListed(T, queues, members, callers)


def book(*members: pbx.MemberChanged) -> QueueBook:
    made = QueueBook("main")
    for each in members:
        made.member(each)
    return made


def test_a_change_is_told_once() -> None:
    queues = book(member("support", "PJSIP/201"))
    (told,) = queues.take(T)
    assert (told.pbx, told.queue, [m.interface for m in told.members]) == ("main", "support", ["PJSIP/201"])
    assert queues.take(T) == []
    queues.member(member("support", "PJSIP/201"))
    assert queues.take(T) == [], "the same again is no change"
    queues.member(member("support", "PJSIP/201", paused=True, paused_reason="lunch"))
    (told,) = queues.take(T)
    assert (told.members[0].paused, told.members[0].paused_reason) == (True, "lunch")


def test_a_member_who_leaves_is_gone() -> None:
    queues = book(member("q", "PJSIP/201"), member("q", "PJSIP/202"))
    queues.member(member("q", "PJSIP/201", removed=True))
    (told,) = queues.take(T)
    assert [m.interface for m in told.members] == ["PJSIP/202"]
    assert queues.interfaces() == {"PJSIP/202"}


def test_those_who_wait_are_counted() -> None:
    queues = book()
    queues.waiting("q", 2)
    assert [(e.queue, e.waiting) for e in queues.take(T)] == [("q", 2)]
    queues.waiting("q", 2)
    assert queues.take(T) == []


def test_a_list_is_the_truth() -> None:
    queues = book(member("q", "PJSIP/201"), member("q", "PJSIP/202"), member("old", "PJSIP/203"))
    queues.waiting("q", 3)
    queues.take(T)
    queues.listed(listed(member("q", "PJSIP/202"), member("new", "PJSIP/204"), queues=("q", "new"), waiting=("new",)))
    told = {e.queue: (e.waiting, [m.interface for m in e.members]) for e in queues.take(T)}
    assert told == {"q": (0, ["PJSIP/202"]), "new": (1, ["PJSIP/204"]), "old": (0, [])}
    assert [e.queue for e in queues.snapshot(T)] == ["new", "q"], "a queue that is gone is gone"


def test_a_queue_that_comes_back_before_it_was_told_gone_stays() -> None:
    queues = book(member("q", "PJSIP/201"))
    queues.listed(listed())
    queues.member(member("q", "PJSIP/201"))
    queues.take(T)
    assert [e.queue for e in queues.snapshot(T)] == ["q"]


def test_what_a_broken_stream_makes_up_has_an_end() -> None:
    queues = book()
    for n in range(MOST_QUEUES + 50):
        queues.waiting(f"q{n}", 1)
    for n in range(MOST_MEMBERS + 50):
        queues.member(member("q1", f"PJSIP/{n}"))
    assert len(queues.take(T)) == len(queues.snapshot(T)) == MOST_QUEUES
    assert len(queues.interfaces()) == MOST_MEMBERS
