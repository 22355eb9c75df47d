"""Switching the second step on and off: offered, confirmed by a first code, given up again.

Neighbours: ``totp`` has the arithmetic, ``sessions`` asks for the codes, ``service`` has the rest of a user.
"""

from __future__ import annotations

import msgspec

from crm_core.audit.service import Audit
from crm_core.users import store, totp
from crm_core.users.access import Access, secret_hash
from crm_core.users.limits import Limits
from crm_core.users.model import user_recovery
from crm_core.users.passwords import Passwords
from crm_core.users.service import may_give
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, ConflictError, ForbiddenError, InvalidError


class Offer(msgspec.Struct, frozen=True):
    """What an authenticator app is told: the secret to type, or the URI as a QR code."""

    secret: str
    uri: str


class SecondStep:
    def __init__(
        self, database: Database, clock: Clock, audit: Audit, access: Access, passwords: Passwords, limits: Limits
    ) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access
        self._passwords, self._limits = passwords, limits

    async def offer(self, actor: Actor) -> Offer:
        """A new secret for one's own app; nothing changes until ``confirm``."""
        actor.require()
        secret = totp.new_secret()
        async with self._database.transaction() as tx:
            user = await store.user(tx, actor.id)
            if user.totp:
                raise ConflictError(N_("The second step is on already; switch it off first."))
            await tx.execute("UPDATE user_account SET totp_pending = ? WHERE id = ?", secret, user.id)
        return Offer(secret, totp.uri(secret, user.login))

    async def confirm(self, actor: Actor, code: str) -> tuple[str, ...]:
        """The app shows this code: from now on it is asked for. Answers the recovery codes, this once."""
        actor.require()
        async with self._access.changing() as tx:
            row = await tx.one("SELECT totp_pending FROM user_account WHERE id = ?", actor.id)
            if row is None or row[0] is None:
                raise ConflictError(N_("Begin anew: there is no second step to confirm."))
            step = totp.step_of(row[0], code, self._clock.now(), 0)
            if step is None:
                raise InvalidError(N_("code: not the one that the app shows now. Is the clock of the phone right?"))
            sql = "UPDATE user_account SET totp_secret = ?, totp_pending = NULL, totp_step = ? WHERE id = ?"
            await tx.execute(sql, row[0], step, actor.id)
            await self._audit.note(tx, actor, "changed", "user", actor.id, {"second_step": True})
            return await self._new_codes(tx, actor.id)

    async def renew_codes(self, actor: Actor, password: str) -> tuple[str, ...]:
        """New recovery codes; the old ones are void."""
        actor.require()
        await self._check(actor, password)
        async with self._access.changing() as tx:
            if not (await store.user(tx, actor.id)).totp:
                raise ConflictError(N_("The second step is off."))
            return await self._new_codes(tx, actor.id)

    async def drop(self, actor: Actor, password: str) -> None:
        """Switch one's own off."""
        actor.require()
        await self._check(actor, password)
        async with self._access.changing() as tx:
            await self._drop(tx, actor, actor.id)

    async def drop_of(self, actor: Actor, user_id: str) -> None:
        """Switch it off for somebody who lost his phone and his codes."""
        actor.require("users.manage")
        async with self._access.changing() as tx:
            user = await store.user(tx, user_id)
            await may_give(tx, actor, user.role)
            await self._drop(tx, actor, user_id)

    async def codes_left(self, actor: Actor) -> int:
        """How many recovery codes one still has."""
        actor.require()
        async with self._database.read() as reader:
            row = await reader.one("SELECT count(*) FROM user_recovery WHERE user_id = ?", actor.id)
        return int(row[0]) if row else 0

    async def _drop(self, tx: Transaction, actor: Actor, user_id: str) -> None:
        sql = "UPDATE user_account SET totp_secret = NULL, totp_pending = NULL WHERE id = ?"
        await tx.execute(sql, user_id)
        await tx.execute("DELETE FROM user_recovery WHERE user_id = ?", user_id)
        await self._audit.note(tx, actor, "changed", "user", user_id, {"second_step": False})

    async def _new_codes(self, tx: Transaction, user_id: str) -> tuple[str, ...]:
        codes = totp.recovery_codes()
        await tx.execute("DELETE FROM user_recovery WHERE user_id = ?", user_id)
        await tx.insert(user_recovery, [(user_id, secret_hash(totp.plain(code))) for code in codes])
        return codes

    async def _check(self, actor: Actor, password: str) -> None:
        async with self._database.read() as reader:
            row = await reader.one("SELECT login, password FROM user_account WHERE id = ?", actor.id)
        login, kept = row or ("", None)
        await self._limits.begin(login, actor.origin)
        if not await self._passwords.right(kept, password):
            raise ForbiddenError(N_("That is not your present password."))
        await self._limits.passed(login, actor.origin)
