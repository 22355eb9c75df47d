"""How a channel comes, is dialled, answers and goes.

Neighbours: ``board`` keeps the books, ``talk`` knows who hears whom.
"""

from __future__ import annotations

from cti.live import pbx, talk
from cti.live.board import Board, Handler
from cti.live.call import Channel
from cti.live.causes import BY_COMMAND

MOST_GONE = 10_000
"""Channels remembered that ended while the PBX was listing what is up."""
NO_EXTEN = frozenset(("", "s", "h", "t", "i", "o", "<unknown>"))
"""Not something a person dials: the dialplan's special extensions."""


def created(board: Board, f: pbx.ChannelCreated) -> None:
    known = board.channels.get(f.uid)
    if known is not None and known.ended_at is not None:
        board.odd("a channel was born twice")
        return
    if known is not None and known.found:
        _reborn(board, known, f.at)
    channel = board.channel(f.uid, f.linkedid, f.chan, f.at)
    channel.unseen = False
    channel.number = f.number
    channel.caller_name = f.name
    channel.exten = f.exten
    if f.state == "ring":
        place(channel)
    elif f.state == "up":
        answer(board, channel, f.at)


def _reborn(board: Board, channel: Channel, at: float) -> None:
    """A list had overtaken the channel's beginning: what it told comes again, in order and with its times."""
    talk.leave(board, channel, at)
    channel.found = channel.unseen = channel.dialled = channel.placed = False
    channel.created_at = channel.state_at = at
    channel.answered_at = None
    channel.state = "new"
    channel.spans.clear()
    call = channel.call
    if call is None:
        return
    if call.first is channel:
        call.started_at = at
        call.dialled = call.queue_told = call.voicemail_at = None
    if not any(span.joined for mate in call.channels for span in mate.spans):
        call.talked_at = None


def place(channel: Channel) -> None:
    """The device calls us: what it asked for is what was dialled."""
    channel.placed = True
    call = channel.call
    if call is None or call.dialled is not None or channel.exten in NO_EXTEN:
        return
    if channel is call.first:
        call.dialled = channel.exten


def state_changed(board: Board, f: pbx.ChannelStateChanged) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    if channel is None:
        return
    if f.state == "up":
        answer(board, channel, f.at)
    elif f.state == "ringing":
        ring(board, channel)
    elif f.state == "ring" and not channel.dialled:
        place(channel)


def ring(board: Board, channel: Channel) -> None:
    """The device is being rung; it counts from the channel's birth, as the PBX's own log does."""
    channel.dialled = True
    if channel.state == "new" and channel.ended_at is None:
        board.move(channel, "ring", channel.created_at)


def answer(board: Board, channel: Channel, at: float) -> None:
    """The channel is up."""
    if channel.answered_at is None:
        channel.answered_at = at
    if channel.state in ("new", "ringing"):
        board.move(channel, "answer", at)


def caller_changed(board: Board, f: pbx.CallerIdentified) -> None:
    """A dialplan may rewrite the number on the way; what the caller first showed stays the caller."""
    channel = board.known(f.uid, f.linkedid, f.at)
    if channel is None:
        return
    if not (channel.placed and channel.number):
        channel.number = f.number or channel.number
    channel.caller_name = f.name or channel.caller_name
    board.touch(channel.call)


def hangup_asked(board: Board, f: pbx.HangupAsked) -> None:
    channel = board.known(f.uid, f.linkedid, f.at)
    if channel is not None and channel.asked_at is None:
        channel.asked_at = f.at
        channel.by_device = f.by_device


def hung_up(board: Board, f: pbx.ChannelHungUp) -> None:
    channel = board.known(f.uid, f.linkedid, f.at)
    if channel is not None:
        end(board, channel, f.at, f.cause)
    elif (board.lists or board.gap is not None) and f.uid not in board.channels:
        # Never shown; but a list on its way may yet name it.
        board.gone[f.uid] = None
        if len(board.gone) > MOST_GONE:
            board.gone.popitem(last=False)


def end(board: Board, channel: Channel, at: float, cause: int) -> None:
    """The channel is gone; with the last one the call is over."""
    if channel.bridge is not None:
        talk.leave(board, channel, at)
    talk.release(board, channel, at)
    channel.ended_at = at
    channel.cause = cause
    if cause == BY_COMMAND and channel.kind == "phone":
        _hung_up_from_the_screen(channel)
    board.move(channel, "end", at)
    board.unpair(channel)
    call = channel.call
    if call is None:
        return
    for visit in call.visits:
        if visit.uid == channel.uid and visit.left_at is None:
            visit.left_at = at
    call.live -= 1
    if call.live == 0:
        board.finish(call, at)


def _hung_up_from_the_screen(channel: Channel) -> None:
    """Its owner did, by a command: as if by the device."""
    channel.by_device = True
    call = channel.call
    if call is not None and call.broken_by is None and channel.talked:
        call.broken_by = channel


def dial_started(board: Board, f: pbx.DialStarted) -> None:
    dest = board.living(f.dest_uid, f.dest_linkedid, f.dest_chan, f.at)
    call = dest.call if dest is not None else None
    if dest is None or call is None:
        return
    ring(board, dest)
    talk.goes_on(call)
    source = board.channels.get(f.uid) if f.uid else None
    dest.source = source
    if source is not None and f.exten not in NO_EXTEN:
        source.exten = f.exten
    if call.dialled is None and dest is not call.first:
        call.dialled = f.exten if source is not None and f.exten not in NO_EXTEN else _number_of(dest, f.dial_string)


def _number_of(dest: Channel, dial_string: str) -> str | None:
    return dialled_number(dial_string) if dest.kind == "trunk" else None


def dialled_number(dial_string: str) -> str | None:
    """The number in a dial string of any technology: ``0912…@trunk``, ``trunk/0912…``, ``g1/0912…``."""
    head, _, _ = dial_string.partition("@")
    return head.rpartition("/")[2] or None


def dial_ended(board: Board, f: pbx.DialEnded) -> None:
    dest = board.channels.get(f.dest_uid)
    if dest is None:
        board.odd("the dial of an unknown channel ended")
        return
    dest.forwarded = dest.forwarded or bool(f.forward)
    if not dest.outcome:
        dest.outcome = f.status  # the first is right: a queue sends CANCEL after NOANSWER
    board.touch(dest.call)


HANDLERS: dict[type, Handler] = {
    pbx.ChannelCreated: created,
    pbx.ChannelStateChanged: state_changed,
    pbx.CallerIdentified: caller_changed,
    pbx.HangupAsked: hangup_asked,
    pbx.ChannelHungUp: hung_up,
    pbx.DialEnded: dial_ended,
}
