"""The state of the live board: events in, merge patches (RFC 7396) out. Pure: no clock, no transport.

``{"calls": {id: card}, "queues": {key: row}, "agents": {key: cell}, "links": {pbx: row}, "today": counters,
"rules": {name: limits}, "teams": {id: name}}``

Each part remembers what it last told, so a patch holds only what changed, however many events made
the change. ``seats`` knows whose cell is which, ``figured`` the day's figures; ``presenter`` makes the values, ``feed``
moves the patches into the ``hub``.
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
    DialStep,
    Event,
    LiveCall,
    PbxLinkChanged,
    QueueChanged,
)
from cti.live.record import CallRecord, rfc3339, to_json
from screenpop.changes import Part
from screenpop.figured import Figured, limits
from screenpop.presenter import Phone, call_card, link_row, peer_of, queue_row
from screenpop.seats import AgentNow
from screenpop.staff import Staff
from screenpop.waiting import Waiting

MISSED = frozenset(("abandoned", "noanswer", "busy", "failed", "lost"))
MERGED_KEPT = 1000
"""How many calls that became part of another are remembered, for screens that still show the old id."""


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
        self._waiting = Waiting()
        self.staff = Staff(self._calls, self._callers, phone)
        self.name_of = self.staff.name_of
        self.figured: Figured | None = None
        self._today: Counter[str] = Counter()
        self._day = ""
        self._touched: set[str] = set()
        self._live = False
        self._parts = {
            "calls": Part(lambda: self._calls, self._card),
            "queues": Part(lambda: sorted(self._queues), self._queue_row),
            "agents": Part(self.staff.seats.keys, self._agent),
            "links": Part(lambda: sorted(self._links), lambda pbx: link_row(self._links[pbx])),
            "today": Part(lambda: self._today, lambda key: self._today[key]),
            "rules": Part(lambda: ("talk", "pause"), self._limit),
            "teams": Part(lambda: self.staff.seats.teams, lambda team: self.staff.seats.teams.get(team)),
        }

    # ---- in ---------------------------------------------------------------------------------

    def apply(self, event: Event | PeopleAtPhones | CallersKnown | AgentNow) -> None:
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
            case DialStep():
                self._dial(event)
            case CallLogged():
                self._count(event.record, event.previous)
                self._logged(event.record)
            case CallersKnown(callers=callers):
                self._know(callers)
            case PeopleAtPhones():
                self._people(event)
            case AgentNow():
                self._parts["queues"].dirty |= self.staff.tell(event)

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
        """Figures that went on are shown so; if a new day has begun, its counters start at zero. Once a second."""
        if self._live and self.figured is not None:
            stale, ruled = self.figured.turn(now)
            for who in stale:
                key = self.staff.seats.key(who) or who
                self._parts["agents" if key in self._parts["agents"].told else "queues"].dirty.add(key)
                if key in self._queues:
                    self._parts["queues"].dirty.add(key)
            if ruled:
                self._parts["rules"].dirty.update(("talk", "pause"))
        if self._day_of(now) > self._day:
            self.start_day(now, dict.fromkeys(self._today, 0))

    # ---- out --------------------------------------------------------------------------------

    def queues_now(self) -> Collection[QueueChanged]:
        """The queues as their PBXs last told of them."""
        return self._queues.values()

    def queue_names(self) -> list[str]:
        """The queues that the PBXs have now."""
        return sorted({queue.queue for queue in self._queues.values()})

    def queue_keys(self) -> tuple[tuple[str, str], ...]:
        """The same with the PBX of each, in order."""
        return tuple((queue.pbx, queue.queue) for _, queue in sorted(self._queues.items()))

    def cells(self, queues: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        """Who is in one of these queues (by name; None: in any), by PBX/peer."""
        found = {}
        for key in self.staff.seats.members:
            held = self.staff.seats.memberships(key) if self.staff.seats.shown(key) else ()
            there = bool(held) if queues is None else any(one.partition("/")[2] in queues for one in held)
            if there and (cell := self._agent(key)) is not None:
                found[key] = cell
        return found

    def queue(self, pbx: str, name: str) -> dict[str, Any] | None:
        """How one queue stands now, and since when the first in it waits."""
        key = f"{pbx}/{name}"
        row = self._queue_row(key)
        return None if row is None else row | {"longest_since": self._waiting.longest(key)}

    def touched(self) -> set[str]:
        """The ids of the calls that changed since this was last asked."""
        touched, self._touched = self._touched, set()
        return touched

    def whole(self) -> dict[str, Any]:
        """The board as last told (call ``patch`` first to have told everything)."""
        if not self._live:
            self._live = True
            self._moved()
            return {name: part.build() for name, part in self._parts.items()}
        return {name: part.told for name, part in self._parts.items()}

    def patch(self) -> dict[str, Any]:
        """What differs from what was last told; empty if nothing does or nobody was ever told."""
        if not self._live:
            return {}
        self._moved()
        return {name: change for name, part in self._parts.items() if (change := part.patch())}

    def forget(self) -> None:
        """Nobody watches: keep no picture of what was told."""
        self._live = False
        for part in self._parts.values():
            part.forget()
        for held in (self.staff.dirty, self.staff.seats.moved, self.staff.seats.served):
            held.clear()
        if self.figured is not None:
            self.figured.forget()

    def call(self, call_id: str) -> dict[str, Any] | None:
        """The whole of one live call, or where it went; None if it is not up."""
        if (into := self._merged.get(call_id)) is not None:
            return {"merged_into": into}
        if (call := self._calls.get(call_id)) is None:
            return None
        return {"call": self._card(call_id), "record": to_json(call.record)}

    def live(self, call_id: str) -> LiveCall | None:
        return self._calls.get(call_id)

    def merged(self, call_id: str) -> str:
        """The id of the call that this one became part of, or its own."""
        return self._merged.get(call_id, call_id)

    def up(self) -> tuple[LiveCall, ...]:
        """All calls that are up."""
        return tuple(self._calls.values())

    def teams_of(self, call: LiveCall) -> frozenset[str]:
        """The teams (ids) that a call concerns."""
        return frozenset(self.staff.teams_of(call))

    def today(self, name: str) -> int:
        """One of the day's counters."""
        return self._today[name]

    # ---- parts ------------------------------------------------------------------------------

    def _card(self, call_id: str) -> dict[str, Any] | None:
        call = self._calls.get(call_id)
        if call is None:
            return None
        agents, teams = self.staff.cells_in(call), sorted(self.staff.teams_in(call))
        known = self._callers.get(call_id)
        more = {"agents": agents or None, "teams": teams or None, "place": rfc3339(self._waiting.places.get(call_id))}
        return call_card(call, self.phone, self.name_of, known, self.staff.to(call), **more)

    def _queue_row(self, key: str) -> dict[str, Any] | None:
        queue = self._queues.get(key)
        if queue is None:
            return None
        states, wrap = self.staff.states(key)
        more = self.figured.queue(key) if self.figured is not None else {}
        teams = list(self.staff.seats.serving(queue.queue)) or None
        return queue_row(queue, states, wrap, longest_since=rfc3339(self._waiting.longest(key)), teams=teams, **more)

    def _agent(self, key: str) -> dict[str, Any] | None:
        return self.staff.cell(key, self.figured)

    def _limit(self, name: str) -> dict[str, float] | None:
        return None if self.figured is None else limits(self.figured.rules)[name]

    def _set_call(self, call_id: str, call: LiveCall | None) -> None:
        if call is not None and call.record.kind == "monitoring":
            call = None  # whoever listens in is in no call of his own, and nobody is to see that he does
        before = self._calls.pop(call_id, None)
        if before is not None:
            self.staff.free(before)
        if call is None:
            self._callers.pop(call_id, None)
            self.staff.dials.pop(call_id, None)
        else:
            self._calls[call_id] = call
            self.staff.occupy(call)
        self._wait(call_id, before, call)
        self._touched.add(call_id)
        self._parts["calls"].dirty.add(call_id)

    def _dial(self, told: DialStep) -> None:
        """A call by a click, which may not be up yet, leads to a number."""
        call_id = told.call or f"{told.pbx}-{told.uniqueid}"
        if told.over or told.step not in ("my_phone", "dialling"):
            self.staff.dials.pop(call_id, None)
        else:
            self.staff.dials[call_id] = told.to
        if (call := self._calls.get(call_id)) is not None:
            self._set_call(call_id, call)

    def _wait(self, call_id: str, before: LiveCall | None, call: LiveCall | None) -> None:
        """Who waits in which queue is another."""
        was, now = _waits_in(before), _waits_in(call)
        if was is not None and was != now:
            self._waiting.leaves(was, call_id)
            self._stale(was)
            self._parts["queues"].dirty.add(was)
        if now is not None and call is not None and self._waiting.joins(now, call_id, call.since):
            self._parts["queues"].dirty.add(now)

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

    def _set_queue(self, queue: QueueChanged, at: float | None) -> None:
        key = f"{queue.pbx}/{queue.queue}"
        known = key in self._queues and queue.changed is not None
        self._queues[key] = queue
        self._waiting.ordered(key, queue.order)
        self._parts["queues"].dirty.add(key)
        if not known:
            self.staff.drop(key, queue)
        # A queue can have a thousand members and change a hundred times a second: only what changed is looked at.
        for member in queue.changed if known and queue.changed is not None else queue.members:
            self.staff.member(f"{queue.pbx}/{peer_of(member.interface)}", key, member, at)

    def _people(self, people: PeopleAtPhones) -> None:
        teams = self._parts["teams"].dirty
        teams.update(self.staff.seats.teams)
        self.staff.people(people)
        teams.update(self.staff.seats.teams)
        self._parts["calls"].dirty.update(self._calls)
        self._touched.update(self._calls)

    def _moved(self) -> None:
        """Cells that are another's by now, and queues that other teams serve, with all that shows them."""
        seats = self.staff.seats
        self._parts["calls"].dirty |= self._waiting.settle()
        self._parts["agents"].dirty |= self.staff.dirty | seats.moved
        if seats.served:
            self._parts["queues"].dirty.update(key for key, one in self._queues.items() if one.queue in seats.served)
        if seats.moved:
            self._parts["calls"].dirty.update(
                call_id
                for call_id, call in self._calls.items()
                if not seats.moved.isdisjoint(self.staff.phones_of(call))
            )
        for held in (self.staff.dirty, seats.moved, seats.served):
            held.clear()

    def _logged(self, record: CallRecord) -> None:
        if self.figured is None or not self._live:
            return
        for queue in {record.queue, *(wait.queue for wait in record.queue_waits)} - {None}:
            self._stale(f"{record.pbx}/{queue}")
        for leg in record.legs:
            users = self.staff.seats.at(record.pbx, leg.endpoint, leg.extension)
            for who in users or (f"{record.pbx}/{leg.extension or peer_of(leg.endpoint)}",):
                self._stale(who)

    def _stale(self, who: str) -> None:
        if self.figured is not None:
            self.figured.stale(who)

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


def _waits_in(call: LiveCall | None) -> str | None:
    """The queue in which a call waits."""
    if call is None or call.state != "queued" or call.record.queue is None:
        return None
    return f"{call.record.pbx}/{call.record.queue}"


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
