"""Every agent in memory: events of calls, queues and phones go in, and what follows for him and his PBX comes out.

No database and no commands here, so that an event is taken in within the same turn of the loop: ``touched`` are the
agents whose state is to be told, ``dirty`` those to be written down. Neighbours: ``service`` does both and takes the
commands of people, ``driver`` makes the PBXs equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from crm_core.agents import members
from crm_core.agents.driver import Difference, Driver, Key, Phone
from crm_core.agents.model import Rules, our_label
from crm_core.agents.parts import in_vain, parts_of
from crm_core.agents.wishes import Wishes
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place, Places
from cti.kernel.clock import Clock
from cti.live.agents import FOREIGN, Agent, Kept, Membership
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallMerged,
    CallStarted,
    DirectoryRead,
    EndpointChanged,
    LiveCall,
    PbxLinkChanged,
    QueueChanged,
    QueueMember,
)
from cti.live.record import CallRecord

Event = (
    CallStarted
    | CallChanged
    | CallEnded
    | CallMerged
    | QueueChanged
    | PbxLinkChanged
    | PeopleAtPhones
    | DirectoryRead
    | EndpointChanged
)
KINDS: tuple[type, ...] = (
    CallStarted, CallChanged, CallEnded, CallMerged, QueueChanged, PbxLinkChanged, PeopleAtPhones, DirectoryRead,
    EndpointChanged,
)  # fmt: skip
"""The events that ``take`` wants."""


class Floor:
    """``presets``: the kind of each PBX, by name. ``name_of``: what a queue calls a member."""

    def __init__(self, clock: Clock, rules: Callable[[], Rules], name_of: Callable[[str], str], language: str) -> None:
        self._clock, self._rules, self._language = clock, rules, language
        self.presets: Mapping[str, str] = {}
        self.driver = Driver(clock, self._differ)
        self.agents: dict[str, Agent] = {}
        self.touched: set[str] = set()
        self.dirty: set[str] = set()
        self._places = Places()
        self._reachable: dict[Phone, bool | None] = {}
        self._queues: dict[str, set[str]] = {}  # of each PBX, whether anybody is in them or not
        self._in_call: dict[str, set[str]] = {}  # call -> the users with a part in it
        self._missed: dict[str, set[str]] = {}  # call -> the legs that are counted as missed
        self._foreign: dict[str, Key] = {}  # user -> where somebody else paused him
        self._owned: dict[Phone, tuple[str, ...]] = {}  # the users whose a member is
        self._is_in: dict[str, set[Key]] = {}  # user -> where the PBXs have him
        self.wishes = Wishes(self.driver, self.agents, self._owners, name_of, language)

    # --- read

    def agent(self, user: str) -> Agent:
        """Anybody's state; who never signed in is off."""
        found = self.agents.get(user)
        if found is None:
            found = self.agents[user] = Agent(user)
        return found

    def place(self, user: str) -> Place | None:
        return self._places.of(user)

    def users(self) -> set[str]:
        """All who take calls."""
        return {place.user for place in self._places.all()} | {u for u, agent in self.agents.items() if agent.on}

    def takes_calls(self, user: str) -> bool:
        """Works he at a phone, or is he signed in?"""
        return self._places.of(user) is not None or (user in self.agents and self.agents[user].on)

    def phone(self, user: str) -> tuple[str, str, str, bool | None] | None:
        """PBX, endpoint, extension of his first phone, and whether it can be reached."""
        place = self._places.of(user)
        if place is None:
            return None
        for one in place.phones:
            return one.pbx, one.endpoint, one.extension, self._reachable.get((one.pbx, one.endpoint), one.reachable)
        return "", "", place.extensions[0], None

    def differences(self, user: str) -> tuple[Difference, ...]:
        """Where a PBX does not do as we wish."""
        return self.driver.differences(self.wishes.phones(user))

    def queues_of(self, user: str, names: Iterable[str]) -> list[tuple[Membership, QueueMember | None]]:
        """The queues that he is in, or can sign in to, with what the PBX holds of him there."""
        agent, place = self.agent(user), self._places.of(user)
        found = {key: one for key, one in agent.memberships.items() if one.on}
        for key in self._is_in.get(user, ()):
            found.setdefault(key, Membership(*key, on=False))
        pbxs = () if place is None else self._pbxs(place)
        there = {key[:2] for key in found}
        for queue in names:
            for pbx in self._having(queue, pbxs):
                if (pbx, queue) not in there:
                    found[pbx, queue, ""] = Membership(pbx, queue, "", on=False)
        return [(one, self.driver.member(key)) for key, one in sorted(found.items())]

    def in_queues(self, user: str) -> set[str]:
        """The names of the queues that he is in now."""
        return {queue for _, queue, _ in self._is_in.get(user, ())}

    def open_to(self, user: str, names: Iterable[str]) -> tuple[Membership, ...]:
        """The queues that he can sign in to: those that he works with (``names``), and those that he is in anyway."""
        place = self._places.of(user)
        if place is None:
            return ()
        pbxs = self._pbxs(place)
        found = {key: Membership(*key) for key in sorted(self._is_in.get(user, ()))}
        there = {(pbx, queue) for pbx, queue, _ in found}
        for queue in names:
            for pbx in self._having(queue, pbxs):
                one = members.membership(place, pbx, queue, self.driver.queues(pbx), self.presets.get(pbx, "plain"))
                if one is not None and (pbx, queue) not in there:
                    found[one.key] = one
        return tuple(found.values())

    def _pbxs(self, place: Place) -> tuple[str, ...]:
        known = dict.fromkeys(phone.pbx for phone in place.phones)
        return tuple(known) or tuple(self.presets)

    def _having(self, queue: str, pbxs: tuple[str, ...]) -> tuple[str, ...]:
        """The PBXs with a queue of this name; if none tells of it (a realtime queue that nobody was in), the first."""
        return tuple(pbx for pbx in pbxs if queue in self._queues.get(pbx, ())) or pbxs[:1]

    # --- events

    def load(self, states: Mapping[str, Kept]) -> None:
        """What was written down, before any event is taken in."""
        self.agents.update((user, Agent(user, kept)) for user, kept in states.items())
        for user in self.agents:
            self.changed(user)
        self.dirty.clear()

    def load_calls(self, calls: Iterable[LiveCall]) -> None:
        """These are all the calls that are up, as after a gap in the events."""
        now = {call.record.id: call for call in calls}
        for gone in self._in_call.keys() - now.keys():
            for user in self._in_call.pop(gone):
                self._leave(user, gone, self._clock.now())
        for call in now.values():
            self._call(call)

    def take(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._call(call)
            case CallEnded(record=record):
                self._ended(record)
            case CallMerged(gone=gone, into=into):
                self._merged(gone, into)
            case QueueChanged():
                self._queue(event)
            case PbxLinkChanged(pbx=pbx, up=up):
                self.driver.link(pbx, up)
            case PeopleAtPhones(places=places):
                self._moved(places)
            case DirectoryRead():
                self._queues.setdefault(event.pbx, set()).update(event.queues)
                self._reach({(event.pbx, e.name): e.reachable for e in event.endpoints})
            case EndpointChanged(pbx=pbx, endpoint=endpoint):
                self._reach({(pbx, endpoint.name): endpoint.reachable})

    def standing(self, pbx: str, calls: Iterable[LiveCall]) -> None:
        """These are all the calls of a PBX that are up: who is held for a talk that is over is released."""
        up = {call.record.id for call in calls}
        for user, agent in self.agents.items():
            for one in [one for one in agent.owed.values() if one.pbx == pbx and one.call not in up]:
                self._leave(user, one.call, self._clock.now())

    def tick(self) -> None:
        """Let time pass: wrap-ups end."""
        now = self._clock.now()
        for user, agent in self.agents.items():
            if agent.wrap is not None and agent.tick(now):
                self.changed(user)
        self.driver.tick()

    def changed(self, user: str) -> None:
        """His own state is another: the PBX is to follow, and it is to be told and written down."""
        self.touched.add(user)
        self.dirty.add(user)
        self.wishes.make(self.agent(user))

    # --- calls

    def _call(self, call: LiveCall) -> None:
        record, now = call.record, self._clock.now()
        parts = parts_of(call, self._places.at)
        before = self._in_call.get(record.id, set())
        for user in before - parts.keys():
            self._leave(user, record.id, now)
        for user, part in parts.items():
            agent = self.agent(user)
            if agent.parts.get(record.id) != part:
                owed = len(agent.owed), agent.wrap
                agent.join(part, now, self._rules().wrap(part.queue))
                self.touched.add(user)
                if owed != (len(agent.owed), agent.wrap):
                    self.changed(user)
        if parts or before:
            self._in_call[record.id] = set(parts)
        self._count_missed(record)

    def _ended(self, record: CallRecord) -> None:
        for user in self._in_call.pop(record.id, ()):
            self._leave(user, record.id, self._clock.now())
        self._count_missed(record)
        self._missed.pop(record.id, None)

    def _leave(self, user: str, call: str, at: float) -> None:
        agent = self.agent(user)
        owed = call in agent.owed
        agent.leave(call, at)
        self.touched.add(user)
        if owed:
            self.changed(user)

    def _merged(self, gone: str, into: str) -> None:
        users = self._in_call.pop(gone, set())
        self._in_call.setdefault(into, set()).update(users)
        self._missed.setdefault(into, set()).update(self._missed.pop(gone, ()))
        for user in users | {u for u, agent in self.agents.items() if agent.wrap and agent.wrap.call == gone}:
            self.agent(user).merged(gone, into)
            self.changed(user)

    def _count_missed(self, record: CallRecord) -> None:
        for leg in in_vain(record):
            counted = self._missed.setdefault(record.id, set())
            if leg.uniqueid in counted:
                continue
            counted.add(leg.uniqueid)
            for user in self._places.at(record.pbx, leg.endpoint, leg.extension):
                agent = self.agent(user)
                if not agent.on or agent.parts.keys() - {record.id}:
                    continue  # whoever is in another call cannot take this one
                label = our_label("missed", self._language)
                agent.miss(record.id, self._clock.now(), self._rules().missed_limit, label, record.queue or "")
                self.changed(user)

    # --- queues and phones

    def _queue(self, event: QueueChanged) -> None:
        self._queues.setdefault(event.pbx, set()).add(event.queue)
        for interface in self.driver.holds(event):
            phone = (event.pbx, interface)
            for user in {*self._owners(*phone), *self.wishes.users((phone,))}:
                self.touched.add(user)
                self._follow(self.agent(user), Membership(event.pbx, event.queue, interface))

    def _follow(self, agent: Agent, one: Membership) -> None:
        member, known = self.driver.member(one.key), agent.memberships.get(one.key)
        is_in = self._is_in.setdefault(agent.user, set())
        his = agent.user in self._owners(one.pbx, one.interface)
        (is_in.add if his and member is not None else is_in.discard)(one.key)
        if member is not None and his:
            self._adopt(agent, one, member.paused, member.paused_reason or "")
        elif member is None and known is not None and not known.on:
            del agent.memberships[one.key]  # he is out, and may be let in again by others
            self.changed(agent.user)

    def _adopt(self, agent: Agent, one: Membership, paused: bool, reason: str) -> None:
        """What somebody else did at the PBX to an agent of ours: he is in one more queue, or was paused there. The
        PBX is not made to undo that: whoever paused him had a reason, and may take it back."""
        if not agent.on:
            return
        if one.key not in agent.memberships:
            agent.memberships[one.key] = one
            self.changed(agent.user)
        wanted = agent.memberships[one.key].on and not agent.paused
        if wanted and paused and reason not in self._rules().labels():
            agent.pause(self._clock.now(), FOREIGN, reason or our_label(FOREIGN, self._language), by=FOREIGN)
            self._foreign[agent.user] = one.key
            self.changed(agent.user)
        elif not paused and self._foreign.get(agent.user) == one.key:
            del self._foreign[agent.user]
            if agent.lift(self._clock.now(), FOREIGN, by=FOREIGN):
                self.changed(agent.user)

    def _owners(self, pbx: str, interface: str) -> tuple[str, ...]:
        found = self._owned.get((pbx, interface))
        if found is None:
            by_extension = self._places.at(pbx, "", members.peer_in(interface))
            near = dict.fromkeys((*self._places.at(pbx, interface, None), *by_extension))
            found = tuple(u for u in near if (at := self._places.of(u)) and members.is_his(interface, at, pbx))
            self._owned[pbx, interface] = found
        return found

    def _reach(self, phones: Mapping[Phone, bool | None]) -> None:
        for phone, reachable in phones.items():
            if self._reachable.get(phone) != reachable:
                self._reachable[phone] = reachable
                self.touched.update(self._places.at(*phone, None))

    def _moved(self, places: Iterable[Place]) -> None:
        """Who sits elsewhere now is in his queues by his new phone, and not by the old one."""
        before = {place.user: place for place in self._places.all()}
        self._places.take(places)
        self._owned.clear()
        self._is_in.clear()
        for key in self.driver.members():
            for user in self._owners(key[0], key[2]):
                self._is_in.setdefault(user, set()).add(key)
        after = {place.user: place for place in self._places.all()}
        for user in before.keys() | after.keys():
            if before.get(user) != after.get(user):
                self.touched.add(user)
                self._resettle(self.agent(user), after.get(user))

    def _resettle(self, agent: Agent, place: Place | None) -> None:
        mine = [one for one in agent.memberships.values() if one.on]
        strange = [one for one in mine if place is None or not members.is_his(one.interface, place, one.pbx)]
        if not agent.on or not strange:
            return
        names = {one.queue for one in mine}
        new = [one for one in self.open_to(agent.user, names) if one.queue in names]
        agent.sign_in(self._clock.now(), (*(one for one in mine if one not in strange), *new))
        self.changed(agent.user)

    def _differ(self, phones: set[Phone]) -> None:
        self.touched |= self.wishes.users(phones)
