"""What an agent was by his own word, when: signed in, ready, paused and why, in wrap-up, read off what was noted.

Neighbours: ``agents`` notes it, ``crm_core.agents`` keeps it, ``figures`` counts it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Literal

import msgspec

from cti.live.agents import Noted

State = Literal["off", "ready", "pause", "wrap"]


class Spell(msgspec.Struct, frozen=True, gc=False):
    """A stretch of one state; ``reason`` of a pause, ``call`` and ``queue`` of a wrap-up. ``end`` is None while it
    lasts."""

    state: State
    start: float
    end: float | None
    reason: str = ""
    call: str = ""
    queue: str = ""

    def until(self, now: float) -> float:
        return max(self.start, now) if self.end is None else self.end


class Shift:
    """One agent, as his notes come in order of time. ``spells``: those that ended, ``wraps`` the wrap-ups among
    them by call, ``current`` what he is now."""

    def __init__(self) -> None:
        self.spells: list[Spell] = []
        self.wraps: dict[str, tuple[Spell, ...]] = {}
        self.current = Spell("off", float("-inf"), None)
        self._on = False
        self._pauses: list[str] = []
        self._wrap: tuple[str, str] | None = None

    def take(self, one: Noted) -> None:
        """Take in what was noted next. A note that cannot follow is believed all the same."""
        match one.kind:
            case "sign_in":
                self._on = True
            case "sign_out":
                self._on, self._wrap = False, None
                self._pauses.clear()
            case "ready":
                self._on, self._wrap = True, None
                self._pauses.clear()
            case "pause":
                self._on = True
                self._pauses.append(one.reason)
            case "resume":
                if one.reason in self._pauses:
                    self._pauses.remove(one.reason)
            case "wrap":
                self._on, self._wrap = True, (one.call, sys.intern(one.queue))
            case "wrap_over":
                self._wrap = None
            case _:
                return
        self._go(one.at)

    def forget(self, before: float) -> None:
        """What ended before a moment is not asked for any more."""
        self.spells = [one for one in self.spells if one.end is None or one.end > before]
        self.wraps = {call: some for call, some in self.wraps.items() if (some[-1].end or before) > before}

    def all(self) -> tuple[Spell, ...]:
        """Every spell with the current one, times off left out."""
        return tuple(one for one in (*self.spells, self.current) if one.state != "off")

    def _go(self, at: float) -> None:
        then, now = self._state(at), self.current
        if (now.state, now.reason, now.call) == (then.state, then.reason, then.call):
            return
        if now.state != "off" and at > now.start:
            ended = msgspec.structs.replace(now, end=at)
            self.spells.append(ended)
            if ended.state == "wrap":
                self.wraps[ended.call] = (*self.wraps.get(ended.call, ()), ended)
        self.current = then

    def _state(self, at: float) -> Spell:
        if not self._on:
            return Spell("off", at, None)
        if self._wrap is not None:
            return Spell("wrap", at, None, "", *self._wrap)
        return Spell("pause", at, None, self._pauses[-1]) if self._pauses else Spell("ready", at, None)


def shifts_of(noted: Iterable[Noted]) -> dict[str, Shift]:
    """Every agent's shift, of what was noted in order of time."""
    found: dict[str, Shift] = {}
    for one in noted:
        found.setdefault(one.user, Shift()).take(one)
    return found
