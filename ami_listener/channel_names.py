"""Channel names taken apart: ``PJSIP/201-0000001c``, ``Local/202@ctx-0001;1``, ``DAHDI/i1/0912…-3`` and the like.

A channel's name is technology, ``/``, what the driver makes of the peer, ``-`` and a number that makes it
unique (each channel driver's ``ast_channel_alloc``). Neighbours: ``translate`` asks for every event.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cti.live.pbx import ChannelName

TECHNICAL = frozenset(
    # conference announcers and recorders, ARI's helpers, masquerade's stand-ins, message transport
    ("CBAnn", "CBRec", "Announcer", "Recorder", "Surrogate", "Message", "Multicast", "MulticastRTP", "UnicastRTP",
     "WebSocket", "Bridge", "ConfBridgeRecorder", "Parking", "AudioSocket", "Snoop", "Test")
)  # fmt: skip
LONGEST = 256
"""Asterisk's own limit is 80 bytes (AST_CHANNEL_NAME); what is longer is not remembered."""
_MARKS = re.compile(r"(?:<(?:ZOMBIE|MASQ)>)+$")
_UNIQUE = re.compile(r"-u?[0-9a-fA-F]+$")  # mISDN: 1-u12
_DIALLED_BY_DAHDI = re.compile(r"^(i?\d+|g\d+|pseudo)/.*$")
_ADDRESS = re.compile(r"^(?P<host>[^:]+):\d+$")


@lru_cache(maxsize=8192)
def channel_name(name: str) -> ChannelName:
    """The parts of ``name``. A zombie (what masquerade leaves behind) is technical: nobody is behind it.

    Raises ``ValueError`` for what cannot be a channel's name.
    """
    if not 0 < len(name) <= LONGEST:
        raise ValueError("not the name of a channel")
    bare = _MARKS.sub("", name)
    zombie = bare != name and "<ZOMBIE>" in name
    while bare.startswith(("AsyncGoto/", "Masqed/")):
        bare = bare.partition("/")[2]
    technology, _, rest = bare.partition("/")
    if technology == "Local":
        head, _, half = rest.rpartition(";")
        pair = f"Local/{head}" if half in ("1", "2") else None
        return ChannelName(bare, f"Local/{_UNIQUE.sub('', head or rest)}", head or rest, pair, zombie)
    peer = _peer(technology, _UNIQUE.sub("", rest))
    return ChannelName(bare, f"{technology}/{peer}", peer, None, zombie or technology in TECHNICAL)


def _peer(technology: str, rest: str) -> str:
    """The part that names the device: a span of DAHDI without the number dialled on it, IAX2 without its port."""
    if technology in ("DAHDI", "Zap"):
        match = _DIALLED_BY_DAHDI.match(rest)
        return match.group(1) if match else rest
    if technology in ("IAX2", "SIP", "OOH323", "H323"):
        match = _ADDRESS.match(rest)
        return match.group("host") if match else rest
    return rest.partition("/")[0] if technology in ("Dongle", "Quectel", "Mobile") else rest
