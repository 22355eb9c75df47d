"""What single headers of an AMI event say, in our words.

Neighbours: ``translate`` and ``lists`` read events with these.
"""

from __future__ import annotations

from ami_listener.encode import plain
from cti.live import pbx
from cti.live.pbx import ChannelState

Headers = dict[str, str]
STATES: dict[str, ChannelState] = {
    # AST_STATE_* of include/asterisk/channelstate.h
    "0": "down",
    "1": "down",
    "2": "other",
    "3": "other",
    "4": "ring",
    "5": "ringing",
    "6": "up",
    "7": "busy",
    "8": "other",
    "9": "ring",  # pre-ring
}
NOTHING = frozenset(("", "<unknown>", "unknown", "<none>"))


def text(h: Headers, key: str) -> str:
    """A value that a person chose, with Asterisk's escapes undone; what it writes for "none" becomes empty."""
    value = h.get(key, "")
    return "" if value in NOTHING else plain(value)


def number(h: Headers, key: str) -> str:
    """A number or name of the PBX's own, empty where it says that there is none."""
    value = h.get(key, "")
    return "" if value in NOTHING else value


def whole(h: Headers, key: str, default: int = 0) -> int:
    """An integer header; ``default`` where it is missing or not one."""
    try:
        return int(h.get(key, ""))
    except ValueError:
        return default


def member(h: Headers, at: float, removed: bool = False) -> pbx.MemberChanged:
    """A queue member out of any of the events that carry one."""
    return pbx.MemberChanged(
        at,
        h["Queue"],
        h.get("Interface") or h.get("Location", ""),
        text(h, "MemberName") or text(h, "Name"),
        whole(h, "Status"),
        h.get("Paused") == "1",
        text(h, "PausedReason") or text(h, "Reason"),
        h.get("InCall") == "1",
        h.get("Membership") == "dynamic",
        removed,
    )
