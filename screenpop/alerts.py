"""The open alerts on screens (topic ``alerts:all``): ``{"alerts": {id: …}}``, changed by merge patches.

Times are RFC 3339. Who sees numbers masked gets a caller's so. Neighbours: ``crm_core.alerts`` has the alerts,
``feed`` the topics, ``web/src/alerts.ts`` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cti.live.alarms import Alert
from cti.live.masking import mask
from cti.live.record import rfc3339
from screenpop.feed import ALERTS, MASKED, Feed
from screenpop.presenter import present, shown


class AlertScreens:
    """``take`` hears of every change; ``open`` gives those that are open."""

    def __init__(self, feed: Feed, open: Callable[[], Iterable[Alert]]) -> None:
        self._feed, self._open = feed, open
        feed.alerts_snapshot = self.snapshot

    def snapshot(self, hidden: bool) -> dict[str, Any]:
        """All that are open; ``hidden``: numbers are masked."""
        return {"alerts": {alert.id: self._row(alert, hidden) for alert in self._open()}}

    def take(self, alerts: Sequence[Alert]) -> None:
        """Tell what changed of each; null is an alert that is over."""
        for topic, hidden in ((ALERTS, False), (ALERTS + MASKED, True)):
            rows = {one.id: self._row(one, hidden) if one.cleared_at is None else None for one in alerts}
            self._feed.hub.publish(topic, {"alerts": rows})

    def _row(self, alert: Alert, hidden: bool) -> dict[str, Any]:
        about = alert.subject
        number = self._feed.board.phone(about.number, about.number) if about.number else None
        return present(
            id=alert.id,
            kind=alert.kind,
            level=alert.level,
            value=round(alert.value, 1),
            limit=alert.limit,
            raised_at=rfc3339(alert.raised_at),
            pbx=about.pbx or None,
            queue=shown(about.queue),
            name=shown(about.name),
            call=about.call or None,
            number=mask(number) if hidden and number else number,
            taken_by=alert.taken_by or None,
            taken_name=shown(alert.taken_name),
            taken_at=rfc3339(alert.taken_at),
        )
