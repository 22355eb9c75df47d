"""What goes between the product and the process that plays the past.

Neighbours: ``worker`` is that process, ``process`` starts it and listens.
"""

from __future__ import annotations

from typing import Any

import msgspec

from call_log.facts import Ended
from crm_core.agents.model import Rules
from crm_core.contacts.callers import KnownCaller
from crm_core.users.desks import PeopleAtPhones
from cti.live.agents import Noted
from cti.live.figures import FigureRules
from cti.live.profile import EndpointKind, ProfileSettings
from screenpop.playbacks import Sight

LENGTH = 4
"""Bytes before each frame that say how long it is, the most significant first."""


class PbxPast(msgspec.Struct, frozen=True):
    """One PBX: where its journal is, and what is known of its endpoints (kind and extension, by name)."""

    name: str
    folder: str
    settings: ProfileSettings
    told: dict[str, tuple[EndpointKind, str | None]] = {}


class Begin(msgspec.Struct, frozen=True, tag="begin", kw_only=True):
    """The first frame. ``region`` writes numbers, ``timezone`` is where days begin, ``language`` names reasons;
    ``sight``: what may be told."""

    pbxs: tuple[PbxPast, ...]
    region: str
    timezone: str
    language: str
    sight: Sight


class Logged(msgspec.Struct, frozen=True, tag="logged", kw_only=True):
    """Calls of the day that began at ``midnight``, for its figures. It is not answered."""

    midnight: float
    calls: list[Ended]


class Seek(msgspec.Struct, frozen=True, tag="seek", kw_only=True):
    """Go to ``at`` (epoch seconds). ``oldest``: by PBX, when the oldest call that was up then began; ``ahead``: by PBX,
    how far its clock was. ``noted``: what happened to agents since midnight, and before as far as it takes to know how
    each began the day. ``rules``: of pauses and wrap-ups; ``figures``: of the day's figures. ``totals``: the day's
    counters then."""

    number: int
    at: float
    oldest: dict[str, float]
    ahead: dict[str, float]
    people: PeopleAtPhones
    noted: tuple[Noted, ...]
    rules: Rules
    figures: FigureRules
    totals: dict[str, float]


class Step(msgspec.Struct, frozen=True, tag="step", kw_only=True):
    """Play on up to ``until``, for at most ``seconds``. ``noted``: what happened to agents up to then. ``callers``: who
    was asked for, by call."""

    number: int
    until: float
    seconds: float
    noted: tuple[Noted, ...] = ()
    callers: dict[str, KnownCaller | None] = {}


class Answer(msgspec.Struct, frozen=True):
    """To the order of that number: the moment come to, whether that is the one sought, and how much of the way is
    read; what differs on the board; and the numbers (keys) of new calls, of whom nobody has said who they are."""

    number: int
    at: float
    there: bool
    progress: float
    patch: dict[str, Any]
    asks: dict[str, str] = {}


Order = Begin | Logged | Seek | Step

encode = msgspec.msgpack.Encoder().encode
decode_order = msgspec.msgpack.Decoder(Order).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def framed(frame: Order | Answer) -> bytes:
    data = encode(frame)
    return len(data).to_bytes(LENGTH, "big") + data
