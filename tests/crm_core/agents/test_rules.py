"""The reasons of pauses, and what rules of agents cannot be."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.agents.model import QueueWrap, Reason, Rules
from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

AGENT = Actor("u1", "Sara", permissions=frozenset({"desk.use"}))


async def test_a_reason_that_is_left_out_keeps_its_name(crm: Crm) -> None:
    rules = crm.agent_rules
    assert next(one.id for one in await rules.reasons(AGENT)) == "break"
    after = await rules.put(SYSTEM, Rules(reasons=(Reason(id="tea", en="Tea"),)))
    assert [one.id for one in await rules.reasons(AGENT)] == ["tea"]
    assert after.reason("lunch") is not None, "what happened for it still has its name"


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
