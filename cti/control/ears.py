"""The sound of a call for one who listens without a phone: where it comes from, and how it goes on elsewhere.

Neighbours: ``spying`` says whom he hears, ``ami_listener.media`` takes the sound of PBXs, ``web.listening`` carries it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol


class Ear(Protocol):
    """The sound of one who listens without a phone: mu-law, 8000 a second, from the PBX as it comes."""

    def frames(self) -> AsyncIterator[bytes]:
        """Ends when the PBX has closed its end."""

    async def close(self) -> None:
        """Let the PBX hang up."""


class Ears(Protocol):
    """Takes the sound that PBXs send. Only a channel whose unique id is expected is let in."""

    def expect(self, uniqueid: str) -> Ear: ...


class Followed:
    """An ear whose sound comes from one channel after the other; for one listener. Ends with ``close`` alone."""

    def __init__(self, ear: Ear) -> None:
        self._ear, self._over = ear, False
        self._turned = asyncio.Event()

    def turn(self, ear: Ear) -> Ear:
        """What he hears comes from here now; what it came from before, which is to be closed."""
        before, self._ear = self._ear, ear
        self._turned.set()
        return before

    async def frames(self) -> AsyncIterator[bytes]:
        while not self._over:
            self._turned.clear()
            async for frame in self._ear.frames():
                yield frame
            if not self._over:
                await self._turned.wait()

    async def close(self) -> None:
        self._over = True
        self._turned.set()
        await self._ear.close()
