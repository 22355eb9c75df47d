"""The channels of a call put together as a call record, by the meanings of ``docs/call-record.md``.

What CEL cannot know stays empty, for ``call_log.reconcile`` to leave as we have it: hold (no row tells of it),
recordings, and on most versions the digits. Who hung up and why a leg failed stand in ``extra``, which a table without
that column does not have.

Neighbours: ``channels``, ``talks`` and ``moves`` read the rows; ``cdr_calls`` does with CDR alone what it can.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ami_listener.truth import moves
from ami_listener.truth.channels import NO_EXTEN, TruthChannel, channels_of, closures, read_extra
from ami_listener.truth.legs import answered_elsewhere, leg_of, segments
from ami_listener.truth.moves import Details
from ami_listener.truth.rows import CdrRow, Rows
from ami_listener.truth.talks import Bridges, seconds
from cti.live import linkedids as order
from cti.live import numbers
from cti.live.errands import SPIES
from cti.live.profile import Profile
from cti.live.record import Caller, CallRecord, Direction, Leg, Number, Outcome, Side

ENDED_TOGETHER_SECONDS = 1.0
SPY_APPS = ("chanspy", "extenspy")


class TruthCall(msgspec.Struct, frozen=True):
    """A call as the PBX's truth has it. ``finished``: it has ended, and its rows are all there."""

    record: CallRecord
    finished: bool


def calls(rows: Rows, profile: Profile, pbx: str) -> list[TruthCall]:
    """All calls that these rows tell of, in order of start. Needs CEL; ``cdr_calls`` does without."""
    channels = channels_of(rows.cel, profile)
    details: Details = {}
    for row in sorted(rows.cdr, key=lambda r: r.start):
        details.setdefault(row.uniqueid, []).append(row)
    bridges = Bridges(channels.values())
    found = [_Reading(group, details, bridges, profile, pbx) for group in closures(channels)]
    return sorted((r.call() for r in found if r.parties), key=lambda c: c.record.started_at or 0.0)


def _spies(channel: TruthChannel, details: Details) -> bool:
    """A supervisor's own channel: it listened in, or was to."""
    return channel.uniqueid.startswith(SPIES) or moves.ran(channel, details, *SPY_APPS) is not None


