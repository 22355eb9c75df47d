"""Facts of what a PBX has, rather than of what happens on it: endpoints, their registration, mailboxes.

Neighbours: ``ami_listener.directory`` reads them, ``directory`` keeps them; ``pbx`` has the facts of calls.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DeviceState = Literal["idle", "used", "unreachable", "unknown"]
"""``used``: in a call, ringing or holding. ``unreachable``: not registered, or the PBX cannot reach it."""

Listing = Literal["addresses", "registration", "mailboxes"]
"""What a PBX tells only those who may ask: where phones are registered from, which are, and the voicemail boxes."""


class DeviceStateTold(msgspec.Struct, frozen=True, gc=False):
    """``device`` as the PBX names it: an endpoint (``PJSIP/201``) or a state of the PBX's own (``Queue:sales``)."""

    at: float
    device: str
    state: DeviceState


class ListedEndpoint(msgspec.Struct, frozen=True, gc=False):
    """An endpoint in one of the PBX's lists. ``extension`` where a hint gives it one; ``title``: the name of whoever
    it belongs to; ``address``: where it is registered from."""

    name: str
    state: DeviceState = "unknown"
    extension: str | None = None
    title: str = ""
    address: str = ""


class Mailbox(msgspec.Struct, frozen=True, gc=False):
    """A voicemail box. ``context`` keeps boxes of the same number apart. ``new`` and ``old``: how many messages it has
    that nobody heard, and that somebody did; None where the PBX does not tell."""

    number: str
    context: str = "default"
    title: str = ""
    new: int | None = None
    old: int | None = None


class MessagesWaiting(msgspec.Struct, frozen=True, gc=False):
    """Messages of a voicemail box came, were heard or deleted: how many there are now."""

    at: float
    number: str
    context: str
    new: int
    old: int


class DirectoryListed(msgspec.Struct, frozen=True, gc=False):
    """What the PBX has. An endpoint can stand in several lists: each fills in what the ones before left open.

    ``silent``: what it does not tell, or not this login.
    """

    at: float
    endpoints: tuple[ListedEndpoint, ...]
    mailboxes: tuple[Mailbox, ...] = ()
    queues: tuple[str, ...] = ()
    silent: tuple[Listing, ...] = ()
