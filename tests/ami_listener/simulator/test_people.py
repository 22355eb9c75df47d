from __future__ import annotations

import random
import re

from ami_listener.simulator.people import WITHHELD, Crowd, agent_name

SENT = re.compile(r"(0|\+98|98|0098)(9\d{9}|[1-8]\d\d{8})")


def test_callers_have_iranian_numbers_as_trunks_give_them() -> None:
    crowd = Crowd(random.Random(4))
    callers = [crowd.caller() for _ in range(2000)]
    numbers = [c.number for c in callers if c is not WITHHELD]
    assert all(SENT.fullmatch(number) for number in numbers)
    forms = {match[1] for number in numbers if (match := SENT.fullmatch(number))}
    assert forms == {"0", "+98", "98", "0098"}
    assert 20 < callers.count(WITHHELD) < 200


def test_names_are_persian_english_or_the_number() -> None:
    crowd = Crowd(random.Random(4))
    callers = [crowd.caller() for _ in range(500)]
    assert any(re.search("[\u0600-\u06ff]", c.name) for c in callers)
    assert any(re.fullmatch(r"[A-Za-z.&' ]+", c.name) for c in callers)
    assert any(c.name == c.number for c in callers)


def test_many_callers_call_again() -> None:
    crowd = Crowd(random.Random(4))
    numbers = [crowd.caller().number[-10:] for _ in range(1000)]
    assert len(set(numbers)) < 800


def test_every_agent_has_a_name_of_its_own() -> None:
    names = [agent_name(index) for index in range(40)]
    assert len(set(names)) == 40 and names[0] == "سارا محمدی"
