"""What single headers of an AMI event say, in our words.

Neighbours: ``translate`` and ``lists`` read events with these.
"""

from __future__ import annotations

import re

from ami_listener.encode import plain
from cti.live import pbx
from cti.live.errands import Errand, errand_of
from cti.live.inventory import DeviceState
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
DEVICE_STATES: dict[str, DeviceState] = {
    # AST_DEVICE_* of main/devicestate.c as events have them, and as chan_pjsip writes them in its lists
    "NOT_INUSE": "idle",
    "INUSE": "used",
    "BUSY": "used",
    "RINGING": "used",
    "RINGINUSE": "used",
    "RING+INUSE": "used",
    "ONHOLD": "used",
    "UNAVAILABLE": "unreachable",
    "INVALID": "unreachable",
}
NOTHING = frozenset(("", "<unknown>", "unknown", "<none>"))
LARGEST = 2**31 - 1
"""Asterisk's own counts are C ints."""
_UNSEEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")


def named(h: Headers, key: str) -> str:
    """A header that must be there and say something. Raises ``KeyError``: the event cannot be used without it."""
    value = h.get(key)
    if not value:
        raise KeyError(key)
    return value


def text(h: Headers, key: str) -> str:
    """A value that a person chose, with Asterisk's escapes undone; what it writes for "none" becomes empty.

    Control characters, which no screen, database or protocol after us wants, become spaces.
    """
    value = h.get(key, "")
    if value.isprintable() and "\\" not in value:
        return "" if value in NOTHING else value
    return "" if value in NOTHING else _UNSEEN.sub(" ", plain(value))


def number(h: Headers, key: str) -> str:
    """A number or name of the PBX's own, empty where it says that there is none."""
    value = h.get(key, "")
    if value in NOTHING:
        return ""
    return value if value.isprintable() else _UNSEEN.sub(" ", value)


def errand(h: Headers) -> Errand:
    """Which of our own contexts the channel is in."""
    return errand_of(h.get("Context", ""))


def device_state(word: str) -> DeviceState:
    """``NOT_INUSE`` of events and ``Not in use`` of lists are the same."""
    return DEVICE_STATES.get(word) or DEVICE_STATES.get(
        word.upper().replace("NOT ", "NOT_").replace(" ", ""), "unknown"
    )


def whole(h: Headers, key: str, default: int = 0) -> int:
    """An integer header; ``default`` where it is missing or not one that a PBX could mean."""
    try:
        value = int(h.get(key, ""))
    except ValueError:
        return default
    return value if -LARGEST <= value <= LARGEST else default


def member(h: Headers, at: float, removed: bool = False) -> pbx.MemberChanged:
    """A queue member out of any of the events that carry one."""
    return pbx.MemberChanged(
        at,
        named(h, "Queue"),
        h.get("Interface") or named(h, "Location"),
        text(h, "MemberName") or text(h, "Name"),
        whole(h, "Status"),
        h.get("Paused") == "1",
        text(h, "PausedReason") or text(h, "Reason"),
        h.get("InCall") == "1",
        h.get("Membership") == "dynamic",
        removed,
    )
