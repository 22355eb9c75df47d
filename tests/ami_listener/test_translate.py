"""AMI's words to ours: each event in its own, what is broken counted, times from where they can be believed."""

from __future__ import annotations

import pytest

from ami_listener.channel_names import channel_name
from ami_listener.protocol import Message
from ami_listener.translate import KNOWN, MOST_UNKNOWN, TABLE, Translator
from ami_listener.wanted import WANTED
from cti.live import pbx
from cti.live.inventory import MessagesWaiting
from tests.ami_listener.streams import folders, raw
from tests.scenarios.recorded import blocks, event_of

T = 1_800_000_000.0
CHAN = {"Channel": "PJSIP/201-0000001c", "ChannelState": "6", "CallerIDNum": "201", "CallerIDName": "Ali",
        "Exten": "5001", "Uniqueid": "1.1", "Linkedid": "1.0"}  # fmt: skip
BRIDGE = {"BridgeUniqueid": "b", "BridgeTechnology": "simple_bridge"}


def message(event: str, greeted: bool = False, doubled: tuple[str, ...] = (), **headers: str) -> Message:
    said = {"Event": event, **headers} if event else headers
    return Message(event, said, 0, 0, None, doubled, greeted)


def facts(
    event: str, translator: Translator | None = None, arrived: float | None = None, **headers: str
) -> list[pbx.Fact]:
    headers = {"Timestamp": f"{T:.6f}", **headers}
    return (translator or Translator()).facts([message(event, **headers)], arrived)


def fact(event: str, **headers: str) -> pbx.Fact:
    (only,) = facts(event, **headers)
    return only


def as_of(prefix: str, **changes: str) -> dict[str, str]:
    return {prefix + key: value for key, value in {**CHAN, **changes}.items()}


def test_the_table_is_of_events_that_the_pbx_is_asked_to_send() -> None:
    assert set(TABLE) <= {wanted.name for wanted in WANTED}


def test_every_event_of_the_recorded_streams_is_known() -> None:
    names = {event_of(block).decode() for folder in folders() for block in blocks(raw(folder))} - {""}
    assert names <= KNOWN


def test_messages_that_wait() -> None:
    found = fact("MessageWaiting", Mailbox="201@sales", Waiting="1", New="2", Old="3")
    assert found == MessagesWaiting(T, "201", "sales", 2, 3)
    none = {"Waiting": "0", "New": "0", "Old": "0"}
    assert fact("MessageWaiting", Mailbox="201", **none) == MessagesWaiting(T, "201", "default", 0, 0)
    assert facts("MessageWaiting", Mailbox="201@default", Waiting="1") == []  # how many, it does not say


def test_a_channel_is_born() -> None:
    found = fact("Newchannel", **{**CHAN, "ChannelState": "4"})
    assert isinstance(found, pbx.ChannelCreated)
    assert (found.at, found.uid, found.linkedid, found.state, found.number, found.name, found.exten) == (
        T, "1.1", "1.0", "ring", "201", "Ali", "5001",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "state"),
    [("0", "down"), ("4", "ring"), ("5", "ringing"), ("6", "up"), ("7", "busy"), ("9", "ring"), ("99", "other")],
)  # fmt: skip
def test_states(number: str, state: str) -> None:
    found = fact("Newstate", **{**CHAN, "ChannelState": number})
    assert isinstance(found, pbx.ChannelStateChanged)
    assert found.state == state


def test_who_asked_for_the_end() -> None:
    asked = [fact(event, **CHAN) for event in ("HangupRequest", "SoftHangupRequest")]
    assert [f.by_device for f in asked if isinstance(f, pbx.HangupAsked)] == [True, False]


def test_an_end_and_its_cause() -> None:
    assert fact("Hangup", **CHAN, Cause="17") == pbx.ChannelHungUp(
        T, "1.1", "1.0", channel_name("PJSIP/201-0000001c"), 17
    )


