"""What AMI clients make the PBX do, seen in its events and in the truth."""

from __future__ import annotations

from ami_listener.simulator.actions import COMMANDS
from ami_listener.simulator.behaviour import Response
from ami_listener.simulator.request import parse
from tests.ami_listener.simulator.recorded import blocks, name_of
from tests.ami_listener.simulator.scenarios import IGNORES, lab
from tests.ami_listener.simulator.scripted import Lab, Scripted


def act(lab: Lab, action: str, **headers: str) -> str:
    """Do it; the answer is the response's message."""
    lines = [f"Action: {action}", "ActionID: cap-2", *(f"{name}: {value}" for name, value in headers.items())]
    answer = COMMANDS[action][1](lab.pbx, parse(lines))
    assert answer.startswith("Response: ") and answer.endswith("\r\n\r\n") and "ActionID: cap-2\r\n" in answer
    return answer.partition("Message: ")[2].rstrip()


def events(lab: Lab) -> list[str]:
    return [name_of(block) for block in blocks(lab.stream)]


def talking() -> Lab:
    one = lab()
    one.call_in("5011")
    one.run(3.0)
    return one


def test_originate_rings_the_phone_and_then_dials() -> None:
    one = lab()
    caller_id = '"Agent 201" <201>'
    call = {"Channel": "PJSIP/201", "Context": "internal", "Exten": "09121112233", "Timeout": "15000"}
    assert act(one, "Originate", **call, CallerID=caller_id, Async="true") == "Originate successfully queued"
    one.run(3.0)
    assert "OriginateResponse" in events(one) and one.live("trunk").num == "09121112233"
    assert "Reason: 4\r\n" in one.stream.decode()


def test_originate_takes_the_id_it_is_given_and_sets_variables() -> None:
    one = lab()
    act(one, "Originate", Channel="PJSIP/201", Context="internal", Exten="202", ChannelId="cti-7", Variable="A=1,B=2")
    one.run(3.0)
    channel = one.live("201")
    assert channel.uniqueid == channel.linkedid == one.live("202").linkedid == "cti-7"
    assert (channel.variables["A"], channel.variables["B"]) == ("1", "2")


def test_originate_refuses_what_it_cannot_do() -> None:
    one = lab()
    assert act(one, "Originate", Exten="202") == "Channel not specified"
    assert act(one, "Originate", Channel="PJSIP/201") == "Must specify extension or application"
    assert act(one, "Originate", Channel="PJSIP/999", Exten="202") == "Originate failed"


def test_a_supervisor_listens_in() -> None:
    one = talking()
    act(one, "Originate", Channel="PJSIP/203", Application="ChanSpy", Data="PJSIP/201,qw")
    one.run(3.0)
    assert "ChanSpyStart" in events(one)
    act(one, "Hangup", Channel=one.live("trunk").name)
    one.run(3.0)
    assert "ChanSpyStop" in events(one)
    assert sorted(call.kind for call in one.truth) == ["call", "monitoring"]


def test_a_supervisor_listens_to_the_channel_of_one_id() -> None:
    one = talking()
    spied = one.live("201")
    act(one, "Originate", Channel="PJSIP/203", Application="ChanSpy", Data=f"{spied.uniqueid},quE")
    act(one, "Originate", Channel="PJSIP/204", Application="ChanSpy", Data="PJSIP/201,quE")
    one.run(3.0)
    assert events(one).count("ChanSpyStart") == 1


def test_hangup_ends_a_call_in_whatever_state() -> None:
    for did, seconds in (("5001", 0.5), ("5011", 3.0), ("5004", 0.2), ("5002", 1.0), ("5000", 0.5), ("5005", 1.0)):
        one = Lab(Scripted({"PJSIP/209": [IGNORES]}))
        one.call_in(did)
        one.run(seconds)
        assert act(one, "Hangup", Channel=one.live("trunk").name) == "Channel Hungup"
        one.run(1.0)
        assert [call.hung_up_by for call in one.truth] == ["system"], did
        assert "SoftHangupRequest" in events(one) and not one.pbx.channels
    assert act(one, "Hangup", Channel="PJSIP/gone-1") == "No such channel"


