"""What people do with phones: how long they ring, talk and wait, and what they do meanwhile.

``Behaviour`` is asked by the scripts of the PBX whenever a person would decide something. ``Human``
draws from distributions; its draws come from one seeded generator, so that the same seed plays the
same calls. Tests pass a behaviour of their own that does exactly what a recording shows.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel


class Response(NamedTuple):
    """What a rung phone or line does, seconds after the call was offered to it; ``rings_after`` is when
    it first says that it rings (a refusal before that never rang)."""

    kind: Literal["answer", "busy", "decline", "ignore"]
    after: float = 0.0
    rings_after: float = 0.05


class Deed(NamedTuple):
    """Something that one side does in the middle of a talk, ``at`` seconds into it.

    ``hold`` for ``seconds`` (``unhold`` is its end); ``blind`` transfer to ``to``; ``attended`` transfer to
    ``to``, after a consultation of ``seconds`` once that one has answered, ``completes`` or takes the party
    back; ``park``, fetched by the phone ``to`` after ``seconds`` (nobody if ``to`` is empty); ``digit``.
    """

    at: float
    kind: Literal["hold", "unhold", "blind", "attended", "park", "digit"]
    to: str = ""
    seconds: float = 0.0
    completes: bool = True


class Talk(NamedTuple):
    """How a talk goes: its length, which side hangs up (``near`` runs the dialplan), the deeds."""

    seconds: float
    ends: Literal["near", "far"]
    deeds: tuple[Deed, ...] = ()


class Behaviour(Protocol):
    def responds(self, leg: Channel, caller: Channel | None) -> Response:
        """A phone or an outside line is rung."""

    def talks(self, near: Channel, far: Channel) -> Talk:
        """Two parties are joined."""

    def digit(self, channel: Channel) -> tuple[str, float] | None:
        """A menu waits for a digit: which one, and after how long; None if none comes."""

    def speaks(self, channel: Channel) -> float:
        """How long somebody stays in voicemail or a conference, seconds."""


class Pace(NamedTuple):
    """Medians and shares that shape the calls; times in seconds."""

    talk: float = 22.0
    ring: float = 3.5
    scale: float = 1.0
    ignores: float = 0.06
    busy: float = 0.03
    far_busy: float = 0.12
    far_ignores: float = 0.15
    holds: float = 0.14
    blinds: float = 0.05
    attends: float = 0.05
    parks: float = 0.02


class Human:
    """The default behaviour. ``colleagues``: the extensions that calls are transferred to."""

    def __init__(self, rng: random.Random, colleagues: tuple[str, ...], pace: Pace) -> None:
        self._rng, self._colleagues, self.pace = rng, colleagues, pace

    def about(self, median: float, spread: float = 0.6) -> float:
        """A length around ``median``: log-normal, as call and ring times are."""
        return median * math.exp(spread * self._rng.gauss(0.0, 1.0)) * self.pace.scale

    def responds(self, leg: Channel, caller: Channel | None) -> Response:
        rng, pace = self._rng, self.pace
        draw = rng.random()
        rings_after = (rng.uniform(0.8, 2.2) if leg.outside else rng.uniform(0.02, 0.12)) * pace.scale
        busy = pace.far_busy if leg.outside else pace.busy
        ignores = pace.far_ignores if leg.outside else pace.ignores
        if draw < busy:
            kind: Literal["busy", "decline"] = "decline" if draw < busy / 4 else "busy"
            return Response(kind, rings_after + (self.about(0.8) if kind == "decline" else 0.2), rings_after)
        if draw < busy + ignores:
            return Response("ignore", 0.0, rings_after)
        return Response("answer", rings_after + self.about(pace.ring * (2.0 if leg.outside else 1.0)), rings_after)

    def talks(self, near: Channel, far: Channel) -> Talk:
        rng = self._rng
        seconds = max(0.5 * self.pace.scale, self.about(self.pace.talk, 0.75))
        ends: Literal["near", "far"] = "near" if rng.random() < 0.6 else "far"
        if near.local:
            return Talk(seconds * 10, ends)
        if not near.outside and not far.outside:
            return Talk(seconds / 2, ends)
        phone = far if near.outside else near
        return Talk(seconds, ends, self._deeds(phone, seconds))

    def digit(self, channel: Channel) -> tuple[str, float] | None:
        digit = self._rng.choice("11112222334")
        return None if self._rng.random() < 0.05 else (digit, self.about(2.5, 0.4))

    def speaks(self, channel: Channel) -> float:
        return self.about(12.0)

    def patience(self) -> float:
        """How long a caller waits before giving up."""
        return self.about(38.0, 0.7)

    def _deeds(self, phone: Channel, seconds: float) -> tuple[Deed, ...]:
        rng, pace = self._rng, self.pace
        draw, at = rng.random(), seconds * rng.uniform(0.25, 0.6)
        if draw < pace.holds:
            return (Deed(at, "hold", "", min(self.about(8.0), (seconds - at) * 0.8)),)
        to = rng.choice(self._colleagues)
        if phone.device is None or to == phone.device.exten:
            return ()
        draw -= pace.holds
        if draw < pace.blinds:
            return (Deed(at, "blind", to),)
        draw -= pace.blinds
        if draw < pace.attends:
            return (Deed(at, "attended", to, self.about(7.0), rng.random() < 0.75),)
        draw -= pace.attends
        if draw < pace.parks:
            return (Deed(at, "park", to if rng.random() < 0.8 else "", self.about(9.0)),)
        return ()
