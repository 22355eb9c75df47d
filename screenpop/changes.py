"""What differs from what was last told, as merge patches (RFC 7396).

Neighbours: ``board`` is made of ``Part``s; ``agents``, ``walls`` and playback compare with ``patch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Part:
    """One part of the board: which keys it has, how a key's value is made, and what was told of it."""

    def __init__(self, keys: Callable[[], Iterable[str]], value: Callable[[str], Any]) -> None:
        self._keys = keys
        self._value = value
        self.told: dict[str, Any] = {}
        self.dirty: set[str] = set()

    def build(self) -> dict[str, Any]:
        self.told = {key: value for key in self._keys() if (value := self._value(key)) is not None}
        self.dirty.clear()
        return self.told

    def patch(self) -> dict[str, Any]:
        change: dict[str, Any] = {}
        for key in self.dirty:
            before, now = self.told.get(key), self._value(key)
            if now == before:
                continue
            change[key] = patch(before, now) if isinstance(before, dict) and isinstance(now, dict) else now
            if now is None:
                del self.told[key]
            else:
                self.told[key] = now
        self.dirty.clear()
        return change

    def forget(self) -> None:
        """Nobody is told any more."""
        self.told = {}
        self.dirty.clear()


def patch(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What makes ``now`` of ``before`` when it is merged into it; None takes a key away."""
    change: dict[str, Any] = dict.fromkeys(before.keys() - now.keys())
    for key, value in now.items():
        old = before.get(key)
        if value != old or key not in before:
            change[key] = patch(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return change
