"""What a listener is told of his listening."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cti.control.monitor import Monitor, State, Told

BEGINS = Monitor(
    "m1", "main", "main-1.0", "u3", "Boss", "listen", True, "tamas-1.1", "1.1", "201", ("u1",), "Sara", 1.0
)
HEARD = replace(BEGINS, heard_at=2.0)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (Told(BEGINS), "begins"),
        (Told(HEARD), "heard"),
        (Told(HEARD, over=True, goes_on=True), "waits"),
        (Told(replace(BEGINS, left_at=3.0)), "waits"),
        (Told(HEARD, over=True), "over"),
    ],
)
def test_each_state(told: Told, state: State) -> None:
    assert told.state == state
