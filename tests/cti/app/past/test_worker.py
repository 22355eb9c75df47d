"""The board of the past is the board as it was: a simulated PBX, heard live and played again from its journal."""

from __future__ import annotations

import asyncio
import copy
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ami_listener.journal import JournalWriter
from ami_listener.listener import PbxListener
from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.options import profile as profile_table
from ami_listener.simulator.server import Simulator
from ami_listener.url import PbxUrl
from call_log.facts import Ended
from call_log.handled import Handling, People
from call_log.model import decode_record, encode_record
from call_log.then import _COUNTERS
from crm_core.agents.floor import KINDS, Floor
from crm_core.agents.model import QueueWrap, Rules
from crm_core.agents.view import reason_of
from crm_core.contacts.callers import KnownCaller
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place, Places
from cti.app.board import shown as now_shown
from cti.app.calls import whose
from cti.app.past.frames import Begin, Logged, PbxPast, Seek, Step
from cti.app.past.worker import Worker
from cti.control.phones import PhoneAt
from cti.kernel.clock import SystemClock
from cti.live.agents import Agent, Noted
from cti.live.counted import facts_of
from cti.live.events import CallChanged, CallEnded, CallLogged, CallMerged, CallStarted, Event
from cti.live.figures import FigureRules, QueueRule
from cti.live.profile import Profile, settings_from
from cti.live.record import CallRecord
from cti.live.today import FiguresToday
from screenpop.board import Board, contribution
from screenpop.changes import patch
from screenpop.figured import Figured
from screenpop.playbacks import SPEEDS, Sight, merge
from tests.live import until
from web.format import phone as written

USERS = tuple(f"u{n}" for n in range(1, 18))  # the simulator has phones for all but the last
PEOPLE = PeopleAtPhones(
    {"201": "Maryam", "202": "Reza"},
    tuple(
        Place(user, f"Agent {user}", (ext,), (PhoneAt("demo", f"PJSIP/{ext}", ext, True),))
        for ext, user in zip(map(str, range(201, 218)), USERS, strict=False)
    ),
    tuple(Mate(user, f"Agent {user}") for user in USERS),
)
EVERYTHING = Sight(masked=False, teams=None)
MOVING = frozenset(("talk_seconds", "sl", "sl_now", "abandon_rate"))
FIGURE_RULES = FigureRules(queues=(QueueRule(queue="*", threshold_seconds=2.0),))
UTC = ZoneInfo("UTC")
RULES = Rules(wraps=(QueueWrap(queue="*", seconds=12.0), QueueWrap(queue="-", seconds=1.0)), missed_limit=1)
SECONDS = 40.0
ZERO = dict.fromkeys(_COUNTERS, 0.0)


@dataclass
class Recorded:
    """What the live board showed at some moments, the journal of that time, and what happened to agents."""

    folder: Path
    profile: Profile
    boards: dict[float, dict[str, Any]] = field(default_factory=dict)
    noted: list[Noted] = field(default_factory=list)
    over: list[Ended] = field(default_factory=list)

    def known(self, at: float, number: int = 1) -> Seek:
        """What the log knows of a moment."""
        totals = Counter(ZERO)
        for one in self.over:
            totals.update(contribution(decode_record(one.record)) if one.at <= at else {})
        return Seek(
            number=number, at=at, oldest={}, ahead={}, people=PEOPLE, noted=self.between(0.0, at), rules=RULES,
            figures=FIGURE_RULES, totals=dict(totals),
        )  # fmt: skip

    def between(self, since: float, until: float) -> tuple[Noted, ...]:
        return tuple(one for one in self.noted if since < one.at <= until)


