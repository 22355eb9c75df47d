"""The board as one team's supervisor sees it (topic ``board:TEAM``): its calls, its agents, the queues that it serves.

Made of the one patch that everybody gets: what has come into sight is told whole, what has gone out of it is taken
away. A call that waits concerns whoever serves its queue, which is said once, in the queue's row. ``rules``,
``teams`` and ``links`` are everybody's; ``today`` counts the whole house and is not in it.

Neighbours: ``board`` makes the patch, ``feed`` has the topics.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

CONCERNS = ("calls", "agents", "queues")
"""The parts of which a team sees what concerns it."""
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
            found[name] = {key: one for key, one in whole.get(name, {}).items() if team in concerned(name, one, whole)}
        self._seen[team] = {name: set(found[name]) for name in CONCERNS}
        return found

    def patch(self, team: str, change: Mapping[str, Json], whole: Mapping[str, Json]) -> Json:
        """What of a change concerns a team; ``whole`` is the board after it."""
        found: Json = {name: change[name] for name in WHOLE if name in change}
        for name in CONCERNS:
            if part := self._part(name, team, _touched(name, change, whole), whole):
                found[name] = part
        return found

    def _part(self, name: str, team: str, change: Json, whole: Mapping[str, Json]) -> Json:
        found: Json = {}
        seen, told = self._seen[team][name], whole.get(name, {})
        for key, differs in change.items():
            value = told.get(key)
            if value is not None and team in concerned(name, value, whole):
                if key not in seen or differs:
                    found[key] = differs if key in seen else value
                seen.add(key)
            elif key in seen:
                found[key] = None
                seen.discard(key)
        return found


def concerned(name: str, value: Mapping[str, Any], whole: Mapping[str, Json]) -> Collection[str]:
    """The teams (ids) that one value of a part of the board concerns."""
    teams: Collection[str] = value.get("teams", ())
    if name == "calls" and value.get("state") == "queued":
        row = whole.get("queues", {}).get(f"{value.get('pbx')}/{value.get('queue')}", {})
        return {*teams, *row.get("teams", ())}
    return teams


def _touched(name: str, change: Mapping[str, Json], whole: Mapping[str, Json]) -> Json:
    """What of a part may concern others now, and how it differs: all calls, where other teams serve a queue."""
    differs: Json = change.get(name, {})
    served = any(row is None or "teams" in row for row in change.get("queues", {}).values())
    return {key: {} for key in whole.get(name, {})} | differs if name == "calls" and served else differs
