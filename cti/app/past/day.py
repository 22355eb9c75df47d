"""The figures of a day of the past: of the calls that the log says were over at the moment, and of what comes after.

Calls are kept as they are told, once for a day, however often one jumps within it; up to a number, since each player is
a process beside the product: of a day with more calls there are no figures.

Neighbours: ``archive`` reads the log, ``cti.live.today`` has the figures, ``board`` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from call_log.facts import Ended
from call_log.handled import Handling, Whose
from cti.live.agents import Noted
from cti.live.counted import CallFacts, facts_of
from cti.live.figures import FigureRules
from cti.live.record import CallRecord
from cti.live.shifts import shifts_of
from cti.live.today import FiguresToday
from screenpop.figured import Figured

MOST = 200_000
"""Calls of a day that are kept: more than a site of a thousand phones has, in some hundred megabytes."""


class PastDay:
    """``logged`` as often as there is something; then ``begin``, at each moment that one goes to."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._midnight = 0.0
        self._over: dict[str, tuple[float, CallFacts]] = {}
        self._at = 0.0
        self._figures: FiguresToday | None = None
        self._handling = Handling()

    def logged(self, midnight: float, calls: Iterable[Ended]) -> None:
        """Calls that were over, of the day that began at ``midnight``."""
        if midnight != self._midnight:
            self._midnight = midnight
            self._over.clear()
        for one in calls:
            if len(self._over) >= MOST:
                return
            facts = one.facts()
            self._over[facts.call] = one.at, facts

    def begin(self, at: float, rules: FigureRules, noted: Iterable[Noted], whose: Whose) -> Figured | None:
        """The figures as they stood; None where there are too many calls. ``noted``: what had happened to agents."""
        self._at, self._handling = at, Handling(whose)
        if len(self._over) >= MOST:
            self._figures = None
            return None
        figures = FiguresToday(self._zone, lambda: self._at, lambda: rules)
        self._figures = figures.anew(shifts_of(noted))
        for ended, facts in self._over.values():
            if ended <= at:
                self._figures.take(facts)
        return Figured(self._figures, lambda: rules)

    def turn(self, at: float) -> None:
        """Time goes on."""
        self._at = at

    def take(self, record: CallRecord) -> None:
        """A call is so now."""
        people = self._handling.people(record, over=not record.provisional)
        if self._figures is not None:
            self._figures.take(facts_of(record, people))

    def merged(self, gone: str) -> None:
        if self._figures is not None:
            self._figures.merged(gone)

    def noted(self, one: Noted) -> None:
        if self._figures is not None:
            self._figures.noted(one)
