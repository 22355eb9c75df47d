"""Who hears whom: bridges, Local pairs between them, and hold.

Neighbours: ``board`` keeps the books, ``life`` calls ``leave`` when a channel ends.
"""

from __future__ import annotations

from cti.live import pbx
from cti.live.board import Board, Handler
from cti.live.call import Bridge, Call, Channel, SteppedOut
from cti.live.record import Transfer

TRANSFER_SECONDS = 1.0
"""A party that leaves a bridge this soon after a told transfer leaves because of it."""


def entered(board: Board, f: pbx.BridgeEntered) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    if channel is not None:
        channel.commanded = channel.commanded or bool(f.errand)
        if f.errand == "talk":
            _handed_over(board, channel, f.at)
        enter(board, channel, f.bridge, f.holding, f.at, f.swap)


def enter(board: Board, channel: Channel, bridge_id: str, holding: bool, at: float, swap: str | None = None) -> None:
    """Put the channel into the bridge, out of the one it was in, in place of ``swap`` if given."""
    if channel.bridge is not None and channel.bridge.id != bridge_id:
        leave(board, channel, at)
    bridge = board.bridges.get(bridge_id)
    if bridge is None:
        bridge = board.bridges[bridge_id] = Bridge(bridge_id, holding)
    bridge.holding = holding
    swapped = board.channels.get(swap) if swap else None
    if swapped is not None and swapped.bridge is not bridge:
        swapped = None
    if swapped is not None:
        bridge.members.remove(swapped)
        swapped.bridge = None
    if channel not in bridge.members:
        bridge.members.append(channel)
    channel.bridge = bridge
    stop_waiting(board, channel, at)
    settle(board, bridge, at)
    if swapped is not None:
        _alone(board, swapped, at)


def left(board: Board, f: pbx.BridgeLeft) -> None:
    channel = board.known(f.uid, f.linkedid, f.at)
    bridge = channel.bridge if channel is not None else None
    if channel is None or bridge is None or bridge.id != f.bridge:
        return
    waits = f.errand == "hold" or _left_waiting(channel)
    channel.commanded = channel.commanded or bool(f.errand)
    stepped = None if waits or f.errand else _stepping_out(channel, bridge, f)
    leave(board, channel, f.at)
    if waits:
        wait(board, channel, f.at)
    if stepped is not None and channel.call is not None:
        channel.call.stepped_out = stepped


def _stepping_out(channel: Channel, bridge: Bridge, f: pbx.BridgeLeft) -> SteppedOut | None:
    if not channel.party or bridge.holding or channel.asked_at is not None or not was_joined(channel):
        return None
    call = channel.call
    if call is None or (call.transfers and f.at - call.transfers[-1].at < TRANSFER_SECONDS):
        return None
    mates = [c for c in component(bridge) if c is not channel]
    mates.sort(key=lambda c: c.kind != "phone")
    return SteppedOut(channel, f.exten, mates[0] if mates else None, f.at)


def leave(board: Board, channel: Channel, at: float) -> None:
    """Take the channel out of its bridge and give those who stay, and those behind a Local pair, their state."""
    bridge = channel.bridge
    if bridge is None:
        return
    call = channel.call
    if call is not None and call.broken_by is None and was_joined(channel):
        call.broken_by = channel if channel.by_device else _breaker(bridge)
    channel.bridge = None
    if channel in bridge.members:
        bridge.members.remove(channel)
    _alone(board, channel, at)
    if channel.pair is not None and channel.pair.bridge is not None:
        settle(board, channel.pair.bridge, at)
    if bridge.members:
        settle(board, bridge, at)
    else:
        board.bridges.pop(bridge.id, None)


def _left_waiting(channel: Channel) -> bool:
    """Its mate consults already: the PBX took it out of the bridge before it had put down where it is sent."""
    asked = channel.call.consulted if channel.call is not None else None
    if asked is None or asked.customer is not None or channel is asked.by:
        return False
    return channel.party and channel.created_at <= asked.at and channel.asked_at is None


def wait(board: Board, channel: Channel, at: float) -> None:
    """A command of ours took the channel out of a talk to wait with music: it is on hold, held by nobody's phone."""
    if channel.party and channel.hold_at is None and channel.ended_at is None:
        channel.hold_at = at
        channel.holding = [channel]
        channel.held_by.append(channel)
        _alone(board, channel, at)
        asked = channel.call.consulted if channel.call is not None else None
        if asked is not None and asked.customer is None and asked.by is not channel:
            asked.customer = channel


def stop_waiting(board: Board, channel: Channel, at: float) -> None:
    """It talks again, or goes on; what it does next gives it its state."""
    if channel.waits:
        channel.held_by.remove(channel)
        channel.holding = []
        _count_hold(channel, at)
        board.touch(channel.call)


def _count_hold(channel: Channel, at: float) -> None:
    call, since = channel.call, channel.hold_at
    channel.hold_at = None
    # Of a call with an outside party only that one's waiting counts; a colleague's, while somebody swaps, does not.
    if call is not None and since is not None and (channel.kind == "trunk" or not call.outside):
        call.holds.append((since, at))


