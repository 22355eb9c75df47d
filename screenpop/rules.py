"""Who sees which card for a call, in which state. Pure: a call and who works at which phone in, views out.

A card is for whoever works at a phone of ours that is in the call: one for each user, however many of his phones ring.
It follows his legs alone. Who placed a call has a card once there is somebody whom he calls; who dials a feature code
has none, nor has anybody for a call that only listens in.

Neighbours: ``cards`` writes a view as JSON, ``pops`` keeps what was told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from cti.live.events import LegState, LiveCall, LiveLeg
from cti.live.record import CallRecord, Leg, LegResult

State = Literal["ringing", "answered", "elsewhere", "ended"]
Doing = Literal["ring", "dial", "talk", "hold", "cons", "park", "off"]
Result = Literal["answered", "missed", "busy", "noanswer", "refused", "failed", "cancelled"]
Step = Literal["my_phone", "they_ring", "talking", "busy", "noanswer", "refused", "failed", "cancelled"]

At = Callable[[Leg], tuple[str, ...]]
"""The users (ids) who work at a leg's phone."""

SAME_MOMENT_SECONDS = 0.05
"""A phone stops ringing this soon after another was answered, by the PBX's clock."""
OVER: frozenset[State] = frozenset(("elsewhere", "ended"))

_DOING: dict[LegState, Doing] = {
    "ringing": "ring",
    "up": "talk",
    "talking": "talk",
    "held": "hold",
    "consulting": "cons",
    "parked": "park",
    "ended": "off",
}
_MISSED: dict[LegResult, Result] = {
    "noanswer": "missed",
    "cancelled": "missed",
    "busy": "busy",
    "declined": "refused",
    "forwarded": "refused",
    "failed": "failed",
}
_UNREACHED: dict[LegResult, Result] = {
    "noanswer": "noanswer",
    "busy": "busy",
    "declined": "refused",
    "failed": "failed",
    "cancelled": "cancelled",
    "forwarded": "noanswer",
}


class Consult(msgspec.Struct, frozen=True, gc=False):
    """Whom an agent asks while his caller waits. ``leg``: of the one asked, in the call ``call``, None until he is
    rung; ``mine``: my leg there; ``to``: what was dialled, where that is known."""

    call: str
    leg: Leg | None
    mine: str
    doing: Doing
    since: float
    to: str = ""


class View(msgspec.Struct, frozen=True):
    """What one user sees of a call. ``leg`` is the one of his that counts, ``by`` who took the call instead of him,
    ``asker`` the colleague who consults him while a caller waits; ``since`` and ``at`` (when the card began) are epoch
    seconds."""

    user: str
    state: State
    doing: Doing
    since: float
    at: float
    leg: Leg
    placed: bool
    by: Leg | None = None
    result: Result | None = None
    dial: tuple[Step, str] | None = None
    consult: Consult | None = None
    asker: Leg | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER


def views(call: LiveCall, at: At, expected: bool = False) -> dict[str, View]:
    """By user. For a call that is over, pass it with no live legs. ``expected``: it is known to be placed for whoever
    begins it, so that his card is there before anybody is dialled."""
    record = call.record
    if record.kind == "monitoring":
        return {}
    live = {leg.uniqueid: leg for leg in call.legs if leg.state != "ended"}
    found: dict[str, View] = {}
    for user, legs in _by_user(record, at).items():
        began = _has_placed(record, legs[0])
        view = _placed(call, user, legs[0], live) if began and (expected or _somebody_called(record)) else None
        rung = [leg for leg in legs[began:] if leg.role == "callee" or _joined(leg)]
        if rung:
            view = _best(view, _reached(call, user, rung, live))
        if view is not None:
            found[user] = _in_command(view, call)
    return found


def finished(record: CallRecord) -> LiveCall:
    """A call that is over, as ``views`` takes it."""
    return LiveCall(record, "ended", record.ended_at or 0.0, ())


def consults(asking: LiveCall, main: LiveCall) -> bool:
    """True if ``asking`` is a call that somebody in ``main`` places from the same phone, while that goes on: what
    becomes an attended transfer if he completes it."""
    first = first_leg(asking.record)
    if first is None or asking.record.pbx != main.record.pbx or asking.record.id == main.record.id:
        return False
    if asking.record.direction == "inbound" or (asking.record.started_at or 0.0) <= (main.record.started_at or 0.0):
        return False
    if not any(leg.uniqueid == first.uniqueid and leg.state != "ended" for leg in asking.legs):
        return False
    return any(leg.endpoint == first.endpoint and leg.state not in ("ringing", "ended") for leg in main.legs)


def consult_by(asking: LiveCall) -> Consult | None:
    """The consultation that a call of its own is, seen by who placed it; None until there is somebody whom he asks."""
    first, other = first_leg(asking.record), spoken_to(asking)
    if first is None or other is None:
        return None
    ringing = other.answered_at is None
    since = (other.rang_at if ringing else other.answered_at) or asking.since
    return Consult(asking.record.id, other, first.uniqueid, "ring" if ringing else "talk", since)


