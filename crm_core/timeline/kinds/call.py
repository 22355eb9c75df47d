"""A call: what its record says in one line. ``crm_core.timeline.calls`` writes it; the call's page has the rest."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask, mask_in
from cti.live.numbers import match_key
from cti.live.record import Caller, CallRecord, Direction, Outcome


class CallFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``number``, ``raw`` and ``name``: the outside party's. ``agents``: (endpoint, extension) of the phones of ours
    that talked, in order. Seconds and meanings are the call record's."""

    pbx: str
    direction: Direction
    outcome: Outcome | None = None
    number: str | None = None
    raw: str | None = None
    name: str | None = None
    queue: str | None = None
    agents: tuple[tuple[str, str | None], ...] = ()
    wait_seconds: float | None = None
    talk_seconds: float = 0.0
    recordings: int = 0
    provisional: bool = False


def outside_party(record: CallRecord) -> Caller:
    """Whom the call is with: the caller, or the number that was dialled."""
    if record.direction != "outbound":
        return record.caller
    return Caller(record.dialled.number, record.dialled.raw, None)


def key_of(record: CallRecord) -> str | None:
    """The key of the outside party's number; None for whoever withheld it, and between colleagues."""
    if record.direction == "internal":
        return None
    party = outside_party(record)
    return match_key(party.raw or "", party.number)


def facts_of(record: CallRecord) -> CallFacts:
    """What the timeline keeps of a record."""
    party = outside_party(record)
    talked = (leg for leg in record.legs if not leg.outside and leg.talk_seconds > 0)
    return CallFacts(
        pbx=record.pbx,
        direction=record.direction,
        outcome=record.outcome,
        number=party.number,
        raw=party.raw,
        name=party.name and party.name[:200],
        queue=record.queue,
        agents=tuple(dict.fromkeys((leg.endpoint, leg.extension) for leg in talked)),
        wait_seconds=record.wait_seconds,
        talk_seconds=record.talk_seconds,
        recordings=len(record.recordings),
        provisional=record.provisional,
    )


def _masked(facts: CallFacts) -> CallFacts:
    written = facts.raw or facts.number
    name = facts.name and mask_in(facts.name)
    return msgspec.structs.replace(facts, number=None, raw=written and mask(written), name=name)


KIND = Kind("call", N_("Calls"), "phone", CallFacts, _masked)
