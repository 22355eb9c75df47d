"""API tokens: a program acts for a user, with some or all of what he may, until a day or until revoked.

Neighbours: ``access`` tells whom a token acts for, ``web.auth`` reads it from ``Authorization: Bearer``.
"""

from __future__ import annotations

import secrets

import msgspec

from crm_core.audit.service import Audit
from crm_core.users import store
from crm_core.users.access import Access, secret_hash
from crm_core.users.model import token as token_table
from crm_core.users.service import may_give
from crm_core.users.texts import name_of, storable
from cti.kernel.actor import PERMISSIONS, Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id

PREFIX = "tamas_"
"""So that whoever finds one in a file knows what it is."""
MOST_TOKENS = 100


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """``scopes`` None: all that the user may. ``expires_at`` None: never. ``used_at`` is exact to a minute."""

    id: str
    user_id: str
    name: str
    scopes: tuple[str, ...] | None
    made_at: float
    expires_at: float | None
    used_at: float | None


class MadeToken(msgspec.Struct, frozen=True):
    """``secret`` is told this once; what is kept does not give it back."""

    token: Token
    secret: str


class Tokens:
    def __init__(self, database: Database, clock: Clock, audit: Audit, access: Access) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access

    async def create(
        self,
        actor: Actor,
        name: str,
        *,
        scopes: tuple[str, ...] | None = None,
        expires_at: float | None = None,
        user_id: str | None = None,
    ) -> MadeToken:
        """A token for oneself, or for ``user_id`` by who manages users. It never may more than its user may at the
        time of use, nor more than the token that made it. InvalidError, ForbiddenError for ``scopes``."""
        owner = _owner(actor, user_id)
        name = name_of("name", name)
        kept = self._scopes(actor, owner, scopes)
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidError(N_("expires_at: this moment has passed."))
        secret, token_id = PREFIX + secrets.token_urlsafe(32), new_id(now)
        async with self._access.changing() as tx:
            if owner != actor.id:
                await may_give(tx, actor, (await store.user(tx, owner)).role)
            sql = "SELECT count(*) FROM token WHERE user_id = ? AND revoked_at IS NULL"
            if (row := await tx.one(sql, owner)) and row[0] >= MOST_TOKENS:
                raise ConflictError(N_("There are too many tokens already; revoke some."))
            values = (token_id, secret_hash(secret), owner, name, kept, now, expires_at, None, None)
            await tx.insert(token_table, [values])
            await self._audit.note(tx, actor, "created", "token", token_id, {"name": name, "user": owner})
        return MadeToken(_token((token_id, owner, name, kept, now, expires_at, None)), secret)

    async def all(self, actor: Actor, user_id: str | None = None) -> tuple[Token, ...]:
        """One's own that still are good, or a user's for who manages users; the newest first."""
        owner = _owner(actor, user_id)
        sql = (
            "SELECT id, user_id, name, scopes, made_at, expires_at, used_at FROM token WHERE user_id = ? "
            "AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY id DESC"
        )
        async with self._database.read() as reader:
            return tuple(map(_token, await reader.fetch(sql, storable(owner), self._clock.now())))

    async def revoke(self, actor: Actor, token_id: str) -> None:
        """From now on it opens nothing. NotFoundError."""
        actor.require()
        async with self._access.changing() as tx:
            sql = "SELECT user_id, name FROM token WHERE id = ? AND revoked_at IS NULL"
            row = await tx.one(sql, storable(token_id))
            if row is None or (row[0] != actor.id and not actor.may("users.manage")):
                raise NotFoundError(N_("There is no such token."))
            if row[0] != actor.id:
                await may_give(tx, actor, (await store.user(tx, row[0])).role)
            await tx.execute("UPDATE token SET revoked_at = ? WHERE id = ?", self._clock.now(), token_id)
            await self._audit.note(tx, actor, "deleted", "token", token_id, {"name": row[1], "user": row[0]})

    def _scopes(self, actor: Actor, owner: str, scopes: tuple[str, ...] | None) -> str:
        if scopes is None:  # a token that makes one cannot make more of itself
            return "*" if actor.kind != "token" else " ".join(sorted(actor.permissions))
        for name in scopes:
            if name not in PERMISSIONS:
                raise InvalidError(N_("There is no permission %(name)s."), name=name[:80])
        if owner == actor.id and not actor.permissions.issuperset(scopes):
            raise ForbiddenError(N_("A token cannot do more than you may."))
        if actor.kind == "token" and not actor.permissions.issuperset(scopes):
            raise ForbiddenError(N_("A token cannot do more than you may."))
        return " ".join(name for name in PERMISSIONS if name in scopes)


def _owner(actor: Actor, user_id: str | None) -> str:
    actor.require()
    if user_id is None or user_id == actor.id:
        actor.require("tokens.own")
        return actor.id
    actor.require("users.manage")
    return user_id


def _token(row: tuple[object, ...]) -> Token:
    id_, user_id, name, scopes, made_at, expires_at, used_at = row
    return msgspec.convert(
        {
            "id": id_,
            "user_id": user_id,
            "name": name,
            "scopes": None if scopes == "*" else tuple(str(scopes).split()),
            "made_at": made_at,
            "expires_at": expires_at,
            "used_at": used_at,
        },
        Token,
    )
