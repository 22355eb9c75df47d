"""What is told of the link to a PBX, and the times and sizes it is held to.

``connection`` makes these; the app publishes them, the doctor and the metrics read them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Phase = Literal["connecting", "up", "down", "refused"]
"""``refused``: somebody has to mend something first; tried again only every few minutes."""

Fault = Literal[
    "unreachable",  # nobody listens there, no such host
    "timeout",  # no answer to connecting or logging in
    "tls",  # the certificate, or no TLS at all
    "not_ami",  # something else listens there
    "wrong_secret",
    "no_permission",
    "busy",  # logged in elsewhere, and may not be twice
    "filter",  # the event filter was not taken; tried again without
    "refused",  # what the PBX said instead of letting us in
    "silent",  # a link that looks up and is dead
    "closed",  # the PBX or the network ended it
    "flooded",  # a block beyond the size limit
    "stopped",  # we ended it
]
# Trying these again quickly gets our address banned, and helps nobody.
LASTING: frozenset[Fault] = frozenset(("wrong_secret", "no_permission"))


class LinkBrokenError(Exception):
    """A connection is over, or did not come about; ``fault`` says why, ``str()`` tells people."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault: Fault = fault


class LinkState(msgspec.Struct, frozen=True):
    """How a link stands since ``at`` (epoch seconds). ``reason`` is a sentence for people, in English.

    ``connection`` numbers the connections of this process to this PBX, from 1. ``retry_in``: seconds until
    the next try. ``version``, ``permitted`` and ``filtered``: see ``login.Session``, when up.
    """

    pbx: str
    at: float
    phase: Phase
    reason: str
    connection: int
    fault: Fault | None = None
    retry_in: float | None = None
    version: str = ""
    permitted: frozenset[str] = frozenset()
    filtered: bool = False


class Limits(msgspec.Struct, frozen=True):
    """Seconds, unless said otherwise.

    A dead link is noticed within ``ping_every + ping_answer``. ``stale``: answers stay away so long,
    though events come, that the link counts as dead. ``slice_bytes``: how much is read at one go
    before others get the loop.
    """

    connect: float = 8.0
    login: float = 10.0
    action: float = 10.0
    listing: float = 30.0
    ping_every: float = 3.0
    ping_answer: float = 5.0
    stale: float = 60.0
    retry_first: float = 0.25
    retry_cap: float = 10.0
    retry_lasting: float = 300.0
    slice_bytes: int = 32 << 10


class LinkCounts(msgspec.Struct):
    """Counts since the start of the process, for the metrics. ``depth`` is bytes that wait to be read, now."""

    connections: int = 0
    bytes: int = 0
    blocks: int = 0
    messages: int = 0
    strays: int = 0
    callback_failures: int = 0
    pauses: int = 0
    timeouts: int = 0
    depth: int = 0
    depth_max: int = 0
