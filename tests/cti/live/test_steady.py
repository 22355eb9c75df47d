"""Time goes on, and one broken stamp does not move it."""

from __future__ import annotations

from cti.live.steady import LEAP_SECONDS, SteadyTime

T = 1_800_000_000.0


def at(*stamps: float) -> SteadyTime:
    time = SteadyTime()
    for stamp in stamps:
        time.see(stamp)
    return time


def test_the_first_is_believed() -> None:
    assert at(T).now == T


def test_it_goes_on_and_never_a_little_back() -> None:
    assert at(T, T + 5, T + 4.9).now == T + 5


def test_one_leap_is_not_believed_nor_two() -> None:
    assert at(T, T + 1e9, T + 1).now == T + 1
    assert at(T, T - 1e9, T - 1e9, T + 1).now == T + 1


def test_three_that_agree_are() -> None:
    assert at(T, *[T + 1e6 + n for n in range(3)]).now == T + 1e6 + 2
    assert at(T, *[T - 1e6 + n for n in range(3)]).now == T - 1e6 + 2


def test_three_that_do_not_agree_are_not() -> None:
    assert at(T, T + 1e6, T + 2e6, T + 3e6, T + 1).now == T + 1


def test_three_with_a_good_one_between_are_not() -> None:
    assert at(T, T + 1e6, T + 1e6, T + 1, T + 1e6).now == T + 1


def test_a_first_stamp_that_was_broken_is_mended() -> None:
    assert at(T + 1e9, T, T + 1, T + 2).now == T + 2


def test_a_trusted_clock_only_mends() -> None:
    time = at(T)
    time.pass_to(T - 5)
    assert time.now == T, "the PBX may be a little ahead"
    time.pass_to(T + 5)
    assert time.now == T + 5
    time.pass_to(T - LEAP_SECONDS)
    assert time.now == T - LEAP_SECONDS
