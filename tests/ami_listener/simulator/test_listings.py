"""Answers to the asking actions, held to the recorded ones (``resync_snapshot``)."""

from __future__ import annotations

import pytest

from ami_listener.simulator.behaviour import Response
from ami_listener.simulator.listings import LISTINGS
from ami_listener.simulator.parking import park
from ami_listener.simulator.request import parse
from tests.ami_listener.simulator.recorded import blocks, raw, shapes
from tests.ami_listener.simulator.scenarios import IGNORES
from tests.ami_listener.simulator.scripted import Lab, Scripted

Item = dict[str, str]
UNRECORDED = ("ConfbridgeListRooms", "ParkedCalls", "VoicemailUsersList")


def ask(lab: Lab, action: str, *lines: str) -> list[Item]:
    text = LISTINGS[action][1](lab.pbx, parse([f"Action: {action}", "ActionID: cap-2", *lines]))
    return [dict(block) for block in blocks(b"x\r\n" + text.encode())]


@pytest.fixture
def busy_lab() -> Lab:
    """A talk, a caller whose phone rings, one who waits in a queue, one who is parked."""
    people = Scripted({"PJSIP/202": [IGNORES], "PJSIP/203": [Response("answer", 0.5, 0.001)], "PJSIP/209": [IGNORES]})
    lab = Lab(people)
    lab.call_in("5001", "09121000126")
    lab.call_in("5002", "09121000127")
    lab.call_in("5013", "09121000128")
    lab.run(2.0)
    park(lab.pbx, lab.live("trunk"), lab.live("203"), 300.0)
    lab.run(1.0)
    return lab


@pytest.mark.parametrize("action", [name for name in LISTINGS if name not in UNRECORDED])
def test_headers_are_the_recorded_ones(busy_lab: Lab, action: str) -> None:
    recorded = shapes(raw("resync_snapshot"))
    known = recorded.get("Response: Success", set())
    bridge = next(iter(busy_lab.pbx.bridges))
    text = LISTINGS[action][1](busy_lab.pbx, parse(["Action: x", "ActionID: cap-2", f"BridgeUniqueid: {bridge}"]))
    for name, kinds in shapes(b"x\r\n" + text.encode()).items():
        if not name.startswith("Endpoint"):
            assert kinds <= (known if name.startswith("Response") else recorded[name]), name


def test_channels_tell_where_they_are(busy_lab: Lab) -> None:
    _, *items, end = ask(busy_lab, "CoreShowChannels")
    assert int(end["ListItems"]) == len(items) == len(busy_lab.pbx.channels)
    talk = next(i for i in items if i["CallerIDNum"] == "09121000126")
    assert talk["Application"] == "Dial" and talk["Duration"] == "00:00:03" and talk["BridgeId"] in busy_lab.pbx.bridges


def test_queues_tell_members_and_waiting_callers(busy_lab: Lab) -> None:
    items = ask(busy_lab, "QueueStatus")
    waiting = [i for i in items if i.get("Event") == "QueueEntry"]
    assert [(w["Queue"], w["CallerIDNum"], w["Position"]) for w in waiting] == [("slow", "09121000127", "1")]
    assert sum(i.get("Event") == "QueueMember" for i in items) == 7
    only = ask(busy_lab, "QueueStatus", "Queue: second")
    assert [i.get("Event") for i in only] == [None, "QueueParams", "QueueMember", "QueueStatusComplete"]
    summary = next(i for i in ask(busy_lab, "QueueSummary", "Queue: slow") if i.get("Event") == "QueueSummary")
    assert (summary["LoggedIn"], summary["Callers"], summary["LongestHoldTime"]) == ("1", "1", "2")


def test_bridges_and_who_is_in_them(busy_lab: Lab) -> None:
    _, *items, _ = ask(busy_lab, "BridgeList")
    assert {item["BridgeType"] for item in items} == {"basic", "parking"}
    talk = next(item["BridgeUniqueid"] for item in items if item["BridgeNumChannels"] == "2")
    members = [i["CallerIDNum"] for i in ask(busy_lab, "BridgeInfo", f"BridgeUniqueid: {talk}") if "Channel" in i]
    assert sorted(members) == ["09121000126", "201"]
    assert ask(busy_lab, "BridgeInfo", "BridgeUniqueid: none")[0]["Message"] == "Bridge not found"


def test_parked_calls(busy_lab: Lab) -> None:
    _, item, end = ask(busy_lab, "ParkedCalls")
    assert (item["ParkingSpace"], item["ParkeeCallerIDNum"], end["Total"]) == ("701", "09121000128", "1")


def test_phones_and_lamps(busy_lab: Lab) -> None:
    lamps = {i["Exten"]: i["StatusText"] for i in ask(busy_lab, "ExtensionStateList") if "Exten" in i}
    assert lamps == {"201": "Busy", "202": "Idle", "203": "Busy", "209": "Idle"}  # between two tries
    devices = {i["Device"]: i["State"] for i in ask(busy_lab, "DeviceStateList") if "Device" in i}
    assert devices["PJSIP/trunk"] == "INUSE" and devices["Queue:slow"] == "RINGING"
    endpoints = {i["ObjectName"]: i["DeviceState"] for i in ask(busy_lab, "PJSIPShowEndpoints") if "ObjectName" in i}
    assert endpoints["201"] == "Busy" and endpoints["trunk"] == "In use" and endpoints["202"] == "Not in use"


def test_conferences(busy_lab: Lab) -> None:
    assert ask(busy_lab, "ConfbridgeListRooms")[0]["Message"] == "No active conferences."
    busy_lab.call_in("5005")
    busy_lab.run(1.0)
    assert ask(busy_lab, "ConfbridgeListRooms")[1]["Conference"] == "room1"


def test_the_pbx_itself(busy_lab: Lab) -> None:
    (status,) = ask(busy_lab, "CoreStatus")
    assert status["CoreCurrentCalls"] == str(len(busy_lab.pbx.channels)) and status["CoreProcessedCalls"] == "3"
    (settings,) = ask(busy_lab, "CoreSettings")
    assert settings["AsteriskVersion"].startswith("22.")


def test_one_channel_only(busy_lab: Lab) -> None:
    name = busy_lab.live("201").name
    items = ask(busy_lab, "Status", f"Channel: {name}")
    assert [i.get("Channel") for i in items if i.get("Event") == "Status"] == [name]
    assert ask(busy_lab, "Status", "Channel: PJSIP/9-1")[0]["Message"] == "No such channel"


def test_whether_a_context_is_there(busy_lab: Lab) -> None:
    text = LISTINGS["ShowDialPlan"][1](busy_lab.pbx, parse(["Action: ShowDialPlan", "Context: internal"]))
    assert "EventList: Complete" in text
    text = LISTINGS["ShowDialPlan"][1](busy_lab.pbx, parse(["Action: ShowDialPlan", "Context: nowhere"]))
    assert "Did not find context nowhere" in text
