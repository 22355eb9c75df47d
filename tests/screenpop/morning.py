"""A morning in two queues as figures: every half hour the same callers, so that each sum is known."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from cti.live.counted import CallFacts, Visit
from cti.live.figures import FigureRules
from cti.live.intervals import day_bounds
from cti.live.today import FiguresToday
from tests.web import sample

HALF_HOURS = 7
"""From 7:00 to 10:30."""
OPENS = 7 * 3600.0
PER_HALF_HOUR = {
    "support": ((8, "answered"), (15, "answered"), (40, "answered"), (33, "abandoned")),
    "sales": ((4, "answered"), (9, "answered"), (12, "answered"), (19, "answered"), (2, "abandoned")),
}
"""Seconds of each visit and its end. Of support 2 of 4 in 20 s; of sales 4 of 4: who gave up after 2 s does not count
(short abandon)."""


def morning(now: float = sample.NOW, rules: FigureRules | None = None) -> FiguresToday:
    chosen = rules or FigureRules()
    today = FiguresToday(sample.ZONE, lambda: now, lambda: chosen)
    start, _ = day_bounds(now, ZoneInfo("Asia/Tehran"))
    for half in range(HALF_HOURS):
        for queue, visits in PER_HALF_HOUR.items():
            for n, (seconds, end) in enumerate(visits):
                # The third of support comes later in some half hours, so that the curve is no straight line.
                wait = float(seconds) if (queue, n) != ("support", 2) or half % 3 else 12.0
                at = start + OPENS + half * 1800.0 + n * 60.0
                visit = Visit(queue, at, end, wait, 120.0 if end == "answered" else 0.0)  # type: ignore[arg-type]
                today.take(CallFacts(f"{queue} {half} {n}", "main", (visit,)))
    return today
