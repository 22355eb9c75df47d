"""Users for tests: made without a password where none is needed, since hashing one takes a tenth of a second."""

from __future__ import annotations

from typing import Any

from crm_core.users.account import User, UserDraft
from crm_core.users.sessions import Visitor
from cti.kernel.actor import Actor, system
from web.services import Crm

SYSTEM = system("test")
PASSWORD = "کوه بلند 1405"


async def make(crm: Crm, login: str, role: str = "agent", **more: Any) -> User:
    """A user who cannot sign in by password."""
    draft = UserDraft(login=login, name=more.pop("name", login), role=role, **more)
    async with crm.access.changing() as tx:
        return await crm.users.put(tx, SYSTEM, draft)


async def make_with_password(crm: Crm, login: str, role: str = "agent", password: str = PASSWORD) -> User:
    """One who has signed in before, so that nothing has to be changed."""
    user = await make(crm, login, role)
    async with crm.access.changing() as tx:
        hashed = await crm.users._passwords.hashed(password)
        await tx.execute("UPDATE user_account SET password = ? WHERE id = ?", hashed, user.id)
    return user


async def sign_in(crm: Crm, user: User, origin: str = "192.0.2.7") -> tuple[Actor, str]:
    """The user with a session, and its secret."""
    secret = await crm.sessions.open(user.id, Visitor(origin, "Firefox"))
    signed = await crm.access.of_session(secret, origin)
    assert signed is not None
    return signed.actor, secret


async def actor(crm: Crm, role: str = "administrator") -> Actor:
    """Somebody of this role, signed in."""
    return (await sign_in(crm, await make(crm, f"a-{role}", role)))[0]
