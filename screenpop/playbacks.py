"""The past as it is played to each who asks for it: one at a time for a user, a few at once in all.

A ``Player`` (a process of its own, made by ``cti.app.past``) reads the journal and says what the board of then shows,
as merge patches; here its time goes on, at the speed that the user wants or as fast as the player can, and each patch
goes to the topic ``playback:ID``. Its data is that of ``board:all`` and, as ``playback``, where the player stands.

Neighbours: ``feed`` has the topic, ``board`` makes the board in the player's process, ``web.api.playbacks`` commands.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from crm_core.users.reach import EVERYBODY
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.live.record import rfc3339
from screenpop.feed import PLAYBACK
from screenpop.hub import Hub

log = logging.getLogger(__name__)

VIEW = "playback.view"
MOST = 3
"""Playbacks at once: each is a process that may take a whole core while it looks for its moment."""
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
TICK_SECONDS = 0.2
LONGEST_TICK = 1.0
"""Who was held up goes on from there, and does not leap."""
IDLE_SECONDS = 60.0
"""Nobody watches for so long: it ends."""
ROUNDED_SECONDS = 1.0
"""Who asks for the very first moment has it from a text, which is rounded."""
EDGE_SECONDS = 3.0
"""So close to now it stops: what arrives is written within half a second."""

PARTS = ("calls", "queues", "agents", "links", "today", "rules", "teams")
"""What a board has, empty before the moment is found."""

State = Literal["reading", "ready", "now", "failed"]
Json = dict[str, Any]


class Told(msgspec.Struct, frozen=True):
    """What a player says: the moment it has come to, whether it is ``there`` or still reads (and how much of it, 0 to
    1), and what differs on the board from what it said last."""

    at: float
    there: bool
    progress: float
    patch: Json


class PlayerEndedError(Exception):
    """The player's process is gone."""


class Player(Protocol):
    def seek(self, at: float) -> AsyncIterator[Told]:
        """Go to a moment, telling how far one is; whoever leaves off may seek another."""

    async def step(self, until: float) -> Told:
        """Play on up to a moment, or as far as it comes in a tick."""

    async def close(self) -> None:
        """End the process."""


class Sight(msgspec.Struct, frozen=True):
    """What somebody may see: numbers ``masked`` or whole; what concerns these ``teams`` (ids), None: everything."""

    masked: bool
    teams: tuple[str, ...] | None


Begin = Callable[[Sight], Awaitable[Player]]
"""A new player, which shows no more than that."""
Span = Callable[[], Awaitable[tuple[float, float] | None]]
"""From when to when there is anything to play; None for nothing."""
Note = Callable[[Actor, float], None]
"""``actor`` looked at how it was at that moment."""


class Playing(msgspec.Struct, frozen=True):
    """Where a playback stands. Times are epoch seconds; ``start`` and ``end``: what can be played."""

    id: str
    at: float
    speed: float
    playing: bool
    state: State
    progress: float
    start: float
    end: float

    def shown(self) -> Json:
        moments = {"at": self.at, "from": self.start, "to": self.end}
        told = {"speed": self.speed, "playing": self.playing, "state": self.state, "progress": round(self.progress, 2)}
        return {"id": self.id, "topic": PLAYBACK + self.id, **told} | {k: rfc3339(at) for k, at in moments.items()}


