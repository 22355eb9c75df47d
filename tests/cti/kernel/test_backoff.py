import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.kernel.backoff import Backoff


def test_delays_double_up_to_the_cap_and_begin_again_after_a_success() -> None:
    backoff = Backoff(first=1, cap=5, chance=lambda: 0.0)
    assert [backoff.next() for _ in range(5)] == [1, 2, 4, 5, 5]
    assert backoff.tries == 5
    backoff.reset()
    assert backoff.next() == 1


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 2000))
def test_jitter_only_shortens_so_the_cap_holds(chance: float, tries: int) -> None:
    backoff = Backoff(first=0.25, cap=10, jitter=0.5, chance=lambda: chance)
    delays = [backoff.next() for _ in range(tries)]
    assert all(0.125 <= delay <= 10 for delay in delays)


@pytest.mark.parametrize("wrong", [{"first": 0}, {"first": 2, "cap": 1}, {"jitter": 1}])
def test_senseless_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Backoff(**wrong)  # type: ignore[arg-type]
