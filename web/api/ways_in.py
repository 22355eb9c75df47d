"""``/api/v1/sessions`` and ``/api/v1/tokens``: where I am signed in, and which programs act for me."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.users.account import Item, Name
from crm_core.users.sessions import SessionInfo
from crm_core.users.tokens import Token
from web.api.operation import Asked, Operation
from web.api.schema import TokenCreated, as_json, ref, whole_list

Moment = Annotated[dt.datetime, Meta(tz=True)]


class TokenMade(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new token. ``scopes``: the permissions that it has, null for all of mine. ``expires_at``: null for never."""

    name: Name
    scopes: Annotated[tuple[Item, ...], Meta(max_length=200)] | None = None
    expires_at: Moment | None = None


async def _sessions(asked: Asked) -> dict[str, Any]:
    found = await asked.services.crm.sessions.all(asked.actor)
    return {"items": [as_json(session) for session in found], "next": None}


async def _end_session(asked: Asked) -> None:
    await asked.services.crm.sessions.revoke(asked.actor, asked.place("id"))


async def _end_sessions(asked: Asked) -> None:
    await asked.services.crm.sessions.revoke_all(asked.actor)


async def _tokens(asked: Asked) -> dict[str, Any]:
    found = await asked.services.crm.tokens.all(asked.actor)
    return {"items": [as_json(token) for token in found], "next": None}


async def _create_token(asked: Asked) -> dict[str, Any]:
    body = asked.body(TokenMade)
    until = None if body.expires_at is None else body.expires_at.timestamp()
    made = await asked.services.crm.tokens.create(asked.actor, body.name, scopes=body.scopes, expires_at=until)
    return {"token": as_json(made.token), "secret": made.secret}


async def _revoke_token(asked: Asked) -> None:
    await asked.services.crm.tokens.revoke(asked.actor, asked.place("id"))


SESSION, TOKEN = "/api/v1/sessions", "/api/v1/tokens"
SESSIONS: tuple[Operation, ...] = (
    Operation("GET", SESSION, "listSessions", "Where I am signed in", whole_list(ref(SessionInfo)), _sessions),
    Operation("DELETE", SESSION, "endSessions", "Sign out everywhere else", None, _end_sessions, problems=(400, 404)),
    Operation("DELETE", f"{SESSION}/{{id}}", "endSession", "Sign out there",
              None, _end_session, places=(("id", "The session's id"),), problems=(400, 404)),
)  # fmt: skip
TOKENS: tuple[Operation, ...] = (
    Operation("GET", TOKEN, "listTokens", "My API tokens", whole_list(ref(Token)), _tokens, permission="tokens.own"),
    Operation("POST", TOKEN, "createToken", "Make an API token", ref(TokenCreated), _create_token, body=TokenMade,
              permission="tokens.own", problems=(400, 409), status=201),
    Operation("DELETE", f"{TOKEN}/{{id}}", "revokeToken", "Revoke a token", None, _revoke_token,
              places=(("id", "The token's id"),), problems=(400, 404)),
)  # fmt: skip
