"""The table of a channel's states, and what two calls that become one keep."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from cti.live.call import NEXT, TRANSITIONS, Call, Channel, Span, State, Stimulus, span_state
from tests.cti.live.desk import T0, chan


def channel() -> Channel:
    return Channel("1.1", "1.0", chan("201"), "phone", T0)


def test_every_state_can_be_reached_from_a_new_channel() -> None:
    reached: set[str] = {"new"}
    for _ in get_args(State):
        reached |= {after for (state, _), after in TRANSITIONS.items() if state in reached}
    assert reached == set(get_args(State))


def test_the_table_speaks_of_known_states_and_stimuli() -> None:
    assert {stimulus for _, stimulus in TRANSITIONS} == set(NEXT) == set(get_args(Stimulus))
    assert not [state for state, _ in TRANSITIONS if state == "ended"], "nothing leads out of the end"
    assert {state for state, stimulus in TRANSITIONS if stimulus == "end"} == set(get_args(State)) - {"ended"}


@pytest.mark.parametrize(("state", "stimulus"), list(itertools.product(get_args(State), get_args(Stimulus))))
def test_the_pbx_is_always_right(state: State, stimulus: Stimulus) -> None:
    """A transition that the table does not know is followed and reported, except out of the end."""
    one = channel()
    one.state = state
    known = one.move(stimulus, T0 + 1)
    assert known == ((state, stimulus) in TRANSITIONS)
    assert one.state == (state if state == "ended" else NEXT[stimulus])


def test_spans_follow_each_other_without_a_hole() -> None:
    one = channel()
    for n, stimulus in enumerate(("ring", "answer", "join", "hold", "join", "leave", "end")):
        one.move(stimulus, T0 + n)  # type: ignore[arg-type]
    assert [(s.state, s.start - T0, None if s.end is None else s.end - T0) for s in one.spans] == [
        ("ringing", 0, 1), ("up", 1, 2), ("talking", 2, 3), ("held", 3, 4), ("talking", 4, 5), ("up", 5, 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "with_outside", "outside_call", "word"),
    [
        ("talking", True, True, "talk"), ("talking", False, True, "consult"), ("talking", False, False, "talk"),
        ("held", False, True, "hold"), ("ringing", False, False, "ring"), ("parked", True, True, "park"),
        ("up", False, True, "up"), ("new", False, False, "wait"),
    ],
)  # fmt: skip
def test_what_a_person_would_call_it(state: State, with_outside: bool, outside_call: bool, word: str) -> None:
    assert span_state(Span(state, T0, True, with_outside), outside_call) == word


def test_a_call_that_takes_another_over_keeps_all_of_both() -> None:
    older, younger = Call("main-1.0", "1.0", T0), Call("main-2.0", "2.0", T0 + 5)
    first, second = channel(), Channel("2.1", "2.0", chan("202"), "phone", T0 + 5)
    older.channels, younger.channels = [first], [second]
    older.live = younger.live = 1
    older.talked_at, younger.talked_at = T0 + 9, T0 + 7
    younger.digits, younger.lost, younger.voicemail_at = "12", True, T0 + 6
    older.absorb(younger)
    assert (older.channels, older.live, older.linkedids) == ([first, second], 2, ["1.0", "2.0"])
    assert (older.talked_at, older.digits, older.lost, older.voicemail_at) == (T0 + 7, "12", True, T0 + 6)
    assert older.started_at == T0


def test_who_began_is_the_first_party() -> None:
    call = Call("main-1.0", "1.0", T0)
    half = Channel("1.1", "1.0", chan("q;1"), "local", T0)
    call.channels = [half]
    assert call.first is None
    call.channels.append(channel())
    assert call.first is call.channels[1]
