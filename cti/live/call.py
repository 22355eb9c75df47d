"""A live call and its channels, and the table that says how a channel's state may change.

This is the only file that changes a channel's state (``Channel.move``). The diagram in
``docs/architecture.md`` is printed from ``TRANSITIONS``. The PBX is always right: a transition that the
table does not know is counted by the caller and followed all the same.

Neighbours: ``tracker`` feeds facts in, ``summary`` reads a call and makes its record.
"""

from __future__ import annotations

from typing import Literal

from cti.live.events import LiveLeg
from cti.live.pbx import ChannelName
from cti.live.profile import EndpointKind
from cti.live.record import Leg, SegmentState, Transfer

State = Literal["new", "ringing", "up", "talking", "held", "parked", "ended"]
Stimulus = Literal["ring", "answer", "join", "hold", "leave", "park", "end"]

# What a party's channel goes through. "leave": out of the conversation, still up.
TRANSITIONS: dict[tuple[State, Stimulus], State] = {
    ("new", "ring"): "ringing",
    ("new", "answer"): "up",
    ("new", "join"): "talking",
    ("new", "hold"): "held",
    ("new", "park"): "parked",
    ("new", "end"): "ended",
    ("ringing", "answer"): "up",
    ("ringing", "join"): "talking",
    ("ringing", "hold"): "held",
    ("ringing", "end"): "ended",
    ("up", "join"): "talking",
    ("up", "hold"): "held",
    ("up", "park"): "parked",
    ("up", "end"): "ended",
    ("talking", "join"): "talking",
    ("talking", "hold"): "held",
    ("talking", "leave"): "up",
    ("talking", "park"): "parked",
    ("talking", "end"): "ended",
    ("held", "join"): "talking",
    ("held", "hold"): "held",
    ("held", "leave"): "up",
    ("held", "park"): "parked",
    ("held", "end"): "ended",
    ("parked", "join"): "talking",
    ("parked", "hold"): "held",
    ("parked", "leave"): "up",
    ("parked", "end"): "ended",
}
ChannelKind = EndpointKind | Literal["local"]
NEXT: dict[Stimulus, State] = {
    "ring": "ringing",
    "answer": "up",
    "join": "talking",
    "hold": "held",
    "leave": "up",
    "park": "parked",
    "end": "ended",
}


class Span:
    """A stretch of one state. ``joined``: with somebody else; ``outside``: an outside party among them."""

    __slots__ = ("end", "joined", "outside", "start", "state")

    def __init__(self, state: State, start: float, joined: bool, outside: bool) -> None:
        self.state = state
        self.start = start
        self.end: float | None = None
        self.joined = joined
        self.outside = outside


class Channel:
    """One channel of the PBX. ``kind``: phone of ours, outside line (trunk), ``local`` half, or other."""

    __slots__ = (
        "answered_at",
        "asked_at",
        "bridge",
        "by_device",
        "call",
        "caller_name",
        "cause",
        "chan",
        "commanded",
        "conference",
        "created_at",
        "dialled",
        "ended_at",
        "exten",
        "fetched",
        "forwarded",
        "found",
        "held_by",
        "hold_at",
        "holding",
        "kind",
        "leg",
        "linkedid",
        "number",
        "outcome",
        "pair",
        "placed",
        "seen_at",
        "seen_no",
        "source",
        "spans",
        "spy",
        "state",
        "state_at",
        "taken",
        "talked",
        "uid",
        "unseen",
    )

    def __init__(self, uid: str, linkedid: str, chan: ChannelName, kind: ChannelKind, at: float) -> None:
        self.uid = uid
        self.linkedid = linkedid
        self.chan = chan
        self.kind = kind
        self.created_at = at
        self.seen_at = at
        self.seen_no = 0
        self.state: State = "new"
        self.state_at = at
        self.spans: list[Span] = []
        self.call: Call | None = None
        self.bridge: Bridge | None = None
        self.pair: Channel | None = None
        self.source: Channel | None = None
        self.dialled = False
        self.placed = False
        self.fetched = False
        self.taken = False
        self.talked = False
        self.forwarded = False
        self.spy = False
        self.commanded = False
        self.found = False
        self.unseen = False
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.asked_at: float | None = None
        self.by_device = False
        self.cause = 0
        self.outcome = ""
        self.number = ""
        self.caller_name = ""
        self.exten = ""
        self.conference: str | None = None
        self.hold_at: float | None = None
        self.holding: list[Channel] = []
        self.held_by: list[Channel] = []
        self.leg: tuple[bool, Leg, LiveLeg] | None = None

    @property
    def party(self) -> bool:
        """A phone or an outside line: something with a person behind it."""
        return self.kind == "phone" or self.kind == "trunk"

    @property
    def waits(self) -> bool:
        """A command of ours put it on hold: it waits by itself."""
        return self in self.held_by

    def let_go(self) -> None:
        """Forget whom it knew, so that a call that is done with leaves memory at once and not by the collector."""
        self.call = self.pair = self.source = self.bridge = None
        self.holding.clear()
        self.held_by.clear()

    def move(self, stimulus: Stimulus, at: float, joined: bool = False, outside: bool = False) -> bool:
        """Follow ``stimulus``; False if the table does not know it from here. The move is made all the same,
        except out of ``ended``, which is final."""
        state = TRANSITIONS.get((self.state, stimulus))
        if self.state == "ended":
            return False
        spans = self.spans
        if spans:
            spans[-1].end = at
        self.state = state or NEXT[stimulus]
        self.state_at = at
        if self.state != "ended":
            spans.append(Span(self.state, at, joined, outside))
            self.talked = self.talked or joined
        return state is not None


