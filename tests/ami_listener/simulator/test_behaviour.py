from __future__ import annotations

import random
import statistics

from ami_listener.simulator.behaviour import Human, Pace
from tests.ami_listener.simulator.scripted import Lab


def human(**pace: float) -> Human:
    return Human(random.Random(9), ("201", "202", "203"), Pace(**pace))


def test_lengths_lie_around_their_median() -> None:
    lengths = [human(scale=0.5).about(20.0) for _ in range(1)] + [h.about(20.0) for h in [human()] for _ in range(2000)]
    assert 18.0 < statistics.median(lengths) < 22.0 and min(lengths) > 0.0


def test_phones_mostly_answer_and_lines_take_longer() -> None:
    lab, people = Lab(), human()
    phone = lab.pbx.create(lab.phone("201"), 0, "internal", "s")
    line = lab.pbx.create(lab.phone("trunk"), 0, "from-pstn", "s")
    inside = [people.responds(phone, None) for _ in range(1000)]
    outside = [people.responds(line, phone) for _ in range(1000)]
    assert sum(r.kind == "answer" for r in inside) > 850 > sum(r.kind == "answer" for r in outside)
    assert {r.kind for r in inside} == {"answer", "busy", "decline", "ignore"}
    assert statistics.median(r.rings_after for r in outside) > 5 * statistics.median(r.rings_after for r in inside)
    assert all(r.after >= r.rings_after for r in inside if r.kind != "ignore")


def test_talks_hold_all_deeds_and_nobody_transfers_to_himself() -> None:
    lab, people = Lab(), human()
    caller = lab.pbx.create(lab.phone("trunk"), 4, "from-pstn", "5001")
    phone = lab.pbx.create(lab.phone("201"), 0, "internal", "s")
    talks = [people.talks(caller, phone) for _ in range(3000)]
    deeds = [deed for talk in talks for deed in talk.deeds]
    assert {deed.kind for deed in deeds} == {"hold", "blind", "attended", "park"}
    assert all(deed.to != "201" for deed in deeds)
    assert all(0.0 < deed.at < talk.seconds for talk in talks for deed in talk.deeds)
    assert {talk.ends for talk in talks} == {"near", "far"}


def test_some_callers_press_nothing() -> None:
    lab, people = Lab(), human()
    caller = lab.pbx.create(lab.phone("trunk"), 4, "from-pstn", "5004")
    pressed = [people.digit(caller) for _ in range(500)]
    assert None in pressed and {p[0] for p in pressed if p} == {"1", "2", "3", "4"}
