"""Calls by a click, told step by step and truthfully: my phone rings, they ring, we talk; or why not.

"Accepted" by the PBX says nothing (an Originate that nobody ever hears rings for ever on a screen), so every step is
read off what happens: the call of the channel whose id was preset, and the PBX's word on its first leg
(``OriginateResponse``), which alone tells of a phone that never had a channel. Events in, events out; no clock.

Neighbours: ``service`` begins a dial, screens and ``cti.live.events.DialStep`` say what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from cti.kernel.errors import N_
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallMerged,
    CallStarted,
    DialStep,
    DialStepName,
    LiveCall,
    OrderEnded,
)
from cti.live.record import CallRecord, Leg, LegResult

KINDS = (CallStarted, CallChanged, CallEnded, CallMerged, OrderEnded)
MOST = 10_000

MY_BUSY = N_("Your phone is busy.")
MY_NOANSWER = N_("You did not pick up your phone.")
MY_DECLINED = N_("Your phone refused the call.")
MY_UNREACHABLE = N_("Your phone cannot be reached. Is it on, and registered?")
WRONG_NUMBER = N_("The PBX knows no such number.")
THEIR_LINE = N_("The call did not get through: wrong number, or no free line.")
THEY_REFUSED = N_("The call was refused. If this happens with every number, the line does not take our caller number.")
MINE: Mapping[LegResult, str] = {
    "busy": MY_BUSY,
    "noanswer": MY_NOANSWER,
    "cancelled": MY_NOANSWER,
    "declined": MY_DECLINED,
    "failed": MY_UNREACHABLE,
    "forwarded": MY_DECLINED,
}
THEIRS: Mapping[LegResult, tuple[DialStepName, str]] = {
    "busy": ("busy", ""),
    "noanswer": ("noanswer", ""),
    "declined": ("refused", THEY_REFUSED),
    "failed": ("failed", THEIR_LINE),
    "forwarded": ("noanswer", ""),
    "cancelled": ("noanswer", ""),
}
BUSY_REASON = 5
"""Of an OriginateResponse: the phone answered 486."""


class Click(msgspec.Struct, frozen=True):
    """A call that a user asked for. ``uniqueid``: the id that the channel of his own phone was given."""

    pbx: str
    user: str
    uniqueid: str
    to: str


class Dials:
    """``publish`` is given each step once."""

    def __init__(self, publish: Callable[[DialStep], None]) -> None:
        self._publish = publish
        self._clicks: dict[str, Click] = {}
        self._told: dict[str, tuple[DialStepName, str]] = {}
        self._seen: set[str] = set()

    def begin(self, click: Click, at: float) -> None:
        """The command is about to be sent: from now on its channel is known."""
        if len(self._clicks) >= MOST:
            self._forget(next(iter(self._clicks)))
        self._clicks[click.uniqueid] = click
        self._tell(click, at, "my_phone", "", "")

    def failed(self, uniqueid: str, at: float, reason: str) -> None:
        """The command was not taken: nothing will come of it."""
        click = self._clicks.get(uniqueid)
        if click is not None:
            self._tell(click, at, "failed", reason, "", over=True)

    def take(self, event: object) -> None:
        if not self._clicks:
            return
        match event:
            case CallStarted(at=at, call=call) | CallChanged(at=at, call=call):
                for click, own in self._mine(call.record):
                    self._seen.add(click.uniqueid)
                    step = _step(call, own)
                    if step is not None:
                        self._tell(click, at, step, "", call.record.id)
            case CallEnded(at=at, record=record):
                for click, own in self._mine(record):
                    step, reason = _end(record, own)
                    self._tell(click, at, step, reason, record.id, over=True)
            case OrderEnded():
                self._order(event)
            case _:
                pass

    def _order(self, event: OrderEnded) -> None:
        """Word of a first leg that was never a call that we heard of: the phone is not registered, or not there."""
        click = self._clicks.get(event.order)
        if click is None or event.ok or click.uniqueid in self._seen:
            return
        reason = MY_BUSY if event.reason == BUSY_REASON else MY_UNREACHABLE
        self._tell(click, event.at, "failed", reason, "", over=True)

    def _mine(self, record: CallRecord) -> list[tuple[Click, Leg]]:
        return [(self._clicks[leg.uniqueid], leg) for leg in record.legs if leg.uniqueid in self._clicks]

    def _tell(self, click: Click, at: float, step: DialStepName, reason: str, call: str, *, over: bool = False) -> None:
        if not over and self._told.get(click.uniqueid) == (step, reason):
            return
        self._told[click.uniqueid] = (step, reason)
        if over:
            self._forget(click.uniqueid)
        self._publish(DialStep(click.pbx, at, click.uniqueid, click.user, step, reason, call, click.to, over))

    def _forget(self, uniqueid: str) -> None:
        self._clicks.pop(uniqueid, None)
        self._told.pop(uniqueid, None)
        self._seen.discard(uniqueid)


def _step(call: LiveCall, own: Leg) -> DialStepName | None:
    """Where a call stands; None where it says nothing new (a line failed, and the dialplan may try another)."""
    if own.answered_at is None:
        return "my_phone"
    others = [leg for leg in call.record.legs if leg.uniqueid != own.uniqueid]
    if call.record.answered_at is not None or any(leg.answered_at is not None for leg in others):
        return "talking"
    if any(leg.ended_at is None for leg in others) or call.state == "queued":
        return "they_ring"
    return None if others else "dialling"


def _end(record: CallRecord, own: Leg) -> tuple[DialStepName, str]:
    """What became of it, when it is over."""
    if own.answered_at is None:
        return "failed", MINE.get(own.result or "failed", MY_UNREACHABLE)
    others = [leg for leg in record.legs if leg.uniqueid != own.uniqueid]
    if record.answered_at is not None or any(leg.answered_at is not None for leg in others):
        return "over", ""
    if not others:
        return ("over", "") if record.hung_up_by in ("agent", "caller") else ("failed", WRONG_NUMBER)
    result = others[-1].result or "cancelled"
    if result == "cancelled" and record.hung_up_by in ("agent", "caller"):
        return "over", ""  # the user himself hung up
    return THEIRS[result]
