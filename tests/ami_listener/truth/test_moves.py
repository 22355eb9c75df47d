"""Queues and transfers, of which CEL tells by signs."""

from __future__ import annotations

from ami_listener.truth import moves
from ami_listener.truth.channels import channels_of
from ami_listener.truth.rows import CdrRow
from ami_listener.truth.talks import Bridges
from cti.live.profile import Profile
from cti.live.record import QueueWait, Transfer
from tests.ami_listener.truth.traces import ZERO, Story

TRUNK, P201, P202 = "PJSIP/trunk-1", "PJSIP/201-2", "PJSIP/202-3"


def detail(app: str, data: str, start: float, end: float, dstchannel: str = "") -> CdrRow:
    return CdrRow(ZERO + start, ZERO + end, TRUNK, "1795311000.1", dstchannel=dstchannel, app=app, data=data)


def visits(story: Story, profile: Profile, *details: CdrRow) -> tuple[QueueWait, ...]:
    return moves.visits(list(channels_of(story.rows, profile).values()), {"1795311000.1": list(details)})


def transfers(story: Story, profile: Profile, *details: CdrRow) -> tuple[Transfer, ...]:
    channels = channels_of(story.rows, profile)
    listed = list(channels.values())
    return moves.transfers(listed, {"1795311000.1": list(details)}, Bridges(listed).joined(listed), profile)


def test_all_rung_at_once_and_one_answers_is_one_visit(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5000")
    story.dialled(1, P201, "2", "1", app="AppQueue").dialled(1.1, P202, "3", "1", app="AppQueue").up(3, P201, "2", "1")
    story.enter(3.1, "b", TRUNK, "1", app="Queue", data="support,,,,30")
    (visit,) = visits(story, profile)
    assert (visit.queue, visit.answered) == ("support", True)
    assert (round(visit.joined_at - ZERO, 3), round(visit.seconds or 0, 3)) == (1, 2.1)


def test_a_second_queue_is_a_second_visit(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5000").dialled(1, P201, "2", "1", app="AppQueue").gone(4, P201, "2", "1")
    story.dialled(6, P202, "3", "1", app="AppQueue").gone(9, P202, "3", "1")
    details = (detail("Queue", "sales,t", 0, 4, P201), detail("Queue", "second", 5, 12, P202))
    found = [(v.queue, v.joined_at - ZERO, v.seconds, v.answered) for v in visits(story, profile, *details)]
    assert found == [("sales", 1, 5, False), ("second", 6, 6, False)]


def test_a_queue_in_which_nobody_could_be_rung(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5000").up(0.5, TRUNK, "1").gone(20, TRUNK, "1", by=TRUNK)
    assert [
        (v.queue, v.seconds, v.answered) for v in visits(story, profile, detail("Queue", "empty,,,,30", 0, 20))
    ] == [("empty", 19.5, False)]
    assert visits(story, profile) == ()


def test_a_parking_space_from_cdr_and_from_who_fetched_it(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").row(5, "PARK_START", TRUNK, "1", extra={"parker_dial_string": "PJSIP/201"})
    told = transfers(story, profile, detail("Park", "default:703", 5, 9))
    assert [(t.kind, t.from_, t.to, t.at) for t in told] == [("park", "PJSIP/201", "703", ZERO + 5)]
    assert transfers(story, profile)[0].to is None
    story.born(8, P202, "3", exten="703").row(9, "PARK_END", TRUNK, "1", extra={"retriever": P202})
    assert transfers(story, profile)[0].to == "703"


def test_a_blind_transfer_into_the_parking_lot_is_parking(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").born(0, P201, "2", "1")
    story.row(5, "BLINDTRANSFER", P201, "2", "1", extra={"extension": "700"})
    story.row(5.2, "PARK_START", TRUNK, "1", extra={"parker_dial_string": "PJSIP/201"})
    assert [t.kind for t in transfers(story, profile)] == ["park"]


def test_a_redirect_is_told_by_the_extension_it_leaves_for(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5001").born(0, P201, "2", "1")
    story.enter(1, "b", P201, "2", "1").enter(1, "b", TRUNK, "1", exten="5001")
    story.leave(4, "b", TRUNK, "1", exten="5013", peer=P201)
    assert [(t.kind, t.from_, t.to) for t in transfers(story, profile)] == [("redirect", "PJSIP/201", "5013")]
    quiet = Story().born(0, TRUNK, "1").enter(1, "b", TRUNK, "1", exten="5001").leave(4, "b", TRUNK, "1", exten="h")
    assert transfers(quiet, profile) == ()


def test_the_application_that_ran_from_cel_or_from_cdr(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").up(1, TRUNK, "1", app="VoiceMail")
    (channel,) = channels_of(story.rows, profile).values()
    assert moves.ran(channel, {}, "voicemail") is not None
    assert moves.ran(channel, {}, "chanspy") is None
    assert moves.ran(channel, {channel.uniqueid: [detail("ChanSpy", "PJSIP/201", 0, 1)]}, "chanspy") is not None


def test_a_conference_and_since_when(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1").row(2, "STREAM_BEGIN", TRUNK, "1", app="ConfBridge", data="room1,admin")
    channels = list(channels_of(story.rows, profile).values())
    assert moves.conference(channels, {}) == ("room1", ZERO + 2)
    assert moves.conference([], {}) is None
