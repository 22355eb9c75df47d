"""What imports tell the bus, after the commit."""

from __future__ import annotations

import msgspec


class ImportMoved(msgspec.Struct, frozen=True):
    """An import is in another state, or further. ``actor``: the id of whoever it is done for, empty for the product."""

    id: str
    actor: str
