"""The headers of each command, as Asterisk documents them. That commands behave: tests/cti/control/test_port."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.manager_conf import FEATURES
from ami_listener.url import PbxUrl
from cti.control.port import SOCKET, Device, Member, Originate, Spy, Target
from tests.ami_listener.fake_ami import FakeAmi, Headers, error, success, until

CHANNEL = "PJSIP/trunk-0000002a"


class Recorded:
    def __init__(self, pbx: AmiPbx, server: FakeAmi) -> None:
        self.pbx, self._server = pbx, server

    @property
    def last(self) -> Headers:
        """The last action but pings, without its id."""
        request = [request for request in self._server.requests if request["Action"] != "Ping"][-1]
        return {key: value for key, value in request.items() if key != "ActionID"}


@pytest.fixture
async def asked() -> AsyncIterator[Recorded]:
    async with FakeAmi().running() as server:
        connection = PbxConnection(PbxUrl.parse(server.url()), on_link=lambda state: None, classes=())
        task = asyncio.create_task(connection.run())
        await until(lambda: connection.state.phase == "up")
        yield Recorded(AmiPbx(connection), server)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_originate(asked: Recorded) -> None:
    target = Target("09121112233", "internal")
    await asked.pbx.originate(
        Originate("PJSIP/201", target, "tamas-1", 15, "علی", "201", {"CTI_CLICK": "c0ffee-1", "B": "2"})
    )
    assert asked.last == {
        "Action": "Originate", "Channel": "PJSIP/201", "Context": "internal", "Exten": "09121112233", "Priority": "1",
        "Async": "true", "Timeout": "15000", "ChannelId": "tamas-1", "CallerID": '"علی" <201>',
        "Variable": "CTI_CLICK=c0ffee-1|B=2",
    }  # fmt: skip


async def test_originate_without_a_caller_leaves_it_to_the_pbx(asked: Recorded) -> None:
    await asked.pbx.originate(Originate("PJSIP/201", Target("1", "internal"), "tamas-1"))
    assert not {"CallerID", "Variable"} & asked.last.keys()


@pytest.mark.parametrize(("mode", "options"), [("listen", "quE"), ("whisper", "quEw"), ("barge", "quEB")])
async def test_spy_names_one_channel_and_only_that(asked: Recorded, mode, options: str) -> None:
    await asked.pbx.spy(Spy("PJSIP/203", "main-1.0", mode, "tamas-2", "201", "call-info"))
    assert asked.last == {
        "Action": "Originate", "Channel": "PJSIP/203", "Application": "ChanSpy", "Data": f"main-1.0,{options}",
        "Async": "true", "Timeout": "30000", "ChannelId": "tamas-2", "CallerID": '"" <201>',
        "Variable": "PJSIP_HEADER(add,Call-Info)=<sip:tamas>;answer-after=0",
    }  # fmt: skip


async def test_who_listens_without_a_phone_has_the_sound_sent_to_us(asked: Recorded) -> None:
    await asked.pbx.spy(Spy(SOCKET, "main-1.0", "listen", "tamas-3"))
    assert asked.last["Channel"] == "WebSocket/tamas/c(ulaw)"
    assert not {"CallerID", "Variable"} & asked.last.keys()


async def test_the_others(asked: Recorded) -> None:
    pbx, target = asked.pbx, Target("202", "internal")
    await pbx.hangup(CHANNEL, 21)
    assert asked.last == {"Action": "Hangup", "Channel": CHANNEL, "Cause": "21"}
    await pbx.redirect(CHANNEL, target)
    assert asked.last == {
        "Action": "Redirect",
        "Channel": CHANNEL,
        "Context": "internal",
        "Exten": "202",
        "Priority": "1",
    }
    await pbx.blind_transfer(CHANNEL, target)
    assert asked.last == {"Action": "BlindTransfer", "Channel": CHANNEL, "Context": "internal", "Exten": "202"}
    await pbx.attended_transfer(CHANNEL, target)
    assert asked.last == {"Action": "Atxfer", "Channel": CHANNEL, "Context": "internal", "Exten": "202"}
    await pbx.cancel_attended_transfer(CHANNEL)
    assert asked.last == {"Action": "CancelAtxfer", "Channel": CHANNEL}
    await pbx.set_variable(CHANNEL, "CTI_NOTE", "a: b")
    assert asked.last == {"Action": "Setvar", "Channel": CHANNEL, "Variable": "CTI_NOTE", "Value": "a: b"}


async def test_two_at_once(asked: Recorded) -> None:
    await asked.pbx.redirect_two("PJSIP/201-1", Target("202", "tamas-consult"), CHANNEL, Target("s", "tamas-hold"))
    assert asked.last == {
        "Action": "Redirect", "Channel": "PJSIP/201-1", "Context": "tamas-consult", "Exten": "202", "Priority": "1",
        "ExtraChannel": CHANNEL, "ExtraContext": "tamas-hold", "ExtraExten": "s", "ExtraPriority": "1",
    }  # fmt: skip


async def test_what_phones_and_recordings_are_told(asked: Recorded) -> None:
    pbx = asked.pbx
    await pbx.notify("PJSIP/201-1", "hold")
    assert asked.last == {"Action": "PJSIPNotify", "Channel": "PJSIP/201-1", "Variable": "Event=hold"}
    await pbx.play_digit(CHANNEL, "*")
    assert asked.last == {"Action": "PlayDTMF", "Channel": CHANNEL, "Digit": "*"}
    await pbx.record(CHANNEL, "main-1.wav")
    assert asked.last == {"Action": "MixMonitor", "Channel": CHANNEL, "File": "main-1.wav"}
    await pbx.mute_recording(CHANNEL, True)
    assert asked.last == {"Action": "MixMonitorMute", "Channel": CHANNEL, "Direction": "both", "State": "1"}
    await pbx.stop_recording(CHANNEL)
    assert asked.last == {"Action": "StopMixMonitor", "Channel": CHANNEL}


@pytest.mark.parametrize(
    ("endpoint", "answers", "variable"),
    [
        ("PJSIP/201", "call-info", "PJSIP_HEADER(add,Call-Info)=<sip:tamas>;answer-after=0"),
        ("PJSIP/201", "alert-info", "PJSIP_HEADER(add,Alert-Info)=Auto Answer"),
        ("SIP/201", "call-info", "SIPADDHEADER01=Call-Info: <sip:tamas>;answer-after=0"),
    ],
)
async def test_a_phone_that_answers_by_itself(asked: Recorded, endpoint: str, answers, variable: str) -> None:
    await asked.pbx.originate(Originate(endpoint, Target("1", "internal"), "tamas-1", answers=answers))
    assert asked.last["Variable"] == variable


async def test_an_order_is_known_by_the_id_of_its_channel(asked: Recorded) -> None:
    await asked.pbx.originate(Originate("PJSIP/201", Target("1", "internal"), "tamas-1"))
    assert asked._server.requests[-1]["ActionID"] == "tamas-1"


VALUES = {
    "PJSIP_ENDPOINT(201,webrtc)": "no", "PJSIP_ENDPOINT(201,aors)": "201", "PJSIP_AOR(201,contact)": "201;@9f8e7d",
    "PJSIP_CONTACT(201;@9f8e7d,user_agent)": "Yealink SIP-T46U 108.86", "PJSIP_ENDPOINT(210,webrtc)": "yes",
}  # fmt: skip


async def test_what_stands_at_an_endpoint(asked: Recorded) -> None:
    asked._server.replies["Getvar"] = lambda session, request: success(
        request, ("Variable", request["Variable"]), ("Value", VALUES.get(request["Variable"], ""))
    )
    assert await asked.pbx.device("PJSIP/201") == Device(False, "Yealink SIP-T46U 108.86")
    assert await asked.pbx.device("PJSIP/210") == Device(True)
    assert await asked.pbx.device("PJSIP/299") is None
    assert await asked.pbx.device("SIP/201") is None


async def test_whether_the_include_is_there(asked: Recorded) -> None:
    asked._server.replies["ShowDialPlan"] = lambda session, request: (
        error(request, "Did not find context nowhere") if request["Context"] == "nowhere" else listed(request)
    )
    assert await asked.pbx.has_context("tamas-dial")
    assert await asked.pbx.has_context("nowhere") is False
    asked._server.replies["ShowDialPlan"] = lambda session, request: error(request, "Permission denied")
    assert await asked.pbx.has_context("tamas-dial") is None


def listed(request: Headers) -> bytes:
    done = f"Event: ShowDialPlanComplete\r\nActionID: {request['ActionID']}\r\nEventList: Complete\r\n\r\n"
    return success(request, ("EventList", "start")) + done.encode()


async def test_parking(asked: Recorded) -> None:
    parked = {"Action": "Park", "Channel": CHANNEL, "TimeoutChannel": "PJSIP/201-1", "AnnounceChannel": "PJSIP/201-1"}
    await asked.pbx.park(CHANNEL, "PJSIP/201-1", 20)
    assert asked.last == parked | {"Timeout": "20000"}
    await asked.pbx.park(CHANNEL, "PJSIP/201-1")
    assert asked.last == parked


async def test_queue_members(asked: Recorded) -> None:
    await asked.pbx.add_member(Member("sales", "PJSIP/203", "Agent 203", "hint:203@ext-local", 2), paused=True)
    assert asked.last == {
        "Action": "QueueAdd", "Queue": "sales", "Interface": "PJSIP/203", "Penalty": "2", "Paused": "true",
        "MemberName": "Agent 203", "StateInterface": "hint:203@ext-local",
    }  # fmt: skip
    await asked.pbx.remove_member("sales", "PJSIP/203")
    assert asked.last == {"Action": "QueueRemove", "Queue": "sales", "Interface": "PJSIP/203"}
    await asked.pbx.pause_member("PJSIP/203", True, queue="sales", reason="lunch")
    assert asked.last == {
        "Action": "QueuePause", "Interface": "PJSIP/203", "Paused": "true", "Queue": "sales", "Reason": "lunch",
    }  # fmt: skip
    await asked.pbx.pause_member("PJSIP/203", False)
    assert asked.last == {"Action": "QueuePause", "Interface": "PJSIP/203", "Paused": "false"}
    await asked.pbx.put_first("sales", CHANNEL, 7)
    assert asked.last == {
        "Action": "QueueChangePriorityCaller", "Queue": "sales", "Caller": CHANNEL, "Priority": "7", "Immediate": "yes",
    }  # fmt: skip


async def test_every_action_sent_is_in_the_table_of_rights(asked: Recorded) -> None:
    await test_originate(asked)
    await test_the_others(asked)
    await test_two_at_once(asked)
    await test_what_phones_and_recordings_are_told(asked)
    await test_parking(asked)
    await test_queue_members(asked)
    permitted = {action for feature in FEATURES if feature.login == "actions" for action in feature.actions}
    sent = {request["Action"] for request in asked._server.requests}
    assert sent - {"Challenge", "Login", "ListCommands", "Ping", "CoreSettings"} == permitted