class Live:
    """The live board and the agents on it, in memory, as the product has them."""

    def __init__(self, found: Recorded) -> None:
        self.found = found
        self.board = Board(phone, lambda _at: "2026-11-22")
        self.floor = Floor(SystemClock(), lambda: RULES, str, "en")
        self.now = time.time()
        self.figures = FiguresToday(UTC, lambda: self.now, lambda: FIGURE_RULES)
        self.board.figured = Figured(self.figures, lambda: FIGURE_RULES)
        self.hear(PEOPLE)
        self.board.start_day(0.0, ZERO)
        places = Places()
        places.take(PEOPLE.places)
        self.handling = Handling(whose(places))
        self.logged: dict[str, CallRecord] = {}
        for user in USERS:
            self.act(user, lambda agent, at: agent.sign_in(at, ()))

    def hear(self, event: Event | PeopleAtPhones) -> None:
        self.now = time.time()
        self.board.apply(event)
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self.log(call.record, self.handling.people(call.record))
            case CallEnded(record=record):
                people = self.handling.people(record, over=True)
                self.log(record, people)
                self.found.over.append(Ended(self.now, encode_record(record), people))
            case CallMerged(gone=gone):
                self.figures.merged(gone)
        if isinstance(event, KINDS):
            self.floor.take(event)
        self.tell()

    def log(self, record: CallRecord, people: People) -> None:
        self.board.apply(CallLogged(record, self.logged.get(record.id)))
        self.logged[record.id] = record
        self.figures.take(facts_of(record, people))

    def tell(self) -> None:
        self.floor.tick()
        users, self.floor.touched, self.floor.dirty = self.floor.touched | self.floor.dirty, set(), set()
        for user in users:
            agent = self.floor.agent(user)
            for note in agent.noted:
                self.found.noted.append(note)
                self.figures.noted(note)
            agent.noted.clear()
            reason = reason_of(agent.pauses[-1], RULES.reason) if agent.own == "pause" else None
            self.board.apply(now_shown(agent, f"Agent {user}", reason, self.floor.phone(user)))

    def act(self, user: str, act: Callable[[Agent, float], object]) -> None:
        """Somebody says something of himself."""
        act(self.floor.agent(user), SystemClock().now())
        self.floor.changed(user)
        self.tell()

    def look(self) -> None:
        """All anew, as a page that is opened has it."""
        self.now = time.time()
        self.board.forget()
        self.found.boards[self.now] = copy.deepcopy(self.board.whole())


SAID: tuple[tuple[str, Callable[[Agent, float], object]], ...] = (
    ("u2", lambda agent, at: agent.pause(at, "lunch", "Lunch")),
    ("u3", lambda agent, at: agent.pause(at, "break", "Break")),
    ("u3", lambda agent, at: agent.pause(at, "prayer", "Prayer", by="u1")),
    ("u17", lambda agent, at: agent.pause(at, "work", "Other work")),
    ("u3", lambda agent, at: agent.resume(at)),
    ("u3", lambda agent, at: agent.resume(at)),
    *((f"u{n}", lambda agent, at: agent.extend(at)) for n in range(1, 17)),
    ("u2", lambda agent, at: agent.resume(at)),
    ("u17", lambda agent, at: agent.sign_out(at)),
)
"""What agents say of themselves, a few before each moment."""


def phone(number: str | None, raw: str | None) -> str:
    return written(number, raw, "IR")


def comparable(board: dict[str, Any]) -> dict[str, Any]:
    """Nobody wrote down when a link was noticed to be up, only what came by it; and a talk that goes on is counted up
    to when the log heard of it last, in the past up to the moment."""
    found = {name: part for name, part in board.items() if name != "playback"}
    found["links"] = {name: row["up"] for name, row in board["links"].items()}
    found["today"] = {key: value for key, value in board["today"].items() if key != "talk_seconds"}
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return asyncio.run(_record(tmp_path_factory.mktemp("journal") / "demo"))


async def _record(folder: Path) -> Recorded:
    options = SimulatorOptions(port=0, calls_per_second=3.0, agents=16, talk_seconds=2.5, calls=100000)
    simulator = Simulator(options)
    await simulator.start()
    running = asyncio.create_task(simulator.run())
    profile = Profile(settings_from(dict(profile_table(options)), "IR"))
    user = options.users[0]
    url = PbxUrl.parse(f"ami://{user.name}:{user.secret}@127.0.0.1:{simulator.port}/?name=demo")
    found = Recorded(folder, profile)
    live = Live(found)
    journal = JournalWriter(folder)
    listener = PbxListener(url, profile, live.hear, SystemClock(), journal=journal, resync_seconds=4.0)
    task = asyncio.create_task(listener.run())
    doubted = [0.0]

    def certain() -> bool:
        """What a list contradicts is believed after a while by the clock, in the past a moment sooner or later."""
        now = time.time()
        if listener.tracker.board.suspects or not listener.asked:
            doubted[0] = now
        return now - doubted[0] > 1.5 and not listener.connection.depth

    for first in range(0, len(SAID), 2):
        over = len(found.over) + 4
        await until(lambda over=over: len(found.over) >= over and certain(), SECONDS, lambda: len(found.over))
        for user_id, act in SAID[first : first + 2]:
            live.act(user_id, act)
        live.look()
    for one in (task, running):
        one.cancel()
    await asyncio.gather(task, running, return_exceptions=True)
    await simulator.stop()
    journal.close()
    return found


