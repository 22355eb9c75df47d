"""The states of agents on screens: each his own (topic ``agent``), and all colleagues (topic ``agents``).

Both are objects that are changed by merge patches (RFC 7396): only what differs from what was last told is sent.
Neighbours: ``crm_core.agents`` has the states, ``feed`` the topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_core.agents.service import Agents
from cti.live.agents import AgentChanged
from screenpop.changes import patch
from screenpop.feed import AGENT, AGENTS, Feed


class AgentScreens:
    """``take`` hears of every change. A snapshot is what was last told, so that the patches after it fit."""

    def __init__(self, feed: Feed, agents: Agents) -> None:
        self._feed, self._agents = feed, agents
        self._own: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, dict[str, Any]] | None = None  # what colleagues were told; None: nobody looks
        feed.agent_snapshot, feed.agents_snapshot = self.own, self.colleagues

    def own(self, user: str) -> dict[str, Any]:
        """The snapshot of the topic ``agent`` of one user."""
        self._tell_own(user)
        return self._own.setdefault(user, self._agents.snapshot(user))

    def colleagues(self) -> dict[str, Any]:
        """The snapshot of the topic ``agents``."""
        if self._seen is None:
            self._seen = self._agents.colleagues()
        return self._seen

    def take(self, events: Sequence[AgentChanged]) -> None:
        """Tell whoever it concerns, each once however many events there are."""
        users = {event.user for event in events}
        for user in users:
            self._tell_own(user)
        self._tell_colleagues(users)

    def again(self) -> None:
        """Events were missed: compare all."""
        for user in tuple(self._own):
            self._tell_own(user)
        self._tell_colleagues({*self._agents.colleagues(), *(self._seen or ())})

    def _tell_own(self, user: str) -> None:
        if not self._feed.hub.watched(f"{AGENT} {user}"):
            self._own.pop(user, None)
            return
        before, now = self._own.get(user), self._agents.snapshot(user)
        self._own[user] = now
        if before is not None and (change := patch(before, now)):
            self._feed.agent(user, change)

    def _tell_colleagues(self, users: set[str]) -> None:
        if not self._feed.hub.watched(AGENTS):
            self._seen = None
            return
        if self._seen is None:
            return
        change: dict[str, Any] = {}
        for user in users:
            before, now = self._seen.get(user), self._agents.colleague(user)
            if now is None:
                if self._seen.pop(user, None) is not None:
                    change[user] = None
            elif now != before:
                change[user] = now if before is None else patch(before, now)
                self._seen[user] = now
        if change:
            self._feed.agents(change)
