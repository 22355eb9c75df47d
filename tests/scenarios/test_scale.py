"""Long calls and many calls: time grows with what happens, memory with what is up."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import cache

import pytest

from ami_listener.channel_names import channel_name
from ami_listener.protocol import AmiReader
from cti.live import pbx
from cti.live.profile import Profile
from cti.live.tracker import Tracker
from tests.scenarios.script import PROFILE, START, Script, played

TRUNK, PHONE = channel_name("PJSIP/trunk-0000000a"), channel_name("PJSIP/201-0000000b")


def one_call(tracker: Tracker, n: int, at: float) -> None:
    """A call in, a phone rung, behind a Local channel every tenth time, ten seconds of talk."""
    apply = tracker.apply
    a, b, linked = f"1.{4 * n}", f"1.{4 * n + 1}", f"1.{4 * n}"
    apply(pbx.ChannelCreated(at, a, linked, TRUNK, "ring", "09121112233", "", "5001"))
    apply(pbx.ChannelCreated(at, b, linked, PHONE, "down", "201", "", "s"))
    members = [(f"x{n}", a, TRUNK), (f"x{n}", b, PHONE)]
    if n % 10 == 0:
        one, two = (channel_name(f"Local/201@q-{n:08x};{half}") for half in (1, 2))
        members = [members[0], (f"x{n}", f"1.{4 * n + 2}", one), (f"y{n}", f"1.{4 * n + 3}", two), (f"y{n}", b, PHONE)]
        for _, uid, chan in members[1:3]:
            apply(pbx.ChannelCreated(at, uid, linked, chan, "down", "201", "", "s"))
    apply(pbx.DialStarted(at, a, "201", b, linked, PHONE, "201"))
    apply(pbx.ChannelStateChanged(at + 1, b, linked, PHONE, "up"))
    for bridge, uid, chan in members:
        apply(pbx.BridgeEntered(at + 1, uid, linked, chan, bridge, False, None))
    for _, uid, chan in members:
        apply(pbx.ChannelHungUp(at + 11, uid, linked, chan, 16))


def test_a_hundred_thousand_calls_leave_nothing_behind() -> None:
    tracker = Tracker("main", Profile(PROFILE))
    ended = 0
    for n in range(100_000):
        one_call(tracker, n, START + n * 0.01)
        if n % 100 == 0:
            ended += len(tracker.take_records())
    ended += len(tracker.take_records())
    tracker.tick(tracker.now + 60)
    tracker.take()
    assert ended == 100_000
    books = {name: book for name, book in vars(tracker.board).items() if isinstance(book, dict | list | set)}
    assert len(books) >= 10
    assert {name: len(book) for name, book in books.items() if book} == {}


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


@cache
def long_queue_call(legs: int) -> Script:
    """A caller waits for hours while ring-all goes round and round."""
    s = Script()
    caller = s.calls_in()
    s.queues(caller, "all")
    for _ in range(legs // 20):
        rung = [s.dials(caller, f"PJSIP/{n}") for n in range(201, 221)]
        s.wait(15)
        for each in rung:
            s.rings_out(each)
        s.wait(5)
    s.abandons(caller, "all")
    return s


def told_as_records(script: Script) -> None:
    assert len(played(script).finish()[0].legs) > 4000


def told_live(script: Script) -> None:
    """Every 400 blocks all that changed is told, as to a screen."""
    run = played(Script())
    for n in range(0, len(script.out), 400):
        for fact in run.translator.facts(AmiReader(expect_greeting=False).feed(b"".join(script.out[n : n + 400]))):
            run.tracker.apply(fact)
        run.tracker.take()


@pytest.mark.parametrize("told", [told_as_records, told_live])
def test_twice_the_legs_take_less_than_three_times_as_long(told: Callable[[Script], None]) -> None:
    half, whole = long_queue_call(5000), long_queue_call(10_000)
    assert any(seconds(lambda: told(whole)) < 3 * seconds(lambda: told(half)) for _ in range(3))


def test_a_call_that_swallows_many_others_stays_quick() -> None:
    """Linkedids that join, one by one."""

    def run(calls: int) -> None:
        tracker = Tracker("main", Profile(PROFILE))
        chan = channel_name("PJSIP/trunk-0000000a")
        for n in range(calls):
            tracker.apply(pbx.ChannelCreated(START + n, f"1.{n}", f"1.{n}", chan, "ring", "1", "", "5001"))
            tracker.apply(pbx.BridgeEntered(START + n, f"1.{n}", "1.0", chan, "b", False, None))

    # Each joins a conversation with all before it: at worst the square.
    assert any(seconds(lambda: run(800)) < 5 * seconds(lambda: run(400)) for _ in range(3))
