"""After a gap: what the PBX's own lists say against what we believed.

A hold, a consult, even a whole talk can have come and gone unseen, and no list tells. So a call that was up
while nobody listened is ``lost`` unless the PBX's CDR or CEL make it whole (``call_log.reconcile``): what is known
of it is kept, and nothing that is gone stays on the board. A call that began after the gap is not: where a list
says something else of it than we believe, the list has overtaken events that are still on their way (Asterisk
queues those, and not its answers), so it is only suspected, and believed when nothing has come.
"""

from __future__ import annotations

from cti.live import life, pbx, talk
from cti.live.board import Board, Handler, Suspect
from cti.live.call import Call, Channel, Visit
from cti.live.linkedids import age

SUSPECT_SECONDS = 2.0
UNSEEN_SECONDS = 0.5
"""For a channel of which nothing was heard since before a gap: what was said of it in the gap is not on its way to us,
only what came between our login and the list."""
FRESH_SECONDS = 1.0
"""A PBX's start is known to the second."""
MOST_LISTS = 64
CLOCKS_DIFFER_SECONDS = 3600.0
DIALLED_APPS = frozenset(("appdial", "appdial2", "appqueue"))
"""What Asterisk shows as the application of a channel that it dialled itself."""

HOLDING_APPS = frozenset(("park", "parkandannounce", "bridgewait", "parkedcall"))
SPY_APPS = frozenset(("chanspy", "extenspy"))


def booted(board: Board, f: pbx.PbxBooted) -> None:
    """Channels older than the PBX's start are gone, however their names live on. Said at log-in: in the middle of a
    connection nothing can have started anew."""
    if f.uptime is None or board.gap is None:
        return
    started = f.at - f.uptime
    for channel in list(board.channels.values()):
        if channel.ended_at is None and channel.seen_at < started - FRESH_SECONDS:
            lose(board, channel)


def stopped(board: Board, f: pbx.PbxStopped) -> None:
    if board.gap is None:
        board.gap, board.gap_no = f.at, board.facts


def link_lost(board: Board, f: pbx.LinkLost) -> None:
    """What was up is lost from now on, or since the gap before this one if no list has closed that."""
    if board.facts <= 1:
        return  # nothing was ever heard: there was nothing to miss
    fresh = board.gap is None
    if fresh:
        board.gap, board.gap_no = f.at, board.facts
    for call in board.calls.values():
        if call.live:
            call.lost = True
            if fresh or call.gap_at is None:
                call.gap_at = f.at
            board.touch(call)


def link_restored(board: Board, f: pbx.LinkRestored) -> None:
    """Nothing is known yet: the answers to what is up are on their way."""


def list_began(board: Board, f: pbx.ListBegan) -> None:
    board.lists[f.list] = board.facts
    if len(board.lists) > MOST_LISTS:
        board.lists.popitem(last=False)


def list_broken(board: Board, f: pbx.ListBroken) -> None:
    board.lists.pop(f.list, None)
    board.odd("a list came incomplete")
    if not board.list_broken:  # asked again once: a PBX that never gets it right is not asked without end
        board.resync_wanted = "a list came incomplete"
    board.list_broken = True


def channels_listed(board: Board, f: pbx.ChannelsListed) -> None:
    since = board.lists.pop(f.list, board.facts)
    listed = {c.uid for c in f.channels}
    for channel in board.channels.values():
        if channel.ended_at is None and channel.uid not in listed and channel.seen_no <= since:
            _suspect(board, channel, None)
    for item in sorted(f.channels, key=lambda c: age(c.uid)):
        _compare(board, item, f.at, since)
    board.gone.clear()
    board.list_broken = False
    board.gap = None
    board.listed = True


def _suspect(board: Board, channel: Channel, item: pbx.ListedChannel | None) -> None:
    before = board.suspects.get(channel.uid)
    if before is not None and before.seen_no == channel.seen_no:
        before.item = item
    else:
        unseen = board.gap is not None and channel.seen_no <= board.gap_no
        board.suspects[channel.uid] = Suspect(channel.seen_no, item, UNSEEN_SECONDS if unseen else SUSPECT_SECONDS)
        board.settle_at = 0.0


def settle_suspects(board: Board) -> None:
    """Believe the list where nothing has been heard since. The time for that runs from the first word after the list:
    what was said in a silence is known only when it ends."""
    now = board.now
    if now < board.settle_at:
        return
    board.settle_at = float("inf")
    for uid, suspect in list(board.suspects.items()):
        channel = board.channels.get(uid)
        if channel is None or channel.ended_at is not None or channel.seen_no != suspect.seen_no:
            del board.suspects[uid]
        elif suspect.due is not None and now >= suspect.due:
            del board.suspects[uid]
            _settle(board, channel, suspect.item)
        else:
            suspect.due = suspect.due or now + suspect.grace
            board.settle_at = min(board.settle_at, suspect.due)


