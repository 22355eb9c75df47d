"""The alerts that are open, and those that were: who took one, and when.

``look`` is called again and again with how things stand. What is open is written down, so it survives a restart.
Each alert is for the teams that it concerns, and for who may see every call. Neighbours: ``cti.live.alarms`` decides,
``concern`` says for whom, ``screenpop.alerts`` tells it, ``cti.app.alerts`` runs it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Sequence
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from crm_core.alerts.concern import HOUSE, Concern, concerns
from crm_core.alerts.model import alert as alert_table
from crm_core.alerts.rules import AlertsRules
from crm_core.users.reach import EVERYBODY, TeamReach
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError
from cti.kernel.ids import new_id
from cti.live.alarms import Alarms, Alert
from cti.live.readings import Now, readings

MOST_TOLD = 200

_alert = msgspec.json.Decoder(Alert).decode


class Alerts:
    """``changed`` is told each alert that was raised, taken, worse or cleared."""

    def __init__(self, database: Database, clock: Clock, rules: AlertsRules, reach: TeamReach, zone: ZoneInfo) -> None:
        self._database, self._clock, self._rules, self._reach, self._zone = database, clock, rules, reach, zone
        self._alarms = Alarms(new_id)
        self.changed: Callable[[Sequence[Alert]], None] = lambda _alerts: None
        self._unwritten: dict[str, Alert] = {}
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """The rules, and what was open when the product stopped."""
        await self._rules.load()
        async with self._database.read() as reader:
            rows = await reader.fetch("SELECT body FROM alert WHERE cleared_at IS NULL ORDER BY raised_at, id")
        self._alarms.load(_alert(row[0]) for row in rows)

    def open(self, actor: Actor) -> tuple[Alert, ...]:
        """Those that are open and concern him, oldest first. Needs live.view."""
        actor.require("live.view")
        return tuple(_shown(actor, alert) for alert in self.all_open() if concerns(actor, alert))

    def all_open(self) -> tuple[Alert, ...]:
        """All of them, for the product's own use."""
        return tuple(sorted(self._alarms.open, key=lambda alert: (alert.raised_at, alert.id)))

    async def history(self, actor: Actor, limit: int = 50) -> tuple[Alert, ...]:
        """The newest that concern him, open or over. Needs live.view or alerts.manage."""
        actor.require_any("live.view", "alerts.manage")
        newest = sa.select(alert_table.c.body).order_by(alert_table.c.raised_at.desc(), alert_table.c.id.desc())
        if not actor.may(EVERYBODY):
            teams = (alert_table.c.teams.contains(f" {team} ", autoescape=True) for team in actor.teams)
            newest = newest.where(sa.or_(alert_table.c.teams.is_(None), *teams))
        async with self._database.read() as reader:
            rows = await reader.core(newest.limit(max(1, min(limit, MOST_TOLD))))
        return tuple(_shown(actor, _alert(row[0])) for row in rows)

    async def take(self, actor: Actor, alert_id: str) -> Alert:
        """I see to it. NotFoundError: it is not open (any more). ForbiddenError: it concerns none of his teams.
        ConflictError: somebody else does. Needs live.act."""
        actor.require("live.act")
        found = next((one for one in self._alarms.open if one.id == alert_id), None)
        if found is None:
            raise NotFoundError(N_("This alert is over."))
        if not concerns(actor, found):
            raise ForbiddenError(N_("This alert is none of your teams'."))
        if found.taken_by and found.taken_by != actor.id:
            raise ConflictError(N_("%(name)s has taken this alert already."), name=found.taken_name)
        taken = msgspec.structs.replace(
            found, taken_by=actor.id, taken_name=actor.name, taken_at=found.taken_at or self._clock.now()
        )
        self._alarms.put(taken)
        self._unwritten[taken.id] = taken
        self.changed([taken])  # at once: while it is written it may be over
        await self.write()
        return _shown(actor, taken)

    def look(self, now: Now, unseen: Collection[str] = ()) -> list[Alert]:
        """How things stand now -> what changed by that, which is told; ``write`` keeps it."""
        local = dt.datetime.fromtimestamp(now.at, self._zone)
        rules = self._rules.now.rules
        changed = self._alarms.turn(now.at, local.hour * 60 + local.minute, rules, readings(rules, now), unseen)
        moved = self._concerned(now, unseen)
        told = [moved.get(alert.id, alert) for alert in changed]
        self._unwritten |= moved | {alert.id: alert for alert in told}
        if told:
            self.changed(told)
        return told

    def _concerned(self, now: Now, unseen: Collection[str]) -> dict[str, Alert]:
        """Those that concern others by now. Of a PBX that is not seen nobody knows."""
        concern, found = Concern(self._reach, now.calls), {}
        for alert in self._alarms.open:
            if alert.subject.pbx in unseen and alert.kind not in HOUSE:
                continue
            if (teams := concern.teams(alert)) != alert.teams:
                found[alert.id] = changed = msgspec.structs.replace(alert, teams=teams)
                self._alarms.put(changed)
        return found

    async def write(self) -> None:
        """Keep what changed; raises what the database raises, and it is then still to be kept."""
        async with self._writing:  # the turn of a second and somebody's click may meet
            waiting = dict(self._unwritten)
            if not waiting:
                return
            async with self._database.transaction() as tx:
                await tx.executemany("DELETE FROM alert WHERE id = ?", [(id_,) for id_ in waiting])
                await tx.insert(alert_table, [_row(one) for one in waiting.values()])
            self._unwritten = {id_: one for id_, one in self._unwritten.items() if waiting.get(id_) is not one}


def _row(alert: Alert) -> tuple[str, float, float | None, str, str | None]:
    teams = None if alert.teams is None else " ".join(("", *alert.teams, ""))
    return alert.id, alert.raised_at, alert.cleared_at, msgspec.json.encode(alert).decode(), teams


def _shown(actor: Actor, alert: Alert) -> Alert:
    """Without the caller's number, for who sees numbers masked."""
    if actor.may("numbers.view") or not alert.subject.number:
        return alert
    return msgspec.structs.replace(alert, subject=msgspec.structs.replace(alert.subject, number=""))
