"""The queue book: what is told of queues, once per change, and what a list says is gone."""

from __future__ import annotations

from cti.live import pbx
from cti.live.queues import MOST_MEMBERS, MOST_QUEUES, MOST_TOLD, QueueBook

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


def waits(queue: str, *uids: str) -> pbx.QueuesListed:
    callers = tuple(pbx.WaitingCaller(uid, queue, T, n) for n, uid in reversed(list(enumerate(uids, 1))))
    return pbx.QueuesListed(T, (queue,), (), callers)


def test_who_waits_stands_in_the_order_of_the_pbx() -> None:
    queues = QueueBook("main", lambda uid: None if uid == "gone" else f"main-{uid}")
    queues.joined("q", "1", 1, 1)
    queues.joined("q", "2", 2, 2)
    queues.joined("q", "vip", 1, 3)
    queues.joined("q", "late", 0, 4)
    queues.joined("q", "gone", 2, 5)
    (told,) = queues.take(T)
    assert (told.waiting, told.order) == (5, ("main-vip", "main-1", "main-2", "main-late"))
    queues.left("q", "1", 4)
    (told,) = queues.take(T)
    assert told.order == ("main-vip", "main-2", "main-late")
    queues.left("q", "1", 4)
    assert queues.take(T) == []
    queues.listed(waits("q", "late", "vip"))  # a command put somebody first: only a list says so
    (told,) = queues.take(T)
    assert (told.waiting, told.order) == (2, ("main-late", "main-vip"))
    queues.listed(waits("q", "late", "vip"))
    assert queues.take(T) == []
    queues.joined("other", "late", 1, 1)  # he is told to be elsewhere before he is told to have left
    queues.left("q", "late", 1)
    assert {one.queue: one.order for one in queues.take(T)} == {"other": ("main-late",), "q": ("main-vip",)}


def test_of_many_who_wait_the_first_are_told() -> None:
    queues = QueueBook("main", lambda uid: uid)
    for n in range(MOST_TOLD + 5):
        queues.joined("q", str(n), n + 1, n + 1)
    (told,) = queues.take(T)
    assert len(told.order) == MOST_TOLD and told.order[0] == "0"


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
