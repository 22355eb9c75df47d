from __future__ import annotations

from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.wire import KINDS, Wire, sound_quality
from tests.ami_listener.simulator.test_channel import channel


def test_timestamps_are_the_clock_and_never_the_same() -> None:
    schedule = Schedule(1_800_000_000.25)
    wire = Wire(schedule)
    stamps = [wire.stamp() for _ in range(3)]
    assert stamps[0] == "1800000000.250000"
    assert len(set(stamps)) == 3 and stamps == sorted(stamps)
    schedule.now += 1.0
    assert wire.stamp() == "1800000001.250000"


def test_a_block_ends_with_an_empty_line() -> None:
    wire = Wire(Schedule(1_800_000_000.0))
    wire.on("Hangup", channel(), "Cause: 16\r\nCause-txt: Normal Clearing\r\n")
    wire.varset(channel(), "DIALSTATUS", "ANSWER")
    (hangup, text), (varset, other) = wire.drain()
    assert hangup is KINDS["Hangup"] and text.startswith("Event: Hangup\r\nPrivilege: call,all\r\nTimestamp: 1800")
    assert text.endswith("\r\nCause-txt: Normal Clearing\r\n\r\n")
    assert varset is KINDS["VarSet"] and other.endswith("Variable: DIALSTATUS\r\nValue: ANSWER\r\n\r\n")
    assert wire.drain() == [] and wire.events == 2


def test_what_nobody_reads_is_not_written() -> None:
    wire = Wire(Schedule(0.0))
    wire.skip = frozenset(("VarSet", "Newstate"))
    wire.on("Newstate", channel())
    wire.varset(channel(), "X", "1")
    sound_quality(wire, channel())
    wire.on("Hold", channel())
    assert [kind.name for kind, _ in wire.drain()] == ["Hold"]


def test_sound_quality_is_left_on_both_sides() -> None:
    wire = Wire(Schedule(0.0))
    sound_quality(wire, channel(), channel("PJSIP/202-0000001b"))
    text = "".join(text for _, text in wire.drain())
    assert text.count("Variable: RTPAUDIOQOS") == 10
    assert "Variable: RTPAUDIOQOSMESBRIDGED\r\n" in text
