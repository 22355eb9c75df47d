"""The commands of ``cti.control.port`` as AMI actions on a connection.

Every method is one action; what its values may be is checked before anything is sent, by the port's rules
and by the encoder. Headers are those of Asterisk 13 to 23 (main/manager.c, apps/app_queue.c,
res/parking/parking_manager.c). What then happens comes back as events.
"""

from __future__ import annotations

from collections.abc import Mapping

from ami_listener.connection import PbxConnection
from ami_listener.encode import Header
from cti.control.port import (
    Member,
    Originate,
    SpyMode,
    Target,
    allow,
    allow_channel,
    allow_endpoint,
    allow_queue,
    allow_uniqueid,
    allow_variable,
)

# ChanSpy: q no beep, u the argument is one channel's full name (without it a prefix: PJSIP/10 would
# also be PJSIP/101), E leave when that channel is gone; then w to whisper, B to barge in.
SPY_OPTIONS: Mapping[SpyMode, str] = {"listen": "quE", "whisper": "quEw", "barge": "quEB"}
SPY_RING_SECONDS = 30


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
        if call.variables:
            headers["Variable"] = [f"{name}={value}" for name, value in call.variables.items()]
        await self._connection.action("Originate", headers)

    async def hangup(self, channel: str, cause: int = 16) -> None:
        # A name that begins with a slash would be a pattern for many channels.
        allow_channel(channel)
        allow("hang-up cause", str(cause), 0 < cause < 128)
        await self._connection.action("Hangup", {"Channel": channel, "Cause": cause})

    async def redirect(self, channel: str, target: Target) -> None:
        allow_channel(channel)
        await self._connection.action("Redirect", {"Channel": channel, **_target(target)})

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

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        allow_channel(channel)
        allow_variable(name)
        await self._connection.action("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    async def spy(self, supervisor: str, channel: str, mode: SpyMode, uniqueid: str) -> None:
        allow_endpoint(supervisor)
        allow_channel(channel)
        allow_uniqueid(uniqueid)
        spying: dict[str, Header] = {"Application": "ChanSpy", "Data": f"{channel},{SPY_OPTIONS[mode]}"}
        headers = {"Channel": supervisor, **spying, **_ringing(SPY_RING_SECONDS, uniqueid)}
        await self._connection.action("Originate", headers)

    async def _transfer(self, action: str, channel: str, target: Target) -> None:
        allow_channel(channel)
        await self._connection.action(action, {"Channel": channel, "Exten": target.exten, "Context": target.context})


def _target(target: Target) -> dict[str, Header]:
    return {"Context": target.context, "Exten": target.exten, "Priority": target.priority}


def _ringing(seconds: int, uniqueid: str) -> dict[str, Header]:
    # Without Async the PBX would do nothing else for us until the phone is answered.
    return {"Async": True, "Timeout": seconds * 1000, "ChannelId": uniqueid}
