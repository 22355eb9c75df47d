"""What became of each phone that was rung, and its story without gaps."""

from __future__ import annotations

import pytest

from ami_listener.truth.channels import TruthChannel, channels_of
from ami_listener.truth.legs import answered_elsewhere, leg_of, segments
from ami_listener.truth.talks import Bridges
from cti.live.profile import Profile
from cti.live.record import QueueWait
from tests.ami_listener.truth.traces import ZERO, Story

TRUNK, P201, P202 = "PJSIP/trunk-1", "PJSIP/201-2", "PJSIP/202-3"


def parties(story: Story, profile: Profile) -> list[TruthChannel]:
    return list(channels_of(story.rows, profile).values())


@pytest.mark.parametrize(
    ("cause", "stopped", "result"),
    [(17, False, "busy"), (21, True, "declined"), (0, False, "noanswer"), (16, True, "cancelled"),
     (34, False, "failed"), (34, True, "cancelled"), (18, True, "cancelled"), (26, True, "cancelled")],
)  # fmt: skip
def test_why_it_was_not_answered(profile: Profile, cause: int, stopped: bool, result: str) -> None:
    story = Story().dialled(1, P201, "2", "1").gone(4, P201, "2", "1", cause=cause)
    (channel,) = parties(story, profile)
    found = Bridges([channel]).joined([channel])[channel.uniqueid]
    leg = leg_of(channel, found, True, "201", stopped)
    assert (leg.result, leg.ring_seconds, leg.role, leg.talk_seconds) == (result, 3, "callee", 0)


def test_stopped_because_another_was_answered(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").dialled(1, P201, "2", "1").dialled(1, P202, "3", "1")
    story.up(3, P202, "3", "1").up(3, TRUNK, "1")
    story.gone(3.01, P201, "2", "1").gone(9, P202, "3", "1", by=P202).gone(9, TRUNK, "1", by=P202)
    caller, first, second = parties(story, profile)
    assert answered_elsewhere([caller, first, second], caller) == [first]


def test_stopped_because_the_caller_gave_up_or_left_to_ring(profile: Profile) -> None:
    for source, stopped in ((TRUNK, True), ("dialplan/builtin", False)):
        story = Story().born(0, TRUNK, "1").dialled(1, P201, "2", "1").gone(5, P201, "2", "1", cause=0)
        story.gone(5, TRUNK, "1", by=source)
        caller, phone = parties(story, profile)
        assert (phone in answered_elsewhere([caller, phone], caller)) == stopped


def test_a_story_without_gaps(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").up(0, TRUNK, "1").enter(5, "b", TRUNK, "1").enter(5, "b", P201, "2", "1")
    story.leave(8, "b", P201, "2", "1").leave(9, "b", TRUNK, "1").enter(
        9, "lot", TRUNK, "1", technology="holding_bridge"
    )
    story.gone(12, TRUNK, "1", by=TRUNK)
    caller, phone = parties(story, profile)
    found = Bridges([caller, phone]).joined([caller, phone])
    told = segments(caller, found[caller.uniqueid], True, [QueueWait("support", 2.0, True, ZERO + 3)])
    assert [(s.state, s.start - ZERO, (s.end or 0) - ZERO) for s in told] == [
        ("wait", 0, 3), ("queue", 3, 5), ("talk", 5, 8), ("wait", 8, 9), ("park", 9, 12),
    ]  # fmt: skip
