"""AMI messages to facts: one small function an event, in one table.

Nothing but this module and its neighbours in ``ami_listener`` knows AMI's words. A message that nothing
here wants gives no fact; an event unknown to us is counted in ``unknown``, so that a new Asterisk shows up in metrics.
Field names and what they mean: Asterisk's own event documentation, checked against recorded 16 and 22.

Neighbours: ``protocol`` makes messages, ``lists`` gathers answers that come as lists, ``cti.live.tracker`` takes facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ami_listener.channel_names import channel_name
from ami_listener.discover import is_device
from ami_listener.encode import plain
from ami_listener.fields import STATES, Headers, device_state, errand, member, named, number, text, whole
from ami_listener.lists import Lists
from ami_listener.protocol import Message
from ami_listener.wanted import SKIP, WANTED
from cti.live import pbx
from cti.live.inventory import DeviceStateTold, MessagesWaiting
from cti.live.pbx import Fact
from cti.live.steady import LEAP_SECONDS, SteadyTime


def _new_channel(h: Headers, at: float) -> Fact:
    return pbx.ChannelCreated(
        at,
        h["Uniqueid"],
        h["Linkedid"],
        channel_name(h["Channel"]),
        STATES.get(h["ChannelState"], "other"),
        number(h, "CallerIDNum"),
        text(h, "CallerIDName"),
        h.get("Exten", ""),
    )


def _new_state(h: Headers, at: float) -> Fact:
    state = STATES.get(h["ChannelState"], "other")
    return pbx.ChannelStateChanged(at, h["Uniqueid"], h["Linkedid"], channel_name(h["Channel"]), state)


def _rename(h: Headers, at: float) -> Fact:
    return pbx.ChannelRenamed(at, h["Uniqueid"], channel_name(h["Newname"]))


def _caller_id(h: Headers, at: float) -> Fact:
    chan = channel_name(h["Channel"])
    return pbx.CallerIdentified(
        at, h["Uniqueid"], h["Linkedid"], chan, number(h, "CallerIDNum"), text(h, "CallerIDName")
    )


def _hangup_request(h: Headers, at: float) -> Fact:
    by_device = h["Event"] == "HangupRequest"
    return pbx.HangupAsked(at, h["Uniqueid"], h["Linkedid"], channel_name(h["Channel"]), by_device)


def _hangup(h: Headers, at: float) -> Fact:
    return pbx.ChannelHungUp(at, h["Uniqueid"], h["Linkedid"], channel_name(h["Channel"]), whole(h, "Cause"))


def _dial_begin(h: Headers, at: float) -> Fact:
    dest = channel_name(h["DestChannel"])
    return pbx.DialStarted(
        at,
        h.get("Uniqueid"),
        h.get("Exten", ""),
        named(h, "DestUniqueid"),
        named(h, "DestLinkedid"),
        dest,
        h.get("DialString", ""),
        errand(h),
    )


def _dial_end(h: Headers, at: float) -> Fact:
    return pbx.DialEnded(at, h.get("Uniqueid"), named(h, "DestUniqueid"), h["DialStatus"].lower(), h.get("Forward", ""))


def _bridge_enter(h: Headers, at: float) -> Fact:
    return pbx.BridgeEntered(
        at,
        h["Uniqueid"],
        h["Linkedid"],
        channel_name(h["Channel"]),
        named(h, "BridgeUniqueid"),
        h.get("BridgeTechnology") == "holding_bridge",
        h.get("SwapUniqueid"),
        errand(h),
    )


def _bridge_leave(h: Headers, at: float) -> Fact:
    chan = channel_name(h["Channel"])
    bridge, exten = named(h, "BridgeUniqueid"), h.get("Exten", "")
    return pbx.BridgeLeft(at, h["Uniqueid"], h["Linkedid"], chan, bridge, exten, errand(h))


def _hold(h: Headers, at: float) -> Fact:
    return pbx.HoldStarted(at, h["Uniqueid"], h["Linkedid"], channel_name(h["Channel"]))


def _unhold(h: Headers, at: float) -> Fact:
    return pbx.HoldEnded(at, h["Uniqueid"], h["Linkedid"], channel_name(h["Channel"]))


def _blind(h: Headers, at: float) -> Fact | None:
    if h["Result"] != "Success":
        return None
    chan = channel_name(h["TransfererChannel"])
    return pbx.BlindTransferred(at, named(h, "TransfererUniqueid"), chan, h.get("Extension", ""))


def _attended(h: Headers, at: float) -> Fact | None:
    if h["Result"] != "Success":
        return None
    chan = channel_name(h["OrigTransfererChannel"])
    target = h.get("TransferTargetUniqueid") or h.get("LocalTwoUniqueid")
    return pbx.AttendedTransferred(
        at,
        named(h, "OrigTransfererUniqueid"),
        chan,
        named(h, "SecondTransfererUniqueid"),
        target,
        h.get("DestBridgeUniqueid"),
    )


def _parked(h: Headers, at: float) -> Fact:
    parker = h.get("ParkerDialString", "").partition(";")[0]
    chan = channel_name(h["ParkeeChannel"])
    uid, linkedid = named(h, "ParkeeUniqueid"), named(h, "ParkeeLinkedid")
    return pbx.CallParked(at, uid, linkedid, chan, parker, h.get("ParkingSpace", ""))


def _unparked(h: Headers, at: float) -> Fact:
    return pbx.ParkingEnded(at, named(h, "ParkeeUniqueid"), h.get("RetrieverUniqueid"))


def _parking_over(h: Headers, at: float) -> Fact:
    return pbx.ParkingEnded(at, named(h, "ParkeeUniqueid"), None)


def _pickup(h: Headers, at: float) -> Fact:
    return pbx.CallPickedUp(at, h["Uniqueid"], channel_name(h["Channel"]), named(h, "TargetUniqueid"))


def _queue_join(h: Headers, at: float) -> Fact:
    chan = channel_name(h["Channel"])
    queue, count = named(h, "Queue"), whole(h, "Count")
    return pbx.QueueJoined(
        at, h["Uniqueid"], h["Linkedid"], chan, queue, count, h.get("Exten", ""), whole(h, "Position")
    )


def _queue_leave(h: Headers, at: float) -> Fact:
    return pbx.QueueLeft(at, h["Uniqueid"], named(h, "Queue"), whole(h, "Count"))


def _agent_connect(h: Headers, at: float) -> Fact:
    return pbx.QueueConnected(at, h["Uniqueid"], named(h, "Queue"), h.get("DestUniqueid", ""))


def _conference(h: Headers, at: float) -> Fact:
    chan = channel_name(h["Channel"])
    return pbx.ConferenceJoined(
        at, h["Uniqueid"], h["Linkedid"], chan, named(h, "Conference"), h.get("BridgeUniqueid", ""), errand(h)
    )


def _digit(h: Headers, at: float) -> Fact | None:
    if h["Direction"] != "Received":
        return None
    return pbx.DigitPressed(at, h["Uniqueid"], named(h, "Digit")[:1])


def _variable(h: Headers, at: float) -> Fact | None:
    if h["Variable"] != "MIXMONITOR_FILENAME":
        return None
    return pbx.RecordingNamed(at, h["Uniqueid"], plain(h["Value"]).rpartition("/")[2])


def _app(h: Headers, at: float) -> Fact | None:
    chan = channel_name(h["Channel"])
    return pbx.AppEntered(
        at,
        h["Uniqueid"],
        h["Linkedid"],
        chan,
        h.get("Application", "").lower(),
        h.get("AppData", ""),
        h.get("Exten", ""),
    )


def _spy(h: Headers, at: float) -> Fact:
    return pbx.Spied(at, named(h, "SpyerUniqueid"), h.get("SpyeeUniqueid", ""), h["Event"] == "ChanSpyStart")


def _originated(h: Headers, at: float) -> Fact:
    uid = number(h, "Uniqueid") or None
    endpoint = h.get("Channel", "")
    if uid:
        endpoint = channel_name(endpoint).endpoint
    ok = h["Response"] == "Success"
    order = h.get("ActionID", "")
    return pbx.OriginateEnded(at, uid, endpoint, number(h, "Exten"), ok, whole(h, "Reason"), errand(h), order)


def _member_gone(h: Headers, at: float) -> Fact:
    return member(h, at, removed=True)


def _device(h: Headers, at: float) -> Fact | None:
    device = named(h, "Device")
    if "ActionID" in h or not is_device(device):  # an item of a list, or a state of the PBX's own
        return None
    return DeviceStateTold(at, device, device_state(h.get("State", "")))


def _messages(h: Headers, at: float) -> Fact | None:
    box, _, context = number(h, "Mailbox").partition("@")
    new, old = whole(h, "New", -1), whole(h, "Old", -1)
    if not box or new < 0 or old < 0:  # boxes that are kept elsewhere: only that something waits
        return None
    return MessagesWaiting(at, box, context or "default", new, old)


def _booted(h: Headers, at: float) -> Fact:
    uptime = whole(h, "Uptime", -1)
    return pbx.PbxBooted(at, float(uptime) if uptime >= 0 else None)


def _shutdown(h: Headers, at: float) -> Fact:
    return pbx.PbxStopped(at)


TABLE: dict[str, Callable[[Headers, float], Fact | None]] = {
    "Newchannel": _new_channel,
    "Newstate": _new_state,
    "Rename": _rename,
    "NewCallerid": _caller_id,
    "HangupRequest": _hangup_request,
    "SoftHangupRequest": _hangup_request,
    "Hangup": _hangup,
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "Hold": _hold,
    "Unhold": _unhold,
    "BlindTransfer": _blind,
    "AttendedTransfer": _attended,
    "ParkedCall": _parked,
    "UnParkedCall": _unparked,
    "ParkedCallTimeOut": _parking_over,
    "ParkedCallGiveUp": _parking_over,
    "Pickup": _pickup,
    "QueueCallerJoin": _queue_join,
    "QueueCallerLeave": _queue_leave,
    "AgentConnect": _agent_connect,
    "ConfbridgeJoin": _conference,
    "DTMFEnd": _digit,
    "VarSet": _variable,
    "Newexten": _app,
    "ChanSpyStart": _spy,
    "ChanSpyStop": _spy,
    "OriginateResponse": _originated,
    "QueueMemberAdded": member,
    "QueueMemberStatus": member,
    "QueueMemberPause": member,
    "QueueMemberPenalty": member,
    "QueueMemberRinginuse": member,
    "QueueMemberRemoved": _member_gone,
    "DeviceStateChange": _device,
    "MessageWaiting": _messages,
    "FullyBooted": _booted,
    "Shutdown": _shutdown,
}
KNOWN = frozenset(TABLE) | SKIP | {w.name for w in WANTED} | Lists.EVENTS


MOST_UNKNOWN = 500
"""Names of unknown events counted one by one; a stream of made-up names must not fill memory."""
IDS = ("Uniqueid", "Linkedid")
UNSTAMPED = frozenset(("FullyBooted", "DeviceStateChange"))
"""What has no Timestamp, never or as an item of a list."""
FIRST, LAST = 1e9, 4.1e9
"""Epoch seconds between 2001 and 2099: what else a time stamp says is damage."""
ASTRAY = 3600.0
"""Seconds that a time stamp may be from its arrival: a PBX can be minutes behind with its events, not hours."""


class Translator:
    """Facts out of the messages of one connection after another.

    Event times are the PBX's ``Timestamp`` less ``clock_offset`` (seconds by which its clock is ahead), else the
    arrival time that ``facts`` is given. ``now`` is the latest time seen.
    """

    def __init__(self, clock_offset: float = 0.0) -> None:
        self.clock_offset = clock_offset
        self.unknown: Counter[str] = Counter()
        self.malformed: Counter[str] = Counter()
        self.untimed = 0
        self._time = SteadyTime()
        self._unstamped = 0
        self._connected = False
        self._lists = Lists(self.malformed)

    def facts(self, messages: list[Message], arrived: float | None = None) -> list[Fact]:
        """The facts that these messages tell, in order. A malformed message is counted, never raised on."""
        out: list[Fact] = []
        for message in messages:
            headers = message.headers
            if message.greeted:
                out += self._new_connection(arrived)
            handler = TABLE.get(message.event)
            if handler is None:
                out += self._other(message, arrived)
                continue
            stamp = headers.get("Timestamp")
            if stamp is None and message.event not in UNSTAMPED:
                self._unstamped += 1
                self.untimed += 1
            elif self._unstamped:  # this PBX does send stamps: they were lost
                self.malformed["Timestamp"] += self._unstamped
                self._unstamped = 0
            at = self._at(stamp, arrived)
            try:
                if headers.get("Uniqueid") == "" or headers.get("Linkedid") == "":
                    raise ValueError("a channel without a name would be everybody's")
                if message.doubled and any(name.endswith(IDS) for name in message.doubled):
                    raise ValueError("one of the two was put there by a caller")
                fact = handler(headers, at)
            except (KeyError, ValueError):
                self.malformed[message.event] += 1
                continue
            if fact is not None:
                out.append(fact)
        return out

    @property
    def now(self) -> float:
        """The latest time seen, epoch seconds; 0.0 before the first."""
        return self._time.now

    @property
    def timeless(self) -> bool:
        """True if neither the PBX nor anybody else has told a time yet."""
        return self.now == 0.0

    def _new_connection(self, arrived: float | None) -> list[Fact]:
        """A greeting in mid-stream: nobody listened between the last event and now."""
        first = not self._connected and self.timeless  # a journal may begin in the middle of a connection
        self._connected = True
        if first:
            return []
        back = arrived if arrived is not None else self.now
        return [pbx.LinkLost(self.now, "a new connection begins"), pbx.LinkRestored(back)]

    def _at(self, stamp: str | None, arrived: float | None) -> float:
        """When it happened: as stamped where that can be, else when it arrived, else when the last thing happened."""
        time = self._time
        if stamp:
            try:
                at = float(stamp) - self.clock_offset
            except ValueError:
                at = 0.0
            if not FIRST < at < LAST or (arrived is not None and abs(at - arrived) > ASTRAY and arrived > FIRST):
                self.malformed["Timestamp"] += 1
                at = time.now if arrived is None else arrived
        elif arrived is not None:
            at = arrived
        else:
            return time.now
        if not time.leaps and 0.0 <= at - time.now < LEAP_SECONDS:
            time.now = at
        else:
            time.see(at)
        return at

    def _other(self, message: Message, arrived: float | None) -> list[Fact]:
        at = self._at(message.headers.get("Timestamp"), arrived)
        event = message.event
        if event and event not in KNOWN:
            self.unknown[event[:64] if len(self.unknown) < MOST_UNKNOWN else "and others"] += 1
        return self._lists.take(message, at, self.clock_offset)
