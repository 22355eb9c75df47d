"""The board of the past, in the player's process: events of then in, and out comes what differs from what was told.

The board itself is the live page's (``screenpop.board``), so what it shows of a moment is what it showed then; names of
contacts and users are those of today. Neighbours: ``ami_listener.playback`` gives the events, ``worker`` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from ami_listener.playback import Playback
from crm_core.agents.model import Rules
from crm_core.agents.then import after
from crm_core.agents.view import reason_of
from crm_core.contacts.callers import CallersKnown, KnownCaller, other_key
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Places
from cti.app.board import Phone as PhoneOf
from cti.app.board import shown
from cti.app.calls import whose
from cti.app.past.day import PastDay
from cti.app.past.frames import Seek
from cti.live.agents import FOREIGN, Agent, Kept, Noted
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallLogged,
    CallMerged,
    CallStarted,
    EndpointChanged,
    Event,
    QueueChanged,
)
from cti.live.record import CallRecord
from screenpop.board import Board
from screenpop.changes import patch as differences
from screenpop.masked import masked_board
from screenpop.playbacks import Sight
from screenpop.presenter import Phone
from screenpop.seats import AgentNow
from screenpop.teams import CONCERNS, WHOLE, concerned

Json = dict[str, Any]


class PastBoard:
    """``phone`` and ``day_of`` as in ``Board``, ``day``: its figures. ``language``: of the names of reasons.
    ``sight``: what is told."""

    def __init__(self, phone: Phone, day_of: Callable[[float], str], day: PastDay, language: str, sight: Sight) -> None:
        self._phone, self._day_of, self.day, self._language, self._sight = phone, day_of, day, language, sight
        self._told: Json = {}
        self.begin(PeopleAtPhones({}), Rules())

    def begin(self, people: PeopleAtPhones, rules: Rules) -> None:
        """Go to another moment: nothing is known but who works where."""
        self._board = Board(self._phone, self._day_of)
        self._board.apply(people)
        self._rules, self._names = rules, {mate.user: mate.name for mate in people.mates}
        self._places = Places()
        self._places.take(people.places)
        self._agents: dict[str, Kept] = {}
        self._reachable: dict[tuple[str, str], bool | None] = {}
        self._records: dict[str, CallRecord] = {}  # of calls that are up
        self._changed: dict[str, CallRecord] = {}  # of those that are to be logged
        self._stale: set[str] = set()  # users who do something else
        self._keys: dict[str, str] = {}
        self._new: set[str] = set()

    def queues(self, changed: Iterable[QueueChanged]) -> None:
        """Queues changed on the way to the moment."""
        for event in changed:
            self._board.apply(event)

    def load(self, playback: Playback, known: Seek) -> None:
        """How things stood at the moment; ``known``: what the log knows of it."""
        calls = playback.calls()
        self._board.start_day(playback.at, known.totals)
        self._board.figured = self.day.begin(playback.at, known.figures, known.noted, whose(self._places))
        self._board.load(calls, (), playback.links())
        for call in calls:
            self._see(CallStarted(playback.at, call))
        for told in playback.endpoints():
            self._see(told)
        self._log()
        self._stale |= {place.user for place in self._places.all()}
        self._note(known.noted)
        self._tell()

    def take(self, events: Iterable[Event], noted: Iterable[Noted], at: float) -> None:
        """What happened up to ``at``; what of ``noted`` came later is not looked at."""
        self.day.turn(at)
        self._board.turn(at)
        for event in events:
            self._board.apply(event)
            self._see(event)
        self._log()
        new = [one for one in noted if one.at <= at]
        for note in new:
            self.day.noted(note)
        self._note(new)
        self._tell()

    def know(self, callers: Mapping[str, KnownCaller | None]) -> None:
        """Who is meant by the numbers that were asked for, by call."""
        found = {call: caller for call, caller in callers.items() if caller is not None and call in self._keys}
        if found:
            self._board.apply(CallersKnown(found))

    def asks(self) -> dict[str, str]:
        """The keys of the numbers of calls that are new since this was last asked."""
        new, self._new = self._new, set()
        return {call: self._keys[call] for call in new if call in self._keys}

    def patch(self) -> Json:
        """What differs from what was told before: a merge patch, all the way down."""
        self._board.patch()
        seen = self._seen(self._board.whole())
        now = {name: dict(part) for name, part in (masked_board(seen) if self._sight.masked else seen).items()}
        change, self._told = differences(self._told, now), now
        return change

    def _seen(self, whole: Json) -> Json:
        """What concerns the teams of who looks, as on the board of a team; of today's teams."""
        if self._sight.teams is None:
            return whole
        teams = frozenset(self._sight.teams)
        found = {name: whole[name] for name in WHOLE}
        for part in CONCERNS:
            found[part] = {
                key: one for key, one in whole[part].items() if not teams.isdisjoint(concerned(part, one, whole))
            }
        return found

    def _log(self) -> None:
        """What the log was told: calls are counted from their start."""
        for record in self._changed.values():
            self.day.take(record)
            self._board.apply(CallLogged(record, self._records.get(record.id)))
            if record.provisional:
                self._records[record.id] = record
            else:
                self._records.pop(record.id, None)
        self._changed.clear()

    def _note(self, noted: Iterable[Noted]) -> None:
        """What happened to agents."""
        for one in noted:
            self._stale.add(one.user)
            self._agents[one.user] = after(self._agents.get(one.user, Kept()), one, self._rules, self._language)

    def _tell(self) -> None:
        """What agents say of themselves."""
        for user in sorted(self._stale):
            self._board.apply(self._now(user))
        self._stale.clear()

    def _now(self, user: str) -> AgentNow:
        agent, phone = Agent(user, self._agents.get(user)), self._phone_of(user)
        name = self._names.get(user)
        if name is None or (phone is None and not agent.on):
            return AgentNow(user, there=False)
        return shown(agent, name, self._reason(agent), phone)

    def _reason(self, agent: Agent) -> Mapping[str, str] | None:
        if agent.own != "pause":
            return None
        pause = agent.pauses[-1]
        if pause.reason == FOREIGN:  # what he was told at the PBX stands there, not in what we wrote down
            seats = self._board.staff.seats
            held = seats.memberships(seats.key(agent.user) or "").values()
            label = next((one.paused_reason for one in held if one.paused and one.paused_reason), pause.label)
            pause = replace(pause, label=label)
        return reason_of(pause, self._rules.reason)

    def _phone_of(self, user: str) -> PhoneOf | None:
        place = self._places.of(user)
        if place is None:
            return None
        for one in place.phones:
            return one.pbx, one.endpoint, one.extension, self._reachable.get((one.pbx, one.endpoint))
        return "", "", place.extensions[0], None

    def _see(self, event: Event) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._changed[call.record.id] = call.record
                self._ask(call.record)
            case CallEnded(record=record):
                self._changed[record.id] = record
                self._keys.pop(record.id, None)
            case CallMerged(gone=gone):
                self.day.merged(gone)
                for held in (self._changed, self._records, self._keys):
                    held.pop(gone, None)
            case EndpointChanged(pbx=pbx, endpoint=endpoint):
                self._reachable[pbx, endpoint.name] = endpoint.reachable
                self._stale.update(self._places.at(pbx, endpoint.name, None))
            case _:
                pass

    def _ask(self, record: CallRecord) -> None:
        key = other_key(record)
        if key is not None and self._keys.get(record.id) != key:
            self._keys[record.id] = key
            self._new.add(record.id)
