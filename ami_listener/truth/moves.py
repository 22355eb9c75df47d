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
from cti.live.errands import OURS
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


def visits(channels: Sequence[TruthChannel], details: Details) -> tuple[QueueWait, ...]:
    """Visits to queues. ``joined_at`` is the first ring of a member: at most the queue's retry time too late.

    A visit to a queue whose name stands nowhere (no answer, and no CDR kept) is left out.
    """
    names = _queue_by_leg(channels, details)
    runs = _runs([c for c in channels if c.app("appqueue") is not None], names)
    if not runs:
        return tuple(_nobody_rung(channels, details))
    starts = [run[0].begin for run in runs[1:]] + [float("inf")]
    found = (_visit(run, until, names, channels, details) for run, until in zip(runs, starts, strict=True))
    return tuple(visit for visit in found if visit.queue)


def _queue_by_leg(channels: Sequence[TruthChannel], details: Details) -> dict[str, str]:
    """The queue that rang a channel, by the channel's name, from CDR."""
    rows = [row for channel in channels for row in details.get(channel.uniqueid, ())]
    return {row.dstchannel: first_argument(row.data) for row in rows if row.app == "Queue" and row.dstchannel}


def _runs(rung: Sequence[TruthChannel], names: dict[str, str]) -> list[list[TruthChannel]]:
    """Members rung during one visit each: until one answers, or another queue rings."""
    runs: list[list[TruthChannel]] = []
    for channel in rung:
        last = runs[-1] if runs else []
        answered = min((c.answered_at for c in last if c.answered_at is not None), default=float("inf"))
        queues = {names[c.chan.name] for c in (*last, channel) if c.chan.name in names}
        if last and channel.begin < answered and len(queues) < 2:
            last.append(channel)
        else:
            runs.append([channel])
    return runs


def _visit(
    run: list[TruthChannel],
    until: float,
    names: dict[str, str],
    channels: Sequence[TruthChannel],
    details: Details,
) -> QueueWait:
    """One visit: it ends when the caller is put through, goes on to the next queue, or leaves."""
    joined = run[0].begin
    rows = [row for channel in channels for row in channel.rows if row.app == "Queue"]
    connected = min((r.at for r in rows if r.type == "BRIDGE_ENTER" and joined <= r.at < until), default=None)
    told = (names[c.chan.name] for c in run if c.chan.name in names)
    name = next(told, None) or next((first_argument(r.data) for r in rows if r.at >= joined), "")
    if connected is not None:
        return QueueWait(name, connected - joined, True, joined)
    left = until if until != float("inf") else _left(run, details)
    return QueueWait(name, left - joined, False, joined)


def _left(rung: list[TruthChannel], details: Details) -> float:
    """When a caller who was not connected left the last queue: with the last ring, or later as CDR has it."""
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
            found.append(Transfer("attended", channel.chan.endpoint, _target(row, channels, joined, profile), row.at))
        elif row.type == "PARK_START":
            found.append(_parking(row, channel, channels, details))
    found += _redirects(channels, [t.at for t in found], parked_at)
    return tuple(sorted(found, key=lambda t: t.at))


def _near(at: float, others: Sequence[float]) -> bool:
    return any(abs(at - other) <= SAME_MOVE_SECONDS for other in others)


def _target(row: CelRow, channels: Sequence[TruthChannel], joined: dict[str, Joined], profile: Profile) -> str | None:
    """Whom an attended transfer led to: the phone that is talked to then, else the number that was asked for."""
    extra = read_extra(row)
    by = next(c for c in channels if c.uniqueid == row.uniqueid)
    known = {c.uniqueid: c for c in channels}
    target = known.get(str(extra.get("transfer_target_channel_uniqueid") or "")) or _consulted(row, channels)
    for phone in [target, *reversed(channels)]:
        if phone is not None and phone.party and phone.chan.endpoint != by.chan.endpoint and phone.dialled:
            extension = profile.extension(phone.chan.endpoint)
            if extension is not None and (phone is target or _joined_at(joined[phone.uniqueid], row.at)):
                return extension
    second = known.get(str(extra.get("channel2_uniqueid") or ""))
    for channel in (target, second if second is not by else None):
        if channel is not None and (channel.exten not in NO_EXTEN or channel.number):
            return channel.exten if channel.exten not in NO_EXTEN else channel.number
    return None


def _joined_at(joined: Joined, at: float) -> bool:
    return any(start <= at + SAME_MOVE_SECONDS and end >= at - SAME_MOVE_SECONDS for start, end in joined.all)


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
            if row.context.startswith(OURS):
                continue  # a consultation, or three who talk: nobody is handed over by that
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
