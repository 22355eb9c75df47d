"""Every formula that there is has words, and no other."""

from __future__ import annotations

from cti.live.figures import OCCUPANCY_FORMULAS, SERVICE_LEVEL_FORMULAS
from web.figure_words import OCCUPANCIES, SERVICE_LEVELS


def test_every_formula_has_words() -> None:
    assert set(SERVICE_LEVELS) == set(SERVICE_LEVEL_FORMULAS)
    assert set(OCCUPANCIES) == set(OCCUPANCY_FORMULAS)
    titles = [title for title, _ in (*SERVICE_LEVELS.values(), *OCCUPANCIES.values())]
    assert len(set(titles)) == len(titles)