def _handed_over(board: Board, channel: Channel, at: float) -> None:
    """Somebody who waited, or talked with whoever consulted, is joined with whom that one asked: a transfer."""
    call = channel.call
    consulted = call.consulted if call is not None else None
    if call is None or consulted is None or channel is consulted.by:
        return
    call.consulted = call.stepped_out = None
    call.transfers.append(Transfer("attended", consulted.by.chan.endpoint, consulted.to, at))
    board.touch(call)


def _breaker(bridge: Bridge) -> Channel | None:
    """Who has hung up, where another leaves first: the PBX empties the bridge in any order."""
    return next((c for c in component(bridge) if c.by_device and c.ended_at is None), None)


def was_joined(channel: Channel) -> bool:
    """True if the channel is in a conversation now."""
    return bool(channel.spans) and channel.spans[-1].joined and channel.spans[-1].end is None


def component(bridge: Bridge) -> list[Channel]:
    """The parties that hear each other through ``bridge`` and the Local pairs that lead out of it."""
    members = bridge.members
    if not any(c.pair is not None for c in members):
        return [c for c in members if c.party]
    seen = {bridge.id}
    todo = [bridge]
    parties: list[Channel] = []
    while todo:
        for channel in todo.pop().members:
            if channel.party:
                parties.append(channel)
            other = channel.pair.bridge if channel.pair is not None else None
            if other is not None and other.id not in seen:
                seen.add(other.id)
                todo.append(other)
    return parties


def settle(board: Board, bridge: Bridge, at: float) -> None:
    """Give each party of ``bridge`` the state that its company implies."""
    if bridge.holding:
        for channel in bridge.members:
            if channel.party and channel.state != "parked":
                board.move(channel, "park", at)
        return
    parties = component(bridge)
    if len(parties) < 2:
        for channel in parties:
            _alone(board, channel, at)
        return
    outside = any(c.kind == "trunk" for c in parties)
    for channel in parties:
        _together(board, channel, parties, outside, at)


def _alone(board: Board, channel: Channel, at: float) -> None:
    if not channel.party or channel.ended_at is not None:
        return
    if channel.held_by:
        if channel.state != "held" or was_joined(channel):
            board.move(channel, "hold", at)
    elif channel.state in ("talking", "held", "parked"):
        board.move(channel, "leave", at)


def _together(board: Board, channel: Channel, parties: list[Channel], outside: bool, at: float) -> None:
    if channel.held_by and not any(holder in parties for holder in channel.held_by):
        for holder in list(channel.held_by):
            release(board, holder, at)
    held = bool(channel.held_by) or (channel.hold_at is not None and any(m in parties for m in channel.holding))
    state = "held" if held else "talking"
    last = channel.spans[-1] if channel.spans else None
    if last is None or channel.state != state or not last.joined or last.outside != outside:
        board.move(channel, "hold" if held else "join", at, True, outside)
    call = channel.call
    if call is not None:
        call.broken_by = call.stepped_out = None
        if call.talked_at is None:
            call.talked_at = at


def held(board: Board, f: pbx.HoldStarted) -> None:
    channel = board.living(f.uid, f.linkedid, f.chan, f.at)
    if channel is None or channel.hold_at is not None or _holds_us(channel):
        return
    channel.hold_at = f.at
    if channel.bridge is not None:
        channel.holding = [c for c in component(channel.bridge) if c is not channel]
        for mate in channel.holding:
            mate.held_by.append(channel)
        settle(board, channel.bridge, f.at)
    board.touch(channel.call)


def _holds_us(channel: Channel) -> bool:
    """The outside world put us on hold: our caller is not held by us."""
    call = channel.call
    return channel.kind == "trunk" and call is not None and any(c.kind == "phone" for c in call.channels)


def unheld(board: Board, f: pbx.HoldEnded) -> None:
    channel = board.channels.get(f.uid)
    if channel is not None:
        release(board, channel, f.at)


def release(board: Board, channel: Channel, at: float) -> None:
    """End the hold that ``channel`` began, wherever those it held are by now."""
    if channel.hold_at is None:
        return
    if channel.waits:
        stop_waiting(board, channel, at)
        return
    if channel.call is not None:
        channel.call.holds.append((channel.hold_at, at))
    channel.hold_at = None
    mates, channel.holding = channel.holding, []
    for mate in mates:
        if channel in mate.held_by:
            mate.held_by.remove(channel)
    for each in (*mates, channel):
        if each.ended_at is None:
            _resettle(board, each, at)
    board.touch(channel.call)


def _resettle(board: Board, channel: Channel, at: float) -> None:
    if channel.bridge is not None:
        settle(board, channel.bridge, at)
    else:
        _alone(board, channel, at)


def goes_on(call: Call) -> None:
    """Somebody is rung, a queue entered: whoever broke the last talk did not end the call."""
    call.broken_by = None


HANDLERS: dict[type, Handler] = {
    pbx.BridgeEntered: entered,
    pbx.BridgeLeft: left,
    pbx.HoldStarted: held,
    pbx.HoldEnded: unheld,
}
