"""Events are frozen, and say themselves in JSON: they go to browsers and over buses."""

from __future__ import annotations

import msgspec
import pytest

from cti.live import events
from tests.cti.live.desk import Desk


def test_what_the_tracker_tells_can_be_written_down_and_read_back() -> None:
    desk = Desk().call_in()
    desk.joins_queue("1.0")
    told = desk.tracker.take()
    desk.asked("1.0").gone("1.1", "1.0")
    told += desk.tracker.take()
    assert {type(event).__name__ for event in told} == {"CallStarted", "CallEnded", "QueueChanged"}
    for event in told:
        assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event


def test_an_event_cannot_be_changed() -> None:
    event = events.ResyncNeeded("main", 1.0, "x")
    with pytest.raises(AttributeError):
        event.reason = "y"  # type: ignore[misc]
