"""``/api/v1/roles`` and ``/api/v1/teams``: what users may, and who belongs together."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crm_core.users.account import Item, Name, Role, Team
from web.api.operation import Asked, Operation
from web.api.schema import ref, whole_list

Permissions = Annotated[tuple[Item, ...], Meta(max_length=200)]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Users = Annotated[tuple[Item, ...], Meta(max_length=2000)]


class RoleMade(msgspec.Struct, forbid_unknown_fields=True):
    """A new role; ``permissions`` by their names."""

    title: Name
    permissions: Permissions = ()


class RoleChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays. ``version``: the one that was read; another one by now is answered with 409."""

    title: Name | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    version: Version | None = None


class TeamMade(msgspec.Struct, forbid_unknown_fields=True):
    """A new team."""

    name: Name


class TeamChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays. ``users``: the ids of all who shall be in it. ``version`` as of a role."""

    name: Name | UnsetType = UNSET
    users: Users | UnsetType = UNSET
    version: Version | None = None


async def _roles(asked: Asked) -> dict[str, Any]:
    return {"items": await asked.services.crm.roles.all(asked.actor), "next": None}


async def _role(asked: Asked) -> Role:
    return await asked.services.crm.roles.get(asked.actor, asked.place("id"))


async def _create_role(asked: Asked) -> Role:
    body = asked.body(RoleMade)
    return await asked.services.crm.roles.create(asked.actor, body.title, body.permissions)


async def _change_role(asked: Asked) -> Role:
    body = asked.body(RoleChange)
    return await asked.services.crm.roles.change(
        asked.actor,
        asked.place("id"),
        title=None if body.title is UNSET else body.title,
        permissions=None if body.permissions is UNSET else body.permissions,
        version=body.version,
    )


async def _delete_role(asked: Asked) -> None:
    await asked.services.crm.roles.delete(asked.actor, asked.place("id"))


async def _teams(asked: Asked) -> dict[str, Any]:
    return {"items": await asked.services.crm.teams.all(asked.actor), "next": None}


async def _team(asked: Asked) -> Team:
    return await asked.services.crm.teams.get(asked.actor, asked.place("id"))


async def _create_team(asked: Asked) -> Team:
    return await asked.services.crm.teams.create(asked.actor, asked.body(TeamMade).name)


async def _change_team(asked: Asked) -> Team:
    body = asked.body(TeamChange)
    return await asked.services.crm.teams.change(
        asked.actor,
        asked.place("id"),
        name=None if body.name is UNSET else body.name,
        users=None if body.users is UNSET else body.users,
        version=body.version,
    )


async def _delete_team(asked: Asked) -> None:
    await asked.services.crm.teams.delete(asked.actor, asked.place("id"))


ROLE, TEAM = "/api/v1/roles", "/api/v1/teams"
ROLE_ID, TEAM_ID = (("id", "The role's id"),), (("id", "The team's id"),)
ROLES: tuple[Operation, ...] = (
    Operation("GET", ROLE, "listRoles", "Every role with what it may", whole_list(ref(Role)), _roles),
    Operation("POST", ROLE, "createRole", "Make a role", ref(Role), _create_role, body=RoleMade,
              permission="roles.manage", problems=(400, 409), status=201),
    Operation("GET", f"{ROLE}/{{id}}", "getRole", "One role", ref(Role), _role, places=ROLE_ID, problems=(400, 404)),
    Operation("PATCH", f"{ROLE}/{{id}}", "changeRole", "Change a role; what it may holds at once", ref(Role),
              _change_role, body=RoleChange, permission="roles.manage", places=ROLE_ID, problems=(400, 404, 409)),
    Operation("DELETE", f"{ROLE}/{{id}}", "deleteRole", "Delete a role that nobody has",
              None, _delete_role, permission="roles.manage", places=ROLE_ID, problems=(400, 404, 409)),
)  # fmt: skip
TEAMS: tuple[Operation, ...] = (
    Operation("GET", TEAM, "listTeams", "Every team with who is in it", whole_list(ref(Team)), _teams),
    Operation("POST", TEAM, "createTeam", "Make a team", ref(Team), _create_team, body=TeamMade,
              permission="users.manage", problems=(400, 409), status=201),
    Operation("GET", f"{TEAM}/{{id}}", "getTeam", "One team", ref(Team), _team, places=TEAM_ID, problems=(400, 404)),
    Operation("PATCH", f"{TEAM}/{{id}}", "changeTeam", "Change a team", ref(Team),
              _change_team, body=TeamChange, permission="users.manage", places=TEAM_ID, problems=(400, 404, 409)),
    Operation("DELETE", f"{TEAM}/{{id}}", "deleteTeam", "Delete a team; who is in it stays",
              None, _delete_team, permission="users.manage", places=TEAM_ID, problems=(400, 404)),
)  # fmt: skip
