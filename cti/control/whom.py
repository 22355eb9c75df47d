"""Whom of a call a supervisor may hear: the phones of ours that talk in it, and which of them he reaches.

Neighbours: ``spying`` asks before it begins and when the call moves on, ``crm_core.users.reach`` knows the teams.
"""

from __future__ import annotations

from typing import Protocol

from cti.control.parts import ALONE, OVER, Parts
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError
from cti.live.events import LiveCall
from cti.live.parties import Party

IN_IT = N_("You are in this call yourself.")
NOT_YOURS = N_("Nobody of your teams talks in this call now.")


class Reached(Protocol):
    """Whom a supervisor may hear."""

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        """Raises ``ForbiddenError``."""

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        """Who works there."""

    def may_user(self, actor: Actor, user_id: str) -> bool: ...

    def name(self, user_id: str) -> str: ...

    def everybody(self, actor: Actor) -> bool:
        """Does he reach everybody, and phones at which nobody works?"""


class Whom:
    def __init__(self, parts: Parts, reached: Reached) -> None:
        self._parts, self._reached = parts, reached

    def agent(self, actor: Actor, call: LiveCall) -> Party:
        """The phone of ours whose owner the actor reaches, and who talks. Raises ``ForbiddenError`` where he reaches
        nobody in the call, ``ConflictError`` where nobody of ours is in it, or he himself."""
        self._reached.require_call(actor, call)
        ours = self.ours(call)
        if any(self._parts.is_of(actor, call.record.pbx, one) for one in ours):
            raise ConflictError(IN_IT)
        if not ours:
            raise ConflictError(ALONE)
        reached = [one for one in ours if self.may_hear(actor, self.users(call, one))]
        if not reached:
            raise ForbiddenError(NOT_YOURS)
        return max(reached, key=lambda one: (bool(one.mates), not one.waits, one.created_at))

    def ours(self, call: LiveCall) -> list[Party]:
        """Our own who have taken it. Raises ``NotFoundError`` where it is over."""
        tracker = self._parts.tracker(call.record.pbx)
        parties = tracker.parties(call.record.id) if tracker is not None else ()
        if not parties:
            raise NotFoundError(OVER)
        return [one for one in parties if not one.outside and one.answered and not one.parked]

    def users(self, call: LiveCall, party: Party) -> tuple[str, ...]:
        """Who works at a phone (ids)."""
        return self._reached.users_at(call.record.pbx, party.endpoint, party.extension)

    def names(self, users: tuple[str, ...]) -> str:
        return ", ".join(filter(None, map(self._reached.name, users)))

    def may_hear(self, actor: Actor, users: tuple[str, ...]) -> bool:
        return self._reached.everybody(actor) or any(self._reached.may_user(actor, user) for user in users)


class Nobody:
    """Reaches nobody."""

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        raise ForbiddenError(NOT_YOURS)

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        return ()

    def may_user(self, actor: Actor, user_id: str) -> bool:
        return False

    def name(self, user_id: str) -> str:
        return ""

    def everybody(self, actor: Actor) -> bool:
        return False
