"""Whom an alert concerns: the teams (ids) that serve its queue, or that have or had a part in its calls.

A line or a link that is down concerns everybody. Neighbours: ``crm_core.users.reach`` knows who is in a team and what
he serves, ``service`` writes it down with the alert and asks when somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from crm_core.users.reach import EVERYBODY, TeamReach
from cti.kernel.actor import Actor
from cti.live.alarms import Alert, AlertKind
from cti.live.events import LiveCall

HOUSE: frozenset[AlertKind] = frozenset(("link_down", "trunk_down"))
OF_CALLS: frozenset[AlertKind] = frozenset(("talk", "repeat"))


def concerns(actor: Actor, alert: Alert) -> bool:
    """Is it in his reach?"""
    return alert.teams is None or actor.may(EVERYBODY) or not actor.teams.isdisjoint(alert.teams)


class Concern:
    """How things stand at one moment; asked of each alert that is open."""

    def __init__(self, reach: TeamReach, calls: Iterable[LiveCall]) -> None:
        self._reach, self._calls = reach, calls

    def teams(self, alert: Alert) -> tuple[str, ...] | None:
        """In order; None: everybody. Who once had to do with a call keeps its alert when he has handed the call on."""
        if alert.kind in HOUSE:
            return None
        if alert.kind in OF_CALLS:
            calls = self._by_key.get(alert.subject.call or alert.subject.number, ())
            return tuple(sorted({*(alert.teams or ()), *(team for call in calls for team in self._of(call))}))
        return tuple(sorted(self._serving.get(alert.subject.queue, ())))

    def _of(self, call: LiveCall) -> frozenset[str]:
        waits_in = call.record.queue if call.state == "queued" else None
        return self._reach.teams_in(call) | self._serving.get(waits_in or "", frozenset())

    @cached_property
    def _serving(self) -> dict[str, frozenset[str]]:
        return self._reach.serving()

    @cached_property
    def _by_key(self) -> dict[str, list[LiveCall]]:
        """The calls by their ids, and by the callers' numbers."""
        found: dict[str, list[LiveCall]] = {}
        for call in self._calls:
            found.setdefault(call.record.id, []).append(call)
            if number := call.record.caller.number:
                found.setdefault(number, []).append(call)
        return found
