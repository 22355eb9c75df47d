"""Rules of figures are written whole, by who may, and never over somebody else's change."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm_core.audit.service import AuditFilter
from crm_core.figures.rules import FiguresRules
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError
from cti.live.figures import FigureRules, QueueRule, Threshold
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

SUPERVISOR = Actor("u1", "Sara", permissions=frozenset({"live.view"}))
ALL, VIP = QueueRule(queue="*"), QueueRule(queue="vip", threshold_seconds=10.0, service_level="cisco_positive")


async def test_written_read_and_noted(crm: Crm) -> None:
    rules = crm.figure_rules
    assert await rules.get(SUPERVISOR) == FigureRules(), "the defaults, until somebody writes others"
    after = await rules.put(SYSTEM, FigureRules(queues=(VIP, ALL), occupancy="staffed", interval_minutes=15))
    assert (after.version, rules.now) == (1, after)
    with pytest.raises(ConflictError):
        await rules.put(SYSTEM, FigureRules())
    page = await crm.audit.page(SYSTEM, AuditFilter(kind="figure-rules"))
    assert page.items[0].detail is not None
    assert "occupancy" in page.items[0].detail["changed"]
    fresh = FiguresRules(crm.database, None, crm.audit)  # type: ignore[arg-type]
    await fresh.load()
    assert fresh.now == after
    assert fresh.now.queue("vip") == VIP


async def test_only_who_manages_them_writes(crm: Crm) -> None:
    with pytest.raises(ForbiddenError):
        await crm.figure_rules.put(SUPERVISOR, FigureRules())
    with pytest.raises(ForbiddenError):
        await crm.figure_rules.get(Actor("u2", "Omid"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"queues": (VIP,)},
        {"queues": (ALL, VIP, VIP)},
        {"queues": (ALL, QueueRule(queue="a\nb"))},
        {"queues": (ALL, *(QueueRule(queue=f"q{n}") for n in range(500)))},
        {"talk": Threshold(60.0, 30.0)},
        {"queues": (QueueRule(queue="*", wait=Threshold(60.0, 59.0)),)},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
async def test_what_cannot_be_is_refused(crm: Crm, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        await crm.figure_rules.put(SYSTEM, msgspec.structs.replace(FigureRules(), **wrong))
    assert (await crm.figure_rules.get(SYSTEM)).version == 0