class Playbacks:
    """``hub`` carries them; ``close`` ends all of them."""

    def __init__(self, hub: Hub, clock: Clock, begin: Begin, span: Span, note: Note) -> None:
        self._hub, self._clock, self._begin, self._span, self._note = hub, clock, begin, span, note
        self._running: dict[str, _Playback] = {}

    async def range(self, actor: Actor) -> tuple[float, float] | None:
        """From when to when (epoch seconds) the past can be played; None: nothing is kept. Needs playback.view."""
        actor.require(VIEW)
        return await self._span()

    async def start(self, actor: Actor, at: float, speed: float = 1.0, *, playing: bool = True) -> Json:
        """Begin to play at ``at`` (epoch seconds), in place of what this user played so far. Needs playback.view.

        InvalidError outside of what is kept, ConflictError while others play too many."""
        actor.require(VIEW)
        start, end = await self._kept(at)
        _check(speed)
        while (mine := next((one for one in self._running.values() if one.owner == actor.id), None)) is not None:
            await self._end(mine)
        if sum(not one.failed for one in self._running.values()) >= MOST:
            raise ConflictError(N_("Only %(most)s can play the past at a time. Try again later."), most=MOST)
        one = _Playback(secrets.token_urlsafe(9), actor, self._clock, start, end, self._publish)
        self._running[one.id] = one
        one.seek(at, speed, playing)
        self._note(actor, at)
        one.task = asyncio.create_task(self._play(one), name=f"playback {one.id}")
        return one.state().shown()

    async def change(
        self, actor: Actor, id: str, *, at: float | None = None, speed: float | None = None, playing: bool | None = None
    ) -> Json:
        """Jump, go faster, stop or go on. Needs playback.view. NotFoundError for one that is not his or has ended."""
        one = self._mine(actor, id)
        if at is not None:
            one.start, one.end = await self._kept(at)
            self._note(actor, at)
        if speed is not None:
            _check(speed)
        one.seek(at, speed, playing)
        return one.state().shown()

    async def end(self, actor: Actor, id: str) -> None:
        """Needs playback.view. NotFoundError for one that is not his or has ended."""
        await self._end(self._mine(actor, id))

    async def close(self) -> None:
        for one in tuple(self._running.values()):
            await self._end(one)

    # --- for the feed

    def plays(self, actor: object, topic: str) -> bool:
        """Whose it is, as long as he may see what he might when it began."""
        one = self._running.get(topic.removeprefix(PLAYBACK))
        return one is not None and isinstance(actor, Actor) and one.is_of(actor)

    def snapshot(self, topic: str) -> Json:
        one = self._running.get(topic.removeprefix(PLAYBACK))
        return {} if one is None else one.whole()

    # --- parts

    def _mine(self, actor: Actor, id: str) -> _Playback:
        actor.require(VIEW)
        one = self._running.get(id)
        if one is None or one.failed or not one.is_of(actor):
            raise NotFoundError(N_("This playback has ended."))
        return one

    async def _kept(self, at: float) -> tuple[float, float]:
        span = await self._span()
        if span is None:
            raise InvalidError(N_("Nothing is kept of the past: the journal is empty or off."))
        start, end = span
        if not start - ROUNDED_SECONDS <= at <= self._clock.now():
            raise InvalidError(N_("Nothing is kept of that time."))
        return start, max(start, end)

    def _publish(self, one: _Playback, patch: Json) -> None:
        self._hub.publish(PLAYBACK + one.id, patch)
        self._hub.settle()

    async def _play(self, one: _Playback) -> None:
        try:
            await self._go(one)
        except Exception as error:  # also what a database raises that is away: who watches has to know
            log.warning("playback %s ends: %s", one.id, error, exc_info=not isinstance(error, PlayerEndedError))
            one.fail()
            await self._clock.sleep(IDLE_SECONDS)
        finally:
            self._running.pop(one.id, None)

    async def _go(self, one: _Playback) -> None:
        player = await self._begin(one.sight)
        try:
            while self._wanted(one):
                await one.go_on(player)
        finally:
            await player.close()

    def _wanted(self, one: _Playback) -> bool:
        now = self._clock.monotonic()
        if self._hub.watched(PLAYBACK + one.id):
            one.watched_at = now
        return now - one.watched_at < IDLE_SECONDS

    async def _end(self, one: _Playback) -> None:
        self._running.pop(one.id, None)
        if one.task is not None:
            one.task.cancel()
            await asyncio.gather(one.task, return_exceptions=True)


def nothing_kept(clock: Clock) -> Playbacks:
    """Where there is no journal: nothing can be played."""

    async def begin(_sight: Sight) -> Player:
        raise PlayerEndedError("there is no journal")

    async def span() -> None:
        return None

    return Playbacks(Hub(lambda _: None, lambda *_: False), clock, begin, span, lambda *_: None)


