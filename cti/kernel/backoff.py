"""How long to wait before trying again: doubling, with a cap and with jitter.

Used by supervised tasks and by every client that reconnects. The jitter keeps a hundred listeners
from returning to a restarted server in the same millisecond; it only ever shortens a delay, so the
cap is a true upper bound.
"""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """``next()`` gives the delay in seconds before the next try; ``reset()`` after a success."""

    def __init__(
        self,
        first: float = 0.25,
        cap: float = 10.0,
        *,
        jitter: float = 0.5,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not (0 < first <= cap and 0 <= jitter < 1):
            raise ValueError("0 < first <= cap and 0 <= jitter < 1")
        self._first, self._cap, self._jitter, self._chance = first, cap, jitter, chance
        self._tries = 0

    @property
    def tries(self) -> int:
        return self._tries

    def next(self) -> float:
        whole: float = min(self._cap, self._first * 2 ** min(self._tries, 30))
        self._tries += 1
        return whole * (1 - self._jitter * self._chance())

    def reset(self) -> None:
        self._tries = 0
