"""The calls of a day as they are kept in memory: each packed into a few hundred bytes, found by its id, by the queue
and quarter of an hour in which a caller joined, and by who talked.

Neighbours: ``counted`` has the facts, ``today`` counts them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cti.live.counted import CallFacts, Talk, Visit

QueueKey = tuple[str, str]
"""PBX, name."""
Place = tuple[QueueKey, float]
"""A queue and when the interval began."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[str, tuple[Visit, ...], tuple[Talk, ...]]).decode


class KeptCalls:
    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._joined: dict[Place, list[str]] = {}
        self._talked: dict[str, list[str]] = {}

    def put(self, facts: CallFacts, places: set[Place]) -> None:
        """Keep a call that is not here; ``places``: where it is to be found."""
        self._packed[facts.call] = _pack((facts.pbx, facts.visits, facts.talks))
        for place in places:
            self._joined.setdefault(place, []).append(facts.call)
        for who in talkers(facts):
            self._talked.setdefault(who, []).append(facts.call)

    def remove(self, facts: CallFacts, places: set[Place]) -> None:
        """Let a call go that was put so."""
        del self._packed[facts.call]
        for place in places:
            self._joined[place].remove(facts.call)
        for who in talkers(facts):
            self._talked[who].remove(facts.call)

    def get(self, call: str) -> CallFacts | None:
        packed = self._packed.get(call)
        return None if packed is None else CallFacts(call, *_unpack(packed))

    def joined(self, place: Place) -> Iterator[CallFacts]:
        """Those with a caller who joined there."""
        for call in self._joined.get(place, ()):
            yield CallFacts(call, *_unpack(self._packed[call]))

    def talks(self, who: str) -> list[Talk]:
        """What somebody had of calls: a user's id, or a phone as ``phone`` names it."""
        found = (CallFacts(call, *_unpack(self._packed[call])) for call in self._talked.get(who, ()))
        return [talk for facts in found for talk in facts.talks if who in _of(facts, talk)]


def phone(pbx: str, extension: str) -> str:
    """A phone at which nobody of ours works."""
    return f"{pbx}/{extension}"


def talkers(facts: CallFacts) -> set[str]:
    """Everybody who talked in a call, and the phones at which nobody knows who did."""
    return {who for talk in facts.talks for who in _of(facts, talk)}


def _of(facts: CallFacts, talk: Talk) -> tuple[str, ...]:
    return talk.users or ((phone(facts.pbx, talk.extension),) if talk.extension else ())
