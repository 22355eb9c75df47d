"""The newest entries of many subjects, in order: one short walk along the key for each, merged.

So a page costs the same however long the streams are. SQLite gets the walks as one compound statement per hundred,
PostgreSQL as a LATERAL over their list. Neighbours: ``streams`` names the subjects, ``service`` asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cti.kernel.db import Reader

Place = tuple[float, str]
"""Where an entry stands in the order of streams: its moment and its id."""

AT_ONCE = 100
"""Walks in one statement of SQLite (it takes 500, and compiling them takes longer than walking)."""
COUNTED = 1_000
"""Entries of one subject and kind are counted no further."""

_WALK = (
    "SELECT at, entry FROM entry_subject AS e WHERE e.subject = {subject}{kind}{before}"
    " ORDER BY at DESC, entry DESC LIMIT {limit}"
)
_COUNT = "SELECT kind, entry FROM entry_subject AS e WHERE e.subject = {subject} AND e.kind = {kind} LIMIT {limit}"


async def newest(
    reader: Reader, subjects: Sequence[str], kinds: Sequence[str], before: Place | None, limit: int
) -> list[Place]:
    """The newest ``limit`` entries before ``before`` that are found under any of these and are of one of ``kinds``
    (none given: any), the newest first, each once."""
    if reader.dialect == "postgresql":
        return await _lateral(reader, subjects, kinds, before, limit)
    walks: list[tuple[Any, ...]] = [(s, k) for s in subjects for k in kinds] if kinds else [(s,) for s in subjects]
    walk = _WALK.format(subject="?", kind=" AND e.kind = ?" if kinds else "", before=_before(before), limit=int(limit))
    found: set[Place] = set()
    for start in range(0, len(walks), AT_ONCE):
        some = walks[start : start + AT_ONCE]
        parts = " UNION ALL ".join([f"SELECT * FROM ({walk})"] * len(some))
        values = [value for one in some for value in (*one, *(before or ()))]
        sql = f"SELECT DISTINCT at, entry FROM ({parts}) ORDER BY at DESC, entry DESC LIMIT {int(limit)}"
        found.update((row[0], row[1]) for row in await reader.fetch(sql, *values))
    return sorted(found, reverse=True)[:limit]


async def _lateral(
    reader: Reader, subjects: Sequence[str], kinds: Sequence[str], before: Place | None, limit: int
) -> list[Place]:
    walk = _WALK.format(
        subject="w.subject", kind=" AND e.kind = w.kind" if kinds else "", before=_before(before), limit=int(limit)
    )
    pairs = [(s, k) for s in subjects for k in kinds or ("",)]
    sql = (
        "SELECT DISTINCT s.at, s.entry FROM unnest(?::text[], ?::text[]) AS w(subject, kind)"
        f" CROSS JOIN LATERAL ({walk}) AS s ORDER BY s.at DESC, s.entry DESC LIMIT {int(limit)}"
    )
    rows = await reader.fetch(sql, [s for s, _ in pairs], [k for _, k in pairs], *(before or ()))
    return [(row[0], row[1]) for row in rows]


def _before(before: Place | None) -> str:
    return " AND (at, entry) < (?, ?)" if before is not None else ""


async def counts(reader: Reader, subjects: Sequence[str], kinds: Sequence[str]) -> dict[str, int]:
    """How many entries of each kind there are; from ``COUNTED`` on no more than that."""
    if reader.dialect == "postgresql":
        part = _COUNT.format(subject="w.subject", kind="w.kind", limit=COUNTED)
        wanted = "unnest(?::text[], ?::text[]) AS w(subject, kind)"
        source = f"SELECT s.kind, s.entry FROM {wanted} CROSS JOIN LATERAL ({part}) AS s"
        pairs = [(s, k) for s in subjects for k in kinds]
        values: list[Any] = [[s for s, _ in pairs], [k for _, k in pairs]]
    else:
        part = _COUNT.format(subject="?", kind="?", limit=COUNTED)
        source = " UNION ALL ".join([f"SELECT * FROM ({part})"] * (len(subjects) * len(kinds)))
        values = [value for s in subjects for k in kinds for value in (s, k)]
    rows = await reader.fetch(f"SELECT kind, count(DISTINCT entry) FROM ({source}) AS found GROUP BY kind", *values)
    return {row[0]: min(row[1], COUNTED) for row in rows}
