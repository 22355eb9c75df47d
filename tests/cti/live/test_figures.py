"""The formulas, as a table worked out by hand; nothing to divide is n/a, never 0 or 100."""

from __future__ import annotations

import msgspec
import pytest

from cti.live import figures
from cti.live.figures import AgentSeconds, FigureRules, QueueCounts, QueueRule, Threshold

# 100 offered: 80 answered (60 of them in T), 15 abandoned (6 in T, 4 of these short), 5 moved on (3 of them late).
COUNTS = QueueCounts(
    answered=80, answered_in=60, handled=80, abandoned=15, abandoned_in=6, short=4, moved=5, late=3,
    wait_seconds=1600.0, talk_seconds=14_400.0, hold_seconds=900.0, wrap_seconds=1200.0, wrapped=40,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("genesys", 63.16),  # 60 / (80 + 15)
        ("genesys_short", 65.93),  # 60 / (95 − 4)
        ("genesys_flow", 60.00),  # 60 / 100
        ("genesys_flow_short", 62.50),  # 60 / 96
        ("cisco_ignored", 65.22),  # events 80 + 15 + 3 = 98; 60 / (98 − 6)
        ("cisco_negative", 61.22),  # 60 / 98
        ("cisco_positive", 67.35),  # 66 / 98
        ("asterisk", 75.00),  # 60 / 80
        ("asterisk2", 69.47),  # 66 / 95
    ],
)
def test_service_levels(name: figures.ServiceLevelName, expected: float) -> None:
    assert figures.service_level(name, COUNTS) == pytest.approx(expected, abs=0.005)
    assert figures.service_level(name, QueueCounts()) is None


def test_every_formula_has_a_name_and_a_source() -> None:
    assert set(figures.SERVICE_LEVEL_FORMULAS) == set(figures.ServiceLevelName.__args__)  # type: ignore[attr-defined]
    assert set(figures.OCCUPANCY_FORMULAS) == set(figures.OccupancyName.__args__)  # type: ignore[attr-defined]
    for formula, _ in (*figures.SERVICE_LEVEL_FORMULAS.values(), *figures.OCCUPANCY_FORMULAS.values()):
        assert formula.says
        assert formula.source


def test_only_short_abandons_are_no_service_level() -> None:
    assert figures.service_level("genesys_short", QueueCounts(abandoned=2, short=2)) is None
    assert figures.abandon_rate(QueueCounts(abandoned=2, short=2), without_short=True) is None


def test_rates_and_means() -> None:
    assert figures.abandon_rate(COUNTS, without_short=False) == 15.0
    assert figures.abandon_rate(COUNTS, without_short=True) == pytest.approx(11 / 96 * 100)
    assert figures.speed_of_answer(COUNTS) == 20.0  # the waits of the answered alone
    assert figures.handle_time(COUNTS) == 195.0  # (14400 + 1200) / 80
    assert figures.wrap_time(COUNTS) == 30.0  # 1200 / 40
    for of in (figures.speed_of_answer, figures.handle_time, figures.wrap_time):
        assert of(QueueCounts()) is None
    assert figures.abandon_rate(QueueCounts(), without_short=False) is None


def test_three_occupancies() -> None:
    spent = AgentSeconds(signed_in=7200.0, available=1800.0, handle=4500.0, staffed=10_800.0)
    assert figures.occupancy("available", spent) == pytest.approx(71.43, abs=0.005)  # 4500 / 6300
    assert figures.occupancy("signed_in", spent) == 62.5
    assert figures.occupancy("staffed", spent) == pytest.approx(41.67, abs=0.005)
    assert figures.occupancy("available", AgentSeconds(handle=60.0)) is None, "who was never signed in"


def test_counts_add_up() -> None:
    total = QueueCounts(longest_wait=90.0, answered=1)
    total.add(msgspec.structs.replace(COUNTS, longest_wait=70.0))
    assert (total.answered, total.longest_wait, total.offered) == (81, 90.0, 101)
    for name in COUNTS.__struct_fields__:
        both = QueueCounts(**{name: 2})
        both.add(QueueCounts(**{name: 3}))
        assert getattr(both, name) == (3 if name == "longest_wait" else 5), name


def test_the_rule_of_a_queue() -> None:
    rules = FigureRules(
        queues=(QueueRule(queue="*", threshold_seconds=30.0), QueueRule(queue="vip", wait=Threshold(5, 9)))
    )
    assert rules.queue("vip").wait.bad == 9
    assert rules.queue("sales").threshold_seconds == 30.0
    assert FigureRules(queues=()).queue("sales").target_percent == 80.0
