"""Phones and trunks: what is in use, and the events that say so.

A phone takes one call at a time (``device_state_busy_at=1``); a trunk takes any number. A change of
state is told as ``DeviceStateChange``, and for a phone also as ``ExtensionStatus`` and, per queue it
serves, ``QueueMemberStatus``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ami_listener.simulator.channel import RING, RINGING, UP

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.queues import Member
    from ami_listener.simulator.wire import Wire

IDLE_STATUS, BUSY_STATUS = "Status: 0\r\nStatusText: Idle\r\n", "Status: 2\r\nStatusText: Busy\r\n"


class Device:
    """An endpoint: ``PJSIP/201``. ``exten`` is its internal number, empty for a trunk; ``many``: takes
    any number of calls."""

    __slots__ = ("channels", "context", "exten", "many", "members", "name", "outside", "state", "talking", "title")

    def __init__(self, name: str, exten: str, title: str, outside: bool = False, many: bool = False) -> None:
        self.name, self.exten, self.title, self.outside = name, exten, title, outside
        self.many = many or outside
        self.context = "from-pstn" if outside else "internal"
        self.channels: dict[str, Channel] = {}
        self.members: list[Member] = []
        self.talking = 0
        self.state = "NOT_INUSE"

    @property
    def in_use(self) -> bool:
        return self.state != "NOT_INUSE"

    @property
    def hint(self) -> str:
        """Its headers in ``ExtensionStatus``."""
        busy = BUSY_STATUS if self.in_use else IDLE_STATUS
        return f"Exten: {self.exten}\r\nContext: internal\r\nHint: {self.name}\r\n{busy}"

    def count(self, before: int, after: int) -> None:
        """One of its channels went from one state to another (0: not there, or down)."""
        self.talking += (after in (RING, UP)) - (before in (RING, UP))

    def state_now(self) -> str:
        if not self.many:
            return "BUSY" if any(c.state for c in self.channels.values()) else "NOT_INUSE"
        if self.talking:
            return "INUSE"
        if self.channels and any(c.state == RINGING for c in self.channels.values()):
            return "RINGING"
        return "NOT_INUSE"


def tell_device(wire: Wire, device: Device, now: float) -> None:
    """Send what changed, and wake callers who wait for this phone."""
    state = device.state_now()
    if state == device.state:
        return
    device.state = state
    if device.exten:
        wire.put("ExtensionStatus", device.hint)
    wire.put("DeviceStateChange", f"Device: {device.name}\r\nState: {state}\r\n")
    for member in device.members:
        wire.put("QueueMemberStatus", member.headers())
        member.queue.recount(wire, member)
    if not device.in_use:
        for member in device.members:
            if member.can_take(now):
                member.queue.wake(now)
