"""Actors, parties and records for the tests of the timeline and of what is told to it."""

from __future__ import annotations

from typing import Any

from crm_core.contacts.model import Draft, DraftNumber, Party, PartyKind
from cti.kernel.actor import PERMISSIONS, Actor
from cti.live.record import Caller, CallRecord
from tests.call_log.calls import record
from web.services import Crm

ELHAM = Actor("u1", "Elham", permissions=frozenset(PERMISSIONS))
SINA = Actor("u2", "Sina", permissions=frozenset({"contacts.view", "contacts.edit", "numbers.view", "tasks.use"}))
BLIND = Actor("u3", "Sara", permissions=frozenset({"contacts.view"}))
STRANGER = Actor("u4", "Nobody's", permissions=frozenset())

MOBILE = "+989121112233"


async def party(crm: Crm, name: str, *numbers: str, kind: PartyKind = "person", **more: Any) -> Party:
    draft = Draft(name=name, numbers=tuple(DraftNumber(raw) for raw in numbers), **more)
    return await crm.contacts.create(ELHAM, kind, draft)


def call(number: int, e164: str | None = MOBILE, **changes: Any) -> CallRecord:
    """The record of an inbound call from a mobile; `number` makes its id and its second of the day."""
    raw = None if e164 is None else "0" + e164.removeprefix("+98")
    return record(number, **{"caller": Caller(e164, raw, None), "direction": "inbound", **changes})
