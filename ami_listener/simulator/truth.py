"""What really happened, call by call: the oracle that load tests and demos are held to.

The simulated PBX knows who is joined with whom, so nothing here is read back from the AMI stream.
Meanings are those of the call record: talk is time joined with the outside party (internal calls:
with anyone), consult is time joined with colleagues only, hold runs from Hold to Unhold. Times are
epoch seconds of the simulated clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel

Direction = Literal["inbound", "outbound", "internal"]


@dataclass(slots=True)
class SimLeg:
    """A phone or outside line that was rung, or a phone that fetched a parked call."""

    endpoint: str
    uniqueid: str
    rang_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    result: str | None = None


@dataclass(slots=True)
class SimWait:
    """One visit to a queue; ``seconds`` until connected or until it left."""

    queue: str
    joined_at: float
    seconds: float | None = None
    answered: bool = False


@dataclass(slots=True)
class SimTransfer:
    kind: str
    from_: str
    to: str
    at: float


@dataclass(slots=True, eq=False)
class SimCall:
    """One call as a person would count it; ``monitoring`` calls are a supervisor listening in."""

    linkedid: str
    direction: Direction
    caller: str
    caller_name: str
    dialled: str
    started_at: float
    kind: str = "call"
    queue: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    far_dialled_at: float | None = None
    outcome: str | None = None
    hung_up_by: str | None = None
    linkedids: set[str] = field(default_factory=set)
    legs: list[SimLeg] = field(default_factory=list)
    queue_waits: list[SimWait] = field(default_factory=list)
    transfers: list[SimTransfer] = field(default_factory=list)
    talk: dict[str, float] = field(default_factory=dict)
    consult: dict[str, float] = field(default_factory=dict)
    hold_seconds: float = 0.0
    recordings: list[str] = field(default_factory=list)
    digits: str = ""
    conference: str | None = None
    voicemail: bool = False
    channels: dict[str, Channel] = field(default_factory=dict, repr=False)
    _leg: dict[str, SimLeg] = field(default_factory=dict, repr=False)
    _joined: dict[str, tuple[str, str, float]] = field(default_factory=dict, repr=False)
    _held: dict[str, float] = field(default_factory=dict, repr=False)

    @property
    def wait_seconds(self) -> float | None:
        """To the first talk or the end; outbound: from dialling the far end, None if it never was."""
        since = self.far_dialled_at if self.direction == "outbound" else self.started_at
        until = self.answered_at if self.answered_at is not None else self.ended_at
        return None if since is None or until is None else max(0.0, until - since)

    def rang(self, channel: Channel, now: float) -> SimLeg:
        leg = SimLeg(channel.endpoint, channel.uniqueid, now)
        self.legs.append(leg)
        self._leg[channel.uniqueid] = leg
        if channel.outside and self.direction == "outbound" and self.far_dialled_at is None:
            self.far_dialled_at = now
        return leg

    def leg_answered(self, channel: Channel, now: float) -> None:
        leg = self._leg.get(channel.uniqueid)
        if leg is not None:
            leg.answered_at, leg.result = now, "answered"

    def leg_result(self, channel: Channel, result: str) -> None:
        leg = self._leg.get(channel.uniqueid)
        if leg is not None and leg.result is None:
            leg.result = result

    def leg_ended(self, channel: Channel, now: float) -> None:
        leg = self._leg.get(channel.uniqueid)
        if leg is not None:
            leg.ended_at = now
            leg.result = leg.result or "cancelled"

    def held(self, channel: Channel, now: float) -> None:
        self._held.setdefault(channel.uniqueid, now)

    def unheld(self, channel: Channel, now: float) -> None:
        since = self._held.pop(channel.uniqueid, None)
        if since is not None:
            self.hold_seconds += now - since

    def rejoin(self, now: float) -> None:
        """Who hears whom has changed: close the stretches that ended, open those that began."""
        for channel in self.channels.values():
            if channel.outside:
                self._note_answer(channel, now)
            if channel.outside or channel.local:
                continue
            state = self._state(channel)
            known = self._joined.get(channel.uniqueid)
            if known is not None and known[0] == state:
                continue
            if known is not None:
                self._close(known, now)
                del self._joined[channel.uniqueid]
            if state:
                self._joined[channel.uniqueid] = (state, channel.endpoint, now)
                if state == "talk" and self.answered_at is None:
                    self.answered_at = now

    def _note_answer(self, channel: Channel, now: float) -> None:
        """Two outside parties may talk with each other, after a transfer outside."""
        if self.answered_at is None and any(c is not channel and c.outside for c in heard_by(channel)):
            self.answered_at = now

    def left(self, channel: Channel, now: float) -> None:
        """The channel is no more."""
        self.channels.pop(channel.uniqueid, None)
        known = self._joined.pop(channel.uniqueid, None)
        if known is not None:
            self._close(known, now)
        self.unheld(channel, now)

    def absorb(self, other: SimCall) -> None:
        """Another live call became part of this one: its first phone came to this call's party."""
        self.linkedids |= other.linkedids
        for channel in other.channels.values():
            channel.call = self
            leg = self.rang(channel, other.started_at)
            leg.answered_at, leg.result = other.started_at, "answered"
        self.channels.update(other.channels)
        other.channels = {}

    def finish(self, now: float) -> None:
        """The last channel is gone: the outcome is known."""
        self.ended_at = now
        self.hung_up_by = self.hung_up_by or "system"
        self.outcome = self._outcome()

    def _close(self, stretch: tuple[str, str, float], now: float) -> None:
        state, endpoint, since = stretch
        seconds = self.talk if state == "talk" else self.consult
        seconds[endpoint] = seconds.get(endpoint, 0.0) + now - since

    def _state(self, channel: Channel) -> str:
        others = [c for c in heard_by(channel) if c is not channel]
        if not others:
            return ""
        if self.direction == "internal" or any(c.outside for c in others):
            return "talk"
        return "consult"

    def _outcome(self) -> str:
        if self.answered_at is not None:
            return "answered"
        if self.voicemail:
            return "voicemail"
        if self.direction == "outbound" and self.far_dialled_at is None:
            return "failed"
        if self.hung_up_by == "caller":
            return "abandoned"
        own = self.linkedid if self.direction == "outbound" else ""
        results = {leg.result for leg in self.legs if leg.uniqueid != own}
        if not results and not self.queue_waits:
            return "failed"  # nobody was rung: an empty parking slot, for one
        return "busy" if results == {"busy"} and self.hung_up_by == "system" else "noanswer"


def heard_by(channel: Channel) -> Iterator[Channel]:
    """The real channels joined with this one, itself included, through Local pairs too."""
    seen = set()
    todo = [channel.bridge]
    while todo:
        bridge = todo.pop()
        if bridge is None or bridge.holding or bridge.uniqueid in seen:
            continue
        seen.add(bridge.uniqueid)
        for member in bridge.members:
            if member.other_half is not None:
                todo.append(member.other_half.bridge)
            elif not member.gone:
                yield member
