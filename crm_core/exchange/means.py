"""What work on imports is done with, and in whose name.

Neighbours: ``service`` makes it; ``checking``, ``running`` and ``reverting`` work with it.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from crm_core.audit.service import Audit
from crm_core.contacts.service import Contacts
from crm_core.exchange import store
from crm_core.exchange.colleagues import teams_by_name, users_by_name
from crm_core.exchange.convert import Plan
from crm_core.exchange.events import ImportMoved
from crm_core.exchange.frames import Order
from crm_core.exchange.model import Import, Policy, State
from crm_core.exchange.process import Beat
from crm_core.exchange.rows import Choices, Limits
from crm_core.fields.model import FieldDef
from crm_core.notes.service import Notes
from crm_core.timeline.service import Timeline
from crm_core.users.service import Users
from crm_core.users.teams import Teams
from cti.kernel.actor import PERMISSIONS, Actor, system
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.ids import new_id

_ASKING = system("import")
TELL_SECONDS = 1.0
"""How often it is told at most how far an import is: somebody looks at it, and pages are made anew for it."""


class TakenAwayError(Exception):
    """The import was paused, cancelled or taken over by another process: nothing of the batch was written."""


def _runner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{new_id(0.0)[-8:]}"


@dataclass
class Means:
    """``runner``: this process, as it writes itself into what it works on. ``folder``: where uploaded files are."""

    database: Database
    clock: Clock
    audit: Audit
    contacts: Contacts
    timeline: Timeline
    notes: Notes
    users: Users
    teams: Teams
    folder: Path
    region: str = "IR"
    area_code: str = ""
    limits: Limits = field(default_factory=Limits)
    runner: str = field(default_factory=_runner)
    _told: float = float("-inf")

    def path(self, one: Import) -> Path:
        return self.folder / one.file

    async def fields(self) -> tuple[FieldDef, ...]:
        """The custom fields that are in use."""
        return tuple(one for some in (await self.contacts.defined()).values() for one in some if one.active)

    async def plan(self, mapping: tuple[str, ...], policy: Policy) -> Plan:
        return Plan(
            mapping=mapping,
            kind=policy.kind,
            fields=await self.fields(),
            region=self.region,
            area_code=policy.area_code or self.area_code,
            tags=policy.tags,
            source=policy.source,
            on_fault=policy.on_fault,
            match_by=policy.match_by,
            users=users_by_name(await self.users.directory(_ASKING)) if "owner" in mapping else {},
            teams=teams_by_name(await self.teams.all(_ASKING)) if "team" in mapping else {},
        )

    async def names(self) -> dict[str, str]:
        """Of users and teams, by id."""
        users, teams = await self.users.directory(_ASKING), await self.teams.all(_ASKING)
        return {one.id: one.name for one in users} | {one.id: one.name for one in teams}

    async def order(self, one: Import, *, profile: bool = False) -> Order:
        """To read the rows that are still to be dealt with, or (``profile``) all of them."""
        return Order(
            task="profile" if profile else "read",
            path=str(self.path(one)),
            choices=one.looked.choices if one.looked is not None else Choices(),
            limits=self.limits,
            plan=await self.plan(one.mapping, one.policy),
            after=0 if profile else one.position,
        )

    def beat(self, one: Import, state: State) -> Beat:
        """Says that this process still works on it."""

        async def say() -> None:
            async with self.database.transaction() as tx:
                await self.hold(tx, one, state)

        return say

    def moved(self, tx: Transaction, one: Import) -> None:
        """Tell that it is in another state."""
        self._told = self.clock.monotonic()
        tx.publish(ImportMoved(one.id, one.actor))

    def further(self, tx: Transaction, one: Import) -> None:
        """Tell that it is further, unless that was just told."""
        if self.clock.monotonic() >= self._told + TELL_SECONDS:
            self.moved(tx, one)

    async def hold(self, tx: Transaction, one: Import, state: State) -> None:
        """Raises ``TakenAwayError`` unless the import is in ``state`` and this process's."""
        if not await store.still(tx, one.id, state, self.runner, self.clock.now()):
            raise TakenAwayError


def actor_of(one: Import) -> Actor:
    """In whose name an import is done."""
    if not one.actor:
        return Actor(id="", name=one.actor_name, kind="system", permissions=frozenset(PERMISSIONS))
    return Actor(id=one.actor, name=one.actor_name, origin=one.origin)
