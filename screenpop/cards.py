"""A view of a call as the JSON of a pop (topic ``pops``). Pure; absent means not known.

Neighbours: ``rules`` says who sees what, ``presenter`` writes people and numbers, ``masked`` hides numbers of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from crm_core.contacts.callers import known, other_key
from crm_core.contacts.lookup import Match
from crm_core.users.places import Places
from cti.live.events import DialStep, LiveCall, LiveLeg
from cti.live.numbers import match_key
from cti.live.record import Caller, CallRecord, Leg, Number, rfc3339
from screenpop.presenter import NameOf, Phone, other_party, party, party_name, path, person, present, shown
from screenpop.rules import Consult, View, first_leg, spoken_to

Json = dict[str, Any]
Can = Callable[[View, LiveCall, str], Mapping[Any, Any]]
"""(view, call, kind of my phone) -> what can be done: verb -> True, or why not."""
Opens = Callable[[Json], Json]
"""(a card) -> what a rule for opening pages of other programs adds to it."""


def only_hang_up(view: View, _call: LiveCall, _device: str) -> Mapping[str, Any]:
    return {} if view.over else {"hangup": True}


class Setting(msgspec.Struct, frozen=True):
    """A call as others have it who see this one: of the caller for whom somebody is asked, else its own."""

    call: LiveCall
    matches: tuple[Match, ...] = ()
    asking: LiveCall | None = None
    """The call by which somebody in this one asks a colleague."""
    asked_for: LiveCall | None = None
    """The call for whose caller this one asks."""
    extra: Mapping[str, Any] = {}
    dial: DialStep | None = None
    """How far it has come, where somebody placed it by a click."""
    up: tuple[tuple[Leg, LiveLeg], ...] = ()
    """Its legs that are up."""

    @classmethod
    def of(cls, call: LiveCall, matches: tuple[Match, ...] = (), **more: Any) -> Setting:
        live = {leg.uniqueid: leg for leg in call.legs if leg.state != "ended"}
        up = [(leg, live[leg.uniqueid]) for leg in call.record.legs if leg.uniqueid in live] if live else []
        return cls(call, matches, up=tuple(up), **more)


class Writer:
    """``can``, ``device`` (what stands at an endpoint of a PBX) and ``opens`` are given by whoever controls calls and
    knows the rules of this installation."""

    def __init__(self, phone: Phone, name_of: NameOf, places: Places) -> None:
        self._phone, self._name_of, self._places = phone, name_of, places
        self.can: Can = only_hang_up
        self.device: Callable[[str, str], str] = lambda _pbx, _endpoint: "unknown"
        self.opens: Opens = lambda _card: {}

    def common(self, setting: Setting, shown_as: LiveCall | None = None) -> Json:
        """What is the same for all who see the call; with ``shown_as`` the caller is that call's."""
        record = (shown_as or setting.call).record
        return present(
            call=setting.call.record.id,
            pbx=record.pbx,
            direction=_direction(record, setting.dial),
            caller=_raw_party(record.caller),
            dialled=_raw_party(record.dialled),
            line=party(record.dialled, self._phone).get("number") if record.direction == "inbound" else None,
            queue=shown(record.queue),
            digits=shown(record.digits, 32),
            waiting_since=_waiting_since(record),
            path=path(record, self._name_of),
            matches=[_match(match) for match in setting.matches],
            recording="on" if setting.call.record.recordings else None,
        )

    def card(self, view: View, setting: Setting, common: Json) -> Json:
        """One user's pop. ``common`` is of the call that it shows."""
        call, main = setting.call, setting.asked_for
        record = call.record
        asked = main is not None and not view.placed
        face = main.record if main is not None and asked else record
        card = common | present(
            pop=f"{record.id}:{view.user}",
            state=view.state,
            doing=view.doing,
            since=rfc3339(view.since),
            at=rfc3339(view.at),
            other=self._other(view, setting, face),
            mine=self._mine(view, record.pbx),
            legs=self._legs(view, call, setting),
            by=self._person(record, view.by),
            result=view.result,
            consulted_by=self._asker(view, setting),
            about=main.record.id if main is not None and asked else None,
            consult=self._consult(view, setting),
            dial=_dial(view, setting.dial),
        )
        card |= setting.extra
        if view.over:
            card.pop("recording", None)
        card["can"] = dict(self.can(view, call, card["mine"]["device"]))
        return card | self.opens(card)

    def _other(self, view: View, setting: Setting, face: CallRecord) -> Json:
        if face.direction == "internal":
            return self._colleague(view, setting.call, setting.dial)
        other = other_party(face)
        found = party(other, self._phone) | present(raw=shown(other.raw, 64), key=other_key(face))
        if (contact := known(setting.matches)) is None:
            return found
        return found | present(name=shown(contact.name), contact=contact.id, tier=contact.tier or None)

    def _colleague(self, view: View, call: LiveCall, dial: DialStep | None) -> Json:
        """The other end of a call within the house: whom I called, or who called me."""
        record = call.record
        leg = spoken_to(call) if view.placed else first_leg(record)
        if leg is not None and not leg.outside and leg.uniqueid != view.leg.uniqueid:
            who = person(record.pbx, leg, self._name_of)
            return present(name=who.get("name"), number=who.get("ext"), raw=who.get("ext"))
        if view.placed and dial is not None and record.dialled.raw is None:
            return present(number=shown(self._phone(None, dial.to), 32), raw=shown(dial.to, 64))
        return party(record.dialled if view.placed else record.caller, self._phone)

    def _mine(self, view: View, pbx: str) -> Json:
        leg = view.leg
        extension = leg.extension
        device = self.device(pbx, leg.endpoint)
        return present(uniqueid=leg.uniqueid, endpoint=leg.endpoint, ext=extension, device=device, doing=view.doing)

    def _legs(self, view: View, call: LiveCall, setting: Setting) -> list[Json]:
        """Who is in it now. While it only rings here, nobody else who is rung: a queue may ring hundreds."""
        return [
            self._leg(call.record, leg, live, live.uniqueid == view.leg.uniqueid)
            for leg, live in setting.up
            if view.state != "ringing" or live.uniqueid == view.leg.uniqueid or not _only_rung(view, live)
        ]

    def _leg(self, record: CallRecord, leg: Leg, live: LiveLeg, mine: bool) -> Json:
        doing = {"ringing": "ring", "held": "hold", "consulting": "cons", "parked": "park"}.get(live.state, "talk")
        who: Json = {}
        if not leg.outside:
            who = person(record.pbx, leg, self._name_of)
        elif record.direction == "outbound":
            who = party(record.dialled, self._phone)
        return {
            "uniqueid": live.uniqueid, "doing": doing, "since": rfc3339(live.since), "mine": mine,
            "outside": leg.outside, **who,
        }  # fmt: skip

    def _person(self, record: CallRecord, leg: Leg | None) -> Json | None:
        if leg is None:
            return None
        return {"outside": True} if leg.outside else person(record.pbx, leg, self._name_of)

    def _asker(self, view: View, setting: Setting) -> Json | None:
        leg = view.asker
        if leg is None and setting.asked_for is not None and not view.placed:
            leg = first_leg(setting.call.record)
        return self._person(setting.call.record, leg)

    def _consult(self, view: View, setting: Setting) -> Json | None:
        consult = view.consult
        if consult is None:
            return None
        record = setting.asking.record if setting.asking is not None else setting.call.record
        return self._asked(consult, record)

    def _asked(self, consult: Consult, record: CallRecord) -> Json:
        leg = consult.leg
        who = person(record.pbx, leg, self._name_of) if leg is not None and not leg.outside else {}
        to = who.get("ext") or shown(consult.to, 32)
        if leg is not None and leg.outside and record.direction == "outbound" and consult.call != record.id:
            to = party(record.dialled, self._phone).get("number")
        return present(
            call=consult.call, uniqueid=consult.mine, theirs=None if leg is None else leg.uniqueid, to=to or None,
            name=who.get("name"), doing=consult.doing, since=rfc3339(consult.since),
            outside=None if leg is None else leg.outside,
        )  # fmt: skip

    def dialled(self, told: DialStep) -> Json:
        """The card of a call by a click of which the PBX has said nothing yet, or never will."""
        number = shown(self._phone(None, told.to), 32)
        state = (
            {"state": "ringing", "doing": "dial", "can": {}} if not told.over else {"state": "ended", "doing": "off"}
        )
        mine = {"uniqueid": told.uniqueid, "device": "unknown", "doing": state["doing"]}
        inside = match_key(told.to, None) is None
        return {
            "pop": f"{told.pbx}-{told.uniqueid}:{told.user}", "call": f"{told.pbx}-{told.uniqueid}", "pbx": told.pbx,
            "direction": "internal" if inside else "outbound", "since": rfc3339(told.at), "at": rfc3339(told.at),
            "other": present(number=number, raw=told.to or None), "caller": {}, "dialled": present(raw=told.to or None),
            "path": [], "matches": [], "legs": [], "mine": mine, "can": {}, "dial": step(told), **state,
        } | ({"result": _result(told)} if told.over else {})  # fmt: skip


