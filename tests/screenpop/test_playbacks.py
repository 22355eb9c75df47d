"""Whose playbacks there are, how their time goes on, and what is told of them. The player here is one that makes up
boards; the real one is held to the live board in tests/cti/app/past."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cti.kernel.actor import Actor
from cti.kernel.clock import Clock, ManualClock, SystemClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from screenpop import playbacks as module
from screenpop.hub import Hub
from screenpop.playbacks import IDLE_SECONDS, MOST, Playbacks, PlayerEndedError, Sight, Told, merge, nothing_kept
from tests.live import until

START = 1_795_000_000.0


class Player:
    """A board with one call, which is called like the second; a search takes three looks."""

    def __init__(self) -> None:
        self.sought: list[float] = []
        self.steps: list[float] = []
        self.closed = False
        self.slow = 0.0
        self.at = 0.0
        self.ends: Exception | None = None

    async def seek(self, at: float) -> AsyncIterator[Told]:
        self.sought.append(at)
        for part in (0.3, 0.6):
            await asyncio.sleep(0)
            yield Told(at, there=False, progress=part, patch={})
        self.at = at
        yield Told(at, there=True, progress=1.0, patch={"calls": {"c": {"at": at}}})

    async def step(self, until: float) -> Told:
        if self.ends is not None:
            raise self.ends
        self.steps.append(until)
        self.at = until if not self.slow else min(until, self.at + self.slow)
        return Told(self.at, there=True, progress=1.0, patch={"calls": {"c": {"at": self.at}}})

    async def close(self) -> None:
        self.closed = True


class Site:
    def __init__(self, clock: Clock | None = None) -> None:
        self.players: list[Player] = []
        self.sights: list[Sight] = []
        self.seen: list[tuple[str, float]] = []
        self.hub = Hub(
            lambda topic: self.playbacks.snapshot(topic), lambda actor, topic: self.playbacks.plays(actor, topic)
        )
        self.playbacks = Playbacks(self.hub, clock or SystemClock(), self.begin, self.span, self.note)

    async def begin(self, sight: Sight) -> Player:
        self.sights.append(sight)
        self.players.append(Player())
        return self.players[-1]

    async def span(self) -> tuple[float, float]:
        return START, START + 3600

    def note(self, actor: Actor, at: float) -> None:
        self.seen.append((actor.id, at))

    def watch(self, actor: Actor, topic: str) -> Screen:
        return Screen(self.hub, actor, topic)


class Screen:
    """A page that watches."""

    def __init__(self, hub: Hub, actor: Actor, topic: str) -> None:
        self._hub = hub
        self.client = hub.join(lambda: None, actor)
        hub.watch(self.client, [topic])
        self.errors: list[str] = []
        self._board: dict[str, Any] = {}

    @property
    def board(self) -> dict[str, Any]:
        decoder, text = json.JSONDecoder(), self._hub.take(self.client).decode()
        while text:
            message, end = decoder.raw_decode(text)
            text = text[end:]
            if message["type"] == "snapshot":
                self._board = message["data"]
            elif message["type"] == "event":
                merge(self._board, message["data"])
            elif message["type"] == "error":
                self.errors.append(message["reason"])
        return self._board

    @property
    def stand(self) -> dict[str, Any]:
        found: dict[str, Any] = self.board.get("playback", {})
        return found


def user(id: str, *permissions: str) -> Actor:
    return Actor(id, id, permissions=frozenset(("playback.view", "numbers.view", "calls.view_all", *permissions)))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    yield made
    await made.playbacks.close()


ANNA, BEN = user("anna"), user("ben")


async def test_it_reads_then_plays_and_tells_each_step(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START + 60)
    screen = site.watch(ANNA, begun["topic"])
    assert begun["state"] == "reading" and site.seen == [("anna", START + 60)]
    await until(lambda: screen.stand.get("state") == "ready", 5.0)
    await until(lambda: screen.board["calls"]["c"]["at"] > START + 60.5, 5.0)
    assert site.players[0].sought == [START + 60]
    assert screen.stand["at"] > begun["at"]


async def test_time_goes_as_fast_as_is_wanted(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START, 60.0)
    screen = site.watch(ANNA, begun["topic"])
    await until(lambda: len(site.players) == 1 and len(site.players[0].steps) > 5, 5.0, lambda: screen.stand)
    steps = site.players[0].steps[1:]
    gaps = [after - before for before, after in itertools.pairwise(steps)]
    assert all(8.0 < gap <= 60.0 for gap in gaps), gaps


async def test_a_player_that_cannot_keep_up_makes_time_go_slower(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START, 60.0)
    screen = site.watch(ANNA, begun["topic"])
    await until(lambda: len(site.players) == 1, 5.0)
    player = site.players[0]
    player.slow = 2.0
    await until(lambda: len(player.steps) > 4, 5.0, lambda: screen.stand)
    assert player.at <= START + 2.0 * len(player.steps) + 60.0
    assert screen.board["calls"]["c"]["at"] <= player.at


async def test_stopping_jumping_and_going_on(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START + 60)
    screen = site.watch(ANNA, begun["topic"])
    await until(lambda: screen.stand.get("state") == "ready", 5.0)
    await site.playbacks.change(ANNA, begun["id"], playing=False)
    stood = len(site.players[0].steps)
    await site.playbacks.change(ANNA, begun["id"], at=START + 1000)
    await until(lambda: screen.board["calls"]["c"]["at"] == START + 1000, 5.0)
    assert screen.stand["state"] == "ready" and screen.stand["playing"] is False
    assert len(site.players[0].steps) <= stood + 1, "the step that was on its way, no more"
    await site.playbacks.change(ANNA, begun["id"], playing=True)
    await until(lambda: screen.board["calls"]["c"]["at"] > START + 1000, 5.0)


async def test_who_jumps_while_it_reads_ends_where_he_jumped_last(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START, playing=False)
    screen = site.watch(ANNA, begun["topic"])
    for second in range(1, 8):
        await site.playbacks.change(ANNA, begun["id"], at=START + second)
        await asyncio.sleep(0)
    await until(lambda: screen.stand.get("state") == "ready", 5.0)
    assert screen.board["calls"]["c"]["at"] == START + 7


async def test_at_now_it_stops(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = SystemClock().now()

    async def span() -> tuple[float, float]:
        return now - 100, now

    monkeypatch.setattr(site.playbacks, "_span", span)
    begun = await site.playbacks.start(ANNA, now - 20, 60.0)
    screen = site.watch(ANNA, begun["topic"])
    await until(lambda: screen.stand.get("state") == "now", 5.0)
    assert screen.stand["playing"] is False
    assert site.players[0].steps[-1] <= SystemClock().now() - module.EDGE_SECONDS


async def test_only_its_user_watches_and_steers_it(site: Site) -> None:
    begun = await site.playbacks.start(ANNA, START)
    other = site.watch(BEN, begun["topic"])
    assert other.board == {} and other.errors == ["forbidden"]
    for lost in ("numbers.view", "calls.view_all"):
        fewer = Actor("anna", "anna", permissions=ANNA.permissions - {lost})
        assert not site.playbacks.plays(fewer, begun["topic"]), "who may see less by now gets none of it"
        with pytest.raises(NotFoundError):
            await site.playbacks.change(fewer, begun["id"], speed=2.0)
    with pytest.raises(NotFoundError):
        await site.playbacks.change(BEN, begun["id"], speed=2.0)
    with pytest.raises(NotFoundError):
        await site.playbacks.end(BEN, begun["id"])
    with pytest.raises(ForbiddenError):
        await site.playbacks.start(Actor("eve", "eve"), START)
    with pytest.raises(ForbiddenError):
        await site.playbacks.range(Actor("eve", "eve"))


async def test_a_player_shows_no_more_than_its_user_may_see(site: Site) -> None:
    teams = frozenset(("sales", "night"))
    await site.playbacks.start(Actor("anna", "anna", permissions=frozenset(("playback.view",)), teams=teams), START)
    await site.playbacks.start(BEN, START)
    await until(lambda: site.sights == [Sight(True, ("night", "sales")), Sight(False, None)], 5.0)


async def test_one_for_a_user_and_a_few_in_all(site: Site) -> None:
    first = await site.playbacks.start(ANNA, START)
    await until(lambda: len(site.players) == 1, 5.0)
    await site.playbacks.start(ANNA, START)
    assert site.players[0].closed
    with pytest.raises(NotFoundError):
        await site.playbacks.change(ANNA, first["id"], speed=2.0)
    for number in range(MOST - 1):
        await site.playbacks.start(user(f"u{number}"), START)
    with pytest.raises(ConflictError):
        await site.playbacks.start(BEN, START)
    await site.playbacks.close()
    assert (await site.playbacks.start(BEN, START))["state"] == "reading"


async def test_one_that_nobody_watches_ends() -> None:
    clock = ManualClock(START + 3600)
    site = Site(clock)
    begun = await site.playbacks.start(ANNA, START)
    screen = site.watch(ANNA, begun["topic"])
    for steps in (2, 4):
        await until(lambda least=steps: site.players and len(site.players[0].steps) > least, 5.0)
        clock.advance(IDLE_SECONDS - 1)
    await until(lambda: len(site.players[0].steps) > 6, 5.0)
    assert screen.stand["state"] == "ready"
    site.hub.leave(screen.client)
    clock.advance(IDLE_SECONDS + 1)
    await until(lambda: site.players[0].closed, 5.0)
    with pytest.raises(NotFoundError):
        await site.playbacks.change(ANNA, begun["id"], speed=2.0)


@pytest.mark.parametrize("error", [PlayerEndedError("killed"), RuntimeError("the database is away")])
async def test_a_player_that_ends_is_said_and_can_only_be_begun_anew(site: Site, error: Exception) -> None:
    begun = await site.playbacks.start(ANNA, START)
    screen = site.watch(ANNA, begun["topic"])
    await until(lambda: screen.stand.get("state") == "ready", 5.0)
    site.players[0].ends = error
    await until(lambda: screen.stand.get("state") == "failed", 5.0)
    await until(lambda: site.players[0].closed, 5.0)
    with pytest.raises(NotFoundError):
        await site.playbacks.change(ANNA, begun["id"], at=START + 5)
    for number in range(MOST):
        await site.playbacks.start(user(f"u{number}"), START)


async def test_who_begins_twice_at_once_has_one(site: Site) -> None:
    await site.playbacks.start(ANNA, START)
    await until(lambda: len(site.players) == 1, 5.0)
    begun = await asyncio.gather(*(site.playbacks.start(ANNA, START + n) for n in range(3)))
    assert sum(site.playbacks.plays(ANNA, one["topic"]) for one in begun) == 1


@pytest.mark.parametrize(("at", "speed"), [(START - 5, 1.0), (START + 10**10, 1.0), (START, 3.0), (START, 0.0)])
async def test_what_cannot_be_played_is_refused(site: Site, at: float, speed: float) -> None:
    with pytest.raises(InvalidError):
        await site.playbacks.start(ANNA, at, speed)


async def test_without_a_journal_there_is_nothing() -> None:
    assert await nothing_kept(SystemClock()).range(ANNA) is None
    with pytest.raises(InvalidError):
        await nothing_kept(SystemClock()).start(ANNA, START)


def test_merging_takes_away_what_is_null() -> None:
    board = {"calls": {"a": {"x": 1, "y": {"z": 1}}, "b": {}}}
    merge(board, {"calls": {"a": {"x": None, "y": {"w": 2}}, "b": None, "c": {"n": None, "m": 1}}})
    assert board == {"calls": {"a": {"y": {"z": 1, "w": 2}}, "c": {"m": 1}}}
