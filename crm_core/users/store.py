"""The SQL of users: read whole, and what several services need to know of them. Neighbour: ``model`` has the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_core.users.account import Items, User, UserRef
from crm_core.users.model import user_account, user_team, user_work
from crm_core.users.texts import storable
from cti.kernel.actor import PERMISSIONS
from cti.kernel.db import Reader, Transaction
from cti.kernel.errors import N_, ConflictError, NotFoundError

ACCESS_LOCK = 0x7E92
"""Whoever changes who may do what holds it, so that two changes cannot together lock everybody out."""
KINDS = ("extension", "device", "queue")
KEEPERS = ("users.manage", "roles.manage")
"""Somebody who is active always has both."""


def permissions_of(text: str) -> frozenset[str]:
    """What a stored list of names allows; names of other versions mean nothing."""
    return frozenset(PERMISSIONS) if text == "*" else frozenset(text.split()).intersection(PERMISSIONS)


async def users(reader: Reader, *where: Any, limit: int | None = None) -> tuple[User, ...]:
    """The users that match, in order of their names."""
    rows = await reader.core(
        sa.select(*(user_account.c[name] for name in _PLAIN), user_account.c.totp_secret.is_not(None).label("totp"))
        .where(*where)
        .order_by(user_account.c.name, user_account.c.id)
        .limit(limit)
    )
    ids = [row[0] for row in rows]
    teams, work = await _teams(reader, ids), await _work(reader, ids)
    return tuple(_user(row, teams.get(row[0], ()), work.get(row[0], {})) for row in rows)


async def user(reader: Reader, user_id: str) -> User:
    """One user. NotFoundError."""
    found = await users(reader, user_account.c.id == storable(user_id))
    if not found:
        raise NotFoundError(N_("There is no such user."))
    return found[0]


_PLAIN = (
    *("id", "login", "name", "role", "active", "must_change", "demo"),
    *("language", "calendar", "digits", "theme", "density"),
    *("signed_in_at", "created_at", "created_by", "changed_at", "changed_by", "version"),
)


def _user(row: tuple[Any, ...], teams: tuple[str, ...], work: dict[str, tuple[str, ...]]) -> User:
    values: dict[str, Any] = dict(zip(_PLAIN, row, strict=False))
    values |= {f"{kind}s": work.get(kind, ()) for kind in KINDS}
    return User(**values, totp=bool(row[-1]), teams=teams)


async def _teams(reader: Reader, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    sql = "SELECT user_id, team FROM user_team WHERE user_id IN (?)"
    found: dict[str, list[str]] = {}
    for user_id, team in await reader.fetch_in(sql, ids):
        found.setdefault(user_id, []).append(team)
    return {user_id: tuple(sorted(teams)) for user_id, teams in found.items()}


async def _work(reader: Reader, ids: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    sql = "SELECT user_id, kind, position, value FROM user_work WHERE user_id IN (?)"
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for user_id, kind, _, value in sorted(await reader.fetch_in(sql, ids), key=lambda row: row[2]):
        mine = found.setdefault(user_id, {})
        mine[kind] = (*mine.get(kind, ()), value)
    return found


def ref(found: User) -> UserRef:
    return UserRef(found.id, found.login, found.name, found.role, found.teams, found.extensions, found.active)


async def put_teams(tx: Transaction, user_id: str, teams: Items) -> None:
    """These are his teams now. NotFoundError if one is none."""
    known = {row[0] for row in await tx.fetch_in("SELECT id FROM team WHERE id IN (?)", teams)}
    if not known.issuperset(teams):
        raise NotFoundError(N_("There is no such team."))
    await tx.execute("DELETE FROM user_team WHERE user_id = ?", user_id)
    await tx.insert(user_team, [(user_id, team) for team in dict.fromkeys(teams)])


async def put_work(tx: Transaction, user_id: str, kind: str, values: Items) -> None:
    """These are his extensions (devices, queues) now."""
    await tx.execute("DELETE FROM user_work WHERE user_id = ? AND kind = ?", user_id, kind)
    await tx.insert(user_work, [(user_id, kind, position, value) for position, value in enumerate(values)])


async def keepers(reader: Reader) -> int:
    """How many active users may manage both users and roles."""
    roles = await reader.fetch("SELECT id, permissions FROM role")
    enough = [id_ for id_, text in roles if permissions_of(text).issuperset(KEEPERS)]
    rows = await reader.fetch_in("SELECT id FROM user_account WHERE active AND role IN (?)", enough)
    return len(rows)


async def keep_a_keeper(tx: Transaction) -> None:
    """ConflictError if what ``tx`` did leaves nobody who could undo it."""
    if await keepers(tx) == 0:
        raise ConflictError(N_("Somebody who is active has to keep the permissions users.manage and roles.manage."))
