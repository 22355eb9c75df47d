"""Figures of the day on the board: asked seldom, since they go on by the clock and a board is told what differs.

Of a queue when a call of it was logged or a caller left it, and of all queues each few seconds; of an agent when a call
of his was logged, so that a talk that goes on is not told each second.

Neighbours: ``cti.live.today`` has the figures, ``board`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cti.live.figures import FigureRules
from cti.live.today import FiguresToday

QUEUES_SECONDS = 5.0
PEOPLE_SECONDS = 60.0


class Figured:
    """``rules``: those that hold now. What is asked for is remembered until it is ``stale``."""

    def __init__(self, day: FiguresToday, rules: Callable[[], FigureRules]) -> None:
        self._day, self._rules = day, rules
        self.rules = rules()
        self._queues: dict[str, dict[str, Any]] = {}
        self._people: dict[str, dict[str, Any]] = {}
        self._soon: set[str] = set()  # queues and people who are asked about at the next turn
        self._again: set[str] = set()  # and once more after a while: what was logged may not be counted yet
        self._queues_at = self._people_at = 0.0

    def queue(self, key: str) -> dict[str, Any]:
        """What a row shows of ``PBX/name``: figures that have something to divide, and what they are held against."""
        found = self._queues.get(key)
        if found is None:
            pbx, _, name = key.partition("/")
            found = self._queues[key] = _queue(self._day.queue(pbx, name), self.rules, name)
        return found

    def agent(self, key: str, user: str | None) -> dict[str, Any]:
        """What a cell shows: of a user (id), else of the phone ``PBX/extension``."""
        who = user or key
        found = self._people.get(who)
        if found is None:
            pbx, _, extension = key.partition("/")
            told = self._day.agent(user) if user else self._day.phone(pbx, extension)
            found = self._people[who] = {"calls": told["calls"], "talk_seconds": told["talk_seconds"]}
        return found

    def stale(self, who: str) -> None:
        """A queue (``PBX/name``), a user (id) or a phone (``PBX/extension``) of which something was logged."""
        if who in self._queues or who in self._people:
            self._soon.add(who)

    def turn(self, now: float) -> tuple[set[str], bool]:
        """The queues and people to be shown anew, and whether other rules hold; call it each second."""
        anew = {*self._soon}
        self._again |= self._soon
        self._soon.clear()
        ruled = (rules := self._rules()) is not self.rules and rules != self.rules
        self.rules = rules
        if ruled or not 0 <= now - self._queues_at < QUEUES_SECONDS:
            anew.update(self._queues, self._again)
            self._again.clear()
            self._queues_at = now
        if not 0 <= now - self._people_at < PEOPLE_SECONDS:
            anew.update(self._people)
            self._people_at = now
        for who in anew:
            self._queues.pop(who, None)
            self._people.pop(who, None)
        return anew, ruled

    def forget(self) -> None:
        """Nobody looks."""
        for held in (self._queues, self._people, self._soon, self._again):
            held.clear()


def _queue(figures: dict[str, Any], rules: FigureRules, name: str) -> dict[str, Any]:
    rule = rules.queue(name)
    found = {key: figures[key] for key in ("offered", "answered", "abandoned", "abandon_rate", "sl_now")}
    found |= {"sl": figures["service_level"], "target": rule.target_percent}
    found |= {"wait_warn": rule.wait.warn, "wait_bad": rule.wait.bad}
    return {key: value for key, value in found.items() if value is not None}


def limits(rules: FigureRules) -> dict[str, dict[str, float]]:
    """When a talk or a pause is long, in seconds."""
    return {key: {"warn": one.warn, "bad": one.bad} for key, one in (("talk", rules.talk), ("pause", rules.pause))}
