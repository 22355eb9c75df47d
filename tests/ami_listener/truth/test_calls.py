"""CEL of a real Asterisk gives each recorded scenario's calls; CEL written by hand those that were not recorded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ami_listener.truth.calls import TruthCall, calls
from ami_listener.truth.csvfiles import read_folder
from ami_listener.truth.rows import CelRow, Rows
from cti.live.profile import Profile, ProfileSettings
from cti.live.record import CallRecord
from tests.ami_listener.truth.traces import SCENARIOS, ZERO, Story, expected, name_of, profile_of

# What the PBX's own truth does not hold, so that only the live tracker can tell.
UNKNOWABLE: dict[str, set[str]] = {
    # A phone that declined an Originate: what it was to dial stands nowhere, so neither does the direction.
    "outbound_agent_leg_declines": {"direction", "dialled", "hung_up_by", "wait_seconds"},
    # Nobody was free to be rung: when the caller joined the queue is known only by the first ring, a second later.
    "two_calls_same_number_at_once": {"queue_waits"},
    # These had joined their queues before the recording of AMI began; CEL knows of it.
    "resync_snapshot": {"queue_waits"},
}


def near(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and abs(a - b) <= 0.1)


def records_of(folder: Path) -> list[CallRecord]:
    found = calls(read_folder(folder, dt.UTC, 0, 1e12), profile_of(folder), "main")
    assert all(call.finished for call in found)
    return [call.record for call in found]


@pytest.mark.parametrize("folder", SCENARIOS, ids=name_of)
def test_a_recorded_scenario(folder: Path) -> None:
    records = records_of(folder)
    wanted = expected(folder)
    assert [r.linkedid for r in records] == [w["linkedid"] for w in wanted]
    for record, want in zip(records, wanted, strict=True):
        assert differences(record, want) <= UNKNOWABLE.get(folder.name, set())


def differences(record: CallRecord, want: dict[str, Any]) -> set[str]:
    """The names of the fields that are not as wanted; times may be 0.1 s apart."""
    raw = None if want.get("anonymous") else want["caller_number"]
    found = {
        "linkedids": list(record.linkedids) != sorted(want["linkedids"]),
        "caller": record.caller.raw != raw,
        "name": bool(want.get("caller_name")) and record.caller.name != want["caller_name"],
        "dialled": record.dialled.raw != want["dialled"],
        "digits": record.digits not in (None, want.get("digits")),
        "transfers": not same_transfers(record, want["transfers"]),
        "queue_waits": not same_waits(record, want["queue_waits"]),
    }
    for name in ("kind", "direction", "queue", "outcome", "hung_up_by", "conference"):
        found[name] = getattr(record, name) != want.get(name)
    for name in ("started_at", "ended_at", "answered_at", "wait_seconds"):
        found[name] = not near(getattr(record, name), want[name])
    if want["kind"] == "call":
        found["legs"] = not same_legs(record, want["legs"])
        for name in ("talk_seconds", "consult_seconds"):
            found[name] = not same_seconds(record, name, want[name])
    return {name for name, differs in found.items() if differs}


def same_legs(record: CallRecord, wanted: list[dict[str, Any]]) -> bool:
    legs = [leg for leg in record.legs if leg.role == "callee"]
    return len(legs) == len(wanted) and all(
        all(getattr(leg, name) == want[name] for name in ("endpoint", "uniqueid", "result"))
        and all(near(getattr(leg, name), want[name]) for name in ("rang_at", "answered_at", "ended_at"))
        for leg, want in zip(legs, wanted, strict=True)
    )


def same_seconds(record: CallRecord, name: str, wanted: dict[str, float]) -> bool:
    found: dict[str, float] = {}
    for leg in record.legs:
        if not leg.outside and getattr(leg, name):
            found[leg.endpoint] = found.get(leg.endpoint, 0.0) + getattr(leg, name)
    return found.keys() == wanted.keys() and all(near(found[e], wanted[e]) for e in found)


def same_transfers(record: CallRecord, wanted: list[dict[str, Any]]) -> bool:
    return len(record.transfers) == len(wanted) and all(
        (found.kind, found.from_, found.to) == (want["kind"], want["from"], want["to"]) and near(found.at, want["at"])
        for found, want in zip(record.transfers, wanted, strict=True)
    )


def same_waits(record: CallRecord, wanted: list[dict[str, Any]]) -> bool:
    return len(record.queue_waits) == len(wanted) and all(
        (found.queue, found.answered) == (want["queue"], want["answered"])
        and near(found.joined_at, want["joined_at"])
        and near(found.seconds, want["seconds"])
        for found, want in zip(record.queue_waits, wanted, strict=True)
    )


@pytest.mark.parametrize("folder", SCENARIOS, ids=name_of)
def test_whole_seconds_give_the_same_calls_to_the_second(folder: Path) -> None:
    profile = profile_of(folder)
    rows = read_folder(folder, dt.UTC, 0, 1e12)
    cut = Rows([msgspec.structs.replace(row, at=float(int(row.at))) for row in rows.cel], rows.cdr)
    assert rows.fine
    assert not cut.fine
    coarse = {c.record.id: c.record for c in calls(cut, profile, "main")}
    for call in calls(rows, profile, "main"):
        fine, found = call.record, coarse[call.record.id]
        assert (found.direction, found.caller, found.dialled) == (fine.direction, fine.caller, fine.dialled)
        assert {leg.endpoint for leg in found.legs} == {leg.endpoint for leg in fine.legs}
        stretches = sum(s.state in ("talk", "consult") for leg in fine.legs for s in leg.segments)
        assert abs(found.talk_seconds - fine.talk_seconds) <= max(1, stretches)


@pytest.mark.parametrize("folder", [s for s in SCENARIOS if s.parent.name != "lab-22"], ids=name_of)
def test_names_and_numbers_mean_nothing(folder: Path) -> None:
    """Everything renamed, and the profile with it: the same calls."""
    text = {"PJSIP/201": "SIP/anna", "PJSIP/202": "SIP/bert", "PJSIP/203": "SIP/carl", "PJSIP/209": "SIP/dora",
            "PJSIP/load": "SIP/many", "PJSIP/trunk": "IAX2/0201"}  # fmt: skip
    profile = Profile(ProfileSettings(extensions="^(anna|bert|carl|dora|many)$", trunks="^0201$"))
    rows = read_folder(folder, dt.UTC, 0, 1e12)
    renamed = Rows([rename(row, text) for row in rows.cel], [rename(row, text) for row in rows.cdr])
    for call, plain in zip(calls(renamed, profile, "main"), records_of(folder), strict=True):
        record = call.record
        assert (record.id, record.direction, record.outcome) == (plain.id, plain.direction, plain.outcome)
        assert [text[leg.endpoint] for leg in plain.legs] == [leg.endpoint for leg in record.legs]
        assert (record.talk_seconds, record.hung_up_by) == (plain.talk_seconds, plain.hung_up_by)


def rename(row: Any, text: dict[str, str]) -> Any:
    changes = {}
    for name in ("channel", "peer", "extra", "dstchannel"):
        value = getattr(row, name, None)
        if value:
            for old, new in text.items():
                value = value.replace(old, new)
            changes[name] = value
    return msgspec.structs.replace(row, **changes)


# --- what was not recorded


def one(story: Story, profile: Profile) -> CallRecord:
    found = read(story, profile)
    assert len(found) == 1
    return found[0].record


def read(story: Story, profile: Profile) -> list[TruthCall]:
    return calls(Rows(story.rows, ()), profile, "main")


def talk(record: CallRecord) -> dict[str, float]:
    return {leg.endpoint: round(leg.talk_seconds, 3) for leg in record.legs if leg.talk_seconds}


TRUNK, P201, P202, P203 = "PJSIP/trunk-01", "PJSIP/201-02", "PJSIP/202-03", "PJSIP/203-04"


def answered_by_201(story: Story) -> Story:
    """An outside call that 201 answers at 2.0, in bridge b1."""
    story.born(0, TRUNK, "1", exten="5001", number="09121234567").dialled(0.1, P201, "2", "1")
    story.up(2, P201, "2", "1").enter(2, "b1", P201, "2", "1").enter(2, "b1", TRUNK, "1", exten="5001")
    return story


def test_pick_up_of_a_ringing_phone(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5001", number="09121234567").dialled(0.1, P201, "2", "1")
    story.born(3, P202, "3", exten="*8")
    story.row(3.2, "PICKUP", P201, "2", "1", extra={"pickup_channel": P202, "pickup_channel_uniqueid": "1795311000.3"})
    story.up(3.2, P202, "3", "1").gone(3.3, P201, "2", "1", cause=26)
    story.enter(3.3, "b", P202, "3", "1").enter(3.3, "b", TRUNK, "1")
    story.gone(8.3, TRUNK, "1", by=TRUNK).gone(8.3, P202, "3", "1", by=TRUNK)
    record = one(story, profile)
    assert (record.outcome, record.hung_up_by, talk(record)) == ("answered", "caller", {"PJSIP/202": 5.0})
    assert [(leg.endpoint, leg.result) for leg in record.legs] == [
        ("PJSIP/201", "cancelled"),
        ("PJSIP/202", "answered"),
    ]
    assert record.dialled.raw == "5001"


def test_a_forwarded_leg(profile: Profile) -> None:
    story = Story().born(0, TRUNK, "1", exten="5001", number="09121234567").dialled(0.1, P201, "2", "1")
    story.row(0.5, "FORWARD", TRUNK, "1", extra={"forward": "Local/202@internal"}).gone(0.5, P201, "2", "1")
    story.dialled(0.6, P202, "3", "1").up(2, P202, "3", "1").enter(2, "b", P202, "3", "1").enter(2, "b", TRUNK, "1")
    story.gone(5, P202, "3", "1", by=P202).gone(5, TRUNK, "1", by=P202)
    record = one(story, profile)
    assert [leg.result for leg in record.legs] == ["forwarded", "answered"]
    assert record.hung_up_by == "agent"


def test_an_attended_transfer_dialled_by_hand(profile: Profile) -> None:
    """201 calls 202 on a second line of the phone and joins the two: two linkedids, one call."""
    story = answered_by_201(Story())
    story.leave(5, "b1", P201, "2", "1")
    story.born(5, "PJSIP/201-09", "9", exten="202").dialled(5.1, P202, "3", "9")
    story.up(6, P202, "3", "9").up(6, "PJSIP/201-09", "9").enter(6, "b2", P202, "3", "9").enter(
        6, "b2", "PJSIP/201-09", "9"
    )
    story.leave(10, "b2", "PJSIP/201-09", "9").leave(10, "b2", P202, "3", "9").enter(10, "b1", P202, "3", "1")
    story.row(10, "ATTENDEDTRANSFER", P201, "2", "1", extra={
        "channel2_name": "PJSIP/201-09", "channel2_uniqueid": "1795311000.9", "bridge2_id": "b2",
        "transfer_target_channel_uniqueid": "1795311000.3", "transferee_channel_uniqueid": "N/A",
    })  # fmt: skip
    story.gone(10, P201, "2", "1", by=P201).gone(10, "PJSIP/201-09", "9", by="PJSIP/201-09")
    story.gone(15, P202, "3", "1", by=P202).gone(15, TRUNK, "1", by=P202)
    record = one(story, profile)
    assert record.linkedids == ("1795311000.1", "1795311000.9")
    assert talk(record) == {"PJSIP/201": 3.0, "PJSIP/202": 5.0}
    assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("attended", "PJSIP/201", "202")]
    assert sum(leg.consult_seconds for leg in record.legs) == 8.0
    assert record.hung_up_by == "agent"


def test_local_channels_that_stay_are_no_legs(profile: Profile) -> None:
    """Queue members as FreePBX makes them: Local/201@from-queue/n, never optimised away."""
    first, second = "Local/201@from-queue-0001;1", "Local/201@from-queue-0001;2"
    story = Story().born(0, TRUNK, "1", exten="5000", number="09121234567").up(0, TRUNK, "1", app="Answer")
    story.dialled(1, first, "2", "1", app="AppQueue").born(1, second, "3", "1", exten="201")
    story.dialled(1.1, P201, "4", "1").up(3, P201, "4", "1").up(3, second, "3", "1").up(3, first, "2", "1")
    story.enter(3, "far", P201, "4", "1").enter(3, "far", second, "3", "1").enter(3.1, "near", first, "2", "1")
    story.enter(3.1, "near", TRUNK, "1", app="Queue", data="600,t,,,30")
    for channel, uid in ((TRUNK, "1"), (first, "2"), (second, "3"), (P201, "4")):
        story.gone(9.1, channel, uid, None if uid == "1" else "1", by=TRUNK)
    record = one(story, profile)
    assert [leg.endpoint for leg in record.legs] == ["PJSIP/201"]
    assert talk(record) == {"PJSIP/201": 6.0}
    assert [(w.queue, round(w.seconds or 0, 3), w.answered) for w in record.queue_waits] == [("600", 2.1, True)]
    assert record.hung_up_by == "caller"


def test_two_calls_parked_in_one_lot_do_not_hear_each_other(profile: Profile) -> None:
    story = Story()
    for n, start in ((1, 0), (2, 1)):
        line, uid = f"PJSIP/trunk-{n}", str(n)
        story.born(start, line, uid, exten="5001", number=f"0912123456{n}").up(start, line, uid)
        story.row(start + 1, "PARK_START", line, uid, extra={"parker_dial_string": "PJSIP/201"})
        story.enter(start + 1, "lot", line, uid, technology="holding_bridge").gone(20, line, uid, by=line)
    found = read(story, profile)
    assert len(found) == 2
    for call in found:
        assert (call.record.outcome, call.record.talk_seconds) == ("abandoned", 0.0)
        assert [s.state for s in call.record.caller_segments] == ["wait", "park"]


def test_a_table_without_extra_still_tells_who_talked(profile: Profile) -> None:
    story = answered_by_201(Story()).gone(9, TRUNK, "1", by=TRUNK).gone(9, P201, "2", "1", by=TRUNK)
    bare = [msgspec.structs.replace(row, extra="", peer=P201 if row.channel == TRUNK else "") for row in story.rows]
    record = calls(Rows(bare, ()), profile, "main")[0].record
    assert talk(record) == {"PJSIP/201": 7.0}
    assert (record.outcome, record.hung_up_by) == ("answered", None)


def test_calls_still_up_and_calls_whose_beginning_is_not_kept_are_not_finished(profile: Profile) -> None:
    up = answered_by_201(Story())
    assert [call.finished for call in read(up, profile)] == [False]
    rows = up.gone(9, TRUNK, "1", by=TRUNK).gone(9, P201, "2", "1", by=TRUNK).rows
    assert [call.finished for call in calls(Rows(rows, ()), profile, "main")] == [True]
    assert [call.finished for call in calls(Rows(rows[1:], ()), profile, "main")] == [False]


def test_channels_of_the_pbx_itself_are_no_calls(profile: Profile) -> None:
    story = Story().born(0, "CBAnn/room1-01;1", "1").gone(5, "CBAnn/room1-01;1", "1")
    story.born(0, "Local/x@y-02;1", "2").gone(5, "Local/x@y-02;1", "2")
    assert read(story, profile) == []


def test_damaged_extra_is_ignored(profile: Profile) -> None:
    story = answered_by_201(Story()).gone(9, TRUNK, "1").gone(9, P201, "2", "1")
    for damage in ('{"bridge_id":', "[1]", "null", '{"hangupcause":"x","hangupsource":7}', "\0"):
        rows = [msgspec.structs.replace(r, extra=damage if r.type == "HANGUP" else r.extra) for r in story.rows]
        assert calls(Rows(rows, ()), profile, "main")[0].record.outcome == "answered"


def test_rows_in_any_order_give_the_same_calls(profile: Profile) -> None:
    rows = answered_by_201(Story()).gone(9, TRUNK, "1", by=TRUNK).gone(9.1, P201, "2", "1", by=TRUNK).rows
    assert calls(Rows(rows[::-1], ()), profile, "main")[0].record.talk_seconds == 7.0


def test_segments_tell_the_whole_call_without_gaps(profile: Profile) -> None:
    story = answered_by_201(Story()).gone(9, TRUNK, "1", by=TRUNK).gone(9, P201, "2", "1", by=TRUNK)
    record = one(story, profile)
    assert [(s.state, s.start - ZERO, (s.end or 0) - ZERO) for s in record.legs[0].segments] == [
        ("ring", pytest.approx(0.1), 2.0),
        ("talk", 2.0, 9.0),
    ]
    assert [s.state for s in record.caller_segments] == ["wait", "talk"]


def test_nothing_gives_nothing(profile: Profile) -> None:
    assert calls(Rows((), ()), profile, "main") == []
    lonely = CelRow("LINKEDID_END", ZERO, "PJSIP/201-1", "1.1", "1.1")
    assert [c.finished for c in calls(Rows([lonely], ()), profile, "main")] == [False]
