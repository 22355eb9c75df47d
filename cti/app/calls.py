"""What the pages ask of the call log, and how the site names days and writes numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from call_log.handled import Whose, nobody_knows
from call_log.mine import OwnDay
from call_log.query import CallFilter, CallTotals, Scope
from call_log.search import CallSearch
from call_log.store import CallStore
from crm_core.results.part import CallPart
from crm_core.users.places import Places
from cti.kernel.actor import Actor
from cti.kernel.settings import Settings
from cti.live.events import LiveCall
from screenpop.board import MISSED
from web import format as writing
from web.services import Crm


class CallLog:
    """Search and store as one, as ``call_log.service`` wants them."""

    def __init__(self, search: CallSearch, store: CallStore) -> None:
        self.page = search.page
        self.totals = search.totals
        self.get = store.get
        self.handled = store.handled
        own = OwnDay(store.database)
        self.figures, self.unreturned = own.figures, own.unreturned


class CallParts:
    """Who had a part in a call: as the log has it, and for one that is up also who is at its phones now, since the log
    is a moment behind. ``live`` and ``whose`` are told where there are calls that are up."""

    def __init__(self, store: CallStore) -> None:
        self._store = store
        self.live: Callable[[str], LiveCall | None] = lambda _call: None
        self.whose: Whose = nobody_knows

    async def part(self, call_id: str) -> CallPart | None:
        """The call, or the one that it became part of."""
        live = self.live(call_id)
        record = live.record if live is not None else await self._store.get(call_id)
        if record is None:
            return None
        users, phones = await self._store.handled(record.id) or (frozenset(), frozenset())
        for leg in record.legs if live is not None else ():
            if leg.outside:
                continue
            known = self.whose(record.pbx, leg.endpoint, leg.extension)
            users |= frozenset(known or ())
            phones |= frozenset([leg.extension] if known is None and leg.extension else ())
        return CallPart(record, users, phones)


def whose(places: Places) -> Whose:
    """Who works at a phone now; nobody knows before it was told."""

    def at(pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...] | None:
        return places.at(pbx, endpoint, extension) if places.told else None

    return at


def day_of(timezone: str) -> Callable[[float], str]:
    """The local day (``2026-11-22``) of an epoch second at the site."""
    zone = ZoneInfo(timezone)
    return lambda at: dt.datetime.fromtimestamp(at, zone).date().isoformat()


def phone_of(region: str) -> Callable[[str | None, str | None], str]:
    """A number (E.164, raw) as people of the region write it."""

    @lru_cache(maxsize=16384)
    def written(number: str | None, raw: str | None) -> str:
        return writing.phone(number, raw, region)

    return written


async def today(calls: CallLog, settings: Settings, now: float) -> Mapping[str, float]:
    """The counters of the day so far, for the live board (``screenpop.board.contribution`` has their meaning)."""
    zone = ZoneInfo(settings.timezone)
    midnight = dt.datetime.combine(dt.datetime.fromtimestamp(now, zone).date(), dt.time(), zone).timestamp()

    async def of(**narrowed: Any) -> CallTotals:
        return await calls.totals(CallFilter(start=midnight, provisional=False, **narrowed))

    totals = await of()
    answered = await of(direction="inbound", outcome="answered")
    missed = [await of(direction="inbound", outcome=outcome) for outcome in MISSED]
    return {
        "calls": totals.calls,
        "inbound": totals.inbound,
        "outbound": (await of(direction="outbound")).calls,
        "internal": (await of(direction="internal")).calls,
        "answered": totals.answered,
        "missed": sum(some.calls for some in missed),
        "talk_seconds": totals.talk_seconds,
        "inbound_answered": answered.calls,
        "wait_seconds": (answered.wait_seconds or 0.0) * answered.calls,
    }


def mates(crm: Crm) -> Callable[[Actor], Awaitable[Scope]]:
    """Everybody who is in a team with an actor, and their extensions."""

    async def of(actor: Actor) -> Scope:
        users = await crm.users.directory(actor) if actor.teams else ()
        found = [user for user in users if not actor.teams.isdisjoint(user.teams)]
        return Scope(tuple(user.id for user in found), tuple(x for user in found for x in user.extensions))

    return of
