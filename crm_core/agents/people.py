"""Who our agents are, in memory: names, teams and queues of the users, for what has to be told at once.

Neighbours: ``crm_core.users`` has the users, ``service`` asks.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from crm_core.users import store
from crm_core.users.model import user_account
from cti.kernel.db import Database


class Colleague(msgspec.Struct, frozen=True):
    """``queues``: those that he works with. ``language``: what he reads, empty as the site has it."""

    id: str
    name: str
    teams: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    language: str = ""


class People:
    """``look`` reads them anew if anything about users has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation: int | None = None
        self._all: dict[str, Colleague] = {}

    async def look(self) -> bool:
        """True if they were read anew."""
        async with self._database.read() as reader:
            row = await reader.one("SELECT generation FROM access_state")
            generation = int(row[0]) if row else 0
            if generation == self._generation:
                return False
            users = await store.users(reader, user_account.c.active)
        self._all = {
            user.id: Colleague(user.id, user.name, user.teams, user.extensions, user.queues, user.language)
            for user in users
        }
        self._generation = generation
        return True

    def get(self, user: str) -> Colleague | None:
        """None for who is not there any more, or not active."""
        return self._all.get(user)

    def all(self) -> Iterable[Colleague]:
        return self._all.values()
