"""Roles: named sets of permissions, that whoever manages roles can change. Four are there from the start.

Neighbours: ``cti.kernel.actor.PERMISSIONS`` is what there is to give, ``access`` tells who has what.
"""

from __future__ import annotations

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.users import store
from crm_core.users.access import Access
from crm_core.users.account import Role
from crm_core.users.model import role as role_table
from crm_core.users.texts import name_of
from cti.kernel.actor import PERMISSIONS, Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.kernel.ids import new_id

BUILT_IN = ("agent", "supervisor", "manager", "administrator")
TITLES = {
    "agent": N_("Agent"),
    "supervisor": N_("Supervisor"),
    "manager": N_("Manager"),
    "administrator": N_("Administrator"),
}
"""Titles of the built-in roles, shown in the reader's language while nobody has renamed them."""
MOST_ROLES = 100


class Roles:
    def __init__(self, database: Database, clock: Clock, audit: Audit, access: Access) -> None:
        self._database, self._clock, self._audit, self._access = database, clock, audit, access

    async def all(self, actor: Actor) -> tuple[Role, ...]:
        """Every role, the built-in ones first."""
        actor.require()
        async with self._database.read() as reader:
            return await _roles(reader)

    async def get(self, actor: Actor, role_id: str) -> Role:
        actor.require()
        async with self._database.read() as reader:
            return await _role(reader, role_id)

    async def create(self, actor: Actor, title: str, permissions: tuple[str, ...]) -> Role:
        """A new role. InvalidError for a permission that there is not."""
        actor.require("roles.manage")
        title, names = name_of("title", title), _checked(permissions)
        async with self._access.changing() as tx:
            roles = await _roles(tx)
            if len(roles) >= MOST_ROLES:
                raise ConflictError(N_("There are too many roles already."))
            _only_one(roles, "", title)
            role_id = new_id(self._clock.now())
            row = (role_id, title, " ".join(names), len(roles) + len(BUILT_IN), self._clock.now(), 1)
            await tx.insert(role_table, [row])
            await self._audit.note(tx, actor, "created", "role", role_id, {"title": title, "permissions": names})
            return await _role(tx, role_id)

    async def change(
        self,
        actor: Actor,
        role_id: str,
        *,
        title: str | None = None,
        permissions: tuple[str, ...] | None = None,
        version: int | None = None,
    ) -> Role:
        """Rename it, or say anew what it may; whoever has it may so from this moment. All permissions at once mean
        those of later versions too. ConflictError if nobody would be left who manages users and roles."""
        actor.require("roles.manage")
        async with self._access.changing() as tx:
            before = await _role(tx, role_id)
            if version is not None and version != before.version:
                raise ConflictError(N_("Somebody has changed this role meanwhile; look again."))
            if title is not None:
                title = name_of("title", title)
                _only_one(await _roles(tx), role_id, title)
                await tx.execute("UPDATE role SET title = ? WHERE id = ?", title, role_id)
            if permissions is not None:
                names = _checked(permissions)
                text = "*" if set(names) == set(PERMISSIONS) else " ".join(names)
                await tx.execute("UPDATE role SET permissions = ? WHERE id = ?", text, role_id)
                await store.keep_a_keeper(tx)
            return await self._changed(tx, actor, before)

    async def delete(self, actor: Actor, role_id: str) -> None:
        """ConflictError while somebody has it."""
        actor.require("roles.manage")
        async with self._access.changing() as tx:
            role = await _role(tx, role_id)
            if role.users:
                raise ConflictError(N_("Somebody still has this role; give those users another one first."))
            await tx.execute("DELETE FROM role WHERE id = ?", role_id)
            await self._audit.note(tx, actor, "deleted", "role", role_id, {"title": role.title})

    async def _changed(self, tx: Transaction, actor: Actor, before: Role) -> Role:
        sql = "UPDATE role SET changed_at = ?, version = version + 1 WHERE id = ?"
        await tx.execute(sql, self._clock.now(), before.id)
        after = await _role(tx, before.id)
        old, new = ({"title": r.title, "permissions": r.permissions} for r in (before, after))
        if detail := changes(old, new):
            await self._audit.note(tx, actor, "changed", "role", before.id, detail)
        return after


async def _roles(reader: Reader) -> tuple[Role, ...]:
    rows = await reader.fetch(
        "SELECT r.id, r.title, r.permissions, r.version, count(u.id) FROM role r "
        "LEFT JOIN user_account u ON u.role = r.id GROUP BY r.id, r.title, r.permissions, r.version, r.position "
        "ORDER BY r.position, r.id"
    )
    return tuple(
        Role(
            id=id_,
            title=title,
            permissions=tuple(name for name in PERMISSIONS if name in store.permissions_of(text)),
            whole=text == "*",
            users=users,
            version=version,
        )
        for id_, title, text, version, users in rows
    )


async def _role(reader: Reader, role_id: str) -> Role:
    found = next((role for role in await _roles(reader) if role.id == role_id), None)
    if found is None:
        raise NotFoundError(N_("There is no such role."))
    return found


def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in PERMISSIONS:
            raise InvalidError(N_("There is no permission %(name)s."), name=name[:80])
    return tuple(name for name in PERMISSIONS if name in names)


def _only_one(roles: tuple[Role, ...], but: str, title: str) -> None:
    if any(role.title.casefold() == title.casefold() for role in roles if role.id != but):
        raise ConflictError(N_("Another one has the name %(name)s already."), name=title)
