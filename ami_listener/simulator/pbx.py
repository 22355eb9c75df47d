"""The simulated PBX: its channels, bridges, queues and devices, and the things that can be done to
them. Each deed changes the state and sends the events that Asterisk 22 sends for it.

What happens when is decided elsewhere: ``dialplan`` and the applications (``dial``, ``queueing``,
``apps``) are the scripts that channels run, ``behaviour`` is what people do.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from ami_listener.simulator.cdr import Cdr
from ami_listener.simulator.cel import Cel
from ami_listener.simulator.channel import DOWN, UP, Bridge, Channel
from ami_listener.simulator.devices import Device, tell_device
from ami_listener.simulator.life import LocalGone
from ami_listener.simulator.queues import Member, Queue
from ami_listener.simulator.truth import Direction, SimCall
from ami_listener.simulator.wire import Wire, sound_quality

if TYPE_CHECKING:
    from ami_listener.simulator.behaviour import Behaviour, Deed
    from ami_listener.simulator.consult import Consult
    from ami_listener.simulator.dialplan import Dialplan
    from ami_listener.simulator.parking import Slot
    from ami_listener.simulator.schedule import Schedule
    from ami_listener.simulator.talk import Conversation

NORMAL, USER_BUSY, NO_ANSWER, REJECTED, ELSEWHERE, INTERWORKING = 16, 17, 19, 21, 26, 127
CAUSE_TEXT = {
    0: "Unknown",
    NORMAL: "Normal Clearing",
    USER_BUSY: "User busy",
    NO_ANSWER: "User alerting, no answer",
    REJECTED: "Call Rejected",
    ELSEWHERE: "Answered elsewhere",
    INTERWORKING: "Interworking, unspecified",
}


class Pbx:
    """All state of the simulated PBX. ``finished`` is told of every call that is over."""

    def __init__(
        self,
        schedule: Schedule,
        behaviour: Behaviour,
        dialplan: Dialplan,
        rng: random.Random,
        *,
        books_to_file: bool = False,
        books_to_ami: bool = False,
        finished: Callable[[SimCall], None] = lambda call: None,
    ) -> None:
        self.schedule, self.behaviour, self.dialplan, self.rng = schedule, behaviour, dialplan, rng
        self.wire = Wire(schedule)
        self.cel = Cel(self.wire, books_to_file, books_to_ami)
        self.cdr = Cdr(self.wire, books_to_file, books_to_ami)
        self.finished = finished
        self.started_at = schedule.now
        self.devices: dict[str, Device] = {}
        self.queues: dict[str, Queue] = {}
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.conferences: dict[str, Bridge] = {}
        self.parking: Bridge | None = None
        self.consults: dict[str, Consult] = {}
        self.slots: dict[str, tuple[Slot, Channel]] = {}
        self.do: Callable[[Pbx, Conversation, Deed], Deed | None] = lambda pbx, talk, deed: None
        self.park_seconds, self.comeback_seconds = 45.0, 30.0
        self.calls_processed = 0
        self.local_pairs = 0
        self._serial = self._names = 0
        self._linkedids: Counter[str] = Counter()

    @property
    def now(self) -> float:
        return self.schedule.now

    # What there is

    def add_device(self, device: Device) -> Device:
        self.devices[device.name] = device
        return device

    def add_queue(self, queue: Queue, members: list[Device]) -> None:
        """A queue of ``queues.conf`` with its static members; nothing is sent for it."""
        self.queues[queue.name] = queue
        for device in members:
            member = Member(queue, device, device.title, int(self.started_at))
            queue.members.append(member)
            device.members.append(member)
            member.counted = True
        queue.available = len(members)

    # Channels

    def next_id(self) -> tuple[str, int]:
        """The next ``epoch.N`` and its N."""
        serial = self._serial
        self._serial += 1
        return f"{int(self.now)}.{serial}", serial

    def create(
        self, device: Device, state: int, context: str, exten: str, parent: Channel | None = None, own_id: str = ""
    ) -> Channel:
        """A new channel on a phone or trunk; one that is dialled inherits from its dialler. ``own_id``: the
        uniqueid that an Originate asks for."""
        uniqueid, serial = self.next_id()
        channel = Channel(device, f"{device.name}-{self._names:08x}", own_id or uniqueid, self.now, serial)
        self._names += 1
        channel.num, channel.cid_name = device.exten, device.title
        self.register(channel, state, context, exten, parent)
        return channel

    def register(self, channel: Channel, state: int, context: str, exten: str, parent: Channel | None) -> None:
        """Put a channel in the books without telling of it yet (``announce`` does)."""
        channel.state, channel.context, channel.exten = state, context, exten
        if parent is not None:
            channel.linkedid, channel.call = parent.linkedid, parent.call
            channel.inherited = dict(parent.inherited)
        self.channels[channel.name] = channel
        self._linkedids[channel.linkedid] += 1
        if channel.call is not None:
            channel.call.channels[channel.uniqueid] = channel
        if channel.device is not None:
            channel.device.channels[channel.name] = channel
            channel.device.count(DOWN, state)

    def announce(self, channel: Channel) -> None:
        self.cel.put("CHAN_START", channel)
        self.wire.on("Newchannel", channel)
        if channel.state != DOWN and channel.device is not None:
            tell_device(self.wire, channel.device, self.now)

    def open_call(self, channel: Channel, direction: Direction, dialled: str, kind: str = "call") -> SimCall:
        """The channel is the first of a call: start its truth."""
        call = SimCall(channel.linkedid, direction, channel.num, channel.cid_name, dialled, self.now, kind)
        call.linkedids.add(channel.linkedid)
        call.channels[channel.uniqueid] = channel
        channel.call = call
        self.calls_processed += 1
        return call

    def set_state(self, channel: Channel, state: int) -> None:
        assert not channel.gone, channel.name
        before = channel.state
        channel.set_state(state)
        self.wire.on("Newstate", channel)
        if channel.device is not None:
            channel.device.count(before, state)
            tell_device(self.wire, channel.device, self.now)

    def answer(self, channel: Channel) -> None:
        if channel.state != UP:
            channel.answered_at = self.now
            self.cel.put("ANSWER", channel)
            self.set_state(channel, UP)

    def newexten(self, channel: Channel, app: str, data: str, extension: str | None = None) -> None:
        """The channel runs an application of the dialplan."""
        channel.app, channel.app_data = app, data
        self.wire.newexten(channel, channel.exten if extension is None else extension, app, data)
        self.cdr.app(channel, self.now)

    def set_variable(self, channel: Channel, name: str, value: str) -> None:
        channel.variables[name] = value
        self.wire.varset(channel, name, value)

    def connect(self, channel: Channel, num: str, name: str) -> None:
        """The channel talks with somebody else now; nothing is sent if it is the same as before."""
        if (channel.conn_num, channel.conn_name) != (num, name):
            channel.connect(num, name)
            self.wire.on("NewConnectedLine", channel)

    def varsets(self, channel: Channel, *names: str) -> None:
        """Variables that an application clears as it starts."""
        for name in names:
            self.set_variable(channel, name, "")

    def hangup_request(self, channel: Channel, cause: int = NORMAL, tech: int = 0) -> None:
        """The far side of the channel (the phone, the trunk) ended it."""
        more = f"Cause: {cause}\r\n" if cause else ""
        self.wire.on("HangupRequest", channel, f"{more}TechCause: {tech}\r\n" if tech else more)

    def tell_quality(self, channel: Channel, other: Channel | None = None) -> None:
        """The sound's figures, once per channel that had sound."""
        if not channel.quality_told and channel.state == UP:
            channel.quality_told = True
            sound_quality(self.wire, channel, other)

    def soft_hangup(self, channel: Channel, tech: int = 0) -> None:
        """The PBX itself ends the channel."""
        tail = f"TechCause: {tech}\r\n" if tech else ""
        self.wire.on("SoftHangupRequest", channel, f"Cause: {NORMAL}\r\n{tail}")

    def hang_up(self, channel: Channel, cause: int | None = None, tech: int = 0, source: str = "") -> None:
        """The end of a channel, and of its call if it was the last; without a cause, with the one it has."""
        if channel.gone:
            return
        if channel.bridge is not None:
            self.leave(channel)
        channel.gone = True
        if cause is not None:
            channel.cause, channel.tech_cause = cause, tech
        if channel.patience is not None:
            channel.patience.cancel()
        channel.app, channel.app_data = channel.born_as
        self.cdr.finish(channel, self.now)
        tail = f"TechCause: {channel.tech_cause}\r\n" if channel.tech_cause else ""
        text = CAUSE_TEXT.get(channel.cause, "Unknown")
        self.wire.on("Hangup", channel, f"Cause: {channel.cause}\r\nCause-txt: {text}\r\n{tail}")
        self._forget(channel, source)
        if channel.watcher is not None:
            channel.watcher.post(LocalGone(channel))

    def _forget(self, channel: Channel, source: str) -> None:
        del self.channels[channel.name]
        self.consults.pop(channel.name, None)
        for number in [n for n, (_, parkee) in self.slots.items() if parkee is channel]:
            del self.slots[number]
        self._linkedids[channel.linkedid] -= 1
        last = not self._linkedids[channel.linkedid]
        if last:
            del self._linkedids[channel.linkedid]
        if channel.device is not None:
            del channel.device.channels[channel.name]
            channel.device.count(channel.state, DOWN)
            tell_device(self.wire, channel.device, self.now)
        self.cel.hangup(channel, source, last)
        call = channel.call
        if call is not None:
            call.leg_ended(channel, self.now)
            call.left(channel, self.now)
            if not call.channels:
                call.finish(self.now)
                self.finished(call)

    # Bridges

    def uuid(self) -> str:
        text = f"{self.rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def new_bridge(self, kind: str = "basic", technology: str = "simple_bridge", **names: str) -> Bridge:
        bridge = Bridge(self.uuid(), kind, technology, **names)
        self.bridges[bridge.uniqueid] = bridge
        self.wire.bridge("BridgeCreate", bridge)
        return bridge

    def enter(self, bridge: Bridge, channel: Channel, swap: str = "", extra_members: int = 0) -> None:
        """Put a channel into a bridge; ``swap``: the uniqueid of the one whose place it takes."""
        assert not channel.gone and channel.bridge is None, channel.name
        if bridge.type == "basic":
            for member in bridge.members:
                self._link(member, channel)
        bridge.members.append(channel)
        channel.bridge = bridge
        self.cel.bridge("BRIDGE_ENTER", channel, bridge)
        count = len(bridge.members) + extra_members
        more = channel.headers() + (f"SwapUniqueid: {swap}\r\n" if swap else "")
        self.wire.bridge("BridgeEnter", bridge, more, count)
        for name in ("BLINDTRANSFER", "ATTENDEDTRANSFER"):
            if channel.variables.get(name):
                self.set_variable(channel, name, "")
        if bridge.type == "basic" and len(bridge.members) == 2:
            self._peer(*bridge.members)
        self._rejoin(bridge, channel)

    def leave(self, channel: Channel, extra_members: int = 0, keep: bool = False) -> None:
        """Take a channel out of its bridge; a basic bridge that is empty then is destroyed, unless to ``keep``."""
        bridge = channel.bridge
        if bridge is None:
            return
        if "BRIDGEPEER" in channel.variables:
            for name in ("BRIDGEPEER", "BRIDGEPVTCALLID"):
                channel.variables.pop(name, None)
                self.wire.varset(channel, name)
        self.cel.bridge("BRIDGE_EXIT", channel, bridge)
        bridge.members.remove(channel)
        channel.bridge = None
        self.wire.bridge("BridgeLeave", bridge, channel.headers(), len(bridge.members) + extra_members)
        self._rejoin(bridge, channel)
        if not bridge.members and bridge.type == "basic" and not keep:
            self.destroy(bridge)

    def destroy(self, bridge: Bridge) -> None:
        if self.bridges.pop(bridge.uniqueid, None) is not None:
            self.wire.bridge("BridgeDestroy", bridge)

    def _rejoin(self, bridge: Bridge, channel: Channel) -> None:
        """Every call with a party in the bridge may have to be told; in a basic one they are all one call."""
        calls = {channel.call}
        if bridge.type != "basic":
            calls.update(member.call for member in bridge.members)
        for call in calls:
            if call is not None:
                call.rejoin(self.now)

    def _peer(self, one: Channel, two: Channel) -> None:
        for channel, peer in ((one, two), (two, one)):
            self.set_variable(channel, "BRIDGEPEER", peer.name)
            self.set_variable(channel, "BRIDGEPVTCALLID", f"{channel.serial}-{channel.uniqueid}@127.0.0.1")

    def _link(self, one: Channel, two: Channel) -> None:
        """Both get the linkedid of the older one (``bridge_channel.c``); their calls become one."""
        if one.linkedid == two.linkedid:
            return
        older, younger = (one, two) if one.older_than(two) else (two, one)
        self._linkedids[younger.linkedid] -= 1
        if not self._linkedids[younger.linkedid]:
            del self._linkedids[younger.linkedid]
            self.cel.put("LINKEDID_END", younger)
        self._linkedids[older.linkedid] += 1
        younger.linkedid = older.linkedid
        younger.touch()
        if older.call is not None and younger.call is not None and older.call is not younger.call:
            older.call.absorb(younger.call)
