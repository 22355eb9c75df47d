"""The board as one team's supervisor sees it (topic ``board:TEAM``): its calls, its agents, the queues that it serves.

Made of the one patch that everybody gets: what has come into sight is told whole, what has gone out of it is taken
away. ``rules``, ``teams`` and ``links`` are everybody's; ``today`` counts the whole house and is not in it.

Neighbours: ``board`` makes the patch, ``feed`` has the topics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONCERNS = ("calls", "agents", "queues")
"""The parts whose values name the teams that they concern."""
WHOLE = ("links", "rules", "teams")

Json = dict[str, Any]


class TeamBoards:
    """``snapshot`` once somebody looks, ``patch`` with each change from then on, ``forget`` when nobody does."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, set[str]]] = {}  # team -> part -> keys in sight

    def teams(self) -> tuple[str, ...]:
        """The teams (ids) whose board somebody looks at."""
        return tuple(self._seen)

    def forget(self, team: str) -> None:
        self._seen.pop(team, None)

    def snapshot(self, team: str, whole: Mapping[str, Json]) -> Json:
        """All that concerns a team, of the board as it was told."""
        found: Json = {name: whole.get(name, {}) for name in WHOLE}
        for name in CONCERNS:
            found[name] = {key: value for key, value in whole.get(name, {}).items() if _concerns(team, value)}
        self._seen[team] = {name: set(found[name]) for name in CONCERNS}
        return found

    def patch(self, team: str, change: Mapping[str, Json], whole: Mapping[str, Json]) -> Json:
        """What of a change concerns a team; ``whole`` is the board after it."""
        found: Json = {name: change[name] for name in WHOLE if name in change}
        for name in CONCERNS:
            part = self._part(self._seen[team][name], team, change.get(name, {}), whole.get(name, {}))
            if part:
                found[name] = part
        return found

    def _part(self, seen: set[str], team: str, change: Json, told: Json) -> Json:
        found: Json = {}
        for key, differs in change.items():
            value = told.get(key)
            if value is not None and _concerns(team, value):
                found[key] = differs if key in seen else value
                seen.add(key)
            elif key in seen:
                found[key] = None
                seen.discard(key)
        return found


def _concerns(team: str, value: Mapping[str, Any]) -> bool:
    return team in value.get("teams", ())
