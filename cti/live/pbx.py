"""Facts: what a PBX says happened, in our words.

``ami_listener.translate`` makes them from AMI; ``cti.live.tracker`` turns them into calls. A fact is frozen and says
one thing that happened at ``at`` (epoch seconds, the PBX's clock where it sends it). ``uid`` is a channel's unique id,
``linkedid`` the PBX's own idea of which channels belong together. Why structs: decision 2 (``docs/decisions``).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cti.live.errands import Errand
from cti.live.inventory import DeviceStateTold, DirectoryListed, MessagesWaiting

ChannelState = Literal["down", "ring", "ringing", "up", "busy", "other"]
"""``ring``: the device calls us. ``ringing``: we call the device."""


class ChannelName(msgspec.Struct, frozen=True, gc=False):
    """A channel's name taken apart. ``pair``: both halves of a Local channel share it, else None.

    ``endpoint`` is technology and peer (``PJSIP/201``). ``technical`` channels serve the PBX itself
    (conference announcers, recorders, surrogates) and are never a party.
    """

    name: str
    endpoint: str
    peer: str
    pair: str | None
    technical: bool


class ChannelCreated(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    state: ChannelState
    number: str
    name: str
    exten: str


class ChannelStateChanged(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    state: ChannelState


class ChannelRenamed(msgspec.Struct, frozen=True, gc=False):
    """The device behind a channel changed (masquerade: pick-up, some transfers)."""

    at: float
    uid: str
    chan: ChannelName


class CallerIdentified(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    number: str
    name: str


class HangupAsked(msgspec.Struct, frozen=True, gc=False):
    """``by_device``: the far end of the channel hung up; else the PBX was told to."""

    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    by_device: bool


class ChannelHungUp(msgspec.Struct, frozen=True, gc=False):
    """``cause`` is the Q.850 hang-up cause."""

    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    cause: int


class DialStarted(msgspec.Struct, frozen=True, gc=False):
    """``uid`` is None when the PBX itself dials (an Originate)."""

    at: float
    uid: str | None
    exten: str
    dest_uid: str
    dest_linkedid: str
    dest_chan: ChannelName
    dial_string: str
    errand: Errand = ""


class DialEnded(msgspec.Struct, frozen=True, gc=False):
    """``status`` is the DIALSTATUS in lower case; ``forward`` where the phone sent the caller on to."""

    at: float
    uid: str | None
    dest_uid: str
    status: str
    forward: str


class BridgeEntered(msgspec.Struct, frozen=True, gc=False):
    """``holding``: a bridge where nobody hears anybody (parking). ``swap``: the channel it replaced."""

    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    bridge: str
    holding: bool
    swap: str | None
    errand: Errand = ""


class BridgeLeft(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    bridge: str
    exten: str
    errand: Errand = ""


class HoldStarted(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName


class HoldEnded(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName


class BlindTransferred(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    chan: ChannelName
    to: str


class AttendedTransferred(msgspec.Struct, frozen=True, gc=False):
    """``uid`` is the transferer's channel in the first call, ``second_uid`` in the second (may be the same).
    ``target_uid`` or ``bridge`` lead to whom the call went; an older PBX tells only the bridge."""

    at: float
    uid: str
    chan: ChannelName
    second_uid: str
    target_uid: str | None
    bridge: str | None


class CallParked(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    parker: str
    space: str


class ParkingEnded(msgspec.Struct, frozen=True, gc=False):
    """The parked call was fetched (``by_uid``) or its time ran out (None)."""

    at: float
    uid: str
    by_uid: str | None


class CallPickedUp(msgspec.Struct, frozen=True, gc=False):
    """``uid`` took the call that was ringing at ``target_uid``."""

    at: float
    uid: str
    chan: ChannelName
    target_uid: str


class QueueJoined(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    queue: str
    count: int
    exten: str
    position: int = 0
    """Of who waits there, 1 first; 0: not told."""


class QueueLeft(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    queue: str
    count: int


class QueueConnected(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    queue: str
    member_uid: str


class ConferenceJoined(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    conference: str
    bridge: str
    errand: Errand = ""


class DigitPressed(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    digit: str


class RecordingNamed(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    file: str


class AppEntered(msgspec.Struct, frozen=True, gc=False):
    """The dialplan runs an application on the channel; ``app`` in lower case."""

    at: float
    uid: str
    linkedid: str
    chan: ChannelName
    app: str
    data: str
    exten: str


class Spied(msgspec.Struct, frozen=True, gc=False):
    at: float
    uid: str
    spyee_uid: str
    on: bool = True


class OriginateEnded(msgspec.Struct, frozen=True, gc=False):
    """What became of an Originate's first leg; ``uid`` None when it never came up. ``endpoint`` as asked. ``reason``:
    Asterisk's number for it (0 failed, 3 rang in vain, 4 answered, 5 busy). ``order``: the command's own id."""

    at: float
    uid: str | None
    endpoint: str
    exten: str
    ok: bool
    reason: int = 0
    errand: Errand = ""
    order: str = ""


class MemberChanged(msgspec.Struct, frozen=True, gc=False):
    """A queue member as it is now; ``removed`` when it left the queue. ``status``: see ``events.QueueMember``."""

    at: float
    queue: str
    interface: str
    name: str
    status: int
    paused: bool
    paused_reason: str
    in_call: bool
    dynamic: bool
    removed: bool = False


class PbxBooted(msgspec.Struct, frozen=True, gc=False):
    """Said at each login; ``uptime`` in seconds, None where the PBX does not tell."""

    at: float
    uptime: float | None


class PbxStopped(msgspec.Struct, frozen=True, gc=False):
    at: float


class LinkLost(msgspec.Struct, frozen=True, gc=False):
    at: float
    reason: str


class LinkRestored(msgspec.Struct, frozen=True, gc=False):
    at: float


class ListedChannel(msgspec.Struct, frozen=True, gc=False):
    """A channel in the PBX's answer to "what is up?". ``created`` is epoch seconds, whole seconds only."""

    uid: str
    linkedid: str
    chan: ChannelName
    state: ChannelState
    number: str
    name: str
    exten: str
    bridge: str | None
    app: str
    data: str
    created: float | None


