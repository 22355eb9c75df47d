"""Days and their intervals at the site: where they begin, in epoch seconds, whatever its clocks do.

An interval begins on the site's wall clock (09:00, 09:30); the hour that a clock goes through twice is two intervals.
Neighbours: ``figures`` has what is counted in them.
"""

from __future__ import annotations

import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo


def day_of(at: float, zone: ZoneInfo) -> dt.date:
    """The local day of a moment."""
    return dt.datetime.fromtimestamp(at, zone).date()


def midnight(day: dt.date, zone: ZoneInfo) -> float:
    """When a local day begins. Where the clock jumps over midnight, that is the moment of the jump."""
    return dt.datetime.combine(day, dt.time(), zone).timestamp()


def day_bounds(at: float, zone: ZoneInfo) -> tuple[float, float]:
    """Begin and end of the local day of a moment: 23, 24 or 25 hours apart."""
    day = day_of(at, zone)
    return midnight(day, zone), midnight(day + dt.timedelta(days=1), zone)


def days(start: float, end: float, zone: ZoneInfo) -> list[tuple[float, float]]:
    """[start, end) cut at each midnight."""
    found = []
    while start < end:
        until = min(end, day_bounds(start, zone)[1])
        found.append((start, until))
        start = until
    return found


def begin_of(at: float, minutes: int, zone: ZoneInfo) -> float:
    """When the interval of a moment began; ``minutes``: 15, 30 or 60."""
    local = dt.datetime.fromtimestamp(at, zone)
    within = (local.minute % minutes) * 60 + local.second
    return float(at // 1 - within)


def begins(start: float, end: float, minutes: int, zone: ZoneInfo) -> list[float]:
    """The begins of all intervals with a part in [start, end)."""
    found = []
    at = begin_of(start, minutes, zone) if start < end else end
    while at < end:
        found.append(at)
        at = begin_of(at + minutes * 60.0, minutes, zone)
    return found


Stretch = tuple[float, float]


def union(stretches: list[Stretch]) -> list[Stretch]:
    """The same time with no moment twice, in order."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def within(stretches: list[Stretch], start: float, end: float) -> float:
    """Seconds of these stretches, which do not overlap, that lie in [start, end)."""
    return sum(max(0.0, min(e, end) - max(s, start)) for s, e in stretches)


def without(stretches: list[Stretch], taken: list[Stretch]) -> list[Stretch]:
    """What is left of some stretches when others are taken out of them."""
    found: list[Stretch] = []
    out, first = union(taken), 0
    for start, end in union(stretches):
        at = start
        while first < len(out) and out[first][1] <= start:
            first += 1
        for s, e in islice(out, first, None):
            if s >= end:
                break
            if s > at:
                found.append((at, s))
            at = max(at, e)
        if at < end:
            found.append((at, end))
    return found
