"""Calls from CDR alone, where the PBX keeps no CEL: coarser.

A CDR says of two channels when they began, whether they were answered and for how long, to the second on most sites. It
does not say who hung up, how long somebody waited in a queue before the answer, or what happened between. So only
whether, when and how long is taken from it; ``source`` says so in what its reading ``knows``.

Neighbours: ``rows`` gives the rows; ``calls`` does the same from CEL.
"""

from __future__ import annotations

from collections.abc import Iterable

from ami_listener.channel_names import channel_name
from ami_listener.truth.calls import TruthCall
from ami_listener.truth.channels import NO_EXTEN, Union
from ami_listener.truth.moves import first_argument
from ami_listener.truth.rows import CdrRow
from cti.live import linkedids as order
from cti.live import numbers
from cti.live.errands import SPIES
from cti.live.profile import EndpointKind, Profile
from cti.live.record import Caller, CallRecord, Direction, Leg, LegResult, Number, Outcome

_RESULTS: dict[str, LegResult] = {"ANSWERED": "answered", "BUSY": "busy", "NO ANSWER": "noanswer"}
_SPY_APPS = ("ChanSpy", "ExtenSpy")
_CONFERENCES = ("ConfBridge", "MeetMe")


def coarse_calls(rows: Iterable[CdrRow], profile: Profile, pbx: str) -> list[TruthCall]:
    """All calls that these rows tell of, in order of start. A call still up has no row yet, or not all."""
    found = [_Coarse(group, profile, pbx) for group in _groups(rows)]
    calls = [TruthCall(call.record(), True) for call in found if call.first_kind != "other"]
    return sorted(calls, key=lambda c: c.record.started_at or 0.0)


def _groups(rows: Iterable[CdrRow]) -> list[list[CdrRow]]:
    """Rows of one call each. Where the table keeps no linkedid, a channel that dialled on joins them."""
    joined, ordered = Union(), sorted(rows, key=lambda r: (r.start, order.age(r.uniqueid)))
    for row in ordered:
        own = f"u {row.uniqueid or row.channel}"
        if row.linkedid:
            joined.join(own, f"l {row.linkedid}")
        joined.join(own, f"c {row.channel}")
        if row.dstchannel and row.app not in _CONFERENCES:  # there the others are calls of their own
            joined.join(own, f"c {row.dstchannel}")
    groups: dict[str, list[CdrRow]] = {}
    for row in ordered:
        groups.setdefault(joined.root(f"u {row.uniqueid or row.channel}"), []).append(row)
    return list(groups.values())


