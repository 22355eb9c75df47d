"""The figures of a contact centre: each formula by its name and its source, and the rules that choose among them.

Pure arithmetic over counts and seconds; None where there is nothing to divide, never 0 or 100 %. ``docs/figures.md``
has the same in prose. Neighbours: ``cells`` makes the counts, ``today`` and ``period`` ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ServiceLevelName = Literal[
    "genesys", "genesys_short", "genesys_flow", "genesys_flow_short",
    "cisco_ignored", "cisco_negative", "cisco_positive", "asterisk", "asterisk2",
]  # fmt: skip
OccupancyName = Literal["available", "signed_in", "staffed"]

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Percent = Annotated[float, Meta(ge=0, le=100)]


class QueueCounts(msgspec.Struct, gc=False):
    """What came of the callers who joined a queue in some time. ``_in``: within the threshold; ``moved``: left the
    queue for somewhere else; ``late``: of those who were moved or still wait, who waited longer than the threshold.
    ``wait_seconds`` is of the answered; ``handled``: of these, whose call is over; ``talk_seconds`` with hold and
    consultation, ``wrap_seconds`` and ``wrapped`` (calls with a wrap-up) are of these."""

    answered: int = 0
    answered_in: int = 0
    handled: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    short: int = 0
    moved: int = 0
    late: int = 0
    waiting: int = 0
    wait_seconds: float = 0.0
    longest_wait: float = 0.0
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    wrap_seconds: float = 0.0
    wrapped: int = 0

    @property
    def offered(self) -> int:
        """Genesys Cloud: answered + abandoned + flow-out. Who still waits is not decided yet."""
        return self.answered + self.abandoned + self.moved

    @property
    def handle_seconds(self) -> float:
        return self.talk_seconds + self.wrap_seconds

    def add(self, other: QueueCounts) -> None:
        """Written out: a day is the sum of two thousand of these."""
        self.answered += other.answered
        self.answered_in += other.answered_in
        self.handled += other.handled
        self.abandoned += other.abandoned
        self.abandoned_in += other.abandoned_in
        self.short += other.short
        self.moved += other.moved
        self.late += other.late
        self.waiting += other.waiting
        self.wait_seconds += other.wait_seconds
        self.longest_wait = max(self.longest_wait, other.longest_wait)
        self.talk_seconds += other.talk_seconds
        self.hold_seconds += other.hold_seconds
        self.wrap_seconds += other.wrap_seconds
        self.wrapped += other.wrapped


def percent(part: float, whole: float) -> float | None:
    """``part`` of ``whole``; None where there is no whole."""
    return 100.0 * part / whole if whole > 0 else None


def mean(total: float, count: float) -> float | None:
    return total / count if count > 0 else None


def _events(c: QueueCounts) -> int:
    """Cisco ICM: answered or abandoned within the threshold, or come to it."""
    return c.answered + c.abandoned + c.late


class Formula(msgspec.Struct, frozen=True):
    """``source``: where it is written down; ``says``: the formula itself."""

    says: str
    source: str


_GENESYS = "Genesys Cloud, Configure the service level calculation"
_CISCO = "Cisco ICM 4.5, service level types"
SERVICE_LEVEL_FORMULAS: Mapping[ServiceLevelName, tuple[Formula, Callable[[QueueCounts], float | None]]] = {
    "genesys": (
        Formula("answered in T / (answered + abandoned)", _GENESYS),
        lambda c: percent(c.answered_in, c.answered + c.abandoned),
    ),
    "genesys_short": (
        Formula("answered in T / (answered + abandoned − short abandons)", _GENESYS),
        lambda c: percent(c.answered_in, c.answered + c.abandoned - c.short),
    ),
    "genesys_flow": (
        Formula("answered in T / (answered + abandoned + moved on)", _GENESYS),
        lambda c: percent(c.answered_in, c.offered),
    ),
    "genesys_flow_short": (
        Formula("answered in T / (answered + abandoned + moved on − short abandons)", _GENESYS),
        lambda c: percent(c.answered_in, c.offered - c.short),
    ),
    "cisco_ignored": (
        Formula("answered in T / (events − abandoned in T)", _CISCO),
        lambda c: percent(c.answered_in, _events(c) - c.abandoned_in),
    ),
    "cisco_negative": (Formula("answered in T / events", _CISCO), lambda c: percent(c.answered_in, _events(c))),
    "cisco_positive": (
        Formula("(answered in T + abandoned in T) / events", _CISCO),
        lambda c: percent(c.answered_in + c.abandoned_in, _events(c)),
    ),
    "asterisk": (
        Formula("answered in T / answered", "Asterisk app_queue, ServicelevelPerf; Genesys Cloud without abandons"),
        lambda c: percent(c.answered_in, c.answered),
    ),
    "asterisk2": (
        Formula("(answered in T + abandoned in T) / (answered + abandoned)", "Asterisk app_queue, ServicelevelPerf2"),
        lambda c: percent(c.answered_in + c.abandoned_in, c.answered + c.abandoned),
    ),
}
"""T is the threshold; Cisco's events: answered in T, abandoned in T, and all who waited longer than T."""