class _Reading:
    """One call, being read."""

    def __init__(
        self, channels: list[TruthChannel], details: Details, bridges: Bridges, profile: Profile, pbx: str
    ) -> None:
        self.channels, self.profile, self.pbx = channels, profile, pbx
        self.details = {c.uniqueid: details[c.uniqueid] for c in channels if c.uniqueid in details}
        self.parties = [c for c in channels if c.party]
        if not self.parties:
            return
        self.first = self.parties[0]
        self.joined = bridges.joined(channels)
        self.monitoring = any(_spies(c, self.details) for c in self.parties)
        self.outside = any(c.kind == "trunk" and (not c.dialled or c.answered_at) for c in self.parties)
        self.waits = moves.visits(channels, self.details)
        self.conference = moves.conference(channels, self.details)

    def call(self) -> TruthCall:
        return TruthCall(self._record(), all(c.started_at is not None and c.ended_at is not None for c in self.parties))

    def _record(self) -> CallRecord:
        linkedids = sorted({i for c in self.channels for i in c.linkedids}, key=order.age)
        started, ended = min(c.begin for c in self.channels), max(c.end for c in self.channels)
        dialled = None if self.monitoring else self._dialled()
        direction = self._direction(dialled)
        answered = self._answered(direction)
        legs = self._legs()
        return CallRecord(
            id=f"{self.pbx}-{linkedids[0]}",
            pbx=self.pbx,
            kind="monitoring" if self.monitoring else "call",
            linkedid=linkedids[0],
            linkedids=tuple(linkedids),
            direction=direction,
            caller=self._caller(direction),
            dialled=self._number(dialled, direction),
            queue=next((w.queue for w in self.waits if w.answered), self.waits[-1].queue if self.waits else None),
            queue_waits=self.waits,
            started_at=started,
            answered_at=answered,
            ended_at=ended,
            wait_seconds=self._wait(direction, answered, started, ended),
            talk_seconds=seconds(i for c in self._leg_channels() for i in self._talk(c)),
            hold_seconds=0.0,
            duration_seconds=ended - started,
            outcome=self._outcome(direction, answered, legs),
            hung_up_by=self._hung_up_by(direction),
            legs=legs,
            transfers=moves.transfers(self.channels, self.details, self.joined, self.profile),
            recordings=(),
            digits=self._digits(answered),
            conference=self.conference[0] if self.conference else None,
            provisional=False,
            caller_segments=segments(self.first, self.joined[self.first.uniqueid], self.outside, self.waits),
        )

    def _talk(self, channel: TruthChannel) -> list[tuple[float, float]]:
        joined = self.joined[channel.uniqueid]
        return joined.with_outside if self.outside else joined.all

    def _leg_channels(self) -> list[TruthChannel]:
        """Phones of ours, and outside lines that were dialled; not the line on which somebody called us."""
        return [c for c in self.parties if c.kind == "phone" or c.dialled]

    def _legs(self) -> tuple[Leg, ...]:
        stopped = answered_elsewhere(self.parties, self.first)
        return tuple(
            leg_of(c, self.joined[c.uniqueid], self.outside, self.profile.extension(c.chan.endpoint), c in stopped)
            for c in self._leg_channels()
        )

    def _far_legs(self) -> list[TruthChannel]:
        return [c for c in self.parties if c.kind == "trunk" and c.dialled]

    def _dialled(self) -> str | None:
        """What was first dialled: by the first party itself, else what the PBX dialled for it."""
        if not self.first.dialled:
            return self.first.exten if self.first.exten not in NO_EXTEN else None
        origin = next((c for c in self.channels if c.app("appdial2")), self.first)
        # The channel that an Originate made rings the phone first; only afterwards it goes to what was to be dialled.
        extens = (row.exten for row in origin.rows[1:])
        numbers_ = (row.dst for row in self.details.get(origin.uniqueid, ()))
        asked = next((e for some in (extens, numbers_) for e in some if e not in (*NO_EXTEN, origin.exten)), None)
        return asked or self._dialled_by_others()

    def _dialled_by_others(self) -> str | None:
        others = [c for c in self.channels if c is not self.first and c.dialled]
        extens = (r.exten for c in others for r in c.rows[1:] if r.exten not in NO_EXTEN)
        return next(extens, None) or self._dialled_by_detail()

    def _dialled_by_detail(self) -> str | None:
        rows: list[CdrRow] = [row for some in self.details.values() for row in some]
        return next((row.dst for row in rows if row.dst not in NO_EXTEN), None)

    def _direction(self, dialled: str | None) -> Direction:
        if self.first.kind == "trunk":
            return "outbound" if self.first.dialled else "inbound"
        if self.monitoring:
            return "internal"
        for channel in self.parties[1:]:
            if channel.dialled and channel.kind == "trunk":
                return "outbound"
            if channel.dialled and channel.chan.endpoint != self.first.chan.endpoint:
                return "internal"
        nobody = not any(c.dialled for c in self.parties[1:])
        return "outbound" if nobody and self.profile.dialled_number(dialled) is not None else "internal"

    def _caller(self, direction: Direction) -> Caller:
        first = self.first
        if direction != "inbound":
            return Caller(None, self.profile.extension(first.chan.endpoint) or first.number or None, first.name or None)
        raw = None if numbers.withheld(first.number) else first.number
        return Caller(self.profile.number(raw, first.chan.endpoint), raw, first.name or None)

    def _number(self, dialled: str | None, direction: Direction) -> Number:
        if direction == "outbound":
            return Number(self.profile.dialled_number(dialled), dialled)
        return Number(self.profile.number(dialled) if direction == "inbound" else None, dialled)

    def _answered(self, direction: Direction) -> float | None:
        if self.monitoring:
            return self.first.answered_at
        talks = [i[0] for c in self.parties for i in self.joined[c.uniqueid].all]
        if direction == "outbound":
            far = [c.answered_at for c in self._far_legs() if c.answered_at is not None]
            return min(far) if far and talks else None
        if self.conference is not None:
            waited = self.waits or self._digits(None)
            talks.append(self.conference[1] if waited else self.first.answered_at or self.conference[1])
        return min(talks, default=None)

    def _wait(self, direction: Direction, answered: float | None, started: float, ended: float) -> float | None:
        if direction != "outbound":
            return (ended if answered is None else answered) - started
        far = self._far_legs()
        if not far:
            return None
        return (max(c.end for c in far) if answered is None else answered) - min(c.begin for c in far)

    def _outcome(self, direction: Direction, answered: float | None, legs: tuple[Leg, ...]) -> Outcome:
        if answered is not None:
            return "answered"
        if moves.ran(self.first, self.details, "voicemail") is not None:
            return "voicemail"
        if direction == "outbound":
            return _unreached([leg for leg in legs if leg.outside], "failed")
        if self.first.source == self.first.chan.name and not self.first.dialled:
            return "abandoned"
        others = [leg for leg in legs if leg.uniqueid != self.first.uniqueid]
        return _unreached(others, "noanswer" if self.waits else "failed")

    def _hung_up_by(self, direction: Direction) -> Side | None:
        """Who broke the last talk, or the first party if it left while waiting; None if this truth does not say."""
        if all(c.source is None for c in self.parties):
            return None
        over = max((i[1] for c in self.parties for i in self.joined[c.uniqueid].all), default=None)
        left = [c for c in self.parties if c.source == c.chan.name]
        if over is None:
            breaker = self.first if self.first in left else None
        else:
            talked = [c for c in left if c is self.first or self.joined[c.uniqueid].all]
            near = [c for c in talked if c.end > over - ENDED_TOGETHER_SECONDS]
            breaker = min(near, key=lambda c: c.end, default=None)
        if breaker is None:
            return "system"
        if direction == "inbound":
            return "caller" if breaker is self.first else "agent"
        if direction == "outbound":
            return "callee" if breaker.kind == "trunk" else "agent"
        return "caller" if breaker is self.first else "callee"

    def _digits(self, answered: float | None) -> str | None:
        """What the caller keyed before anybody talked. Rows for that exist from Asterisk 20 on."""
        until = float("inf") if answered is None else answered
        keyed = (read_extra(r).get("digit") for r in self.first.rows if r.type == "DTMF" and r.at < until)
        return "".join(str(digit) for digit in keyed if digit) or None


def _unreached(legs: Sequence[Leg], without: Outcome) -> Outcome:
    """Nobody was reached: busy if that is all there was, else no answer."""
    results = [leg.result for leg in legs]
    if not results:
        return without
    if all(r == "failed" for r in results):
        return "failed"
    if results[-1] == "busy" and all(r in ("busy", "failed", "forwarded") for r in results):
        return "busy"
    return "noanswer"
