"""The state of the live board: events in, merge patches (RFC 7396) out. Pure: no clock, no transport.

``{"calls": {id: card}, "queues": {key: row}, "agents": {key: cell}, "links": {pbx: row}, "today": counters}``

Each part remembers what it last told, so a patch holds only what changed, however many events made
the change. ``presenter`` makes the values, ``feed`` moves the patches into the ``hub``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from crm_core.contacts.callers import CallersKnown, KnownCaller
from crm_core.users.desks import PeopleAtPhones
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallLogged,
    CallMerged,
    CallStarted,
    Event,
    LegState,
    LiveCall,
    LiveLeg,
    PbxLinkChanged,
    QueueChanged,
    QueueMember,
)
from cti.live.record import CallRecord, to_json
from screenpop.presenter import Phone, agent_cell, call_card, link_row, member_state, ours_now, peer_of, queue_row

MISSED = frozenset(("abandoned", "noanswer", "busy", "failed", "lost"))
SHOWN: tuple[LegState, ...] = ("ringing", "parked", "held", "up", "consulting", "talking")
"""Of several calls of an agent one is shown: one in a later of these states."""
MERGED_KEPT = 1000
"""How many calls that became part of another are remembered, for screens that still show the old id."""


class _Part:
    """One part of the board: which keys it has, how a key's value is made, and what was told of it."""

    def __init__(self, keys: Callable[[], Iterable[str]], value: Callable[[str], Any]) -> None:
        self._keys = keys
        self._value = value
        self.told: dict[str, Any] = {}
        self.dirty: set[str] = set()

    def build(self) -> dict[str, Any]:
        self.told = {key: self._value(key) for key in self._keys()}
        self.dirty.clear()
        return self.told

    def patch(self) -> dict[str, Any]:
        change: dict[str, Any] = {}
        for key in self.dirty:
            before, now = self.told.get(key), self._value(key)
            if now == before:
                continue
            change[key] = _diff(before, now)
            if now is None:
                del self.told[key]
            else:
                self.told[key] = now
        self.dirty.clear()
        return change


