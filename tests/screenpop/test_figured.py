"""Figures on the board: asked when something was logged, and now and then, but not at each event."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cti.live.figures import FigureRules, QueueRule, Threshold
from screenpop.figured import Figured, limits


class Day:
    """A day whose figures are how often they were asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def queue(self, pbx: str, name: str) -> dict[str, Any]:
        self.asked[f"{pbx}/{name}"] += 1
        counts = dict.fromkeys(("offered", "answered", "abandoned"), self.asked[f"{pbx}/{name}"])
        return counts | {"abandon_rate": 1.5, "service_level": 80.0, "sl_now": None, "aht": 3}

    def agent(self, user: str) -> dict[str, Any]:
        self.asked[user] += 1
        return {"calls": self.asked[user], "talk_seconds": 30, "aht": 1}

    def phone(self, pbx: str, extension: str) -> dict[str, Any]:
        return self.agent(f"{pbx}/{extension}")


RULES = FigureRules(queues=(QueueRule(queue="*", target_percent=90.0, wait=Threshold(20.0, 40.0)),))


def test_a_row_has_what_can_be_divided_and_what_it_is_held_against() -> None:
    assert Figured(Day(), lambda: RULES).queue("main/sales") == {
        "offered": 1, "answered": 1, "abandoned": 1, "abandon_rate": 1.5, "sl": 80.0, "target": 90.0,
        "wait_warn": 20.0, "wait_bad": 40.0,
    }  # fmt: skip


def test_it_asks_again_when_something_was_logged_and_after_a_while() -> None:
    made = Figured(Day(), lambda: RULES)
    made.turn(0.0)
    assert [made.agent("main/201", "u1")["calls"], made.agent("main/299", None)["calls"]] == [1, 1]
    assert made.queue("main/sales")["offered"] == 1
    made.stale("u1")
    made.stale("nobody")
    assert made.turn(1.0) == ({"u1"}, False)
    assert made.agent("main/201", "u1")["calls"] == 2
    assert made.turn(2.0) == (set(), False)
    assert made.turn(6.0) == ({"u1", "main/sales"}, False)
    assert (made.queue("main/sales")["offered"], made.agent("main/299", None)["calls"]) == (2, 1)


def test_other_rules_are_seen() -> None:
    held = [RULES]
    made = Figured(Day(), lambda: held[0])
    made.turn(0.0)
    made.queue("main/sales")
    held[0] = FigureRules(talk=Threshold(1.0, 2.0))
    assert made.turn(1.0) == ({"main/sales"}, True)
    assert made.queue("main/sales")["target"] == 80.0
    assert limits(made.rules) == {"talk": {"warn": 1.0, "bad": 2.0}, "pause": {"warn": 900.0, "bad": 1800.0}}


def test_nobody_looks_and_nothing_is_kept() -> None:
    made = Figured(Day(), lambda: RULES)
    made.queue("main/sales")
    made.stale("main/sales")
    made.forget()
    made.stale("main/sales")
    assert made.turn(1.0) == (set(), False)
