"""The figures of a period for who may see them: of the queues and agents that he reaches.

Neighbours: ``days`` has what each day came to, ``cti.live.period`` counts; who is in whose team is told from outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from call_log.days import Days
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ForbiddenError, InvalidError
from cti.live.figures import FigureRules, Minutes
from cti.live.intervals import day_bounds, days
from cti.live.period import Asked, Period
from cti.live.today import FiguresToday

LONGEST_DAYS = 31
FURTHEST_SECONDS = 366 * 86_400.0
COLLEAGUES = ("calls.view_team", "calls.view_all")


class Reach(Protocol):
    def users(self, actor: Actor) -> frozenset[str] | None: ...

    def queues(self, actor: Actor) -> frozenset[str] | None: ...


class FigureReports:
    """``today``: the day so far."""

    def __init__(
        self, days: Days, today: FiguresToday, rules: Callable[[], FigureRules], reach: Reach, zone: ZoneInfo,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._days, self._rules, self._reach = days, rules, reach
        self._zone, self._clock = zone, clock
        self.today = today

    async def period(
        self,
        actor: Actor,
        start: float | None = None,
        end: float | None = None,
        *,
        minutes: Minutes | None = None,
        queue: str = "",
        agent: str = "",
    ) -> dict[str, Any]:
        """The figures of [start, end) by interval, in epoch seconds; today, where they are left out.

        ``queue`` (a name) or ``agent`` (a user's id) narrows them. Other agents than oneself are told to who may see
        the calls of his teams, or all.

        Needs live.view. InvalidError: an end before the start, or more than 31 days. ForbiddenError: a queue or an
        agent of somebody else's teams.
        """
        actor.require("live.view")
        midnight, next_midnight = day_bounds(self._clock.now(), self._zone)
        start, end = midnight if start is None else start, next_midnight if end is None else end
        if not start < end:
            raise InvalidError(N_("The period ends before it begins."))
        if start < 0 or end > self._clock.now() + FURTHEST_SECONDS:
            raise InvalidError(N_("There are no figures of that time."))
        if end - start > (LONGEST_DAYS * 24 + 1) * 3600.0:
            raise InvalidError(N_("Figures are told for at most 31 days at once."))
        asked = Asked(
            start=start,
            end=end,
            minutes=minutes or self._rules().interval_minutes,
            queues=_narrowed(self._reach.queues(actor), queue, N_("This queue is none of your teams'.")),
            users=_narrowed(self._users(actor), agent, N_("This is nobody of your teams.")),
            each=agent,
        )
        return await self._count(asked)

    async def _count(self, asked: Asked) -> dict[str, Any]:
        now = self._clock.now()
        period = Period(asked, self._rules(), self._zone, now)
        for start, end in days(asked.start, asked.end, self._zone):
            if start <= now:
                part = await self._days.of(start, end, asked)
                await asyncio.to_thread(period.add, part)
        return await asyncio.to_thread(period.told)

    def _users(self, actor: Actor) -> frozenset[str] | None:
        if not any(map(actor.may, COLLEAGUES)):
            return frozenset({actor.id})
        return self._reach.users(actor)


def _narrowed(reached: frozenset[str] | None, one: str, refusal: str) -> frozenset[str] | None:
    if not one:
        return reached
    if reached is not None and one not in reached:
        raise ForbiddenError(refusal)
    return frozenset({one})
