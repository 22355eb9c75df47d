"""Where a call was moved: queues it waited in, transfers, parking, redirects, conferences, voicemail.

CEL has no row for entering a queue, nor for a redirect: the first phone that a queue rings tells the one, an
extension that changed within a bridge the other. CDR, where it is kept too, names the queue of a caller who was never
connected, the parking space, and the application that a channel ran.

Neighbours: ``channels`` gives the rows, ``calls`` puts what is found here into the record.
"""

from __future__ import annotations

from collections.abc import Sequence

from ami_listener.truth.channels import NO_EXTEN, TruthChannel, read_extra
from ami_listener.truth.rows import CdrRow, CelRow
from ami_listener.truth.talks import Joined
from cti.live.profile import Profile
from cti.live.record import QueueWait, Transfer

SAME_MOVE_SECONDS = 1.5
"""Rows this near to each other tell of one move; a table may keep whole seconds only."""

Details = dict[str, list[CdrRow]]
"""The CDR rows of a call, by unique id of their channel."""


def first_argument(data: str) -> str:
    """``support,,,,30`` → ``support``."""
    return data.partition(",")[0]


def ran(channel: TruthChannel, details: Details, *apps: str) -> CelRow | CdrRow | None:
    """The first row that shows the channel in one of these applications (lower case)."""
    row = channel.app(*apps)
    if row is not None:
        return row
    return next((d for d in details.get(channel.uniqueid, ()) if d.app.lower() in apps), None)


def conference(channels: Sequence[TruthChannel], details: Details) -> tuple[str, float] | None:
    """The conference that a party of this call was in, and since when."""
    for channel in channels:
        row = ran(channel, details, "confbridge", "meetme") if channel.party else None
        if row is not None:
            return first_argument(row.data), row.at if isinstance(row, CelRow) else row.start
    return None


# --- queues


def visits(channels: Sequence[TruthChannel], details: Details, joined: dict[str, Joined]) -> tuple[QueueWait, ...]:
    """Visits to queues. ``joined_at`` is the first ring of a member: at most the queue's retry time too late."""
    rung = [c for c in channels if c.app("appqueue") is not None]
    names = _queue_by_leg(channels, details)
    found: list[QueueWait] = []
    waiting: list[TruthChannel] = []
    for channel in rung:
        waiting.append(channel)
        if channel.answered_at is not None:
            found.append(_answered(waiting, names, channels))
            waiting = []
    if waiting:
        found.append(_unanswered(waiting[0].begin, _left(waiting, details), names.get(waiting[0].chan.name), channels))
    if not rung:
        found += _nobody_rung(channels, details)
    return tuple(found)


def _queue_by_leg(channels: Sequence[TruthChannel], details: Details) -> dict[str, str]:
    """The queue that rang a channel, by the channel's name, from CDR."""
    rows = [row for channel in channels for row in details.get(channel.uniqueid, ())]
    return {row.dstchannel: first_argument(row.data) for row in rows if row.app == "Queue" and row.dstchannel}


def _answered(rung: list[TruthChannel], names: dict[str, str], channels: Sequence[TruthChannel]) -> QueueWait:
    """The last one rung answered: the wait ends when the caller is put through to it."""
    taker = rung[-1]
    assert taker.answered_at is not None
    since = taker.answered_at
    connected = [r for c in channels for r in c.rows if r.type == "BRIDGE_ENTER" and r.app == "Queue" and r.at >= since]
    row = min(connected, key=lambda r: r.at, default=None)
    name = names.get(taker.chan.name) or (first_argument(row.data) if row is not None else "")
    until = row.at if row is not None else since
    return QueueWait(name, until - rung[0].begin, True, rung[0].begin)


def _unanswered(joined: float, left: float, name: str | None, channels: Sequence[TruthChannel]) -> QueueWait:
    row = next((r for c in channels for r in c.rows if r.app == "Queue"), None)
    return QueueWait(name or (first_argument(row.data) if row is not None else ""), left - joined, False, joined)


def _left(rung: list[TruthChannel], details: Details) -> float:
    """When a caller who was not connected left the queue: with the last ring, or later as CDR has it."""
    last = max(c.end for c in rung)
    return max([last, *(d.end for rows in details.values() for d in rows if d.app == "Queue" and d.end >= last)])


def _nobody_rung(channels: Sequence[TruthChannel], details: Details) -> list[QueueWait]:
    for channel in channels:
        rows = [d for d in details.get(channel.uniqueid, ()) if d.app == "Queue"]
        if rows:
            since = channel.answered_at or rows[0].start
            return [QueueWait(first_argument(rows[0].data), max(d.end for d in rows) - since, False, since)]
    return []


