"""The rules of the figures as somebody has made them: formulas, targets and thresholds of each queue.

What happened is kept as facts, so other rules count the past anew. Neighbours: ``cti.live.figures`` says what the
rules mean, ``cti.live.today`` goes by them, ``web.pages.figures`` shows them.
"""

from __future__ import annotations

import msgspec

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.figures.model import figure_rules
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader
from cti.kernel.errors import N_, ConflictError, InvalidError
from cti.live.figures import ANY_QUEUE, FigureRules, Threshold

ROW = "figures"
MOST_QUEUES = 500
_decode = msgspec.json.Decoder(FigureRules).decode


class FiguresRules:
    """``now`` is what holds; ``load`` reads it at the start."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self.now = FigureRules()

    async def load(self) -> None:
        async with self._database.read() as reader:
            self.now = await _stored(reader)

    async def get(self, actor: Actor) -> FigureRules:
        """All rules. Needs live.view or figures.manage."""
        actor.require_any("live.view", "figures.manage")
        await self.load()
        return self.now

    async def put(self, actor: Actor, rules: FigureRules) -> FigureRules:
        """Write them all. ConflictError if somebody else has since ``rules.version``. Needs figures.manage."""
        actor.require("figures.manage")
        _check(rules)
        async with self._database.transaction() as tx:
            before = await _stored(tx)
            if before.version != rules.version:
                raise ConflictError(N_("Somebody else has changed this meanwhile; look again."))
            after = msgspec.structs.replace(rules, version=before.version + 1)
            await tx.execute("DELETE FROM figure_rules WHERE id = ?", ROW)
            await tx.insert(figure_rules, [(ROW, msgspec.json.encode(after).decode(), after.version)])
            changed = changes(msgspec.to_builtins(before), msgspec.to_builtins(after))
            await self._audit.note(tx, actor, "changed", "figure-rules", ROW, changed)
        self.now = after
        return after


async def _stored(reader: Reader) -> FigureRules:
    row = await reader.one("SELECT body, version FROM figure_rules WHERE id = ?", ROW)
    return FigureRules() if row is None else msgspec.structs.replace(_decode(row[0]), version=int(row[1]))


def _check(rules: FigureRules) -> None:
    names = [one.queue for one in rules.queues]
    if len(set(names)) < len(names):
        raise InvalidError(N_("A queue stands there twice."))
    if len(names) > MOST_QUEUES:
        raise InvalidError(N_("There are too many of them."))
    if ANY_QUEUE not in names:
        raise InvalidError(N_("There has to be a rule for all other queues."))
    if any(ord(letter) < 32 for name in names for letter in name):
        raise InvalidError(N_("A queue's name is one line of text."))
    limits: tuple[Threshold, ...] = (rules.talk, rules.pause, *(one.wait for one in rules.queues))
    if any(one.warn > one.bad for one in limits):
        raise InvalidError(N_("What is bad has to be longer than what is a warning."))
