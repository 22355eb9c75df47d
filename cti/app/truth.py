"""The PBX's own records, compared with the log: by itself while the product runs, and as ``cti reconcile``.

Neighbours: ``ami_listener.truth`` reads CDR and CEL, ``call_log.reconcile`` compares and repairs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ami_listener.listener import PbxListener
from ami_listener.truth.source import TruthSource, open_truth
from ami_listener.url import parse_urls
from call_log.ledger import SETTLE_SECONDS, Ledger
from call_log.reconcile import ReconcileReport, reconcile
from call_log.store import CallStore
from cti.app.clocks import known_offset
from cti.app.naming import by_pbx
from cti.app.profiles import profile_of
from cti.app.storage import open_database
from cti.kernel.clock import SystemClock
from cti.kernel.db import transient
from cti.kernel.errors import ConfigurationError, TamasError
from cti.kernel.settings import Settings
from cti.live.events import CallEnded, PbxLinkChanged
from cti.live.profile import Profile
from web.i18n import N_
from web.services import Finding

if TYPE_CHECKING:
    from cti.app.product import Product

log = logging.getLogger(__name__)

HEARD: tuple[type[PbxLinkChanged | CallEnded], ...] = (PbxLinkChanged, CallEnded)
"""What ``Reconciler.take`` wants to hear from the bus."""

FIRST_SECONDS = 3.0
"""After a connect the PBX's records of what happened meanwhile are read this soon."""
AGAIN_SECONDS = SETTLE_SECONDS + 3.0
"""And once more, when what was then too fresh to judge has settled."""
RETRY_SECONDS = 10.0
BACK_SECONDS = 86400.0
"""How far back the first comparison of a start looks."""
OVERLAP_SECONDS = 3600.0
DEMO_MINUTES = 0.5
_SPAN = re.compile(r"^(\d+)\s*([mhd])$")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}


def addresses(settings: Settings, names: Sequence[str]) -> Mapping[str, str]:
    """PBX -> where its CDR and CEL are (``CTI_CDR_URL``)."""
    return by_pbx("CTI_CDR_URL", settings.cdr_url, names)


def source_zone(settings: Settings) -> ZoneInfo:
    """The time zone of times that do not tell theirs."""
    return ZoneInfo(settings.cdr_timezone or settings.timezone)


class Reconciler:
    """Keeps one PBX's log equal to its truth: soon after each connect, then every few minutes.

    ``error`` is why the last comparison could not be made, None after a success.
    """

    def __init__(self, product: Product, pbx: str, source: TruthSource | None) -> None:
        self.pbx = pbx
        self.error: str | None = None
        self.last: ReconcileReport | None = None
        self.has_source = source is not None
        self._product = product
        self._source = source
        self._wanted = asyncio.Event()
        self._due: list[float] = []
        self._since = product.clock.now() - BACK_SECONDS

    def take(self, event: PbxLinkChanged | CallEnded) -> None:
        """After a gap, and when a call ended of which a part was not seen, the truth is asked soon."""
        if isinstance(event, PbxLinkChanged):
            if event.pbx == self.pbx and event.up:
                self.want(FIRST_SECONDS)
                self.want(AGAIN_SECONDS)
        elif event.record.pbx == self.pbx and event.record.outcome == "lost":
            self.want(AGAIN_SECONDS)

    def want(self, seconds: float = 0.0) -> None:
        """Compare after so many seconds, or a little later together with what else is wanted."""
        at = self._product.clock.monotonic() + seconds
        if not any(at <= due <= at + FIRST_SECONDS for due in self._due):
            self._due.append(at)
            self._wanted.set()

    async def run(self) -> None:
        """Compare for ever."""
        minutes = DEMO_MINUTES if self._product.demo else self._product.settings.reconcile_minutes
        while True:
            await self._turn(minutes * 60.0 if minutes else float("inf"))
            await self.compare()

    async def _turn(self, longest: float) -> None:
        """Return when it is time to compare."""
        clock = self._product.clock
        latest = clock.monotonic() + longest
        while (due := min([latest, *self._due])) > clock.monotonic():
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if due == float("inf") else due - clock.monotonic()):
                    await self._wanted.wait()
        self._due = [at for at in self._due if at > clock.monotonic()]

    async def compare(self) -> ReconcileReport | None:
        """One comparison of what is new since the last; None if it could not be made, and is tried again soon."""
        try:
            report = await self._compare()
        except Exception as error:
            if not (isinstance(error, (TamasError, OSError)) or transient(error)):
                raise
            self.error = str(error)
            self.want(RETRY_SECONDS)
            log.warning("PBX %s: its own records cannot be compared: %s", self.pbx, error)
            return None
        self.error, self.last = None, report
        if report.differences:
            log.info("%s", report.lines()[0])
        return report

    async def _compare(self) -> ReconcileReport:
        product, listener = self._product, self._listener()
        until = product.clock.now()
        # Before the PBX has told what is up, a call that the tracker does not know may be up all the same.
        live = {call.record.id for call in listener.tracker.snapshot()} if listener.asked else None
        if live is None and listener.connection.state.phase == "up":
            self.want(FIRST_SECONDS)
        await product.recorder.flush()
        report = await reconcile(
            product.store, product.ledger, self._source, self.pbx, self._since, until, product.clock, live=live
        )
        self._since = until - OVERLAP_SECONDS
        return report

    def _listener(self) -> PbxListener:
        return next(x for x in self._product.listeners if x.url.name == self.pbx)

    async def close(self) -> None:
        """Let go of the source."""
        if self._source is not None:
            await self._source.close()


