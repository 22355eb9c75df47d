"""Who heard whom, and from when to when: from the bridge rows of CEL.

Parties hear each other if they are in one bridge, or in bridges that a pair of Local channels joins. What counts
as talk is the contract's: with an outside call, time joined with the outside party; else with anybody.

Neighbours: ``channels`` gives the stays in bridges, ``calls`` adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ami_listener.truth.channels import Stay, TruthChannel

Interval = tuple[float, float]


class Joined:
    """Stretches during which one party was joined with others. ``outside``: an outside line among them."""

    def __init__(self) -> None:
        self.with_outside: list[Interval] = []
        self.with_colleagues: list[Interval] = []

    def add(self, start: float, end: float, outside: bool) -> None:
        intervals = self.with_outside if outside else self.with_colleagues
        if intervals and intervals[-1][1] == start:
            intervals[-1] = (intervals[-1][0], end)
        else:
            intervals.append((start, end))

    @property
    def all(self) -> list[Interval]:
        return sorted((*self.with_outside, *self.with_colleagues))


class Bridges:
    """All stays in bridges of a period, of whatever calls: a conference joins channels of many."""

    def __init__(self, channels: Iterable[TruthChannel]) -> None:
        self._stays: dict[str, list[tuple[Stay, TruthChannel]]] = {}
        self._halves: dict[str, list[TruthChannel]] = {}
        for channel in channels:
            if channel.chan.pair is not None:
                self._halves.setdefault(channel.chan.pair, []).append(channel)
            for stay in channel.stays:
                self._stays.setdefault(stay.bridge, []).append((stay, channel))
        for stays in self._stays.values():
            if any(stay.holding for stay, _ in stays):
                for stay, _ in stays:
                    stay.holding = True

    def joined(self, call: Sequence[TruthChannel]) -> dict[str, Joined]:
        """For each party of ``call``, by unique id, when it was joined with other parties."""
        stays = self._around(call)
        mine = {c.uniqueid for c in call if c.party}
        found = {uniqueid: Joined() for uniqueid in mine}
        moments = sorted({t for stay, c in stays for t in (stay.start, _end(stay, c))})
        for start, end in pairwise(moments):
            present = [(stay.bridge, c) for stay, c in stays if stay.start <= start and _end(stay, c) >= end]
            for parties in self._companies(present):
                outside = any(c.kind == "trunk" for c in parties)
                for party in parties:
                    if party.uniqueid in mine:
                        found[party.uniqueid].add(start, end, outside)
        return found

    def _around(self, call: Sequence[TruthChannel]) -> list[tuple[Stay, TruthChannel]]:
        """Every stay in any bridge that the call's channels can have heard of, parking left out."""
        begin, end = min(c.begin for c in call), max(c.end for c in call)
        todo = [stay.bridge for channel in call for stay in channel.stays]
        seen: set[str] = set()
        found: list[tuple[Stay, TruthChannel]] = []
        while todo:
            bridge = todo.pop()
            if bridge in seen:
                continue
            seen.add(bridge)
            for stay, channel in self._stays[bridge]:
                if stay.start > end or _end(stay, channel) < begin:
                    continue  # a conference may be open all day
                if not stay.holding:
                    found.append((stay, channel))
                todo += (s.bridge for half in self._halves.get(channel.chan.pair or "", ()) for s in half.stays)
        return found

    def _companies(self, present: list[tuple[str, TruthChannel]]) -> list[list[TruthChannel]]:
        """Parties in earshot of each other, in twos and more."""
        members: dict[str, list[TruthChannel]] = {}
        for bridge, channel in present:
            members.setdefault(bridge, []).append(channel)
        companies: list[list[TruthChannel]] = []
        while members:
            _, todo = members.popitem()
            parties: list[TruthChannel] = []
            while todo:
                channel = todo.pop()
                if channel.party:
                    parties.append(channel)
                for bridge in [b for b, others in members.items() if channel.chan.pair and _pairs(channel, others)]:
                    todo += members.pop(bridge)
            if len(parties) > 1:
                companies.append(parties)
        return companies


def _pairs(half: TruthChannel, others: list[TruthChannel]) -> bool:
    return any(other.chan.pair == half.chan.pair for other in others)


def _end(stay: Stay, channel: TruthChannel) -> float:
    return channel.end if stay.end is None else stay.end


def seconds(intervals: Iterable[Interval]) -> float:
    """Time covered by at least one of the intervals."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(intervals):
        if end > until:
            total += end - max(start, until)
            until = end
    return total
