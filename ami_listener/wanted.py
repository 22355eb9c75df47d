"""Which AMI events the product lives on: one list, read by the reader, the PBX's filters and the doctor.

``protocol`` passes over whatever is not wanted, ``manager_conf`` prints it as the PBX's own
``eventfilter`` so that it is never sent, ``doctor`` misses an event here when a class is not granted.
``translate`` makes facts of exactly these.

The classes (``Privilege`` in the event, ``read =`` in manager.conf) are those of Asterisk 13 to 23.
"""

from __future__ import annotations

import msgspec


class Wanted(msgspec.Struct, frozen=True):
    """An event: its name, the class that must be granted to read it, and what it is needed for.

    With ``header`` and ``values`` it is wanted only when that header has one of these values.
    """

    name: str
    privilege: str
    why: str
    header: str = ""
    values: tuple[str, ...] = ()


# Applications that a call can be in for a while with nobody talking, or that read digits.
APPLICATIONS = ("VoiceMail", "Queue", "ConfBridge", "MeetMe", "ChanSpy", "Read", "Background")
# The variable in which MixMonitor leaves the file that it records to: no event carries it.
VARIABLES = ("MIXMONITOR_FILENAME",)

CALLS = "calls"
TALK = "who talks with whom, and when"
TRANSFERS = "transfers"
PARKING = "parking"
QUEUES = "queues"
LINK = "the state of the PBX"

WANTED: tuple[Wanted, ...] = (
    *(
        Wanted(name, "call", CALLS)
        for name in ("Newchannel", "Newstate", "NewCallerid", "Rename", "Hangup", "HangupRequest", "SoftHangupRequest")
    ),
    *(Wanted(name, "call", CALLS) for name in ("DialBegin", "DialEnd", "Pickup", "OriginateResponse")),
    *(
        Wanted(name, "call", TALK)
        for name in ("BridgeEnter", "BridgeLeave", "BridgeDestroy", "LocalBridge", "LocalOptimizationEnd")
    ),
    *(Wanted(name, "call", "hold times") for name in ("Hold", "Unhold")),
    *(Wanted(name, "call", TRANSFERS) for name in ("BlindTransfer", "AttendedTransfer")),
    *(
        Wanted(name, "call", PARKING)
        for name in ("ParkedCall", "ParkedCallTimeOut", "ParkedCallGiveUp", "UnParkedCall", "ParkedCallSwap")
    ),
    *(
        Wanted(name, "agent", QUEUES)
        for name in (
            "QueueCallerJoin",
            "QueueCallerLeave",
            "QueueCallerAbandon",
            "AgentCalled",
            "AgentConnect",
            "AgentComplete",
            "AgentRingNoAnswer",
            "QueueMemberAdded",
            "QueueMemberRemoved",
            "QueueMemberPause",
            "QueueMemberStatus",
            "QueueMemberPenalty",
            "QueueMemberRinginuse",
        )
    ),
    *(Wanted(name, "call", "conferences") for name in ("ConfbridgeJoin", "ConfbridgeLeave")),
    Wanted("DTMFEnd", "dtmf", "digits pressed in a menu"),
    *(Wanted(name, "call", "recordings") for name in ("MixMonitorStart", "MixMonitorStop")),
    Wanted("VarSet", "dialplan", "recordings", "Variable", VARIABLES),
    *(Wanted(name, "call", "supervisors who listen in") for name in ("ChanSpyStart", "ChanSpyStop")),
    Wanted("Newexten", "dialplan", "voicemail, menus and queues by name", "Application", APPLICATIONS),
    *(Wanted(name, "call", "phones on the live page") for name in ("DeviceStateChange", "ExtensionStatus")),
    Wanted("MessageWaiting", "call", "how many voicemail messages wait"),
    *(Wanted(name, "system", LINK) for name in ("FullyBooted", "Shutdown", "Reload")),
)

# What a real PBX sends most and nobody here reads. Names unknown to both lists are parsed, and then
# counted by ``translate``: a new Asterisk must not lose us an event in silence. No name here may be that
# of an item in the answer to a listing (such as AorDetail): those would be passed over too.
UNWANTED: tuple[str, ...] = (
    "AgentDump",
    "AgentLogin",
    "AgentLogoff",
    "AGIExecEnd",
    "AGIExecStart",
    "AsyncAGIEnd",
    "AsyncAGIExec",
    "AsyncAGIStart",
    "BridgeCreate",
    "BridgeMerge",
    "BridgeVideoSourceUpdate",
    "CEL",
    "Cdr",
    "ChallengeResponseFailed",
    "ChallengeSent",
    "ChannelTalkingStart",
    "ChannelTalkingStop",
    "ConfbridgeEnd",
    "ConfbridgeMute",
    "ConfbridgeStart",
    "ConfbridgeTalking",
    "ConfbridgeUnmute",
    "ContactStatus",
    "DTMFBegin",
    "DialState",
    "Flash",
    "HangupHandlerPop",
    "HangupHandlerPush",
    "HangupHandlerRun",
    "InvalidAccountID",
    "InvalidPassword",
    "LocalOptimizationBegin",
    "MCID",
    "MixMonitorMute",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewAccountCode",
    "NewConnectedLine",
    "PeerStatus",
    "PresenceStatus",
    "QueueEntryPosition",
    "RTCPReceived",
    "RTCPSent",
    "Registry",
    "RequestBadFormat",
    "RequestNotAllowed",
    "SuccessfulAuth",
    "TestEvent",
    "UserEvent",
)

SKIP: frozenset[str] = frozenset(UNWANTED)
ONLY: dict[str, tuple[str, frozenset[str]]] = {
    event.name: (event.header, frozenset(event.values)) for event in WANTED if event.header
}
READ_CLASSES: tuple[str, ...] = tuple(sorted({event.privilege for event in WANTED}))
