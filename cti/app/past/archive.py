"""What has to be known of a moment besides the journal: calls that were up, the day's counters, agents, clocks, people.

Asked in the product's own process, of its database, a little at a time. Neighbours: ``process`` asks, ``call_log.then``
and ``crm_core.agents.then`` have the SQL.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from ami_listener.past import LONGEST_SECONDS, span
from call_log.ledger import Ledger
from call_log.then import oldest_up, totals
from crm_core.agents.service import Agents
from crm_core.agents.then import noted_between, states_at
from crm_core.contacts.callers import KnownCaller, known
from crm_core.contacts.lookup import Lookup
from crm_core.users.desks import Desks
from cti.app.clocks import known_offset
from cti.app.past.frames import Seek
from cti.kernel.db import Database
from cti.live.agents import Noted


class Archive:
    """``journals`` gives the folder of each PBX's journal, by its name."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        lookup: Lookup,
        desks: Desks,
        agents: Agents,
        journals: Callable[[], Mapping[str, Path]],
        timezone: str,
    ) -> None:
        self._database, self._ledger, self._lookup, self._desks = database, ledger, lookup, desks
        self._agents, self._journals, self._zone = agents, journals, ZoneInfo(timezone)

    async def span(self) -> tuple[float, float] | None:
        """From when to when (epoch seconds) any journal has something."""
        found = await asyncio.to_thread(_spans, tuple(self._journals().values()))
        return (min(start for start, _ in found), max(end for _, end in found)) if found else None

    async def then(self, number: int, at: float) -> Seek:
        """All that has to be known of a moment."""
        async with self._database.read() as reader:
            oldest = await oldest_up(reader, at, LONGEST_SECONDS)
            counters = await totals(reader, self._midnight(at), at)
            agents = await states_at(reader, at, self._label)
        ahead = {pbx: await known_offset(self._ledger, pbx, at) for pbx in self._journals()}
        people = await self._desks.people()
        return Seek(number=number, at=at, oldest=oldest, ahead=ahead, people=people, agents=agents, totals=counters)

    async def noted(self, since: float, until: float) -> tuple[Noted, ...]:
        """What happened to agents in between."""
        async with self._database.read() as reader:
            return await noted_between(reader, since, until)

    async def callers(self, keys: Mapping[str, str]) -> dict[str, KnownCaller | None]:
        """By call, who has the number of that key today."""
        found = await self._lookup.everybody(keys.values())
        return {call: known(found.get(key, ())) for call, key in keys.items()}

    def _midnight(self, at: float) -> float:
        day = dt.datetime.fromtimestamp(at, self._zone).date()
        return dt.datetime.combine(day, dt.time(), self._zone).timestamp()

    def _label(self, reason: str) -> str:
        return reason


def _spans(folders: Iterable[Path]) -> list[tuple[float, float]]:
    return [found for folder in folders if (found := span(folder)) is not None]
