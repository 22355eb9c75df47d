"""What is wrong with this installation, and the mend: ``cti doctor`` and the page that connects a PBX.

Each check is a small function that looks at one thing and gives findings. Texts are English here and
translated where they are shown. Neighbours: ``setups`` prints what to paste, ``web.services.Finding`` is the shape.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ami_listener import manager_conf
from ami_listener.actions import AmiPbx
from ami_listener.connection import PbxConnection
from ami_listener.link import Fault
from ami_listener.listener import CLOCK_TOLERANCE, PbxListener
from ami_listener.media import InUseError, MediaServer, can_send
from ami_listener.url import parse_urls
from cti.app.media import comes, open_media
from cti.app.profiles import profile_of
from cti.app.truth import check_sources, check_truth
from cti.control.contexts import DIAL
from cti.control.port import Pbx, PbxRefusedError, PbxSilentError, PbxUnreachableError
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from web.i18n import N_
from web.services import Finding

if TYPE_CHECKING:
    from cti.app.product import Product

MENDS: dict[Fault, str] = {
    "unreachable": N_("Check host and port, that Asterisk runs, bindaddr in manager.conf, and the firewall."),
    "timeout": N_("Nothing answers there: check the address, the firewall, and whether Asterisk hangs."),
    "tls": N_("Check tlsenable and the certificate in manager.conf, or use ami:// inside a trusted network."),
    "not_ami": N_("Something else listens on that port: AMI is on 5038 by default (manager.conf: port)."),
    "wrong_secret": N_("Compare user and secret with manager.conf, and its permit lines with our address."),
    "no_permission": N_("Give this user the rights printed on the page Connect."),
    "busy": N_("Set allowmultiplelogin = yes in manager.conf, or end the other login."),
    "filter": N_("The event filter is set up again without it; update Asterisk or paste the filters printed here."),
    "refused": N_("Read Asterisk's own log for the reason."),
    "silent": N_("The network or Asterisk hangs: the link is tried again by itself."),
    "closed": N_("Asterisk restarts, or cuts us for reading too slowly: set writetimeout = 5000."),
    "flooded": N_("A block without end: report it with the journal's file."),
    "stopped": "",
}
LEAST_FREE = 1 << 30
FEW_EVENTS = 500
USED_SHARE = 0.5


def check_link(listener: PbxListener) -> list[Finding]:
    """The link itself; without it nothing else can be told of this PBX."""
    state = listener.connection.state
    values = {"pbx": listener.url.name, "reason": state.reason, "version": state.version or "?"}
    if state.phase == "up":
        return [Finding("ok", N_("PBX %(pbx)s: connected, Asterisk %(version)s."), "", values)]
    mend = MENDS.get(state.fault or "refused", "")
    return [Finding("bad", N_("PBX %(pbx)s: no link: %(reason)s."), mend, values)]


def check_rights(listener: PbxListener) -> list[Finding]:
    """What this login may ask."""
    lacking = manager_conf.missing("listener", listener.connection.state.permitted)
    values = {"pbx": listener.url.name, "features": ", ".join(feature.name for feature in lacking)}
    if not lacking:
        return [Finding("ok", N_("PBX %(pbx)s: the login may ask all that it needs."), "", values)]
    mend = N_("Add write = reporting to the user in manager.conf; without it a lost link cannot be made good.")
    return [Finding("bad", N_("PBX %(pbx)s: the login may not ask for all: %(features)s."), mend, values)]


def check_events(listener: PbxListener) -> list[Finding]:
    """Whether what is needed comes, with times, and little else."""
    values = {"pbx": listener.url.name}
    found: list[Finding] = []
    if listener.tracker.oddities["a change was seen only in a list"]:
        mend = N_("Give the user read = call,agent,dialplan,dtmf,system, and compare its filters with those here.")
        found.append(Finding("bad", N_("PBX %(pbx)s: it does not send all events of calls."), mend, values))
    if listener.translator.untimed > FEW_EVENTS // 10:
        mend = N_("Set timestampevents = yes in manager.conf: times are now only as good as the network.")
        found.append(Finding("warn", N_("PBX %(pbx)s: it sends no time with its events."), mend, values))
    counts = listener.connection.counts
    if counts.blocks > FEW_EVENTS and counts.messages < counts.blocks * USED_SHARE:
        values = {**values, "share": f"{100 * counts.messages / counts.blocks:.0f}"}
        mend = N_("Paste the eventfilter lines printed here: the PBX and the network then do less.")
        found.append(Finding("warn", N_("PBX %(pbx)s: only %(share)s%% of what it sends is used."), mend, values))
    return found


def check_clock(listener: PbxListener) -> list[Finding]:
    """How far the PBX's clock is off."""
    offset = listener.connection.pbx_clock.offset
    if offset is None or abs(offset) < CLOCK_TOLERANCE:
        return []
    mend = N_("Let NTP set it; until then the times of calls are corrected by this.")
    values = {"pbx": listener.url.name, "seconds": f"{offset:+.1f}"}
    return [Finding("warn", N_("PBX %(pbx)s: its clock is off by %(seconds)s s."), mend, values)]


