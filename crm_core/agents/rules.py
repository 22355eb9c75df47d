"""The reasons of pauses, and the rules of wrap-up and of missed calls, as an administrator has them.

Neighbours: ``model`` says what they are, ``service`` goes by them, ``web.pages.pauses`` shows them.
"""

from __future__ import annotations

import msgspec

from crm_core.agents.model import MOST_QUEUES, MOST_REASONS, OURS, Reason, Rules, agent_rules
from crm_core.rules import RuleStore
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, InvalidError


class AgentRules(RuleStore[Rules]):
    """Seen with desk.use or results.manage, written with results.manage."""

    table, row, first = agent_rules, "agents", Rules()
    view, manage = ("desk.use", "results.manage"), "results.manage"

    async def reasons(self, actor: Actor) -> tuple[Reason, ...]:
        """The reasons that can be chosen. Needs desk.use or results.manage."""
        return tuple(one for one in (await self.get(actor)).reasons if one.active)

    def kept(self, before: Rules, after: Rules) -> Rules:
        """A reason that was left out goes out of use: what happened for it still has its name."""
        ids = {one.id for one in after.reasons}
        left = [msgspec.structs.replace(one, active=False) for one in before.reasons if one.id not in ids]
        return msgspec.structs.replace(after, reasons=(*after.reasons, *left))

    def check(self, rules: Rules) -> None:
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
