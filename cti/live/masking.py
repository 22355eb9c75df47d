"""Numbers for eyes that may not see them whole (who lacks ``numbers.view``): ``0912 ••• 6789``.

Enough stays to tell two callers apart, and the middle is gone. Extensions and service codes are no secrets and stay.
Whoever masks gives the number as people write it, so that its grouping stays too. Neighbours: ``call_log.service`` and
``crm_core.contacts`` mask what they answer, ``screenpop.feed`` what it pushes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from cti.live.record import Caller, CallRecord, Leg, Number, Transfer

DOT = "•"
FEWEST_DIGITS = 7
"""Fewer are an extension or a service code."""
_LONG = 10
_RUN = re.compile(r"\+?\d(?:[\s().\-/\u200c-\u200f\u202a-\u202e\u2066-\u2069]*\d){6,}")


@lru_cache(maxsize=16384)
def mask(written: str) -> str:
    """A number as it is written, without the digits in its middle; the same if it has too few to be a subscriber's."""
    places = [at for at, letter in enumerate(written) if letter.isdigit()]
    if len(places) < FEWEST_DIGITS:
        return written
    tail = 4 if len(places) >= _LONG else 2
    head = min(4, len(places) - tail - 3) if len(places) >= _LONG else len(places) - tail - 4
    hidden = set(places[head : len(places) - tail])
    return "".join(DOT if at in hidden else letter for at, letter in enumerate(written))


@lru_cache(maxsize=16384)
def mask_in(text: str) -> str:
    """A text (a name, a note, a file's name) with every number in it masked."""
    return _RUN.sub(lambda found: mask(found.group()), text)


def mask_record(record: CallRecord, written: Callable[[str | None, str | None], str]) -> CallRecord:
    """A call for those eyes: E.164 gone, each outside number as ``written`` groups it and masked. The line that was
    called from outside is ours and stays, as do the PBX's ids."""
    inbound = record.direction == "inbound"
    caller, dialled = record.caller, record.dialled
    return msgspec.structs.replace(
        record,
        caller=Caller(None, _raw(caller.number, caller.raw, written), caller.name and mask_in(caller.name)),
        dialled=dialled if inbound else Number(None, _raw(dialled.number, dialled.raw, written)),
        legs=tuple(_leg(leg) for leg in record.legs),
        transfers=tuple(_transfer(transfer) for transfer in record.transfers),
        recordings=tuple(mask_in(name) for name in record.recordings),
        digits=record.digits and mask(record.digits),
        conference=record.conference and mask_in(record.conference),
    )


def _raw(number: str | None, raw: str | None, written: Callable[[str | None, str | None], str]) -> str | None:
    return None if raw is None and number is None else mask(written(number, raw))


def _leg(leg: Leg) -> Leg:
    extension = leg.extension and mask_in(leg.extension)
    return msgspec.structs.replace(leg, endpoint=mask_in(leg.endpoint), extension=extension)


def _transfer(transfer: Transfer) -> Transfer:
    from_, to = (text and mask_in(text) for text in (transfer.from_, transfer.to))
    return msgspec.structs.replace(transfer, from_=from_, to=to)