class _Coarse:
    def __init__(self, rows: list[CdrRow], profile: Profile, pbx: str) -> None:
        self.rows, self.profile, self.pbx = rows, profile, pbx
        self.monitoring = any(r.app in _SPY_APPS or r.uniqueid.startswith(SPIES) for r in rows)
        self.first, self.first_channel = self._begin()
        self.first_kind = self._kind(self.first_channel)

    def record(self) -> CallRecord:
        linkedids = sorted({r.linkedid or r.uniqueid or r.channel for r in self.rows}, key=order.age)
        started, ended = min(r.start for r in self.rows), max(r.end for r in self.rows)
        direction, legs = self._direction(), self._legs()
        answered = self._answered()
        waits = [row for row in self.rows if row.app == "Queue"]
        return CallRecord(
            id=f"{self.pbx}-{linkedids[0]}",
            pbx=self.pbx,
            kind="monitoring" if self.monitoring else "call",
            linkedid=linkedids[0],
            linkedids=tuple(linkedids),
            direction=direction,
            caller=self._caller(direction),
            dialled=self._dialled(direction),
            queue=first_argument(waits[0].data) if waits else None,
            queue_waits=(),
            started_at=started,
            answered_at=answered,
            ended_at=ended,
            wait_seconds=(ended if answered is None else answered) - started,
            talk_seconds=sum(leg.talk_seconds for leg in legs if leg.role == "callee"),
            hold_seconds=0.0,
            duration_seconds=ended - started,
            outcome=self._outcome(answered, legs),
            hung_up_by=None,
            legs=legs,
            transfers=(),
            recordings=(),
            digits=None,
            conference=next((first_argument(r.data) for r in self.rows if r.app in _CONFERENCES), None),
            provisional=False,
        )

    def _begin(self) -> tuple[CdrRow, str]:
        """The party that began it, and its row: who called, or the phone that an Originate through Local rang."""
        if channel_name(self.rows[0].channel).pair:
            for row in self.rows:
                if self._kind(row.dstchannel) == "phone":
                    return row, row.dstchannel
        row = next((r for r in self.rows if self._kind(r.channel) != "other"), self.rows[0])
        return row, row.channel

    def _kind(self, channel: str) -> EndpointKind:
        if not channel:
            return "other"
        name = channel_name(channel)
        return "other" if name.technical or name.pair else self.profile.kind(name.endpoint)

    def _direction(self) -> Direction:
        if self.first_kind == "trunk":
            return "inbound"
        return "outbound" if any(self._kind(r.dstchannel) == "trunk" for r in self.rows) else "internal"

    def _answered(self) -> float | None:
        """The first time that somebody was there: a phone, the far end, a conference."""
        times = [r.answer for r in self.rows if r.answer and r.disposition == "ANSWERED" and self._with_somebody(r)]
        return min(times, default=None)

    def _with_somebody(self, row: CdrRow) -> bool:
        return self.monitoring or row.app in _CONFERENCES or self._kind(row.dstchannel) != "other"

    def _legs(self) -> tuple[Leg, ...]:
        found: dict[str, Leg] = {}
        if self.first_kind == "phone" and self.first_channel == self.first.channel:
            found[self.first.channel] = self._leg(self.first, self.first.channel, "caller", 0.0)
        for row in self.rows:
            if self._kind(row.dstchannel) != "other":
                known = found.get(row.dstchannel)
                talk = (known.talk_seconds if known else 0.0) + (row.billsec if row.disposition == "ANSWERED" else 0.0)
                if known is None or known.result != "answered":
                    found[row.dstchannel] = self._leg(row, row.dstchannel, "callee", talk)
        return tuple(found.values())

    def _leg(self, row: CdrRow, channel: str, role: str, talk: float) -> Leg:
        name = channel_name(channel)
        callee = role == "callee"
        result: LegResult = _RESULTS.get(row.disposition, "failed") if callee else "answered"
        return Leg(
            uniqueid="" if callee else row.uniqueid,
            role="callee" if callee else "caller",
            endpoint=name.endpoint,
            extension=self.profile.extension(name.endpoint),
            rang_at=row.start if callee else None,
            answered_at=row.answer if result == "answered" else None,
            ended_at=row.end,
            result=result,
            ring_seconds=((row.answer or row.end) - row.start) if callee else 0.0,
            talk_seconds=talk,
            consult_seconds=0.0,
            hold_seconds=0.0,
            outside=self._kind(channel) == "trunk",
        )

    def _caller(self, direction: Direction) -> Caller:
        first = self.first
        if direction != "inbound":
            return Caller(
                None, self.profile.extension(channel_name(self.first_channel).endpoint) or first.src, first.name or None
            )
        raw = None if numbers.withheld(first.src) else first.src
        return Caller(self.profile.number(raw, channel_name(self.first_channel).endpoint), raw, first.name or None)

    def _dialled(self, direction: Direction) -> Number:
        raw = next((r.dst for r in self.rows if r.dst not in NO_EXTEN), None)
        if direction == "outbound":
            return Number(self.profile.dialled_number(raw), raw)
        return Number(self.profile.number(raw) if direction == "inbound" else None, raw)

    def _outcome(self, answered: float | None, legs: tuple[Leg, ...]) -> Outcome:
        if answered is not None:
            return "answered"
        if any(r.app == "VoiceMail" for r in self.rows):
            return "voicemail"
        results = {leg.result for leg in legs if leg.role == "callee"}
        if results and results <= {"busy", "failed"}:
            return "busy" if "busy" in results else "failed"
        return "noanswer"