def service_level(name: ServiceLevelName, counts: QueueCounts) -> float | None:
    """In percent; None where the formula has nothing to divide by."""
    return SERVICE_LEVEL_FORMULAS[name][1](counts)


def abandon_rate(counts: QueueCounts, *, without_short: bool) -> float | None:
    """Abandoned / offered (Genesys Cloud); ``without_short``: short abandons leave both terms."""
    short = counts.short if without_short else 0
    return percent(counts.abandoned - short, counts.offered - short)


def speed_of_answer(counts: QueueCounts) -> float | None:
    """ASA: the mean wait of answered callers alone, from joining the queue (Genesys Cloud)."""
    return mean(counts.wait_seconds, counts.answered)


def handle_time(counts: QueueCounts) -> float | None:
    """AHT: (talk + hold + wrap-up) / handled (Genesys Cloud)."""
    return mean(counts.handle_seconds, counts.handled)


def wrap_time(counts: QueueCounts) -> float | None:
    """Mean wrap-up of the calls that had one (Genesys Cloud)."""
    return mean(counts.wrap_seconds, counts.wrapped)


class AgentSeconds(msgspec.Struct, array_like=True):
    """What an agent's time went to. ``busy``: talking, on hold or consulting; ``handle``: busy or in wrap-up
    while signed in; ``available``: ready and not busy; ``staffed``: the whole clock hours in which he was signed in."""

    signed_in: float = 0.0
    available: float = 0.0
    paused: float = 0.0
    wrap: float = 0.0
    busy: float = 0.0
    handle: float = 0.0
    staffed: float = 0.0
    calls: int = 0
    pauses: dict[str, float] = msgspec.field(default_factory=dict)

    def add(self, other: AgentSeconds) -> None:
        """Of another time of his; ``staffed`` adds up where the border between the two is that of an hour."""
        self.signed_in += other.signed_in
        self.available += other.available
        self.paused += other.paused
        self.wrap += other.wrap
        self.busy += other.busy
        self.handle += other.handle
        self.staffed += other.staffed
        self.calls += other.calls
        for reason, seconds in other.pauses.items():
            self.pauses[reason] = self.pauses.get(reason, 0.0) + seconds


OCCUPANCY_FORMULAS: Mapping[OccupancyName, tuple[Formula, Callable[[AgentSeconds], float | None]]] = {
    "available": (
        Formula("handled / (handled + available)", "ICMI, occupancy"),
        lambda s: percent(s.handle, s.handle + s.available),
    ),
    "signed_in": (
        Formula("(talk + wrap-up) / signed in", "ICMI forum"),
        lambda s: percent(s.handle, s.signed_in),
    ),
    "staffed": (
        Formula("calls × AHT / (agents × 3600)", "TechTarget, agent occupancy"),
        lambda s: percent(s.handle, s.staffed),
    ),
}


def occupancy(name: OccupancyName, seconds: AgentSeconds) -> float | None:
    """In percent; None for who was never signed in."""
    return None if seconds.signed_in <= 0 else OCCUPANCY_FORMULAS[name][1](seconds)


# --- rules


class Threshold(msgspec.Struct, frozen=True):
    """From ``warn`` seconds on something is late, from ``bad`` on it is bad."""

    warn: Seconds
    bad: Seconds


class QueueRule(msgspec.Struct, frozen=True, kw_only=True):
    """How the figures of a queue are counted. ``threshold_seconds``: a caller is to be answered within;
    ``target_percent``: so many of them; ``short_seconds``: who leaves sooner is a short abandon (0: nobody is);
    ``wait``: when a wait is long."""

    queue: Annotated[str, Meta(min_length=1, max_length=100)]
    service_level: ServiceLevelName = "genesys_short"
    threshold_seconds: Seconds = 20.0
    target_percent: Percent = 80.0
    short_seconds: Seconds = 5.0
    short_leave_rate: bool = True
    wait: Threshold = Threshold(30.0, 60.0)


ANY_QUEUE = "*"
"""In place of a queue's name: those that have no rule of their own."""
Minutes = Literal[15, 30, 60]


class FigureRules(msgspec.Struct, frozen=True, kw_only=True):
    """``interval_minutes``: how a day is cut; ``now_minutes``: the time that "now" looks back; ``talk`` and ``pause``:
    when a talk or a pause is long. ``queues``: the rule of each, the first that fits counts."""

    queues: tuple[QueueRule, ...] = (QueueRule(queue=ANY_QUEUE),)
    occupancy: OccupancyName = "available"
    interval_minutes: Minutes = 30
    now_minutes: Annotated[int, Meta(ge=5, le=240)] = 30
    talk: Threshold = Threshold(600.0, 1200.0)
    pause: Threshold = Threshold(900.0, 1800.0)
    version: int = 0

    def queue(self, name: str) -> QueueRule:
        """The rule of a queue."""
        for wanted in (name, ANY_QUEUE):
            for one in self.queues:
                if one.queue == wanted:
                    return one
        return QueueRule(queue=ANY_QUEUE)
