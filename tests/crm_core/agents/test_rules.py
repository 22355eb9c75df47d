"""Rules are written whole, by who may, and never over somebody else's change."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.agents.model import QueueWrap, Reason, Rules
from crm_core.audit.service import AuditFilter
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

AGENT = Actor("u1", "Sara", permissions=frozenset({"desk.use"}))


async def test_written_read_and_noted(crm: Crm) -> None:
    rules = crm.agent_rules
    assert next(one.id for one in await rules.reasons(AGENT)) == "break"
    tea = Rules(reasons=(Reason(id="tea", en="Tea"),), missed_limit=2)
    after = await rules.put(SYSTEM, tea)
    assert (after.version, rules.now) == (1, after)
    assert [one.id for one in await rules.reasons(AGENT)] == ["tea"]
    assert after.reason("lunch") is not None, "what happened for it still has its name"
    with pytest.raises(ConflictError):
        await rules.put(SYSTEM, tea)
    page = await crm.audit.page(SYSTEM, AuditFilter(kind="agent-rules"))
    (entry,) = page.items
    assert entry.detail is not None
    assert "missed_limit" in entry.detail["changed"]


async def test_only_who_manages_them_writes(crm: Crm) -> None:
    with pytest.raises(ForbiddenError):
        await crm.agent_rules.put(AGENT, Rules())
    with pytest.raises(ForbiddenError):
        await crm.agent_rules.get(Actor("u2", "Omid"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"reasons": (Reason(id="wrap-up", en="x"),)},
        {"reasons": (Reason(id="a"),)},
        {"reasons": (Reason(id="a", en="x"), Reason(id="a", en="y"))},
        {"reasons": tuple(Reason(id=f"r{n}", en="x") for n in range(51))},
        {"reasons": (Reason(id="a", en="two\nlines"),)},
        {"wraps": (QueueWrap(queue="a"), QueueWrap(queue="a"))},
    ],
)
async def test_what_cannot_be(crm: Crm, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        await crm.agent_rules.put(SYSTEM, msgspec.structs.replace(Rules(), **wrong))
