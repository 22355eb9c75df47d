"""How far the PBX's clock is from ours, from the time stamps in its answers to Ping.

An answer was made at some moment between our asking and its arrival; taking the middle errs by half
the round trip at most. Of the last answers the quicker half is believed, and of those the median.
"""

from __future__ import annotations

import statistics
from collections import deque

SAMPLES = 15


class PbxClock:
    """``offset``: seconds that the PBX's clock is ahead of ours; ``error``: how far that may be off."""

    def __init__(self, samples: int = SAMPLES) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=samples)

    def add(self, sent: float, received: float, pbx: float) -> None:
        """An answer stamped ``pbx``, asked for at ``sent`` and here at ``received`` (epoch seconds, ours)."""
        trip = received - sent
        if trip >= 0:  # our own clock was set back between the two
            self._samples.append((trip, pbx - (sent + trip / 2)))

    @property
    def offset(self) -> float | None:
        """None until there was an answer."""
        best = self._best()
        return statistics.median(offset for _, offset in best) if best else None

    @property
    def error(self) -> float | None:
        best = self._best()
        return statistics.median(trip for trip, _ in best) / 2 if best else None

    def _best(self) -> list[tuple[float, float]]:
        return sorted(self._samples)[: (len(self._samples) + 1) // 2]
