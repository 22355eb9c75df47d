"""Who worked at a phone is who was there when it rang, whatever changes while the call goes on."""

from __future__ import annotations

from call_log.handled import Handling, nobody_knows
from tests.call_log.calls import leg, record

CALL = record(1, legs=(leg("1.1", "PJSIP/201"), leg("1.2", "PJSIP/202"), leg("1.3", "PJSIP/trunk")))


def test_as_it_was_when_it_rang() -> None:
    there = {"201": ("u1",), "202": ()}
    handling = Handling(lambda _pbx, _endpoint, extension: there.get(extension or ""))
    assert handling.people(CALL) == {"1.1": ("u1",), "1.2": ()}
    there["201"] = ("u2",)
    assert handling.people(CALL, over=True) == {"1.1": ("u1",), "1.2": ()}
    assert handling.people(CALL) == {"1.1": ("u2",), "1.2": ()}, "what is over is forgotten"


def test_nobody_knows() -> None:
    assert Handling().people(CALL) == {} == Handling(nobody_knows).people(CALL, over=True)
