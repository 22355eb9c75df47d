"""What really happened, from the channel event log (CEL) that Asterisk itself wrote: the oracle of the lab.

Independent of the product's code and of AMI. A call is the closure of channels over linkedid and uniqueid; who talked
with whom is read from the bridge rows, with the two halves of a Local channel taken as one wire. What CEL does not
know (Redirect and Bridge commands, holds, listening in by ChanSpy, the number an Originate was meant for) is not here.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

CAUSES = {17: "busy", 21: "declined", 23: "forwarded", 26: "cancelled"}
FAILURES = frozenset({1, 3, 20, 27, 34, 38, 41, 42, 50, 58})
# How far apart the records of one hang-up may be.
SAME_MOMENT = 0.25


@dataclass
class Channel:
    """One channel's life; times are epoch seconds."""

    uniqueid: str
    name: str
    exten: str
    number: str
    start: float
    answer: float | None = None
    end: float = 0.0
    cause: int = 0
    hung_up_by: str = ""
    applications: set[str] = field(default_factory=set)
    conference: str = ""
    picked_up: bool = False
    picked: bool = False
    stays: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """`PJSIP/201` of `PJSIP/201-0000001a`."""
        return re.sub(r"-[0-9a-f]+(;[12])?$", "", self.name)

    @property
    def extension(self) -> str:
        return self.endpoint.partition("/")[2]

    @property
    def is_line(self) -> bool:
        """A phone or a trunk line, not one of Asterisk's own wires (Local, announcers)."""
        return self.name.startswith(("PJSIP/", "SIP/", "IAX2/", "DAHDI/"))

    @property
    def was_rung(self) -> bool:
        """Asterisk made it to ring somebody: it starts at `s`, not at a number that was dialled."""
        return self.exten in ("s", "")

    @property
    def is_leg(self) -> bool:
        """Rung, or came by itself to fetch a parked or a ringing call."""
        return self.was_rung or self.picked or "ParkedCall" in self.applications


@dataclass(frozen=True)
class Leg:
    """A phone or line that was rung."""

    uniqueid: str
    endpoint: str
    result: str
    rang_at: float
    answered_at: float | None
    ended_at: float


@dataclass(frozen=True)
class Transfer:
    kind: str
    by: str
    at: float


@dataclass(frozen=True)
class Truth:
    """One call. Seconds per endpoint: `talk` with the outside party (internal calls: with anyone), `consult` with
    colleagues only while an outside party was in the call; a trunk line talks with whoever is on the other side."""

    linkedids: tuple[str, ...]
    direction: str
    caller: str
    dialled: str
    started_at: float
    ended_at: float
    first_talk_at: float | None
    answered_by: str | None
    talk: dict[str, float]
    consult: dict[str, float]
    legs: tuple[Leg, ...]
    transfers: tuple[Transfer, ...]
    outcome: str
    hung_up_by: str


@dataclass(frozen=True)
class Trunks:
    """Which endpoints lead outside: the profile's `trunks` pattern."""

    pattern: str = r"^trunk(-[ab])?$"

    def __contains__(self, channel: Channel) -> bool:
        return re.search(self.pattern, channel.extension) is not None


def read(cel: Path, trunks: Trunks | None = None) -> list[Truth]:
    """The calls of a cel.csv with a header line, in order of their start."""
    with cel.open(encoding="utf-8", newline="") as handle:
        return calls_of(list(csv.DictReader(handle)), trunks or Trunks())


def calls_of(rows: list[dict[str, str]], trunks: Trunks) -> list[Truth]:
    rooms = Rooms(channels_of(rows))
    groups = [Group(group, rooms, trunks) for group in closures(rows)]
    return sorted((group.truth() for group in groups if group.lines), key=lambda one: one.started_at)


