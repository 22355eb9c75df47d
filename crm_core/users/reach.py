"""Whom a supervisor reaches: everybody of his own teams, their calls, and the queues that they serve. In memory, so
that a screen or a command asks without waiting.

Who may see every call (``calls.view_all``) reaches everybody. Neighbours: ``desks`` tells who there is
(``PeopleAtPhones``); commands on others, live pages, figures and alerts ask.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Places
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, ForbiddenError
from cti.live.events import LiveCall

EVERYBODY = "calls.view_all"


def _in_none(_user: str) -> Collection[str]:
    return ()


class TeamReach:
    """``take`` replaces what is known. ``signed_in``: the queues (by name) that a user is in now, beside those that he
    works with."""

    def __init__(self) -> None:
        self._mates: dict[str, Mate] = {}
        self._of_team: dict[str, frozenset[str]] = {}
        self._teams: dict[str, str] = {}
        self._places = Places()
        self.signed_in: Callable[[str], Collection[str]] = _in_none

    def take(self, people: PeopleAtPhones) -> None:
        self._mates = {mate.user: mate for mate in people.mates}
        self._teams = dict(people.teams)
        of_team: dict[str, set[str]] = {}
        for mate in people.mates:
            for team in mate.teams:
                of_team.setdefault(team, set()).add(mate.user)
        self._of_team = {team: frozenset(users) for team, users in of_team.items()}
        self._places.take(people.places)

    # --- users

    def users(self, actor: Actor) -> frozenset[str] | None:
        """The users (ids) whom he reaches, himself among them; None: everybody."""
        if actor.may(EVERYBODY):
            return None
        return frozenset({actor.id} - {""}).union(*(self._of_team.get(team, ()) for team in actor.teams))

    def may_user(self, actor: Actor, user_id: str) -> bool:
        return actor.may(EVERYBODY) or user_id == actor.id or not actor.teams.isdisjoint(self._teams_of(user_id))

    def require_user(self, actor: Actor, user_id: str) -> None:
        """ForbiddenError unless he reaches this user."""
        if not self.may_user(actor, user_id):
            raise ForbiddenError(N_("This is nobody of your teams."))

    def may_team(self, actor: Actor, team: str) -> bool:
        return actor.may(EVERYBODY) or team in actor.teams

    def of_team(self, team: str) -> frozenset[str]:
        """Who is in a team (ids)."""
        return self._of_team.get(team, frozenset())

    def teams_of(self, user_id: str) -> tuple[tuple[str, str], ...]:
        """The teams that a user is in: id and name."""
        return tuple((team, self._teams.get(team, "")) for team in self._teams_of(user_id))

    def teams(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """The teams whose users he reaches whole: id and name, in order of names."""
        return tuple((team, name) for team, name in self._teams.items() if self.may_team(actor, team))

    def name(self, user_id: str) -> str:
        """Empty for who is not there any more."""
        mate = self._mates.get(user_id)
        return mate.name if mate is not None else ""

    def _teams_of(self, user_id: str) -> tuple[str, ...]:
        mate = self._mates.get(user_id)
        return mate.teams if mate is not None else ()

    # --- calls

    def queues(self, actor: Actor) -> frozenset[str] | None:
        """The queues (names) that somebody serves whom he reaches; None: every queue."""
        users = self.users(actor)
        return None if users is None else frozenset(queue for user in users for queue in self._serves(user))

    def may_queue(self, actor: Actor, queue: str) -> bool:
        users = self.users(actor)
        return users is None or any(queue in self._serves(user) for user in users)

    def may_call(self, actor: Actor, call: LiveCall) -> bool:
        """Has, or had, somebody a part in it whom he reaches; or waits it in a queue that such a one serves?"""
        users = self.users(actor)
        if users is None or not users.isdisjoint(self.in_call(call)):
            return True
        queue = call.record.queue
        return call.state == "queued" and queue is not None and self.may_queue(actor, queue)

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        """ForbiddenError unless he reaches this call."""
        if not self.may_call(actor, call):
            raise ForbiddenError(N_("This call is none of your teams'."))

    def in_call(self, call: LiveCall) -> frozenset[str]:
        """The users who have, or had, a part in a call."""
        legs = (leg for leg in call.record.legs if not leg.outside)
        at = self._places.at
        return frozenset(user for leg in legs for user in at(call.record.pbx, leg.endpoint, leg.extension))

    # --- teams

    def serving(self) -> dict[str, frozenset[str]]:
        """Queue (name) -> the teams of who serves it."""
        found: dict[str, set[str]] = {}
        for mate in self._mates.values():
            for queue in self._serves(mate.user) if mate.teams else ():
                found.setdefault(queue, set()).update(mate.teams)
        return {queue: frozenset(teams) for queue, teams in found.items()}

    def teams_in(self, call: LiveCall) -> frozenset[str]:
        """The teams of who has, or had, a part in a call."""
        return frozenset(team for user in self.in_call(call) for team in self._teams_of(user))

    def _serves(self, user: str) -> frozenset[str]:
        mate = self._mates.get(user)
        return frozenset((*(mate.queues if mate is not None else ()), *self.signed_in(user)))
