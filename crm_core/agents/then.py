"""What agents' own states were at a moment, from what happened to them.

What the phones did is not in it: calls tell that. How long a wrap-up was to last and how a pause is called nobody wrote
down: the rules say so. Neighbours: ``store`` keeps what happens, ``cti.live.agents`` makes it happen.
"""

from __future__ import annotations

from msgspec.structs import replace

from crm_core.agents.model import Rules
from cti.kernel.db import Reader
from cti.live.agents import Kept, Noted, Pause, Wrap

_BETWEEN = "SELECT user_id, at, kind, reason, call, queue, by_user, id FROM agent_event WHERE at > ? AND at <= ?"


async def noted_between(reader: Reader, since: float, until: float) -> tuple[Noted, ...]:
    """What happened to anybody after ``since`` and up to ``until``, in order."""
    rows = sorted(await reader.fetch(_BETWEEN, since, until), key=lambda row: (row[1], row[7]))
    return tuple(Noted(*row[:7]) for row in rows)


def after(kept: Kept, note: Noted, rules: Rules, language: str) -> Kept:
    """The state that ``note`` made of ``kept``. ``language``: of the names of reasons."""
    at, pauses = note.at, kept.pauses
    match note.kind:
        case "sign_in":
            return kept if kept.on else Kept(on=True, since=at)
        case "sign_out":
            return Kept(on=False, since=at)
        case "pause":
            pause = Pause(note.reason, _label(note.reason, rules, language), at, note.by)
            return replace(kept, on=True, pauses=(*pauses, pause), since=kept.since if kept.wrap else at)
        case "resume":
            left = _without(pauses, note.reason)
            return replace(kept, pauses=left, since=kept.since if kept.wrap else _beneath(left, at))
        case "ready":
            return replace(kept, on=True, pauses=(), wrap=None, since=at)
        case "wrap":
            return replace(kept, on=True, wrap=_wrap(note, rules), since=at)
        case "extend":
            return replace(kept, wrap=_longer(kept.wrap))
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


def _label(reason: str, rules: Rules, language: str) -> str:
    found = rules.reason(reason)
    return found.label(language) if found is not None else reason


def _wrap(note: Noted, rules: Rules) -> Wrap:
    rule = rules.wrap(note.queue or None)
    return Wrap(note.call, note.queue, note.at, None if rule.seconds is None else note.at + rule.seconds, rule)


def _longer(wrap: Wrap | None) -> Wrap | None:
    """By the rule's step: whether he asked for less, nobody wrote down."""
    if wrap is None or wrap.until is None:
        return wrap
    return replace(wrap, until=wrap.until + wrap.rule.extend_seconds, extended=wrap.extended + 1)
