from __future__ import annotations

import pytest

from ami_listener.simulator.consult import begin_consult
from ami_listener.simulator.life import hang
from tests.ami_listener.simulator.scenarios import IGNORES, lab
from tests.ami_listener.simulator.scripted import Lab


def consulting(seconds: float = 3.0, one: Lab | None = None, calls: bool = True) -> Lab:
    """201 talks with a caller and consults 202. ``calls``: nobody has called yet."""
    one = one or lab()
    if calls:
        one.call_in("5011")
    one.run(3.0)
    begin_consult(one.pbx, one.live("201"), one.live("trunk"), "internal", "202")
    one.run(seconds)
    return one


def test_the_pair_joins_the_two() -> None:
    one = consulting()
    assert sorted(name[-2:] for name in one.pbx.channels if name.startswith("Local/")) == [";1", ";2"]
    assert one.live("trunk").call is one.live("202").call
    assert one.live("202").linkedid == one.live("trunk").linkedid


def test_completed_with_the_line_that_we_had_called() -> None:
    one = lab()
    one.call_from("201", "09121112233")
    one.run(3.0)
    begin_consult(one.pbx, one.live("201"), one.live("trunk"), "internal", "202")
    one.run(3.0)
    hang(one.pbx, one.live("201"))
    one.run(1.0)
    assert one.live("trunk").bridge is one.live("202").bridge is not None
    hang(one.pbx, one.live("202"))
    one.run(1.0)
    (call,) = one.truth
    assert call.hung_up_by == "agent" and set(call.talk) == {"PJSIP/201", "PJSIP/202"}


def test_hanging_up_while_the_third_still_rings_sends_the_caller_after() -> None:
    one = consulting(1.0, lab(p202=IGNORES))
    hang(one.pbx, one.live("201"))
    one.run(1.0)
    assert one.live("202").state == 5 and one.live("trunk").app == "Dial"
    assert [c for c in one.pbx.channels if c.startswith("Local/")] == []


def test_a_third_that_does_not_answer_gives_the_caller_back() -> None:
    one = consulting(25.0, lab(p202=IGNORES))
    assert one.live("trunk").bridge is one.live("201").bridge is not None
    assert not one.phone("202").channels


def test_hanging_up_between_the_digits_is_just_hanging_up() -> None:
    for who in ("201", "trunk"):
        one = consulting(0.1)
        hang(one.pbx, one.live(who))
        one.run(1.0)
        assert not one.pbx.channels and one.truth[0].transfers == []


def test_a_second_consultation_has_to_wait() -> None:
    one = consulting()
    begin_consult(one.pbx, one.live("201"), one.live("trunk"), "internal", "203")
    one.run(2.0)
    assert not one.phone("203").channels


def test_hold_lasts_until_the_transfer() -> None:
    one = consulting(5.0)
    hang(one.pbx, one.live("201"))
    one.run(3.0)
    hang(one.pbx, one.live("trunk"))
    one.run(1.0)
    assert 4.8 < one.truth[0].hold_seconds < 5.1


@pytest.mark.parametrize("calls_out", [False, True])
@pytest.mark.parametrize("first", ["transferer", "pair"])
def test_everybody_hung_up_at_once_leaves_nothing(first: str, calls_out: bool) -> None:
    one = lab()
    if calls_out:
        one.call_from("201", "09121112233")
    one = consulting(one=one, calls=not calls_out)
    pair = next(channel for name, channel in one.pbx.channels.items() if name.endswith(";1"))
    both = (one.live("201"), pair)
    for channel in both if first == "transferer" else both[::-1]:
        hang(one.pbx, channel, "command")
    one.run(1.0)
    for channel in tuple(one.pbx.channels.values()):
        hang(one.pbx, channel, "command")
    one.run(1.0)
    assert not one.pbx.channels
