"""The cards of everybody: events in, what changed for whom out. No clock, no transport.

An event costs what the call it tells of costs, however many users there are. A card is told when it differs from what
its user was told last; one that is over leaves the snapshot at once and is remembered until its call is over, since a
queue may ring the same phone again.

Neighbours: ``rules`` decides, ``cards`` writes, ``feed`` publishes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from crm_core.contacts.callers import CallersKnown
from crm_core.contacts.lookup import Match
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Places
from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted, DialStep, LiveCall, RecordingPaused
from cti.live.record import CallRecord, Leg, rfc3339
from screenpop.cards import Json, Setting, Writer, over, step
from screenpop.rules import OVER, View, consult_by, consults, finished, views

HEARD = (CallStarted, CallChanged, CallEnded, CallMerged, CallersKnown, PeopleAtPhones, DialStep, RecordingPaused)
"""What ``take`` wants to hear."""
MOST_ENDED = 200
"""Calls by a click that are over, of which the last word may still come: it is told when their end is known."""
MOST_ADDED = 1000
"""Calls of which something was added before they were heard of, and still are not."""

Told = tuple[str, Json]
"""A user (id) and his card."""


class Pops:
    """``writer`` makes the JSON; its ``can`` and ``opens`` may be set until the first event."""

    def __init__(self, places: Places, writer: Writer) -> None:
        self.writer = writer
        self._places = places
        self._calls: dict[str, LiveCall] = {}
        self._matches: dict[str, tuple[Match, ...]] = {}
        self._added: OrderedDict[str, Json] = OrderedDict()
        self._told: dict[str, dict[str, Json]] = {}  # call -> user -> card as last told
        self._of: dict[str, dict[str, Json]] = {}  # user -> pop -> card that is not over
        self._owners: dict[str, dict[str, tuple[str, ...]]] = {}  # call -> leg -> who answered it
        self._phones: dict[tuple[str, str], set[str]] = {}  # phone -> the calls in which it is
        self._main: dict[str, str] = {}  # call that asks a colleague -> call for whose caller
        self._asking: dict[str, str] = {}  # and back
        self._views: dict[str, dict[str, View]] = {}  # of the cards that are over
        self._dials: dict[str, DialStep] = {}  # calls placed by a click, of which more will be told
        self._ended: OrderedDict[str, Json] = OrderedDict()  # the last cards of such calls
        self._dirty: dict[str, None] = {}
        self._done: dict[str, CallRecord] = {}
        self._out: list[Told] = []

    # --- in

    def take(self, event: object) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._set(call)
            case CallEnded(record=record):
                self._end(record)
            case CallMerged(gone=gone, into=into):
                self._merge(gone, into)
            case CallersKnown(matches=matches):
                self._know(matches)
            case DialStep():
                self._step(event)
            case RecordingPaused(call=call_id, until=until, over=ended):
                paused = {} if ended else {"recording": "paused", "recording_until": rfc3339(until)}
                self.add(call_id, **({"recording": None, "recording_until": None} | paused))
            case PeopleAtPhones(places=places):
                self._places.take(places)
                self._dirty.update(dict.fromkeys(self._calls))
            case _:
                pass

    def load(self, calls: Iterable[LiveCall]) -> None:
        """These are the calls that are up: events were missed, or nothing was heard yet."""
        now = {call.record.id: call for call in calls}
        for gone in {*self._calls, *self._told} - now.keys():
            if gone in self._calls or gone not in self._dials:
                self._drop(gone)
        for call in now.values():
            self._set(call)

    def add(self, call_id: str, **more: Any) -> None:
        """Say something more of a call on every card of it, from now until it ends (``recording``, ``dial``); None
        takes it back. The call may be one that is still to come."""
        held = self._added.setdefault(call_id, {})
        held.update(more)
        if kept := {key: value for key, value in held.items() if value is not None}:
            self._added[call_id] = kept
        else:
            del self._added[call_id]
        self._touch(call_id)
        if len(self._added) > MOST_ADDED:
            stray = next((other for other in self._added if other not in self._calls), None)
            if stray is not None:
                del self._added[stray]

    # --- out

    def flush(self) -> list[Told]:
        """What is to be told to whom, in order."""
        told, self._out = self._out, []
        dirty, self._dirty = self._dirty, {}
        for call_id in dirty:
            told += self._news(call_id)
        for call_id in self._done:
            self._keep_last(call_id)
            self._forget(call_id)
        self._done.clear()
        return told

    def snapshot(self, user: str) -> Json:
        """The cards of a user that are not over, as last told (``flush`` first), the oldest first."""
        return {"pops": sorted(self._of.get(user, {}).values(), key=lambda card: str(card["at"]))}

    def card(self, call_id: str, user: str) -> Json | None:
        """What a user was told last of a call that is up."""
        return self._told.get(call_id, {}).get(user)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    # --- the books

    def _touch(self, call_id: str) -> None:
        for each in (call_id, self._main.get(call_id), self._asking.get(call_id)):
            if each is not None and each in self._calls:
                self._dirty[each] = None

    def _set(self, call: LiveCall) -> None:
        call_id = call.record.id
        self._unplace(call_id)
        self._calls[call_id] = call
        self._done.pop(call_id, None)
        for phone in _phones(call):
            self._phones.setdefault(phone, set()).add(call_id)
        self._link(call)
        self._touch(call_id)

    def _unplace(self, call_id: str) -> None:
        before = self._calls.get(call_id)
        for phone in _phones(before) if before is not None else ():
            held = self._phones.get(phone)
            if held is not None:
                held.discard(call_id)
                if not held:
                    del self._phones[phone]

    def _link(self, call: LiveCall) -> None:
        """Which call asks a colleague for which."""
        call_id = call.record.id
        self._touch(call_id)
        for asking, main in ((call_id, self._main.get(call_id)), (self._asking.get(call_id), call_id)):
            if asking is not None and main is not None and not consults(self._calls[asking], self._calls[main]):
                self._unlink(asking)
        beside = {other for phone in _phones(call) for other in self._phones[phone] if other != call_id}
        for other in sorted(beside):
            self._join(call, self._calls[other])
            self._join(self._calls[other], call)

    def _join(self, asking: LiveCall, main: LiveCall) -> None:
        a, m = asking.record.id, main.record.id
        if a in self._main or a in self._asking or m in self._asking or m in self._main:
            return
        if consults(asking, main):
            self._main[a], self._asking[m] = m, a

    def _unlink(self, asking: str) -> None:
        main = self._main.pop(asking, None)
        if main is not None:
            self._asking.pop(main, None)

    def _end(self, record: CallRecord) -> None:
        call_id = record.id
        if call_id not in self._calls and call_id not in self._told:
            return
        self._leave(call_id)
        self._done[call_id] = record
        self._dirty[call_id] = None

    def _leave(self, call_id: str) -> None:
        """The call is up no more, whatever it was linked with is alone."""
        self._touch(call_id)
        self._unplace(call_id)
        self._unlink(call_id)
        if (asking := self._asking.get(call_id)) is not None:
            self._unlink(asking)
        self._calls.pop(call_id, None)
        self._dirty.pop(call_id, None)

    def _merge(self, gone: str, into: str) -> None:
        self._leave(gone)
        if gone in self._matches:
            self._matches.setdefault(into, self._matches[gone])
        for leg, users in self._owners.get(gone, {}).items():
            self._owners.setdefault(into, {}).setdefault(leg, users)
        self._drop(gone, merged_into=into)

    def _drop(self, call_id: str, **more: Any) -> None:
        self._leave(call_id)
        for user, card in self._told.get(call_id, {}).items():
            if card["state"] not in OVER:
                self._note(call_id, user, over(card, **more))
                self._out.append((user, over(card, **more)))
        self._forget(call_id)

    def _forget(self, call_id: str) -> None:
        for book in (self._told, self._matches, self._added, self._owners, self._dials, self._views):
            book.pop(call_id, None)

    def _know(self, matches: Mapping[str, tuple[Match, ...]]) -> None:
        for call_id, found in matches.items():
            if call_id in self._calls:
                self._matches[call_id] = found
                self._touch(call_id)

    def _step(self, told: DialStep) -> None:
        """Of a call by a click there is a card at once, and one that says why where it never comes to a call."""
        call_id = told.call or f"{told.pbx}-{told.uniqueid}"
        if (last := self._ended.get(call_id)) is not None:
            if told.over and last["result"] != "answered":
                self._out.append((told.user, last | {"dial": step(told)}))
            return
        self._dials[call_id] = told
        if call_id in self._calls or call_id in self._done:
            self._dirty[call_id] = None
            return
        card = self.writer.dialled(told)
        before = self._told.get(call_id, {}).get(told.user)
        self._out.append((told.user, self._note(call_id, told.user, card | ({"at": before["at"]} if before else {}))))
        if told.over:
            self._forget(call_id)

    def _keep_last(self, call_id: str) -> None:
        told = self._dials.get(call_id)
        card = self._told.get(call_id, {}).get(told.user) if told is not None and not told.over else None
        if card is not None and "result" in card:
            self._ended[call_id] = card
            if len(self._ended) > MOST_ENDED:
                self._ended.popitem(last=False)

    # --- the cards

    def _news(self, call_id: str) -> Iterable[Told]:
        """What differs for whom."""
        record = self._done.get(call_id)
        call = finished(record) if record is not None else self._calls[call_id]
        told = self._told.get(call_id, {})
        cards = self._cards(call)
        for user in [user for user in told if user not in cards]:
            if told[user]["state"] not in OVER:
                yield user, self._note(call_id, user, over(told[user]))
            del told[user]
        for user, (view, card) in cards.items():
            before = told.get(user)
            if before != card and (before is not None or not view.over or _worth_telling(view)):
                yield user, self._note(call_id, user, card)

    def _note(self, call_id: str, user: str, card: Json) -> Json:
        self._told.setdefault(call_id, {})[user] = card
        held = self._of.setdefault(user, {})
        if card["state"] in OVER:
            held.pop(card["pop"], None)
            if not held:
                del self._of[user]
        else:
            held[card["pop"]] = card
        return card

    def _cards(self, call: LiveCall) -> dict[str, tuple[View, Json]]:
        call_id = call.record.id
        dial = self._dials.get(call_id)
        seen = views(call, lambda leg: self._at(call_id, call.record.pbx, leg), dial is not None)
        if not seen:
            return {}
        main, asking = self._calls.get(self._main.get(call_id, "")), self._calls.get(self._asking.get(call_id, ""))
        added = self._added.get(call_id, {})
        setting = Setting.of(
            call, self._matches.get(call_id, ()), asking=asking, asked_for=main, extra=added, dial=dial
        )
        common = self.writer.common(setting)
        asked = self._asked(setting) if main is not None else (setting, common)
        cards: dict[str, tuple[View, Json]] = {}
        for user, view in seen.items():
            if main is not None and view.placed and not view.over:
                continue  # it is in the card of the call for which he asks
            if view.over and self._is_over(call_id, view):
                cards[user] = (view, self._told[call_id][user])
                continue
            view = _with_asking(view, asking)
            shown_as = asked if main is not None and not view.placed else (setting, common)
            cards[user] = (view, self.writer.card(view, *shown_as))
        return cards

    def _is_over(self, call_id: str, view: View) -> bool:
        """It was told so already: of a queue that rings hundreds only those who ring now are written anew."""
        known = self._views.setdefault(call_id, {})
        same = known.get(view.user) == view and view.user in self._told.get(call_id, {})
        known[view.user] = view
        return same

    def _asked(self, setting: Setting) -> tuple[Setting, Json]:
        """As who is asked sees it: the caller for whom."""
        assert setting.asked_for is not None
        matches = self._matches.get(setting.asked_for.record.id, ())
        changed = msgspec.structs.replace(setting, matches=matches)
        return changed, self.writer.common(changed, setting.asked_for)

    def _at(self, call_id: str, pbx: str, leg: Leg) -> tuple[str, ...]:
        """Who works at a leg's phone; once it is answered, who did then: a talk stays with who leads it."""
        if leg.answered_at is None:
            return self._places.at(pbx, leg.endpoint, leg.extension)
        owners = self._owners.get(call_id, {}).get(leg.uniqueid)
        if owners is None and (owners := self._places.at(pbx, leg.endpoint, leg.extension)):
            self._owners.setdefault(call_id, {})[leg.uniqueid] = owners
        return owners or ()


def _phones(call: LiveCall) -> set[tuple[str, str]]:
    return {(call.record.pbx, leg.endpoint) for leg in call.legs if leg.state != "ended"}


def _with_asking(view: View, asking: LiveCall | None) -> View:
    """He asks a colleague by a call of its own."""
    if asking is None or view.over or view.state != "answered":
        return view
    first = asking.record.legs[0]
    consult = consult_by(asking)
    if consult is None or first.endpoint != view.leg.endpoint:
        return view
    return msgspec.structs.replace(view, doing="cons", consult=consult)


def _worth_telling(view: View) -> bool:
    """A call that was over before anything was told of it: only who asked for it wants to hear why."""
    return view.placed and view.dial is not None