def test_hangup_of_the_phone_that_rings_or_talks() -> None:
    for seconds, result in ((0.5, "cancelled"), (3.0, "answered")):
        one = lab()
        one.call_in("5001")
        one.run(seconds)
        act(one, "Hangup", Channel=one.live("201").name)
        one.run(1.0)
        assert [leg.result for call in one.truth for leg in call.legs] == [result]


def test_redirect_takes_the_caller_away() -> None:
    one = talking()
    assert act(one, "Redirect", Channel="PJSIP/x-1", Exten="5013") == "Channel does not exist"
    assert act(one, "Redirect", Channel=one.live("trunk").name, Context="nowhere", Exten="1") == "Redirect failed"
    place = {"Context": "from-pstn", "Exten": "5013", "Priority": "1"}
    assert act(one, "Redirect", Channel=one.live("trunk").name, **place) == "Redirect successful"
    one.run(3.0)
    assert not one.phone("201").channels and one.live("203").state == 6


def test_redirect_of_both_parties() -> None:
    one = talking()
    extra = {"ExtraChannel": one.live("201").name, "ExtraContext": "internal", "ExtraExten": "6001"}
    place = {"Channel": one.live("trunk").name, "Context": "from-pstn", "Exten": "5005"}
    assert act(one, "Redirect", **place, **extra) == "Dual Redirect successful"
    one.run(2.0)
    (room,) = one.pbx.conferences.values()
    assert {member.endpoint for member in room.members} == {"PJSIP/trunk", "PJSIP/201"}


def test_who_waits_is_put_first_and_moved_to_another_queue() -> None:
    one = lab()
    one.call_from("203", "6001")
    for number in ("09121000001", "09121000002"):
        one.call_in("5013", number)
    one.run(2.0)
    queue = one.pbx.queues["second"]
    first, second = (entry.channel.name for entry in queue.waiting)
    assert act(one, "QueueChangePriorityCaller", Queue="nowhere", Caller=second) == "Queue not found"
    assert act(one, "QueueChangePriorityCaller", Queue="second", Caller="PJSIP/x-1") == "Caller not found"
    act(one, "QueueChangePriorityCaller", Queue="second", Caller=second, Priority="7", Immediate="yes")
    assert [entry.channel.name for entry in queue.waiting] == [second, first]
    assert act(one, "Redirect", Channel=second, Context="from-pstn", Exten="5012") == "Redirect successful"
    one.run(2.0)
    assert [entry.channel.name for entry in queue.waiting] == [first]
    told = [name for name in events(one) if name.startswith("QueueCaller")]
    assert told[:4].count("QueueCallerLeave") == 1 and one.live("201").conn_num == "09121000002"


def test_blind_transfer() -> None:
    one = talking()
    assert act(one, "BlindTransfer", Channel="PJSIP/x-1", Exten="202") == "Channel specified does not exist"
    name = one.live("201").name
    assert act(one, "BlindTransfer", Channel=name, Context="internal", Exten="5") == "Transfer failed. Transfer invalid"
    assert act(one, "BlindTransfer", Channel=name, Context="internal", Exten="202") == "Transfer succeeded"
    one.run(3.0)
    assert not one.phone("201").channels and one.live("202").bridge is one.live("trunk").bridge is not None


def test_attended_transfer_completed_and_taken_back() -> None:
    for finish in ("Hangup", "CancelAtxfer"):
        one = talking()
        agent = one.live("201").name
        message = act(one, "Atxfer", Channel=agent, Context="internal", Exten="202")
        assert message == "Atxfer successfully queued"
        one.run(3.0)
        act(one, finish, Channel=agent)
        one.run(1.0)
        stays = "202" if finish == "Hangup" else "201"
        assert one.live("trunk").bridge is one.live(stays).bridge is not None
        assert [c for c in one.pbx.channels if c.startswith("Local/")] == []


def test_park() -> None:
    one = talking()
    trunk, agent = one.live("trunk").name, one.live("201").name
    assert act(one, "Park", Channel=trunk, TimeoutChannel=agent, Timeout="20000") == "Park successful"
    one.run(0.1)
    assert list(one.pbx.slots) == ["701"]
    assert act(one, "Park", Channel="PJSIP/x-1") == "Channel does not exist: PJSIP/x-1"