def check_actions(connection: PbxConnection) -> list[Finding]:
    """The second login, the one that may act."""
    state = connection.state
    values = {"pbx": connection.url.name, "reason": state.reason}
    if state.phase != "up":
        mend = MENDS.get(state.fault or "refused", "")
        return [Finding("bad", N_("PBX %(pbx)s: the login that acts has no link: %(reason)s."), mend, values)]
    lacking = manager_conf.missing("actions", state.permitted)
    if not lacking:
        return [Finding("ok", N_("PBX %(pbx)s: the login that acts has its rights."), "", values)]
    values["features"] = ", ".join(feature.name for feature in lacking)
    mend = N_("Give it the rights under write = that are printed here.")
    return [Finding("warn", N_("PBX %(pbx)s: the login that acts cannot do all: %(features)s."), mend, values)]


PBX_CHECKS: tuple[Callable[[PbxListener], list[Finding]], ...] = (check_rights, check_events, check_clock)


def check_pbx(listener: PbxListener) -> list[Finding]:
    """Everything about one PBX."""
    found = check_link(listener)
    if listener.connection.state.phase == "up":
        for check in PBX_CHECKS:
            found += check(listener)
    return found


async def check_include(listener: PbxListener, acts: bool) -> list[Finding]:
    """Whether the PBX has our contexts, where somebody may act on it."""
    if not acts or listener.connection.state.phase != "up":
        return []
    try:
        there = await AmiPbx(listener.connection).has_context(DIAL)
    except (PbxRefusedError, PbxUnreachableError, PbxSilentError):
        return []
    if there is not False:
        return []
    mend = N_("Write it with cti dialplan --pbx %(pbx)s --write FILE and add one line to your own: docs/dialplan.md.")
    values = {"pbx": listener.url.name}
    return [Finding("warn", N_("PBX %(pbx)s: it lacks the contexts for calls by a click and transfers."), mend, values)]


async def check_media(listener: PbxListener, media: MediaServer, pbx: Pbx | None) -> list[Finding]:
    """Whether the sound of calls comes here, for who listens without a phone. ``pbx``: one that may act there."""
    state = listener.connection.state
    if state.phase != "up" or pbx is None:
        return []
    values = {"pbx": listener.url.name, "version": state.version or "?"}
    if can_send(state.version) is False:
        title = N_("PBX %(pbx)s: Asterisk %(version)s cannot send sound to a browser; who listens needs a phone.")
        return [Finding("warn", title, N_("Asterisk has it from 20.16, 21.11 and 22.6 on."), values)]
    try:
        if await comes(media, pbx):
            return [Finding("ok", N_("PBX %(pbx)s: it brings the sound of calls that are listened to."), "", values)]
    except (PbxRefusedError, PbxUnreachableError, PbxSilentError):
        return []  # what that login may not is found by another check
    mend = N_("Add the printed section to its websocket_client.conf, load it, and let it reach CTI_MEDIA.")
    return [Finding("warn", N_("PBX %(pbx)s: no sound comes for who listens without a phone."), mend, values)]


async def check_database(database: Database) -> list[Finding]:
    """Whether the database answers."""
    try:
        async with asyncio.timeout(5), database.read() as reader:
            await reader.one("SELECT 1")
    except Exception as error:  # whatever the driver raises is the finding
        mend = N_("Check CTI_DATABASE_URL, that the server runs, and the rights of its user.")
        return [Finding("bad", N_("The database does not answer: %(reason)s."), mend, {"reason": str(error)})]
    return [Finding("ok", N_("The database answers."))]


