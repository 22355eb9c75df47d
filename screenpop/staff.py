"""Who takes calls, on the board: what each does now, at his phone, in his queues, or by what he says of himself.

Of a user it shows what crm_core.agents shows of him; of a phone at which nobody of ours works what its queues say. What
the phone does in a call is made of the call itself, so that call and agent are told in one message. ``dirty`` are the
keys of cells that may have changed. Neighbours: ``seats`` knows whose cell is which, ``board`` tells them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from crm_core.agents.parts import parts_of
from crm_core.contacts.callers import KnownCaller
from crm_core.users.desks import PeopleAtPhones
from cti.live.agents import OVER
from cti.live.events import LegState, LiveCall, LiveLeg, QueueChanged, QueueMember
from cti.live.record import rfc3339
from screenpop.figured import Figured
from screenpop.presenter import (
    Busy,
    Phone,
    agent_cell,
    mark,
    member_state,
    other_side,
    ours_now,
    party,
    peer_of,
    present,
    rings_own_phone,
    shown,
)
from screenpop.seats import AgentNow, Seats

SHOWN: tuple[LegState, ...] = ("ringing", "parked", "held", "up", "consulting", "talking")
"""Of several calls of a phone one is shown: one in a later of these states."""


class Staff:
    """``calls`` are those that are up, ``callers`` their contacts: the board's own."""

    def __init__(self, calls: Mapping[str, LiveCall], callers: Mapping[str, KnownCaller], phone: Phone) -> None:
        self._calls, self._callers, self._phone = calls, callers, phone
        self.seats = Seats()
        self.dirty: set[str] = set()
        self.dials: dict[str, str] = {}
        """Calls by a click that ring one's own phone first -> the number that is dialled then."""
        self._busy: dict[str, dict[str, tuple[LiveLeg, LiveCall]]] = {}  # phone -> call -> its leg in it
        self._users: dict[str, tuple[str, ...]] = {}  # call -> the users who are in it now
        self._calls_of: dict[str, set[str]] = {}  # user -> those calls
        self._states: dict[str, Counter[str]] = {}  # queue -> how many of its members are in which state
        self._wrapping: set[str] = set()  # users
        self._names: dict[str, str] = {}  # kept when a member leaves: the calls of yesterday still have it
        self._since: dict[str, tuple[str, float | None]] = {}  # phone -> state as a member, since

    # ---- calls ------------------------------------------------------------------------------

    def occupy(self, call: LiveCall) -> None:
        """A call is up, or is another than before."""
        for leg in ours_now(call):
            key = f"{call.record.pbx}/{peer_of(leg.endpoint)}"
            held = self._busy.setdefault(key, {})
            if (before := held.get(call.record.id)) is None or _shows(before) < _shows((leg, call)):
                held[call.record.id] = (leg, call)
            self.dirty.add(key)
        users = self._users[call.record.id] = tuple(parts_of(call, self.seats.at))
        for user in users:
            self._calls_of.setdefault(user, set()).add(call.record.id)
            self._touch(user)

    def free(self, call: LiveCall) -> None:
        """A call is not up any more (or is another from now on)."""
        for leg in ours_now(call):
            key = f"{call.record.pbx}/{peer_of(leg.endpoint)}"
            held = self._busy.get(key, {})
            held.pop(call.record.id, None)
            if not held:
                self._busy.pop(key, None)
            self.dirty.add(key)
        for user in self._users.pop(call.record.id, ()):
            calls = self._calls_of[user]
            calls.discard(call.record.id)
            if not calls:
                del self._calls_of[user]
            self._touch(user)

    def to(self, call: LiveCall) -> str | None:
        """The number that will be dialled once he whose phone rings picks it up, empty where it is not known; None: it
        is no such call, or has come further."""
        number, record = self.dials.get(call.record.id), call.record
        if not rings_own_phone(record) or (number is None and record.legs[0].answered_at is not None):
            return None
        return number or ""

    def cells_in(self, call: LiveCall) -> list[str]:
        """The cells whose phone has a part in a call now."""
        seats = self.seats
        keys = {key for user in self._users.get(call.record.id, ()) if (key := seats.key(user)) is not None}
        phones = (f"{call.record.pbx}/{peer_of(leg.endpoint)}" for leg in ours_now(call))
        return sorted(keys.union(key for key in phones if seats.shown(key) and seats.user(key) is None))

    def phones_of(self, call: LiveCall) -> Iterable[str]:
        """The keys that the cells of a call's users and phones have, or had."""
        for leg in call.record.legs:
            yield f"{call.record.pbx}/{peer_of(leg.endpoint)}"
        for user in self._users.get(call.record.id, ()):
            yield self.seats.key(user) or f"/{user}"

    def teams_in(self, call: LiveCall) -> set[str]:
        """The teams of who has, or had, a part in a call."""
        record = call.record
        legs = [leg for leg in record.legs if not leg.outside]
        users = {user for leg in legs for user in self.seats.at(record.pbx, leg.endpoint, leg.extension)}
        return {team for user in users for team in self.seats.team_ids(user)}

    def teams_of(self, call: LiveCall) -> set[str]:
        """Also of who serves the queue in which it waits."""
        waits = call.record.queue if call.state == "queued" else None
        return self.teams_in(call) | set(self.seats.serving(waits) if waits is not None else ())

    # ---- people -----------------------------------------------------------------------------

    def people(self, people: PeopleAtPhones) -> None:
        """Other users, other phones, other teams."""
        self.seats.take(people)
        calls = tuple(self._calls.values())
        for call in calls:
            self.free(call)
        for call in calls:
            self.occupy(call)
        self.dirty.update(self.seats.members)

    def tell(self, now: AgentNow) -> set[str]:
        """What one user does now; the queues in which his wrap-up counts otherwise."""
        self.seats.tell(now)
        self._touch(now.user)
        wraps, wrapped = now.there and now.state == "wrap", now.user in self._wrapping
        if wraps == wrapped:
            return set()
        (self._wrapping.add if wraps else self._wrapping.discard)(now.user)
        key = self.seats.key(now.user)
        return set() if key is None else set(self.seats.memberships(key))

    def name_of(self, pbx: str, endpoint: str) -> str | None:
        """Who works at ``endpoint`` (or extension): the user who does now, else whom a queue named so last."""
        key = f"{pbx}/{(peer := peer_of(endpoint))}"
        return self.seats.names.get(key) or self.seats.names.get(peer) or self._names.get(key)

    # ---- queues -----------------------------------------------------------------------------

    def member(self, phone: str, queue: str, member: QueueMember, at: float | None) -> None:
        """A phone is in a queue, as its PBX says at ``at`` (None: and may long have been)."""
        before = self.seats.join(phone, queue, member)
        states = self._states.setdefault(queue, Counter())
        if before is not None:
            states[member_state(before)] -= 1
        states[member_state(member)] += 1
        if member.name and "/" not in member.name and self._names.get(phone) != member.name:
            self._names[phone] = member.name
            self.seats.moved.add(phone)
        self._notice(phone, member, at)
        self._dirty(phone)

    def drop(self, key: str, queue: QueueChanged) -> None:
        """Forget who is no longer a member."""
        there = {f"{queue.pbx}/{peer_of(m.interface)}" for m in queue.members}
        for phone in [a for a, held in self.seats.members.items() if key in held and a not in there]:
            self._dirty(phone)
            gone = self.seats.leave(phone, key)
            if gone is not None:
                self._states[key][member_state(gone)] -= 1

    def states(self, queue: str) -> tuple[Mapping[str, int], int]:
        """How many members are in which state; and how many of the paused are in wrap-up."""
        keys = (key for user in self._wrapping if (key := self.seats.key(user)) is not None)
        held = (self.seats.memberships(key).get(queue) for key in keys)
        return self._states.get(queue, {}), sum(member_state(one) == "pause" for one in held if one is not None)

    # ---- out --------------------------------------------------------------------------------

    def cell(self, key: str, figured: Figured | None) -> dict[str, Any] | None:
        """One cell of the board; None where there is none."""
        if not self.seats.shown(key):
            return None
        user, memberships = self.seats.user(key), self.seats.memberships(key)
        own = self.seats.own.get(user) if user is not None else None
        shape = self._of_user(key, own) if own is not None and _speaks(own, memberships) else self._of_phone(key, user)
        teams = list(self.seats.team_ids(user)) if user is not None else []
        queues = sorted({shown(queue.partition("/")[2]) or "" for queue in memberships})
        known = present(
            user=user,
            teams=teams or None,
            queues=queues or None,
            until=rfc3339(own.until) if own is not None and own.state == "wrap" else None,
            away=True if own is not None and own.state == "off" and shape["mark"] != "off" else None,
            reachable=False if own is not None and own.reachable is False else None,
        )
        return shape | known | (figured.agent(key, user) if figured is not None else {})

    # ---- parts ------------------------------------------------------------------------------

    def _of_user(self, key: str, own: AgentNow) -> dict[str, Any]:
        pbx, _, peer = key.partition("/")
        name, ext = own.name or self.name_of(pbx, peer), own.ext or (peer if pbx else None)
        return agent_cell(name, ext, own.state, own.since or None, own.reason, self._busy_user(own.user))

    def _of_phone(self, key: str, user: str | None) -> dict[str, Any]:
        pbx, _, peer = key.partition("/")
        member = next(iter(self.seats.memberships(key).values()))
        state, since = self._since[f"{pbx}/{peer_of(member.interface)}"]
        leg = max(self._busy.get(key, {}).values(), key=_shows, default=None)
        if leg is not None:
            call, to = leg[1], self.to(leg[1])
            other = other_side(call.record, self._phone, self._callers.get(call.record.id), to)
            busy: Busy | None = (mark(leg[0].state) if to is None else "dial", leg[0].since, call, other)
        else:
            busy = self._busy_user(user) if user is not None else None
        return agent_cell(self.name_of(pbx, peer), peer, state, since, member.paused_reason, busy)

    def _busy_user(self, user: str) -> Busy | None:
        """What his phone does: of several calls the one in which he does most."""
        calls = [self._calls[call_id] for call_id in self._calls_of.get(user, ())]
        parts = [(part, call) for call in calls if (part := parts_of(call, self.seats.at).get(user)) is not None]
        if not parts:
            return None
        part, call = min(parts, key=lambda one: (OVER.index(one[0].doing), -one[0].since, one[0].call))
        return part.doing, part.since, call, self._with(user, call)

    def _with(self, user: str, call: LiveCall) -> dict[str, Any]:
        """Whom a call is with, seen from one of two who may both be ours."""
        record, to = call.record, self.to(call)
        first = record.legs[0] if to is None and record.direction == "internal" and record.legs else None
        if first is None or user not in self.seats.at(record.pbx, first.endpoint, first.extension):
            return other_side(record, self._phone, self._callers.get(record.id), to)
        name = self.name_of(record.pbx, record.dialled.raw) if record.dialled.raw else None
        return present(name=shown(name)) | party(record.dialled, self._phone)

    def _notice(self, phone: str, member: QueueMember, at: float | None) -> None:
        state = member_state(member)
        before = self._since.get(phone)
        if before is None:
            self._since[phone] = (state, None)  # it may have been so for hours: no clock is better than a wrong one
        elif before[0] != state:
            self._since[phone] = (state, at)

    def _touch(self, user: str) -> None:
        if (key := self.seats.key(user)) is not None:
            self.dirty.add(key)

    def _dirty(self, phone: str) -> None:
        self.dirty.add(phone)
        if (user := self.seats.owner(phone)) is not None:
            self._touch(user)


def _speaks(own: AgentNow, memberships: Iterable[str]) -> bool:
    """Who is signed out and yet in a queue is shown as the queue has him."""
    return own.state != "off" or not memberships


def _shows(busy: tuple[LiveLeg, LiveCall]) -> tuple[int, float, str]:
    """Of several legs of a phone the one that is shown: the one that talks, of those the latest."""
    leg, _ = busy
    return SHOWN.index(leg.state) if leg.state in SHOWN else -1, leg.since, leg.uniqueid
