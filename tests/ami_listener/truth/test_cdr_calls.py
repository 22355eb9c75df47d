"""CDR alone gives every call once, and whether somebody answered; not much more, and no more is claimed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from ami_listener.truth.cdr_calls import coarse_calls
from ami_listener.truth.csvfiles import read_folder
from ami_listener.truth.rows import CdrRow
from cti.live.profile import Profile
from cti.live.record import CallRecord
from tests.ami_listener.truth.traces import SCENARIOS, ZERO, expected, name_of, profile_of

# A phone that declined an Originate: what it was to dial stands nowhere.
NO_DIRECTION = "outbound_agent_leg_declines"


@pytest.mark.parametrize("folder", SCENARIOS, ids=name_of)
def test_a_recorded_scenario(folder: Path) -> None:
    rows = read_folder(folder, dt.UTC, 0, 1e12).cdr
    found = {c.record.linkedid: c.record for c in coarse_calls(rows, profile_of(folder), "main")}
    wanted = {w["linkedid"]: w for w in expected(folder)}
    assert found.keys() == wanted.keys()
    for linkedid, want in wanted.items():
        record = found[linkedid]
        assert record.kind == want["kind"]
        assert record.direction == want["direction"] or folder.name == NO_DIRECTION
        assert (record.answered_at is None) == (want["answered_at"] is None)
        assert record.started_at == pytest.approx(want["started_at"], abs=0.1)


def row(**fields: object) -> CdrRow:
    made = CdrRow(
        start=ZERO, end=ZERO + 10, channel="PJSIP/trunk-1", uniqueid="1795311000.1", src="09121234567", dst="5001"
    )
    return msgspec.structs.replace(made, **fields)


def one(profile: Profile, *rows: CdrRow) -> CallRecord:
    (call,) = coarse_calls(rows, profile, "main")
    return call.record


def test_who_called_whom_and_for_how_long(profile: Profile) -> None:
    answered = row(dstchannel="PJSIP/201-2", disposition="ANSWERED", answer=ZERO + 3, billsec=7, name="Ali", app="Dial")
    record = one(profile, answered)
    assert (record.id, record.direction, record.outcome) == ("main-1795311000.1", "inbound", "answered")
    assert (record.caller.number, record.caller.name, record.dialled.raw) == ("+989121234567", "Ali", "5001")
    assert (record.wait_seconds, record.talk_seconds, record.duration_seconds) == (3, 7, 10)
    assert [(leg.extension, leg.result, leg.ring_seconds) for leg in record.legs] == [("201", "answered", 3)]
    assert record.hung_up_by is None


@pytest.mark.parametrize(
    ("disposition", "app", "outcome"),
    [("BUSY", "Dial", "busy"), ("NO ANSWER", "Dial", "noanswer"), ("FAILED", "Dial", "failed"),
     ("CONGESTION", "Dial", "failed"), ("NO ANSWER", "VoiceMail", "voicemail")],
)  # fmt: skip
def test_how_it_ended_without_an_answer(profile: Profile, disposition: str, app: str, outcome: str) -> None:
    record = one(profile, row(dstchannel="PJSIP/201-2", disposition=disposition, app=app))
    assert (record.outcome, record.answered_at, record.talk_seconds) == (outcome, None, 0)


def test_a_menu_that_answers_is_nobody(profile: Profile) -> None:
    assert one(profile, row(disposition="ANSWERED", answer=ZERO, app="BackGround")).answered_at is None


def test_without_linkedid_the_channels_hold_a_call_together(profile: Profile) -> None:
    first = row(dstchannel="Local/202@x-1;1", app="Dial", disposition="ANSWERED", answer=ZERO + 1)
    second = row(channel="Local/202@x-1;1", uniqueid="1795311000.2", dstchannel="PJSIP/202-3", start=ZERO + 1)
    record = one(profile, second, first)
    assert record.linkedids == ("1795311000.1", "1795311000.2")
    assert [leg.extension for leg in record.legs] == ["202"]


def test_without_unique_ids_the_channel_names_do(profile: Profile) -> None:
    rows = [row(uniqueid="", channel=f"PJSIP/trunk-{n}", dstchannel=f"PJSIP/201-{n}") for n in (1, 2)]
    assert len(coarse_calls([*rows, *rows], profile, "main")) == 2


def test_rows_of_nobody_are_no_calls(profile: Profile) -> None:
    assert (
        coarse_calls([row(channel="CBAnn/room-1;1"), row(channel="Local/s@x-1;2", uniqueid="2.2")], profile, "main")
        == []
    )
