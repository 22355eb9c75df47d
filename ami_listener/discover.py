"""What a PBX tells by itself of its endpoints: hints and queue members are phones of ours.

A dialplan gives hints to its extensions (``exten => 201,hint,PJSIP/201&Custom:DND201``), and only phones are
members of queues. What is told never outranks a pattern in the settings. Neighbours: ``listener`` asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ami_listener.protocol import Message
from cti.live.events import QueueChanged
from cti.live.profile import Profile

# Technologies in a hint that are no device: presence and states that the PBX keeps for itself.
NO_DEVICE = frozenset(("Custom", "Local", "Queue", "MeetMe", "confbridge", "park", "CCSS", "Calendar", "MWI", "hint"))
_DEVICE = re.compile(r"^[A-Za-z0-9_]+/[^/@&]+$")


def hints(messages: Iterable[Message]) -> Iterator[tuple[str, str]]:
    """From the answer to ``ExtensionStateList``: each device and the extension that it belongs to."""
    for message in messages:
        headers = message.headers
        extension = headers.get("Exten", "")
        for device in headers.get("Hint", "").partition(",")[0].split("&"):
            if extension.isdigit() and is_device(device):
                yield device, extension


def learn_hints(profile: Profile, told: Iterable[tuple[str, str]]) -> None:
    """Devices with a hint are phones."""
    for device, extension in told:
        profile.tell(device, "phone", extension)


def learn_members(profile: Profile, queues: Iterable[QueueChanged]) -> None:
    """Members of queues are phones."""
    for queue in queues:
        for member in queue.members:
            if is_device(member.interface):
                profile.tell(member.interface, "phone")


def is_device(interface: str) -> bool:
    """True for ``PJSIP/201`` and its like, False for Local channels, hints and the PBX's own states."""
    return _DEVICE.match(interface) is not None and interface.partition("/")[0] not in NO_DEVICE
