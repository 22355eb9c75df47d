"""Call flows written down by hand: each step says what Asterisk 22 sends for it, with its header names.

``Script`` is a PBX on paper: it keeps a clock, gives out unique ids, and writes the events that each step makes.
For what was never recorded, and for what must never happen. ``records`` plays a script through the product.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ami_listener.replay import Replay
from cti.live.profile import Profile, ProfileSettings
from cti.live.record import CallRecord

START = 1_800_000_000.0
PROFILE = ProfileSettings(extensions=r"^(2\d\d|alog\d)$", trunks=r"^(trunk|i\d|g\d|carrier)", area_code="021")
GREETING = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n"
STATES = {"down": 0, "ring": 4, "ringing": 5, "up": 6}


@dataclass
class Chan:
    """A channel as the script knows it."""

    name: str
    uid: str
    linkedid: str
    number: str
    exten: str
    state: int
    caller_name: str = "<unknown>"
    bridge: str | None = None
    dialler: Chan | None = None

    @property
    def headers(self) -> list[tuple[str, object]]:
        return [
            ("Channel", self.name), ("ChannelState", self.state), ("ChannelStateDesc", "-"),
            ("CallerIDNum", self.number), ("CallerIDName", self.caller_name), ("ConnectedLineNum", "<unknown>"),
            ("ConnectedLineName", "<unknown>"), ("Language", "en"), ("AccountCode", ""), ("Context", "from-pstn"),
            ("Exten", self.exten), ("Priority", 1), ("Uniqueid", self.uid), ("Linkedid", self.linkedid),
        ]  # fmt: skip


def prefixed(prefix: str, chan: Chan) -> list[tuple[str, object]]:
    """A channel's headers as a second or third channel of an event has them: ``DestChannel``, ``DestUniqueid``."""
    return [(prefix + key, value) for key, value in chan.headers]


