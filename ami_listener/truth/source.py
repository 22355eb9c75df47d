"""The truth of one PBX, asked for a period: whichever of CEL and CDR it keeps, wherever it keeps them.

Neighbours: ``csvfiles`` and ``database`` read rows, ``calls`` and ``cdr_calls`` make calls; ``cti.app`` hands a source
to ``call_log.reconcile``, which knows it by the shape of ``TruthSource.read`` alone.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from ami_listener.truth import csvfiles
from ami_listener.truth.calls import TruthCall, calls
from ami_listener.truth.cdr_calls import coarse_calls
from ami_listener.truth.database import TruthDatabase
from ami_listener.truth.rows import Rows
from cti.kernel.errors import ConfigurationError, UnavailableError
from cti.live.profile import Profile
from cti.live.record import CallRecord

FROM_CEL = frozenset(("answered", "outcome", "talk_seconds", "legs", "ended_at"))
FROM_CDR = frozenset(("answered",))
"""A CDR may end before its channel does (conference, parking), and counts waiting in a queue as answered."""
LEAD_SECONDS = 4 * 3600.0
"""How far before a period files are read, for the beginnings of calls that end in it."""


class TruthReading(msgspec.Struct, frozen=True):
    """What the PBX's truth says about a period.

    ``records``: calls that did anything in it and have ended. ``unfinished``: ids and linkedids of calls that it knows
    and cannot judge, because they are still up or begin before what it keeps. ``precision``: by how many seconds its
    times may be off. ``knows``: what of a record it can judge. ``covers``: from when to when; None: it is empty.
    """

    records: tuple[CallRecord, ...]
    unfinished: frozenset[str]
    precision: float
    knows: frozenset[str]
    covers: tuple[float, float] | None


class _Reader(Protocol):
    async def read(self, since: float, until: float, ahead: float) -> Rows: ...
    async def begins(self) -> float | None: ...
    async def close(self) -> None: ...


class _Folder:
    """Files, read in a thread: a day of CEL takes seconds."""

    def __init__(self, folder: Path, zone: dt.tzinfo) -> None:
        self._folder, self._zone = folder, zone

    async def read(self, since: float, until: float, ahead: float) -> Rows:
        if not await asyncio.to_thread(self._folder.is_dir):  # taken away, or a mount that is not there
            raise UnavailableError(f"the PBX's CDR files: there is no folder {self._folder}")
        start = since - LEAD_SECONDS
        try:
            return await asyncio.to_thread(csvfiles.read_folder, self._folder, self._zone, start, until, ahead)
        except OSError as error:
            raise UnavailableError(f"the PBX's CDR files cannot be read: {error}") from error

    async def begins(self) -> float | None:
        return await asyncio.to_thread(csvfiles.begins, self._folder, self._zone)

    async def close(self) -> None:
        """Nothing is kept open."""


class TruthSource:
    """``ahead``: how many seconds the PBX's clock is ahead of ours at a moment of ours."""

    def __init__(
        self, reader: _Reader, profile: Profile, pbx: str, ahead: Callable[[float], float] = lambda at: 0.0
    ) -> None:
        self.pbx = pbx
        self._reader, self._profile, self._ahead = reader, profile, ahead

    async def read(self, since: float, until: float) -> TruthReading:
        """Calls that did anything in this period (our clock). Raises ``UnavailableError`` if it cannot be asked."""
        rows = await self._reader.read(since, until, self._ahead(until))
        begins = await self._reader.begins()
        found = await asyncio.to_thread(self._calls, rows)
        active = [c for c in found if _touches(c.record, since)]
        return TruthReading(
            records=tuple(c.record for c in active if c.finished),
            unfinished=frozenset(i for c in found if not c.finished for i in (c.record.id, *c.record.linkedids)),
            precision=0.0 if rows.fine else 1.0,
            knows=_known(rows),
            covers=None if begins is None else (begins - self._ahead(until), until),
        )

    async def close(self) -> None:
        await self._reader.close()

    def _calls(self, rows: Rows) -> list[TruthCall]:
        return calls(rows, self._profile, self.pbx) if rows.cel else coarse_calls(rows.cdr, self._profile, self.pbx)


def _known(rows: Rows) -> frozenset[str]:
    """Without its column ``extra`` CEL does not say who hung up, so neither whether a caller gave up."""
    if not rows.cel:
        return FROM_CDR
    tells = any(row.type == "HANGUP" and row.extra for row in rows.cel)
    return FROM_CEL if tells else FROM_CEL - {"outcome"}


def _touches(record: CallRecord, since: float) -> bool:
    return record.ended_at is None or record.ended_at >= since


def open_truth(
    url: str, *, profile: Profile, pbx: str, zone: dt.tzinfo, ahead: Callable[[float], float] = lambda at: 0.0
) -> TruthSource:
    """The source at ``url``: a folder of CSV files (a path or ``file://``), or a MariaDB or PostgreSQL URL.

    ``zone``: the PBX's time zone. Raises ``ConfigurationError`` if there is no such folder, or for another URL.
    """
    if "://" in url and not url.startswith("file://"):
        return TruthSource(TruthDatabase(url, zone), profile, pbx, ahead)
    folder = Path(url.removeprefix("file://"))
    if not folder.is_dir():
        raise ConfigurationError(f"the PBX's CDR files: there is no folder {folder}")
    return TruthSource(_Folder(folder, zone), profile, pbx, ahead)
