"""The time that a stream of events has come to, which one broken time stamp must not move.

A stamp that leaps far ahead or back may be damage, or a quiet night, or a clock that was set. Three in a row that
agree with each other are believed. Neighbours: ``board`` and ``ami_listener.translate`` each keep one.
"""

from __future__ import annotations

LEAP_SECONDS = 60.0
"""A stamp this far from the one before it is not believed by itself."""
WITNESSES = 3


class SteadyTime:
    """``now``: the latest time told (epoch seconds), 0.0 before the first. It goes back only by a leap."""

    __slots__ = ("_leaps", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._leaps: list[float] = []

    def see(self, at: float) -> None:
        """Take in the time of one event."""
        lead = at - self.now
        if -LEAP_SECONDS < lead < LEAP_SECONDS:
            if lead > 0:
                self.now = at
            if self._leaps:
                self._leaps.clear()
        else:
            self._leap(at)

    def _leap(self, at: float) -> None:
        if self._leaps and abs(at - self._leaps[-1]) >= LEAP_SECONDS:
            self._leaps.clear()
        self._leaps.append(at)
        if self.now == 0.0 or len(self._leaps) >= WITNESSES:
            self.now = max(self._leaps)
            self._leaps.clear()

    def pass_to(self, at: float) -> None:
        """A trusted clock says what time it is."""
        if at > self.now or self.now - at > LEAP_SECONDS:
            self.now = at
            self._leaps.clear()