def since_of(text: str, now: float, zone: ZoneInfo) -> float:
    """``30m``, ``6h``, ``2d`` back from now, or the beginning of a date at the site. Raises ``ConfigurationError``."""
    match = _SPAN.match(text.strip())
    if match:
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigurationError(f"--since {text!r}: 30m, 6h, 2d or a date such as 2026-11-22") from error
    return dt.datetime.combine(day, dt.time(), zone).timestamp()


async def reconcile_once(settings: Settings, since: str) -> list[str]:
    """``cti reconcile``: the report's lines of every PBX. Works beside a running product, and without one."""
    clock = SystemClock()
    names = [url.name for url in parse_urls(settings.pbx_url)] or ["main"]
    found = addresses(settings, names)
    if not found:
        raise ConfigurationError("CTI_CDR_URL is not set: there is nothing to compare with")
    begin = since_of(since, clock.now(), ZoneInfo(settings.timezone))
    database = await open_database(settings)
    store, ledger = CallStore(database), Ledger(database, ZoneInfo(settings.timezone))
    lines: list[str] = []
    try:
        for name, url in found.items():
            profile = profile_of(settings, name)
            ahead = await known_offset(ledger, name, clock.now())
            source = open_truth(url, profile=profile, pbx=name, zone=source_zone(settings), ahead=_always(ahead))
            try:
                lines += (await reconcile(store, ledger, source, name, begin, clock.now(), clock)).lines()
            finally:
                await source.close()
    finally:
        await database.close()
    return lines


def check_truth(pbx: str, error: str | None, configured: bool) -> list[Finding]:
    """Whether the PBX's own records can be read."""
    values = {"pbx": pbx, "reason": error or ""}
    if not configured:
        mend = N_("Set CTI_CDR_URL to the folder or database where Asterisk keeps its CDR and CEL.")
        return [
            Finding("warn", N_("PBX %(pbx)s: its CDR and CEL are not read, so nothing proves the log."), mend, values)
        ]
    if error is None:
        return [Finding("ok", N_("PBX %(pbx)s: its own records are read and compared."), "", values)]
    mend = N_("Check CTI_CDR_URL, the rights of its user, and CTI_CDR_TIMEZONE.")
    return [Finding("bad", N_("PBX %(pbx)s: its CDR and CEL cannot be read: %(reason)s."), mend, values)]


def _always(seconds: float) -> Callable[[float], float]:
    return lambda _at: seconds


async def check_sources(settings: Settings, names: Sequence[str]) -> list[Finding]:
    """For ``cti doctor``: whether each PBX's records can be read."""
    found: list[Finding] = []
    try:
        where = addresses(settings, names)
    except ConfigurationError as error:
        return [Finding("bad", N_("The settings are wrong: %(reason)s."), "", {"reason": str(error)})]
    now = SystemClock().now()
    for name in names:
        reason = await _try(where[name], name, settings, now) if name in where else None
        found += check_truth(name, reason, name in where)
    return found


async def _try(url: str, name: str, settings: Settings, now: float) -> str | None:
    try:
        source = open_truth(url, profile=Profile(), pbx=name, zone=source_zone(settings))
        try:
            await source.read(now - 3600.0, now)
        finally:
            await source.close()
    except (TamasError, OSError) as error:
        return str(error)
    return None
