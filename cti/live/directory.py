"""What a PBX has: its endpoints with their extension and whether they can be reached, and its mailboxes.

Read whole now and then (``DirectoryListed``); between two readings only registration and messages are
followed, since what a phone does in a call is known from the calls.
Neighbours: ``queues`` has queues and members, ``profile`` says what is a phone.
"""

from __future__ import annotations

import msgspec

from cti.live import inventory
from cti.live.events import DirectoryRead, Endpoint, EndpointChanged, MailboxChanged
from cti.live.profile import MOST_ENDPOINTS, Profile

Box = tuple[str, str]
"""A voicemail box: its number, and the context that keeps boxes of the same number apart."""


class DirectoryBook:
    """The directory of one PBX. ``take`` gives what changed since it was last called."""

    def __init__(self, pbx_name: str, profile: Profile) -> None:
        self._pbx = pbx_name
        self._profile = profile
        self._endpoints: dict[str, Endpoint] = {}
        self._read: DirectoryRead | None = None
        self._dirty: dict[str, float] = {}
        self._boxes: dict[Box, inventory.Mailbox] = {}
        self._messages: dict[Box, float] = {}

    def state(self, f: inventory.DeviceStateTold) -> None:
        """An endpoint registered or was lost; anything else that its state says is left to the calls."""
        known = self._endpoints.get(f.device)
        reachable = _reachable(f.state)
        if known is None or known.reachable == reachable:
            return
        self._endpoints[f.device] = msgspec.structs.replace(known, reachable=reachable, since=f.at)
        self._dirty[f.device] = f.at

    def waiting(self, f: inventory.MessagesWaiting) -> None:
        """What is in a voicemail box now; also one that no list told of."""
        box = f.number, f.context
        known = self._boxes.get(box)
        if known is None and len(self._boxes) >= MOST_ENDPOINTS:
            return
        now = msgspec.structs.replace(known or inventory.Mailbox(*box), new=f.new, old=f.old)
        if now != known:
            self._boxes[box] = now
            self._messages[box] = f.at

    def listed(self, f: inventory.DirectoryListed) -> None:
        """The PBX's own lists: what is in none of them is gone."""
        merged: dict[str, inventory.ListedEndpoint] = {}
        for item in f.endpoints:
            if item.name in merged or len(merged) < MOST_ENDPOINTS:
                merged[item.name] = _filled(merged.get(item.name), item)
        self._endpoints = {name: self._endpoint(item, f.at) for name, item in sorted(merged.items())}
        self._read = DirectoryRead(self._pbx, f.at, (), f.mailboxes, f.queues, f.silent)
        self._boxes = {(box.number, box.context): box for box in f.mailboxes}
        self._dirty.clear()
        self._messages.clear()

    def _endpoint(self, item: inventory.ListedEndpoint, at: float) -> Endpoint:
        known, reachable = self._endpoints.get(item.name), _reachable(item.state)
        since = None
        if known is not None:
            since = known.since if known.reachable == reachable else at
        extension = self._profile.extension(item.name) or item.extension
        kind = self._profile.kind(item.name)
        return Endpoint(item.name, kind, extension, item.title, item.address, reachable, since)

    def take(self) -> list[DirectoryRead | EndpointChanged | MailboxChanged]:
        """The whole directory if it was read, or the endpoints whose registration changed, and the boxes with other
        messages."""
        if self._read is not None:
            read, self._read = self._read, None
            self._dirty.clear()
            self._messages.clear()
            boxes = tuple(self._boxes.values())
            return [msgspec.structs.replace(read, endpoints=tuple(self._endpoints.values()), mailboxes=boxes)]
        if not self._dirty and not self._messages:
            return []
        (dirty, self._dirty), (messages, self._messages) = (self._dirty, {}), (self._messages, {})
        return [
            *(EndpointChanged(self._pbx, at, self._endpoints[name]) for name, at in dirty.items()),
            *(MailboxChanged(self._pbx, at, self._boxes[box]) for box, at in messages.items()),
        ]


def _reachable(state: inventory.DeviceState) -> bool | None:
    return None if state == "unknown" else state != "unreachable"


def _filled(known: inventory.ListedEndpoint | None, item: inventory.ListedEndpoint) -> inventory.ListedEndpoint:
    """What an earlier list says stands; a later one fills in the rest."""
    if known is None:
        return item
    return inventory.ListedEndpoint(
        known.name,
        item.state if known.state == "unknown" else known.state,
        known.extension or item.extension,
        known.title or item.title,
        known.address or item.address,
    )
