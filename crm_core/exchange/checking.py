"""The dry run: the whole file read, counted and compared with the contacts that there are; nothing is written.

Neighbours: ``profile`` counts in the reading process, ``matching`` compares, ``running`` is the real thing.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from crm_core.contacts.model import Party
from crm_core.exchange import store
from crm_core.exchange.convert import Prepared
from crm_core.exchange.frames import Batch, Ended
from crm_core.exchange.matching import matches, same
from crm_core.exchange.means import Means
from crm_core.exchange.model import Import, Policy
from crm_core.exchange.process import reading
from crm_core.exchange.profile import EXAMPLES, Example, Profile

_OF_MATCH = {"skip": "skipped", "fill": "updated", "overwrite": "updated", "create": "created"}
_SAID_EVERY = 4
"""Batches after which the progress is written down."""


async def check(means: Means, one: Import) -> None:
    """Raises ``InvalidError`` for a file that cannot be read to its end, ``TakenAwayError``."""
    forecast = Forecast(one.policy)
    async with reading(await means.order(one, profile=True), means.beat(one, "checking")) as frames:
        n = 0
        async for frame in frames:
            if isinstance(frame, Batch):
                await forecast.see(means, frame)
                n += 1
                if n % _SAID_EVERY == 0:
                    await _progress(means, one, forecast.rows)
            elif isinstance(frame, Ended) and frame.profile is not None:
                await _done(means, one, forecast.complete(frame.profile))
                return


class Forecast:
    """What would become of the rows."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._outcomes: Counter[str] = Counter()
        self._examples: list[Example] = []
        self._matches = 0
        self.rows = 0

    async def see(self, means: Means, batch: Batch) -> None:
        wanted = [key for row in batch.rows for key in row.keys]
        async with means.database.read() as reader:
            known = await matches(reader, wanted, self._policy.match_by)
        for row in batch.rows:
            self.rows += 1
            self._outcomes[self._outcome(row, known)] += 1

    def _outcome(self, row: Prepared, known: dict[str, Party]) -> str:
        if row.party is None:
            return "faulty"
        found = same(row.keys, known)
        if found is not None:
            self._matches += 1
            if len(self._examples) < EXAMPLES:
                self._examples.append(Example(row.row, row.party.name[:80], text=found.name[:80], other=found.id))
        return _OF_MATCH[self._policy.on_match] if found is not None or row.twin else "created"

    def complete(self, profile: Profile) -> Profile:
        return msgspec.structs.replace(
            profile, matches=self._matches, match_examples=tuple(self._examples), outcomes=dict(self._outcomes)
        )


async def _progress(means: Means, one: Import, rows: int) -> None:
    async with means.database.transaction() as tx:
        await means.hold(tx, one, "checking")
        await store.change(tx, one.id, {"position": rows, "changed_at": means.clock.now()})
        means.further(tx, one)


async def _done(means: Means, one: Import, profile: Profile) -> None:
    async with means.database.transaction() as tx:
        await means.hold(tx, one, "checking")
        changes = {"state": "checked", "profile": profile, "total": profile.rows, "position": 0, "runner": ""}
        await store.change(tx, one.id, {**changes, "changed_at": means.clock.now()})
        means.moved(tx, one)
