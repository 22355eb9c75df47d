"""CEL rows made channels: what each was, when it came, answered and went, and where it was in between.

Also the closure: which channels make one call. A call is everything that is connected by having had the same
linkedid, or by a transfer or pick-up that names both.

Source: Asterisk's CEL specification; ``main/cel.c`` for what ``extra`` holds.
Neighbours: ``rows`` gives the rows; ``talks``, ``moves`` and ``calls`` read the channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from ami_listener.channel_names import channel_name
from ami_listener.truth.rows import CelRow
from cti.live.causes import BY_COMMAND
from cti.live.pbx import ChannelName
from cti.live.profile import EndpointKind, Profile

NO_EXTEN = frozenset(("", "s", "h", "t", "i", "o", "<unknown>"))
_OUTGOING = "(Outgoing Line)"
_NAMED_BY_EXTRA = (
    "channel2_uniqueid", "transferee_channel_uniqueid", "transfer_target_channel_uniqueid", "pickup_channel_uniqueid",
)  # fmt: skip


class Stay(msgspec.Struct):
    """A channel's time in a bridge. ``holding``: nobody hears anybody there (parking)."""

    bridge: str
    start: float
    end: float | None = None
    holding: bool = False
    exten: str = ""
    mates: str = ""


class TruthChannel:
    """One channel as CEL tells it. Times are None where the row is missing."""

    def __init__(self, uniqueid: str, first: CelRow, profile: Profile) -> None:
        self.uniqueid = uniqueid
        self.chan: ChannelName = channel_name(first.channel)
        self.kind: EndpointKind = profile.kind(self.chan.endpoint)
        self.rows: list[CelRow] = []
        self.linkedids: list[str] = []
        self.started_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.cause = 0
        self.source: str | None = None
        self.dialled = False
        self.fetched = False
        self.forwarded = False
        self.exten = ""
        self.number = ""
        self.name = ""
        self.stays: list[Stay] = []

    @property
    def party(self) -> bool:
        """A phone or an outside line: something with a person behind it."""
        return self.kind != "other" and self.chan.pair is None and not self.chan.technical

    @property
    def begin(self) -> float:
        return self.rows[0].at if self.started_at is None else self.started_at

    @property
    def end(self) -> float:
        """When it was gone; if that is not told, when it was last heard of."""
        return self.rows[-1].at if self.ended_at is None else self.ended_at

    def app(self, *names: str) -> CelRow | None:
        """The first row in which the channel ran one of these applications (lower case)."""
        return next((row for row in self.rows if row.app.lower() in names), None)


def channels_of(rows: Iterable[CelRow], profile: Profile) -> dict[str, TruthChannel]:
    """All channels by unique id, in order of their first row."""
    found: dict[str, TruthChannel] = {}
    for row in sorted(rows, key=lambda r: r.at):
        channel = found.get(row.uniqueid)
        if channel is None:
            channel = found[row.uniqueid] = TruthChannel(row.uniqueid, row, profile)
        _take(channel, row, found)
    _mark_fetched(found)
    return found


def _take(channel: TruthChannel, row: CelRow, known: dict[str, TruthChannel]) -> None:
    channel.rows.append(row)
    if row.linkedid not in channel.linkedids:
        channel.linkedids.append(row.linkedid)
    channel.dialled = channel.dialled or row.data == _OUTGOING
    handle = _HANDLERS.get(row.type)
    if handle is not None:
        handle(channel, row, known)


def _started(channel: TruthChannel, row: CelRow, _known: dict[str, TruthChannel]) -> None:
    channel.started_at = row.at
    channel.exten, channel.number, channel.name = row.exten, row.number, row.name
    channel.dialled = channel.dialled or row.linkedid != row.uniqueid


def _answered(channel: TruthChannel, row: CelRow, _known: dict[str, TruthChannel]) -> None:
    if channel.answered_at is None:
        channel.answered_at = row.at


def _hung_up(channel: TruthChannel, row: CelRow, _known: dict[str, TruthChannel]) -> None:
    extra = read_extra(row)
    channel.cause = _int(extra.get("hangupcause"))
    source = extra.get("hangupsource")
    channel.source = source if isinstance(source, str) else None
    if channel.cause == BY_COMMAND and channel.source == "" and channel.kind == "phone":
        channel.source = channel.chan.name
    _ended(channel, row, _known)


