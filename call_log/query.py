"""What can be asked of the call log, and the shapes of its answers: no SQL, no I/O.

Neighbours: ``store`` answers these questions, ``reconcile`` makes the differences, ``web`` asks and
shows. Times are UTC epoch seconds, durations seconds.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cti.kernel.paging import Page
from cti.live.record import CallRecord, Direction, Kind, Outcome

__all__ = ["Page"]  # for those who ask: their answers come in it

DifferenceKind = Literal["missing", "wrong", "extra", "lost"]
"""``missing``: in the PBX's truth, not in our log. ``wrong``: both have it, they disagree. ``lost``: we
never saw its end and the truth does not know it either. ``extra``: we saw it end, the truth lacks it."""

DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = ("missing", "wrong", "lost", "extra")


class Scope(msgspec.Struct, frozen=True):
    """Whose calls: those of these ``users`` (ids), and where nobody knows who worked at a phone, those of these
    ``phones`` (extensions)."""

    users: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls; a field left None does not narrow. All fields narrow together.

    ``number`` is any form of any party's number (caller, dialled, an outside leg), Persian digits
    too, at least 3 digits; its last digits decide, so that ``0912…``, ``+98912…`` and ``912…`` find
    the same calls. ``agent`` is an extension or an endpoint (``201`` or ``PJSIP/201``) that had a
    leg in the call. ``start`` is inclusive, ``end`` exclusive, both of ``started_at``.
    ``min_seconds`` is the least talk. ``kind`` None: monitoring too. ``agents``: at least one of these (as ``agent``)
    had a leg; an empty tuple means no call at all. ``whole``: only calls whose number is the given one, to the last
    digit. ``scope``: only those of these people. ``ids``: only these calls.
    """

    number: str | None = None
    agent: str | None = None
    queue: str | None = None
    outcome: Outcome | None = None
    direction: Direction | None = None
    start: float | None = None
    end: float | None = None
    min_seconds: float | None = None
    pbx: str | None = None
    kind: Kind | None = "call"
    provisional: bool | None = None
    agents: tuple[str, ...] | None = None
    whole: bool = False
    scope: Scope | None = None
    ids: tuple[str, ...] | None = None


class CallTotals(msgspec.Struct, frozen=True):
    """What a set of calls comes to. ``wait_seconds``: average over answered inbound calls, None without any."""

    calls: int
    inbound: int
    answered: int
    abandoned: int
    talk_seconds: float
    wait_seconds: float | None


class Figures(msgspec.Struct, frozen=True):
    """What one agent's calls come to: those that rang at his phones, those in which he talked, and how long; the
    longest."""

    calls: int
    answered: int
    talk_seconds: float
    longest_seconds: float

    @property
    def average_seconds(self) -> float | None:
        """Of the calls in which he talked; None without any."""
        return self.talk_seconds / self.answered if self.answered else None


class Missed(msgspec.Struct, frozen=True):
    """A number that called in vain: its last call, and how often."""

    record: CallRecord
    times: int


class Difference(msgspec.Struct, frozen=True):
    """One call in which the PBX's truth and our log differed when compared.

    ``fields`` maps a record field to (what the log had, what the truth has), as plain JSON values;
    ``repaired``: the log was changed accordingly. ``at``: when it was found. ``started_at``: of the call.
    """

    call: str
    pbx: str
    kind: DifferenceKind
    fields: dict[str, tuple[Any, Any]]
    repaired: bool
    at: float
    started_at: float | None = None


class TruthDay(msgspec.Struct, frozen=True):
    """One day (``YYYY-MM-DD`` in the product's time zone) of one PBX: its count, ours, what still differs.

    ``differences`` counts those that stand unrepaired; ``found`` all that were ever found for the day
    (repaired ones included). ``pbx_calls`` is None for a day that no truth covers. ``checked_at`` None:
    never compared.
    """

    day: str
    pbx: str
    pbx_calls: int | None
    our_calls: int
    differences: int
    found: int
    checked_at: float | None