@dataclass
class Script:
    """``out`` grows by what each step sends. ``now`` is the PBX's clock."""

    now: float = START
    out: list[bytes] = field(default_factory=lambda: [GREETING])
    channels: dict[str, Chan] = field(default_factory=dict)
    boot: int = 0
    _made: int = 0

    # --- the bare means

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def event(self, name: str, *headers: tuple[str, object]) -> None:
        lines = [("Event", name), ("Privilege", "call,all"), ("Timestamp", f"{self.now:.6f}"), *headers]
        self.out.append("".join(f"{key}: {value}\r\n" for key, value in lines).encode() + b"\r\n")

    def about(self, name: str, chan: Chan, *more: tuple[str, object]) -> None:
        """An event about one channel."""
        self.event(name, *chan.headers, *more)

    def channel(self, device: str, *, state: str = "ring", number: str = "", exten: str = "s", of: Chan | None = None,
                name: str = "<unknown>", full_name: str = "") -> Chan:  # fmt: skip
        """A new channel of ``device``, in the call ``of`` if given. ``full_name`` where the driver has another form."""
        uid = f"{int(self.now)}.{self._made}"
        chan = Chan(full_name or f"{device}-{self._made - self.boot:08x}", uid, of.linkedid if of else uid,
                    number or "<unknown>", exten, STATES[state], name)  # fmt: skip
        self._made += 1
        self.channels[uid] = chan
        self.about("Newchannel", chan)
        return chan

    def state(self, chan: Chan, state: str) -> None:
        chan.state = STATES[state]
        self.about("Newstate", chan)

    def end(self, chan: Chan, cause: int = 16) -> None:
        """The Hangup event, and nothing around it."""
        self.about("Hangup", chan, ("Cause", cause), ("Cause-txt", "-"))
        self.channels.pop(chan.uid, None)

    # --- calls

    def calls_in(self, number: str = "09121112233", exten: str = "5001", trunk: str = "PJSIP/trunk",
                 name: str = "<unknown>") -> Chan:  # fmt: skip
        return self.channel(trunk, number=number, exten=exten, name=name)

    def dials(self, who: Chan | None, device: str, exten: str = "") -> Chan:
        """``who`` (None: the PBX itself) rings a device."""
        chan = self.channel(device, state="down", number=device.rpartition("/")[2], of=who)
        chan.dialler = who
        caller = who.headers if who is not None else []
        if exten and who is not None:
            who.exten = exten
        self.event("DialBegin", *caller, *prefixed("Dest", chan), ("DialString", device.partition("/")[2]))
        self.state(chan, "ringing")
        return chan

    def dial_ends(self, chan: Chan, status: str, *more: tuple[str, object]) -> None:
        caller = chan.dialler.headers if chan.dialler is not None else []
        self.event("DialEnd", *caller, *prefixed("Dest", chan), ("DialStatus", status), *more)

    def answers(self, chan: Chan) -> None:
        self.state(chan, "up")
        if chan.dialler is not None:
            self.dial_ends(chan, "ANSWER")

    def rings_out(self, chan: Chan, status: str = "NOANSWER", cause: int = 16) -> None:
        """A device is no longer rung: its time is up, it is busy, or it is told to stop."""
        self.dial_ends(chan, status)
        self.end(chan, cause)

    def joins(self, chan: Chan, bridge: str, technology: str = "simple_bridge", swap: Chan | None = None) -> None:
        chan.bridge = bridge
        more = [("SwapUniqueid", swap.uid)] if swap is not None else []
        if swap is not None:
            swap.bridge = None
        self.event("BridgeEnter", ("BridgeUniqueid", bridge), ("BridgeType", "basic"),
                   ("BridgeTechnology", technology), *chan.headers, *more)  # fmt: skip

    def parts(self, chan: Chan) -> None:
        bridge, chan.bridge = chan.bridge, None
        self.event("BridgeLeave", ("BridgeUniqueid", bridge), ("BridgeTechnology", "simple_bridge"), *chan.headers)

    def talk(self, *chans: Chan) -> str:
        """Put them into a bridge of their own; those that are not up answer first."""
        bridge = f"b-{len(self.out)}"
        for chan in reversed(chans):
            if chan.state != STATES["up"]:
                self.answers(chan)
        for chan in reversed(chans):
            self.joins(chan, bridge)
        return bridge

    def hangs_up(self, chan: Chan, *others: Chan, cause: int = 16) -> None:
        """The device hangs up; the PBX then ends the others."""
        self.about("HangupRequest", chan)
        for each in (chan, *others):
            if each.bridge is not None:
                self.parts(each)
        for each in (*others, chan):
            self.about("SoftHangupRequest", each, ("Cause", cause))
            self.end(each, cause)

    def hold(self, chan: Chan) -> None:
        self.about("Hold", chan)

    def unhold(self, chan: Chan) -> None:
        self.about("Unhold", chan)

    # --- queues

    def queues(self, chan: Chan, queue: str, exten: str = "") -> None:
        chan.exten = exten or chan.exten
        self.about("QueueCallerJoin", chan, ("Queue", queue), ("Position", 1), ("Count", 1))

    def leaves_queue(self, chan: Chan, queue: str) -> None:
        self.about("QueueCallerLeave", chan, ("Queue", queue), ("Position", 1), ("Count", 0))

    def connects(self, chan: Chan, member: Chan, queue: str) -> None:
        """The queue gives the caller to the member that has just been rung."""
        self.answers(member)
        self.leaves_queue(chan, queue)
        self.event("AgentConnect", *chan.headers, *prefixed("Dest", member), ("Queue", queue), ("Interface", "x"),
                   ("MemberName", "x"), ("RingTime", 1), ("HoldTime", 1))  # fmt: skip

    def abandons(self, chan: Chan, queue: str, *members: Chan) -> None:
        """The caller gives up; those that ring are told to stop."""
        self.about("HangupRequest", chan)
        self.leaves_queue(chan, queue)
        self.about("QueueCallerAbandon", chan, ("Queue", queue), ("HoldTime", 1), ("OriginalPosition", 1))
        for member in members:
            self.rings_out(member, "CANCEL")
        self.end(chan)

    def member(self, queue: str, interface: str, event: str = "QueueMemberStatus", **headers: object) -> None:
        told = {"Status": 1, "Paused": 0, "InCall": 0, "Membership": "static", "PausedReason": "", **headers}
        self.event(event, ("Queue", queue), ("MemberName", interface), ("Interface", interface), *told.items())

    # --- moves

    def blind(self, by: Chan, exten: str, result: str = "Success") -> None:
        """The word of a blind transfer; what it leads to follows as steps of its own."""
        self.event("BlindTransfer", ("Result", result), *prefixed("Transferer", by), ("Extension", exten))

    def attended(self, by: Chan, second: Chan, target: Chan, bridge: str, result: str = "Success") -> None:
        self.event("AttendedTransfer", ("Result", result), *prefixed("OrigTransferer", by),
                   *prefixed("SecondTransferer", second), ("DestType", "Bridge"), ("DestBridgeUniqueid", bridge),
                   *prefixed("TransferTarget", target))  # fmt: skip

    def transfers_by_keys(self, by: Chan, caller: Chan, phone: str, seconds: float) -> Chan:
        """*2: ``by`` consults ``phone`` for so long while the caller waits, and hangs up: the two are together."""
        bridge, aside = by.bridge, f"b-{len(self.out)}"
        assert bridge is not None
        self.hold(by)
        one, two = self.local(by, phone.rpartition("/")[2])
        self.joins(one, aside)
        self.parts(by)
        self.joins(by, aside)
        other = self.dials(two, phone)
        self.answers(other)
        beyond = f"b-{len(self.out)}"
        self.joins(other, beyond)
        self.joins(two, beyond)
        self.wait(seconds)
        self.about("HangupRequest", by)
        self.parts(by)
        self.parts(one)
        self.joins(one, bridge)
        self.attended(by, by, one, bridge)
        self.end(by)
        self.parts(other)
        self.parts(one)
        self.joins(other, bridge, swap=one)
        self.end(one)
        self.parts(two)
        self.end(two)
        return other

    def local(self, of: Chan, exten: str) -> tuple[Chan, Chan]:
        """The two halves of a Local channel."""
        stem = f"Local/{exten}@internal-{self._made:08x}"
        one = self.channel(stem, state="down", of=of, exten=exten, full_name=f"{stem};1")
        two = self.channel(stem, state="ring", of=of, exten=exten, full_name=f"{stem};2")
        one.dialler = of
        self.event("DialBegin", *of.headers, *prefixed("Dest", one), ("DialString", f"{exten}@internal/n"))
        return one, two

    # --- the link and the PBX

    def reconnects(self, uptime: float | None = None) -> None:
        """Another connection begins; nothing was heard since the last step before it."""
        self.out.append(GREETING)
        if uptime is not None:
            self.out.append(b"Event: FullyBooted\r\nUptime: %d\r\nStatus: Fully Booted\r\n\r\n" % uptime)

    def restarts(self) -> None:
        """Asterisk dies and comes again: no channel is left, and names begin again."""
        self.channels.clear()
        self.boot = self._made

    def missed(self, since: int) -> None:
        """What was sent from step ``since`` on never arrived."""
        del self.out[since:]

    def lists(self, action: str = "c", short: int = 0, ended: str = "Complete", between: bytes = b"") -> None:
        """The answer to CoreShowChannels; ``short`` items fewer than told, ``between`` comes before its end."""
        self.list_begins(action)
        for chan in list(self.channels.values())[: len(self.channels) - short]:
            self.list_item(chan, action)
        self.out.append(between)
        self.list_ends(action, len(self.channels), ended)

    def list_begins(self, action: str = "c") -> None:
        self.out.append(
            b"Response: Success\r\nActionID: %b\r\nEventList: start\r\nMessage: follows\r\n\r\n" % action.encode()
        )

    def list_item(self, chan: Chan, action: str = "c") -> None:
        headers = [*chan.headers, ("BridgeId", chan.bridge or ""), ("Application", ""), ("ApplicationData", "")]
        body = "".join(f"{key}: {value}\r\n" for key, value in headers)
        self.out.append(f"Event: CoreShowChannel\r\nActionID: {action}\r\n{body}Duration: 00:00:01\r\n\r\n".encode())

    def list_ends(self, action: str, items: int, ended: str = "Complete") -> None:
        self.out.append(
            f"Event: CoreShowChannelsComplete\r\nActionID: {action}\r\nEventList: {ended}\r\n"
            f"ListItems: {items}\r\n\r\n".encode()
        )

    @property
    def stream(self) -> bytes:
        return b"".join(self.out)


def played(script: Script, settings: ProfileSettings = PROFILE, pbx: str = "main") -> Replay:
    """The product after the script, not yet told that the stream is over."""
    run = Replay(Profile(settings), pbx)
    run.feed(script.stream)
    return run


def records(script: Script, settings: ProfileSettings = PROFILE) -> list[CallRecord]:
    """What the product says of the script's calls."""
    return played(script, settings).finish()


def record(script: Script, settings: ProfileSettings = PROFILE) -> CallRecord:
    """What it says of the one call that it is. Raises ``ValueError`` if there are more, or none."""
    (only,) = records(script, settings)
    return only
