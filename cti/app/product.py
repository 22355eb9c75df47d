"""The product in one process: database, bus, listeners, recorder and web, wired, started and stopped.

The order matters: what writes is ready before what listens, and stops after it, so that nothing that was
heard is lost. Neighbours: ``demo`` brings a PBX where none is configured, ``truth`` compares with the PBX's own
records, ``doctor`` examines, ``metrics`` counts.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from functools import partial
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ami_listener import rebuild
from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.journal import JournalWriter
from ami_listener.listener import PbxListener
from ami_listener.truth.source import TruthSource, open_truth
from ami_listener.url import PbxUrl, parse_urls
from call_log.handled import Handling
from call_log.ledger import Ledger
from call_log.recorder import KINDS, Recorder
from call_log.search import CallSearch
from call_log.service import Calls, Truths
from call_log.store import CallStore
from crm_core.contacts import callers
from crm_core.contacts.callers import Callers, CallersKnown
from crm_core.contacts.events import PartiesMerged
from crm_core.duplicates import watch
from crm_core.timeline import calls as timeline_calls
from crm_core.timeline.changes import Changes
from crm_core.users import directory
from crm_core.users.desks import DeskTaken, PeopleAtPhones
from crm_core.users.places import Places
from cti.app import agents, alerts, board, demo, figures, wallboards
from cti.app.accounts import prepare
from cti.app.calls import CallLog, CallParts, day_of, mates, phone_of, today, whose
from cti.app.clocks import keep_offset, known_offset
from cti.app.control import Control
from cti.app.crm import open_crm
from cti.app.doctor import Doctor
from cti.app.metrics import Metrics
from cti.app.naming import ice_servers, sip_addresses
from cti.app.past.wiring import playbacks_of
from cti.app.profiles import profile_of
from cti.app.setups import setups_of
from cti.app.softphones import command_for
from cti.app.storage import open_database
from cti.app.tls import keep_fresh, open_tls
from cti.app.truth import HEARD, Reconciler, addresses, source_zone
from cti.control.port import Pbx
from cti.kernel.bus import Bus
from cti.kernel.clock import Clock, SystemClock
from cti.kernel.db import Database
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings, address
from cti.kernel.tasks import Tasks
from cti.live.events import CallLogged, DialStep, PbxLinkChanged, QueueChanged, RecordingPaused
from cti.live.profile import Profile
from screenpop import streams
from screenpop.board import Board
from screenpop.feed import Feed
from screenpop.opening import opening
from web.push import text_frame
from web.server import Running, create_app, start
from web.services import Services

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
"""A stop waits so long for each of those who still have something to write."""

COLLECTED = (10_000, 20, 50)
"""When Python looks for garbage in rings. Calls live for seconds: looked at sooner they count as lasting, and all that
lasts is looked through again and again, a tenth of a second each time where thousands have their pages open."""


class Product:
    """``await Product.start(settings)``, and ``stop`` when done. ``url`` is where its pages are."""

    def __init__(self, settings: Settings, clock: Clock, database: Database, bus: Bus) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.bus = bus
        self.tasks = Tasks(clock)
        self.store = CallStore(database)
        self.ledger = Ledger(database, ZoneInfo(settings.timezone))
        self.places = Places()
        self.recorder = Recorder(self.store, clock, handling=Handling(whose(self.places)))
        self.calls = CallLog(CallSearch(database), self.store)
        self.parts = CallParts(self.store)
        self.crm = open_crm(settings, database, clock, self.parts)
        self.today = figures.Today(database, clock, ZoneInfo(settings.timezone), lambda: self.crm.figure_rules.now)
        self.listeners: list[PbxListener] = []
        self.actors: list[PbxConnection] = []
        self.pbxs: dict[str, Pbx] = {}  # each as one that takes commands: by a login for that, else the listening one
        self.journals: list[JournalWriter] = []
        self.reconcilers: list[Reconciler] = []
        self.demo: demo.Demo | None = None
        self.demo_lines: Sequence[str] = ()
        self._cdr_addresses: Mapping[str, str] = {}
        followers = (self.crm.notes.follow, self.crm.files.follow, self.crm.tasks.follow, self.crm.results.follow)
        self.timeline_calls = timeline_calls.Calls(database, clock, self.store, followers)
        self.callers = Callers(self.crm.lookup, clock, bus.publish)
        live = Board(phone_of(settings.region), day_of(settings.timezone))
        self.feed = Feed(live, frame=text_frame, places=self.places)
        self.parts.live, self.parts.whose = self.feed.board.live, whose(self.places)
        self.feed.pops.writer.opens = opening(settings.popups)
        self.control = Control(self)
        self.playbacks = playbacks_of(self)
        self.web: Running | None = None
        self.metrics = Metrics(self)
        self.doctor = Doctor(self)

    @classmethod
    async def start(cls, settings: Settings, clock: Clock | None = None) -> Product:
        """Everything up, or an error and nothing up."""
        bus = Bus()
        clock = clock or SystemClock()
        database = await open_database(settings, bus.publish)
        product = cls(settings, clock, database, bus)
        try:
            await product._start()
        except BaseException:
            await product.stop()
            raise
        return product

    async def _start(self) -> None:
        self.feed.board.start_day(self.clock.now(), await today(self.calls, self.settings, self.clock.now()))
        told: tuple[type, ...] = (
            *KINDS, CallLogged, PbxLinkChanged, QueueChanged, PeopleAtPhones, CallersKnown, DeskTaken, DialStep,
            RecordingPaused,
        )  # fmt: skip
        # First of all who hear it: a card is what somebody waits for.
        self.bus.subscribe_batches("board", told, self.feed.tell, on_gap=self._reload_board)
        self.bus.subscribe_batches("call log", KINDS, self.recorder.take)
        self.bus.subscribe(
            "places",
            PeopleAtPhones,
            lambda event: self.places.take(event.places),
            on_gap=lambda _: self.crm.desks.tell_again(),
        )
        self.bus.subscribe("directory", directory.KINDS, self.crm.directory.take)
        self._follow()
        await self.crm.softphones.load()
        self.tasks.start("recorder", self.recorder.run)
        pbxs = await self._pbxs()
        self._cdr_addresses = addresses(self.settings, [url.name for url, _ in pbxs])
        for url, profile in pbxs:
            await self._listen(url, profile)
        for url in parse_urls(self.settings.pbx_actions_url):
            self._act(url)
        await self.control.begin()
        for part in (agents, figures, board, wallboards, alerts):
            await part.begin(self)
        self._work()
        self.demo_lines = await prepare(
            self.crm, demo=self.demo is not None, folder=self.settings.folder, say=partial(print, flush=True)
        )
        self.web = await self._serve()

    def _follow(self) -> None:
        """The timeline hears of calls and parties, and whoever looks at a stream hears of its news; who calls is looked
        up, and who may be there twice."""
        self.bus.subscribe_batches(
            "callers", callers.KINDS, self.callers.take_many, on_gap=lambda _: self._reload_callers()
        )
        twice = self.crm.duplicate_watch
        self.bus.subscribe("duplicates", watch.KINDS, twice.take, on_gap=twice.missed)
        calls, news = self.timeline_calls, streams.Streams(self.feed, self.crm.timeline.watchers)
        self.bus.subscribe_batches("timeline calls", timeline_calls.HEARD, calls.take, on_gap=calls.missed)
        self.bus.subscribe_batches("timeline changes", PartiesMerged, Changes(self.database).take)
        self.bus.subscribe_batches("streams", streams.HEARD, news.take)

    def _work(self) -> None:
        """What goes on by itself; begun when nothing in the settings can stop the start any more."""
        self.tasks.start("audit", self.crm.audit.run)
        self.tasks.start("callers", self.callers.run)
        self.tasks.start("duplicates", self.crm.duplicate_watch.run)
        self.tasks.start("access", self.crm.access.run)
        self.tasks.start("desks", self.crm.desks.run)
        self.tasks.start("imports", self.crm.exchange.work.run)
        self.tasks.start("trash", self.crm.trash.run)
        self.tasks.start("timeline", self.timeline_calls.run)

    async def _serve(self) -> Running:
        host, port = address(self.settings.http)
        try:
            tls = open_tls(self.settings, self.clock.now())
            if tls is not None:
                self.tasks.start("tls", lambda: keep_fresh(tls, self.settings, self.clock))
            return await start(create_app(self._services(), tls), host, port)
        except OSError as error:
            raise ConfigurationError(f"CTI_HTTP: {self.settings.http} cannot be used: {error.strerror}") from error

    async def _pbxs(self) -> list[tuple[PbxUrl, Profile]]:
        urls = parse_urls(self.settings.pbx_url)
        if urls:
            return [(url, profile_of(self.settings, url.name)) for url in urls]
        self.demo = await demo.Demo.start(self.settings)
        return [(self.demo.url, self.demo.profile)]

    async def _listen(self, url: PbxUrl, profile: Profile) -> None:
        journal = self._journal(url, profile)
        listener = PbxListener(
            url,
            profile,
            self.bus.publish,
            self.clock,
            journal=journal,
            resync_seconds=self.settings.resync_minutes * 60.0,
        )
        self.listeners.append(listener)
        self.pbxs[url.name] = AmiPbx(listener.connection)
        if journal is not None:
            await self._rebuild(listener, journal)
        self.tasks.start(f"pbx {url.name}", listener.run)
        self.tasks.start(f"clock {url.name}", lambda: keep_offset(listener, self.ledger, self.clock))
        self._compare(url, profile)

    def _act(self, url: PbxUrl) -> None:
        """A login of its own for commands, so that the one that listens needs no rights."""
        connection = PbxConnection(url, on_link=lambda _state: None, classes=(), clock=self.clock)
        self.actors.append(connection)
        self.pbxs[url.name] = AmiPbx(connection)
        self.tasks.start(f"actions {url.name}", connection.run)

    async def _rebuild(self, listener: PbxListener, journal: JournalWriter) -> None:
        pbx = listener.url.name
        listener.translator.clock_offset = await known_offset(self.ledger, pbx, self.clock.now())
        unfinished = [stored.record for stored in await self.store.provisional(pbx)]
        await rebuild.rebuild(listener, journal.folder, unfinished, await self.store.newest_start(pbx))

    def _journal(self, url: PbxUrl, profile: Profile) -> JournalWriter | None:
        if not self.settings.journal:
            return None
        journal = JournalWriter(
            self.settings.folder / "journal" / url.name,
            keep_digits=profile.settings.keep_digits,
            days=self.settings.journal_days,
            megabytes=self.settings.journal_megabytes,
            clock=self.clock,
        )
        self.journals.append(journal)
        return journal

    def _compare(self, url: PbxUrl, profile: Profile) -> None:
        reconciler = Reconciler(self, url.name, self._truth(url.name, profile))
        self.reconcilers.append(reconciler)
        self.bus.subscribe(f"truth {url.name}", HEARD, reconciler.take)
        self.tasks.start(f"truth {url.name}", reconciler.run)

    def _truth(self, name: str, profile: Profile) -> TruthSource | None:
        if self.demo is not None:
            return open_truth(str(self.demo.folder), profile=profile, pbx=name, zone=UTC)
        url = self._cdr_addresses.get(name)
        if url is None:
            return None
        return open_truth(url, profile=profile, pbx=name, zone=source_zone(self.settings), ahead=self._ahead(name))

    def _ahead(self, name: str) -> Callable[[float], float]:
        """How far the PBX's clock is ahead, as measured now."""

        def ahead(_at: float) -> float:
            listener = next((x for x in self.listeners if x.url.name == name), None)
            return listener.clock_offset if listener is not None else 0.0

        return ahead

    def _reload_board(self, missed: int) -> None:
        """The board was too slow for the bus: take over how things stand instead of what was dropped."""
        log.warning("the board missed %d events and is loaded anew", missed)
        self.crm.desks.tell_again()
        calls = [call for x in self.listeners for call in x.tracker.snapshot()]
        queues = [queue for x in self.listeners for queue in x.tracker.queues()]
        self.feed.load(calls, queues, [x.link for x in self.listeners if x.link is not None])
        self.callers.load(calls)

    def _reload_callers(self) -> None:
        self.callers.load([call for x in self.listeners for call in x.tracker.snapshot()])

    def _services(self) -> Services:
        return Services(
            calls=Calls(self.calls, phone_of(self.settings.region), mates(self.crm)),
            truth=Truths(self.ledger),
            feed=self.feed,
            crm=self.crm,
            figures=self.today.service(self.crm.reach),
            places=self.places,
            commands=self.control.commands,
            playbacks=self.playbacks,
            steering=self.control.steering,
            lines=self.control.keeping,
            spying=self.control.monitoring.spying,
            ice=ice_servers(self.settings),
            softphone_conf=partial(command_for, self.crm.softphones),
            sip=sip_addresses(self.settings, [x.url.name for x in self.listeners]),
            clock=self.clock,
            doctor=self.doctor.examine,
            setups=lambda: setups_of(self),
            readiness=self.readiness,
            metrics=self.metrics.text,
            pbxs=tuple(x.url.name for x in self.listeners),
            language=self.settings.language,
            timezone=self.settings.timezone,
            region=self.settings.region,
            demo=self.demo is not None,
            behind_proxy=self.settings.behind_proxy,
            public_hosts=tuple(filter(None, [urlsplit(self.settings.public_url).hostname])),
        )

    async def readiness(self) -> Mapping[str, str | None]:
        """What the product stands on -> None, or why it is not ready."""
        found: dict[str, str | None] = {"bus": None}
        try:
            async with asyncio.timeout(5), self.database.read() as reader:
                await reader.one("SELECT 1")
            found["database"] = None
        except Exception as error:  # whatever the driver raises is the answer here
            found["database"] = f"{type(error).__name__}: {error}"
        found["call log"] = self.recorder.status().trouble
        for listener in self.listeners:
            state = listener.connection.state
            found[f"pbx {listener.url.name}"] = None if state.phase == "up" else state.reason
        return found

    async def stop(self) -> None:
        """Stop listening, write what was heard, then close. Returns when all is down."""
        if self.web is not None:
            await self.web.stop()
        await self.playbacks.close()
        await self.control.end()
        listening = [t for t in self.tasks.tasks if t.name != "recorder"]
        for task in reversed(listening):
            await task.stop(5.0)
        await self.bus.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await self.recorder.flush()
        await _written("what agents did last", self.crm.agents.flush)
        await _written("what was seen last", self.crm.audit.flush)
        await self.tasks.stop()
        for journal in self.journals:
            journal.close()
        for reconciler in self.reconcilers:
            await reconciler.close()
        if self.demo is not None:
            await self.demo.stop()
        await self.bus.close()
        await self.database.close()


async def _written(what: str, flush: Callable[[], Awaitable[None]]) -> None:
    """What is still in memory is not lost by a stop; and a stop goes on, whatever the driver raises."""
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await flush()
    except Exception as error:
        log.warning("%s is not written: %s", what, error)


async def serve(settings: Settings) -> None:
    """``cti run``: start, say where, and run until told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    product = await Product.start(settings)
    assert product.web is not None
    gc.collect()
    gc.freeze()  # what stands since the start is looked through no more: each time cost calls a tenth of a second
    gc.set_threshold(*COLLECTED)
    for line in _welcome(product, product.web.url):
        print(line, flush=True)
    await stopping.wait()
    print("stopping…", flush=True)
    await product.stop()


def _welcome(product: Product, url: str) -> Sequence[str]:
    lines = ["", f"  Tamas is running:  {url}/", f"  connect your PBX:  {url}/connect", ""]
    if product.demo is not None:
        lines[2:2] = ["  (demo: a simulated PBX; set CTI_PBX_URL to connect yours)", *product.demo_lines]
    return lines
