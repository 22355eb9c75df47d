"""What came of the callers who joined a queue in a quarter of an hour, without thresholds: any rule counts it at once.

Waits are kept in order, so that how many were shorter than a threshold is looked up and not counted; sums are whole
microseconds, so that what is taken out again leaves exactly what was. Neighbours: ``counted`` has the visits that come
in, ``figures`` what is made of them; ``today`` keeps a day of these, ``period`` a month.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

import msgspec

from cti.live.counted import Visit
from cti.live.figures import QueueCounts, QueueRule

QUARTER = 15
"""Minutes; every interval that can be asked for is so many of these."""
_A_SECOND = 1_000_000

if TYPE_CHECKING:
    Waits = array[float]
else:
    Waits = array


def _none() -> Waits:
    return array("d")


class Cell(msgspec.Struct, array_like=True, gc=False):
    """``answered``, ``abandoned``, ``moved``: seconds that each of them waited, the shortest first. The rest are of the
    answered, see ``QueueCounts``; times in microseconds."""

    answered: Waits = msgspec.field(default_factory=_none)
    abandoned: Waits = msgspec.field(default_factory=_none)
    moved: Waits = msgspec.field(default_factory=_none)
    handled: int = 0
    waited: int = 0
    talked: int = 0
    held: int = 0
    wrap: int = 0
    wrapped: int = 0

    def put(self, visit: Visit, wrap: float) -> None:
        """Take a visit in that is over, with the seconds of wrap-up after it."""
        insort(self._waits(visit), visit.seconds or 0.0)
        self._change(visit, wrap, 1)

    def take_out(self, visit: Visit, wrap: float) -> None:
        """Undo ``put`` of the same."""
        waits = self._waits(visit)
        del waits[bisect_left(waits, visit.seconds or 0.0)]
        self._change(visit, wrap, -1)

    def __bool__(self) -> bool:
        return bool(self.answered or self.abandoned or self.moved)

    def counts(self, rule: QueueRule) -> QueueCounts:
        """All of it by a queue's rule."""
        limit, waits = rule.threshold_seconds, (self.answered, self.abandoned, self.moved)
        return QueueCounts(
            answered=len(self.answered),
            answered_in=bisect_right(self.answered, limit),
            handled=self.handled,
            abandoned=len(self.abandoned),
            abandoned_in=bisect_right(self.abandoned, limit),
            short=bisect_left(self.abandoned, rule.short_seconds),
            moved=len(self.moved),
            late=len(self.moved) - bisect_right(self.moved, limit),
            wait_seconds=self.waited / _A_SECOND,
            longest_wait=max(some[-1] if some else 0.0 for some in waits),
            talk_seconds=self.talked / _A_SECOND,
            hold_seconds=self.held / _A_SECOND,
            wrap_seconds=self.wrap / _A_SECOND,
            wrapped=self.wrapped,
        )

    def _waits(self, visit: Visit) -> Waits:
        match visit.end:
            case "answered":
                return self.answered
            case "abandoned":
                return self.abandoned
            case _:
                return self.moved

    def _change(self, visit: Visit, wrap: float, by: int) -> None:
        if visit.end != "answered":
            return
        self.handled += by * visit.over
        self.waited += by * _micro(visit.seconds or 0.0)
        self.talked += by * _micro(visit.talk_seconds)
        self.held += by * _micro(visit.hold_seconds)
        self.wrap += by * _micro(wrap)
        self.wrapped += by * (wrap > 0)


def _micro(seconds: float) -> int:
    return round(seconds * _A_SECOND)


def counts_of(visit: Visit, wrap: float, now: float, rule: QueueRule) -> QueueCounts:
    """One visit alone, also of who still waits: of him nothing is decided but whether he waits too long."""
    if visit.end == "waiting":
        waited = now - visit.joined_at
        return QueueCounts(waiting=1, late=int(waited > rule.threshold_seconds), longest_wait=waited)
    cell = Cell()
    cell.put(visit, wrap)
    return cell.counts(rule)


def _as_bytes(waits: Waits) -> bytes:
    return struct.pack(f"<{len(waits)}d", *waits)


def _from_bytes(_type: type, data: bytes) -> Waits:
    return array("d", struct.unpack(f"<{len(data) // 8}d", data))


pack_cells = msgspec.msgpack.Encoder(enc_hook=_as_bytes).encode
unpack_cells = msgspec.msgpack.Decoder(dict[float, Cell], dec_hook=_from_bytes).decode
"""Cells by when their quarter of an hour began, as they are written down."""
