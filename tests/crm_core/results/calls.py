"""Calls in the log, and the people who had a part in them, for the tests of what is said of calls."""

from __future__ import annotations

from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.actor import PERMISSIONS, Actor
from cti.live.record import CallRecord
from tests.call_log.calls import leg, record
from web.services import Crm

BOSS = Actor("u1", "Elham", permissions=frozenset(PERMISSIONS))
DESK = frozenset({"desk.use", "calls.view", "contacts.view", "contacts.edit", "tasks.use"})
SARA = Actor("u2", "Sara", permissions=DESK, extensions=frozenset({"201"}))
NIMA = Actor("u3", "Nima", permissions=DESK, extensions=frozenset({"202"}))
OUTSIDER = Actor("u4", "Omid", permissions=DESK, extensions=frozenset({"209"}))
STRANGER = Actor("u5", "Nobody's", permissions=frozenset())


async def logged(crm: Crm, number: int = 1, *endpoints: str) -> CallRecord:
    """A call of the log with these phones of ours; by default of 201 and then 202."""
    legs = tuple(leg(f"{number}.{n}", one) for n, one in enumerate(endpoints or ("PJSIP/201", "PJSIP/202")))
    one = record(number, legs=legs)
    await CallStore(crm.database).save([Entry(one, one.ended_at or 0.0)])
    return one
