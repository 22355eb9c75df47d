"""Alerts: rules on what is now, and when one is raised and cleared. Pure: readings and the time come in.

A rule is raised when its reading has been past ``limit`` for ``raise_after`` seconds, and cleared when it has been back
behind ``clear_limit`` for ``clear_after``; between the two limits nothing changes, so that what trembles about a limit
is told once. Neighbours: ``readings`` measures, ``crm_core.alerts`` keeps rules and alerts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

AlertKind = Literal[
    "wait", "waiting", "service_level", "nobody_ready", "trunk_down", "link_down", "talk", "repeat"
]  # fmt: skip
Level = Literal["warn", "bad"]
Amount = Annotated[float, Meta(ge=0, le=1_000_000)]
Delay = Annotated[float, Meta(ge=0, le=86_400)]
Minute = Annotated[int, Meta(ge=0, lt=1440)]

FALLING: frozenset[AlertKind] = frozenset(("service_level",))
"""Where less is worse."""
MOST_OPEN = 200
"""Of one rule: nobody can see to more, and a limit that was set wrong by a thousand is no flood."""
TIMED: frozenset[AlertKind] = frozenset(("wait", "talk"))
"""What goes on by itself: a screen counts it."""
SWITCHES: frozenset[AlertKind] = frozenset(("nobody_ready", "trunk_down", "link_down"))
"""Either so or not: their limit says nothing."""


class AlertRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``limit``: seconds (``wait``, ``talk``), callers (``waiting``), percent (``service_level``), calls (``repeat``).
    ``clear_limit``: where it is over, the same limit if null. ``queues``: empty for all. ``window_minutes``: the time
    that ``service_level`` and ``repeat`` look back. ``quiet_from`` to ``quiet_to``: minutes of the site's day in which
    nothing new is raised; null: never quiet."""

    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
    kind: AlertKind
    level: Level = "warn"
    active: bool = True
    limit: Amount = 1.0
    clear_limit: Amount | None = None
    raise_after: Delay = 0.0
    clear_after: Delay = 10.0
    window_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    queues: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=100)] = ()
    quiet_from: Minute | None = None
    quiet_to: Minute | None = None

    def quiet(self, minute: int) -> bool:
        """Is this minute of the day in its quiet hours? They may go over midnight."""
        start, end = self.quiet_from, self.quiet_to
        if start is None or end is None:
            return False
        return start <= minute < end if start <= end else minute >= start or minute < end

    def over(self, value: float) -> bool:
        return value < self._limit if self.kind in FALLING else value >= self._limit

    def clear(self, value: float) -> bool:
        limit = self._limit if self.clear_limit is None or self.kind in SWITCHES else self.clear_limit
        return value >= limit if self.kind in FALLING else value < limit

    @property
    def _limit(self) -> float:
        return 1.0 if self.kind in SWITCHES else self.limit


