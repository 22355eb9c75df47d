"""Who heard whom: in one bridge, through Local pairs, never in a parking lot."""

from __future__ import annotations

from ami_listener.truth.channels import channels_of
from ami_listener.truth.talks import Bridges, Joined, seconds
from cti.live.profile import Profile
from tests.ami_listener.truth.traces import ZERO, Story

TRUNK, P201, P202 = "PJSIP/trunk-1", "PJSIP/201-2", "PJSIP/202-3"


def joined(story: Story, profile: Profile) -> dict[str, Joined]:
    channels = channels_of(story.rows, profile)
    found = Bridges(channels.values()).joined(list(channels.values()))
    return {channels[uid].chan.endpoint: each for uid, each in found.items()}


def spans(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(a - ZERO, 6), round(b - ZERO, 6)) for a, b in intervals]


def test_alone_in_a_bridge_is_no_talk(profile: Profile) -> None:
    story = (
        Story().enter(1, "b", P201, "2").enter(3, "b", TRUNK, "1").leave(7, "b", TRUNK, "1").leave(9, "b", P201, "2")
    )
    found = joined(story, profile)
    assert spans(found["PJSIP/201"].with_outside) == [(3, 7)]
    assert spans(found["PJSIP/trunk"].all) == [(3, 7)]
    assert found["PJSIP/201"].with_colleagues == []


def test_colleagues_and_outsiders_are_told_apart(profile: Profile) -> None:
    story = Story().enter(1, "b", P201, "2").enter(1, "b", P202, "3").enter(4, "b", TRUNK, "1")
    story.leave(6, "b", TRUNK, "1").leave(8, "b", P202, "3").leave(8, "b", P201, "2")
    found = joined(story, profile)
    assert spans(found["PJSIP/201"].with_colleagues) == [(1, 4), (6, 8)]
    assert spans(found["PJSIP/201"].with_outside) == [(4, 6)]


def test_local_pairs_join_bridges_of_bridges(profile: Profile) -> None:
    story = Story().enter(1, "a", TRUNK, "1").enter(1, "a", "Local/x@y-1;1", "4").enter(1, "b", "Local/x@y-1;2", "5")
    story.enter(1, "b", "Local/z@y-2;1", "6").enter(2, "c", "Local/z@y-2;2", "7").enter(3, "c", P201, "2")
    for bridge, channel, uid in (
        ("c", P201, "2"), ("a", TRUNK, "1"), ("a", "Local/x@y-1;1", "4"), ("b", "Local/x@y-1;2", "5"),
        ("b", "Local/z@y-2;1", "6"), ("c", "Local/z@y-2;2", "7"),
    ):  # fmt: skip
        story.leave(6, bridge, channel, uid)
    assert spans(joined(story, profile)["PJSIP/201"].with_outside) == [(3, 6)]


def test_parked_callers_do_not_hear_each_other(profile: Profile) -> None:
    story = Story().enter(1, "lot", TRUNK, "1", technology="holding_bridge").enter(2, "lot", P201, "2")
    story.leave(9, "lot", TRUNK, "1").leave(9, "lot", P201, "2")
    assert joined(story, profile)["PJSIP/201"].all == []


def test_channels_of_the_pbx_are_no_company(profile: Profile) -> None:
    story = Story().enter(1, "b", P201, "2").enter(1, "b", "CBAnn/room-1;2", "9")
    story.leave(5, "b", P201, "2").leave(5, "b", "CBAnn/room-1;2", "9")
    assert joined(story, profile)["PJSIP/201"].all == []


def test_a_moment_in_another_bridge_of_the_same_people_is_one_talk(profile: Profile) -> None:
    story = (
        Story().enter(1, "a", P201, "2").enter(1, "a", TRUNK, "1").leave(4, "a", TRUNK, "1").leave(4, "a", P201, "2")
    )
    story.enter(4, "b", P201, "2").enter(4, "b", TRUNK, "1").leave(9, "b", TRUNK, "1").leave(9, "b", P201, "2")
    assert spans(joined(story, profile)["PJSIP/201"].with_outside) == [(1, 9)]


def test_seconds_are_counted_once() -> None:
    assert seconds([]) == 0
    assert seconds([(0, 5), (3, 8), (10, 11), (10, 10.5)]) == 9