class ListBegan(msgspec.Struct, frozen=True, gc=False):
    """The PBX begins to list: what is heard from here on is newer than the list named ``list``."""

    at: float
    list: str


class ListBroken(msgspec.Struct, frozen=True, gc=False):
    """A list came incomplete: nothing of it may be believed."""

    at: float
    list: str


class ChannelsListed(msgspec.Struct, frozen=True, gc=False):
    """Every channel that the PBX has, at ``at``: what is not in it is gone. ``list``: see ``ListBegan``."""

    at: float
    channels: tuple[ListedChannel, ...]
    list: str = ""


class WaitingCaller(msgspec.Struct, frozen=True, gc=False):
    uid: str
    queue: str
    joined_at: float
    position: int = 0


class QueuesListed(msgspec.Struct, frozen=True, gc=False):
    at: float
    queues: tuple[str, ...]
    members: tuple[MemberChanged, ...]
    waiting: tuple[WaitingCaller, ...]
    list: str = ""


Fact = (
    ChannelCreated | ChannelStateChanged | ChannelRenamed | CallerIdentified | HangupAsked | ChannelHungUp
    | DialStarted | DialEnded | BridgeEntered | BridgeLeft | HoldStarted | HoldEnded | BlindTransferred
    | AttendedTransferred | CallParked | ParkingEnded | CallPickedUp | QueueJoined | QueueLeft | QueueConnected
    | ConferenceJoined | DigitPressed | RecordingNamed | AppEntered | Spied | OriginateEnded | MemberChanged
    | PbxBooted | PbxStopped | LinkLost | LinkRestored | ListBegan | ListBroken | ChannelsListed | QueuesListed
    | DeviceStateTold | DirectoryListed | MessagesWaiting
)  # fmt: skip
