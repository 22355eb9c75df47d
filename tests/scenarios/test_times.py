"""Arrival times may be counted from any moment: durations are right, and nothing is dated before its stream."""

from __future__ import annotations

import pytest

from ami_listener.replay import Replay, Times
from tests.scenarios import recorded


@pytest.mark.parametrize("scenario", ["asterisk-22/resync_snapshot", "asterisk-16/attended_transfer"])
def test_times_counted_from_the_beginning_of_the_recording(scenario: str) -> None:
    stream, times = recorded.without_timestamps(scenario)
    zero = recorded.expected(scenario)["clock"]["offset_zero_epoch"]
    absolute = Replay(recorded.profile(), times=times)
    absolute.feed(stream)
    relative = Replay(recorded.profile(), times=times.since(zero))
    relative.feed(stream)
    for ours, theirs in zip(relative.finish(), absolute.finish(), strict=True):
        assert ours.talk_seconds == pytest.approx(theirs.talk_seconds, abs=1e-5)
        assert ours.ended_at == pytest.approx((theirs.ended_at or 0.0) - zero, abs=1e-5)
        assert ours.started_at is not None and ours.ended_at is not None
        assert 0.0 <= ours.started_at <= ours.ended_at


def test_before_the_first_read_there_is_no_time() -> None:
    assert Times([10, 20], [1.0, 2.0]).at(9) is None
    assert Times([10, 20], [1.0, 2.0]).at(25) == 2.0
