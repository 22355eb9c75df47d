"""What the bar of every page says of now: how many calls, who waits and since when, today. Of all calls, or of those of
some teams.

Hundreds of pages are open that show no board; what they are told is a few figures, once a second, where these changed.

Neighbours: ``board`` has the calls, ``feed`` the topic (a channel for each set of teams).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cti.live.events import LiveCall
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.changes import patch
from screenpop.hub import Hub

TODAY = ("calls", "missed")


class Pulses:
    def __init__(self, board: Board) -> None:
        self._board = board
        self._told: dict[str, dict[str, Any]] = {}  # channel -> what was told

    def snapshot(self, channel: str) -> dict[str, Any]:
        """As told, so that what comes next fits; the first one has it made."""
        if channel not in self._told:
            self._told[channel] = self._all([channel])[channel]
        return self._told[channel]

    def beat(self, hub: Hub) -> None:
        """Tell each channel what changed, and forget those that nobody watches."""
        self._told = {channel: told for channel, told in self._told.items() if hub.watched(channel)}
        for channel, now in self._all(self._told).items():
            if change := patch(self._told[channel], now):
                self._told[channel] = now
                hub.publish(channel, change)

    def _all(self, channels: Iterable[str]) -> dict[str, dict[str, Any]]:
        """``channel`` ends in its teams, separated by commas; in nothing for everybody."""
        calls, teams_of = self._board.up(), dict[str, frozenset[str]]()
        found = {}
        for channel in channels:
            if teams := channel.partition(" ")[2]:
                teams_of = teams_of or {one.record.id: self._board.teams_of(one) for one in calls}
                found[channel] = self._pulse(_of(calls, teams_of, frozenset(teams.split(","))))
            else:
                today = {f"today_{name}": self._board.today(name) for name in TODAY}
                found[channel] = self._pulse(calls) | today
        return found

    def _pulse(self, calls: Iterable[LiveCall]) -> dict[str, Any]:
        calls = tuple(calls)
        waiting = [call.since for call in calls if call.state == "queued"]
        told: dict[str, Any] = {"calls": len(calls), "waiting": len(waiting)}
        if waiting:
            told["longest_since"] = rfc3339(min(waiting))
        if not all(link["up"] for link in self._board.links().values()):
            told["down"] = True
        return told


def _of(calls: Iterable[LiveCall], teams_of: dict[str, frozenset[str]], teams: frozenset[str]) -> Iterable[LiveCall]:
    return (call for call in calls if not teams.isdisjoint(teams_of[call.record.id]))
