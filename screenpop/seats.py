"""Whose cell is which on the board: phones that are in queues, users who work at them, and the teams of these.

A phone in a queue is a cell, and it is the cell of the user who works there; a user who takes calls and is in no queue
has a cell of his own. Each user has one. Pure, in memory; ``moved`` are the keys whose cell may be another by now.

Neighbours: ``board`` shows it, ``crm_core.users`` tells who works where, ``crm_core.agents`` what each does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from crm_core.agents.members import is_his, peer_in
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place, Places
from cti.live.agents import Own
from cti.live.events import QueueMember
from screenpop.presenter import peer_of


class AgentNow(msgspec.Struct, frozen=True):
    """What a user says of himself, whatever his phone does. ``pbx`` and ``endpoint``: his phone, where a PBX tells of
    one, else its ``ext``; ``until``: when a wrap-up ends; ``there``: he takes calls. Times are epoch seconds."""

    user: str
    name: str = ""
    state: Own = "off"
    since: float = 0.0
    reason: Mapping[str, str] | None = None
    until: float | None = None
    reachable: bool | None = None
    pbx: str = ""
    endpoint: str = ""
    ext: str = ""
    there: bool = True


class Seats:
    """``take`` replaces who works where, ``tell`` what one user does, ``join`` and ``leave`` who is in queues."""

    def __init__(self) -> None:
        self.names: Mapping[str, str] = {}  # users, by PBX/peer and by extension
        self.teams: dict[str, str] = {}
        self.members: dict[str, dict[str, QueueMember]] = {}  # phone -> queue -> membership
        self.own: dict[str, AgentNow] = {}
        self.at = Places().at
        self.moved: set[str] = set()
        self.served: set[str] = set()  # names of queues that others may serve by now
        self._places = Places()
        self._mates: dict[str, Mate] = {}
        self._near: dict[str, tuple[str, ...]] = {}  # member phone -> the users who work there
        self._owner: dict[str, str] = {}
        self._phones: dict[str, set[str]] = {}  # user -> the phones in queues whose cell is his
        self._cell: dict[str, str] = {}
        self._user: dict[str, str] = {}
        self._serving: dict[str, tuple[str, ...]] = {}

    # --- in

    def take(self, people: PeopleAtPhones) -> None:
        self.names, self.teams = people.names, dict(people.teams)
        self._mates = {mate.user: mate for mate in people.mates}
        self._places = Places()
        self._places.take(people.places)
        self.at = self._places.at
        self._near.clear()
        self.served.update(self._serving)
        self._serving.clear()
        for phone in self.members:
            self._settle(phone)
        self._seat_all(self.own.keys() | self._cell.keys())
        self.moved.update(self.members, self._user)

    def tell(self, now: AgentNow) -> None:
        """What one user does now."""
        before = self.own.get(now.user)
        if now == before:
            return
        if now.there:
            self.own[now.user] = now
        else:
            self.own.pop(now.user, None)
        if before is None or (before.state == "off") != (now.state == "off"):
            for phone in [phone for phone, near in self._near.items() if len(near) > 1 and now.user in near]:
                self._settle(phone)
        self._seat(now.user)
        if now.user in self._cell:
            self.moved.add(self._cell[now.user])

    def join(self, phone: str, queue: str, member: QueueMember) -> QueueMember | None:
        """A phone is in a queue; what was known of it there."""
        held = self.members.setdefault(phone, {})
        before, held[queue] = held.get(queue), member
        if before is None:
            self._served(queue)
        if phone not in self._near:
            self.moved.add(phone)
            self._settle(phone)
        return before

    def leave(self, phone: str, queue: str) -> QueueMember | None:
        """A phone is in a queue no more; what was known of it there."""
        held = self.members.get(phone, {})
        gone = held.pop(queue, None)
        if gone is not None:
            self._served(queue)
        if not held:
            self.members.pop(phone, None)
            self.moved.add(phone)
            near = self._near.pop(phone, ())
            self._give(phone, None)
            self._seat_all(near)
        return gone

    # --- out

    def keys(self) -> Iterable[str]:
        """All that have a cell."""
        return sorted({phone for phone in self.members if self.shown(phone)} | self._user.keys())

    def shown(self, key: str) -> bool:
        """Has it a cell: that of a user, or of a phone in a queue at which nobody works?"""
        return key in self._user or (key in self.members and key not in self._owner)

    def user(self, key: str) -> str | None:
        """Whose cell it is."""
        return self._user.get(key)

    def owner(self, phone: str) -> str | None:
        """Who works at a phone that is in queues."""
        return self._owner.get(phone)

    def key(self, user: str) -> str | None:
        """His cell."""
        return self._cell.get(user)

    def memberships(self, key: str) -> dict[str, QueueMember]:
        """Of a cell: by queue, at whichever phone of his."""
        user = self._user.get(key)
        phones = self._phones.get(user, ()) if user is not None else ()
        if user is None or len(phones) < 2:
            return self.members.get(key, {})
        return {queue: member for phone in sorted(phones) for queue, member in self.members[phone].items()}

    def place(self, user: str) -> Place | None:
        """Where he works."""
        return self._places.of(user)

    def team_ids(self, user: str) -> tuple[str, ...]:
        mate = self._mates.get(user)
        return mate.teams if mate is not None else ()

    def serving(self, queue: str) -> tuple[str, ...]:
        """The teams (ids) of who works with a queue (by name), or is in it now."""
        found = self._serving.get(queue)
        if found is None:
            teams = {team for mate in self._mates.values() if queue in mate.queues for team in mate.teams}
            for phone, user in self._owner.items():
                if any(key.partition("/")[2] == queue for key in self.members.get(phone, ())):
                    teams.update(self.team_ids(user))
            found = self._serving[queue] = tuple(sorted(teams))
        return found

    # --- parts

    def _served(self, queue: str) -> None:
        name = queue.partition("/")[2]
        if self._serving.pop(name, None) is not None:
            self.served.add(name)

    def _settle(self, phone: str) -> None:
        """Who works at a phone that is in queues: of several who is signed in."""
        near = self._near.get(phone)
        if near is None:
            near = self._near[phone] = self._owners(phone)
        on = (user for user in near if (own := self.own.get(user)) is not None and own.state != "off")
        self._give(phone, next(on, near[0] if near else None))
        if phone in self._user or len(near) > 1:
            self._seat_all((*near, *filter(None, [self._user.get(phone)])))

    def _give(self, phone: str, user: str | None) -> None:
        before = self._owner.pop(phone, None)
        if user is not None:
            self._owner[phone] = user
        if before == user:
            return
        for queue in self.members.get(phone, ()):
            self._served(queue)
        self.moved.add(phone)
        if before is not None:
            self._phones[before].discard(phone)
            self._seat(before)
        if user is not None:
            self._phones.setdefault(user, set()).add(phone)
            self._seat(user)

    def _owners(self, phone: str) -> tuple[str, ...]:
        pbx = phone.partition("/")[0]
        interface = next(iter(self.members[phone].values())).interface
        near = dict.fromkeys((*self.at(pbx, interface, None), *self.at(pbx, "", peer_in(interface))))
        of = self._places.of
        return tuple(user for user in near if (place := of(user)) is not None and is_his(interface, place, pbx))

    def _seat_all(self, users: Iterable[str]) -> None:
        for user in users:
            self._seat(user)

    def _seat(self, user: str) -> None:
        before, now = self._cell.get(user), self._key(user)
        if before == now:
            return
        if before is not None:
            del self._cell[user]
            if self._user.get(before) == user:
                del self._user[before]
            self.moved.add(before)
        if now is not None:
            self._cell[user], self._user[now] = now, user
            self.moved.add(now)

    def _key(self, user: str) -> str | None:
        phones = self._phones.get(user)
        if phones:
            return min(phones)
        own = self.own.get(user)
        if own is None or (own.state == "off" and own.reachable is False):
            return None
        if self._places.at(own.pbx, own.endpoint, None)[:1] != (user,):
            return f"/{user}"  # he shares his phone, or no PBX tells of it
        phone = f"{own.pbx}/{peer_of(own.endpoint)}"
        return f"/{user}" if phone in self.members else phone