def test_a_dial_with_and_without_a_caller() -> None:
    dest = as_of("Dest", Uniqueid="1.2")
    by_channel = fact("DialBegin", **CHAN, **dest, DialString="201")
    by_command = fact("DialBegin", **dest, DialString="201")
    assert isinstance(by_channel, pbx.DialStarted) and isinstance(by_command, pbx.DialStarted)
    assert (by_channel.uid, by_channel.exten, by_channel.dest_uid) == ("1.1", "5001", "1.2")
    assert (by_command.uid, by_command.exten) == (None, "")
    ended = fact("DialEnd", **dest, DialStatus="NOANSWER", Forward="Local/202@x")
    assert ended == pbx.DialEnded(T, None, "1.2", "noanswer", "Local/202@x")


def test_bridges() -> None:
    entered = fact("BridgeEnter", **BRIDGE, **CHAN, SwapUniqueid="1.9")
    assert isinstance(entered, pbx.BridgeEntered)
    assert (entered.bridge, entered.holding, entered.swap) == ("b", False, "1.9")
    parked = fact("BridgeEnter", **{**BRIDGE, "BridgeTechnology": "holding_bridge"}, **CHAN)
    assert isinstance(parked, pbx.BridgeEntered) and parked.holding
    assert isinstance(fact("BridgeLeave", **BRIDGE, **CHAN), pbx.BridgeLeft)


@pytest.mark.parametrize("result", ["Success", "Fail", "Invalid", "Not Permitted"])
def test_only_transfers_that_succeeded(result: str) -> None:
    blind = facts("BlindTransfer", Result=result, Extension="202", **as_of("Transferer"))
    attended = facts("AttendedTransfer", Result=result, **as_of("OrigTransferer"), **as_of("SecondTransferer"))
    assert (len(blind), len(attended)) == ((1, 1) if result == "Success" else (0, 0))


def test_the_target_of_an_attended_transfer_however_it_is_told() -> None:
    both = {**as_of("OrigTransferer"), **as_of("SecondTransferer", Uniqueid="1.5"), "Result": "Success"}
    told = [{"TransferTargetUniqueid": "1.7"}, {"LocalTwoUniqueid": "1.8"}, {"DestBridgeUniqueid": "b"}]
    found = [fact("AttendedTransfer", **both, **each) for each in told]
    assert [(f.second_uid, f.target_uid, f.bridge) for f in found if isinstance(f, pbx.AttendedTransferred)] == [
        ("1.5", "1.7", None), ("1.5", "1.8", None), ("1.5", None, "b"),
    ]  # fmt: skip


def test_parking() -> None:
    parked = fact("ParkedCall", **as_of("Parkee"), ParkerDialString="PJSIP/202;1", ParkingSpace="701")
    assert isinstance(parked, pbx.CallParked)
    assert (parked.uid, parked.parker, parked.space) == ("1.1", "PJSIP/202", "701")
    ended = [
        fact(e, **as_of("Parkee"), **as_of("Retriever", Uniqueid="1.3")) for e in ("UnParkedCall", "ParkedCallTimeOut")
    ]
    assert [f.by_uid for f in ended if isinstance(f, pbx.ParkingEnded)] == ["1.3", None]


def test_only_digits_that_were_received_and_one_at_a_time() -> None:
    assert facts("DTMFEnd", **CHAN, Digit="5", Direction="Sent") == []
    assert fact("DTMFEnd", **CHAN, Digit="55", Direction="Received") == pbx.DigitPressed(T, "1.1", "5")


def test_a_recording_is_the_files_name() -> None:
    recording = {"Variable": "MIXMONITOR_FILENAME", "Value": "/var/spool/asterisk/monitor/a b.wav"}
    assert fact("VarSet", **CHAN, **recording) == pbx.RecordingNamed(T, "1.1", "a b.wav")
    assert facts("VarSet", **CHAN, Variable="DIALSTATUS", Value="ANSWER") == []


@pytest.mark.parametrize(("uid", "channel", "found"), [("1.1", "PJSIP/201-1", "1.1"), ("<unknown>", "PJSIP/201", None)])
def test_what_became_of_an_originate(uid: str, channel: str, found: str | None) -> None:
    said = fact("OriginateResponse", Uniqueid=uid, Channel=channel, Exten="0912", Response="Failure")
    assert said == pbx.OriginateEnded(T, found, "PJSIP/201", "0912", False)


