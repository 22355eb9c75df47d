"""The places of who waits: read as a screen reads them they are in the PBX's order."""

from __future__ import annotations

import random

import pytest

from screenpop.waiting import Waiting


def shown(waiting: Waiting, since: dict[str, float]) -> list[str]:
    """The order in which a screen shows them."""
    return sorted(since, key=lambda call: (waiting.places.get(call, round(since[call], 3)), call))


def test_who_stands_by_his_wait_needs_no_place() -> None:
    waiting = Waiting()
    for call, since in (("a", 1.0), ("b", 2.0), ("c", 3.0)):
        assert waiting.joins("q", call, since) and not waiting.joins("q", call, since)
    waiting.ordered("q", ("a", "b", "c"))
    assert waiting.settle() == set() and waiting.places == {} and waiting.longest("q") == 1.0
    waiting.leaves("q", "a")
    assert waiting.settle() == set() and waiting.longest("q") == 2.0


def test_only_who_was_put_to_the_front_is_told_of() -> None:
    waiting, since = Waiting(), {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    for call, at in since.items():
        waiting.joins("q", call, at)
    waiting.ordered("q", ("c", "a", "b", "d"))
    assert waiting.settle() == {"c"} and waiting.places == {"c": 0.999}
    assert shown(waiting, since) == ["c", "a", "b", "d"]
    waiting.leaves("q", "c")
    assert waiting.settle() == set() and waiting.places == {}


def test_who_is_moved_here_with_his_wait_stands_behind() -> None:
    waiting, since = Waiting(), {"a": 50.0, "b": 60.0, "old": 1.0}
    for call, at in since.items():
        waiting.joins("q", call, at)
    waiting.ordered("q", ("a", "b", "old"))
    waiting.settle()
    assert shown(waiting, since) == ["a", "b", "old"]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_the_screens_order_is_the_pbxs(seed: int) -> None:
    dice, waiting = random.Random(seed), Waiting()
    since: dict[str, float] = {}
    order: list[str] = []
    known: dict[str, float] = {}
    for number in range(200):
        if dice.random() < 0.5 or not order:
            call = f"c{dice.randrange(10)}-{number}"
            since[call] = float(dice.randrange(50))
            order.insert(dice.choice((0, len(order), dice.randrange(len(order) + 1))), call)
            waiting.joins("q", call, since[call])
        elif dice.random() < 0.5:
            order.insert(0, order.pop(dice.randrange(len(order))))
        else:
            gone = order.pop(dice.randrange(len(order)))
            del since[gone]
            waiting.leaves("q", gone)
            known.pop(gone, None)
        waiting.ordered("q", tuple(order))
        for call in waiting.settle():
            known.pop(call, None)
            if call in waiting.places:
                known[call] = waiting.places[call]
        assert known == waiting.places, "all that changed was told"
        assert shown(waiting, since) == order
