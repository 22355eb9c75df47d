"""Queues and their members: who is rung next, what AMI says of a member, and the figures kept.

``ami_listener.simulator.queueing`` is what a caller lives through in a queue; ``devices`` tells when
a member's phone changes. Strategies and figures follow ``app_queue.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.devices import Device
    from ami_listener.simulator.schedule import Process
    from ami_listener.simulator.wire import Wire

NOT_IN_USE, BUSY = 1, 3
"""Device states as ``QueueMemberStatus`` gives them (a phone that takes one call at a time)."""


class Member:
    """A phone's place in one queue. Times are epoch seconds."""

    __slots__ = (
        "calls_taken",
        "counted",
        "device",
        "dynamic",
        "free_from",
        "last_call",
        "last_pause",
        "login",
        "name",
        "paused",
        "paused_reason",
        "penalty",
        "queue",
        "ring_in_use",
    )

    def __init__(self, queue: Queue, device: Device, name: str, login: int, dynamic: bool = False) -> None:
        self.queue, self.device, self.name = queue, device, name
        self.login, self.dynamic = login, dynamic
        self.penalty = self.calls_taken = self.last_call = self.last_pause = 0
        self.paused = self.ring_in_use = False
        self.paused_reason = ""
        self.free_from = 0.0
        self.counted = False

    @property
    def membership(self) -> str:
        return "dynamic" if self.dynamic else "static"

    @property
    def status(self) -> int:
        return BUSY if self.device.in_use else NOT_IN_USE

    def can_take(self, now: float) -> bool:
        return not self.paused and not self.device.channels and self.free_from <= now

    def headers(self) -> str:
        """As in ``QueueMemberStatus`` and its kin."""
        return (
            f"Queue: {self.queue.name}\r\nMemberName: {self.name}\r\nInterface: {self.device.name}\r\n"
            f"StateInterface: {self.device.name}\r\nMembership: {self.membership}\r\nPenalty: {self.penalty}\r\n"
            f"CallsTaken: {self.calls_taken}\r\nLastCall: {self.last_call}\r\nLastPause: {self.last_pause}\r\n"
            f"LoginTime: {self.login}\r\nInCall: 0\r\nStatus: {self.status}\r\nPaused: {int(self.paused)}\r\n"
            f"PausedReason: {self.paused_reason}\r\nRinginuse: {int(self.ring_in_use)}\r\nWrapuptime: 0\r\n"
        )


class Entry:
    """A caller in a queue. ``idle``: waiting for a member, rather than ringing one; ``next``: where in the
    list of members a linear queue goes on for this caller."""

    __slots__ = ("channel", "idle", "joined", "next", "original_position", "process")

    def __init__(self, channel: Channel, process: Process, joined: float, position: int) -> None:
        self.channel, self.process, self.joined = channel, process, joined
        self.original_position = position
        self.idle = False
        self.next = 0


class Queue:
    """One queue. ``ring_seconds`` per try, ``wrap_up`` seconds of rest after a call."""

    def __init__(self, name: str, strategy: str, ring_seconds: float, wrap_up: float = 0.0) -> None:
        self.name, self.strategy = name, strategy
        self.ring_seconds, self.wrap_up = ring_seconds, wrap_up
        self.members: list[Member] = []
        self.waiting: list[Entry] = []
        self.available = 0
        self.service_level = 20
        self.completed = self.abandoned = self.completed_in_time = 0
        self.hold_time = self.talk_time = 0
        self._next = 0
        self._told: dict[str, str] = {}

    def member(self, interface: str) -> Member | None:
        return next((m for m in self.members if m.device.name == interface), None)

    def position(self, entry: Entry) -> int:
        return self.waiting.index(entry) + 1

    def start_with(self, interface: str) -> None:
        """Let the round go on with this member."""
        self._next = next(i for i, member in enumerate(self.members) if member.device.name == interface)

    def pick(self, now: float, entry: Entry) -> list[Member]:
        """The members to ring now: all that are free (ringall), or the next one."""
        if self.strategy == "ringall":
            return [m for m in self.members if m.can_take(now)]
        count = len(self.members)
        start = self._next if self.strategy == "rrmemory" else entry.next
        for step in range(count):
            index = (start + step) % count
            if self.members[index].can_take(now):
                self._next = entry.next = index + 1
                return [self.members[index]]
        return []

    def wake(self, now: float) -> None:
        """Tell the first caller who waits idly that a member may be free."""
        for entry in self.waiting:
            if entry.idle:
                entry.idle = False
                entry.process.post("member free")
                return

    def answered(self, waited: float) -> None:
        self.hold_time = (3 * self.hold_time + int(waited)) // 4
        self.completed_in_time += waited <= self.service_level

    def finished(self, talked: int) -> None:
        self.completed += 1
        self.talk_time = (3 * self.talk_time + talked) // 4

    def tell(self, wire: Wire, suffix: str, state: str) -> None:
        """Send the state of one of the queue's own devices (``Queue:NAME…``) if it changed."""
        if self._told.get(suffix) != state:
            self._told[suffix] = state
            wire.put("DeviceStateChange", f"Device: Queue:{self.name}{suffix}\r\nState: {state}\r\n")

    def device_states(self) -> list[tuple[str, str]]:
        return [(f"Queue:{self.name}{suffix}", state) for suffix, state in self._told.items()]

    def tell_waiting(self, wire: Wire) -> None:
        self.tell(wire, "", "RINGING" if self.waiting else "NOT_INUSE")

    def recount(self, wire: Wire, member: Member, gone: bool = False) -> None:
        """Keep the number of members that could take a call, and send ``Queue:NAME_avail``."""
        free = not gone and not member.paused and not member.device.in_use
        if free != member.counted:
            self.available += 1 if free else -1
            member.counted = free
        self.tell(wire, "_avail", "NOT_INUSE" if self.available else "INUSE")


def add_member(wire: Wire, queue: Queue, member: Member) -> None:
    """Let a member in while the PBX runs (``QueueAdd``)."""
    queue.members.append(member)
    member.device.members.append(member)
    queue.tell(wire, f"_pause_{member.device.name}", "INUSE" if member.paused else "NOT_INUSE")
    queue.recount(wire, member)
    wire.put("QueueMemberAdded", member.headers())


def remove_member(wire: Wire, queue: Queue, member: Member) -> None:
    queue.members.remove(member)
    member.device.members.remove(member)
    wire.put("QueueMemberRemoved", member.headers())
    queue.recount(wire, member, gone=True)


def pause_member(wire: Wire, member: Member, paused: bool, reason: str, now: float) -> None:
    """Pause or unpause; a reason given on unpausing is kept out, as Asterisk 22 does."""
    queue = member.queue
    member.paused, member.paused_reason = paused, reason if paused else ""
    if paused:
        member.last_pause = int(now)
    queue.tell(wire, f"_pause_{member.device.name}", "INUSE" if paused else "NOT_INUSE")
    queue.recount(wire, member)
    wire.put("QueueMemberPause", member.headers())
    if not paused:
        queue.wake(now)