def test_queue_members() -> None:
    one = lab(p202=IGNORES)
    add = {"Queue": "sales", "Interface": "PJSIP/203", "MemberName": "Sara", "Penalty": "1"}
    assert act(one, "QueueAdd", **add) == "Added interface to queue"
    assert act(one, "QueueAdd", **add) == "Unable to add interface: Already there"
    assert act(one, "QueuePause", Interface="PJSIP/201", Paused="true", Reason="lunch", Queue="sales") == (
        "Interface paused successfully"
    )
    assert act(one, "QueuePause", Interface="PJSIP/202", Paused="true") == "Interface paused successfully"
    one.call_in("5012")
    one.run(3.0)
    assert one.live("203").state == 6
    assert act(one, "QueuePenalty", Queue="sales", Interface="PJSIP/203", Penalty="2") == (
        "Interface penalty set successfully"
    )
    assert act(one, "QueueMemberRingInUse", Interface="PJSIP/203", RingInUse="no") == (
        "Interface ringinuse set successfully"
    )
    assert act(one, "QueueRemove", Queue="sales", Interface="PJSIP/203") == "Removed interface from queue"
    assert act(one, "QueueRemove", Queue="sales", Interface="PJSIP/203") == "Unable to remove interface: Not there"
    assert act(one, "QueuePause", Interface="PJSIP/999", Paused="true") == "Interface not found"
    sent = events(one)
    assert sent.count("QueueMemberPause") == 3 and "QueueMemberPenalty" in sent and "QueueMemberRinginuse" in sent


def test_variables_and_recording() -> None:
    one = talking()
    name = one.live("trunk").name
    assert act(one, "Setvar", Channel=name, Variable="CRM", Value="42") == "Variable Set"
    assert "Variable: CRM\r\nValue: 42\r\n" in COMMANDS["Getvar"][1](
        one.pbx, parse(["Action: Getvar", f"Channel: {name}", "Variable: CRM"])
    )
    act(one, "MixMonitor", Channel=name, File="mine.wav")
    act(one, "MixMonitorMute", Channel=name, Direction="both", State="1")
    assert act(one, "StopMixMonitor", Channel=name) == "Stopped MixMonitor"
    assert {"MixMonitorStart", "MixMonitorMute", "MixMonitorStop"} <= set(events(one))
    one.run(200_000.0)
    assert one.truth[0].recordings == ["mine.wav"]


def test_a_declined_click_is_a_failure() -> None:
    one = Lab(Scripted({"PJSIP/201": [Response("decline", 0.5, 0.01)]}))
    act(one, "Originate", Channel="PJSIP/201", Context="internal", Exten="09121112233")
    one.run(1.0)
    text = one.stream.decode()
    assert "Response: Failure\r\nChannel: PJSIP/201\r\n" in text and "Uniqueid: <unknown>\r\n" in text
    assert [call.outcome for call in one.truth] == ["failed"]


def test_a_desk_phone_holds_and_takes_back_when_told_to() -> None:
    one = talking()
    phone = one.live("201").name
    assert act(one, "PJSIPNotify", Channel=phone, Variable="Event=hold") == "NOTIFY sent"
    act(one, "PJSIPNotify", Channel=phone, Variable="Event=talk")
    told = events(one)
    assert told.index("Hold") < told.index("Unhold")
    assert act(one, "PJSIPNotify", Channel="PJSIP/201-gone", Variable="Event=hold") == "No such channel"


def test_a_key_is_heard() -> None:
    one = talking()
    assert act(one, "PlayDTMF", Channel=one.live("trunk").name, Digit="5") == "DTMF successfully queued"
    assert "Digit: 5\r\nDirection: Sent" in one.stream.decode()


def test_what_stands_at_an_endpoint_is_told() -> None:
    one = lab()

    def value(function: str) -> str:
        answer = COMMANDS["Getvar"][1](one.pbx, parse(["Action: Getvar", f"Variable: {function}"]))
        return answer.partition("Value: ")[2].strip()

    assert value("PJSIP_ENDPOINT(201,webrtc)") == "no"
    contact = value(f"PJSIP_AOR({value('PJSIP_ENDPOINT(201,aors)')},contact)")
    assert value(f"PJSIP_CONTACT({contact},user_agent)").startswith("Yealink")
    assert value("PJSIP_ENDPOINT(nobody,webrtc)") == value("SHELL(id)") == ""
