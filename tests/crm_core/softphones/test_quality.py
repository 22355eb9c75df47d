"""Against the figures that G.107 and the paper give."""

from __future__ import annotations

import pytest

from crm_core.softphones.quality import mos, opinion


@pytest.mark.parametrize(
    ("rating", "score"), [(0, 1.0), (50, 2.58), (60, 3.1), (70, 3.6), (80, 4.03), (90, 4.34), (100, 4.5)]
)
def test_a_rating_as_an_opinion(rating: float, score: float) -> None:
    """G.107 Annex B, table B.1."""
    assert opinion(rating) == pytest.approx(score, abs=0.01)


def test_a_clean_line_is_as_good_as_it_gets() -> None:
    assert mos(0, 0, 0) == pytest.approx(4.4, abs=0.02)


def test_worse_is_worse() -> None:
    assert mos(50, 2, 0) > mos(300, 2, 0) > mos(600, 2, 0) > 1
    assert mos(50, 2, 0) > mos(50, 60, 0)
    assert mos(50, 2, 0.5) > mos(50, 2, 3) > mos(50, 2, 20)
    assert mos(5000, 500, 100) == 1.0


def test_without_reports_of_the_other_side_the_delay_is_taken_for_none() -> None:
    assert mos(None, 5, 1) == mos(0, 5, 1)