def first_leg(record: CallRecord) -> Leg | None:
    """The phone of ours that began the call; None where it came in from outside."""
    if record.direction == "inbound" or not record.legs or record.legs[0].outside:
        return None
    return record.legs[0]


def spoken_to(call: LiveCall) -> Leg | None:
    """Whom the one who placed a call speaks with, or rings: the last who is there, else the last who was."""
    others = call.record.legs[1:]
    live = {leg.uniqueid: leg.state for leg in call.legs if leg.state != "ended"}
    there = [leg for leg in others if leg.uniqueid in live]
    up = [leg for leg in there if live[leg.uniqueid] != "ringing"]
    for some in (up, there, others):
        if some:
            return some[-1]
    return None


# --- whose legs


def _by_user(record: CallRecord, at: At) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = {}
    for leg in record.legs:
        if not leg.outside:
            for user in at(leg):
                found.setdefault(user, []).append(leg)
    return found


def _has_placed(record: CallRecord, leg: Leg) -> bool:
    first = first_leg(record)
    return first is not None and leg.uniqueid == first.uniqueid


def _somebody_called(record: CallRecord) -> bool:
    """A service of the dialplan (log-in, echo, own voicemail) is nobody."""
    return record.direction == "outbound" or len(record.legs) > 1 or bool(record.queue) or record.conference is not None


def _best(one: View | None, other: View | None) -> View | None:
    """Of what he placed and what rang him in the same call: what goes on, else what is later."""
    if one is None or other is None:
        return one or other
    if one.over != other.over:
        return other if one.over else one
    return max(one, other, key=lambda view: view.since)


# --- who placed it


def _placed(call: LiveCall, user: str, leg: Leg, live: Mapping[str, LiveLeg]) -> View:
    record = call.record
    begun = record.started_at or leg.rang_at or 0.0
    now = live.get(leg.uniqueid)
    if now is None:
        return _placed_ended(call, user, leg, begun)
    if now.state == "ringing":
        return View(user, "ringing", "ring", now.since, begun, leg, True, dial=("my_phone", ""))
    if record.answered_at is None:
        rung = [other.rang_at for other in record.legs[1:] if other.rang_at is not None and other.ended_at is None]
        dial: tuple[Step, str] | None = ("they_ring", "") if rung else _between(record, leg)
        return View(user, "ringing", "dial", max(rung, default=now.since), begun, leg, True, dial=dial)
    view = View(user, "answered", _DOING[now.state], now.since, begun, leg, True, dial=("talking", ""))
    return _with_consult(view, call, now, live)


def _between(record: CallRecord, leg: Leg) -> tuple[Step, str] | None:
    """Nobody rings: not yet, or no longer. A line that failed is followed by another."""
    tried = [other.result for other in record.legs[1:]]
    if not tried:
        return ("my_phone", "") if leg.role == "callee" else None
    told: dict[LegResult | None, Step] = {"busy": "busy", "noanswer": "noanswer", "declined": "refused"}
    return told.get(tried[-1], "they_ring"), ""


def _placed_ended(call: LiveCall, user: str, leg: Leg, begun: float) -> View:
    """He is out of it; the call may go on without him."""
    record = call.record
    since = leg.ended_at or record.ended_at or begun
    if call.state == "parked" and _parked_by(record, [leg]):
        return View(user, "answered", "park", call.since, begun, leg, True)
    if leg.role == "callee" and leg.answered_at is None:
        return View(user, "ended", "off", since, begun, leg, True, result="cancelled", dial=("failed", "my_phone"))
    if record.answered_at is not None and (leg.ended_at is None or record.answered_at <= leg.ended_at):
        return View(user, "ended", "off", since, begun, leg, True, result="answered")
    result = _unreached(record)
    step: Step = "failed" if result == "answered" or result == "missed" else result
    return View(user, "ended", "off", since, begun, leg, True, result=result, dial=(step, ""))


def _unreached(record: CallRecord) -> Result:
    results = [leg.result for leg in record.legs[1:] if leg.result is not None and leg.result != "answered"]
    if results:
        return _UNREACHED[results[-1]]
    return "failed" if record.outcome == "failed" else "cancelled"


# --- who was reached


def _reached(call: LiveCall, user: str, legs: list[Leg], live: Mapping[str, LiveLeg]) -> View:
    record = call.record
    begun = min((leg.rang_at or leg.answered_at or record.started_at or 0.0) for leg in legs)
    up = [leg for leg in legs if leg.uniqueid in live and live[leg.uniqueid].state != "ringing"]
    if up:
        return _answered(call, user, begun, up[-1], live)
    ringing = [leg for leg in legs if leg.uniqueid in live]
    if ringing:
        leg = ringing[0]
        since = min(live[one.uniqueid].since for one in ringing)
        return View(user, "ringing", "ring", since, begun, leg, False, asker=_asker(record, leg, live))
    if call.state == "parked" and _parked_by(record, legs):
        return View(user, "answered", "park", call.since, begun, legs[-1], False)
    return _out(record, user, legs, begun)


