"""Events as Asterisk 22 writes them: which class each belongs to, and the bytes of a block.

``Wire`` collects the blocks of a tick; the server takes them with ``drain``. An event that no client
wants (``skip``) is not written at all. The header names and their order are those of recorded
streams of a real Asterisk (``tests/fixtures/ami``), which the tests hold them to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Bridge, Channel
    from ami_listener.simulator.schedule import Schedule

_STEP_US = 7
"""Microseconds between two events of one moment: real ones never share a timestamp for long."""


class Kind(NamedTuple):
    """An event's name and the class (``Privilege``) that a client must read to get it."""

    name: str
    privilege: str
    head: str


def _kinds() -> dict[str, Kind]:
    classes = {
        "call": (
            "AttendedTransfer BlindTransfer BridgeCreate BridgeDestroy BridgeEnter BridgeLeave BridgeMerge CEL "
            "ChanSpyStart ChanSpyStop ConfbridgeEnd ConfbridgeJoin ConfbridgeLeave ConfbridgeStart DeviceStateChange "
            "DialBegin DialEnd DialState ExtensionStatus Hangup HangupRequest Hold LocalBridge LocalOptimizationBegin "
            "LocalOptimizationEnd MixMonitorStart MixMonitorStop MixMonitorMute NewCallerid NewConnectedLine "
            "Newchannel Newstate OriginateResponse ParkedCall ParkedCallTimeOut SoftHangupRequest UnParkedCall Unhold"
        ),
        "agent": (
            "AgentCalled AgentComplete AgentConnect AgentRingNoAnswer QueueCallerAbandon QueueCallerJoin "
            "QueueCallerLeave QueueMemberAdded QueueMemberPause QueueMemberPenalty QueueMemberRemoved "
            "QueueMemberRinginuse QueueMemberStatus"
        ),
        "dialplan": "Newexten VarSet",
        "dtmf": "DTMFBegin DTMFEnd",
        "cdr": "Cdr",
        "security": "SuccessfulAuth InvalidPassword",
    }
    return {
        name: Kind(name, privilege, f"Event: {name}\r\nPrivilege: {privilege},all\r\nTimestamp: ")
        for privilege, names in classes.items()
        for name in names.split()
    }


KINDS = _kinds()
EVENT_NAMES = frozenset(KINDS)
_VARSET = KINDS["VarSet"]


class Wire:
    """The event stream. ``skip`` holds the names of events that nobody reads."""

    __slots__ = ("_blocks", "_last_us", "_schedule", "events", "skip")

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._blocks: list[tuple[Kind, str]] = []
        self._last_us = 0
        self.skip: frozenset[str] = frozenset()
        self.events = 0

    def stamp(self) -> str:
        """The time of the next event: the simulated clock, a little later than the last event."""
        us, earliest = int(self._schedule.now * 1_000_000), self._last_us + _STEP_US
        if us < earliest:
            us = earliest
        self._last_us = us
        text = str(us)
        return f"{text[:-6]}.{text[-6:]}"

    def put(self, name: str, body: str) -> None:
        """Send one event; ``body`` is its headers after the timestamp, each with its line end."""
        if name not in self.skip:
            kind = KINDS[name]
            self._blocks.append((kind, f"{kind.head}{self.stamp()}\r\n{body}\r\n"))

    def drain(self) -> list[tuple[Kind, str]]:
        """The blocks since the last call."""
        blocks, self._blocks = self._blocks, []
        self.events += len(blocks)
        return blocks

    def on(self, name: str, channel: Channel, more: str = "") -> None:
        """An event about one channel, its headers first."""
        if name not in self.skip:
            self.put(name, channel.headers() + more)

    def varset(self, channel: Channel, variable: str, value: str = "") -> None:
        if "VarSet" not in self.skip:
            body = f"{channel.headers()}Variable: {variable}\r\nValue: {value}\r\n\r\n"
            self._blocks.append((_VARSET, f"{_VARSET.head}{self.stamp()}\r\n{body}"))

    def newexten(self, channel: Channel, extension: str, app: str, data: str) -> None:
        if "Newexten" not in self.skip:
            self.on("Newexten", channel, f"Extension: {extension}\r\nApplication: {app}\r\nAppData: {data}\r\n")

    def dial(self, name: str, channel: Channel | None, dest: Channel, last: str) -> None:
        """DialBegin, DialState or DialEnd; an Originate's have no ``Channel``."""
        if name not in self.skip:
            head = channel.headers() if channel is not None else ""
            self.put(name, f"{head}{dest.dest_headers()}{last}\r\n")

    def bridge(self, name: str, bridge: Bridge, more: str = "", count: int | None = None) -> None:
        if name not in self.skip:
            self.put(name, bridge.headers(count) + more)

    def caller_id(self, channel: Channel) -> None:
        self.on("NewCallerid", channel, "CID-CallingPres: 0 (Presentation Allowed, Not Screened)\r\n")


SOUND_QUALITY = (
    (
        "RTPAUDIOQOS",
        "ssrc=836308382;themssrc=3390111744;lp=0;rxjitter=0.000000;rxcount=350;txjitter=0.000250;txcount=289;"
        "rlp=0;rtt=0.000000;rxmes=0.000000;txmes=88.087887",
    ),
    (
        "RTPAUDIOQOSJITTER",
        "minrxjitter=000.000000;maxrxjitter=000.001125;avgrxjitter=000.000349;stdevrxjitter=000.000169;"
        "mintxjitter=000.000000;maxtxjitter=000.000000;avgtxjitter=000.000000;stdevtxjitter=000.000000;",
    ),
    (
        "RTPAUDIOQOSLOSS",
        "  minrxlost=000.000000;  maxrxlost=000.000000;  avgrxlost=000.000000;  stdevrxlost=000.000000;"
        "  mintxlost=000.000000;  maxtxlost=000.000000;  avgtxlost=000.000000;  stdevtxlost=000.000000;",
    ),
    (
        "RTPAUDIOQOSRTT",
        "     minrtt=000.000000;     maxrtt=000.000000;     avgrtt=000.000000;     stdevrtt=000.000000;     ",
    ),
    (
        "RTPAUDIOQOSMES",
        "   minrxmes=088.087887;   maxrxmes=088.087887;   avgrxmes=088.087887;   stdevrxmes=000.000000;"
        "   mintxmes=000.000000;   maxtxmes=000.000000;   avgtxmes=000.000000;   stdevtxmes=000.000000;",
    ),
)
"""The variables in which a channel's driver leaves the quality of the sound, ever the same here."""


def sound_quality(wire: Wire, channel: Channel, other: Channel | None = None) -> None:
    """A phone that hangs up leaves its figures on its channel, and on the one it is bridged with."""
    if "VarSet" in wire.skip or channel.local:
        return
    for variable, value in SOUND_QUALITY:
        wire.varset(channel, variable, value)
        if other is not None:
            wire.varset(other, variable + "BRIDGED", value)
