"""The list of users as an administrator looks through it: found by name, narrowed, with when each was last seen.

Users are few beside contacts, so they are compared here, in memory, by the folding that all names are searched by.
Neighbours: ``service`` changes users, ``store`` reads them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from crm_core.users import store
from crm_core.users.account import User
from crm_core.users.model import user_account
from crm_core.users.texts import storable
from cti.kernel.actor import Actor
from cti.kernel.db import Database, Reader
from cti.kernel.paging import Page, read_cursor, write_cursor
from cti.kernel.persian import fold, sort_key

LARGEST_PAGE = 200


class RosterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """All narrow together; None does not. ``text``: part of a name, login or extension. ``active``: may sign in."""

    text: str | None = None
    role: str | None = None
    team: str | None = None
    active: bool | None = None


class Listed(msgspec.Struct, frozen=True):
    """A user, and when he last asked for anything (epoch seconds; None: never, or long ago)."""

    user: User
    seen_at: float | None


class Roster:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, actor: Actor, wanted: RosterFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[Listed]:
        """In the order of the alphabet. Needs users.manage. InvalidError: a cursor that is none."""
        actor.require("users.manage")
        limit = max(1, min(limit, LARGEST_PAGE))
        async with self._database.read() as reader:
            found = [user for user in await store.users(reader, *_where(wanted)) if _matches(user, wanted)]
            found.sort(key=_place)
            if cursor is not None:
                after = read_cursor(cursor, tuple[str, str])
                found = [user for user in found if _place(user) > after]
            seen = await _seen(reader, [user.id for user in found[:limit]])
        more = write_cursor(*_place(found[limit - 1])) if len(found) > limit else None
        return Page(tuple(Listed(user, seen.get(user.id, user.signed_in_at)) for user in found[:limit]), more)


def _place(user: User) -> tuple[str, str]:
    return sort_key(user.name), user.id


def _where(wanted: RosterFilter) -> list[Any]:
    where: list[Any] = []
    if wanted.role is not None:
        where.append(user_account.c.role == storable(wanted.role))
    if wanted.active is not None:
        where.append(user_account.c.active == wanted.active)
    return where


def _matches(user: User, wanted: RosterFilter) -> bool:
    if wanted.team is not None and wanted.team not in user.teams:
        return False
    parts = fold(wanted.text or "").split()
    written = fold(" ".join((user.name, user.login, *user.extensions)))
    return all(part in written for part in parts)


async def _seen(reader: Reader, ids: list[str]) -> dict[str, float]:
    sql = "SELECT user_id, max(seen_at) FROM session WHERE step = 'in' AND user_id IN (?) GROUP BY user_id"
    return {row[0]: row[1] for row in await reader.fetch_in(sql, ids)}