def _ended(channel: TruthChannel, row: CelRow, _known: dict[str, TruthChannel]) -> None:
    channel.ended_at = row.at
    if channel.stays and channel.stays[-1].end is None:
        channel.stays[-1].end = row.at


def _entered(channel: TruthChannel, row: CelRow, known: dict[str, TruthChannel]) -> None:
    extra = read_extra(row)
    bridge = str(extra.get("bridge_id") or "") or _bridge_of_mates(row, known)
    if channel.stays and channel.stays[-1].end is None:
        channel.stays[-1].end = row.at
    holding = extra.get("bridge_technology") == "holding_bridge"
    channel.stays.append(Stay(bridge, row.at, None, holding, row.exten, row.peer))


def _left(channel: TruthChannel, row: CelRow, _known: dict[str, TruthChannel]) -> None:
    if channel.stays and channel.stays[-1].end is None:
        channel.stays[-1].end = row.at


def _forwarded(channel: TruthChannel, row: CelRow, known: dict[str, TruthChannel]) -> None:
    """The row stands on the caller; the phone that forwarded is one that was rung for it and not answered."""
    for other in reversed(known.values()):
        rung = other is not channel and other.party and other.dialled and row.linkedid in other.linkedids
        if rung and other.answered_at is None and not other.forwarded:
            other.forwarded = True
            return


def _bridge_of_mates(row: CelRow, known: dict[str, TruthChannel]) -> str:
    """A table without ``extra`` does not name the bridge: it is the one of the channels listed as peers."""
    for name in row.peer.split(","):
        for other in reversed(known.values()):
            if name and other.chan.name == name and other.stays and other.stays[-1].end is None:
                return other.stays[-1].bridge
    return f"{row.uniqueid}@{row.at}"


_HANDLERS = {
    "CHAN_START": _started,
    "ANSWER": _answered,
    "HANGUP": _hung_up,
    "CHAN_END": _ended,
    "BRIDGE_ENTER": _entered,
    "BRIDGE_EXIT": _left,
    "FORWARD": _forwarded,
}


def _mark_fetched(channels: dict[str, TruthChannel]) -> None:
    """Who took a parked call, or picked one up, was not rung for it but answers it."""
    by_name = {c.chan.name: c for c in channels.values()}
    for channel in channels.values():
        for row in channel.rows:
            if row.type == "PARK_END":
                taker = by_name.get(str(read_extra(row).get("retriever") or ""))
            elif row.type == "PICKUP":
                taker = by_name.get(str(read_extra(row).get("pickup_channel") or ""))
            else:
                continue
            if taker is not None:
                taker.fetched = True


def read_extra(row: CelRow) -> dict[str, Any]:
    """What CEL adds to the row; empty if that is nothing, or damaged."""
    if not row.extra.startswith("{"):
        return {}
    try:
        found = msgspec.json.decode(row.extra)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _int(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def closures(channels: dict[str, TruthChannel]) -> list[list[TruthChannel]]:
    """Channels of one call each, in order of appearance, calls in order of their first channel."""
    joined = Union()
    for channel in channels.values():
        for linkedid in channel.linkedids:
            joined.join(f"u {channel.uniqueid}", f"l {linkedid}")
        for other in (uniqueid for row in channel.rows for uniqueid in named_by(row)):
            joined.join(f"u {channel.uniqueid}", f"u {other}")
    groups: dict[str, list[TruthChannel]] = {}
    for channel in sorted(channels.values(), key=lambda c: c.begin):
        groups.setdefault(joined.root(f"u {channel.uniqueid}"), []).append(channel)
    return list(groups.values())


def named_by(row: CelRow) -> Iterator[str]:
    """Unique ids of other channels that a transfer or a pick-up makes part of the same call."""
    if row.type in ("ATTENDEDTRANSFER", "PICKUP", "BLINDTRANSFER"):
        extra = read_extra(row)
        yield from (str(extra[key]) for key in _NAMED_BY_EXTRA if extra.get(key) not in (None, "", "N/A"))


class Union:
    """Sets that grow together; each is known by one of its members."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, item: str) -> str:
        parent = self._parent.setdefault(item, item)
        while parent != item:
            grand = self._parent[parent]
            self._parent[item] = grand
            item, parent = parent, grand
        return item

    def join(self, a: str, b: str) -> None:
        self._parent[self.root(a)] = self.root(b)


def last_rows(channels: Sequence[TruthChannel]) -> float:
    """When anything was last heard of these."""
    return max(c.rows[-1].at for c in channels)
