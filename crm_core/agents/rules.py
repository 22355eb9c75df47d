"""The reasons of pauses, and the rules of wrap-up and of missed calls, as an administrator has them.

Neighbours: ``model`` says what they are, ``service`` goes by them, ``web.pages.pauses`` shows them.
"""

from __future__ import annotations

import logging

import msgspec

from crm_core.agents import store
from crm_core.agents.model import MOST_QUEUES, MOST_REASONS, OURS, Reason, Rules
from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.errors import N_, ConflictError, InvalidError

log = logging.getLogger(__name__)


class AgentRules:
    """``now`` is what holds; ``load`` reads it at the start."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self.now = Rules()

    async def load(self) -> None:
        async with self._database.read() as reader:
            self.now = await store.rules(reader)

    async def get(self, actor: Actor) -> Rules:
        """All rules. Needs desk.use or results.manage."""
        actor.require_any("desk.use", "results.manage")
        await self.load()
        return self.now

    async def reasons(self, actor: Actor) -> tuple[Reason, ...]:
        """The reasons that can be chosen. Needs desk.use or results.manage."""
        return tuple(one for one in (await self.get(actor)).reasons if one.active)

    async def put(self, actor: Actor, rules: Rules) -> Rules:
        """Write them all. ConflictError if somebody else has since ``rules.version``. Needs results.manage."""
        actor.require("results.manage")
        _check(rules)
        async with self._database.transaction() as tx:
            before = await store.rules(tx)
            if before.version != rules.version:
                raise ConflictError(N_("Somebody else has changed this meanwhile; look again."))
            after = msgspec.structs.replace(
                rules, reasons=_kept(before.reasons, rules.reasons), version=before.version + 1
            )
            await store.write_rules(tx, after)
            changed = changes(msgspec.to_builtins(before), msgspec.to_builtins(after))
            await self._audit.note(tx, actor, "changed", "agent-rules", store.ROW, changed)
        self.now = after
        return after


def _kept(before: tuple[Reason, ...], after: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """A reason that was left out goes out of use: what happened for it still has its name."""
    ids = {one.id for one in after}
    return after + tuple(msgspec.structs.replace(one, active=False) for one in before if one.id not in ids)


def _check(rules: Rules) -> None:
    ids = [one.id for one in rules.reasons]
    if len(set(ids)) < len(ids) or {one.id for one in OURS} & set(ids):
        raise InvalidError(N_("Two reasons have the same name for files and the API."))
    if len(ids) > MOST_REASONS or len(rules.wraps) > MOST_QUEUES:
        raise InvalidError(N_("There are too many of them."))
    if any(not (one.fa.strip() or one.en.strip()) for one in rules.reasons):
        raise InvalidError(N_("Give each reason a name, in one language at least."))
    if any(ord(letter) < 32 for one in rules.reasons for letter in one.fa + one.en):
        raise InvalidError(N_("A reason's name is one line of text."))
    queues = [one.queue for one in rules.wraps]
    if len(set(queues)) < len(queues):
        raise InvalidError(N_("A queue stands there twice."))
