"""Teams: who belongs together; a supervisor sees the calls of his. Neighbour: ``service`` puts users into them."""

from __future__ import annotations

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.users.access import Access
from crm_core.users.account import Team
from crm_core.users.model import team as team_table
from crm_core.users.model import user_team
from crm_core.users.texts import name_of
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ConflictError, NotFoundError
from cti.kernel.ids import new_id

MOST_TEAMS = 1000


class Teams:
    def __init__(self, database: Database, clock: Clock, audit: Audit, access: Access) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access

    async def all(self, actor: Actor) -> tuple[Team, ...]:
        """Every team in order of names, with who is in it."""
        actor.require()
        async with self._database.read() as reader:
            return await _teams(reader)

    async def get(self, actor: Actor, team_id: str) -> Team:
        actor.require()
        async with self._database.read() as reader:
            return await _team(reader, team_id)

    async def create(self, actor: Actor, name: str) -> Team:
        actor.require("users.manage")
        name = name_of("name", name)
        async with self._access.changing() as tx:
            teams = await _teams(tx)
            if len(teams) >= MOST_TEAMS:
                raise ConflictError(N_("There are too many teams already."))
            _only_one(teams, "", name)
            team_id = new_id(self._clock.now())
            await tx.insert(team_table, [(team_id, name, self._clock.now(), 1)])
            await self._audit.note(tx, actor, "created", "team", team_id, {"name": name})
            return await _team(tx, team_id)

    async def change(
        self,
        actor: Actor,
        team_id: str,
        *,
        name: str | None = None,
        users: tuple[str, ...] | None = None,
        version: int | None = None,
    ) -> Team:
        """Rename it, or say anew who is in it. ConflictError: the name is taken, or it is another version by now."""
        actor.require("users.manage")
        async with self._access.changing() as tx:
            before = await _team(tx, team_id)
            if version is not None and version != before.version:
                raise ConflictError(N_("Somebody has changed this team meanwhile; look again."))
            if name is not None:
                name = name_of("name", name)
                _only_one(await _teams(tx), team_id, name)
                await tx.execute("UPDATE team SET name = ? WHERE id = ?", name, team_id)
            if users is not None:
                await _put_users(tx, team_id, users)
            return await self._changed(tx, actor, before)

    async def delete(self, actor: Actor, team_id: str) -> None:
        """Who is in it is in it no longer."""
        actor.require("users.manage")
        async with self._access.changing() as tx:
            team = await _team(tx, team_id)
            await tx.execute("DELETE FROM user_team WHERE team = ?", team_id)
            await tx.execute("DELETE FROM team WHERE id = ?", team_id)
            await self._audit.note(tx, actor, "deleted", "team", team_id, {"name": team.name, "users": team.users})

    async def _changed(self, tx: Transaction, actor: Actor, before: Team) -> Team:
        sql = "UPDATE team SET changed_at = ?, version = version + 1 WHERE id = ?"
        await tx.execute(sql, self._clock.now(), before.id)
        after = await _team(tx, before.id)
        old, new = ({"name": t.name, "users": t.users} for t in (before, after))
        if detail := changes(old, new):
            await self._audit.note(tx, actor, "changed", "team", before.id, detail)
        return after


async def _put_users(tx: Transaction, team_id: str, users: tuple[str, ...]) -> None:
    known = {row[0] for row in await tx.fetch_in("SELECT id FROM user_account WHERE id IN (?)", users)}
    if not known.issuperset(users):
        raise NotFoundError(N_("There is no such user."))
    await tx.execute("DELETE FROM user_team WHERE team = ?", team_id)
    await tx.insert(user_team, [(user_id, team_id) for user_id in dict.fromkeys(users)])


async def _teams(reader: Reader) -> tuple[Team, ...]:
    members: dict[str, list[str]] = {}
    for team_id, user_id in await reader.fetch("SELECT team, user_id FROM user_team"):
        members.setdefault(team_id, []).append(user_id)
    rows = await reader.fetch("SELECT id, name, version FROM team ORDER BY name, id")
    return tuple(
        Team(id=id_, name=name, users=tuple(sorted(members.get(id_, ()))), version=version)
        for id_, name, version in rows
    )


async def _team(reader: Reader, team_id: str) -> Team:
    found = next((team for team in await _teams(reader) if team.id == team_id), None)
    if found is None:
        raise NotFoundError(N_("There is no such team."))
    return found


def _only_one(teams: tuple[Team, ...], but: str, name: str) -> None:
    if any(team.name.casefold() == name.casefold() for team in teams if team.id != but):
        raise ConflictError(N_("Another one has the name %(name)s already."), name=name)
