"""The call record: what the product says about one conversation, as users and exports see it.

One record per conversation, whatever channels served it. The fields and their meanings are the
contract in ``docs/call-record.md``; every other module reads these structs and none adds to them.
Times are UTC epoch seconds (float, from the PBX's event timestamps where it sends them); the JSON
form writes them as RFC 3339 with milliseconds (``to_json``). Durations are seconds.

Neighbours: ``cti.live.call`` builds records, ``call_log`` stores them, ``web`` shows them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

Kind = Literal["call", "monitoring"]
Direction = Literal["inbound", "outbound", "internal"]
Outcome = Literal["answered", "abandoned", "noanswer", "busy", "failed", "voicemail", "callback", "lost"]
Side = Literal["caller", "agent", "callee", "system"]
Role = Literal["caller", "callee"]
LegResult = Literal["answered", "noanswer", "busy", "cancelled", "declined", "forwarded", "failed"]
TransferKind = Literal["blind", "attended", "park", "redirect"]
SegmentState = Literal["wait", "ring", "queue", "up", "talk", "hold", "consult", "park"]
"""What a party was doing: ``wait`` (dialplan, IVR or voicemail), ``ring``, ``queue`` (waiting in one),
``up`` (answered, joined with nobody), ``talk``, ``hold``, ``consult``, ``park``."""


class Segment(msgspec.Struct, frozen=True, gc=False):
    """A stretch of one state of one party; ``end`` is None while it lasts."""

    state: SegmentState
    start: float
    end: float | None


class Number(msgspec.Struct, frozen=True, gc=False):
    """``number`` is E.164 or None; ``raw`` as the PBX gave it, None if withheld."""

    number: str | None
    raw: str | None


class Caller(msgspec.Struct, frozen=True, gc=False):
    number: str | None
    raw: str | None
    name: str | None


class QueueWait(msgspec.Struct, frozen=True, gc=False):
    """One visit to a queue; ``seconds`` until connected, or until it left. ``joined_at`` is epoch seconds."""

    queue: str
    seconds: float | None
    answered: bool
    joined_at: float


class Leg(msgspec.Struct, frozen=True):
    """One phone of ours, or one outside line that was dialled."""

    uniqueid: str
    role: Role
    endpoint: str
    extension: str | None
    rang_at: float | None
    answered_at: float | None
    ended_at: float | None
    result: LegResult | None
    ring_seconds: float
    talk_seconds: float
    consult_seconds: float
    hold_seconds: float
    segments: tuple[Segment, ...] = ()
    outside: bool = False
    """True for an outside line, False for a phone of ours."""


class Transfer(msgspec.Struct, frozen=True, gc=False):
    kind: TransferKind
    from_: str | None = msgspec.field(name="from")
    to: str | None
    at: float


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation. See the module docstring for units."""

    id: str
    pbx: str
    kind: Kind
    linkedid: str
    linkedids: tuple[str, ...]
    direction: Direction
    caller: Caller
    dialled: Number
    queue: str | None
    queue_waits: tuple[QueueWait, ...]
    started_at: float | None
    answered_at: float | None
    ended_at: float | None
    wait_seconds: float | None
    talk_seconds: float
    hold_seconds: float
    duration_seconds: float | None
    outcome: Outcome | None
    hung_up_by: Side | None
    legs: tuple[Leg, ...]
    transfers: tuple[Transfer, ...]
    recordings: tuple[str, ...]
    digits: str | None
    conference: str | None
    provisional: bool
    caller_segments: tuple[Segment, ...] = ()
    """What the outside caller (or first party) went through, for the ladder."""


TIME_FIELDS = frozenset(("started_at", "answered_at", "ended_at", "rang_at", "at", "joined_at", "start", "end"))
_SECONDS_SUFFIX = "seconds"


def rfc3339(at: float | None) -> str | None:
    """Epoch seconds as ``2026-11-22T00:51:37.932Z``; None stays None."""
    if at is None:
        return None
    return dt.datetime.fromtimestamp(round(at, 3), dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _plain(v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v, key) for v in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if key in TIME_FIELDS:
            return rfc3339(float(value))
        if key.endswith(_SECONDS_SUFFIX):
            return round(float(value), 3)
    return value


def to_json(record: CallRecord) -> dict[str, Any]:
    """The record as the JSON object of the contract: RFC 3339 times, seconds to the millisecond."""
    plain = _plain(msgspec.to_builtins(record))
    assert isinstance(plain, dict)
    return plain
