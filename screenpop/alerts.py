"""The open alerts on screens: ``{"alerts": {id: …}}``, changed by merge patches, with how things stand where they are.

Topics: ``alerts:all``, ``alerts:TEAM`` with those that concern a team, and ``alerts:house`` with those that concern
everybody. Times are RFC 3339. Who sees numbers masked gets a caller's so. Neighbours: ``crm_core.alerts`` has the
alerts, ``feed`` the topics, ``web/src/alerts.ts`` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cti.live.alarms import Alert
from cti.live.masking import mask, mask_in
from cti.live.record import rfc3339
from screenpop.changes import patch
from screenpop.feed import ALERTS, HOUSE_ALERTS, MASKED, TEAM_ALERTS, Feed
from screenpop.presenter import present, shown

Rows = dict[str, Any]
HIDDEN = (("number", mask), ("who", mask_in))
BUSY = ("ring", "talk", "hold")


class AlertScreens:
    """``turn`` has to be called each second, and whenever an alert changed; ``open`` gives those that are open."""

    def __init__(self, feed: Feed, open: Callable[[], Iterable[Alert]]) -> None:
        self._feed, self._open = feed, open
        self._told: dict[str, Rows] = {}  # by topic
        feed.alerts_snapshot = self.snapshot

    def snapshot(self, topic: str, hidden: bool) -> dict[str, Any]:
        """All of a topic; ``hidden``: numbers are masked."""
        self.turn()
        rows = self._told.get(topic, {})
        return {"alerts": _masked(rows) if hidden else rows}

    def turn(self) -> None:
        """Tell what is other than it was told."""
        now: dict[str, Rows] = {}
        for alert in self._open():
            row = self._row(alert)
            for topic in topics_of(alert):
                now.setdefault(topic, {})[alert.id] = row
        before, self._told = self._told, now
        for topic in before.keys() | now.keys():
            if change := patch(before.get(topic, {}), now.get(topic, {})):
                self._feed.hub.publish(topic, {"alerts": change})
                self._feed.hub.publish(topic + MASKED, {"alerts": _masked(change)})

    def _row(self, alert: Alert) -> dict[str, Any]:
        about = alert.subject
        return present(
            id=alert.id,
            kind=alert.kind,
            level=alert.level,
            value=round(alert.value, 1),
            limit=alert.limit,
            minutes=alert.window_minutes or None,
            raised_at=rfc3339(alert.raised_at),
            pbx=about.pbx or None,
            queue=shown(about.queue),
            name=shown(about.name),
            call=about.call or None,
            number=self._feed.board.phone(about.number, about.number) if about.number else None,
            taken_by=alert.taken_by or None,
            taken_name=shown(alert.taken_name),
            taken_at=rfc3339(alert.taken_at),
            **self._now(alert),
        )

    def _now(self, alert: Alert) -> dict[str, Any]:
        """How things stand in its queue, in its call, on its link."""
        about, board = alert.subject, self._feed.board
        if alert.kind == "link_down":
            return {"reason": shown(board.links().get(about.pbx, {}).get("reason"))}
        if about.call:
            card = (board.call(about.call) or {}).get("call", {})
            names = [leg["name"] for leg in card.get("legs", ()) if "name" in leg]
            return {"who": card.get("who", {}).get("name"), "agents": names or None}
        row = board.queue(about.pbx, about.queue) if about.queue else None
        if row is None:
            return {}
        counts = {name: row[name] for name in ("waiting", "ready", "pause", "off")}
        return counts | {"busy": sum(row[name] for name in BUSY), "since": rfc3339(row["longest_since"])}


def topics_of(alert: Alert) -> tuple[str, ...]:
    """Where it is told."""
    if alert.teams is None:
        return (ALERTS, HOUSE_ALERTS)
    return (ALERTS, *(TEAM_ALERTS + team for team in alert.teams))


def _masked(rows: Rows) -> Rows:
    """Rows, or what changed of them."""
    return {id_: None if row is None else _masked_row(row) for id_, row in rows.items()}


def _masked_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {key: hide(row[key]) for key, hide in HIDDEN if isinstance(row.get(key), str)}
