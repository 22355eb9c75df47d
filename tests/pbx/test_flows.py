"""Every flow of the lab, live: a real Asterisk, phones, and the real product connected to it with the least rights.

Each record in the database is held to the oracle, which reads Asterisk's own event log, and to what the flow says of
itself. Several Asterisks play side by side, each with a product of its own, so that all flows take minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ami_listener.truth.source import open_truth
from call_log.reconcile import ReconcileReport, reconcile
from cti.app.truth import source_zone
from cti.kernel.clock import SystemClock
from cti.live.profile import Profile, settings_from
from cti.live.record import CallRecord
from tests.live import Running, running_product
from tests.pbx import flows, flows_freepbx
from tests.pbx.asterisk import Asterisk
from tests.pbx.moves import Flow
from tests.pbx.play import play
from tests.pbx.truth import Truth, read
from tests.pbx.verdict import disagreements, surprises

pytestmark = [pytest.mark.pbx, pytest.mark.xdist_group("flows"), pytest.mark.asyncio(loop_scope="session")]

FLOWS = {"plain": flows.FLOWS, "freepbx": flows_freepbx.FLOWS}
PLAYED = [(dialplan, flow) for dialplan, some in FLOWS.items() for flow in some]
CREWS = {"plain": 5, "freepbx": 2}
# CEL has no row for ChanSpy, so it cannot tell listening in from a call that nobody was dialled for.
BLIND_TO = {"chanspy_whisper"}


@dataclass(frozen=True)
class Played:
    """What came of one flow: our records and the truth's, in order of start, or why it did not come to its end."""

    records: list[CallRecord]
    truths: list[Truth]
    error: Exception | None = None


class Crew:
    """One Asterisk with its product, playing one flow after the other."""

    def __init__(self, dialplan: str, asterisk: Asterisk, running: Running) -> None:
        self.dialplan, self.asterisk, self.running = dialplan, asterisk, running
        self.began = time.time()

    async def play(self, flow: Flow) -> Played:
        result = await play(self.asterisk, flow)
        await self.running.quiet()
        truths = read(result.cel)
        mine = [r for r in await self.running.records() if r.started_at is not None and r.started_at >= result.t0 - 0.5]
        return Played(mine, truths)

    async def compare(self) -> ReconcileReport:
        """The log held to CDR and CEL by the product's own means, at a moment at which everything has settled."""
        product = self.running.product
        profile = Profile(settings_from(product.settings.pbx["main"], "IR"))
        zone = source_zone(product.settings)
        source = open_truth(str(self.asterisk.truth), profile=profile, pbx="main", zone=zone)
        clock = Later()
        return await reconcile(product.store, product.ledger, source, "main", self.began, clock.now(), clock, live=())

    async def totals(self) -> tuple[int, int, int]:
        """What the truth page shows: the PBX's calls, ours, differences, of all days since it began."""
        ledger = self.running.product.ledger
        days = [await ledger.day("main", day) for day in ledger.days_of(self.began, time.time())]
        return sum(d.pbx_calls or 0 for d in days), sum(d.our_calls for d in days), sum(d.found for d in days)


class Later(SystemClock):
    """Half a minute from now: what has just ended has settled."""

    def now(self) -> float:
        return super().now() + 30.0


class Stage:
    """All crews. `played` is awaited by each flow's test."""

    def __init__(self, wanted: list[tuple[str, Flow]]) -> None:
        loop = asyncio.get_running_loop()
        self.played = {flow.name: loop.create_future() for _, flow in wanted}
        self.crews: list[Crew] = []
        self._turn = asyncio.Lock()
        self._waiting = {name: deque(flow for dialplan, flow in wanted if dialplan == name) for name in FLOWS}

    async def perform(self, dialplan: str, folder: Path) -> None:
        try:
            await self._perform(dialplan, folder)
        except Exception as error:
            for flow in self._waiting[dialplan]:
                self.played[flow.name].set_result(Played([], [], error))
            self._waiting[dialplan].clear()
            raise

    async def _perform(self, dialplan: str, folder: Path) -> None:
        waiting = self._waiting[dialplan]
        async with AsyncExitStack() as stack:
            asterisk = Asterisk(dialplan)
            stack.callback(asterisk.remove)
            await asterisk.start()
            url, cdr = asterisk.ami_url(), str(asterisk.truth)
            starting = running_product(folder, asterisk.profile, pbx_url=url, cdr_url=cdr, reconcile_minutes=0.0)
            async with self._turn:  # the migrations of two products in one process would mix
                running = await stack.enter_async_context(starting)
            await running.connected()
            crew = Crew(dialplan, asterisk, running)
            self.crews.append(crew)
            while waiting:
                flow = waiting.popleft()
                self.played[flow.name].set_result(await self._try(crew, flow))
            await asyncio.Event().wait()  # until the session ends: the last tests ask the product

    async def _try(self, crew: Crew, flow: Flow) -> Played:
        try:
            return await crew.play(flow)
        except Exception as error:  # told by this flow's test
            return Played([], [], error)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Everybody plays from here on; only flows that some test of this run asks for."""
    items = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    names = {item.callspec.params["flow"].name for item in items}
    wanted = [(dialplan, flow) for dialplan, flow in PLAYED if flow.name in names]
    stage = Stage(wanted)
    tasks = []
    for dialplan, most in CREWS.items():
        for _ in range(min(most, sum(name == dialplan for name, _ in wanted))):
            folder = tmp_path_factory.mktemp(f"product-{dialplan}")
            tasks.append(asyncio.create_task(stage.perform(dialplan, folder)))
    yield stage
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("flow", [flow for _, flow in PLAYED], ids=lambda flow: flow.name)
async def test_a_flow_is_logged_as_it_was(stage: Stage, flow: Flow) -> None:
    async with asyncio.timeout(280):
        played = await asyncio.shield(stage.played[flow.name])
    if played.error is not None:
        raise played.error
    if flow.name not in BLIND_TO:
        assert disagreements(played.records, played.truths) == []
    assert surprises(flow, played.records) == []


async def test_the_pbxs_own_records_say_the_same(stage: Stage) -> None:
    await asyncio.gather(*(asyncio.shield(future) for future in stage.played.values()))
    for crew in stage.crews:
        report = await crew.compare()
        assert report.lines()[1:] == []
        records = await crew.running.records()
        assert report.confirmed == report.truth_calls == len(records)
        calls = sum(record.kind == "call" for record in records)
        assert await crew.totals() == (calls, calls, 0)


async def test_nothing_was_odd_unknown_or_malformed(stage: Stage) -> None:
    await asyncio.gather(*(asyncio.shield(future) for future in stage.played.values()))
    odd: Counter[str] = Counter()
    for crew in stage.crews:
        (listener,) = crew.running.product.listeners
        odd += listener.tracker.oddities + listener.translator.unknown + listener.translator.malformed
        assert listener.connection.counts.strays == listener.connection.counts.callback_failures == 0
        assert listener.connection.counts.connections == 1
    assert odd == Counter()