def worker(recorded: Recorded, sight: Sight = EVERYTHING) -> Worker:
    past = PbxPast("demo", str(recorded.folder), recorded.profile.settings, recorded.profile.told())
    return Worker(Begin(pbxs=(past,), region="IR", timezone="UTC", language="en", sight=sight))


def sought(player: Worker, recorded: Recorded, at: float, board: dict[str, Any], number: int = 1) -> None:
    player.logged(Logged(midnight=at // 86_400 * 86_400.0, calls=recorded.over))
    player.seek(recorded.known(at, number))
    while True:
        answer = player.read()
        merge(board, answer.patch)
        if answer.there:
            return


def without_figures(board: dict[str, Any]) -> dict[str, Any]:
    """Figures go on by the clock, and are told now and then."""
    found = comparable(board)
    for part in ("agents", "queues"):
        found[part] = {key: {k: v for k, v in row.items() if k not in MOVING} for key, row in found[part].items()}
    return found


def test_the_board_of_a_moment_is_the_board_as_it_was_then(recorded: Recorded) -> None:
    for at, live in recorded.boards.items():
        played: dict[str, Any] = {}
        sought(worker(recorded), recorded, at, played)
        assert patch(comparable(played), comparable(live)) == {}, at
    assert max(len(live["calls"]) for live in recorded.boards.values()) > 5
    marks = {cell["mark"] for live in recorded.boards.values() for cell in live["agents"].values() if "user" in cell}
    assert {"ready", "pause", "wrap", "talk"} <= marks, marks
    assert any("until" in cell for live in recorded.boards.values() for cell in live["agents"].values())


@pytest.mark.parametrize("speed", SPEEDS)
def test_playing_on_at_any_speed_shows_every_board_as_it_was(recorded: Recorded, speed: float) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    at = moments[0]
    sought(player, recorded, at, played)
    for moment in moments[1:]:
        while at < moment:
            until = min(moment, at + 0.2 * speed)
            answer = player.step(Step(number=2, until=until, seconds=60.0, noted=recorded.between(at, until)))
            at = answer.at
            merge(played, answer.patch)
        merge(played, player.step(Step(number=3, until=moment, seconds=60.0)).patch)  # figures come with the next step
        assert patch(without_figures(played), without_figures(recorded.boards[moment])) == {}


def test_jumping_back_and_forth_ends_where_one_has_jumped_to(recorded: Recorded) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    for number, moment in enumerate((moments[-1], moments[1], moments[5], moments[1])):
        sought(player, recorded, moment, played, number)
        assert patch(without_figures(played), without_figures(recorded.boards[moment])) == {}


def test_the_days_counters_go_on_with_the_calls(recorded: Recorded) -> None:
    moments = sorted(recorded.boards)
    player, played = worker(recorded), dict[str, Any]()
    sought(player, recorded, moments[1], played)
    before = dict(played["today"])
    merge(played, player.step(Step(number=2, until=moments[-1], seconds=60.0)).patch)
    first, last = (comparable(recorded.boards[at])["today"] for at in (moments[1], moments[-1]))
    live = {key: last[key] - first[key] for key in last}
    assert {key: played["today"][key] - before[key] for key in live} == live
    assert live["calls"] > 5 and played["today"]["talk_seconds"] > before["talk_seconds"]


def test_who_may_not_see_numbers_gets_none(recorded: Recorded) -> None:
    moment = sorted(recorded.boards)[-1]
    whole, masked = dict[str, Any](), dict[str, Any]()
    sought(worker(recorded), recorded, moment, whole)
    sought(worker(recorded, Sight(True, None)), recorded, moment, masked)
    numbers = {card["who"]["number"] for card in whole["calls"].values() if "number" in card["who"]}
    assert numbers and not any(number in str(masked) for number in numbers if len(number) > 6)


def test_new_numbers_are_asked_for_and_names_shown(recorded: Recorded) -> None:
    moment = sorted(recorded.boards)[-1]
    player = worker(recorded)
    player.seek(recorded.known(moment))
    answer = player.read(60.0)
    assert answer.there and answer.asks
    call = next(iter(answer.asks))
    step = Step(number=2, until=moment, seconds=1.0, callers={call: KnownCaller("c1", "Sara Karimi", "", 0)})
    patch = player.step(step).patch
    assert patch["calls"][call]["who"]["name"] == "Sara Karimi"
