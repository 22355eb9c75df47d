"""The commands of ``cti.control.port`` as AMI actions on a connection.

Every method is one action; what its values may be is checked before anything is sent, by the port's rules
and by the encoder. Headers are those of Asterisk 13 to 23 (main/manager.c, apps/app_queue.c,
res/parking/parking_manager.c). What then happens comes back as events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ami_listener.connection import PbxConnection
from ami_listener.encode import Header
from cti.control.port import (
    AutoAnswer,
    Device,
    Member,
    Notice,
    Originate,
    PbxRefusedError,
    PbxRightError,
    Spy,
    SpyMode,
    Target,
    allow,
    allow_channel,
    allow_context,
    allow_digit,
    allow_endpoint,
    allow_file,
    allow_queue,
    allow_variable,
)

# ChanSpy: q no beep, u the argument is one channel's unique id (without it a prefix of names: PJSIP/10 would
# also be PJSIP/101), E leave when that channel is gone; then w to whisper, B to barge in.
SPY_OPTIONS: Mapping[SpyMode, str] = {"listen": "quE", "whisper": "quEw", "barge": "quEB"}
SPY_RING_SECONDS = 30
# What makes phones answer by themselves: Yealink, Grandstream, Snom, Cisco and most softphones read Call-Info;
# Polycom and Panasonic read Alert-Info.
ANSWERS: Mapping[AutoAnswer, tuple[str, str]] = {
    "call-info": ("Call-Info", "<sip:tamas>;answer-after=0"),
    "alert-info": ("Alert-Info", "Auto Answer"),
}
# Both functions read only; an endpoint's name is checked before it goes into one.
WEBRTC, AORS = "PJSIP_ENDPOINT({0},webrtc)", "PJSIP_ENDPOINT({0},aors)"
CONTACTS, AGENT = "PJSIP_AOR({0},contact)", "PJSIP_CONTACT({0},user_agent)"
_CONTACT = re.compile(r"[A-Za-z0-9_.@+-]+;@[0-9a-f]+").fullmatch


class AmiPbx:
    """One PBX that takes commands, over one connection of a login with the right to act."""

    def __init__(self, connection: PbxConnection) -> None:
        self._connection = connection

    async def originate(self, call: Originate) -> None:
        headers: dict[str, Header] = {
            "Channel": call.endpoint,
            **_target(call.target),
            **_ringing(call.ring_seconds, call.uniqueid),
        }
        if call.caller_number or call.caller_name:
            headers["CallerID"] = f'"{call.caller_name}" <{call.caller_number}>'
        variables = [f"{name}={value}" for name, value in call.variables.items()]
        variables += _answering(call)
        if variables:
            headers["Variable"] = variables
        # Its OriginateResponse names this id, also where there never was a channel.
        headers["ActionID"] = call.uniqueid
        await self._connection.action("Originate", headers)

    async def hangup(self, channel: str, cause: int = 16) -> None:
        # A name that begins with a slash would be a pattern for many channels.
        allow_channel(channel)
        allow("hang-up cause", str(cause), 0 < cause < 128)
        await self._connection.action("Hangup", {"Channel": channel, "Cause": cause})

    async def redirect(self, channel: str, target: Target) -> None:
        allow_channel(channel)
        await self._connection.action("Redirect", {"Channel": channel, **_target(target)})

    async def redirect_two(self, first: str, to: Target, second: str, second_to: Target) -> None:
        allow_channel(first)
        allow_channel(second)
        extra = {f"Extra{name}": value for name, value in _target(second_to).items()}
        headers = {"Channel": first, **_target(to), "ExtraChannel": second, **extra}
        await self._connection.action("Redirect", headers)

    async def notify(self, channel: str, notice: Notice) -> None:
        allow_channel(channel)
        await self._connection.action("PJSIPNotify", {"Channel": channel, "Variable": f"Event={notice}"})

    async def play_digit(self, channel: str, digit: str) -> None:
        allow_channel(channel)
        allow_digit(digit)
        await self._connection.action("PlayDTMF", {"Channel": channel, "Digit": digit})

    async def record(self, channel: str, file: str) -> None:
        allow_channel(channel)
        allow_file(file)
        await self._connection.action("MixMonitor", {"Channel": channel, "File": file})

    async def stop_recording(self, channel: str) -> None:
        allow_channel(channel)
        await self._connection.action("StopMixMonitor", {"Channel": channel})

    async def mute_recording(self, channel: str, muted: bool) -> None:
        allow_channel(channel)
        headers: dict[str, Header] = {"Channel": channel, "Direction": "both", "State": int(muted)}
        await self._connection.action("MixMonitorMute", headers)

    async def blind_transfer(self, channel: str, target: Target) -> None:
        await self._transfer("BlindTransfer", channel, target)

    async def attended_transfer(self, channel: str, target: Target) -> None:
        await self._transfer("Atxfer", channel, target)

    async def cancel_attended_transfer(self, channel: str) -> None:
        allow_channel(channel)
        await self._connection.action("CancelAtxfer", {"Channel": channel})

    async def park(self, channel: str, announce_to: str, seconds: int | None = None) -> None:
        allow_channel(channel)
        allow_channel(announce_to)
        headers: dict[str, Header] = {"Channel": channel, "TimeoutChannel": announce_to, "AnnounceChannel": announce_to}
        if seconds is not None:
            allow("parking time", str(seconds), 0 < seconds <= 86_400)
            headers["Timeout"] = seconds * 1000
        await self._connection.action("Park", headers)

    async def add_member(self, member: Member, paused: bool = False) -> None:
        headers: dict[str, Header] = {
            "Queue": member.queue,
            "Interface": member.interface,
            "Penalty": member.penalty,
            "Paused": paused,
        }
        if member.name:
            headers["MemberName"] = member.name
        if member.state_interface:
            headers["StateInterface"] = member.state_interface
        await self._connection.action("QueueAdd", headers)

    async def remove_member(self, queue: str, interface: str) -> None:
        allow_queue(queue)
        allow_endpoint(interface)
        await self._connection.action("QueueRemove", {"Queue": queue, "Interface": interface})

    async def pause_member(self, interface: str, paused: bool, *, queue: str = "", reason: str = "") -> None:
        allow_endpoint(interface)
        headers: dict[str, Header] = {"Interface": interface, "Paused": paused}
        if queue:
            allow_queue(queue)
            headers["Queue"] = queue
        if reason:
            headers["Reason"] = reason
        await self._connection.action("QueuePause", headers)

    async def put_first(self, queue: str, channel: str, priority: int) -> None:
        allow_queue(queue)
        allow_channel(channel)
        allow("priority", str(priority), priority > 0)
        headers: dict[str, Header] = {"Queue": queue, "Caller": channel, "Priority": priority, "Immediate": "yes"}
        await self._connection.action("QueueChangePriorityCaller", headers)

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        allow_channel(channel)
        allow_variable(name)
        await self._connection.action("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    async def spy(self, order: Spy) -> None:
        headers: dict[str, Header] = {
            "Channel": order.endpoint,
            "Application": "ChanSpy",
            "Data": f"{order.spied},{SPY_OPTIONS[order.mode]}",
            **_ringing(SPY_RING_SECONDS, order.uniqueid),
            "ActionID": order.uniqueid,
        }
        if order.caller_number:
            headers["CallerID"] = f'"" <{order.caller_number}>'
        if variables := _answering(order):
            headers["Variable"] = variables
        await self._connection.action("Originate", headers)

    async def device(self, endpoint: str) -> Device | None:
        allow_endpoint(endpoint)
        technology, _, name = endpoint.partition("/")
        if technology != "PJSIP":
            return None
        webrtc = await self._value(WEBRTC.format(name))
        if not webrtc:
            return None
        for aor in filter(None, (await self._value(AORS.format(name))).split(",")):
            for contact in filter(_CONTACT, (await self._value(CONTACTS.format(aor))).split(",")):
                return Device(webrtc == "yes", await self._value(AGENT.format(contact)))
        return Device(webrtc == "yes")

    async def _value(self, function: str) -> str:
        """Of a function that reads; empty where there is no such thing."""
        try:
            answer = await self._connection.action("Getvar", {"Variable": function})
        except PbxRightError:
            raise
        except PbxRefusedError:
            return ""
        return answer.headers.get("Value", "").strip()

    async def has_context(self, context: str) -> bool | None:
        allow_context(context)
        try:
            await self._connection.listing("ShowDialPlan", {"Context": context})
        except PbxRightError:
            return None
        except PbxRefusedError:
            return False
        return True

    async def _transfer(self, action: str, channel: str, target: Target) -> None:
        allow_channel(channel)
        await self._connection.action(action, {"Channel": channel, "Exten": target.exten, "Context": target.context})


def _answering(call: Originate | Spy) -> list[str]:
    """The header as a variable of the channel to come: chan_pjsip's function, chan_sip's variable."""
    if not call.answers:
        return []
    name, value = ANSWERS[call.answers]
    if call.endpoint.startswith("SIP/"):
        return [f"SIPADDHEADER01={name}: {value}"]
    return [f"PJSIP_HEADER(add,{name})={value}"]


def _target(target: Target) -> dict[str, Header]:
    return {"Context": target.context, "Exten": target.exten, "Priority": target.priority}


def _ringing(seconds: int, uniqueid: str) -> dict[str, Header]:
    # Without Async the PBX would do nothing else for us until the phone is answered.
    return {"Async": True, "Timeout": seconds * 1000, "ChannelId": uniqueid}
