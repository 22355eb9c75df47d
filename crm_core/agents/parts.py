"""What a call is to each of our agents: who has a part in it, what his phone does, and at whom it rang in vain.

Pure reading of calls. Neighbours: ``service`` keeps who has a part in what, ``cti.live.agents`` makes a state of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cti.live.agents import OVER, Doing, Part
from cti.live.events import LiveCall, LiveLeg
from cti.live.record import CallRecord, Leg

At = Callable[[str, str, str | None], tuple[str, ...]]
"""(PBX, endpoint, extension) -> the users who work there (``Places.at``)."""

_DOING: dict[str, Doing] = {
    "ringing": "ring", "up": "talk", "talking": "talk", "held": "hold", "parked": "hold", "consulting": "cons",
}  # fmt: skip
IN_VAIN = frozenset(("noanswer", "declined", "busy"))
"""Results of a leg that make a missed call: of those only one who is not in another call is to blame."""


def parts_of(call: LiveCall, at: At) -> dict[str, Part]:
    """By user: his part in the call, of several phones the one that does most."""
    record = call.record
    if record.kind == "monitoring":
        return {}
    placed = record.legs[0].uniqueid if record.legs and record.direction != "inbound" else None
    live = [leg for leg in call.legs if leg.state != "ended"]
    legs = {leg.uniqueid: leg for leg in record.legs}
    ours = [(leg, legs[leg.uniqueid]) for leg in live if leg.uniqueid in legs and not legs[leg.uniqueid].outside]
    taken = sum(leg.answered_at is not None and leg.role == "callee" for _, leg in ours)
    found: dict[str, Part] = {}
    for now, leg in ours:
        part = _part(record, now, leg, placed=leg.uniqueid == placed, alone=taken <= 1)
        for user in at(record.pbx, leg.endpoint, leg.extension):
            if user not in found or OVER.index(part.doing) < OVER.index(found[user].doing):
                found[user] = part
    return found


def _part(record: CallRecord, now: LiveLeg, leg: Leg, *, placed: bool, alone: bool) -> Part:
    """``placed``: it began the call; his own phone may be rung for that first, as by a click."""
    doing = _DOING[now.state]
    if placed and _calls(record, now, leg):
        doing = "dial"
    elif leg.answered_at is None and now.state in ("ringing", "up"):
        doing = "ring"
    return Part(record.id, record.pbx, doing, now.since, record.queue, _talked(record, now, leg, alone))


def _calls(record: CallRecord, now: LiveLeg, leg: Leg) -> bool:
    """Nobody is there yet. Who answered the dialplan itself, such as one's own voicemail, calls nobody any more."""
    if now.state != "up" or leg.answered_at is None or leg.role == "callee":
        return now.state in ("ringing", "up")
    return any(one.ended_at is None and one.answered_at is None for one in record.legs)


def _talked(record: CallRecord, now: LiveLeg, leg: Leg, alone: bool) -> bool:
    """Has the agent got the other party? A colleague who is only consulted has not; who has just taken a queue's call
    has, before the PBX joins the two."""
    if now.state in ("talking", "held"):
        return record.direction != "internal" or record.queue is not None
    return now.state == "up" and leg.role == "callee" and leg.answered_at is not None and alone


def in_vain(record: CallRecord) -> Iterator[Leg]:
    """The phones of ours at which a queue's call rang in vain."""
    if record.queue is None:
        return
    for leg in record.legs:
        if leg.result in IN_VAIN and not leg.outside and leg.role == "callee":
            yield leg
