"""After a kill: the listener's state as it was, from the journal, before the PBX is asked how things stand.

Only the tail that the unfinished calls need is read. What the journal holds of calls that ended is told
again: the log takes a record twice and keeps one. What happened while nobody listened is settled by the
PBX's list after connecting (``cti.live.resync``) and by its own records (``call_log.reconcile``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from ami_listener.journal import JournalDamaged, JournalEntry, JournalReader
from ami_listener.listener import PbxListener
from ami_listener.protocol import AmiReader, ProtocolError
from ami_listener.wanted import ONLY, SKIP
from cti.live import pbx
from cti.live.record import CallRecord

log = logging.getLogger(__name__)

MARGIN_SECONDS = 120.0
"""Read from this long before the oldest unfinished call: clocks differ, and its first events came before its row."""
QUIET_SECONDS = 600.0
"""What may have ended without reaching the log lies at most this far back when nothing is unfinished."""
LONGEST_SECONDS = 86_400.0
"""No further back than this, whatever hangs on a PBX for days."""
YIELD_EVERY = 50


async def rebuild(
    listener: PbxListener, folder: Path, unfinished: Sequence[CallRecord], newest: float | None = None
) -> int:
    """Feed the journal's tail to ``listener``; the number of bytes read. What is damaged is a gap, and is logged.

    ``unfinished``: the calls in the log that have no end. ``newest``: when the youngest call in the log began: those
    that the database did not take before the kill are younger.
    """
    since = _begin(listener.clock.now(), unfinished, newest)
    tail = _Tail(listener)
    for number, entry in enumerate(JournalReader(folder, since=since, on_damage=tail.note_damage)):
        tail.take(entry)
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    tail.end("the product was stopped")
    return tail.read


class _Tail:
    """Entries on their way to the listener; between connections, and where something is missing, the link was lost."""

    def __init__(self, listener: PbxListener) -> None:
        self.read = 0
        self._damaged = False
        self._listener = listener
        self._reader: AmiReader | None = None
        self._connection: int | None = None
        self._last = 0.0

    def take(self, entry: JournalEntry) -> None:
        """One entry. Of a connection that broke on what it sent nothing more is read: it ended there in life too."""
        if entry.connection != self._connection or self._damaged:
            self._begin(entry)
        if self._reader is None:
            return
        self.read += len(entry.data)
        self._last = entry.at
        try:
            self._listener.replay(self._reader.feed(entry.data), entry.at)
        except ProtocolError as error:
            log.warning("PBX %s: a connection in the journal ends in nonsense: %s", self._listener.url.name, error)
            self._reader = None

    def note_damage(self, error: JournalDamaged) -> None:
        """The rest of a file cannot be read: what it held is as if nobody had listened."""
        log.warning("PBX %s: the rest of a journal file is damaged and not read: %s", self._listener.url.name, error)
        self._damaged = True

    def end(self, reason: str, back: float | None = None) -> None:
        """The link was lost after the last entry, and was there again at ``back``."""
        if self._last:
            lost = pbx.LinkLost(self._last, reason)
            self._listener.apply([lost] if back is None else [lost, pbx.LinkRestored(back)])

    def _begin(self, entry: JournalEntry) -> None:
        self.end("a new connection begins", entry.at)
        self._reader, self._connection = AmiReader(SKIP, ONLY, expect_greeting=False), entry.connection
        self._damaged = False


def _begin(now: float, unfinished: Sequence[CallRecord], newest: float | None) -> float:
    """From when on the journal is read."""
    starts = [record.started_at for record in unfinished if record.started_at is not None]
    oldest = min([*starts, now - QUIET_SECONDS if newest is None else min(newest, now - QUIET_SECONDS)])
    return max(oldest, now - LONGEST_SECONDS) - MARGIN_SECONDS
