"""Rules of all kinds are written whole, by who may, noted, and never over somebody else's change."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from crm_core.agents.model import Rules
from crm_core.alerts.rules import AlertRules
from crm_core.audit.service import AuditFilter
from crm_core.rules import RuleStore
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError
from cti.live.figures import FigureRules
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

NOBODY_SPECIAL = Actor("u2", "Omid")


@dataclass(frozen=True)
class Kind:
    """``other``: what differs from the ``first``, in one ``field``."""

    store: str
    first: Any
    other: Any
    field: str
    noted: str
    sees: str

    def of(self, crm: Crm) -> RuleStore[Any]:
        found: RuleStore[Any] = getattr(crm, self.store)
        return found


KINDS = [
    Kind("agent_rules", Rules(), Rules(missed_limit=7), "missed_limit", "agent-rules", "desk.use"),
    Kind("figure_rules", FigureRules(), FigureRules(occupancy="staffed"), "occupancy", "figure-rules", "live.view"),
    Kind("alert_rules", AlertRules(), AlertRules(rules=()), "rules", "alert-rules", "live.view"),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.store)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


async def test_written_read_and_noted(crm: Crm, kind: Kind) -> None:
    rules, watcher = kind.of(crm), Actor("u1", "Sara", permissions=frozenset({kind.sees}))
    assert await rules.get(watcher) == kind.first, "until somebody writes others"
    after = await rules.put(SYSTEM, kind.other)
    assert (after.version, rules.now, await rules.get(watcher)) == (1, after, after)
    assert getattr(after, kind.field) == getattr(kind.other, kind.field)
    (entry,) = (await crm.audit.page(SYSTEM, AuditFilter(kind=kind.noted))).items
    assert entry.detail is not None
    assert set(entry.detail["changed"]) == {kind.field, "version"}
    fresh = type(rules)(crm.database, crm.audit)
    await fresh.load()
    assert fresh.now == after


async def test_only_who_may(crm: Crm, kind: Kind) -> None:
    rules, watcher = kind.of(crm), Actor("u1", "Sara", permissions=frozenset({kind.sees}))
    for refused in (rules.put(watcher, kind.other), rules.get(NOBODY_SPECIAL), rules.put(NOBODY_SPECIAL, kind.other)):
        with pytest.raises(ForbiddenError):
            await refused
    assert await rules.get(SYSTEM) == kind.first


async def test_somebody_elses_change_is_not_written_over(crm: Crm, kind: Kind) -> None:
    rules = kind.of(crm)
    for version in (0, 1):
        sent = [rules.put(SYSTEM, msgspec.structs.replace(kind.other, version=version)) for _ in range(4)]
        ended = await asyncio.gather(*sent, return_exceptions=True)
        assert [type(one) for one in ended if one != rules.now] == [ConflictError] * 3, ended
    with pytest.raises(ConflictError):
        await rules.put(SYSTEM, kind.first)
    assert len((await crm.audit.page(SYSTEM, AuditFilter(kind=kind.noted))).items) == 2