def test_the_pbx_itself() -> None:
    assert fact("FullyBooted", Uptime="12") == pbx.PbxBooted(T, 12.0)
    assert fact("FullyBooted") == pbx.PbxBooted(T, None)
    assert fact("Shutdown") == pbx.PbxStopped(T)


# --- what is broken


@pytest.mark.parametrize("header", ["Uniqueid", "Linkedid", "Channel", "ChannelState"])
def test_a_header_that_is_missing_is_counted(header: str) -> None:
    translator = Translator()
    broken = {key: value for key, value in CHAN.items() if key != header}
    assert facts("Newchannel", translator, **broken) == []
    assert translator.malformed == {"Newchannel": 1}


@pytest.mark.parametrize("header", ["Uniqueid", "Linkedid"])
def test_an_id_that_is_empty_or_comes_twice_is_nobodys(header: str) -> None:
    translator = Translator()
    assert facts("Newstate", translator, **{**CHAN, header: ""}) == []
    doubled = message("Newstate", doubled=(header,), **CHAN, Timestamp=str(T))
    assert translator.facts([doubled]) == []
    assert translator.malformed == {"Newstate": 2}


def test_a_name_that_comes_twice_is_no_reason_to_lose_an_event() -> None:
    assert Translator().facts([message("Newstate", doubled=("AccountCode",), **CHAN)])


def test_unknown_events_are_counted_and_have_an_end() -> None:
    translator = Translator()
    for n in range(MOST_UNKNOWN + 100):
        facts(f"Made{n}" + "x" * 1000, translator)
    assert len(translator.unknown) == MOST_UNKNOWN + 1
    assert translator.unknown["and others"] == 100
    assert max(map(len, translator.unknown)) <= 64


# --- times


def test_the_pbxs_clock_is_corrected_by_what_is_known_of_it() -> None:
    translator = Translator(clock_offset=90.0)
    (found,) = facts("Hangup", translator, T, **CHAN)
    assert found.at == T - 90


@pytest.mark.parametrize(
    "stamp", ["", "x", "nan", "inf", "1e999", "-5", "0", "9999999999", f"{T + 86400}", f"{T - 86400}"]
)
def test_a_stamp_that_cannot_be_is_replaced_by_the_arrival(stamp: str) -> None:
    (found,) = facts("Hangup", None, T, **CHAN, Timestamp=stamp)
    assert found.at == T


@pytest.mark.parametrize("stamp", ["nan", "inf", "-5", "1e999"])
def test_or_by_the_last_that_was_heard(stamp: str) -> None:
    translator = Translator()
    facts("Newstate", translator, **CHAN)
    (found,) = facts("Hangup", translator, **CHAN, Timestamp=stamp)
    assert found.at == T
    assert translator.malformed == {"Timestamp": 1}


def test_minutes_late_is_no_reason_to_doubt_a_stamp() -> None:
    (found,) = facts("Hangup", None, T + 600, **CHAN)
    assert found.at == T


def test_a_stamp_that_one_event_lacks_is_counted_and_a_pbx_without_any_is_not() -> None:
    without, mixed = Translator(), Translator()
    for translator in (without, mixed):
        translator.facts([message("Newstate", **CHAN)], T)
    facts("Newstate", mixed, **CHAN)
    assert without.malformed == {}
    assert mixed.malformed == {"Timestamp": 1}


def test_nothing_has_told_a_time_yet() -> None:
    translator = Translator()
    translator.facts([message("Newstate", **CHAN)])
    assert translator.timeless
    facts("Newstate", translator, **CHAN)
    assert not translator.timeless
    assert translator.now == T


# --- connections


def test_a_greeting_in_mid_stream_is_a_gap_and_the_first_is_none() -> None:
    translator = Translator()
    assert translator.facts([message("", greeted=True, Response="Success")], T) == []
    facts("Newstate", translator, T, **CHAN)
    lost, restored = translator.facts([message("", greeted=True, Response="Success")], T + 60)
    assert lost == pbx.LinkLost(T, "a new connection begins")
    assert restored == pbx.LinkRestored(T + 60)


def test_a_stream_that_begins_in_the_middle_has_gaps_all_the_same() -> None:
    translator = Translator()
    facts("Newstate", translator, **CHAN)
    assert len(translator.facts([message("", greeted=True, Response="Success")])) == 2
