"""What to paste into the PBX's manager.conf, and which feature needs which right there.

Two logins: one that listens and can do nothing but ask, and one that acts. The rights are data
(``FEATURES``), read by the doctor, the page that connects a PBX and the documentation; the event
filters are those of ``filters``. Rights of actions: the registrations in Asterisk's sources, 13 to 23.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from ami_listener import filters
from ami_listener.wanted import WANTED

Login = Literal["listener", "actions"]


class Feature(msgspec.Struct, frozen=True):
    """What the product can do, and what it needs for it in manager.conf.

    ``right`` is a class under ``read =`` or ``write =``; empty where any login may. ``events`` and
    ``actions`` are what that class lets through. ``optional``: left out of the printed sections.
    """

    name: str
    login: Login
    direction: Literal["read", "write"]
    right: str
    events: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    optional: bool = False
    caution: str = ""


def _events(*classes: str) -> tuple[str, ...]:
    return tuple(event.name for event in WANTED if event.privilege in classes)


FEATURES: tuple[Feature, ...] = (
    Feature("calls, transfers, holds, parking and conferences", "listener", "read", "call", _events("call")),
    Feature("queues and their members", "listener", "read", "agent", _events("agent")),
    Feature("recordings, and voicemail and menus by name", "listener", "read", "dialplan", _events("dialplan")),
    Feature("digits pressed in menus", "listener", "read", "dtmf", _events("dtmf")),
    Feature("start and shutdown of the PBX", "listener", "read", "system", _events("system")),
    Feature(
        "how things stand, after connecting and after a fault",
        "listener",
        "write",
        "reporting",
        actions=(
            "CoreShowChannels",
            "ExtensionStateList",
            "DeviceStateList",
            "CoreSettings",
            "CoreStatus",
            "Getvar",
            "ShowDialPlan",
        ),
        caution="It also permits PJSIPUnregister and LoggerRotate.",
    ),
    Feature(
        "state of queues and bridges", "listener", "write", "", actions=("QueueStatus", "BridgeList", "BridgeInfo")
    ),
    Feature(
        "voicemail boxes, and phones of chan_sip and IAX2 where there are any",
        "listener",
        "write",
        "reporting",
        actions=("VoicemailUsersList", "SIPpeers", "IAXpeerlist"),
        optional=True,  # the right is asked for above; these are there only where their module is loaded
    ),
    Feature(
        "where each phone is registered from",
        "listener",
        "write",
        "system",
        actions=("PJSIPShowEndpoints",),
        optional=True,
        caution="It also permits restarting modules and hanging up calls: phones and their state are known without.",
    ),
    Feature(
        "event filters without editing manager.conf",
        "listener",
        "write",
        "system",
        actions=("Filter",),
        optional=True,
        caution="It also permits restarting modules and hanging up calls: put the filters into manager.conf instead.",
    ),
    Feature("calling from the screen, listening in", "actions", "write", "originate", actions=("Originate",)),
    Feature(
        "hanging up, transferring, parking, keys, pausing a recording",
        "actions",
        "write",
        "call",
        actions=(
            "Hangup",
            "Redirect",
            "BlindTransfer",
            "Atxfer",
            "CancelAtxfer",
            "Park",
            "Setvar",
            "PlayDTMF",
            "StopMixMonitor",
            "MixMonitorMute",
        ),
    ),
    Feature(
        "answering and holding desk phones from the screen, starting a recording",
        "actions",
        "write",
        "system",
        actions=("PJSIPNotify", "MixMonitor"),
        optional=True,
        caution="It also permits restarting modules and running programs: without it these buttons are greyed.",
    ),
    Feature("queue log-in and pause", "actions", "write", "agent", actions=("QueueAdd", "QueueRemove", "QueuePause")),
    Feature(
        "putting a caller first in his queue",
        "actions",
        "write",
        "",
        actions=("QueueChangePriorityCaller",),
        optional=True,  # any login may, from Asterisk 15 on
    ),
)


def rights(login: Login, direction: Literal["read", "write"]) -> tuple[str, ...]:
    """The classes that this login needs, without the optional ones."""
    wanted = (f for f in FEATURES if f.login == login and f.direction == direction and not f.optional)
    return tuple(sorted({feature.right for feature in wanted if feature.right}))


def missing(login: Login, permitted: Iterable[str]) -> tuple[Feature, ...]:
    """The features that a login lacks actions for, given those that it may send."""
    may = frozenset(permitted)
    return tuple(f for f in FEATURES if f.login == login and not f.optional and not may.issuperset(f.actions))


def general_section() -> str:
    """What belongs under [general], for every login."""
    return (
        "[general]\n"
        "enabled = yes\n"
        "; events carry the moment they happened, whatever the network does\n"
        "timestampevents = yes\n"
    )


def listener_section(user: str = "tamas", secret: str = "CHANGE-ME", version: str = "") -> str:
    """The login that listens. With Asterisk's ``version`` the one style of filters that it knows."""
    advanced = filters.knows_advanced(version) if version else True
    lines = [
        *_login(user, secret, rights("listener", "read"), rights("listener", "write")),
        "; how long Asterisk waits for us, in ms, before it cuts the connection (default 100)",
        "writetimeout = 5000",
        "; only what is used is sent",
        *(_advanced() if advanced else _legacy()),
    ]
    if not version:
        lines += ["; before Asterisk 18.26, 20.11, 21.6 and 22.1 use these instead of the eventfilter lines above:"]
        lines += [f";{line}" for line in _legacy()]
    return general_section() + "\n" + "\n".join(lines) + "\n"


def actions_section(user: str = "tamas-actions", secret: str = "CHANGE-ME-TOO") -> str:
    """The login that acts. It reads no events, and may neither run programs nor change the configuration."""
    lines = [*_login(user, secret, (), rights("actions", "write")), "writetimeout = 5000"]
    return "\n".join(lines) + "\n"


def _login(user: str, secret: str, read: tuple[str, ...], write: tuple[str, ...]) -> list[str]:
    return [
        f"[{user}]",
        f"secret = {secret}",
        "; the address that Tamas connects from",
        "deny = 0.0.0.0/0.0.0.0",
        "permit = 127.0.0.1/255.255.255.255",
        f"read = {','.join(read)}" if read else "read =",
        f"write = {','.join(write)}" if write else "write =",
    ]


def _advanced() -> list[str]:
    return [f"eventfilter({criteria}) = {expression}".rstrip() for criteria, expression in filters.advanced()]


def _legacy() -> list[str]:
    return [f"eventfilter = {expression}" for expression in filters.legacy()]
