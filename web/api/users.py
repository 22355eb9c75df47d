"""``/api/v1/users``: who works here, for who manages users; and ``/users/me``, oneself."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.users.account import LOGIN_LENGTH, Item, Name, OwnDraft, User, UserDraft
from crm_core.users.roster import RosterFilter
from web.api.operation import Asked, Operation
from web.api.schema import OneTimePassword, UserCreated, as_json, page_of, ref

Password = Annotated[str, Meta(min_length=1, max_length=1000)]
Text = Annotated[str, Meta(max_length=200)]
Cursor = Annotated[str, Meta(max_length=2000, pattern="^[A-Za-z0-9_-]*$", description="`next` of the page before")]
MANAGE = "users.manage"
ID = (("id", "The user's id"),)


class UserQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All filters narrow together."""

    text: Annotated[str, Meta(max_length=100, description="Part of a name, login or extension")] | None = None
    role: Annotated[str, Meta(max_length=40, description="A role's id")] | None = None
    team: Annotated[str, Meta(max_length=40, description="A team's id")] | None = None
    active: Annotated[bool, Meta(description="May sign in")] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Cursor | None = None


class UserMade(UserDraft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user. Without ``password`` a one-time one is made and answered; either is changed at the first sign-in."""

    login: Annotated[str, Meta(min_length=1, max_length=LOGIN_LENGTH)]
    name: Name
    role: Item
    password: Password | None = None


class UserChange(UserDraft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is left out stays. ``version``: the one that was read; if it is no longer the
    present one, nothing is changed and the answer is 409."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class PasswordSet(msgspec.Struct, forbid_unknown_fields=True):
    """Without ``password`` a one-time one is made and answered."""

    password: Password | None = None


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """One's own password."""

    old: Password
    new: Password


def _draft(body: UserDraft) -> UserDraft:
    return UserDraft(**{name: getattr(body, name) for name in UserDraft.__struct_fields__})


async def _list(asked: Asked) -> dict[str, Any]:
    query: UserQuery = asked.query
    wanted = RosterFilter(text=query.text, role=query.role, team=query.team, active=query.active)
    page = await asked.services.crm.roster.page(asked.actor, wanted, query.cursor, query.limit)
    return {"items": [as_json(listed.user) for listed in page.items], "next": page.next}


async def _one(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.users.get(asked.actor, asked.place("id")))


async def _create(asked: Asked) -> dict[str, Any]:
    body = asked.body(UserMade)
    made = await asked.services.crm.users.create(asked.actor, _draft(body), body.password)
    return {"user": as_json(made.user), "one_time": made.one_time}


async def _change(asked: Asked) -> dict[str, Any]:
    body = asked.body(UserChange)
    return as_json(await asked.services.crm.users.change(asked.actor, asked.place("id"), _draft(body), body.version))


async def _activate(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.users.switch(asked.actor, asked.place("id"), active=True))


async def _deactivate(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.users.switch(asked.actor, asked.place("id"), active=False))


async def _password(asked: Asked) -> OneTimePassword:
    chosen = asked.body(PasswordSet).password
    return OneTimePassword(await asked.services.crm.users.set_password(asked.actor, asked.place("id"), chosen))


async def _sign_out(asked: Asked) -> None:
    await asked.services.crm.sessions.revoke_all(asked.actor, asked.place("id"))


async def _me(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.users.get(asked.actor, asked.actor.id))


async def _change_me(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.users.prefer(asked.actor, asked.body(OwnDraft)))


async def _change_password(asked: Asked) -> None:
    body = asked.body(PasswordChange)
    await asked.services.crm.users.change_password(asked.actor, body.old, body.new)


PATH = "/api/v1/users"
USERS: tuple[Operation, ...] = (
    Operation("GET", PATH, "listUsers", "Users in the order of the alphabet",
              page_of(ref(User)), _list, query=UserQuery, permission=MANAGE),
    Operation("POST", PATH, "createUser", "Make a user", ref(UserCreated), _create, body=UserMade,
              permission=MANAGE, problems=(400, 404, 409), status=201),
    Operation("GET", f"{PATH}/me", "getMe", "Who I am", ref(User), _me, problems=(400, 404)),
    Operation("PATCH", f"{PATH}/me", "changeMe", "Change my name and preferences",
              ref(User), _change_me, body=OwnDraft, problems=(400, 404, 409)),
    Operation("POST", f"{PATH}/me/password", "changeMyPassword", "Change my password; my other sessions end",
              None, _change_password, body=PasswordChange, problems=(400, 404)),
    Operation("GET", f"{PATH}/{{id}}", "getUser", "One user",
              ref(User), _one, permission=MANAGE, places=ID, problems=(400, 404)),
    Operation("PATCH", f"{PATH}/{{id}}", "changeUser", "Change a user; what it changes holds at once", ref(User),
              _change, body=UserChange, permission=MANAGE, places=ID, problems=(400, 404, 409)),
    Operation("POST", f"{PATH}/{{id}}/deactivate", "deactivateUser", "Let a user in no longer; what he did stays",
              ref(User), _deactivate, permission=MANAGE, places=ID, problems=(400, 404, 409)),
    Operation("POST", f"{PATH}/{{id}}/activate", "activateUser", "Let a user in again",
              ref(User), _activate, permission=MANAGE, places=ID, problems=(400, 404, 409)),
    Operation("POST", f"{PATH}/{{id}}/password", "setPassword", "Give a user a password that he has to change",
              ref(OneTimePassword), _password, body=PasswordSet, permission=MANAGE, places=ID, problems=(400, 404)),
    Operation("POST", f"{PATH}/{{id}}/sign-out", "signOutUser", "End all sessions of a user",
              None, _sign_out, permission=MANAGE, places=ID, problems=(400, 404)),
)  # fmt: skip
