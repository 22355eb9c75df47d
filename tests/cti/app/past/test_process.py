"""The player's process: how it is spoken with, that it holds nobody up, and what is said when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ami_listener.journal import JournalWriter
from call_log.facts import Ended
from crm_core.agents.model import Rules
from crm_core.contacts.callers import KnownCaller
from crm_core.users.desks import PeopleAtPhones
from cti.app.past import process as module
from cti.app.past.frames import Begin, PbxPast, Seek
from cti.app.past.process import LATE_SECONDS, PastProcess
from cti.kernel.clock import ManualClock
from cti.live.agents import Noted
from cti.live.figures import FigureRules
from cti.live.profile import ProfileSettings
from screenpop.playbacks import PlayerEndedError, Sight, merge
from tests.ami_listener.streams import recorded

STREAM = recorded("did_answered")
BEGAN = 1_795_311_007.0
CALLS = 1500


class Known:
    """A log that knows of nothing but who calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.since: list[tuple[float, float]] = []

    async def then(self, number: int, at: float) -> Seek:
        return Seek(
            number=number, at=at, oldest={}, ahead={}, people=PeopleAtPhones({}), noted=(), rules=Rules(),
            figures=FigureRules(), totals={},
        )  # fmt: skip

    def midnight(self, at: float) -> float:
        return at // 86_400 * 86_400

    async def logged(self, since: float, until: float) -> AsyncIterator[list[Ended]]:
        self.since.append((since, until))
        yield []

    async def noted(self, since: float, until: float) -> tuple[Noted, ...]:
        return ()

    async def callers(self, keys: Mapping[str, str]) -> dict[str, KnownCaller | None]:
        self.asked += keys.values()
        return {call: KnownCaller("c1", "Sara", "", 0) for call in keys}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same call again and again, a few a second, under ids of their own."""
    folder = tmp_path_factory.mktemp("journal") / "main"
    clock = ManualClock(BEGAN)
    writer = JournalWriter(folder, clock=clock)
    writer.begin(BEGAN)
    for number in range(CALLS):
        at = BEGAN + number * 0.5
        clock.step(at - clock.now())
        stream = STREAM if number < CALLS - 1 else STREAM[: STREAM.index(b"Event: HangupRequest")]
        stream = stream.replace(b"1795311007.", b"%d." % (1_795_311_007 + number)).replace(b"Timestamp: ", b"X: ")
        writer.write(stream, at)
    writer.close()
    return folder


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
async def player(journal: Path, known: Known) -> AsyncIterator[PastProcess]:
    past = PbxPast("main", str(journal), ProfileSettings(extensions=r"^\d{3}$"))
    begin = Begin(pbxs=(past,), region="IR", timezone="Asia/Tehran", language="en", sight=Sight(False, None))
    made = await PastProcess.start(begin, known)
    yield made
    await made.close()


async def test_a_long_way_is_read_without_holding_anybody_up(player: PastProcess) -> None:
    late: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.002)
            late.append(time.perf_counter() - before - 0.002)

    watching = asyncio.create_task(watch())
    board: dict[str, Any] = {}
    progress = []
    async for told in player.seek(BEGAN + CALLS):
        merge(board, told.patch)
        progress.append(told.progress)
    watching.cancel()
    assert progress == sorted(progress) and progress[-1] == 1.0
    assert len(board["calls"]) == 1
    late.sort()
    assert late[int(len(late) * 0.99)] < 0.02, late[-5:]


async def test_a_search_that_is_left_off_gives_way_to_the_next(player: PastProcess) -> None:
    board: dict[str, Any] = {}
    async for told in player.seek(BEGAN + CALLS):
        merge(board, told.patch)
        break
    async for told in player.seek(BEGAN + 0.25):
        merge(board, told.patch)
    assert told.there and told.at == BEGAN + 0.25
    assert board["calls"] == {}


async def test_names_come_right_after_the_board(player: PastProcess) -> None:
    board: dict[str, Any] = {}
    async for told in player.seek(BEGAN + CALLS):
        merge(board, told.patch)
    (card,) = board["calls"].values()
    assert card["who"]["name"] == "Sara"


async def test_a_day_is_read_once_however_one_jumps_in_it(player: PastProcess, known: Known) -> None:
    midnight = known.midnight(BEGAN)
    for at in (BEGAN + 100, BEGAN + 20, BEGAN + 300, midnight - 10):
        async for _ in player.seek(at):
            pass
    later = BEGAN + 100 - LATE_SECONDS, BEGAN + 300
    assert known.since == [(midnight, BEGAN + 100), later, (midnight - 86_400, midnight - 10)]


async def test_a_process_that_was_killed_is_said(player: PastProcess) -> None:
    async for _ in player.seek(BEGAN):
        pass
    os.kill(player._child.pid, signal.SIGKILL)
    with pytest.raises(PlayerEndedError):
        await player.step(BEGAN + 1)
        await player.step(BEGAN + 2)


async def test_a_process_that_hangs_is_given_up(player: PastProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    async for _ in player.seek(BEGAN):
        pass
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.2)
    os.kill(player._child.pid, signal.SIGSTOP)
    with pytest.raises(PlayerEndedError):
        await player.step(BEGAN + 1)


async def test_closing_ends_the_process(player: PastProcess) -> None:
    await player.close()
    assert player._child.returncode is not None
