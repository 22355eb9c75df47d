import pytest
from hypothesis import given
from hypothesis import strategies as st

from ami_listener.pbxclock import PbxClock


def test_nothing_is_known_before_the_first_answer() -> None:
    clock = PbxClock()
    assert (clock.offset, clock.error) == (None, None)


def test_the_quicker_answers_are_believed() -> None:
    clock = PbxClock()
    for trip in (0.002, 0.004, 0.003):
        clock.add(100.0, 100.0 + trip, 190.0 + trip / 2)
    clock.add(100.0, 104.0, 190.0)  # stuck somewhere on its way back
    assert clock.offset == pytest.approx(90.0)
    assert clock.error == pytest.approx(0.00125)


@given(st.floats(-90, 90), st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=30))
def test_the_offset_is_within_half_the_slowest_trip(ahead: float, trips: list[tuple[float, float]]) -> None:
    clock = PbxClock()
    for out, back in trips:
        clock.add(1000.0, 1000.0 + out + back, 1000.0 + out + ahead)
    assert clock.offset == pytest.approx(ahead, abs=max(out + back for out, back in trips) / 2 + 1e-6)


def test_our_clock_set_back_meanwhile_is_left_out() -> None:
    clock = PbxClock()
    clock.add(100.0, 99.0, 100.0)
    assert clock.offset is None


def test_old_answers_are_forgotten() -> None:
    clock = PbxClock(samples=3)
    for ahead in (0.0, 0.0, 0.0, 5.0, 5.0, 5.0):
        clock.add(100.0, 100.0, 100.0 + ahead)
    assert clock.offset == 5.0
