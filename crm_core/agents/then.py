"""What agents' own states were at a moment, from what happened to them.

Only what came after each one's last return to ready, or his last sign-out, has to be read. What the phones did is not
in it: calls tell that. Neighbours: ``store`` keeps what happens, ``cti.live.agents`` makes it happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from cti.kernel.db import Reader
from cti.live.agents import NO_WRAP, Kept, Noted, Pause, Wrap

BACK_SECONDS = 7 * 86_400.0
"""Who has neither come nor gone nor been ready for so long is as if he had never been there."""

Label = Callable[[str], str]
"""The name of a pause's reason, by its id."""

_SINCE = (
    "SELECT e.user_id, e.at, e.kind, e.reason, e.call, e.queue, e.by_user, e.id FROM agent_event e LEFT JOIN"
    " (SELECT user_id, max(at) AS at FROM agent_event WHERE at > ? AND at <= ? AND kind IN ('ready', 'sign_out')"
    " GROUP BY user_id) base ON base.user_id = e.user_id"
    " WHERE e.at > ? AND e.at <= ? AND (base.at IS NULL OR e.at >= base.at)"
)
_BETWEEN = "SELECT user_id, at, kind, reason, call, queue, by_user, id FROM agent_event WHERE at > ? AND at <= ?"


async def states_at(reader: Reader, at: float, label: Label = str) -> dict[str, Kept]:
    """By user, for all who were signed in at some time in the week before ``at`` (epoch seconds)."""
    back = at - BACK_SECONDS
    states: dict[str, Kept] = {}
    for note in _in_order(await reader.fetch(_SINCE, back, at, back, at)):
        states[note.user] = after(states.get(note.user, Kept()), note, label)
    return states


async def noted_between(reader: Reader, since: float, until: float) -> tuple[Noted, ...]:
    """What happened to anybody after ``since`` and up to ``until``, in order."""
    return tuple(_in_order(await reader.fetch(_BETWEEN, since, until)))


def after(kept: Kept, note: Noted, label: Label = str) -> Kept:
    """The state that ``note`` made of ``kept``."""
    at, pauses = note.at, kept.pauses
    match note.kind:
        case "sign_in":
            return kept if kept.on else Kept(on=True, since=at)
        case "sign_out":
            return Kept(on=False, since=at)
        case "pause":
            pause = Pause(note.reason, label(note.reason), at, note.by)
            return replace(kept, on=True, pauses=(*pauses, pause), since=kept.since if kept.wrap else at)
        case "resume":
            left = _without(pauses, note.reason)
            return replace(kept, pauses=left, since=kept.since if kept.wrap else _beneath(left, at))
        case "ready":
            return replace(kept, on=True, pauses=(), wrap=None, since=at)
        case "wrap":
            return replace(kept, on=True, wrap=Wrap(note.call, note.queue, at, None, NO_WRAP), since=at)
        case "wrap_over":
            return replace(kept, wrap=None, since=_beneath(pauses, at))
        case _:
            return kept


def _beneath(pauses: tuple[Pause, ...], at: float) -> float:
    return pauses[-1].since if pauses else at


def _without(pauses: tuple[Pause, ...], reason: str) -> tuple[Pause, ...]:
    """The last pause of this reason is over."""
    for n in range(len(pauses) - 1, -1, -1):
        if pauses[n].reason == reason:
            return pauses[:n] + pauses[n + 1 :]
    return pauses


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[Noted]:
    return [Noted(*row[:7]) for row in sorted(rows, key=lambda row: (row[1], row[7]))]
