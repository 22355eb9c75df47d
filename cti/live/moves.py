"""What moves a call about: transfers, parking, pick-up, queues, conferences, and what the dialplan does.

Neighbours: ``board`` keeps the books, ``life`` and ``talk`` know channels and conversations.
"""

from __future__ import annotations

from cti.live import life, pbx, talk
from cti.live.board import Board, Handler
from cti.live.call import Call, Channel, Consulted, Visit
from cti.live.events import OrderEnded, SpyChanged
from cti.live.record import Transfer, TransferKind

SPY_APPS = frozenset(("chanspy", "extenspy"))
MENU_APPS = frozenset(("read", "background"))
MOST_RECORDINGS = 100
MOST_MOVES = 10_000
"""Transfers, queue visits and keyed digits of one call that are kept; more is no call but a loop."""
SAME_MOVE_SECONDS = 1.0
"""A transfer into the parking lot is told twice, as a transfer and as a parking, at nearly the same time."""


def add_transfer(board: Board, call: Call, kind: TransferKind, by: str | None, to: str | None, at: float) -> None:
    """Note a transfer; the call goes on."""
    call.stepped_out = None
    talk.goes_on(call)
    if len(call.transfers) < MOST_MOVES:
        call.transfers.append(Transfer(kind, by, to, at))
    board.touch(call)


def blind(board: Board, f: pbx.BlindTransferred) -> None:
    channel = board.channels.get(f.uid)
    if channel is None or channel.call is None:
        board.odd("a transfer by an unknown channel")
        return
    last = channel.call.transfers[-1] if channel.call.transfers else None
    if last is not None and f.at - last.at < SAME_MOVE_SECONDS:
        if last.kind == "park":
            return
        if last.kind == "redirect":
            channel.call.transfers.pop()  # the dialplan was quicker than the word that it was a transfer
    add_transfer(board, channel.call, "blind", channel.chan.endpoint, f.to, f.at)


def attended(board: Board, f: pbx.AttendedTransferred) -> None:
    channel = board.channels.get(f.uid)
    second = board.channels.get(f.second_uid)
    if channel is None or channel.call is None:
        board.odd("a transfer by an unknown channel")
        return
    if second is not None and second.call is not None and second.call is not channel.call:
        board.merge(channel.call, second.call)
    asked_for = second.exten if second is not None and second.placed and second is not channel else None
    to = _target(board, f, channel) or asked_for
    add_transfer(board, channel.call, "attended", channel.chan.endpoint, to, f.at)
    for each in (channel, second):
        if each is not None:
            talk.release(board, each, f.at)


def _target(board: Board, f: pbx.AttendedTransferred, by: Channel) -> str | None:
    """Whom a transfer led to: the phone's extension, or the number that was dialled."""
    target = board.channels.get(f.target_uid) if f.target_uid else None
    if target is not None and target.party:
        return board.profile.extension(target.chan.endpoint) or target.exten or target.number or None
    bridge = target.bridge if target is not None else board.bridges.get(f.bridge or "")
    rung = [c for c in talk.component(bridge) if c.dialled and c is not by] if bridge is not None else []
    for party in sorted(rung, key=lambda c: -c.created_at):
        extension = board.profile.extension(party.chan.endpoint)
        if extension is not None:
            return extension
    return (target.exten or target.number or None) if target is not None else None


def parked(board: Board, f: pbx.CallParked) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    call = channel.call if channel is not None else None
    if channel is None or call is None:
        return
    last = call.transfers[-1] if call.transfers else None
    if last is not None and last.kind == "blind" and last.from_ == f.parker and f.at - last.at < SAME_MOVE_SECONDS:
        call.transfers.pop()
    add_transfer(board, call, "park", f.parker or None, f.space, f.at)


def parking_ended(board: Board, f: pbx.ParkingEnded) -> None:
    channel = board.channels.get(f.uid)
    if channel is not None and channel.call is not None:
        talk.goes_on(channel.call)
    fetcher = board.channels.get(f.by_uid) if f.by_uid else None
    if fetcher is not None:
        fetcher.fetched = True


