"""What a channel was, and which channels are one call."""

from __future__ import annotations

from ami_listener.truth.channels import Union, channels_of, closures, read_extra
from ami_listener.truth.rows import CelRow
from cti.live.profile import Profile
from tests.ami_listener.truth.traces import ZERO, Story


def test_a_channel_from_its_rows(profile: Profile) -> None:
    story = Story().dialled(1, "PJSIP/201-1", "2", "1").up(2, "PJSIP/201-1", "2", "1").up(3, "PJSIP/201-1", "2", "1")
    story.enter(3, "b", "PJSIP/201-1", "2", "1").gone(9, "PJSIP/201-1", "2", "1", by="PJSIP/201-1", cause=17)
    (channel,) = channels_of(story.rows, profile).values()
    assert (channel.begin - ZERO, channel.answered_at, channel.end) == (1, ZERO + 2, ZERO + 9)
    assert (channel.kind, channel.party, channel.dialled, channel.cause) == ("phone", True, True, 17)
    assert channel.source == "PJSIP/201-1"
    assert [(stay.bridge, stay.start, stay.end) for stay in channel.stays] == [("b", ZERO + 3, ZERO + 9)]
    assert channel.app("appdial") is not None
    assert channel.app("queue") is None


def test_a_channel_moves_from_bridge_to_bridge_even_if_a_row_is_missing(profile: Profile) -> None:
    story = Story().born(0, "PJSIP/201-1", "1").enter(1, "a", "PJSIP/201-1", "1").enter(5, "b", "PJSIP/201-1", "1")
    (channel,) = channels_of(story.rows, profile).values()
    assert [(s.bridge, s.start - ZERO, s.end and s.end - ZERO) for s in channel.stays] == [("a", 1, 5), ("b", 5, None)]


def test_one_call_is_what_linkedids_hold_together(profile: Profile) -> None:
    story = Story().born(0, "PJSIP/trunk-1", "1").born(1, "PJSIP/201-2", "2", "1").born(2, "PJSIP/202-3", "3")
    assert [[c.uniqueid[-1] for c in call] for call in closures(channels_of(story.rows, profile))] == [
        ["1", "2"],
        ["3"],
    ]
    story.row(3, "BRIDGE_ENTER", "PJSIP/202-3", "3", "1")
    assert [[c.uniqueid[-1] for c in call] for call in closures(channels_of(story.rows, profile))] == [["1", "2", "3"]]


def test_a_target_that_is_not_told_joins_nothing(profile: Profile) -> None:
    story = Story()
    for uid in ("1", "2"):
        story.born(0, f"PJSIP/trunk-{uid}", uid)
        extra = {
            "transfer_target_channel_uniqueid": "N/A",
            "channel2_uniqueid": "",
            "transferee_channel_uniqueid": None,
        }
        story.row(1, "ATTENDEDTRANSFER", f"PJSIP/trunk-{uid}", uid, extra=extra)
    assert len(closures(channels_of(story.rows, profile))) == 2


def test_sets_grow_together() -> None:
    union = Union()
    for a, b in (("a", "b"), ("c", "d"), ("b", "c"), ("x", "y")):
        union.join(a, b)
    assert len({union.root(item) for item in "abcd"}) == 1
    assert union.root("x") == union.root("y") != union.root("a")


def test_extra_is_json_or_nothing() -> None:
    assert read_extra(CelRow("X", 0, "", "", "", extra='{"a":1}')) == {"a": 1}
    for damaged in ("", "x", "{", "[]", "{]}"):
        assert read_extra(CelRow("X", 0, "", "", "", extra=damaged)) == {}
