"""Who waits in which queue, since when, and in which place, on the board.

A screen puts who waits in order by itself, the longest wait first. Where the PBX has it otherwise (somebody was put to
the front, or moved here with the wait that he had), those who stand elsewhere have a ``place``: a moment that puts them
there when it is read in place of ``since``. So nobody has to be told anew of all when the first one leaves.

Neighbours: ``board`` holds the calls, ``cti.live.queues`` the PBX's order.
"""

from __future__ import annotations

from collections.abc import Iterable

STEP = 0.001


class Waiting:
    """Queues by their key, calls by their id, times in epoch seconds."""

    def __init__(self) -> None:
        self.places: dict[str, float] = {}
        self._since: dict[str, dict[str, float]] = {}
        self._order: dict[str, tuple[str, ...]] = {}
        self._moved: set[str] = set()

    def longest(self, queue: str) -> float | None:
        """Since when the first waits who waits in a queue."""
        return min(self._since.get(queue, {}).values(), default=None)

    def joins(self, queue: str, call: str, since: float) -> bool:
        """A call waits there; is that news?"""
        held = self._since.setdefault(queue, {})
        if held.get(call) == since:
            return False
        held[call] = since
        self._moved.add(queue)
        return True

    def leaves(self, queue: str, call: str) -> None:
        self._since[queue].pop(call, None)
        self.places.pop(call, None)
        self._moved.add(queue)

    def ordered(self, queue: str, calls: tuple[str, ...]) -> None:
        """As the PBX has them, the first one first."""
        if self._order.get(queue, ()) != calls:
            self._order[queue] = calls
            self._moved.add(queue)

    def settle(self) -> set[str]:
        """The calls whose place is another than when this was last asked."""
        other: set[str] = set()
        for queue in self._moved:
            now = dict(self._placed(queue))
            for call in self._since.get(queue, ()):
                if self.places.get(call) != now.get(call):
                    other.add(call)
                    if call in now:
                        self.places[call] = now[call]
                    else:
                        del self.places[call]
        self._moved.clear()
        return other

    def _placed(self, queue: str) -> Iterable[tuple[str, float]]:
        """From the last to the first: who began to wait after the one behind him stands just before that one."""
        held = self._since.get(queue, {})
        listed = [call for call in self._order.get(queue, ()) if call in held]
        behind = (float("inf"), "")
        for call in reversed(listed):
            here = (round(held[call], 3), call)
            if here > behind:
                here = (round(behind[0] - STEP, 3), call)
                yield here[1], here[0]
            behind = here