class Board:
    """``phone`` writes a number for people; ``day_of`` names the local day of a moment (``2026-11-22``)."""

    def __init__(self, phone: Phone, day_of: Callable[[float], str]) -> None:
        self.phone = phone
        self._day_of = day_of
        self._calls: dict[str, LiveCall] = {}
        self._callers: dict[str, KnownCaller] = {}  # the contacts of calls that are up
        self._merged: dict[str, str] = {}
        self._queues: dict[str, QueueChanged] = {}
        self._links: dict[str, PbxLinkChanged] = {}
        self._busy: dict[str, dict[str, tuple[LiveLeg, LiveCall]]] = {}  # agent -> call -> his leg in it
        self._members: dict[str, dict[str, QueueMember]] = {}  # agent -> queue -> membership
        self._states: dict[str, Counter[str]] = {}  # queue -> how many of its members are in which state
        self._people: Mapping[str, str] = {}  # users, by PBX/peer and by extension
        self._names: dict[str, str] = {}  # kept when a member leaves: the calls of yesterday still have it
        self._since: dict[str, tuple[str, float | None]] = {}  # agent -> state as a member, since
        self._today: Counter[str] = Counter()
        self._day = ""
        self._touched: set[str] = set()
        self._live = False
        self._parts = {
            "calls": _Part(lambda: self._calls, self._card),
            "queues": _Part(lambda: sorted(self._queues), self._queue_row),
            "agents": _Part(lambda: sorted(self._members), self._agent),
            "links": _Part(lambda: sorted(self._links), lambda pbx: link_row(self._links[pbx])),
            "today": _Part(lambda: self._today, lambda key: self._today[key]),
        }

    # ---- in ---------------------------------------------------------------------------------

    def apply(self, event: Event | PeopleAtPhones | CallersKnown) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._set_call(call.record.id, call)
            case CallEnded(record=record):
                self._set_call(record.id, None)
            case CallMerged(gone=gone, into=into):
                self._set_call(gone, None)
                self._remember_merge(gone, into)
            case QueueChanged():
                self._set_queue(event, event.at)
            case PbxLinkChanged():
                self._links[event.pbx] = event
                self._parts["links"].dirty.add(event.pbx)
            case CallLogged():
                self._count(event.record, event.previous)
            case CallersKnown(callers=callers):
                self._know(callers)
            case PeopleAtPhones(names=names):
                self._people = names
                self._parts["agents"].dirty.update(self._members)
                self._parts["calls"].dirty.update(self._calls)
                self._touched.update(self._calls)

    def links(self) -> dict[str, Any]:
        """The link to each PBX as it is."""
        return {pbx: link_row(link) for pbx, link in self._links.items()}

    def load(self, calls: Iterable[LiveCall], queues: Iterable[QueueChanged], links: Iterable[PbxLinkChanged]) -> None:
        """Take over how things stand (at the start, or after a gap in the events)."""
        now = {call.record.id: call for call in calls}
        for gone in set(self._calls).difference(now):
            self._set_call(gone, None)
        for call_id, call in now.items():
            self._set_call(call_id, call)
        for queue in queues:
            self._set_queue(queue, None)
        for link in links:
            self.apply(link)

    def start_day(self, now: float, totals: Mapping[str, float]) -> None:
        """Today's counters as the call log has them; what ``CallLogged`` says later is added."""
        self._day = self._day_of(now)
        self._parts["today"].dirty.update(self._today)
        self._today = Counter({key: int(value) for key, value in totals.items()})
        self._parts["today"].dirty.update(self._today)

    def turn(self, now: float) -> None:
        """If a new day has begun, its counters start at zero."""
        if self._day_of(now) > self._day:
            self.start_day(now, dict.fromkeys(self._today, 0))

    # ---- out --------------------------------------------------------------------------------

    def name_of(self, pbx: str, endpoint: str) -> str | None:
        """Who works at ``endpoint`` (or extension): the user who does now, else whom a queue named so last."""
        key = f"{pbx}/{(peer := peer_of(endpoint))}"
        return self._people.get(key) or self._people.get(peer) or self._names.get(key)

    def queue_names(self) -> list[str]:
        """The queues that the PBXs have now."""
        return sorted({queue.queue for queue in self._queues.values()})

    def queue_keys(self) -> tuple[tuple[str, str], ...]:
        """The same with the PBX of each, in order."""
        return tuple((queue.pbx, queue.queue) for _, queue in sorted(self._queues.items()))

    def cells(self, queues: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        """The phones that are in one of these queues (by name; None: in any), by PBX/peer."""
        found = {}
        for key, held in self._members.items():
            there = queues is None or any(one.partition("/")[2] in queues for one in held)
            if there and (cell := self._agent(key)) is not None:
                found[key] = cell
        return found

    def queue(self, pbx: str, name: str) -> dict[str, Any] | None:
        """How one queue stands now, and since when the first in it waits."""
        if (row := self._queue_row(f"{pbx}/{name}")) is None:
            return None
        queued = (call for call in self._calls.values() if call.state == "queued" and call.record.queue == name)
        return row | {"longest_since": min((call.since for call in queued if call.record.pbx == pbx), default=None)}

    def touched(self) -> set[str]:
        """The ids of the calls that changed since this was last asked."""
        touched, self._touched = self._touched, set()
        return touched

    def whole(self) -> dict[str, Any]:
        """The board as last told (call ``patch`` first to have told everything)."""
        if not self._live:
            self._live = True
            return {name: part.build() for name, part in self._parts.items()}
        return {name: part.told for name, part in self._parts.items()}

    def patch(self) -> dict[str, Any]:
        """What differs from what was last told; empty if nothing does or nobody was ever told."""
        if not self._live:
            return {}
        return {name: change for name, part in self._parts.items() if (change := part.patch())}

    def forget(self) -> None:
        """Nobody watches: keep no picture of what was told."""
        self._live = False
        for part in self._parts.values():
            part.told = {}
            part.dirty.clear()

    def call(self, call_id: str) -> dict[str, Any] | None:
        """The whole of one live call, or where it went; None if it is not up."""
        if (into := self._merged.get(call_id)) is not None:
            return {"merged_into": into}
        if (call := self._calls.get(call_id)) is None:
            return None
        return {"call": self._card(call_id), "record": to_json(call.record)}

    def live(self, call_id: str) -> LiveCall | None:
        return self._calls.get(call_id)

    # ---- parts ------------------------------------------------------------------------------

    def _card(self, call_id: str) -> dict[str, Any] | None:
        call = self._calls.get(call_id)
        return None if call is None else call_card(call, self.phone, self.name_of, self._callers.get(call_id))

    def _queue_row(self, key: str) -> dict[str, Any] | None:
        queue = self._queues.get(key)
        return None if queue is None else queue_row(queue, self._states.get(key, Counter()))

    def _agent(self, key: str) -> dict[str, Any] | None:
        memberships = self._members.get(key)
        if not memberships:
            return None
        state, since = self._since[key]
        busy = max(self._busy.get(key, {}).values(), key=_shows, default=None)
        known = self._callers.get(busy[1].record.id) if busy else None
        return agent_cell(key, memberships, state, since, busy, self.phone, self.name_of, known)

    def _set_call(self, call_id: str, call: LiveCall | None) -> None:
        if call is not None and call.record.kind == "monitoring":
            call = None  # whoever listens in is in no call of his own, and nobody is to see that he does
        before = self._calls.pop(call_id, None)
        if before is not None:
            self._free(before)
        if call is None:
            self._callers.pop(call_id, None)
        else:
            self._calls[call_id] = call
            self._occupy(call)
        self._touched.add(call_id)
        self._parts["calls"].dirty.add(call_id)

    def _know(self, callers: Mapping[str, KnownCaller | None]) -> None:
        for call_id, caller in callers.items():
            call = self._calls.get(call_id)
            if call is None:
                continue
            if caller is None:
                self._callers.pop(call_id, None)
            else:
                self._callers[call_id] = caller
            self._set_call(call_id, call)

    def _occupy(self, call: LiveCall) -> None:
        for leg in ours_now(call):
            key = f"{call.record.pbx}/{peer_of(leg.endpoint)}"
            held = self._busy.setdefault(key, {})
            if (before := held.get(call.record.id)) is None or _shows(before) < _shows((leg, call)):
                held[call.record.id] = (leg, call)
            self._parts["agents"].dirty.add(key)

    def _free(self, call: LiveCall) -> None:
        for leg in ours_now(call):
            key = f"{call.record.pbx}/{peer_of(leg.endpoint)}"
            held = self._busy.get(key, {})
            held.pop(call.record.id, None)
            if not held:
                self._busy.pop(key, None)
            self._parts["agents"].dirty.add(key)

    def _set_queue(self, queue: QueueChanged, at: float | None) -> None:
        key = f"{queue.pbx}/{queue.queue}"
        known = key in self._queues and queue.changed is not None
        self._queues[key] = queue
        self._parts["queues"].dirty.add(key)
        if not known:
            self._drop_members(key, queue)
        # A queue can have a thousand members and change a hundred times a second: only what changed is looked at.
        for member in queue.changed if known and queue.changed is not None else queue.members:
            self._set_member(f"{queue.pbx}/{peer_of(member.interface)}", key, member, at)

    def _set_member(self, agent: str, key: str, member: QueueMember, at: float | None) -> None:
        held = self._members.setdefault(agent, {})
        before, held[key] = held.get(key), member
        states = self._states.setdefault(key, Counter())
        if before is not None:
            states[member_state(before)] -= 1
        states[member_state(member)] += 1
        if member.name and "/" not in member.name:
            self._names[agent] = member.name
        self._notice(agent, member, at)
        self._parts["agents"].dirty.add(agent)

    def _drop_members(self, key: str, queue: QueueChanged) -> None:
        """Forget who is no longer a member."""
        agents = {f"{queue.pbx}/{peer_of(m.interface)}" for m in queue.members}
        for agent in [a for a, held in self._members.items() if key in held and a not in agents]:
            self._states[key][member_state(self._members[agent].pop(key))] -= 1
            if not self._members[agent]:
                del self._members[agent]
            self._parts["agents"].dirty.add(agent)

    def _notice(self, agent: str, member: QueueMember, at: float | None) -> None:
        state = member_state(member)
        before = self._since.get(agent)
        if before is None:
            self._since[agent] = (state, None)  # it may have been so for hours: no clock is better than a wrong one
        elif before[0] != state:
            self._since[agent] = (state, at)

    def _remember_merge(self, gone: str, into: str) -> None:
        self._merged[gone] = into
        if len(self._merged) > MERGED_KEPT:
            del self._merged[next(iter(self._merged))]

    def _count(self, record: CallRecord, previous: CallRecord | None) -> None:
        for logged, step in ((previous, -1), (record, 1)):
            if logged is None or logged.kind != "call" or logged.started_at is None:
                continue
            if self._day_of(logged.started_at) != self._day:
                continue
            for key, value in contribution(logged).items():
                self._today[key] += step * value
                self._parts["today"].dirty.add(key)


def _shows(busy: tuple[LiveLeg, LiveCall]) -> tuple[int, float, str]:
    """Of several legs of an agent the one that is shown: the one that talks, of those the latest."""
    leg, _ = busy
    return SHOWN.index(leg.state) if leg.state in SHOWN else -1, leg.since, leg.uniqueid


def contribution(record: CallRecord) -> dict[str, int]:
    """What one call adds to the day's counters (seconds are whole)."""
    counts = {"calls": 1, record.direction: 1, "talk_seconds": round(record.talk_seconds)}
    if record.outcome == "answered":
        counts["answered"] = 1
        if record.direction == "inbound":
            counts["wait_seconds"] = round(record.wait_seconds or 0)
            counts["inbound_answered"] = 1
    elif record.direction == "inbound" and record.outcome in MISSED:
        counts["missed"] = 1
    return counts


def _diff(before: Any, now: Any) -> Any:
    """The merge patch from one flat object to another (None: gone)."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return now
    change = {key: value for key, value in now.items() if before.get(key) != value}
    return change | dict.fromkeys(before.keys() - now.keys())
