"""The time that a stream of events has come to, which one broken time stamp must not move.

A stamp that leaps far ahead or back may be damage, or a quiet night, or a clock that was set. Three in a row that
agree with each other are believed. Neighbours: ``board`` and ``ami_listener.translate`` each keep one.
"""

from __future__ import annotations

LEAP_SECONDS = 60.0
"""A stamp this far from the one before it is not believed by itself."""
WITNESSES = 3


class SteadyTime:
    """``now``: the latest time told (epoch seconds), 0.0 before the first. It goes back only by a leap.

    ``leaps`` are those not believed yet. Where every event counts, the common case (no leaps, and time goes on by
    less than ``LEAP_SECONDS``) is written out and only the rest comes to ``see``.
    """

    __slots__ = ("leaps", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self.leaps: list[float] = []

    def see(self, at: float) -> None:
        """Take in the time of one event."""
        lead = at - self.now
        if -LEAP_SECONDS < lead < LEAP_SECONDS:
            if lead > 0:
                self.now = at
            if self.leaps:
                self.leaps.clear()
        else:
            self._leap(at)

    def _leap(self, at: float) -> None:
        if self.leaps and abs(at - self.leaps[-1]) >= LEAP_SECONDS:
            self.leaps.clear()
        self.leaps.append(at)
        if self.now == 0.0 or len(self.leaps) >= WITNESSES:
            self.now = max(self.leaps)
            self.leaps.clear()

    def pass_to(self, at: float) -> None:
        """A trusted clock says what time it is."""
        if at > self.now or self.now - at > LEAP_SECONDS:
            self.now = at
            self.leaps.clear()