class _Playback:
    """One of them: where it stands, what was told, and what is wanted next."""

    def __init__(
        self, id: str, actor: Actor, clock: Clock, start: float, end: float, publish: Callable[[_Playback, Json], None]
    ) -> None:
        self.id, self.owner, self.sight = id, actor.id, sight_of(actor)
        self.start, self.end = start, end
        self.task: asyncio.Task[None] | None = None
        self._clock, self._publish = clock, publish
        self._board: Json = {name: {} for name in PARTS}
        self._told: Json = {}
        self._at, self._speed, self._playing = start, 1.0, True
        self._state: State = "reading"
        self._progress = 0.0
        self._wanted: float | None = None
        self._wake = asyncio.Event()
        self.watched_at = self._stepped = clock.monotonic()

    def is_of(self, actor: Actor) -> bool:
        """Is it his, and may he see what he might when it began?"""
        return self.owner == actor.id and self.sight == sight_of(actor)

    @property
    def failed(self) -> bool:
        return self._state == "failed"

    def state(self) -> Playing:
        return Playing(self.id, self._at, self._speed, self._playing, self._state, self._progress, self.start, self.end)

    def whole(self) -> Json:
        """The snapshot: the board as last told, and where the player stands."""
        return {**self._board, "playback": self._told or self.state().shown()}

    def seek(self, at: float | None, speed: float | None, playing: bool | None) -> None:
        """What the user wants from now on."""
        if at is not None:
            self._wanted, self._at, self._state, self._progress = at, at, "reading", 0.0
        self._speed = self._speed if speed is None else speed
        if playing is not None:
            self._playing = playing
            self._state = "ready" if playing and self._state == "now" else self._state
        self._stepped = self._clock.monotonic()
        self._wake.set()
        self._tell({})

    async def go_on(self, player: Player) -> None:
        """Go to where the user wants, or play on for a tick."""
        self._wake.clear()
        if self._wanted is not None:
            await self._read(player, self._wanted)
            return
        if self._playing:
            await self._step(player)
        if self._wanted is None:
            await self._rest()

    async def _read(self, player: Player, at: float) -> None:
        self._wanted = None
        async for told in player.seek(at):
            if self._wanted is None:
                self._state, self._progress = ("ready" if told.there else "reading"), told.progress
            self._take(told)
            if self._wanted is not None:
                return
        self._stepped = self._clock.monotonic()

    async def _step(self, player: Player) -> None:
        now = self._clock.monotonic()
        passed, self._stepped = min(now - self._stepped, LONGEST_TICK), now
        edge = self._clock.now() - EDGE_SECONDS
        told = await player.step(max(self._at, min(self._at + passed * self._speed, edge)))
        if self._wanted is None:  # else the user is elsewhere by now
            self._at = told.at
            if told.at >= edge:
                self._state, self._playing = "now", False
        self._take(told)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    def _take(self, told: Told) -> None:
        merge(self._board, told.patch)
        self._tell(told.patch)

    def _tell(self, patch: Json) -> None:
        now = self.state().shown()
        change = {key: value for key, value in now.items() if self._told.get(key) != value}
        self._told = now
        if patch or change:
            self._publish(self, {**patch, "playback": change} if change else patch)

    def fail(self) -> None:
        self._state, self._playing = "failed", False
        self._tell({})


def sight_of(actor: Actor) -> Sight:
    return Sight(not actor.may("numbers.view"), None if actor.may(EVERYBODY) else tuple(sorted(actor.teams)))


def merge(target: Json, patch: Json) -> None:
    """Apply a merge patch (RFC 7396) to ``target`` itself."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            held = target.get(key)
            if not isinstance(held, dict):
                held = target[key] = {}
            merge(held, value)
        else:
            target[key] = value


def _check(speed: float) -> None:
    if speed not in SPEEDS:
        raise InvalidError(N_("The speed can be 1, 2, 5, 10, 30 or 60."))