def _direction(record: CallRecord, dial: DialStep | None) -> str:
    """A click says where it leads before the PBX dials."""
    if dial is None or record.direction != "internal" or len(record.legs) > 1 or match_key(dial.to, None) is None:
        return record.direction
    return "outbound"


def step(told: DialStep) -> Json:
    """How far a call by a click has come."""
    return present(step=told.step, reason=told.reason or None)


def _result(told: DialStep) -> str:
    return {"busy": "busy", "noanswer": "noanswer", "refused": "refused", "over": "answered"}.get(told.step, "failed")


def over(card: Json, **more: Any) -> Json:
    """A card that ends though its user's legs did not tell: his phone is another's now, or the call is another."""
    gone = {"state": "ended", "doing": "off", "can": {}, "legs": [], **more, "mine": {**card["mine"], "doing": "off"}}
    return {key: value for key, value in card.items() if key not in ("consult", "dial")} | gone


def _only_rung(view: View, live: LiveLeg) -> bool:
    return live.state == "ringing" and not view.placed


def _dial(view: View, told: DialStep | None) -> Json | None:
    if told is not None and told.user == view.user and view.placed and (not view.over or view.result != "answered"):
        return step(told)
    if view.dial is None:
        return None
    name, reason = view.dial
    return present(step=name, reason=reason or None)


def _waiting_since(record: CallRecord) -> str | None:
    if record.direction == "outbound":
        return None
    return rfc3339(record.queue_waits[0].joined_at if record.queue_waits else record.started_at)


def _raw_party(who: Caller | Number) -> Json:
    name = party_name(who) if isinstance(who, Caller) else None
    return present(number=who.number, raw=shown(who.raw, 64), name=name)


def _match(match: Match) -> Json:
    return {
        "id": match.id, "kind": match.kind, "name": shown(match.name) or "", "company": shown(match.company) or "",
        "tier": match.tier, "number_kind": match.number_kind, "label": shown(match.label) or "", "sure": match.sure,
    }  # fmt: skip