RULES: tuple[AlertRule, ...] = (
    AlertRule(id="link", kind="link_down", level="bad", raise_after=5.0, clear_after=0.0),
    AlertRule(id="nobody-ready", kind="nobody_ready", level="bad", raise_after=30.0),
    AlertRule(id="wait", kind="wait", limit=120.0),
    AlertRule(id="trunk", kind="trunk_down", level="bad", raise_after=30.0),
)
"""Those that hold until somebody writes his own."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a reading is of. ``name``: of a trunk; ``number``: E.164."""

    pbx: str = ""
    queue: str = ""
    name: str = ""
    call: str = ""
    number: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Times are epoch seconds. ``value``: the worst so far. ``window_minutes``: of its rule. ``taken_by``: the user's
    id, ``taken_name`` his name. ``teams``: those that it concerns (ids); null: everybody."""

    id: str
    rule: str
    kind: AlertKind
    level: Level
    subject: Subject
    limit: float
    value: float
    raised_at: float
    cleared_at: float | None = None
    taken_by: str = ""
    taken_name: str = ""
    taken_at: float | None = None
    window_minutes: int = 0
    teams: tuple[str, ...] | None = ()


Key = tuple[str, Subject]
Readings = Mapping[str, Mapping[Subject, float]]
"""Rule -> what it measures -> how much that is now."""


class Alarms:
    """``turn`` is called again and again; ``new_id`` names an alert by the time."""

    def __init__(self, new_id: Callable[[float], str]) -> None:
        self._new_id = new_id
        self._open: dict[Key, Alert] = {}
        self._over: dict[Key, float] = {}
        self._under: dict[Key, float] = {}
        self._many: Counter[str] = Counter()  # open ones, by rule

    def load(self, alerts: Iterable[Alert]) -> None:
        """Take over those that were open."""
        self._open = {(alert.rule, alert.subject): alert for alert in alerts}

    @property
    def open(self) -> tuple[Alert, ...]:
        return tuple(self._open.values())

    def put(self, alert: Alert) -> None:
        """An open one has been changed, by who took it."""
        if (alert.rule, alert.subject) in self._open:
            self._open[alert.rule, alert.subject] = alert

    def turn(
        self, now: float, minute: int, rules: Iterable[AlertRule], readings: Readings, unseen: Collection[str] = ()
    ) -> list[Alert]:
        """The alerts that were raised, cleared or are worse now. ``unseen``: PBXs of which nothing is known at present,
        so that what is open there stays open; but not of their links."""
        active = {rule.id: rule for rule in rules if rule.active}
        self._over = {key: at for key, at in self._over.items() if key[0] in active}
        changed = [alert for key in tuple(self._open) if key[0] not in active for alert in [self._end(key, now)]]
        known: dict[str, list[Subject]] = {}
        self._many = Counter(rule_id for rule_id, _ in self._open)
        for rule_id, subject in (*self._open, *self._over):
            known.setdefault(rule_id, []).append(subject)
        for rule in active.values():
            found = readings.get(rule.id, {})
            asked = (*known.get(rule.id, ()), *found)
            seen = {s: found.get(s) for s in asked if s.pbx not in unseen or rule.kind == "link_down"}
            changed += self._judge(now, minute, rule, seen)
        return changed

    def _judge(
        self, now: float, minute: int, rule: AlertRule, found: Mapping[Subject, float | None]
    ) -> Iterator[Alert]:
        for subject, value in found.items():
            key = (rule.id, subject)
            told = self._still(key, rule, value, now) if key in self._open else self._new(key, rule, value, now, minute)
            if told is not None:
                yield told

    def _new(self, key: Key, rule: AlertRule, value: float | None, now: float, minute: int) -> Alert | None:
        if value is None or not rule.over(value):
            self._over.pop(key, None)
            return None
        since = self._over.setdefault(key, now)
        if now - since < rule.raise_after or rule.quiet(minute) or self._many[rule.id] >= MOST_OPEN:
            return None
        del self._over[key]
        self._many[rule.id] += 1
        self._open[key] = alert = Alert(
            id=self._new_id(now), rule=rule.id, kind=rule.kind, level=rule.level, subject=key[1], limit=rule.limit,
            value=value, raised_at=now, window_minutes=rule.window_minutes,
        )  # fmt: skip
        return alert

    def _still(self, key: Key, rule: AlertRule, value: float | None, now: float) -> Alert | None:
        if value is None or rule.clear(value):
            if now - self._under.setdefault(key, now) >= rule.clear_after:
                return self._end(key, now)
            return None
        self._under.pop(key, None)
        alert = self._open[key]
        worse = value < alert.value if rule.kind in FALLING else value > alert.value
        now_so = msgspec.structs.replace(
            alert, level=rule.level, limit=rule.limit, window_minutes=rule.window_minutes,
            value=value if worse and rule.kind not in TIMED else alert.value,
        )  # fmt: skip
        self._open[key] = now_so
        return now_so if now_so != alert else None

    def _end(self, key: Key, now: float) -> Alert:
        self._under.pop(key, None)
        self._many[key[0]] -= 1
        return msgspec.structs.replace(self._open.pop(key), cleared_at=now)
