"""After a gap: what the PBX's own lists say against what we believed.

A hold, a consult, even a whole talk can have come and gone unseen, and no list tells. So a call that was up
while nobody listened is ``lost`` unless the PBX's CDR or CEL make it whole (``call_log.reconcile``): what is known
of it is kept, and nothing that is gone stays on the board. A channel missing from a list is only
suspected at first: its Hangup may still be on its way (the list overtakes queued events).
"""

from __future__ import annotations

from cti.live import life, pbx, talk
from cti.live.board import Board, Handler
from cti.live.call import Call, Channel, Visit
from cti.live.linkedids import age

SUSPECT_SECONDS = 1.0
FRESH_SECONDS = 1.0
"""A channel heard of this recently may be younger than the list; a later list decides."""
DIALLED_APPS = frozenset(("appdial", "appdial2", "appqueue"))
"""What Asterisk shows as the application of a channel that it dialled itself."""

HOLDING_APPS = frozenset(("park", "parkandannounce", "bridgewait", "parkedcall"))
SPY_APPS = frozenset(("chanspy", "extenspy"))


def booted(board: Board, f: pbx.PbxBooted) -> None:
    """Channels older than the PBX's start are gone, however their names live on."""
    if f.uptime is None:
        return
    started = f.at - f.uptime
    for channel in list(board.channels.values()):
        if channel.ended_at is None and channel.seen_at < started - FRESH_SECONDS:
            lose(board, channel)


def stopped(board: Board, f: pbx.PbxStopped) -> None:
    if board.gap is None:
        board.gap = (f.at, None)


def link_lost(board: Board, f: pbx.LinkLost) -> None:
    if board.gap is None or board.gap[1] is not None:
        board.gap = (f.at, None)
    for call in board.calls.values():
        if call.live:
            call.lost = True
            call.gap_at = board.gap[0]
            board.touch(call)


def link_restored(board: Board, f: pbx.LinkRestored) -> None:
    if board.gap is not None:
        board.gap = (board.gap[0], f.at)


def channels_listed(board: Board, f: pbx.ChannelsListed) -> None:
    listed = {c.uid: c for c in f.channels}
    for channel in board.channels.values():
        if channel.ended_at is None and channel.uid not in listed:
            _suspect(board, channel, f.at)
    after_gap = board.gap is not None
    for item in sorted(f.channels, key=lambda c: age(c.uid)):
        _compare(board, item, f.at, after_gap)
    board.gap = None


def _suspect(board: Board, channel: Channel, at: float) -> None:
    before_gap = board.gap is not None and channel.seen_at <= (board.gap[1] or at)
    if before_gap or channel.seen_at < at - FRESH_SECONDS:
        board.suspects.setdefault(channel.uid, at)


def settle_suspects(board: Board) -> None:
    """End what was missing from a list and has not been heard of since."""
    for uid, since in list(board.suspects.items()):
        channel = board.channels.get(uid)
        if channel is None or channel.ended_at is not None or channel.seen_at > since:
            del board.suspects[uid]
        elif board.now >= since + SUSPECT_SECONDS:
            del board.suspects[uid]
            lose(board, channel)


def lose(board: Board, channel: Channel) -> None:
    """The channel ended while nobody looked; the last moment that we saw it is all that is known."""
    board.odd("a channel ended unseen")
    call = channel.call
    at = channel.seen_at
    if call is not None:
        call.lost = True
        if call.gap_at is not None:
            at = max(at, call.gap_at)
    life.end(board, channel, at, 0)


def _compare(board: Board, item: pbx.ListedChannel, at: float, after_gap: bool) -> None:
    known = board.channels.get(item.uid)
    if known is not None and known.ended_at is not None:
        return  # its Hangup overtook the list
    channel = known or _found(board, item, at)
    board.channel(item.uid, item.linkedid, item.chan, at)
    changed = known is None
    if item.state == "up" and channel.answered_at is None:
        life.answer(board, channel, at)
        changed = True
    changed = _compare_bridge(board, channel, item, at) or changed
    if changed and channel.call is not None:
        if known is not None:
            board.odd("a change was seen only in a list")
        _mark(channel.call, after_gap)


def _found(board: Board, item: pbx.ListedChannel, at: float) -> Channel:
    """A channel that began while nobody looked."""
    channel = board.channel(item.uid, item.linkedid, item.chan, item.created or at)
    channel.number, channel.caller_name, channel.exten = item.number, item.name, item.exten
    if channel.call is not None:
        channel.call.started_at = min(channel.call.started_at, channel.created_at)
    app = item.app.lower()
    if app in DIALLED_APPS or item.state == "ringing":
        life.ring(board, channel)
    elif channel.party:
        life.place(channel)
    if app in SPY_APPS:
        board.mark_spy(channel)
    if app == "voicemail" and channel.call is not None:
        channel.call.voicemail_at = at
    if app == "queue" and channel.call is not None:
        channel.call.queue_told = item.data.partition(",")[0] or None
    return channel


def _mark(call: Call, after_gap: bool) -> None:
    """After a gap an unseen change makes the call ``lost``; before we ever listened it is only partly known."""
    if after_gap:
        call.lost = True
    else:
        call.partial = True


def _compare_bridge(board: Board, channel: Channel, item: pbx.ListedChannel, at: float) -> bool:
    """Put the channel where the PBX says it is; True if we had it elsewhere."""
    ours = channel.bridge.id if channel.bridge is not None else None
    if ours == item.bridge:
        return False
    if item.bridge is None:
        talk.leave(board, channel, at)
    else:
        talk.enter(board, channel, item.bridge, item.app.lower() in HOLDING_APPS, at)
    return True


def queues_listed(board: Board, f: pbx.QueuesListed) -> None:
    board.queues.listed(f)
    waiting = {(w.uid, w.queue): w for w in f.waiting}
    for channel in board.channels.values():
        call = channel.call
        if call is None or channel.ended_at is not None:
            continue
        for visit in call.visits:
            if visit.uid == channel.uid and waiting.pop((visit.uid, visit.queue), None) is None:
                visit.left_at = visit.left_at or f.at
    for (uid, queue), waiter in waiting.items():
        channel_waiting = board.channels.get(uid)
        if channel_waiting is not None and channel_waiting.call is not None:
            channel_waiting.call.visits.append(Visit(queue, uid, waiter.joined_at))
            board.touch(channel_waiting.call)


HANDLERS: dict[type, Handler] = {
    pbx.PbxBooted: booted,
    pbx.PbxStopped: stopped,
    pbx.LinkLost: link_lost,
    pbx.LinkRestored: link_restored,
    pbx.ChannelsListed: channels_listed,
    pbx.QueuesListed: queues_listed,
}
