"""The board of the past is the board as it was: a simulated PBX, heard live and played again from its journal."""

from __future__ import annotations

import asyncio
import copy
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ami_listener.journal import JournalWriter
from ami_listener.listener import PbxListener
from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.options import profile as profile_table
from ami_listener.simulator.server import Simulator
from ami_listener.url import PbxUrl
from call_log.then import _COUNTERS
from crm_core.users.desks import PeopleAtPhones
from cti.app.past.frames import Begin, PbxPast, Seek, Step
from cti.app.past.worker import Worker
from cti.kernel.clock import SystemClock
from cti.live.events import CallEnded, CallLogged, Event
from cti.live.profile import Profile, settings_from
from screenpop.board import Board
from screenpop.playbacks import SPEEDS, merge
from web.format import phone as written

PEOPLE = PeopleAtPhones({"201": "Maryam", "202": "Reza"})
FEWEST = 6
SECONDS = 14.0
ZERO = dict.fromkeys(_COUNTERS, 0.0)


@dataclass
class Recorded:
    """What the live board showed at some moments, and the journal of that time."""

    folder: Path
    profile: Profile
    boards: dict[float, dict[str, Any]] = field(default_factory=dict)


def phone(number: str | None, raw: str | None) -> str:
    return written(number, raw, "IR")


def comparable(board: dict[str, Any]) -> dict[str, Any]:
    """Nobody wrote down when a link was noticed to be up, only what came by it."""
    links = {name: row["up"] for name, row in board["links"].items()}
    return {name: part for name, part in board.items() if name != "playback"} | {"links": links}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return asyncio.run(_record(tmp_path_factory.mktemp("journal") / "demo"))


async def _record(folder: Path) -> Recorded:
    options = SimulatorOptions(port=0, calls_per_second=6.0, calls=100000)
    simulator = Simulator(options)
    await simulator.start()
    running = asyncio.create_task(simulator.run())
    profile = Profile(settings_from(dict(profile_table(options)), "IR"))
    user = options.users[0]
    url = PbxUrl.parse(f"ami://{user.name}:{user.secret}@127.0.0.1:{simulator.port}/?name=demo")
    board = Board(phone, lambda _at: "2026-11-22")
    board.apply(PEOPLE)
    board.start_day(0.0, ZERO)
    board.whole()

    def hear(event: Event) -> None:
        board.apply(event)
        if isinstance(event, CallEnded):
            board.apply(CallLogged(event.record))

    journal = JournalWriter(folder)
    listener = PbxListener(url, profile, hear, SystemClock(), journal=journal, resync_seconds=4.0)
    task = asyncio.create_task(listener.run())
    found = Recorded(folder, profile)
    end, taken, doubted = time.time() + SECONDS, 0.0, 0.0
    while (now := time.time()) < end or (len(found.boards) < FEWEST and now < end + SECONDS):
        await asyncio.sleep(0.05)
        # What a list contradicts is believed after a while by the clock, in the past a moment sooner or later.
        doubted = now if listener.tracker.board.suspects else doubted
        if now - taken < 0.9 or now - doubted < 1.5 or not listener.asked or listener.connection.depth:
            continue
        board.patch()
        taken = time.time()
        found.boards[taken] = copy.deepcopy(board.whole())
    for one in (task, running):
        one.cancel()
    await asyncio.gather(task, running, return_exceptions=True)
    await simulator.stop()
    journal.close()
    return found


def worker(recorded: Recorded, *, masked: bool = False) -> Worker:
    past = PbxPast("demo", str(recorded.folder), recorded.profile.settings, recorded.profile.told())
    return Worker(Begin(pbxs=(past,), region="IR", timezone="UTC", masked=masked))


def sought(player: Worker, at: float, board: dict[str, Any], number: int = 1) -> None:
    player.seek(Seek(number=number, at=at, oldest={}, ahead={}, people=PEOPLE, agents={}, totals=ZERO))
    while True:
        answer = player.read()
        merge(board, answer.patch)
        if answer.there:
            return


def without_today(board: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in comparable(board).items() if name != "today"}


def test_the_board_of_a_moment_is_the_board_as_it_was_then(recorded: Recorded) -> None:
    assert len(recorded.boards) >= FEWEST
    for at, live in recorded.boards.items():
        played: dict[str, Any] = {}
        sought(worker(recorded), at, played)
        assert without_today(played) == without_today(live), at
    assert max(len(live["calls"]) for live in recorded.boards.values()) > 5


@pytest.mark.parametrize("speed", SPEEDS)
def test_playing_on_at_any_speed_shows_every_board_as_it_was(recorded: Recorded, speed: float) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    sought(player, moments[0], played)
    for moment in moments[1:]:
        at = 0.0
        while at < moment:
            until = min(moment, (at or moment - 0.9) + 0.2 * speed)
            answer = player.step(Step(number=2, until=until, seconds=60.0))
            at = answer.at
            merge(played, answer.patch)
        assert without_today(played) == without_today(recorded.boards[moment])


def test_jumping_back_and_forth_ends_where_one_has_jumped_to(recorded: Recorded) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    for number, moment in enumerate((moments[-1], moments[1], moments[5], moments[1])):
        sought(player, moment, played, number)
        assert without_today(played) == without_today(recorded.boards[moment])


def test_the_days_counters_go_on_with_the_calls(recorded: Recorded) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    sought(player, moments[1], played)
    before = dict(played["today"])
    merge(played, player.step(Step(number=2, until=moments[-1], seconds=60.0)).patch)
    live = {key: recorded.boards[moments[-1]]["today"][key] - recorded.boards[moments[1]]["today"][key] for key in ZERO}
    assert {key: played["today"][key] - before[key] for key in ZERO} == live
    assert live["calls"] > 5


def test_who_may_not_see_numbers_gets_none(recorded: Recorded) -> None:
    moment = sorted(recorded.boards)[-1]
    whole, masked = dict[str, Any](), dict[str, Any]()
    sought(worker(recorded), moment, whole)
    sought(worker(recorded, masked=True), moment, masked)
    numbers = {card["who"]["number"] for card in whole["calls"].values() if "number" in card["who"]}
    assert numbers and not any(number in str(masked) for number in numbers if len(number) > 6)


def test_new_numbers_are_asked_for_and_names_shown(recorded: Recorded) -> None:
    from crm_core.contacts.callers import KnownCaller

    moment = sorted(recorded.boards)[-1]
    player = worker(recorded)
    player.seek(Seek(number=1, at=moment, oldest={}, ahead={}, people=PEOPLE, agents={}, totals=ZERO))
    answer = player.read(60.0)
    assert answer.there and answer.asks
    call = next(iter(answer.asks))
    step = Step(number=2, until=moment, seconds=1.0, callers={call: KnownCaller("c1", "Sara Karimi", "", 0)})
    patch = player.step(step).patch
    assert patch["calls"][call]["who"]["name"] == "Sara Karimi"