def check_disk(settings: Settings) -> list[Finding]:
    """Room for the database and the journal."""
    free = shutil.disk_usage(settings.folder if settings.folder.exists() else ".").free
    if free >= LEAST_FREE:
        return []
    mend = N_("Free some, or lower CTI_JOURNAL_DAYS and CTI_JOURNAL_MEGABYTES.")
    return [Finding("bad", N_("Only %(free)s MB are free on the disk."), mend, {"free": str(free >> 20)})]


class Doctor:
    """Examines a running product."""

    def __init__(self, product: Product) -> None:
        self._product = product

    async def examine(self) -> Sequence[Finding]:
        """Every finding, in the order in which things depend on each other."""
        product = self._product
        found = [*await check_database(product.database), *check_disk(product.settings)]
        errors = {r.pbx: r.error for r in product.reconcilers if r.has_source}
        for listener in product.listeners:
            found += check_pbx(listener)
            name = listener.url.name
            found += check_truth(name, errors.get(name), name in errors)
            found += await check_include(listener, name in {one.url.name for one in product.actors})
            if product.settings.media:
                found += await check_media(listener, product.control.monitoring.media, product.pbxs.get(name))
        for connection in product.actors:
            found += check_actions(connection)
        return found


async def examine(settings: Settings, seconds: float = 8.0) -> Sequence[Finding]:
    """``cti doctor``: connect for a few seconds, look, and leave. Does not need the product to run."""
    found = check_disk(settings)
    database = await Database.open(settings.database)
    found += await check_database(database)
    await database.close()
    urls = parse_urls(settings.pbx_url)
    if not urls:
        mend = N_("Set CTI_PBX_URL, for example ami://tamas:SECRET@192.0.2.10:5038/?name=main.")
        found.append(Finding("warn", N_("No PBX is configured: the demo PBX plays calls."), mend))
    listeners = [PbxListener(url, profile_of(settings, url.name), _ignore, SystemClock()) for url in urls]
    actors = [
        PbxConnection(url, on_link=_ignore, classes=(), clock=SystemClock())
        for url in parse_urls(settings.pbx_actions_url)
    ]
    runs = [*(x.run() for x in listeners), *(x.run() for x in actors)]
    tasks = [asyncio.create_task(run) for run in runs]
    await asyncio.gather(
        *(_settled(x.connection, seconds, x) for x in listeners), *(_settled(x, seconds) for x in actors)
    )
    for listener in listeners:
        found += check_pbx(listener)
        found += await check_include(listener, listener.url.name in {one.url.name for one in actors})
    for connection in actors:
        found += check_actions(connection)
    found += await _check_sound(settings, listeners, actors)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [*found, *await check_sources(settings, [u.name for u in urls])]


async def _check_sound(
    settings: Settings, listeners: Sequence[PbxListener], actors: Sequence[PbxConnection]
) -> list[Finding]:
    """With a server of our own at ``CTI_MEDIA``; where the product runs there, it examines this itself."""
    if not settings.media:
        return []
    media, found = MediaServer(), list[Finding]()
    try:
        await open_media(media, settings, SystemClock().now())
    except InUseError:
        return [Finding("ok", N_("Something listens at CTI_MEDIA: the page Connect tells whether sound comes there."))]
    acting = {one.url.name: AmiPbx(one) for one in actors}
    for listener in listeners:
        found += await check_media(listener, media, acting.get(listener.url.name))
    await media.close()
    return found


def _ignore(_event: object) -> None:
    """Nobody listens: the doctor only looks."""


async def _settled(connection: PbxConnection, seconds: float, listener: PbxListener | None = None) -> None:
    """Return when the link is up and was asked how things stand, or has failed, or time is up."""
    deadline = connection.clock.monotonic() + seconds
    while connection.clock.monotonic() < deadline:
        phase = connection.state.phase
        if phase in ("refused", "down") or (phase == "up" and (listener is None or listener.resyncs)):
            return
        await connection.clock.sleep(0.1)
