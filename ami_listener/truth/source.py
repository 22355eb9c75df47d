"""The truth of one PBX, asked for a period: whichever of CEL and CDR it keeps, wherever it keeps them.

Neighbours: ``csvfiles`` and ``database`` read rows, ``calls`` and ``cdr_calls`` make calls; ``cti.app`` hands a source
to ``call_log.reconcile``, which knows it by the shape of ``TruthSource.parts`` alone.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ami_listener.truth import csvfiles
from ami_listener.truth.calls import TruthCall, calls
from ami_listener.truth.cdr_calls import coarse_calls
from ami_listener.truth.database import TruthDatabase
from ami_listener.truth.parting import part
from ami_listener.truth.rows import Rows
from cti.kernel.errors import ConfigurationError, UnavailableError
from cti.live.profile import Profile
from cti.live.record import CallRecord

FROM_CEL = frozenset(("answered", "outcome", "talk_seconds", "legs", "ended_at"))
FROM_CDR = frozenset(("answered",))
"""A CDR may end before its channel does (conference, parking), and counts waiting in a queue as answered."""
LEAD_SECONDS = 4 * 3600.0
"""How far before a period files are read, for the beginnings of calls that end in it; and how long, where there is CDR
alone, a call that seems over may go on."""
PART_SECONDS = 1800.0
"""How much of a period is held in memory at once."""
LATE_SECONDS = 120.0
"""So long after the last row of a call, no other comes."""


class TruthReading(msgspec.Struct, frozen=True):
    """What the PBX's truth says about a period.

    ``records``: calls that did anything in it and have ended. ``unfinished``: ids and linkedids of calls that it knows
    and cannot judge, because they are still up or begin before what it keeps. ``precision``: by how many seconds its
    times may be off. ``knows``: what of a record it can judge. ``covers``: from when to when; None: it is empty.
    ``until``: where the period, or this part of it, ends.
    """

    records: tuple[CallRecord, ...]
    unfinished: frozenset[str]
    precision: float
    knows: frozenset[str]
    covers: tuple[float, float] | None
    until: float


class _Passage(Protocol):
    """One way through a period; ``since``: where it begins."""

    since: float

    async def take(self, until: float) -> Rows: ...
    async def close(self) -> None: ...


class _Reader(Protocol):
    def passage(self, since: float, until: float, ahead: float) -> _Passage: ...
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

    def passage(self, since: float, until: float, ahead: float) -> _Passage:
        return _FolderPassage(self._folder, self._zone, since - LEAD_SECONDS, until, ahead)

    async def begins(self) -> float | None:
        return await asyncio.to_thread(csvfiles.begins, self._folder, self._zone)

    async def close(self) -> None:
        """Nothing is kept open."""


class _FolderPassage:
    def __init__(self, folder: Path, zone: dt.tzinfo, since: float, until: float, ahead: float) -> None:
        self.since = since
        self._folder, self._of = folder, (zone, since, until, ahead)
        self._passage: csvfiles.Passage | None = None

    async def take(self, until: float) -> Rows:
        if not await asyncio.to_thread(self._folder.is_dir):  # taken away, or a mount that is not there
            raise UnavailableError(f"the PBX's CDR files: there is no folder {self._folder}")
        try:
            return await asyncio.to_thread(self._take, until)
        except OSError as error:
            raise UnavailableError(f"the PBX's CDR files cannot be read: {error}") from error

    def _take(self, until: float) -> Rows:
        if self._passage is None:
            self._passage = csvfiles.Passage(self._folder, *self._of)
        return self._passage.take(until)

    async def close(self) -> None:
        if self._passage is not None:
            await asyncio.to_thread(self._passage.close)


class _DatabasePassage:
    """Each part asks for its own rows and for what its calls did before and after."""

    def __init__(self, database: TruthDatabase, since: float, until: float, ahead: float) -> None:
        self.since = since
        self._database, self._until, self._ahead = database, until, ahead

    async def take(self, until: float) -> Rows:
        begin, self.since = self.since, min(until, self._until)
        return await self._database.read(begin, self.since, self._ahead)

    async def close(self) -> None:
        """Nothing is kept open."""


class _Database:
    def __init__(self, database: TruthDatabase) -> None:
        self._database = database
        self.read, self.begins, self.close = database.read, database.begins, database.close

    def passage(self, since: float, until: float, ahead: float) -> _Passage:
        return _DatabasePassage(self._database, since, until, ahead)


class _Parting:
    """What of a period is held from one part to the next: the rows of calls that may go on."""

    def __init__(self, calls_of: Callable[[Rows], list[TruthCall]]) -> None:
        self._calls_of = calls_of
        self._held = Rows((), ())
        self._cel = False

    async def take(self, passage: _Passage, until: float) -> tuple[list[TruthCall], Rows]:
        """Calls that were over when this part was, and their rows."""
        fresh = await passage.take(until)
        return await asyncio.to_thread(self._settle, fresh, until)

    def _settle(self, fresh: Rows, until: float) -> tuple[list[TruthCall], Rows]:
        self._cel = self._cel or bool(fresh.cel)
        late = LATE_SECONDS if self._cel else LEAD_SECONDS
        over, self._held = part(_together(self._held, fresh), until - late)
        if until == float("inf"):
            over, self._held = _together(over, self._held), Rows((), ())
        return (self._calls_of(over) if over.cel or not self._cel else []), over


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
        return _reading(found, rows, since, until, None if begins is None else begins - self._ahead(until))

    async def parts(self, since: float, until: float) -> AsyncGenerator[TruthReading]:
        """``read`` in parts, each call whole and in one of them.

        A call is told in the part in which it is sure to be over; what is up at the end of the period, in the last.
        Raises what ``read`` raises.
        """
        begins = await self._reader.begins()
        passage = self._reader.passage(since, until, self._ahead(until))
        parting = _Parting(self._calls)
        try:
            at = passage.since
            while at < until:
                at = min(at + PART_SECONDS, until)
                end = at if at < until else float("inf")
                found = await parting.take(passage, end)
                yield _reading(*found, since, at, None if begins is None else begins - self._ahead(until))
                del found  # not while the next part is read
        finally:
            await passage.close()

    async def close(self) -> None:
        await self._reader.close()

    def _calls(self, rows: Rows) -> list[TruthCall]:
        return calls(rows, self._profile, self.pbx) if rows.cel else coarse_calls(rows.cdr, self._profile, self.pbx)


def _reading(found: Sequence[TruthCall], rows: Rows, since: float, until: float, begins: float | None) -> TruthReading:
    return TruthReading(
        records=tuple(c.record for c in found if c.finished and _touches(c.record, since)),
        unfinished=frozenset(i for c in found if not c.finished for i in (c.record.id, *c.record.linkedids)),
        precision=0.0 if rows.fine else 1.0,
        knows=_known(rows),
        covers=None if begins is None else (begins, until),
        until=until,
    )


def _together(held: Rows, fresh: Rows) -> Rows:
    """A table asked for whole calls tells again what is held already."""
    cel, cdr = set(held.cel), set(held.cdr)
    return Rows(
        [*held.cel, *(r for r in fresh.cel if r not in cel)], [*held.cdr, *(r for r in fresh.cdr if r not in cdr)]
    )


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
        return TruthSource(_Database(TruthDatabase(url, zone)), profile, pbx, ahead)
    folder = Path(url.removeprefix("file://"))
    if not folder.is_dir():
        raise ConfigurationError(f"the PBX's CDR files: there is no folder {folder}")
    return TruthSource(_Folder(folder, zone), profile, pbx, ahead)
