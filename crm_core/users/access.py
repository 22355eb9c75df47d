"""Who stands behind a cookie or a token, told on every request: remembered briefly, forgotten as soon as it changes.

Whatever changes somebody's rights or ways in runs in ``changing``, which counts up one number in the database. This
process forgets at once, another one (a command beside a running product) is noticed within ``LOOK_SECONDS``.
Neighbours: ``sessions`` and ``tokens`` make what is looked up here; ``web.auth`` asks.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from crm_core.users import seats, store
from crm_core.users.account import User
from crm_core.users.model import user_account
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction, left_for_later, transient
from cti.kernel.errors import DatabaseUnavailableError

LOOK_SECONDS = 1.0
"""How long a revocation by another process may go unnoticed."""
IDLE_SECONDS = 12 * 3600.0
"""A session that nothing was asked in for so long has ended."""
LIFE_SECONDS = 30 * 86400.0
"""So long after signing in one has to sign in again."""
SEEN_SECONDS = 60.0
"""How exactly "last seen" is kept: a write for each request would cost more than it tells."""
FLUSH_SECONDS = 5.0
TRUST_SECONDS = 300.0
"""While the database is away, who is known to be signed in stays so for so long: the live page goes on."""
MOST_KNOWN = 20_000

log = logging.getLogger(__name__)


class Signed(msgspec.Struct, frozen=True):
    """Who is signed in. ``ends_at``: epoch seconds, None for never. While ``must_change`` he may do nothing but choose
    a password: ``actor`` has no permissions."""

    actor: Actor
    user: User
    must_change: bool
    made_at: float
    ends_at: float | None


class _Known:
    __slots__ = ("seen_at", "signed")

    def __init__(self, signed: Signed, seen_at: float) -> None:
        self.signed, self.seen_at = signed, seen_at


def secret_hash(secret: str) -> str:
    """What is kept of a cookie or token. They are long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class Access:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._known: dict[str, _Known] = {}
        self._generation = 0
        self._looked = self._confirmed = float("-inf")
        self._seen: dict[tuple[str, str], float] = {}
        self._looking = asyncio.Lock()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[Transaction]:
        """A transaction that changes who may do what: one at a time, and every process hears of it."""
        async with self._database.transaction() as tx:
            await tx.lock(store.ACCESS_LOCK)
            yield tx
            await tx.execute("UPDATE access_state SET generation = generation + 1")
        self.forget()

    def forget(self) -> None:
        """Everybody is looked up anew."""
        self._known.clear()

    async def of_session(self, secret: str, origin: str = "", *, seen: bool = True) -> Signed | None:
        """Who has this cookie, None if it is none, has ended or was revoked. ``seen``: this is something he does."""
        return await self._of("session", secret_hash(secret), origin, seen)

    async def of_token(self, secret: str, origin: str = "", *, seen: bool = True) -> Signed | None:
        """Whom this token acts for, with what it may; None as above."""
        return await self._of("token", secret_hash(secret), origin, seen)

    async def _of(self, kind: str, key: str, origin: str, seen: bool) -> Signed | None:
        try:
            await self._look()
            known = self._known.get(key) or await self._load(kind, key)
        except Exception as error:
            if not transient(error):
                raise
            raise DatabaseUnavailableError(f"the database cannot be used: {error}") from error
        if known is None or self._ended(kind, known):
            return None
        if seen and self._clock.now() - known.seen_at >= SEEN_SECONDS:
            known.seen_at = self._seen[kind, key] = self._clock.now()
        signed = known.signed
        return msgspec.structs.replace(signed, actor=msgspec.structs.replace(signed.actor, origin=origin))

    def _ended(self, kind: str, known: _Known) -> bool:
        now = self._clock.now()
        if known.signed.ends_at is not None and now >= known.signed.ends_at:
            return True
        return kind == "session" and now - known.seen_at >= IDLE_SECONDS

    async def _look(self) -> None:
        """Has another process changed something?"""
        now = self._clock.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        async with self._looking:
            if now - self._looked < LOOK_SECONDS:
                return
            self._looked = now  # also if it fails: not every request shall wait for a database that is down
            try:
                async with self._database.read() as reader:
                    row = await reader.one("SELECT generation FROM access_state")
            except Exception as error:
                if not transient(error) or now - self._confirmed > TRUST_SECONDS:
                    raise
                log.warning("the database is away; who is signed in stays so for now: %s", error)
                return
            self._confirmed = now
            if row is not None and row[0] != self._generation:
                self._generation = row[0]
                self.forget()

    async def _load(self, kind: str, key: str) -> _Known | None:
        async with self._database.read() as reader:
            row = await reader.one(_SQL[kind], key)
            if row is None:
                return None
            found = await store.users(reader, user_account.c.id == row[1], user_account.c.active)
            if not found:
                return None
            text = await reader.one("SELECT permissions FROM role WHERE id = ?", found[0].role)
            now = self._clock.now()
            at = await seats.at(reader, found[0], now - IDLE_SECONDS, now - LIFE_SECONDS)
        known = _known(kind, row, found[0], store.permissions_of(text[0]) if text else frozenset(), at)
        if len(self._known) >= MOST_KNOWN:
            self.forget()
        self._known[key] = known
        return known

    async def run(self) -> None:
        """Write when sessions and tokens were last used, for as long as the product runs."""
        while True:
            await self._clock.sleep(FLUSH_SECONDS)
            with left_for_later(log, "when sessions were last seen is kept"):
                await self.flush()

    async def flush(self) -> None:
        """Write it now. Not part of a request: that would wait for whoever writes at the moment."""
        seen = dict(self._seen)
        if not seen:
            return
        async with self._database.transaction() as tx:
            for kind, sql in _SAW.items():
                await tx.executemany(sql, [(at, key) for (of, key), at in seen.items() if of == kind])
        for key, at in seen.items():
            if self._seen.get(key) == at:
                del self._seen[key]


_SAW = {
    "session": "UPDATE session SET seen_at = ? WHERE id = ?",
    "token": "UPDATE token SET used_at = ? WHERE hash = ?",
}
_SQL = {
    "session": (
        "SELECT id, user_id, made_at, seen_at FROM session WHERE id = ? AND revoked_at IS NULL AND step = 'in'"
    ),
    "token": (
        "SELECT id, user_id, made_at, used_at, expires_at, scopes FROM token WHERE hash = ? AND revoked_at IS NULL"
    ),
}


def _known(kind: str, row: tuple[Any, ...], user: User, permissions: frozenset[str], at: tuple[str, ...]) -> _Known:
    id_, _, made_at, seen_at, *rest = row
    if kind == "session":
        ends_at: float | None = made_at + LIFE_SECONDS
    else:
        ends_at = rest[0]
        permissions &= store.permissions_of(rest[1])
    actor = Actor(
        id=user.id,
        name=user.name,
        kind="user" if kind == "session" else "token",
        role=user.role,
        permissions=frozenset() if user.must_change else permissions,
        extensions=frozenset(filter(None, at)),
        teams=frozenset(user.teams),
        session=id_,
    )
    return _Known(Signed(actor, user, user.must_change, made_at, ends_at), seen_at or made_at)
