"""What each kind of phone can be told from here, and why not where it cannot.

The softphone answers, holds and mutes itself. Desk phones answer and hold by NOTIFY (``Event: talk`` and ``hold``,
BroadSoft's "remote control"), which some makes understand; AMI has nothing else for it. Where a phone cannot be told,
the button is greyed with the reason: no call is ever parked or moved in secret to imitate a hold.

Pure. Neighbours: ``phonebook`` finds out what stands where, ``service`` does what the table allows, screens show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from cti.control.phones import DeviceKind
from cti.control.port import AutoAnswer, Device
from cti.kernel.errors import N_

Verb = Literal[
    "answer", "hangup", "hold", "unhold", "mute", "transfer", "consult", "complete", "swap", "cancel", "join", "park",
    "fetch", "dtmf", "record", "pause-recording",
]  # fmt: skip
Doing = Literal["ring", "dial", "talk", "hold", "cons", "park", "off"]
Consulting = Literal["", "ring", "talk", "swapped"]
"""Nobody is asked; the one asked is rung; he is spoken with; he waits while the caller is spoken with again."""
Why = Literal["press_on_phone", "unknown_phone", "no_right", "no_include"]
Can = dict[Verb, Literal[True] | Why]

REASONS: Mapping[Why, str] = {
    "press_on_phone": N_("Press the button on your phone: this model cannot be told from here."),
    "unknown_phone": N_("Press the button on your phone: the PBX does not say what model it is."),
    "no_right": N_("Our login on the PBX may not do this; an administrator gives it the right (manager.conf: write)."),
    "no_include": N_("The PBX lacks the contexts for this; an administrator adds them (cti dialplan)."),
}


class Make(msgspec.Struct, frozen=True):
    """Phones of one maker, known by ``pattern`` in their User-Agent. ``told``: they understand talk and hold."""

    name: str
    pattern: str
    told: bool
    answers: AutoAnswer


MAKES: tuple[Make, ...] = (
    Make("yealink", r"^Yealink", True, "call-info"),
    Make("poly", r"^Poly", True, "alert-info"),
    Make("snom", r"^snom", True, "call-info"),
    Make("cisco-spa", r"^(?:Cisco|Linksys|Sipura)/(?:SPA|\d)", True, "call-info"),
    Make("grandstream", r"^Grandstream", False, "call-info"),
    Make("fanvil", r"^Fanvil", False, "call-info"),
    Make("panasonic", r"^Panasonic", False, "alert-info"),
)
SOFTPHONE = Make("softphone", "", False, "call-info")
UNKNOWN = Make("unknown", "", False, "call-info")
"""What other phones do with a header that they do not know is nothing; many programs know this one."""
BY_NAME: Mapping[str, Make] = {make.name: make for make in (*MAKES, SOFTPHONE, UNKNOWN)}


def make_of(device: Device | None) -> Make:
    """Which make stands there, by what the PBX knows of it."""
    if device is None:
        return UNKNOWN
    if device.webrtc:
        return SOFTPHONE
    found = (make for make in MAKES if re.search(make.pattern, device.agent, re.IGNORECASE))
    return next(found, UNKNOWN)


def kind_of(make: Make) -> DeviceKind:
    if make is SOFTPHONE:
        return "softphone"
    return "unknown" if make is UNKNOWN else "desk"


class Reach(msgspec.Struct, frozen=True):
    """What our login on a PBX may do, and whether the PBX has our contexts (None: not known)."""

    notify: bool = True
    record: bool = True
    include: bool | None = None


def capabilities(
    make: Make,
    doing: Doing,
    reach: Reach,
    *,
    placed: bool = False,
    consulting: Consulting = "",
    recorded: bool = False,
    conference: bool = False,
) -> Can:
    """What can be done with one's own part in a call: verb -> True, or why the button is grey. What makes no sense now
    is left out."""
    told = _told(make, reach)
    include: Literal[True] | Why = "no_include" if reach.include is False else True
    can: Can = {}
    if doing == "off":
        return can
    if doing == "park":
        return {"fetch": include}
    can["hangup"] = True
    if doing == "ring":
        if not placed:
            can["answer"] = told
        return can
    can["dtmf"] = True
    if doing == "dial":
        return can
    can["mute"] = True if make is SOFTPHONE else "press_on_phone"
    can |= {"unhold": told} if doing == "hold" else {"hold": told}
    if consulting:
        can |= _consulting(consulting)
    elif not conference:
        can |= {"transfer": include, "consult": include, "park": True}
    if recorded:
        can["pause-recording"] = True
    can["record"] = True if reach.record else "no_right"
    return can


def _told(make: Make, reach: Reach) -> Literal[True] | Why:
    if make is SOFTPHONE:
        return True
    if not make.told:
        return "unknown_phone" if make is UNKNOWN else "press_on_phone"
    return True if reach.notify else "no_right"


def _consulting(consulting: Consulting) -> Can:
    if consulting == "ring":
        return {"complete": True, "cancel": True}
    return {"complete": True, "swap": True, "cancel": True, "join": True}