def picked_up(board: Board, f: pbx.CallPickedUp) -> None:
    """The one who takes the call answers it; the phone that was ringing is told to stop."""
    taker = board.channels.get(f.uid)
    target = board.channels.get(f.target_uid)
    if taker is None or target is None:
        board.odd("a pick-up of an unknown channel")
        return
    taker.fetched = True
    if taker.call is not None and target.call is not None and taker.call is not target.call:
        board.merge(taker.call, target.call)


def queue_joined(board: Board, f: pbx.QueueJoined) -> None:
    board.queues.joined(f.queue, f.uid, f.position, f.count)
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    call = channel.call if channel is not None else None
    if channel is None or call is None:
        return
    moved_on(board, channel, f.exten, f.at)
    channel.exten = f.exten or channel.exten
    told = _visit(board, f.uid, f.queue)
    if told is not None and told.left_at is None:
        told.joined_at = f.at  # a list had overtaken this
    elif len(call.visits) < MOST_MOVES:
        call.visits.append(Visit(f.queue, f.uid, f.at))
    board.touch(call)


def queue_left(board: Board, f: pbx.QueueLeft) -> None:
    board.queues.left(f.queue, f.uid, f.count)
    visit = _visit(board, f.uid, f.queue)
    if visit is not None and visit.left_at is None:
        visit.left_at = f.at


def queue_connected(board: Board, f: pbx.QueueConnected) -> None:
    visit = _visit(board, f.uid, f.queue)
    if visit is not None:
        visit.answered = True
        visit.left_at = visit.left_at or f.at


def _visit(board: Board, uid: str, queue: str) -> Visit | None:
    channel = board.channels.get(uid)
    if channel is None or channel.call is None:
        return None
    board.touch(channel.call)
    for visit in reversed(channel.call.visits):
        if visit.queue == queue and visit.uid == uid:
            return visit
    return None


def moved_on(board: Board, channel: Channel, exten: str, at: float) -> None:
    """The channel goes on in the dialplan. If it was taken out of a talk with nobody hanging up and no transfer
    told, a command redirected it: Asterisk has no event for that."""
    call = channel.call
    if call is None:
        return
    talk.goes_on(call)
    stepped = call.stepped_out
    if stepped is None or channel not in (stepped.channel, stepped.mate):
        return
    call.stepped_out = None
    if stepped.mate is not None and stepped.mate.asked_at is not None:
        return
    by = stepped.mate.chan.endpoint if stepped.mate else None
    add_transfer(board, call, "redirect", by, stepped.exten or exten or None, stepped.at)


def dialled_on(board: Board, f: pbx.DialStarted) -> None:
    """A dial in the middle of a call may be the first sign that it was redirected."""
    source = board.channels.get(f.uid) if f.uid else None
    if source is not None and f.errand == "consult":
        consults(board, source, f.exten, f.at)
    elif source is not None and source.waits:
        goes_after(board, source, f)
    elif source is not None and f.errand != "keep":
        moved_on(board, source, f.exten, f.at)
    life.dial_started(board, f)


def consults(board: Board, channel: Channel, to: str, at: float) -> None:
    """A command of ours let ``channel`` call somebody while whom it talked with waits."""
    call = channel.call
    if call is None:
        return
    channel.commanded = True
    call.stepped_out = None
    waiting = [c for c in call.channels if c.waits]
    if not waiting:  # it left before the PBX had put down where it is sent
        waiting = [c for c in call.channels if c is not channel and _stands_alone(c)][-1:]
        for customer in waiting:
            talk.wait(board, customer, at)
    if channel.party:
        call.consulted = Consulted(channel, to, waiting[0] if waiting else None, at)


def _stands_alone(channel: Channel) -> bool:
    return channel.party and channel.talked and channel.bridge is None and channel.state == "up"


def goes_after(board: Board, channel: Channel, f: pbx.DialStarted) -> None:
    """Who waited is sent after whom was asked and has not answered yet, or rings the one who left."""
    call = channel.call
    talk.stop_waiting(board, channel, f.at)
    if call is None or call.consulted is None:
        return
    by, to = call.consulted.by, call.consulted.to
    call.consulted = None
    if f.errand != "keep":
        add_transfer(board, call, "attended", by.chan.endpoint, to, f.at)


