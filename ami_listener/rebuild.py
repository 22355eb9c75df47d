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

from ami_listener.journal import JournalDamaged, JournalReader
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
    """Feed the journal's tail to ``listener``; the number of bytes read. Damage ends the reading, and is logged.

    ``unfinished``: the calls in the log that have no end. ``newest``: when the youngest call in the log began: those
    that the database did not take before the kill are younger.
    """
    since = _begin(listener.clock.now(), unfinished, newest)
    reader: AmiReader | None = None
    connection: int | None = None
    read = last = 0.0
    entries = 0
    try:
        for entry in JournalReader(folder, since=since):
            if reader is None or entry.connection != connection:
                if reader is not None:
                    listener.apply([pbx.LinkLost(last, "a new connection begins"), pbx.LinkRestored(entry.at)])
                reader, connection = AmiReader(SKIP, ONLY, expect_greeting=False), entry.connection
            listener.replay(reader.feed(entry.data), entry.at)
            read += len(entry.data)
            last = entry.at
            entries += 1
            if entries % YIELD_EVERY == 0:
                await asyncio.sleep(0)
    except (JournalDamaged, ProtocolError) as error:
        log.warning("PBX %s: the journal is damaged and read no further: %s", listener.url.name, error)
    if last:
        listener.apply([pbx.LinkLost(last, "the product was stopped")])
    return int(read)


def _begin(now: float, unfinished: Sequence[CallRecord], newest: float | None) -> float:
    """From when on the journal is read."""
    starts = [record.started_at for record in unfinished if record.started_at is not None]
    oldest = min([*starts, now - QUIET_SECONDS if newest is None else min(newest, now - QUIET_SECONDS)])
    return max(oldest, now - LONGEST_SECONDS) - MARGIN_SECONDS
