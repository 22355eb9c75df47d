"""What came of comparing the log with the PBX's truth: per call the differences, per day the totals.

A call that the truth holds too is marked in the log (``confirmed_at``), so a day's totals are counted from
the calls themselves and every one of them can be clicked; nothing is added up twice when a period is
compared again.

Neighbours: ``reconcile`` writes it, ``web`` shows it (the truth page), ``store`` keeps the calls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from call_log.query import Difference, TruthDay
from cti.kernel.db import Database, Transaction

_NOTE = (
    "INSERT INTO difference (call_id, kind, pbx, started_at, fields, repaired, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (call_id, kind) DO UPDATE SET fields = excluded.fields, repaired = excluded.repaired"
)
_DIFFERENCES = "SELECT call_id, pbx, kind, fields, repaired, at, started_at FROM difference"
_decode_fields = msgspec.json.Decoder(dict[str, tuple[object, object]]).decode

# Calls in progress are in neither figure: the truth learns of a call when it ends.
_TOTALS = (
    "SELECT count(*), coalesce(sum(CASE WHEN confirmed_at IS NOT NULL THEN 1 ELSE 0 END), 0) FROM call"
    " WHERE pbx = ? AND started_at >= ? AND started_at < ? AND kind = 'call' AND NOT provisional"
    " AND ended_at <= ?"
)
_FOUND = (
    "SELECT count(*), coalesce(sum(CASE WHEN repaired THEN 0 ELSE 1 END), 0) FROM difference"
    " WHERE pbx = ? AND started_at >= ? AND started_at < ?"
)

SETTLE_SECONDS = 15.0
"""A call that ended this recently may still be on its way to the log, or to the PBX's table."""


class Ledger:
    """``zone`` is the product's time zone: a day begins at its midnight."""

    def __init__(self, database: Database, zone: dt.tzinfo) -> None:
        self._database, self._zone = database, zone

    async def note(self, tx: Transaction, differences: Sequence[Difference]) -> None:
        """Keep these. One that was kept before stays that one, brought up to date."""
        await tx.executemany(
            _NOTE,
            [(d.call, d.kind, d.pbx, d.started_at or 0.0, _json(d.fields), d.repaired, d.at) for d in differences],
        )

    async def settle(self, tx: Transaction, differences: Sequence[Difference]) -> None:
        """These stood open and no longer do: the truth caught up."""
        settled = [(True, d.call, d.kind) for d in differences]
        await tx.executemany("UPDATE difference SET repaired = ? WHERE call_id = ? AND kind = ?", settled)

    async def note_day(self, tx: Transaction, pbx: str, day: str, at: float) -> None:
        """This day was compared (as far as it had passed)."""
        await tx.execute(
            "INSERT INTO truth_day (pbx, day, checked_at) VALUES (?, ?, ?)"
            " ON CONFLICT (pbx, day) DO UPDATE SET checked_at = excluded.checked_at",
            pbx, day, at,
        )  # fmt: skip

    async def differences(self, pbx: str, since: float, until: float) -> list[Difference]:
        """All that were ever found among calls that began in this period, newest call first."""
        sql = f"{_DIFFERENCES} WHERE pbx = ? AND started_at >= ? AND started_at < ? ORDER BY started_at DESC, call_id"
        async with self._database.read() as reader:
            return [_difference(row) for row in await reader.fetch(sql, pbx, since, until)]

    async def differences_of(self, call_id: str) -> list[Difference]:
        """All that were ever found for one call."""
        async with self._database.read() as reader:
            return [_difference(row) for row in await reader.fetch(f"{_DIFFERENCES} WHERE call_id = ?", call_id)]

    async def confirmed_at(self, call_id: str) -> float | None:
        """When the PBX's truth was last seen to hold this call too; None: never compared, or not in it."""
        async with self._database.read() as reader:
            row = await reader.one("SELECT confirmed_at FROM call WHERE id = ?", call_id)
        return None if row is None else row[0]

    async def day_differences(self, pbx: str, day: str) -> list[Difference]:
        """All that were ever found for one day."""
        return await self.differences(pbx, *self.bounds(day))

    async def days(self, pbx: str, newest: str, count: int = 31) -> list[TruthDay]:
        """``count`` days back from ``newest`` (``YYYY-MM-DD``), that one first."""
        first = dt.date.fromisoformat(newest)
        return [await self.day(pbx, (first - dt.timedelta(days=n)).isoformat()) for n in range(count)]

    async def day(self, pbx: str, day: str) -> TruthDay:
        """One day's totals as of the last comparison: calls that ended since are counted by the next."""
        since, until = self.bounds(day)
        async with self._database.read() as reader:
            checked = await reader.one("SELECT checked_at FROM truth_day WHERE pbx = ? AND day = ?", pbx, day)
            settled = checked[0] - SETTLE_SECONDS if checked else float("inf")
            ours, theirs = await reader.one(_TOTALS, pbx, since, until, settled) or (0, 0)
            found, standing = await reader.one(_FOUND, pbx, since, until) or (0, 0)
        return TruthDay(
            day=day,
            pbx=pbx,
            pbx_calls=theirs if checked else None,
            our_calls=ours,
            differences=standing,
            found=found,
            checked_at=checked[0] if checked else None,
        )

    def bounds(self, day: str) -> tuple[float, float]:
        """When a day begins and ends, in epoch seconds."""
        date = dt.date.fromisoformat(day)
        return self._midnight(date), self._midnight(date + dt.timedelta(days=1))

    def days_of(self, since: float, until: float) -> list[str]:
        """Every day that this period touches."""
        day = dt.date.fromisoformat(self.day_of(since))
        found: list[str] = []
        while self._midnight(day) < until or not found:
            found.append(day.isoformat())
            day += dt.timedelta(days=1)
        return found

    def day_of(self, at: float) -> str:
        """The day in which ``at`` lies."""
        return dt.datetime.fromtimestamp(at, self._zone).date().isoformat()

    def _midnight(self, date: dt.date) -> float:
        return dt.datetime.combine(date, dt.time(), self._zone).timestamp()

    async def record_clock(self, pbx: str, at: float, offset: float) -> None:
        """The PBX's clock was ``offset`` seconds ahead of ours at ``at``."""
        async with self._database.transaction() as tx:
            await tx.execute(
                "INSERT INTO pbx_clock (pbx, at, offset_seconds) VALUES (?, ?, ?)"
                " ON CONFLICT (pbx, at) DO UPDATE SET offset_seconds = excluded.offset_seconds",
                pbx, at, offset,
            )  # fmt: skip

    async def clock_offset(self, pbx: str, at: float) -> float | None:
        """How far ahead the PBX's clock was, by the last measurement before ``at``; None if there is none."""
        sql = "SELECT offset_seconds FROM pbx_clock WHERE pbx = ? AND at <= ? ORDER BY at DESC LIMIT 1"
        async with self._database.read() as reader:
            row = await reader.one(sql, pbx, at)
        return None if row is None else float(row[0])


def _json(fields: dict[str, tuple[object, object]]) -> str:
    return msgspec.json.encode(fields).decode()


def _difference(row: tuple[object, ...]) -> Difference:
    call_id, pbx, kind, fields, repaired, at, started_at = row
    return Difference(call_id, pbx, kind, _decode_fields(fields), bool(repaired), at, started_at)  # type: ignore[arg-type]
