"""Figures for who may see them: his teams' queues and agents, and no period that has no end."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from call_log.days import Days
from call_log.facts import Facts
from call_log.figures import FigureReports
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError, InvalidError, UnauthenticatedError
from cti.live.figures import FigureRules
from cti.live.shifts import Shift, shifts_of
from cti.live.today import FiguresToday
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B

TEHRAN = ZoneInfo("Asia/Tehran")
TEAM = Actor("lead", "Omid", permissions=frozenset({"live.view", "calls.view_team"}))
AGENT = Actor(A, "Sara", permissions=frozenset({"live.view"}))


class OfSupport:
    """Everybody's team is Sara, Babak and the queue support."""

    def users(self, _actor: Actor) -> frozenset[str] | None:
        return frozenset({A, B})

    def queues(self, _actor: Actor) -> frozenset[str] | None:
        return frozenset({"support"})


@pytest.fixture
async def figures(database: Database, store: CallStore) -> FigureReports:
    await store.save([Entry(r, r.ended_at or 0.0, people=day.people(r)) for r in day.records()])

    async def shifts(_start: float, end: float) -> Mapping[str, Shift]:
        return shifts_of(one for one in day.noted() if one.at < end)

    clock = ManualClock(day.NEXT - 1.0)
    today = FiguresToday(TEHRAN, clock.now, FigureRules)
    days = Days(database, Facts(database), shifts, TEHRAN, clock)
    return FigureReports(days, today, FigureRules, OfSupport(), TEHRAN, clock)


async def test_a_supervisor_sees_his_teams(figures: FigureReports) -> None:
    told = await figures.period(TEAM, day.DAY, day.NEXT)
    assert (told["interval_minutes"], len(told["intervals"])) == (30, 48)
    assert [one["queue"] for one in told["queues"]] == ["support"]
    assert [one["agent"] for one in told["agents"]] == [A, B]
    assert told["total"] == day.SUPPORT
    with pytest.raises(ForbiddenError):
        await figures.period(TEAM, day.DAY, day.NEXT, queue="sales")
    with pytest.raises(ForbiddenError):
        await figures.period(TEAM, day.DAY, day.NEXT, agent="user-c")


async def test_an_agent_sees_himself(figures: FigureReports) -> None:
    told = await figures.period(AGENT, agent=A, minutes=60)
    assert (told["from"], told["to"]) == (day.DAY, day.NEXT), "today, where nothing is said"
    assert told["agents"] == [{"agent": A, **day.OF_A}]
    assert len((await figures.period(AGENT))["agents"]) == 1
    with pytest.raises(ForbiddenError):
        await figures.period(AGENT, agent=B)


async def test_what_cannot_be_asked(figures: FigureReports) -> None:
    with pytest.raises(UnauthenticatedError):
        await figures.period(NOBODY)
    with pytest.raises(ForbiddenError):
        await figures.period(Actor("u", "Nobody's"))
    with pytest.raises(InvalidError):
        await figures.period(TEAM, day.NEXT, day.DAY)
    with pytest.raises(InvalidError):
        await figures.period(TEAM, day.DAY, day.DAY + 32 * 86_400.0)
    told = await figures.period(TEAM, day.DAY - 31 * 86_400.0, day.DAY, minutes=15)
    assert len(told["intervals"]) == 31 * 96
