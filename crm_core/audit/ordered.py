"""Ids whose order is the order in which they were made (UUID version 7, RFC 9562 §6.2 method 1).

``cti.kernel.ids.new_id`` orders by millisecond only; here a counter orders within one, so that a page of the audit
never shows a consequence before its cause. Neighbour: ``service`` makes its entries' ids with it.
"""

from __future__ import annotations

import os
from uuid import UUID

from cti.kernel.ids import uuid_text

_COUNTS = 0x1000


class Ordered:
    def __init__(self) -> None:
        self._last = 0, 0

    def next(self, at: float) -> str:
        """A new id for the moment ``at`` (epoch seconds), after all that were made before it."""
        milliseconds, count = int(at * 1000), 0
        if milliseconds <= self._last[0]:  # the same one, or a clock that was set back
            milliseconds, count = self._last[0], self._last[1] + 1
        self._last = divmod(milliseconds * _COUNTS + count, _COUNTS)
        return _text(*self._last, int.from_bytes(os.urandom(8), "big") >> 2)


def first_of(at: float) -> str:
    """The lowest id of the moment ``at``: those of later moments are higher, those of earlier ones lower."""
    return _text(max(0, int(at * 1000)), 0, 0)


def moment_of(id_: str) -> float | None:
    """When this id was made (epoch seconds); None for what is no id of ours."""
    try:
        return (UUID(id_).int >> 80) / 1000
    except ValueError:
        return None


def _text(milliseconds: int, count: int, random: int) -> str:
    return uuid_text((milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | count << 64 | 0x2 << 62 | random)
