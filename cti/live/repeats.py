"""Who calls again and again: how often each number called within some windows of time, counted as calls come and go.

A day can have hundreds of thousands of calls, and the question is put each second: so nothing is gone through to
answer it. Pure. Neighbours: ``cti.app.alerts`` tells of calls, ``readings`` asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

MOST_CALLS = 200_000
"""Of one window; beyond these the oldest count no more."""
FEWEST = 2
"""Who calls once does not call again."""


class Wanted(NamedTuple):
    """Who called at least so many times (never fewer than ``FEWEST``) within so many seconds."""

    seconds: float
    times: int


class _Window:
    """The calls, oldest first, and how many are of each number. ``often``: those of which there are enough."""

    def __init__(self, wanted: Wanted) -> None:
        self._times = max(FEWEST, wanted.times)
        self._calls: deque[tuple[float, str, str]] = deque()
        self._counts: dict[str, int] = {}
        self.often: dict[str, int] = {}

    def add(self, at: float, number: str, call: str) -> None:
        self._calls.append((at, number, call))
        self._count(number, 1)

    def drop(self, before: float) -> Iterable[str]:
        """The ids of the calls that are too old, or too many, by now."""
        calls = self._calls
        while calls and (calls[0][0] < before or len(calls) > MOST_CALLS):
            _, number, call = calls.popleft()
            self._count(number, -1)
            yield call

    def _count(self, number: str, step: int) -> None:
        count = self._counts.get(number, 0) + step
        if count:
            self._counts[number] = count
        else:
            del self._counts[number]
        if count >= self._times:
            self.often[number] = count
        else:
            self.often.pop(number, None)


class Repeats:
    """``wanted``: all that will be asked. Calls have to be told about in the order of their starts."""

    def __init__(self, wanted: Iterable[Wanted] = ()) -> None:
        self.wanted = frozenset(wanted)
        self._windows = {one: _Window(one) for one in sorted(self.wanted)}
        self._known: set[str] = set()

    def add(self, call: str, number: str, at: float) -> None:
        """A call came from a number; told of again it counts once."""
        if self._windows and call not in self._known:
            self._known.add(call)
            for window in self._windows.values():
                window.add(at, number, call)

    def turn(self, now: float) -> None:
        """Time went on."""
        gone: Iterable[str] = ()
        for wanted, window in self._windows.items():
            gone = list(window.drop(now - wanted.seconds))
        self._known.difference_update(gone)  # of the last one, which is the longest

    def often(self, wanted: Wanted) -> Mapping[str, int]:
        """Number -> how many calls, at the last ``turn``."""
        return self._windows[wanted].often if wanted in self._windows else {}
