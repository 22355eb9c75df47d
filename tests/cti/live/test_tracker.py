"""Facts in, events out: each change once, in order, and never an exception."""

from __future__ import annotations

import random
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from cti.live import events, pbx
from cti.live.tracker import Tracker
from tests.cti.live.desk import T0, Desk, chan


def kinds(told: list[events.Event]) -> list[str]:
    return [type(event).__name__ for event in told]


def test_a_call_starts_changes_and_ends() -> None:
    desk = Desk().born("1.0", "trunk")
    assert kinds(desk.tracker.take()) == ["CallStarted"]
    desk.dial("1.0", "1.1", "201").wait(1).talk("1.0", "1.1")
    assert kinds(desk.tracker.take()) == ["CallChanged"], "ten changes in one read are told once"
    desk.asked("1.0").gone("1.1", "1.0")
    assert kinds(desk.tracker.take()) == ["CallEnded"]
    assert desk.tracker.take() == []


def test_a_call_that_begins_and_ends_in_one_read_is_told_as_ended() -> None:
    assert kinds(Desk().call_in().gone("1.1", "1.0").tracker.take()) == ["CallEnded"]


def test_channels_with_nobody_behind_them_are_no_call() -> None:
    desk = Desk().born("1.0", "CBAnn", "up").born("1.1", "q-1;1").gone("1.0", "1.1")
    assert desk.tracker.take() == []
    assert desk.tracker.snapshot() == []


def test_two_calls_that_became_one_are_told_before_what_they_are_now() -> None:
    desk = Desk().born("1.0", "trunk").born("2.0", "202", linkedid="2.0")
    desk.tracker.take()
    desk._names["2.0"] = (chan("202"), "1.0")
    desk.state("2.0", "up")
    assert kinds(desk.tracker.take()) == ["CallMerged", "CallChanged"]


def test_what_is_said_after_the_end_amends_the_record() -> None:
    """OriginateResponse comes after Hangup."""
    desk = Desk().dial(None, "1.0", "201").dialled("1.0", "noanswer").gone("1.0", cause=21)
    assert desk.tracker.take()[-1].record.dialled.raw is None  # type: ignore[union-attr]
    desk.say(pbx.OriginateEnded(desk.at, None, "PJSIP/201", "09121112233", False))
    (told,) = desk.tracker.take()
    assert isinstance(told, events.CallEnded)
    assert told.record.dialled.number == "+989121112233"


def test_time_is_the_facts_time() -> None:
    desk = Desk().born("1.0", "trunk")
    assert desk.tracker.now == T0
    desk.tracker.tick(T0 + 3)
    assert desk.tracker.now == T0 + 3


def test_a_snapshot_is_in_the_order_of_start() -> None:
    desk = Desk().born("3.0", "trunk", linkedid="3.0").wait(1).born("1.0", "trunk").wait(1)
    desk.born("2.0", "trunk", linkedid="2.0")
    assert [call.record.linkedid for call in desk.tracker.snapshot()] == ["3.0", "1.0", "2.0"]


def any_value(kind: object, rng: random.Random) -> object:
    ids = ("1.0", "1.1", "1.2", "2.0", "2.1", "", "9.9")
    names = ("trunk", "201", "202", "q-1;1", "q-1;2", "CBAnn")
    made = {
        float: rng.choice((T0, T0 + 1, T0 - 1, 0.0, 1e12)), str: rng.choice((*ids, "support", "voicemail", "202")),
        int: rng.choice((0, 16, 17, -1)), bool: rng.random() < 0.5, pbx.ChannelName: chan(rng.choice(names)),
    }  # fmt: skip
    if kind in made:
        return made[kind]
    if get_origin(kind) is Literal:
        return rng.choice(get_args(kind))
    if type(None) in get_args(kind):
        return rng.choice((None, any_value(get_args(kind)[0], rng)))
    item = get_args(kind)[0]
    if isinstance(item, type) and issubclass(item, msgspec.Struct):
        return tuple(any_fact(item, rng) for _ in range(rng.randrange(4)))
    return tuple(any_value(item, rng) for _ in range(rng.randrange(4)))


def any_fact(fact: type, rng: random.Random) -> pbx.Fact:
    hints = get_type_hints(fact)
    return fact(*[any_value(hints[name], rng) for name in fact.__struct_fields__])  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("seed", range(12))
def test_facts_in_any_order_raise_nothing(seed: int) -> None:
    """No PBX says such things; one that is broken may."""
    rng = random.Random(seed)
    tracker = Tracker("main")
    for _ in range(1500):
        tracker.apply(any_fact(rng.choice(get_args(pbx.Fact)), rng))
        if rng.random() < 0.05:
            for event in tracker.take():
                msgspec.json.encode(event)
            tracker.snapshot()
        check_books(tracker)


def check_books(tracker: Tracker) -> None:
    """The books agree with themselves."""
    board = tracker.board
    for call in board.calls.values():
        assert call.live == sum(channel.ended_at is None for channel in call.channels)
        assert all(channel.call is call for channel in call.channels)
        assert all(board.call_of(linkedid) is call for linkedid in call.linkedids)
    for channel in board.channels.values():
        assert channel.call is not None
        assert board.calls[channel.call.id] is channel.call
        assert channel.bridge is None or channel in channel.bridge.members
        assert channel.ended_at is None or channel.bridge is None
    for bridge in board.bridges.values():
        assert bridge.members
        assert all(channel.bridge is bridge for channel in bridge.members)


def test_a_call_as_it_is_before_it_is_told() -> None:
    desk = Desk().call_in()
    call = desk.tracker.live("main-1.0")
    assert call is not None
    assert call.state == "talking"
    desk.leave("b", "1.0", "1.1").gone("1.1", "1.0")
    assert desk.tracker.live("main-1.0") is None
    assert desk.tracker.live("main-9.9") is None
