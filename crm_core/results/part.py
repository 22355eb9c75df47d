"""Who had a part in a call, and so may say something of it.

Neighbours: the call log knows (``cti.app`` brings it here as a ``CallSource``), ``service`` asks.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from crm_core.users.service import Users
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, ForbiddenError, NotFoundError
from cti.live.record import CallRecord

MAY_SAY = ("desk.use", "calls.view_all")
MAY_READ = ("desk.use", "calls.view_all", "calls.view_team", "calls.view")
LONGEST_ID = 290


class CallPart(msgspec.Struct, frozen=True):
    """``users``: ids of those who worked at the phones of ours that had a leg; ``extensions``: the phones of which
    nobody knows who worked there."""

    record: CallRecord
    users: frozenset[str]
    extensions: frozenset[str]

    def of(self, actor: Actor) -> bool:
        """Did the actor have a part in it?"""
        return actor.id in self.users or not self.extensions.isdisjoint(actor.extensions)


class CallSource(Protocol):
    """The call log."""

    async def part(self, call_id: str) -> CallPart | None:
        """The call, or the one that it became part of."""


class Calls:
    """Which calls somebody may say something of, and of which he may read what was said."""

    def __init__(self, source: CallSource, users: Users) -> None:
        self._source, self._users = source, users

    async def may_say(self, actor: Actor, call_id: str) -> CallPart:
        """For who had a part in it, or with calls.view_all. NotFoundError where there is none for him, ForbiddenError
        where he only looks on."""
        actor.require_any(*MAY_SAY)
        part = await self.may_read(actor, call_id)
        if not (part.of(actor) or actor.may("calls.view_all")):
            raise ForbiddenError(N_("Only who had a part in a call can say how it came out."))
        return part

    async def may_read(self, actor: Actor, call_id: str) -> CallPart:
        """For who had a part in it, or sees it in the call log. NotFoundError."""
        actor.require_any(*MAY_READ)
        known = 0 < len(call_id) <= LONGEST_ID and "\0" not in call_id
        part = await self._source.part(call_id) if known else None
        if part is None or not (part.of(actor) or await self._shows(actor, part)):
            raise NotFoundError(N_("There is no call %(id)s."), id=repr(call_id[:80]))
        return part

    async def _shows(self, actor: Actor, part: CallPart) -> bool:
        if actor.may("calls.view_all"):
            return True
        if not actor.may("calls.view_team") or not actor.teams:
            return False
        mates = [user for user in await self._users.directory(actor) if not actor.teams.isdisjoint(user.teams)]
        return any(user.id in part.users or not part.extensions.isdisjoint(user.extensions) for user in mates)
