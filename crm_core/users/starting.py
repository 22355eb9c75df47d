"""Who is there when the product starts: the first administrator, or the demo's people for as long as it is a demo.

Neighbours: ``cti.app.accounts`` calls this at each start and says on the console what it did; ``service`` has the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa

from crm_core.users import store
from crm_core.users.access import Access
from crm_core.users.account import UserDraft
from crm_core.users.model import team, user_account, user_team
from crm_core.users.passwords import Passwords, one_time
from crm_core.users.service import Users, revoke_ways
from cti.kernel.actor import system
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction

ADMINISTRATOR = "admin"
DEMO_TEAM = "demo"
"""The id of the team of the demo's people."""
SETUP = system("setup")
_WORDS = ("kavir", "zagros", "alborz", "damavand", "karun", "sabalan", "khazar", "caspian", "shiraz", "tabriz", "yazd")


class Secret(msgspec.Struct, frozen=True):
    """A password as it is typed, and as it is kept."""

    password: str
    kept: str


class Starting:
    def __init__(self, database: Database, clock: Clock, access: Access, users: Users, passwords: Passwords) -> None:
        self._database, self._clock, self._access = database, clock, access
        self._users, self._passwords = users, passwords

    async def first_administrator(self) -> tuple[str, str] | None:
        """Make one if nobody who is active may manage users and roles: his login and one-time password."""
        async with self._database.read() as reader:
            if await store.keepers(reader):
                return None
        password = one_time()
        hashed = await self._passwords.hashed(password)
        async with self._access.changing() as tx:
            if await store.keepers(tx):  # another process was quicker
                return None
            login = await _free(tx, ADMINISTRATOR)
            draft = UserDraft(login=login, name="Administrator", role=await _keeping_role(tx))
            await self._users.put(tx, SETUP, draft, hashed, must_change=True)
        return login, password

    async def has_own_users(self) -> bool:
        """True if somebody was ever made a user here, other than for the demo."""
        async with self._database.read() as reader:
            return bool(await reader.core(sa.select(user_account.c.id).where(~user_account.c.demo).limit(1)))

    async def demo(self, people: Iterable[UserDraft], known: Mapping[str, str]) -> Mapping[str, Secret]:
        """The demo's people, active. ``known``: login -> what is kept of the password that was told last time. Answers
        the passwords of those who are new or had it changed."""
        fresh: dict[str, Secret] = {}
        for draft in people:
            login = str(draft.login)
            async with self._database.read() as reader:
                row = await reader.one("SELECT password, demo, active FROM user_account WHERE login = ?", login)
            if row is not None and row[1] and row[2] and row[0] == known.get(login):
                continue
            password = f"{secrets.choice(_WORDS)}-{secrets.randbelow(9000) + 1000}-{secrets.choice(_WORDS)}"
            fresh[login] = Secret(password, await self._passwords.hashed(password))
            await self._put_demo(draft, login, fresh[login].kept)
        return fresh

    async def demo_team(self, name: str, colleagues: Iterable[UserDraft]) -> None:
        """All the demo's people are in one team, and ``colleagues``, whose accounts have no password, with them. Does
        nothing where the team is there."""
        async with self._access.changing() as tx:
            if await tx.one("SELECT 1 FROM team WHERE id = ?", DEMO_TEAM) is not None:
                return
            await tx.insert(team, [(DEMO_TEAM, name, self._clock.now(), 1)])
            for draft in colleagues:
                if await tx.one("SELECT 1 FROM user_account WHERE login = ?", str(draft.login)) is None:
                    await self._users.put(tx, SETUP, draft, demo=True)
            await tx.execute("UPDATE user_account SET active = ? WHERE demo = ?", True, True)
            found = await store.users(tx, user_account.c.demo)
            await tx.insert(user_team, [(user.id, DEMO_TEAM) for user in found])

    async def drop_demo(self) -> int:
        """Nobody signs in as one of the demo's people any more, and their team is gone; how many could until now."""
        async with self._database.read() as reader:
            found = await store.users(reader, user_account.c.demo, user_account.c.active)
        if found:
            async with self._access.changing() as tx:
                for user in found:
                    await tx.execute("UPDATE user_account SET active = ? WHERE id = ?", False, user.id)
                    await revoke_ways(tx, user.id, self._clock.now(), tokens=True)
                for table in ("user_team WHERE team", "team WHERE id"):
                    await tx.execute(f"DELETE FROM {table} = ?", DEMO_TEAM)
        return len(found)

    async def _put_demo(self, draft: UserDraft, login: str, kept: str) -> None:
        async with self._access.changing() as tx:
            row = await tx.one("SELECT id FROM user_account WHERE login = ?", login)
            if row is None:
                await self._users.put(tx, SETUP, draft, kept, demo=True)
                return
            sql = "UPDATE user_account SET password = ?, active = ?, must_change = ?, totp_secret = NULL WHERE id = ?"
            await tx.execute(sql, kept, True, False, row[0])


async def _keeping_role(tx: Transaction) -> str:
    """A role that manages users and roles: the built-in one, unless it was deleted or lost those."""
    rows = await tx.fetch("SELECT id, permissions FROM role ORDER BY position, id")
    enough = [id_ for id_, text in rows if store.permissions_of(text).issuperset(store.KEEPERS)]
    if enough:
        return "administrator" if "administrator" in enough else str(enough[0])
    await tx.execute("UPDATE role SET permissions = '*' WHERE id = ?", rows[-1][0])
    return str(rows[-1][0])


async def _free(tx: Transaction, login: str) -> str:
    """``login``, with a number if it is taken."""
    rows = await tx.fetch("SELECT login FROM user_account WHERE login LIKE ?", f"{login}%")
    taken = {row[0] for row in rows}
    names = (login, *(f"{login}{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