def closures(rows: list[dict[str, str]]) -> Iterable[list[dict[str, str]]]:
    """The rows, put together where they share a linkedid or a uniqueid, directly or by way of others."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.setdefault(name, name) != name:
            name = above[name]
        return name

    for row in rows:
        above[top("u" + row["uniqueid"])] = top("l" + row["linkedid"])
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[top("u" + row["uniqueid"])].append(row)
    return groups.values()


def channels_of(rows: list[dict[str, str]]) -> dict[str, Channel]:
    channels: dict[str, Channel] = {}
    entered: dict[tuple[str, str], float] = {}
    for row in sorted(rows, key=lambda row: float(row["eventtime"])):
        at, kind, uniqueid = float(row["eventtime"]), row["eventtype"], row["uniqueid"]
        if kind == "CHAN_START":
            channels[uniqueid] = Channel(uniqueid, row["channame"], row["exten"], row["cid_num"], at)
        channel = channels.get(uniqueid)
        if channel is None:
            continue  # It began before the log did.
        channel.applications.add(row["appname"])
        if row["appname"] == "ConfBridge":
            channel.conference = row["appdata"]
        channel.end = max(channel.end, at)
        extra = json.loads(row["extra"]) if row["extra"] else {}
        match kind:
            case "ANSWER":
                channel.answer = channel.answer or at
            case "HANGUP":
                channel.cause, channel.hung_up_by = extra["hangupcause"], extra["hangupsource"]
            case "PICKUP":
                channel.picked_up = True
                channels[extra["pickup_channel_uniqueid"]].picked = True
            case "BRIDGE_ENTER":
                entered[uniqueid, extra["bridge_id"]] = at
            case "BRIDGE_EXIT":
                start = entered.pop((uniqueid, extra["bridge_id"]), None)
                if start is not None:
                    channel.stays.append((extra["bridge_id"], start, at))
    for (uniqueid, bridge), start in entered.items():
        channels[uniqueid].stays.append((bridge, start, channels[uniqueid].end))
    return channels


class Rooms:
    """All channels, and who can have met whom: in one bridge, or through the wire of a Local channel."""

    def __init__(self, channels: dict[str, Channel]) -> None:
        self.channels = channels
        self._inside: dict[str, set[str]] = defaultdict(set)
        for one in channels.values():
            for room in self._rooms_of(one):
                self._inside[room].add(one.uniqueid)

    def _rooms_of(self, one: Channel) -> Iterator[str]:
        yield from (bridge for bridge, _, _ in one.stays)
        if one.name.startswith("Local/"):
            yield one.name[:-2]

    def around(self, own: Iterable[str]) -> list[Channel]:
        """These channels and all that they may have met, in a conference those of other calls too."""
        found, waiting = set(own), list(own)
        while waiting:
            for room in self._rooms_of(self.channels[waiting.pop()]):
                waiting += (news := self._inside[room] - found)
                found |= news
        return [self.channels[one] for one in found]


class Group:
    """The rows of one call."""

    def __init__(self, rows: list[dict[str, str]], rooms: Rooms, trunks: Trunks) -> None:
        self._rows, self._trunks, self._channels = rows, trunks, rooms.channels
        own = {row["uniqueid"] for row in rows} & rooms.channels.keys()
        self._near = rooms.around(own)
        lines = [one for one in self._near if one.is_line and one.uniqueid in own]
        self.lines = sorted(lines, key=lambda one: one.start)
        self._outside = any(line in trunks for line in self.lines)
        self._talk: dict[str, float] = defaultdict(float)
        self._consult: dict[str, float] = defaultdict(float)
        self._first: tuple[float, str] | None = None

    def truth(self) -> Truth:
        self._measure()
        first = self.lines[0]
        legs = tuple(self._leg(line) for line in self.lines if line.is_leg)
        return Truth(
            linkedids=tuple(sorted({row["linkedid"] for row in self._rows})),
            direction=self._direction(first),
            caller=first.number,
            dialled="" if first.was_rung else first.exten,
            started_at=first.start,
            ended_at=max(line.end for line in self.lines),
            first_talk_at=self._first and self._first[0],
            answered_by=first.conference or (self._first and self._first[1]),
            talk={name: round(seconds, 3) for name, seconds in self._talk.items() if seconds > 0.0005},
            consult={name: round(seconds, 3) for name, seconds in self._consult.items() if seconds > 0.0005},
            legs=legs,
            transfers=self._transfers_once(),
            outcome=self._outcome(legs),
            hung_up_by=self._hung_up_by(first),
        )

    # -- who talked with whom ----------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Cuts the call's time at every bridge row; within a slice nothing changes."""
        begin, over = self.lines[0].start, max(line.end for line in self.lines)
        cuts = {at for one in self._near for _, start, end in one.stays for at in (start, end)}
        mine = sorted(at for at in cuts if begin <= at <= over)
        for start, end in pairwise(mine):
            for party in self._parties((start + end) / 2):
                self._count(party, start, end - start)

    def _parties(self, moment: float) -> Iterator[list[Channel]]:
        """The sets of lines that hear each other: joined by bridges and by the wires of Local channels."""
        rooms: dict[str, set[str]] = defaultdict(set)
        for one in self._near:
            for bridge, start, end in one.stays:
                if start <= moment < end:
                    rooms[bridge].add(one.uniqueid)
            if one.name.startswith("Local/") and one.start <= moment < one.end:
                rooms[one.name[:-2]].add(one.uniqueid)
        merged: list[set[str]] = []
        for room in rooms.values():
            touching = [other for other in merged if other & room]
            merged = [other for other in merged if not other & room] + [room.union(*touching)]
        for party in merged:
            yield [self._channels[one] for one in party if self._channels[one].is_line]

    def _count(self, party: list[Channel], at: float, seconds: float) -> None:
        own = [line for line in self.lines if line in party]
        if len(party) < 2 or not own:
            return
        talks = not self._outside or any(line in self._trunks for line in party)
        for line in own:
            (self._talk if talks else self._consult)[line.endpoint] += seconds
        if talks and self._first is None:
            others = [line.endpoint for line in sorted(party, key=lambda one: one.start) if line is not self.lines[0]]
            self._first = (at, others[0])

    # -- how it went --------------------------------------------------------------------------------------------------

    def _direction(self, first: Channel) -> str:
        """An Originate that never got to dial anybody was meant to go out, for all that CEL can say."""
        if first in self._trunks:
            return "inbound"
        return "outbound" if self._outside or first.was_rung else "internal"

    def _leg(self, line: Channel) -> Leg:
        return Leg(line.uniqueid, line.endpoint, self._result(line), line.start, line.answer, line.end)

    def _result(self, line: Channel) -> str:
        if line.answer is not None:
            return "answered"
        if line.picked_up:
            return "cancelled"
        if line.cause in CAUSES:
            return CAUSES[line.cause]
        if line.cause in FAILURES:
            return "failed"
        left = any(one.hung_up_by == one.name and abs(one.end - line.end) < SAME_MOMENT for one in self.lines)
        return "cancelled" if left else "noanswer"

    def _transfers(self) -> Iterator[Transfer]:
        kinds = {"BLINDTRANSFER": "blind", "ATTENDEDTRANSFER": "attended", "PARK_START": "park"}
        for row in self._rows:
            if row["eventtype"] in kinds:
                by = self._channels[row["uniqueid"]].endpoint
                yield Transfer(kinds[row["eventtype"]], by, float(row["eventtime"]))

    def _transfers_once(self) -> tuple[Transfer, ...]:
        """A phone that parks by REFER makes two rows; it is one parking."""
        found = list(self._transfers())
        parks = [one.at for one in found if one.kind == "park"]
        return tuple(
            one for one in found if one.kind != "blind" or not any(0 <= at - one.at < SAME_MOMENT for at in parks)
        )

    def _outcome(self, legs: tuple[Leg, ...]) -> str:
        first = self.lines[0]
        if self._first is not None or first.conference:
            return "answered"
        if "VoiceMail" in first.applications:
            return "voicemail"
        if first.hung_up_by == first.name and first in self._trunks:
            return "abandoned"
        called = {leg.result for leg in legs if leg.uniqueid != first.uniqueid}
        if called <= {"failed"}:
            return "failed"
        return "busy" if "busy" in called else "noanswer"

    def _hung_up_by(self, first: Channel) -> str:
        """Whose hang-up ended the call: of the lines that were there at its end, the one named as the source."""
        end = max(line.end for line in self.lines)
        sources = {one.hung_up_by for one in self.lines if end - one.end < SAME_MOMENT}
        by = [one for one in self.lines if one.name in sources and (one.answer or one is first)]
        if not by:
            return "system"
        if first in self._trunks:
            return "caller" if by[0] is first else "agent"
        if self._direction(first) == "outbound":
            return "callee" if by[0] in self._trunks else "agent"
        return "caller" if by[0] is first else "callee"
