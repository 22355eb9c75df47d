from typing import get_args

from ami_listener.link import LASTING, Fault, Limits, LinkBrokenError, LinkState


def test_only_what_somebody_must_mend_is_tried_seldom() -> None:
    assert sorted(LASTING) == ["no_permission", "wrong_secret"]
    assert set(get_args(Fault)) > LASTING
    # fail2ban's Asterisk jail by default: five failures in ten minutes.
    assert Limits().retry_lasting * 5 > 600


def test_a_broken_link_says_why() -> None:
    error = LinkBrokenError("silent", "nothing heard for 8 s")
    assert (error.fault, str(error)) == ("silent", "nothing heard for 8 s")


def test_a_state_is_a_value() -> None:
    assert LinkState("main", 1.0, "up", "logged in", 1) == LinkState("main", 1.0, "up", "logged in", 1)
