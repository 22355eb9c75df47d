"""How far each PBX's clock is off, kept in the log: what is read later can then be set right too.

The journal after a kill, and CDR and CEL beside a product that does not run, hold the PBX's own times. Neighbours:
``ami_listener.pbxclock`` measures, ``call_log.ledger`` keeps.
"""

from __future__ import annotations

import logging

from ami_listener.listener import PbxListener, correction
from call_log.ledger import Ledger
from cti.kernel.clock import Clock
from cti.kernel.db import transient

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
NEWS_SECONDS = 0.5
"""A measurement this far from the one that is kept is kept too."""


async def keep_offset(listener: PbxListener, ledger: Ledger, clock: Clock) -> None:
    """Keep what is measured, for as long as the product runs."""
    pbx = listener.url.name
    kept = await ledger.clock_offset(pbx, clock.now())
    while True:
        await clock.sleep(EVERY_SECONDS)
        measured = listener.connection.pbx_clock.offset
        if measured is None or (kept is not None and abs(measured - kept) < NEWS_SECONDS):
            continue
        try:
            await ledger.record_clock(pbx, clock.now(), measured)
        except Exception as error:
            if not transient(error):
                raise
            log.warning("PBX %s: how far its clock is off cannot be kept now: %s", pbx, error)
            continue
        kept = measured


async def known_offset(ledger: Ledger, pbx: str, at: float) -> float:
    """The seconds to take off this PBX's times at that moment, by the last measurement that was kept."""
    return correction(await ledger.clock_offset(pbx, at))
