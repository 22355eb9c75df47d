"""What has to be known of a moment besides the journal: calls that were up, the day's counters, agents, clocks, people.

Asked in the product's own process, of its database, a little at a time. Neighbours: ``process`` asks, ``call_log.then``
and ``crm_core.agents.then`` have the SQL.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from ami_listener.past import LONGEST_SECONDS, span
from call_log.facts import Ended, Facts
from call_log.ledger import Ledger
from call_log.then import oldest_up, totals
from crm_core.agents import store
from crm_core.agents.model import Rules
from crm_core.agents.service import Agents
from crm_core.agents.then import noted_between
from crm_core.contacts.callers import KnownCaller, known
from crm_core.contacts.lookup import Lookup
from crm_core.users.desks import Desks
from cti.app.clocks import known_offset
from cti.app.past.day import MOST
from cti.app.past.frames import Seek
from cti.kernel.db import Database
from cti.live.agents import Noted
from cti.live.figures import FigureRules
from cti.live.intervals import day_bounds


class Archive:
    """``journals`` gives the folder of each PBX's journal, by its name."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        lookup: Lookup,
        desks: Desks,
        agents: Agents,
        rules: Callable[[], Rules],
        figures: Callable[[], FigureRules],
        journals: Callable[[], Mapping[str, Path]],
        timezone: str,
    ) -> None:
        self._database, self._ledger, self._lookup, self._desks = database, ledger, lookup, desks
        self._agents, self._rules, self._figures = agents, rules, figures
        self._journals, self._zone, self._facts = journals, ZoneInfo(timezone), Facts(database)

    async def span(self) -> tuple[float, float] | None:
        """From when to when (epoch seconds) any journal has something."""
        found = await asyncio.to_thread(_spans, tuple(self._journals().values()))
        return (min(start for start, _ in found), max(end for _, end in found)) if found else None

    async def then(self, number: int, at: float) -> Seek:
        """All that has to be known of a moment."""
        await self._agents.flush()
        midnight = self.midnight(at)
        async with self._database.read() as reader:
            oldest = await oldest_up(reader, at, LONGEST_SECONDS)
            counters = await totals(reader, midnight, at)
            noted = await store.notes(reader, midnight, math.nextafter(at, math.inf))
        return Seek(
            number=number,
            at=at,
            oldest=oldest,
            ahead={pbx: await known_offset(self._ledger, pbx, at) for pbx in self._journals()},
            people=await self._desks.people(),
            noted=noted,
            rules=self._rules(),
            figures=self._figures(),
            totals=counters,
        )

    def midnight(self, at: float) -> float:
        """When that day began."""
        return day_bounds(at, self._zone)[0]

    async def logged(self, since: float, until: float) -> AsyncIterator[list[Ended]]:
        """The calls that ended in between, a page at a time, as many as a day's figures are made of."""
        count = 0
        async for page in self._facts.over(since, until):
            yield page
            count += len(page)
            if count >= MOST:
                return

    async def noted(self, since: float, until: float) -> tuple[Noted, ...]:
        """What happened to agents in between."""
        async with self._database.read() as reader:
            return await noted_between(reader, since, until)

    async def callers(self, keys: Mapping[str, str]) -> dict[str, KnownCaller | None]:
        """By call, who has the number of that key today."""
        found = await self._lookup.everybody(keys.values())
        return {call: known(found.get(key, ())) for call, key in keys.items()}


def _spans(folders: Iterable[Path]) -> list[tuple[float, float]]:
    return [found for folder in folders if (found := span(folder)) is not None]
