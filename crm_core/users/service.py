"""Users: made, changed, switched off, given passwords; and what anybody may know of his colleagues.

Whoever may manage users but not roles cannot give or touch more than he has himself: else managing users would be
everything. Neighbours: ``roles`` and ``teams`` are what users have, ``sessions`` lets them in.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.users import passwords, store
from crm_core.users.access import Access
from crm_core.users.account import Preferences, User, UserDraft, UserRef
from crm_core.users.limits import Limits
from crm_core.users.model import user_account
from crm_core.users.texts import folded_login, items_of, login_of, name_of
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.kernel.paging import Page, read_cursor, write_cursor

_PREFERENCES = tuple(field.name for field in msgspec.structs.fields(Preferences))


class Made(msgspec.Struct, frozen=True):
    """A new user. ``one_time``: the password that he signs in with once, if it was made for him."""

    user: User
    one_time: str | None


class Users:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        audit: Audit,
        access: Access,
        secrets: passwords.Passwords,
        limits: Limits,
    ) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access
        self._passwords, self._limits = secrets, limits

    # --- asking

    async def directory(self, actor: Actor) -> tuple[UserRef, ...]:
        """Everybody, also who is switched off (his name stands on what he did), in order of names."""
        actor.require()
        async with self._database.read() as reader:
            return tuple(map(store.ref, await store.users(reader)))

    async def get(self, actor: Actor, user_id: str) -> User:
        """One user: oneself, or anybody for who manages users."""
        actor.require()
        if user_id != actor.id:
            actor.require("users.manage")
        async with self._database.read() as reader:
            return await store.user(reader, user_id)

    async def by_login(self, actor: Actor, login: str) -> User:
        """The user who signs in as ``login``. NotFoundError."""
        actor.require("users.manage")
        async with self._database.read() as reader:
            found = await store.users(reader, user_account.c.login == folded_login(login))
        if not found:
            raise NotFoundError(N_("There is no such user."))
        return found[0]

    async def page(
        self, actor: Actor, *, active: bool | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[User]:
        """Users in order of their names."""
        actor.require("users.manage")
        where: list[Any] = [] if active is None else [user_account.c.active == active]
        if cursor is not None:
            key = sa.tuple_(user_account.c.name, user_account.c.id)
            where.append(key > sa.tuple_(*map(sa.literal, read_cursor(cursor, tuple[str, str]))))
        async with self._database.read() as reader:
            found = await store.users(reader, *where, limit=limit + 1)
        more = write_cursor(found[limit - 1].name, found[limit - 1].id) if len(found) > limit else None
        return Page(found[:limit], more)

    # --- changing

    async def create(self, actor: Actor, draft: UserDraft, password: str | None = None) -> Made:
        """A new user; ``login``, ``name`` and ``role`` have to be given. Without ``password`` a one-time one is made;
        either has to be changed at the first sign-in."""
        actor.require("users.manage")
        if UNSET in (draft.login, draft.name, draft.role):
            raise InvalidError(N_("Give the user a login, a name and a role."))
        chosen = passwords.one_time() if password is None else passwords.checked(password, folded_login(draft.login))  # type: ignore[arg-type]
        hashed = await self._passwords.hashed(chosen)
        async with self._access.changing() as tx:
            await self._may_give(tx, actor, str(draft.role))
            user = await self.put(tx, actor, draft, hashed, must_change=True)
        return Made(user, chosen if password is None else None)

    async def put(
        self,
        tx: Transaction,
        actor: Actor,
        draft: UserDraft,
        hashed: str = "",
        *,
        must_change: bool = False,
        demo: bool = False,
    ) -> User:
        """Write a new user in ``tx`` (of ``Access.changing``). Without ``hashed`` no password lets him in."""
        now, user_id = self._clock.now(), new_id(self._clock.now())
        login = login_of(str(draft.login))
        if await tx.one("SELECT 1 FROM user_account WHERE login = ?", login):
            raise ConflictError(N_("The login %(login)s is taken."), login=login)
        row: dict[str, Any] = {
            "id": user_id,
            "login": login,
            "name": login,
            "password": hashed,
            "role": "",
            "active": True,
            "must_change": must_change,
            "demo": demo,
            **dict.fromkeys(_PREFERENCES, ""),
            "totp_secret": None,
            "totp_pending": None,
            "totp_step": 0,
            "signed_in_at": None,
            "created_at": now,
            "created_by": actor.id,
            "changed_at": now,
            "changed_by": actor.id,
            "version": 1,
        }
        await tx.insert(user_account, [tuple(row[c.name] for c in user_account.columns)])
        await self._write(tx, user_id, draft)
        user = await store.user(tx, user_id)
        await self._audit.note(tx, actor, "created", "user", user_id, {"login": login, "role": user.role})
        return user

    async def change(self, actor: Actor, user_id: str, draft: UserDraft, version: int | None = None) -> User:
        """Write what ``draft`` gives. ConflictError: not the ``version`` that is there now, a login that is taken, or
        nobody would be left who manages users and roles."""
        actor.require("users.manage")
        async with self._access.changing() as tx:
            before = await self._touchable(tx, actor, user_id)
            if version is not None and version != before.version:
                raise ConflictError(N_("Somebody has changed this user meanwhile; look again."))
            if draft.role is not UNSET and draft.role != before.role:
                await self._may_give(tx, actor, draft.role)
            await self._write(tx, user_id, draft)
            return await self._changed(tx, actor, before)

    async def switch(self, actor: Actor, user_id: str, *, active: bool) -> User:
        """Let him in again, or no longer: his sessions and tokens end at once, what he did stays."""
        actor.require("users.manage")
        async with self._access.changing() as tx:
            before = await self._touchable(tx, actor, user_id)
            await tx.execute("UPDATE user_account SET active = ? WHERE id = ?", active, user_id)
            if not active:
                await revoke_ways(tx, user_id, self._clock.now(), tokens=True)
            return await self._changed(tx, actor, before)

    async def prefer(self, actor: Actor, preferences: Preferences) -> User:
        """Set one's own language, calendar, digits, theme and density."""
        actor.require()
        async with self._access.changing() as tx:
            before = await store.user(tx, actor.id)
            await self._write(tx, actor.id, preferences)
            return await self._changed(tx, actor, before)

    # --- passwords

    async def set_password(self, actor: Actor, user_id: str, password: str | None = None) -> str | None:
        """Give a user a password that he has to change (None: make one, and answer it); his sessions end."""
        actor.require("users.manage")
        async with self._database.read() as reader:
            login = (await self._touchable(reader, actor, user_id)).login
        chosen = passwords.one_time() if password is None else passwords.checked(password, login)
        await self._store_password(actor, user_id, chosen, must_change=True, keep="")
        await self._limits.passed(login, "")  # whoever was locked out may try the new one
        return chosen if password is None else None

    async def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Change one's own; one's other sessions end. ForbiddenError if ``old`` is wrong."""
        actor.require()
        async with self._database.read() as reader:
            row = await reader.one("SELECT login, password FROM user_account WHERE id = ?", actor.id)
        login, kept = row or ("", None)
        passwords.checked(new, login)
        await self._limits.begin(login, actor.origin)
        if not await self._passwords.right(kept, old):
            raise ForbiddenError(N_("That is not your present password."))
        await self._limits.passed(login, actor.origin)
        if passwords.folded(old) == passwords.folded(new):
            raise InvalidError(N_("password: the new one has to differ from the old one."))
        await self._store_password(actor, actor.id, new, must_change=False, keep=actor.session)

    async def choose_password(self, actor: Actor, new: str) -> None:
        """One's own in place of a one-time one, right after signing in with that. ConflictError at any other time."""
        actor.require()
        async with self._database.read() as reader:
            row = await reader.one("SELECT login, password, must_change FROM user_account WHERE id = ?", actor.id)
        if row is None or not row[2] or actor.kind != "user":
            raise ConflictError(N_("Your password is your own already; change it in your account."))
        passwords.checked(new, row[0])
        if await self._passwords.right(row[1], new):
            raise InvalidError(N_("password: the new one has to differ from the old one."))
        await self._store_password(actor, actor.id, new, must_change=False, keep=actor.session)

    async def _store_password(self, actor: Actor, user_id: str, chosen: str, *, must_change: bool, keep: str) -> None:
        hashed = await self._passwords.hashed(chosen)
        async with self._access.changing() as tx:
            sql = "UPDATE user_account SET password = ?, must_change = ?, changed_at = ?, changed_by = ? WHERE id = ?"
            await tx.execute(sql, hashed, must_change, self._clock.now(), actor.id, user_id)
            await revoke_ways(tx, user_id, self._clock.now(), keep=keep)
            await self._audit.note(tx, actor, "changed", "user", user_id, {"password": True})

    # --- inside

    async def _write(self, tx: Transaction, user_id: str, draft: Preferences) -> None:
        given = {key: value for key, value in msgspec.structs.asdict(draft).items() if value is not UNSET}
        for kind in store.KINDS:
            if (values := given.pop(f"{kind}s", None)) is not None:
                await store.put_work(tx, user_id, kind, items_of(f"{kind}s", values))
        if (teams := given.pop("teams", None)) is not None:
            await store.put_teams(tx, user_id, teams)
        if "role" in given and not await tx.one("SELECT 1 FROM role WHERE id = ?", given["role"]):
            raise NotFoundError(N_("There is no such role."))
        if "name" in given:
            given["name"] = name_of("name", given["name"])
        if "login" in given:
            given["login"] = await self._free_login(tx, user_id, given["login"])
        for column, value in given.items():  # names of fields, never what somebody sent
            await tx.execute(f"UPDATE user_account SET {column} = ? WHERE id = ?", value, user_id)

    async def _free_login(self, tx: Transaction, user_id: str, text: str) -> str:
        login = login_of(text)
        if await tx.one("SELECT 1 FROM user_account WHERE login = ? AND id <> ?", login, user_id):
            raise ConflictError(N_("The login %(login)s is taken."), login=login)
        return login

    async def _changed(self, tx: Transaction, actor: Actor, before: User) -> User:
        sql = "UPDATE user_account SET changed_at = ?, changed_by = ?, version = version + 1 WHERE id = ?"
        await tx.execute(sql, self._clock.now(), actor.id, before.id)
        after = await store.user(tx, before.id)
        if (before.role, before.active) != (after.role, after.active):
            await store.keep_a_keeper(tx)
        detail = changes(_told(before), _told(after))
        if detail:
            await self._audit.note(tx, actor, "changed", "user", before.id, detail)
        return after

    async def _touchable(self, reader: Reader, actor: Actor, user_id: str) -> User:
        user = await store.user(reader, user_id)
        await self._may_give(reader, actor, user.role)
        return user

    async def _may_give(self, reader: Reader, actor: Actor, role: str) -> None:
        await may_give(reader, actor, role)


async def may_give(reader: Reader, actor: Actor, role: str) -> None:
    """ForbiddenError if ``role`` may do something that ``actor``, who does not manage roles, may not."""
    row = await reader.one("SELECT permissions FROM role WHERE id = ?", role)
    if row is None:
        raise NotFoundError(N_("There is no such role."))
    if not actor.may("roles.manage") and not store.permissions_of(row[0]) <= actor.permissions:
        raise ForbiddenError(N_("This role may do more than you; ask somebody who manages roles."))


async def revoke_ways(tx: Transaction, user_id: str, now: float, *, keep: str = "", tokens: bool = False) -> None:
    """End a user's sessions but ``keep``, and his ``tokens`` if told so."""
    sql = "UPDATE session SET revoked_at = ? WHERE user_id = ? AND id <> ? AND revoked_at IS NULL"
    await tx.execute(sql, now, user_id, keep)
    if tokens:
        await tx.execute("UPDATE token SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", now, user_id)


def _told(user: User) -> dict[str, Any]:
    leave = {"changed_at", "changed_by", "version", "signed_in_at"}
    return {key: value for key, value in msgspec.structs.asdict(user).items() if key not in leave}
