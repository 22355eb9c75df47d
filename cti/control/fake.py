"""A PBX in memory that takes commands and remembers them: for tests, and where no PBX is configured.

It knows channels and queues and refuses what a PBX would refuse, in the words of ``port``; it makes no
facts. Held to the same contract suite as the real one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cti.control.port import (
    Device,
    Member,
    Notice,
    Originate,
    PbxRefusedError,
    PbxUnreachableError,
    Spy,
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


class Command(msgspec.Struct, frozen=True):
    """A command that was accepted: its name in the port, and its arguments."""

    name: str
    arguments: dict[str, Any]


class FakePbx:
    """``channels`` and ``queues`` (name -> interfaces) are what exists; ``commands`` what was accepted. ``devices``
    (by endpoint) and ``contexts`` are what it answers when asked."""

    def __init__(self, channels: set[str] | None = None, queues: dict[str, set[str]] | None = None) -> None:
        self.channels = channels if channels is not None else set()
        self.queues = queues if queues is not None else {}
        self.devices: dict[str, Device] = {}
        self.contexts: set[str] = set()
        self.reachable = True
        self.commands: list[Command] = []

    async def originate(self, call: Originate) -> None:
        self._accept("originate", call=call)

    async def hangup(self, channel: str, cause: int = 16) -> None:
        allow("hang-up cause", str(cause), 0 < cause < 128)
        self._known(channel)
        self._accept("hangup", channel=channel, cause=cause)
        self.channels.discard(channel)

    async def redirect(self, channel: str, target: Target) -> None:
        self._known(channel)
        self._accept("redirect", channel=channel, target=target)

    async def redirect_two(self, first: str, to: Target, second: str, second_to: Target) -> None:
        self._known(first)
        self._known(second)
        self._accept("redirect_two", first=first, to=to, second=second, second_to=second_to)

    async def notify(self, channel: str, notice: Notice) -> None:
        self._known(channel)
        self._accept("notify", channel=channel, notice=notice)

    async def play_digit(self, channel: str, digit: str) -> None:
        allow_digit(digit)
        self._known(channel)
        self._accept("play_digit", channel=channel, digit=digit)

    async def record(self, channel: str, file: str) -> None:
        allow_file(file)
        self._known(channel)
        self._accept("record", channel=channel, file=file)

    async def stop_recording(self, channel: str) -> None:
        self._known(channel)
        self._accept("stop_recording", channel=channel)

    async def mute_recording(self, channel: str, muted: bool) -> None:
        self._known(channel)
        self._accept("mute_recording", channel=channel, muted=muted)

    async def blind_transfer(self, channel: str, target: Target) -> None:
        self._known(channel)
        self._accept("blind_transfer", channel=channel, target=target)

    async def attended_transfer(self, channel: str, target: Target) -> None:
        self._known(channel)
        self._accept("attended_transfer", channel=channel, target=target)

    async def cancel_attended_transfer(self, channel: str) -> None:
        self._known(channel)
        self._accept("cancel_attended_transfer", channel=channel)

    async def park(self, channel: str, announce_to: str, seconds: int | None = None) -> None:
        self._known(channel)
        self._known(announce_to)
        self._accept("park", channel=channel, announce_to=announce_to, seconds=seconds)

    async def add_member(self, member: Member, paused: bool = False) -> None:
        members = self._members(member.queue)
        if member.interface in members:
            raise PbxRefusedError("Unable to add interface: Already there")
        self._accept("add_member", member=member, paused=paused)
        members.add(member.interface)

    async def remove_member(self, queue: str, interface: str) -> None:
        allow_queue(queue)
        allow_endpoint(interface)
        members = self._members(queue)
        if interface not in members:
            raise PbxRefusedError("Unable to remove interface: Not there")
        self._accept("remove_member", queue=queue, interface=interface)
        members.remove(interface)

    async def pause_member(self, interface: str, paused: bool, *, queue: str = "", reason: str = "") -> None:
        allow_endpoint(interface)
        queues = [self._members(queue)] if queue else list(self.queues.values())
        if not any(interface in members for members in queues):
            raise PbxRefusedError("Interface not found")
        self._accept("pause_member", interface=interface, paused=paused, queue=queue, reason=reason)

    async def put_first(self, queue: str, channel: str, priority: int) -> None:
        allow_queue(queue)
        allow("priority", str(priority), priority > 0)
        self._members(queue)
        self._known(channel)
        self._accept("put_first", queue=queue, channel=channel, priority=priority)

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        allow_variable(name)
        self._known(channel)
        self._accept("set_variable", channel=channel, name=name, value=value)

    async def spy(self, order: Spy) -> None:
        self._accept("spy", order=order)

    async def device(self, endpoint: str) -> Device | None:
        allow_endpoint(endpoint)
        self._linked()
        return self.devices.get(endpoint)

    async def has_context(self, context: str) -> bool | None:
        allow_context(context)
        self._linked()
        return context in self.contexts

    def _accept(self, command: str, /, **arguments: object) -> None:
        self._linked()
        self.commands.append(Command(command, arguments))

    def _linked(self) -> None:
        if not self.reachable:
            raise PbxUnreachableError("there is no link to the PBX")

    def _known(self, channel: str) -> None:
        allow_channel(channel)
        self._linked()
        if channel not in self.channels:
            raise PbxRefusedError("No such channel")

    def _members(self, queue: str) -> set[str]:
        self._linked()
        if queue not in self.queues:
            raise PbxRefusedError("No such queue")
        return self.queues[queue]