def _settle(board: Board, channel: Channel, item: pbx.ListedChannel | None) -> None:
    if item is None:
        lose(board, channel)
    elif _differs(channel, item):
        board.odd("a change was seen only in a list")
        _follow(board, channel, item, board.now)


def lose(board: Board, channel: Channel) -> None:
    """The channel ended while nobody looked; the last moment that its call was heard of is all that is known."""
    board.odd("a channel ended unseen")
    channel.unseen = True
    call = channel.call
    mates = call.channels if call is not None else ()
    at = max([channel.seen_at, *(c.seen_at for c in mates if c.ended_at is None)])
    if call is not None and call.gap_at is not None:
        at = max(at, call.gap_at)
    life.end(board, channel, at, 0)


def _compare(board: Board, item: pbx.ListedChannel, at: float, since: int) -> None:
    known = board.channels.get(item.uid)
    if known is None:
        if item.uid not in board.gone:
            _found(board, item, at)
    elif known.ended_at is None and known.seen_no <= since:
        if known.linkedid != item.linkedid:
            board.relink(known, item.linkedid)
        known.seen_at = at
        if not _differs(known, item):
            board.suspects.pop(item.uid, None)
        elif _lost(known):
            _follow(board, known, item, at)
        else:
            _suspect(board, known, item)


def _found(board: Board, item: pbx.ListedChannel, at: float) -> None:
    """A channel that began while nobody looked; if its own beginning is still on its way, that will tell."""
    # An id from the future is of another clock than the times are (arrival times counted from any moment).
    created = item.created if item.created is not None and item.created <= at + CLOCKS_DIFFER_SECONDS else at
    channel = board.channel(item.uid, item.linkedid, item.chan, created)
    channel.seen_at = at
    channel.found = True
    channel.number, channel.caller_name, channel.exten = item.number, item.name, item.exten
    app = item.app.lower()
    if app in DIALLED_APPS or item.state == "ringing":
        life.ring(board, channel)
    elif channel.party:
        life.place(channel)
    if app in SPY_APPS:
        board.mark_spy(channel)
    if channel.call is not None:
        _found_in(channel.call, channel, item, app, at)
    _follow(board, channel, item, at)


def _found_in(call: Call, channel: Channel, item: pbx.ListedChannel, app: str, at: float) -> None:
    call.started_at = min(call.started_at, channel.created_at)
    if app == "voicemail":
        call.voicemail_at = at
    elif app == "queue":
        call.queue_told = item.data.partition(",")[0] or None


def _differs(channel: Channel, item: pbx.ListedChannel) -> bool:
    ours = channel.bridge.id if channel.bridge is not None else None
    return ours != item.bridge or (item.state == "up" and channel.answered_at is None)


def _follow(board: Board, channel: Channel, item: pbx.ListedChannel, at: float) -> None:
    """Put the channel where the PBX says it is."""
    if item.state == "up":
        life.answer(board, channel, at)
    if item.bridge is None:
        talk.leave(board, channel, at)
    elif channel.bridge is None or channel.bridge.id != item.bridge:
        talk.enter(board, channel, item.bridge, item.app.lower() in HOLDING_APPS, at)


def queues_listed(board: Board, f: pbx.QueuesListed) -> None:
    board.queues.listed(f)
    since = board.lists.pop(f.list, board.facts)
    waiting = {(w.uid, w.queue): w for w in f.waiting}
    for call in board.calls.values():
        for visit in call.visits:
            if visit.left_at is None and waiting.pop((visit.uid, visit.queue), None) is None and call.lost:
                visit.left_at = f.at
    for (uid, queue), waiter in waiting.items():
        channel = board.channels.get(uid)
        told = channel is not None and channel.seen_no <= since and (channel.found or _lost(channel))
        if channel is not None and channel.call is not None and told:
            channel.call.visits.append(Visit(queue, uid, waiter.joined_at))
            board.touch(channel.call)


def _lost(channel: Channel) -> bool:
    return channel.call is not None and channel.call.lost


HANDLERS: dict[type, Handler] = {
    pbx.PbxBooted: booted,
    pbx.PbxStopped: stopped,
    pbx.LinkLost: link_lost,
    pbx.LinkRestored: link_restored,
    pbx.ListBegan: list_began,
    pbx.ListBroken: list_broken,
    pbx.ChannelsListed: channels_listed,
    pbx.QueuesListed: queues_listed,
}
