"""Starts the process that plays the past and speaks with it, asking for it what the log knows of a moment.

Neighbours: ``worker`` is the process, ``frames`` what they say, ``archive`` asks the log, ``screenpop.playbacks`` uses
this as its player.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from call_log.facts import Ended
from crm_core.contacts.callers import KnownCaller
from cti.app.past.frames import LENGTH, Answer, Begin, Logged, Order, Seek, Step, decode_answer, framed
from cti.live.agents import Noted
from screenpop.playbacks import PlayerEndedError, Told

_ROOT = Path(__file__).parents[3]
STEP_SECONDS = 0.15
"""How long a step may take; what does not fit in comes with the next."""
STOP_SECONDS = 2.0
SILENT_SECONDS = 60.0
"""It answers several times a second, but for the moments in which it looks where to begin, or adds up a large day."""
LATE_SECONDS = 60.0
"""A call is written down a moment after its end; so far back it is asked for once more."""


class Known(Protocol):
    """What the log and the contacts know (``archive.Archive``)."""

    async def then(self, number: int, at: float) -> Seek:
        """All that has to be known of a moment."""

    def midnight(self, at: float) -> float:
        """When that day began."""

    def logged(self, since: float, until: float) -> AsyncIterator[list[Ended]]:
        """The calls that ended in between, a page at a time."""

    async def noted(self, since: float, until: float) -> tuple[Noted, ...]:
        """What happened to agents in between."""

    async def callers(self, keys: Mapping[str, str]) -> dict[str, KnownCaller | None]:
        """By call, who has the number of that key."""


class PastProcess:
    """A player (``screenpop.playbacks.Player``). Everything raises PlayerEndedError once the process is gone."""

    def __init__(self, child: asyncio.subprocess.Process, known: Known) -> None:
        assert child.stdin is not None and child.stdout is not None
        self._child, self._in, self._out, self._known = child, child.stdin, child.stdout, known
        self._number = 0
        self._at = 0.0
        self._midnight = self._logged_to = 0.0
        self._asked: dict[str, str] = {}

    @classmethod
    async def start(cls, begin: Begin, known: Known) -> PastProcess:
        paths = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cti.app.past.worker", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True,
        )  # fmt: skip
        player = cls(child, known)
        try:
            await player._say(begin)
        except BaseException:
            await player.close()
            raise
        return player

    async def seek(self, at: float) -> AsyncIterator[Told]:
        """How far it is, again and again; last the board as it was."""
        async for _ in self._log(at):
            yield Told(at, there=False, progress=0.0, patch={})
        self._number += 1
        number = self._number
        await self._say(await self._known.then(number, at))
        self._at, self._asked = at, {}
        while True:
            answer = await self._hear()
            if answer.number != number:  # to a search that was left off: the board has gone there all the same
                yield Told(at, there=False, progress=0.0, patch=answer.patch)
                continue
            self._asked = answer.asks
            yield Told(answer.at, answer.there, answer.progress, answer.patch)
            if answer.there:
                break
        if self._asked:
            yield await self.step(at)  # with the names

    async def step(self, until: float) -> Told:
        """Play on up to ``until``, or as far as it comes."""
        self._number += 1
        callers = await self._known.callers(self._asked) if self._asked else {}
        noted = await self._known.noted(self._at, until) if until > self._at else ()
        order = Step(number=self._number, until=until, seconds=STEP_SECONDS, noted=noted, callers=callers)
        await self._say(order)
        answer = await self._hear()
        self._asked = answer.asks
        self._at = max(self._at, answer.at)
        return Told(answer.at, there=True, progress=1.0, patch=answer.patch)

    async def close(self) -> None:
        self._in.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._child.wait()
                return
        with suppress(ProcessLookupError):
            self._child.kill()
        await self._child.wait()

    async def _log(self, at: float) -> AsyncIterator[None]:
        """Say which calls of that day were over by then, as far as that was not said before."""
        midnight = self._known.midnight(at)
        if midnight != self._midnight:
            self._midnight = self._logged_to = midnight
        if at > self._logged_to:
            async for page in self._known.logged(max(midnight, self._logged_to - LATE_SECONDS), at):
                await self._say(Logged(midnight=midnight, calls=page))
                yield
            self._logged_to = at

    async def _say(self, order: Order) -> None:
        try:
            self._in.write(framed(order))
            await self._in.drain()
        except (ConnectionError, RuntimeError) as error:
            raise PlayerEndedError(f"the process that plays the past is gone: {error}") from error

    async def _hear(self) -> Answer:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                length = int.from_bytes(await self._out.readexactly(LENGTH), "big")
                answer: Answer = decode_answer(await self._out.readexactly(length))
        except TimeoutError as error:
            raise PlayerEndedError("the process that plays the past does not answer") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise PlayerEndedError("the process that plays the past has ended") from error
        return answer
