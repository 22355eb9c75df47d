"""Whose numbers they are: the contacts of calls, for the pages that show calls.

Neighbours: ``crm_core.contacts.lookup`` knows, ``web.pages.calls`` and ``call`` show. On the live board names come
with the push (``crm_core.contacts.callers``).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.contacts.callers import other_key
from crm_core.contacts.lookup import Match
from cti.kernel.actor import Actor
from cti.live.record import CallRecord
from web.services import Services

Contacts = dict[str, tuple[Match, ...]]


async def contacts_of(services: Services, actor: Actor, records: Sequence[CallRecord]) -> Contacts:
    """By the id of the call: everybody who surely has its other party's number, the likeliest first; nothing for who
    may not see contacts. One query for all of them."""
    if not actor.may("contacts.view"):
        return {}
    keys = {record.id: await key_of(services, actor, record) for record in records}
    found = await services.crm.lookup.who_many(keys.values())
    return {call_id: found[key] for call_id, key in keys.items() if key in found}


async def key_of(services: Services, actor: Actor, record: CallRecord) -> str | None:
    """The key of the other party's number. In what an actor sees it may be masked; the log knows it whole."""
    if actor.may("numbers.view"):
        return other_key(record)
    live = services.feed.board.live(record.id)
    whole = live.record if live is not None else await services.calls.log.get(record.id)
    return None if whole is None else other_key(whole)
