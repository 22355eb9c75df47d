"""How a call ended: direction, results of its legs, outcome, and who hung up.

Neighbours: ``summary`` puts these into the record; ``causes`` knows hang-up causes.
"""

from __future__ import annotations

from cti.live.board import Board
from cti.live.call import Call, Channel
from cti.live.causes import unanswered_result
from cti.live.record import Direction, LegResult, Outcome, Side

SAME_END_SECONDS = 1.0
"""Within it the last channels of a call that one party ended are gone, on a busy PBX too."""
DEEPEST_LOCAL = 16
"""Local channels that may stand one behind the other; more is a dialplan that dials itself."""


def legs_of(call: Call) -> list[Channel]:
    """Phones of ours, and outside lines that were dialled. The outside caller's own line is not a leg."""
    return [c for c in call.channels if c.kind == "phone" or (c.kind == "trunk" and (c.dialled or not c.placed))]


def far_legs(call: Call) -> list[Channel]:
    """The outside lines that were dialled."""
    return [c for c in call.channels if c.kind == "trunk" and c.dialled]


def direction_of(board: Board, call: Call) -> Direction:
    """Inbound if an outside line called us; outbound if the first thing dialled is one, or was to be."""
    first = call.first
    if first is None:
        return "internal"
    if first.kind == "trunk":
        return "outbound" if first.dialled else "inbound"
    if call.monitoring:
        return "internal"
    for channel in call.channels:
        if channel is not first and channel.party and channel.dialled:
            if channel.kind == "trunk":
                return "outbound"
            if channel.chan.endpoint != first.chan.endpoint and not _rung_to_originate(call, channel):
                return "internal"
    never_dialled_on = not any(c is not first and c.party and c.dialled for c in call.channels)
    if never_dialled_on and board.profile.dialled_number(call.dialled) is not None:
        return "outbound"
    return "internal"


def _rung_to_originate(call: Call, channel: Channel) -> bool:
    """Another device of the same person, rung by the same Originate."""
    first = call.first
    return first is not None and first.dialled and channel.created_at - first.created_at < 0.5


def leg_result(channel: Channel) -> LegResult | None:
    """What became of a leg; None while it is open."""
    if channel.answered_at is not None:
        return "answered"
    if channel.ended_at is None:
        return None
    if channel.forwarded:
        return "forwarded"
    return unanswered_result(channel.cause, _dial_status(channel))


def _dial_status(channel: Channel) -> str:
    """How its dialling ended. Behind a Local channel (queue member, ring group, follow-me) the phone's own dial is
    only ever cancelled; why, the dial of the Local channel says."""
    asked = channel
    for _ in range(DEEPEST_LOCAL):
        if asked.outcome not in ("", "cancel") or asked.source is None or asked.source.pair is None:
            break
        asked = asked.source.pair
    return "noanswer" if asked.outcome == "noanswer" else channel.outcome


def outcome_of(call: Call, direction: Direction, answered: float | None) -> Outcome:
    """The one word for how the call went."""
    if call.uncertain:
        return "lost"
    if answered is not None:
        return "answered"
    if call.voicemail_at is not None:
        return "voicemail"
    if direction == "outbound":
        return _unreached(far_legs(call), "failed")
    first = call.first
    if first is not None and first.by_device and not first.dialled:
        return "abandoned"
    others = [c for c in legs_of(call) if c is not first]
    return _unreached(others, "noanswer" if call.visits else "failed")


def _unreached(legs: list[Channel], without: Outcome) -> Outcome:
    """Nobody was reached: busy if that is all there was, else no answer."""
    results = [leg_result(c) for c in legs]
    if not results:
        return without
    if all(r == "failed" for r in results):
        return "failed"
    if results[-1] == "busy" and all(r in ("busy", "failed", "forwarded") for r in results):
        return "busy"
    return "noanswer"


def side_of(call: Call, channel: Channel, direction: Direction) -> Side:
    """Whose side of the call a channel is on."""
    first = call.first
    if direction == "inbound":
        return "caller" if channel is first else "agent"
    if direction == "outbound":
        return "callee" if channel.kind == "trunk" else "agent"
    return "caller" if channel is first else "callee"


def hung_up_by(call: Call, direction: Direction) -> Side:
    """Who ended it: the one who broke the last talk, or the first party if it left while waiting."""
    breaker = call.broken_by
    if breaker is not None:
        return side_of(call, breaker, direction)
    first = call.first
    if first is not None and first.by_device and not _outlived(call, first):
        return side_of(call, first, direction)
    return "system"


def _outlived(call: Call, first: Channel) -> bool:
    """True if the call went on without its first party, who had handed it over."""
    left = first.ended_at
    return left is not None and any(
        span.start >= left + SAME_END_SECONDS for channel in call.channels if channel.party for span in channel.spans
    )
