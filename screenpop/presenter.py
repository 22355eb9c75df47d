"""What a screen shows of a call, a queue, a phone: records in, plain JSON out. Pure, and the same for
every language: words, digits and dates are the page's business.

``board`` holds the state and asks here for its parts; ``web`` uses the same functions for the call log,
so that a call has one "who" and one "with whom" everywhere. Absent means None: the JSON is merged by
RFC 7396, where null takes a key away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from crm_core.contacts.callers import KnownCaller
from cti.live.events import CallState, LegState, LiveCall, LiveLeg, PbxLinkChanged, QueueChanged, QueueMember
from cti.live.numbers import withheld
from cti.live.record import Caller, CallRecord, Leg, Number, rfc3339

Phone = Callable[[str | None, str | None], str]
"""(E.164 or None, raw or None) as people write it, in Latin digits."""
NameOf = Callable[[str, str], str | None]
"""The name of whoever sits at an endpoint (or extension) of a PBX, where it is known."""

TEXT_LIMIT = 80
"""A name longer than this is cut: nobody's name is, and an attacker's may be 8 kB."""

MARKS: dict[str, str] = {
    "arriving": "ring",
    "ringing": "ring",
    "queued": "wait",
    "up": "talk",
    "talking": "talk",
    "held": "hold",
    "parked": "hold",
    "consulting": "cons",
    "ended": "off",
}
"""The shape that stands for a state of a call or leg (see the design's state palette)."""

MEMBER_STATES: dict[int, str] = {1: "ready", 2: "talk", 3: "talk", 4: "off", 5: "off", 6: "ring", 7: "ring", 8: "hold"}
"""Asterisk's device state number -> shape; 0 (unknown) counts as ready, as app_queue counts it."""

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_JOINERS = "\u200c\u200d"  # Persian needs them


def shown(text: str | None, limit: int = TEXT_LIMIT) -> str | None:
    """Text from outside made fit to show: no control or direction-override characters, one line, cut."""
    return None if text is None else _shown(text[: limit * 4], limit)


@lru_cache(maxsize=16384)
def _shown(part: str, limit: int) -> str | None:
    kept = "".join(c if c in _JOINERS or unicodedata.category(c) not in _HIDDEN else " " for c in part)
    line = " ".join(kept.split())
    if len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line or None


@lru_cache(maxsize=8192)
def peer_of(endpoint: str) -> str:
    """``PJSIP/201`` and ``Local/201@from-queue/n`` -> ``201``."""
    return endpoint.partition("/")[2].partition("@")[0].partition("/")[0] or endpoint


def other_party(record: CallRecord) -> Caller:
    """Whom the call is with, seen from our side: the caller, or whom we called."""
    if record.direction != "outbound":
        return record.caller
    dialled = record.dialled
    return Caller(number=dialled.number, raw=dialled.raw, name=None)


def our_legs(record: CallRecord) -> Iterator[Leg]:
    """The legs of our own phones, but the one that stands in the call as its other party."""
    for leg in record.legs:
        if not leg.outside and not (leg.role == "caller" and record.direction != "outbound"):
            yield leg


def handlers(record: CallRecord) -> tuple[Leg, ...]:
    """Who of ours spoke with the other party, in order of answering."""
    spoke = [leg for leg in our_legs(record) if leg.talk_seconds > 0 or leg.result == "answered"]
    return tuple(sorted(spoke, key=lambda leg: leg.answered_at or 0.0))


def person(pbx: str, leg: Leg | LiveLeg, name_of: NameOf) -> dict[str, Any]:
    extension = leg.extension or peer_of(leg.endpoint)
    return present(name=shown(name_of(pbx, leg.endpoint)), ext=shown(extension, 24))


def party(who: Caller | Number, phone: Phone) -> dict[str, Any]:
    """``number`` is absent for a caller who withheld it."""
    name = party_name(who) if isinstance(who, Caller) else None
    return present(name=name, number=shown(phone(who.number, who.raw), 32))


def party_name(who: Caller) -> str | None:
    """The caller's name; None where the PBX only repeats the number, or that it was withheld, as the name."""
    if who.raw is None and withheld(who.name or ""):
        return None
    digits = "".join(c for c in who.name or "" if c.isdigit())
    if digits and digits == (who.raw or "").lstrip("+") and not any(c.isalpha() for c in who.name or ""):
        return None
    return shown(who.name)


def mark(state: CallState | LegState) -> str:
    return MARKS[state]


def rings_own_phone(record: CallRecord) -> bool:
    """Is somebody's own phone all that was rung so far, so that he can call out, as by a click?"""
    if len(record.legs) != 1 or record.direction != "internal" or record.queue or record.conference:
        return False
    return record.legs[0].role == "callee" and not record.legs[0].outside and record.dialled.raw is None


def other_side(record: CallRecord, phone: Phone, known: KnownCaller | None, to: str | None = None) -> dict[str, Any]:
    """Whom a live call is with: the contact if he is known, else as the line names him; nobody yet where only one's own
    phone rings, but the number ``to`` which will be dialled then (empty: nobody has said it)."""
    if to is not None:
        return present(number=shown(phone(None, to), 32) if to else None)
    shown_as = party(other_party(record), phone)
    if known is None:
        return shown_as
    return shown_as | present(name=shown(known.name), contact=known.id, tier=known.tier or None)


def call_card(
    call: LiveCall, phone: Phone, name_of: NameOf, known: KnownCaller | None = None, to: str | None = None, **more: Any
) -> dict[str, Any]:
    """A live call as one row of the board. Times are RFC 3339; ``since`` is when ``state`` began. ``known``: the
    contact who has the other party's number. ``more``: what else the row has, where it is not None (``place``: see
    ``waiting``). ``to``: see ``other_side``; such a call is ``calling``, and no colleague's who calls himself."""
    record = call.record
    return present(
        id=record.id,
        pbx=record.pbx,
        direction=record.direction,
        kind=record.kind,
        state=call.state if to is None else "calling",
        mark=call_mark(call) if to is None else "dial",
        since=rfc3339(call.since),
        started_at=rfc3339(record.started_at),
        who=other_side(record, phone, known, to),
        line=party(record.dialled, phone).get("number") if record.direction == "inbound" else None,
        queue=shown(record.queue),
        path=path(record, name_of),
        legs=[_live_leg(record.pbx, leg, name_of) for leg in ours_now(call)],
        **more,
    )


def call_mark(call: LiveCall) -> str:
    """The shape of the call: a consultation under way shows as such, whatever the caller hears."""
    if call.state in ("held", "talking") and any(leg.state == "consulting" for leg in call.legs):
        return "cons"
    return mark(call.state)


def queue_row(queue: QueueChanged, states: Mapping[str, int], wrap: int, **more: Any) -> dict[str, Any]:
    """A queue with how many of its members are in which state; ``wrap`` of the paused are in wrap-up."""
    counts = {state: states.get(state, 0) for state in ("ready", "ring", "talk", "hold", "pause", "off")}
    counts |= {"pause": counts["pause"] - wrap, "wrap": wrap}
    named = {"pbx": queue.pbx, "name": shown(queue.queue) or "", "waiting": queue.waiting}
    return {**named, "members": len(queue.members), **counts, **present(**more)}


Busy = tuple[str, float, LiveCall, dict[str, Any]]
"""What a phone does in a call: mark, since, the call, and whom it is with."""


def agent_cell(
    name: str | None,
    ext: str | None,
    state: str,
    since: float | None,
    reason: str | Mapping[str, str] | None,
    busy: Busy | None,
) -> dict[str, Any]:
    """Somebody who takes calls: what his phone does in a call if it is in one, else what he, or his queues, say."""
    cell: dict[str, Any] = {"name": shown(name), "ext": shown(ext, 24), "mark": state, "since": rfc3339(since)}
    if busy is not None:
        shape, at, call, other = busy
        cell |= {"mark": shape, "since": rfc3339(at), "call": call.record.id}
        cell |= {"with": other, "queue": shown(call.record.queue)}
    elif state == "pause":
        cell["reason"] = shown(reason) if isinstance(reason, str) else reason
    return present(**cell)


def member_state(member: QueueMember) -> str:
    """``pause`` shows over everything but a call in progress."""
    state = "talk" if member.in_call else MEMBER_STATES.get(member.status, "ready")
    return "pause" if member.paused and state in ("ready", "off") else state


def link_row(link: PbxLinkChanged) -> dict[str, Any]:
    return present(up=link.up, since=rfc3339(link.at), reason=shown(link.reason, 200))


def path(record: CallRecord, name_of: NameOf) -> list[dict[str, str]]:
    """The stations of the call in order: queues and people who spoke; a queue visited twice running once."""
    stations = [(wait.joined_at, "queue", shown(wait.queue) or "") for wait in record.queue_waits]
    for leg in handlers(record):
        who = person(record.pbx, leg, name_of)
        stations.append((leg.answered_at or 0.0, "person", who.get("name") or who.get("ext") or ""))
    path: list[dict[str, str]] = []
    for _, kind, text in sorted(stations):
        step = {"kind": kind, "text": text}
        if not path or path[-1] != step:
            path.append(step)
    return path


def ours_now(call: LiveCall) -> list[LiveLeg]:
    """The legs of our phones that are up now."""
    ours = {leg.uniqueid for leg in our_legs(call.record)}
    return [leg for leg in call.legs if leg.uniqueid in ours and leg.state != "ended"]


def _live_leg(pbx: str, leg: LiveLeg, name_of: NameOf) -> dict[str, Any]:
    return present(state=leg.state, **person(pbx, leg, name_of))


def present(**values: Any) -> dict[str, Any]:
    """The JSON object of what is not None."""
    return {key: value for key, value in values.items() if value is not None}