# --- transfers


def transfers(
    channels: Sequence[TruthChannel], details: Details, joined: dict[str, Joined], profile: Profile
) -> tuple[Transfer, ...]:
    """Every move of a talk to somebody else, in order."""
    rows = sorted((row for channel in channels for row in channel.rows), key=lambda r: r.at)
    known = {c.uniqueid: c for c in channels}
    parked_at = [row.at for row in rows if row.type == "PARK_START"]
    found: list[Transfer] = []
    for row in rows:
        channel = known[row.uniqueid]
        if row.type == "BLINDTRANSFER" and not _near(row.at, parked_at):
            to = read_extra(row).get("extension")
            found.append(Transfer("blind", channel.chan.endpoint, str(to) if to else None, row.at))
        elif row.type == "ATTENDEDTRANSFER":
            found.append(Transfer("attended", channel.chan.endpoint, _target(row, channels, profile), row.at))
        elif row.type == "PARK_START":
            found.append(_parking(row, channel, channels, details))
    found += _redirects(channels, [t.at for t in found], parked_at)
    return tuple(sorted(found, key=lambda t: t.at))


def _near(at: float, others: Sequence[float]) -> bool:
    return any(abs(at - other) <= SAME_MOVE_SECONDS for other in others)


def _target(row: CelRow, channels: Sequence[TruthChannel], profile: Profile) -> str | None:
    """Whom an attended transfer led to: the extension of a phone, or what a Local channel or a line dialled."""
    extra = read_extra(row)
    wanted = str(extra.get("transfer_target_channel_uniqueid") or "")
    target = next((c for c in channels if c.uniqueid == wanted), None) or _consulted(row, channels)
    if target is None:
        return None
    extension = profile.extension(target.chan.endpoint) if target.party else None
    return extension or (target.exten if target.exten not in NO_EXTEN else None) or target.number or None


def _consulted(row: CelRow, channels: Sequence[TruthChannel]) -> TruthChannel | None:
    """Older versions do not name the target: it is the other one in the bridge of the consultation."""
    bridge = read_extra(row).get("bridge2_id")
    for channel in reversed(channels):
        stays = (s for s in channel.stays if s.bridge == bridge and s.start < row.at)
        if channel.uniqueid != row.uniqueid and any(s.end is None or _near(row.at, [s.end]) for s in stays):
            return channel
    return None


def _parking(row: CelRow, parked: TruthChannel, channels: Sequence[TruthChannel], details: Details) -> Transfer:
    """Who parked it is told; the space is known from CDR (``default:701``), or from who dialled it."""
    by = str(read_extra(row).get("parker_dial_string") or "") or None
    for detail in details.get(parked.uniqueid, ()):
        if detail.app == "Park" and abs(detail.start - row.at) <= SAME_MOVE_SECONDS and ":" in detail.data:
            return Transfer("park", by, detail.data.rpartition(":")[2], row.at)
    taker = next((c for c in channels if c.fetched and c.begin >= row.at), None)
    return Transfer("park", by, taker.exten if taker is not None else None, row.at)


def _redirects(channels: Sequence[TruthChannel], told: list[float], parked: list[float]) -> list[Transfer]:
    """A party that leaves a talk for another extension, without a transfer told, was sent there by a command."""
    found: list[Transfer] = []
    for channel in channels:
        if not channel.party:
            continue
        for exten, row in _left_for(channel):
            if exten != row.exten and row.exten not in NO_EXTEN and not _near(row.at, [*told, *parked]):
                found.append(Transfer("redirect", _mate(row, channels), row.exten, row.at))
    return found


def _left_for(channel: TruthChannel) -> list[tuple[str, CelRow]]:
    """Each leaving of a bridge, with the extension that the channel had in the dialplan when it entered."""
    found: list[tuple[str, CelRow]] = []
    entered: dict[object, str] = {}
    for row in channel.rows:
        bridge = read_extra(row).get("bridge_id")
        if row.type == "BRIDGE_ENTER":
            entered[bridge] = row.exten
        elif row.type == "BRIDGE_EXIT" and entered.get(bridge) not in (None, *NO_EXTEN):
            found.append((entered[bridge], row))
    return found


def _mate(row: CelRow, channels: Sequence[TruthChannel]) -> str | None:
    """Who was in the bridge that this row leaves, phones before lines."""
    names = row.peer.split(",")
    mates = [c for c in channels if c.chan.name in names and c.party]
    return min(mates, key=lambda c: c.kind != "phone").chan.endpoint if mates else None