def conference_joined(board: Board, f: pbx.ConferenceJoined) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    call = channel.call if channel is not None else None
    if channel is None or call is None or not channel.party:
        return
    channel.conference = f.conference
    if f.errand:
        call.consulted = None
    moved_on(board, channel, channel.exten, f.at)
    if call.conference is None:
        call.conference = f.conference
        # A caller alone in a conference has arrived there; only an IVR or a queue before it was waiting.
        waited = bool(call.visits or call.digits)
        call.conference_at = f.at if waited else channel.answered_at or f.at
    board.touch(call)


def digit(board: Board, f: pbx.DigitPressed) -> None:
    """Only what the caller keys before the first talk is the menu's; the rest is between the parties."""
    channel = board.channels.get(f.uid)
    call = channel.call if channel is not None else None
    if call is None or channel is not call.first or len(call.digits) >= MOST_MOVES:
        return
    if call.talked_at is None and call.conference is None:
        call.digits += f.digit
        board.touch(call)


def recording(board: Board, f: pbx.RecordingNamed) -> None:
    channel = board.channels.get(f.uid)
    call = channel.call if channel is not None else None
    if call is not None and f.file and len(call.recordings) < MOST_RECORDINGS and f.file not in call.recordings:
        call.recordings.append(f.file)
        board.touch(call)


def app_entered(board: Board, f: pbx.AppEntered) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    call = channel.call if channel is not None else None
    if channel is None or call is None:
        return
    if f.app in SPY_APPS:
        board.mark_spy(channel)
    elif f.app in MENU_APPS:
        moved_on(board, channel, f.exten, f.at)
    elif f.app == "voicemail":
        moved_on(board, channel, f.exten, f.at)
        call.voicemail_at = call.voicemail_at or f.at
        board.touch(call)


def spied(board: Board, f: pbx.Spied) -> None:
    channel = board.channels.get(f.uid)
    if channel is not None and f.on:
        board.mark_spy(channel)
    board.orders.append(SpyChanged(board.pbx, f.at, f.uid, f.spyee_uid, f.on))


def originated(board: Board, f: pbx.OriginateEnded) -> None:
    """The only place where a command that never reached its second leg says what it was to dial."""
    channel = board.channels.get(f.uid) if f.uid else _rung_for(board, f.endpoint)
    call = channel.call if channel is not None else None
    if f.order:
        board.orders.append(OrderEnded(board.pbx, f.at, f.order, f.uid, f.ok, f.reason))
    if call is not None and call.dialled is None and f.exten not in life.NO_EXTEN:
        call.dialled = f.exten
        board.touch(call)


def _rung_for(board: Board, endpoint: str) -> Channel | None:
    for channel in reversed(board.channels.values()):
        waits = channel.dialled and channel.answered_at is None and channel.chan.endpoint == endpoint
        if waits and channel.call is not None and channel.call.dialled is None:
            return channel
    return None


def renamed(board: Board, f: pbx.ChannelRenamed) -> None:
    """Masquerade: another device stands behind the channel from now on (``CallPickedUp`` and some transfers)."""
    channel = board.channels.get(f.uid)
    if channel is None or f.chan.technical or f.chan == channel.chan:
        return
    channel.chan = f.chan
    channel.kind = board.kind(f.chan)
    board.touch(channel.call)


HANDLERS: dict[type, Handler] = {
    pbx.ChannelRenamed: renamed,
    pbx.DialStarted: dialled_on,
    pbx.BlindTransferred: blind,
    pbx.AttendedTransferred: attended,
    pbx.CallParked: parked,
    pbx.ParkingEnded: parking_ended,
    pbx.CallPickedUp: picked_up,
    pbx.QueueJoined: queue_joined,
    pbx.QueueLeft: queue_left,
    pbx.QueueConnected: queue_connected,
    pbx.ConferenceJoined: conference_joined,
    pbx.DigitPressed: digit,
    pbx.RecordingNamed: recording,
    pbx.AppEntered: app_entered,
    pbx.Spied: spied,
    pbx.OriginateEnded: originated,
}
