"""Signing in and out, and the sessions that come of it: listed, and ended one by one or all at once.

Neighbours: ``limits`` slows down who guesses, ``access`` tells who has a session, ``web.auth`` keeps it in a cookie.
"""

from __future__ import annotations

import secrets

import msgspec

from crm_core.audit.service import Audit
from crm_core.users import store, totp
from crm_core.users.access import IDLE_SECONDS, LIFE_SECONDS, Access, secret_hash
from crm_core.users.limits import Limits
from crm_core.users.model import session as session_table
from crm_core.users.passwords import Passwords
from crm_core.users.service import may_give, revoke_ways
from crm_core.users.texts import folded_login, storable
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, NotFoundError, UnauthenticatedError

CODE_SECONDS = 300.0
"""So long a right password waits for its code."""
KEPT_SECONDS = 30 * 86400.0
"""Sessions that have ended are kept so long, so that one sees where one was signed in."""
BROWSER_LENGTH = 300


class Visitor(msgspec.Struct, frozen=True):
    """Where a sign-in comes from: the network address, and what the browser calls itself."""

    origin: str = ""
    browser: str = ""


class Entered(msgspec.Struct, frozen=True):
    """Signed in: ``secret`` is for the cookie. While ``must_change`` a new password is all that is open."""

    secret: str
    user_id: str
    must_change: bool


class CodeNeeded(msgspec.Struct, frozen=True):
    """The password is right, the second step follows: ``ticket`` is for a cookie of its own."""

    ticket: str


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """``seen_at`` is exact to a minute. ``current``: it is the one that asks."""

    id: str
    made_at: float
    seen_at: float
    origin: str
    browser: str
    current: bool


