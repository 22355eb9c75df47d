"""What the log knows of a moment in the past: the calls that were up, and the day's counters as they stood.

Neighbours: ``store`` writes the log, ``cti.app.past`` plays the past with this.
"""

from __future__ import annotations

from cti.kernel.db import Reader

_UP = (
    "SELECT pbx, min(started_at) FROM call WHERE started_at > ? AND started_at <= ?"
    " AND (ended_at IS NULL OR ended_at > ?) GROUP BY pbx"
)
_ENDED = " FROM call WHERE started_at >= ? AND started_at <= ? AND kind = 'call' AND ended_at <= ?"
_MISSED = "('abandoned', 'noanswer', 'busy', 'failed', 'lost')"


def _count(condition: str, of: str = "1") -> str:
    return f"coalesce(sum(CASE WHEN {condition} THEN {of} ELSE 0 END), 0)"


_COUNTERS: dict[str, str] = {
    "calls": "count(*)",
    "inbound": _count("direction = 'inbound'"),
    "outbound": _count("direction = 'outbound'"),
    "internal": _count("direction = 'internal'"),
    "answered": _count("outcome = 'answered'"),
    "missed": _count(f"direction = 'inbound' AND outcome IN {_MISSED}"),
    "talk_seconds": "coalesce(sum(talk_seconds), 0)",
    "inbound_answered": _count("direction = 'inbound' AND outcome = 'answered'"),
    "wait_seconds": _count("direction = 'inbound' AND outcome = 'answered'", "coalesce(wait_seconds, 0)"),
}
"""The live page's counters of the day (``screenpop.board.contribution`` has their meaning)."""


async def oldest_up(reader: Reader, at: float, longest: float) -> dict[str, float]:
    """By PBX, when the oldest call that was up at ``at`` (epoch seconds) began, ``longest`` seconds before at most."""
    return {str(pbx): float(began) for pbx, began in await reader.fetch(_UP, at - longest, at, at)}


async def totals(reader: Reader, midnight: float, at: float) -> dict[str, float]:
    """The counters of the day that began at ``midnight``, as they stood at ``at``."""
    row = await reader.one(f"SELECT {', '.join(_COUNTERS.values())}{_ENDED}", midnight, at, at)
    assert row is not None
    return dict(zip(_COUNTERS, map(float, row), strict=True))