class Bridge:
    """Channels that hear each other (``holding``: that do not, as in parking)."""

    __slots__ = ("conference", "holding", "id", "members")

    def __init__(self, bridge_id: str, holding: bool) -> None:
        self.id = bridge_id
        self.holding = holding
        self.conference = False
        self.members: list[Channel] = []


class Visit:
    """One visit of a caller to a queue."""

    __slots__ = ("answered", "joined_at", "left_at", "queue", "uid")

    def __init__(self, queue: str, uid: str, at: float) -> None:
        self.queue = queue
        self.uid = uid
        self.joined_at = at
        self.left_at: float | None = None
        self.answered = False


class Consulted:
    """Somebody consults: ``by`` calls ``to`` while ``customer`` waits (None: the PBX has not told that yet)."""

    __slots__ = ("at", "by", "customer", "to")

    def __init__(self, by: Channel, to: str, customer: Channel | None, at: float) -> None:
        self.by = by
        self.to = to
        self.customer = customer
        self.at = at


class SteppedOut:
    """A party that left a talk with nobody hanging up: ``mate`` is whom it left, ``exten`` where it was sent."""

    __slots__ = ("at", "channel", "exten", "mate")

    def __init__(self, channel: Channel, exten: str, mate: Channel | None, at: float) -> None:
        self.channel = channel
        self.exten = exten
        self.mate = mate
        self.at = at


class Call:
    """One conversation in the making: its channels in order of appearance and what happened to it.

    ``rung``: when phones rang whose legs are settled for good (they have a ``leg``)."""

    def __init__(self, call_id: str, linkedid: str, started_at: float) -> None:
        self.id = call_id
        self.linkedid = linkedid
        self.linkedids = [linkedid]
        self.started_at = started_at
        self.channels: list[Channel] = []
        self.live = 0
        self.ended_at: float | None = None
        self.visits: list[Visit] = []
        self.transfers: list[Transfer] = []
        self.holds: list[tuple[float, float]] = []
        self.rung: list[tuple[float, float]] = []
        self.recordings: list[str] = []
        self.digits = ""
        self.dialled: str | None = None
        self.talked_at: float | None = None
        self.conference: str | None = None
        self.conference_at: float | None = None
        self.voicemail_at: float | None = None
        self.spied = False
        self.broken_by: Channel | None = None
        self.stepped_out: SteppedOut | None = None
        self.consulted: Consulted | None = None
        self.queue_told: str | None = None
        self.gap_at: float | None = None
        self.over_at = 0.0
        self.lost = False
        self.told = False

    def absorb(self, gone: Call) -> None:
        """Take over all that happened in ``gone``, which was the same conversation after all."""
        self.linkedids += gone.linkedids
        self.channels = sorted(self.channels + gone.channels, key=lambda c: c.created_at)
        self.live += gone.live
        self.visits = sorted(self.visits + gone.visits, key=lambda v: v.joined_at)
        self.transfers += gone.transfers
        self.holds += gone.holds
        self.rung += gone.rung
        self.recordings += gone.recordings
        self.digits += gone.digits
        self.dialled = self.dialled or gone.dialled
        self.conference = self.conference or gone.conference
        talked = [t for t in (self.talked_at, gone.talked_at) if t is not None]
        self.talked_at = min(talked, default=None)
        self.started_at = min(self.started_at, gone.started_at)
        self.voicemail_at = self.voicemail_at or gone.voicemail_at
        self.conference_at = self.conference_at or gone.conference_at
        self.queue_told = self.queue_told or gone.queue_told
        self.consulted = self.consulted or gone.consulted
        self.gap_at = self.gap_at or gone.gap_at
        self.lost = self.lost or gone.lost
        self.spied = self.spied and gone.spied

    @property
    def first(self) -> Channel | None:
        """The party that began it: the first phone or outside line seen."""
        for channel in self.channels:
            if channel.party:
                return channel
        return None

    @property
    def monitoring(self) -> bool:
        """True if somebody listens in, and that is all. Where parties talk it is a call, whoever listens."""
        return self.spied and self.talked_at is None

    @property
    def uncertain(self) -> bool:
        """True if something of it happened that nobody told us: nothing that it says of itself can be relied on."""
        return self.lost or any(c.unseen for c in self.channels)

    @property
    def outside(self) -> bool:
        """True once an outside party is in it: one who called in, or one who answered."""
        return any(c.kind == "trunk" and (c.placed or c.answered_at is not None) for c in self.channels)


def span_state(span: Span, outside_call: bool) -> SegmentState:
    """What a person would call this stretch: talking among colleagues during an outside call is a consult."""
    if span.state == "held":
        return "hold"
    if span.state == "talking":
        return "talk" if span.outside or not outside_call else "consult"
    if span.state == "ringing":
        return "ring"
    if span.state == "parked":
        return "park"
    return "wait" if span.state == "new" else "up"
