"""Recorded bytes to records: greetings are new connections, damage ends the reading, times come from where they are."""

from __future__ import annotations

from ami_listener.protocol import BlockTooLargeError, CutShortError
from ami_listener.replay import Replay, Times, replay
from cti.live.profile import Profile
from tests.scenarios import recorded
from tests.scenarios.script import PROFILE, Script

SCENARIO = "asterisk-22/blind_transfer"


def a_call() -> Script:
    s = Script()
    caller = s.calls_in()
    agent = s.dials(caller, "PJSIP/201")
    s.wait(2)
    s.talk(caller, agent)
    s.wait(10)
    s.hangs_up(caller, agent)
    return s


def test_records_come_in_the_order_of_start() -> None:
    s = Script()
    first = s.calls_in()
    s.wait(1)
    second = s.calls_in("02155554444")
    s.hangs_up(second)
    s.wait(1)
    s.hangs_up(first)
    assert [r.caller.raw for r in replay([s.stream], Profile(PROFILE))] == ["09121112233", "02155554444"]


def test_what_is_still_up_at_the_end_is_provisional() -> None:
    s = Script()
    s.calls_in()
    (found,) = replay([s.stream], Profile(PROFILE))
    assert (found.provisional, found.outcome) == (True, None)


def test_the_same_bytes_give_the_same_records() -> None:
    stream = recorded.raw(SCENARIO)
    assert replay([stream], recorded.profile()) == replay([stream], recorded.profile())


def test_the_name_of_the_pbx_is_in_the_id() -> None:
    (found,) = replay([a_call().stream], Profile(PROFILE), "tabriz")
    assert (found.id, found.pbx) == (f"tabriz-{found.linkedid}", "tabriz")


def test_damage_is_named_and_what_came_before_it_is_told() -> None:
    run = Replay(Profile(PROFILE))
    run.feed(a_call().stream)
    run.feed(b"Event: x\r\n" + b"A: b\r\n" * 300_000)
    run.feed(a_call().stream)
    assert len(run.finish()) == 1
    assert isinstance(run.error, BlockTooLargeError)


def test_an_end_inside_a_block_is_named() -> None:
    run = Replay(Profile(PROFILE))
    run.feed(a_call().stream + b"Event: Newcha")
    assert len(run.finish()) == 1
    assert isinstance(run.error, CutShortError)
    assert run.error.offset == len(a_call().stream)


def test_arrival_times_by_offset() -> None:
    times = Times([10, 20], [1.0, 2.0])
    assert [times.at(offset) for offset in (9, 10, 19, 20, 999)] == [None, 1.0, 1.0, 2.0, 2.0]


def test_a_stream_without_any_time_says_so() -> None:
    stream, times = recorded.without_timestamps(SCENARIO)
    blind, timed = Replay(recorded.profile()), Replay(recorded.profile(), times=times)
    for run in (blind, timed):
        run.feed(stream)
        run.finish()
    assert blind.translator.timeless
    assert not timed.translator.timeless


def test_chunks_with_their_arrival_times_as_a_journal_has_them() -> None:
    stream, times = recorded.without_timestamps(SCENARIO)
    run = Replay(recorded.profile())
    for n, block in enumerate(recorded.blocks(stream)):
        run.feed(block, times.at(sum(len(b) for b in recorded.blocks(stream)[: n + 1]) - 1))
    right = replay([recorded.raw(SCENARIO)], recorded.profile())
    (found,) = run.finish()
    assert abs(found.talk_seconds - right[0].talk_seconds) < 0.1
