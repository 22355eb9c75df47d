"""What the timeline tells the bus, after the commit."""

from __future__ import annotations

import msgspec


class TimelineChanged(msgspec.Struct, frozen=True):
    """Entries came, changed or went with these parties (ids), numbers (keys) and calls (ids of those that they are
    about). ``at``: the newest of them."""

    parties: tuple[str, ...]
    keys: tuple[str, ...]
    calls: tuple[str, ...]
    at: float