class Sessions:
    def __init__(
        self, database: Database, clock: Clock, audit: Audit, access: Access, passwords: Passwords, limits: Limits
    ) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access
        self._passwords, self._limits = passwords, limits

    # --- coming in

    async def sign_in(self, visitor: Visitor, login: str, password: str) -> Entered | CodeNeeded:
        """Check a password. UnauthenticatedError (the same for a wrong login and a wrong password, after the same
        time), TooManyError."""
        login = folded_login(login)
        await self._limits.begin(login, visitor.origin)
        async with self._database.read() as reader:
            row = await reader.one(
                "SELECT id, password, must_change, totp_secret FROM user_account WHERE login = ? AND active", login
            )
        user_id, kept, must_change, totp_secret = row or ("", None, False, None)
        if not await self._passwords.right(kept, password):
            await self._refused(visitor, user_id)
            raise UnauthenticatedError(N_("The user name or the password is wrong."))
        if totp_secret is not None:
            async with self._database.transaction() as tx:
                return CodeNeeded(await self._put(tx, user_id, visitor, "code"))
        return await self._enter(login, user_id, bool(must_change), visitor)

    async def sign_in_code(self, visitor: Visitor, ticket: str, code: str) -> Entered:
        """The second step: a code of the app, or a recovery code. UnauthenticatedError, TooManyError."""
        async with self._database.read() as reader:
            row = await reader.one(
                "SELECT u.id, u.login, u.must_change FROM session s JOIN user_account u ON u.id = s.user_id "
                "WHERE s.id = ? AND s.step = 'code' AND s.made_at > ? AND u.active AND s.revoked_at IS NULL",
                secret_hash(ticket),
                self._clock.now() - CODE_SECONDS,
            )
        if row is None:
            raise UnauthenticatedError(N_("That took too long. Sign in with your password again."))
        user_id, login, must_change = row
        await self._limits.begin(login, visitor.origin)
        if not await self._take_code(user_id, code):
            await self._refused(visitor, user_id)
            raise UnauthenticatedError(N_("That code is wrong or was used already. Wait for the next one."))
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM session WHERE id = ?", secret_hash(ticket))
        return await self._enter(login, user_id, bool(must_change), visitor)

    async def open(self, user_id: str, visitor: Visitor = Visitor()) -> str:  # noqa: B008 (frozen)
        """A session for a user without asking for his password, for the product's own use; its secret."""
        async with self._database.transaction() as tx:
            return await self._put(tx, user_id, visitor, "in")

    async def _enter(self, login: str, user_id: str, must_change: bool, visitor: Visitor) -> Entered:
        await self._limits.passed(login, visitor.origin)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM session WHERE seen_at < ?", now - LIFE_SECONDS - KEPT_SECONDS)
            secret = await self._put(tx, user_id, visitor, "in")
            await tx.execute("UPDATE user_account SET signed_in_at = ? WHERE id = ?", now, user_id)
            user = await store.user(tx, user_id)
            actor = Actor(id=user_id, name=user.name, session=secret_hash(secret), origin=visitor.origin)
            await self._audit.note(tx, actor, "signed-in", "user", user_id, {"browser": storable(visitor.browser)})
        return Entered(secret, user_id, must_change)

    async def _put(self, tx: Transaction, user_id: str, visitor: Visitor, step: str) -> str:
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        origin, browser = storable(visitor.origin), storable(visitor.browser)[:BROWSER_LENGTH]
        row = (secret_hash(secret), user_id, step, now, now, origin, browser, None)
        await tx.insert(session_table, [row])
        return secret

    async def _take_code(self, user_id: str, code: str) -> bool:
        """True if ``code`` is right; it is then used up."""
        async with self._database.transaction() as tx:
            await tx.lock(store.ACCESS_LOCK)
            row = await tx.one("SELECT totp_secret, totp_step FROM user_account WHERE id = ?", user_id)
            if row is None or row[0] is None:
                return False
            step = totp.step_of(row[0], code, self._clock.now(), row[1])
            if step is not None:
                await tx.execute("UPDATE user_account SET totp_step = ? WHERE id = ?", step, user_id)
                return True
            sql = "DELETE FROM user_recovery WHERE user_id = ? AND code = ?"
            return await tx.execute(sql, user_id, secret_hash(totp.plain(code))) == 1

    async def _refused(self, visitor: Visitor, user_id: str) -> None:
        """The login that was typed is not kept: people type their passwords there."""
        nobody = msgspec.structs.replace(NOBODY, origin=visitor.origin)
        await self._audit.did(nobody, "refused", "user", user_id, {"browser": storable(visitor.browser)})

    # --- going, and ending others

    async def sign_out(self, actor: Actor) -> None:
        """End the session that asks."""
        actor.require()
        async with self._access.changing() as tx:
            await self._end(tx, actor, actor.session)
            await self._audit.note(tx, actor, "signed-out", "user", actor.id)

    async def all(self, actor: Actor, user_id: str | None = None) -> tuple[SessionInfo, ...]:
        """One's own sessions, or a user's for who manages users; the last seen first."""
        owner = _owner(actor, user_id)
        now = self._clock.now()
        sql = (
            "SELECT id, made_at, seen_at, origin, browser FROM session WHERE user_id = ? AND revoked_at IS NULL "
            "AND step = 'in' AND made_at > ? AND seen_at > ? ORDER BY seen_at DESC, id"
        )
        async with self._database.read() as reader:
            rows = await reader.fetch(sql, storable(owner), now - LIFE_SECONDS, now - IDLE_SECONDS)
        return tuple(
            SessionInfo(id=r[0], made_at=r[1], seen_at=r[2], origin=r[3], browser=r[4], current=r[0] == actor.session)
            for r in rows
        )

    async def revoke(self, actor: Actor, session_id: str) -> None:
        """End one of one's own, or anybody's for who manages users. NotFoundError."""
        actor.require()
        async with self._access.changing() as tx:
            row = await tx.one("SELECT user_id FROM session WHERE id = ?", storable(session_id))
            if row is None or (row[0] != actor.id and not actor.may("users.manage")):
                raise NotFoundError(N_("There is no such session."))
            await self._may_end(tx, actor, row[0])
            await self._end(tx, actor, session_id)
            await self._audit.note(tx, actor, "changed", "user", row[0], {"session_ended": True})

    async def revoke_all(self, actor: Actor, user_id: str | None = None) -> None:
        """End all of one's own but the one that asks, or all of a user's."""
        owner = _owner(actor, user_id)
        async with self._access.changing() as tx:
            await self._may_end(tx, actor, owner)
            await revoke_ways(tx, owner, self._clock.now(), keep=actor.session)
            await self._audit.note(tx, actor, "changed", "user", owner, {"sessions_ended": True})

    async def _end(self, tx: Transaction, actor: Actor, session_id: str) -> None:
        await tx.execute("UPDATE session SET revoked_at = ? WHERE id = ?", self._clock.now(), session_id)

    async def _may_end(self, reader: Reader, actor: Actor, owner: str) -> None:
        if owner != actor.id:
            await may_give(reader, actor, (await store.user(reader, owner)).role)


def _owner(actor: Actor, user_id: str | None) -> str:
    actor.require()
    if user_id is None or user_id == actor.id:
        return actor.id
    actor.require("users.manage")
    return user_id
