"""How often sign-in may be tried: a login locks for longer and longer, an address is slowed down.

A try is counted before its password is looked at, so that a hundred at once are a hundred; it is forgotten when it
turns out right. Logins that do not exist are counted alike, so that nothing tells which do.
"""

from __future__ import annotations

import hashlib
import ipaddress

from crm_core.users.texts import folded_login
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, TooManyError

FREE_TRIES = 5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15.0, 900.0
FORGET_SECONDS = 3600.0
"""A login's wrong tries are forgotten so long after the last."""
ADDRESS_TRIES, ADDRESS_SECONDS = 60, 600.0
"""An office of many behind one address mistypes now and then; a machine that guesses does so for ever."""
_LOCK = 0x7E93


def wait_after(count: int) -> float:
    """Seconds that a login stays shut after its ``count``-th wrong try in a row."""
    if count < FREE_TRIES:
        return 0.0
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(count - FREE_TRIES, 10), LONGEST_WAIT_SECONDS)


class Limits:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def begin(self, login: str, origin: str) -> None:
        """Count a try. TooManyError with the time to wait if it is one too many."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await tx.lock(_LOCK)
            await tx.execute("DELETE FROM sign_in_attempt WHERE at < ?", now - FORGET_SECONDS)
            wait = await self._wait(tx, login, origin, now)
            if not wait:
                await self._count(tx, login, origin, now)
        if wait:
            raise TooManyError(
                N_("Too many wrong tries. Try again in %(seconds)d seconds."), retry_seconds=wait, seconds=int(wait) + 1
            )

    async def passed(self, login: str, origin: str) -> None:
        """The try was right: the login's count begins anew, the address's loses this one."""
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM sign_in_attempt WHERE key = ?", _login_key(login))
            sql = "UPDATE sign_in_attempt SET count = count - 1 WHERE key = ? AND count > 0"
            await tx.execute(sql, _address_key(origin))

    async def _wait(self, tx: Transaction, login: str, origin: str, now: float) -> float:
        rows = await tx.fetch_in(
            "SELECT key, count, at, free_at FROM sign_in_attempt WHERE key IN (?)",
            (_login_key(login), _address_key(origin)),
        )
        wait = 0.0
        for key, count, at, free_at in rows:
            if key == _login_key(login):
                wait = max(wait, free_at - now)
            elif count >= ADDRESS_TRIES:
                wait = max(wait, at + ADDRESS_SECONDS - now)
        return wait

    async def _count(self, tx: Transaction, login: str, origin: str, now: float) -> None:
        key = _login_key(login)
        row = await tx.one("SELECT count FROM sign_in_attempt WHERE key = ?", key)
        count = row[0] + 1 if row else 1
        await _put(tx, key, count, now, now + wait_after(count))
        if not origin:
            return
        key = _address_key(origin)
        row = await tx.one("SELECT count, at FROM sign_in_attempt WHERE key = ?", key)
        fresh = row is None or now - row[1] >= ADDRESS_SECONDS
        await _put(tx, key, 1 if fresh else row[0] + 1, now if fresh else row[1], 0.0)  # type: ignore[index]


async def _put(tx: Transaction, key: str, count: int, at: float, free_at: float) -> None:
    await tx.execute("DELETE FROM sign_in_attempt WHERE key = ?", key)
    sql = "INSERT INTO sign_in_attempt (key, count, at, free_at) VALUES (?, ?, ?, ?)"
    await tx.execute(sql, key, count, at, free_at)


def _login_key(login: str) -> str:
    return _hash(f"login {folded_login(login)}")


def _address_key(origin: str) -> str:
    """One key for a whole IPv6 network of a customer (/64): he has that many addresses at will."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return _hash(f"address {origin}")
    if address.version == 6 and address.ipv4_mapped is None:
        return _hash(f"address {ipaddress.ip_network((address, 64), strict=False)}")
    return _hash(f"address {address}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
