"""Channels and bridges of the simulated PBX, and their headers as AMI writes them.

Nearly every AMI event carries the fourteen headers of a channel (``manager_channels.c``,
``ast_manager_build_channel_state_string``). They are written once per change of the channel and
kept, which is what makes tens of thousands of events a second possible; whoever changes a field
calls ``touch``. Values cannot hold a line end: the AMI reader of the server splits at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ami_listener.simulator.devices import Device
    from ami_listener.simulator.schedule import Process, Timer
    from ami_listener.simulator.truth import SimCall

DOWN, RING, RINGING, UP = 0, 4, 5, 6
STATE_NAMES = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}
UNKNOWN = "<unknown>"


class Channel:
    """One channel. ``process`` runs its dialplan, if it has one; ``owner`` is the process that must
    be told when it goes: its own, or the one that dialled it. ``watcher`` hears what becomes of half a
    Local pair; ``born_as`` is the application and data that it shows at its end."""

    __slots__ = (
        "_dest",
        "_text",
        "ani",
        "answered_at",
        "app",
        "app_data",
        "born_as",
        "bridge",
        "call",
        "cause",
        "cid_name",
        "conn_name",
        "conn_num",
        "context",
        "created",
        "device",
        "dnid",
        "endpoint",
        "exten",
        "gone",
        "inherited",
        "linkedid",
        "name",
        "num",
        "other_half",
        "owner",
        "patience",
        "priority",
        "process",
        "quality_told",
        "serial",
        "state",
        "tech_cause",
        "uniqueid",
        "variables",
        "watcher",
    )

    def __init__(self, device: Device | None, name: str, uniqueid: str, created: float, serial: int) -> None:
        self.device = device
        self.name = name
        self.endpoint = name[: name.rfind("-")]
        self.uniqueid = self.linkedid = uniqueid
        self.created, self.serial = created, serial
        self.state = DOWN
        self.num = self.cid_name = self.conn_num = self.conn_name = ""
        self.context, self.exten, self.priority = "default", "s", 1
        self.app = self.app_data = self.ani = self.dnid = ""
        self.born_as = ("", "")
        self.cause, self.tech_cause = 0, 0
        self.variables: dict[str, str] = {}
        self.inherited: dict[str, str] = {}
        self.answered_at: float | None = None
        self.bridge: Bridge | None = None
        self.process: Process | None = None
        self.owner: Process | None = None
        self.watcher: Process | None = None
        self.quality_told = False
        self.patience: Timer | None = None
        self.call: SimCall | None = None
        self.other_half: Channel | None = None
        self.gone = False
        self._text: str | None = None
        self._dest: str | None = None

    @property
    def local(self) -> bool:
        return self.device is None

    @property
    def outside(self) -> bool:
        return self.device is not None and self.device.outside

    def touch(self) -> None:
        """Forget the written headers; call it after changing any field that is in them."""
        self._text = self._dest = None

    def connect(self, num: str, name: str) -> None:
        """Set the connected line: whom this channel talks to or is about to."""
        self.conn_num, self.conn_name = num, name
        self.touch()

    def move(self, context: str, exten: str, priority: int = 1) -> None:
        self.context, self.exten, self.priority = context, exten, priority
        self.touch()

    def set_state(self, state: int) -> None:
        self.state = state
        self.touch()

    def older_than(self, other: Channel) -> bool:
        return (self.created, self.serial) < (other.created, other.serial)

    def headers(self) -> str:
        """The channel's headers, without prefix."""
        text = self._text
        if text is None:
            text = self._text = self.prefixed("")
        return text

    def dest_headers(self) -> str:
        """The same with the prefix ``Dest``."""
        text = self._dest
        if text is None:
            text = self._dest = self.prefixed("Dest")
        return text

    def prefixed(self, p: str) -> str:
        return (
            f"{p}Channel: {self.name}\r\n{p}ChannelState: {self.state}\r\n"
            f"{p}ChannelStateDesc: {STATE_NAMES[self.state]}\r\n"
            f"{p}CallerIDNum: {self.num or UNKNOWN}\r\n{p}CallerIDName: {self.cid_name or UNKNOWN}\r\n"
            f"{p}ConnectedLineNum: {self.conn_num or UNKNOWN}\r\n{p}ConnectedLineName: {self.conn_name or UNKNOWN}\r\n"
            f"{p}Language: en\r\n{p}AccountCode: \r\n{p}Context: {self.context}\r\n{p}Exten: {self.exten}\r\n"
            f"{p}Priority: {self.priority}\r\n{p}Uniqueid: {self.uniqueid}\r\n{p}Linkedid: {self.linkedid}\r\n"
        )


class Bridge:
    """A bridge and who is in it. ``holding``: a parking lot, whose members do not hear each other."""

    __slots__ = ("creator", "holding", "members", "name", "technology", "type", "uniqueid")

    def __init__(
        self, uniqueid: str, kind: str = "basic", technology: str = "simple_bridge", creator: str = "", name: str = ""
    ) -> None:
        self.uniqueid = uniqueid
        self.type, self.technology = kind, technology
        self.creator, self.name = creator, name
        self.holding = technology == "holding_bridge"
        self.members: list[Channel] = []

    def headers(self, count: int | None = None, p: str = "Bridge") -> str:
        """Its seven headers; ``count`` where AMI's number is not that of our members (conference announcers)."""
        return (
            f"{p}Uniqueid: {self.uniqueid}\r\n{p}Type: {self.type}\r\n{p}Technology: {self.technology}\r\n"
            f"{p}Creator: {self.creator or UNKNOWN}\r\n{p}Name: {self.name or UNKNOWN}\r\n"
            f"{p}NumChannels: {len(self.members) if count is None else count}\r\n{p}VideoSourceMode: none\r\n"
        )