def _answered(call: LiveCall, user: str, begun: float, leg: Leg, live: Mapping[str, LiveLeg]) -> View:
    now = live[leg.uniqueid]
    if call.state == "parked" and now.state == "up" and _parked_by(call.record, [leg]):
        return View(user, "answered", "park", call.since, begun, leg, False)
    view = View(user, "answered", _DOING[now.state], now.since, begun, leg, False)
    if (now.state == "consulting" or not _joined(leg)) and (asker := _asker(call.record, leg, live)) is not None:
        return msgspec.structs.replace(view, doing="talk", asker=asker)
    return _with_consult(view, call, now, live)


def _out(record: CallRecord, user: str, legs: list[Leg], begun: float) -> View:
    """None of his phones is in it any more."""
    left = max((leg.ended_at or 0.0 for leg in legs if leg.answered_at is not None), default=None)
    rung = [leg for leg in legs if leg.answered_at is None and (left is None or (leg.rang_at or 0.0) > left)]
    if not rung:
        last = next(leg for leg in reversed(legs) if leg.answered_at is not None)
        asker = _asked_by(record, last)
        return View(user, "ended", "off", left or begun, begun, last, False, result="answered", asker=asker)
    last = rung[-1]
    since = max(leg.ended_at or record.ended_at or begun for leg in rung)
    # A phone whose time was up was not stopped for whoever answered at that moment.
    until = since + (-SAME_MOMENT_SECONDS if last.result == "noanswer" else SAME_MOMENT_SECONDS)
    taker = _taker(record, rung[0].rang_at or begun, until, {leg.uniqueid for leg in legs})
    declined = last.result in ("declined", "busy", "failed")
    if taker is not None and not declined:
        return View(user, "elsewhere", "off", since, begun, last, False, by=taker)
    return View(
        user, "ended", "off", since, begun, last, False, result=_MISSED.get(last.result or "noanswer", "missed")
    )


def _taker(record: CallRecord, rang: float, until: float, mine: Iterable[str]) -> Leg | None:
    """Who answered while it rang at mine."""
    for leg in record.legs:
        answered = leg.answered_at
        if answered is None or leg.uniqueid in mine or (leg.role == "caller" and not _joined(leg)):
            continue
        if rang <= answered <= until:
            return leg
    return None


def _joined(leg: Leg) -> bool:
    return leg.talk_seconds > 0 or leg.consult_seconds > 0


def _parked_by(record: CallRecord, legs: list[Leg]) -> bool:
    last = record.transfers[-1] if record.transfers else None
    return last is not None and last.kind == "park" and any(last.from_ == leg.endpoint for leg in legs)


# --- consultations within one call


def _with_consult(view: View, call: LiveCall, now: LiveLeg, live: Mapping[str, LiveLeg]) -> View:
    """He asks somebody who is rung, or spoken to, apart from the caller."""
    if now.state not in ("consulting", "up", "held") or not _joined(view.leg):
        return view
    for other in reversed(call.record.legs):
        asked = live.get(other.uniqueid)
        if asked is None or other.uniqueid == view.leg.uniqueid:
            continue
        if asked.state not in ("ringing", "consulting") and (asked.state != "up" or _joined(other)):
            continue
        if (other.rang_at or 0.0) < (view.leg.answered_at or 0.0):
            continue
        doing: Doing = "ring" if asked.state == "ringing" else "talk"
        consult = Consult(call.record.id, other, view.leg.uniqueid, doing, asked.since)
        return msgspec.structs.replace(view, doing="cons", consult=consult)
    return view


def _in_command(view: View, call: LiveCall) -> View:
    """A consultation that a command of ours began says itself who is who."""
    consult = call.consult
    if consult is None or view.over:
        return view
    legs = {leg.uniqueid: leg for leg in call.record.legs}
    if view.leg.uniqueid == consult.by:
        doing: Doing = "ring" if not consult.answered else "hold" if consult.waits == consult.target else "talk"
        asked = Consult(call.record.id, legs.get(consult.target or ""), consult.by, doing, consult.since, consult.to)
        return msgspec.structs.replace(view, doing="talk" if doing == "hold" else "cons", consult=asked)
    if view.leg.uniqueid == consult.target:
        doing = "hold" if consult.waits == consult.target else view.doing
        return msgspec.structs.replace(view, doing=doing, asker=legs.get(consult.by))
    return view


def _asked_by(record: CallRecord, leg: Leg) -> Leg | None:
    """Who consulted a phone that never came to talk with the caller."""
    if leg.talk_seconds > 0 or not leg.consult_seconds:
        return None
    return next((x for x in record.legs if x.consult_seconds and x.uniqueid != leg.uniqueid and not x.outside), None)


def _asker(record: CallRecord, leg: Leg, live: Mapping[str, LiveLeg]) -> Leg | None:
    """The colleague who had the call before this phone rang, is still there and does not talk with the caller."""
    for other in record.legs:
        now = live.get(other.uniqueid)
        if now is None or now.state not in ("consulting", "up", "held") or _parked_by(record, [other]):
            continue
        answered = other.answered_at if other.answered_at is not None else record.answered_at
        if other.outside or other.uniqueid == leg.uniqueid or not other.talk_seconds or answered is None:
            continue
        if answered < (leg.rang_at or 0.0):
            return other
    return None
