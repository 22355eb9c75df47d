"""The board of the past, in the player's process: events of then in, and out comes what differs from what was told.

The board itself is the live page's (``screenpop.board``), so what it shows of a moment is what it showed then; names of
contacts and users are those of today. Neighbours: ``ami_listener.playback`` gives the events, ``worker`` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ami_listener.playback import Playback
from crm_core.agents.then import after
from crm_core.contacts.callers import CallersKnown, KnownCaller, other_key
from crm_core.users.desks import PeopleAtPhones
from cti.live.agents import Agent, Kept, Noted
from cti.live.events import CallChanged, CallEnded, CallLogged, CallMerged, CallStarted, Event, QueueChanged
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.changes import patch as differences
from screenpop.masked import masked_board
from screenpop.presenter import Phone, peer_of

Json = dict[str, Any]

OWN_MARKS = {"off": "", "ready": "ready", "pause": "pause", "wrap": "pause"}
"""What a queue makes of an agent's own state: in wrap-up he is paused there."""


class PastBoard:
    """``phone`` and ``day_of`` as in ``Board``. ``masked``: numbers are told masked."""

    def __init__(self, phone: Phone, day_of: Any, *, masked: bool) -> None:
        self._phone, self._day_of, self._masked = phone, day_of, masked
        self._board = Board(phone, day_of)
        self._agents: dict[str, Kept] = {}
        self._users: dict[str, str] = {}  # who works at PBX/peer, and at an extension
        self._keys: dict[str, str] = {}
        self._new: set[str] = set()
        self._told: Json = {}

    def begin(self, people: PeopleAtPhones) -> None:
        """Go to another moment: nothing is known but who works where."""
        self._board = Board(self._phone, self._day_of)
        self._board.apply(people)
        self._users = _users(people)
        self._agents.clear()
        self._keys.clear()
        self._new.clear()

    def queues(self, changed: Iterable[QueueChanged]) -> None:
        """Queues changed on the way to the moment."""
        for event in changed:
            self._board.apply(event)

    def load(self, playback: Playback, agents: Mapping[str, Kept], totals: Mapping[str, float]) -> None:
        """How things stood at the moment."""
        calls = playback.calls()
        self._board.start_day(playback.at, totals)
        self._board.load(calls, (), playback.links())
        self._agents = dict(agents)
        for call in calls:
            self._see(CallStarted(playback.at, call))

    def take(self, events: Iterable[Event], noted: Iterable[Noted], at: float) -> None:
        """What happened up to ``at``; what of ``noted`` came later is not looked at."""
        self._board.turn(at)
        for event in events:
            self._board.apply(event)
            self._see(event)
            if isinstance(event, CallEnded):
                self._board.apply(CallLogged(event.record))
        for note in (one for one in noted if one.at <= at):
            self._agents[note.user] = after(self._agents.get(note.user, Kept()), note)

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
        whole = self._board.whole()
        now = {name: dict(part) for name, part in (masked_board(whole) if self._masked else whole).items()}
        now["agents"] = {
            key: cell if "since" in cell else self._dated(key, cell) for key, cell in now["agents"].items()
        }
        change, self._told = differences(self._told, now), now
        return change

    def _dated(self, key: str, cell: Json) -> Json:
        """A cell whose state began before what was read of the journal: his own events may know when."""
        user = self._users.get(key) or self._users.get(key.partition("/")[2])
        kept = self._agents.get(user or "")
        if kept is None or OWN_MARKS[Agent("", kept).own] != cell["mark"]:
            return cell
        return cell | {"since": rfc3339(kept.since)}

    def _see(self, event: Event) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                key = other_key(call.record)
                if key is not None and self._keys.get(call.record.id) != key:
                    self._keys[call.record.id] = key
                    self._new.add(call.record.id)
            case CallEnded(record=record):
                self._keys.pop(record.id, None)
            case CallMerged(gone=gone):
                self._keys.pop(gone, None)
            case _:
                pass


def _users(people: PeopleAtPhones) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in people.places:
        found |= {f"{phone.pbx}/{peer_of(phone.endpoint)}": place.user for phone in place.phones}
        found |= dict.fromkeys(place.extensions, place.user)
    return found
