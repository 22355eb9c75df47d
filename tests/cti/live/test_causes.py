"""Why a leg was not answered: the hang-up cause outranks what the dial said."""

from __future__ import annotations

import pytest

from cti.live.causes import BY_CAUSE, BY_STATUS, unanswered_result


@pytest.mark.parametrize(
    ("cause", "status", "result"),
    [
        (17, "noanswer", "busy"),  # a queue says NOANSWER of a 486
        (21, "noanswer", "declined"),  # an Originate says NOANSWER of a 603
        (0, "noanswer", "noanswer"),
        (16, "cancel", "cancelled"),
        (26, "cancel", "cancelled"),
        (20, "chanunavail", "failed"),
        (34, "congestion", "failed"),
        (34, "cancel", "cancelled"),  # told to stop, whatever the line then says
        (18, "noanswer", "noanswer"),
        (0, "", "cancelled"),
        (-5, "made up", "cancelled"),
        (127, "busy", "busy"),
    ],
)
def test_the_result(cause: int, status: str, result: str) -> None:
    assert unanswered_result(cause, status) == result


def test_no_cause_says_answered() -> None:
    assert "answered" not in {*BY_CAUSE.values(), *BY_STATUS.values()}


def test_a_number_that_nobody_has_failed() -> None:
    """Dial says NOANSWER of a 404."""
    assert unanswered_result(1, "noanswer") == "failed"
    assert unanswered_result(1, "cancel") == "cancelled"
