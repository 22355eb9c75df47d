"""Who takes part in a call right now and who hears whom: what a command has to know before it moves anybody.

Pure reading, as ``summary`` is; but where that tells people about legs, this names channels, the outside caller's own
line among them. Neighbours: ``cti.control`` asks through ``Tracker.parties``.
"""

from __future__ import annotations

import msgspec

from cti.live import talk
from cti.live.board import Board
from cti.live.call import Call, Channel
from cti.live.events import LiveConsult

BEFORE_SECONDS = 0.5
"""A channel is there a moment before it is told that it is dialled."""


class Party(msgspec.Struct, frozen=True, gc=False):
    """A phone of ours or an outside line that is up. ``mates``: the unique ids of those who hear it. ``waits``: a
    command of ours put it on hold. ``rings``: it is rung and has not answered; ``parked``: in a parking lot."""

    uniqueid: str
    channel: str
    endpoint: str
    extension: str | None
    outside: bool
    answered: bool
    rings: bool
    parked: bool
    waits: bool
    holds: bool
    """Its own phone put the others on hold."""
    mates: tuple[str, ...]
    """In order of appearance."""
    conference: str | None
    created_at: float
    in_dialplan: bool
    """It goes through the dialplan itself: it called, or a command sent it there. Else it was dialled by whoever does,
    and is gone with the dialling unless it is moved first."""


def parties_of(board: Board, call: Call) -> tuple[Party, ...]:
    """All that are up, in order of appearance."""
    return tuple(_party(board, c) for c in call.channels if c.party and c.ended_at is None)


def _party(board: Board, channel: Channel) -> Party:
    bridge = channel.bridge
    joined = talk.component(bridge) if bridge is not None and not bridge.holding else []
    return Party(
        channel.uid,
        channel.chan.name,
        channel.chan.endpoint,
        board.profile.extension(channel.chan.endpoint),
        channel.kind == "trunk",
        channel.answered_at is not None,
        channel.state == "ringing",
        channel.state == "parked",
        channel.waits,
        channel.hold_at is not None and not channel.waits,
        tuple(c.uid for c in joined if c is not channel),
        channel.conference,
        channel.created_at,
        channel.commanded or channel.placed or channel.source is None,
    )


def consult_of(call: Call) -> LiveConsult | None:
    """The consultation that goes on, if one does."""
    asked = call.consulted
    if asked is None or asked.customer is None:
        return None
    if asked.by.ended_at is not None or asked.customer.ended_at is not None:
        return None
    told = (asked.by, asked.customer)
    others = [
        c for c in call.channels
        if c.ended_at is None and c.created_at >= asked.at - BEFORE_SECONDS and c not in told
    ]  # fmt: skip
    third = next((c for c in others if c.party), None)
    if not others:
        return None
    waits = next((c.uid for c in call.channels if c.waits and c.ended_at is None), None)
    target = third.uid if third is not None else None
    answered = third is not None and third.answered_at is not None
    return LiveConsult(asked.by.uid, asked.to, asked.customer.uid, target, waits, answered, asked.at)
