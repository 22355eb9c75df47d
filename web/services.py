"""What the pages and the API need from the rest of the product: the whole list, in one place.

``cti.app`` fills it with the real things; tests fill it with data. Nothing in ``web`` reaches past it.
Neighbours: ``call_log.service`` and ``crm_core`` have the questions and answers, ``screenpop.feed`` the pushes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from call_log.figures import FigureReports
from call_log.service import Calls, Truths
from crm_core.agents.messages import Messages
from crm_core.agents.rules import AgentRules
from crm_core.agents.service import Agents
from crm_core.agents.supervising import Supervising
from crm_core.alerts.rules import AlertsRules
from crm_core.alerts.service import Alerts
from crm_core.audit.service import Audit
from crm_core.contacts.lookup import Lookup
from crm_core.contacts.service import Contacts
from crm_core.contacts.trash import Trash
from crm_core.duplicates.service import Duplicates
from crm_core.duplicates.watch import DuplicateWatch
from crm_core.exchange.service import Exchange
from crm_core.fields.service import Fields
from crm_core.figures.rules import FiguresRules
from crm_core.files.service import Files
from crm_core.notes.service import Notes
from crm_core.replies.service import Replies
from crm_core.results.dispositions import Dispositions
from crm_core.results.service import CallResults
from crm_core.search.service import Search
from crm_core.softphones.service import Softphones
from crm_core.tasks.service import Tasks
from crm_core.timeline.service import Timeline
from crm_core.users.access import Access
from crm_core.users.desks import Desks
from crm_core.users.directory import Directory
from crm_core.users.places import Places
from crm_core.users.reach import TeamReach
from crm_core.users.roles import Roles
from crm_core.users.roster import Roster
from crm_core.users.second_step import SecondStep
from crm_core.users.service import Users
from crm_core.users.sessions import Sessions
from crm_core.users.starting import Starting
from crm_core.users.teams import Teams
from crm_core.users.tokens import Tokens
from crm_core.wallboards.service import Wallboards
from cti.control.service import Commands, unconnected
from cti.control.spying import Spying, nobody_reached
from cti.control.steering import Steering, unreached
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock, SystemClock
from cti.kernel.db import Database
from screenpop.feed import Feed
from screenpop.playbacks import Playbacks, nothing_kept

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing that the doctor looked at. ``title`` and ``mend`` are English and the keys of their
    translation; ``values`` fills their ``%(name)s`` places."""

    level: Level
    title: str
    mend: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PbxSetup:
    """What one PBX and the product must be told of each other, as text to paste.

    ``listener`` and ``actions`` are sections of ``manager.conf``, ``settings`` the product's own
    settings, ``profile`` the TOML of its profile with what was found by itself, ``media`` a section of
    ``websocket_client.conf``.
    """

    pbx: str
    connected: bool
    listener: str
    actions: str
    settings: str
    profile: str
    media: str = ""


class IceServer(msgspec.Struct, frozen=True):
    """A STUN or TURN server that softphones may use, with what it is signed in to with."""

    urls: str
    username: str = ""
    credential: str = ""


@dataclass(frozen=True)
class Crm:
    """The services of ``crm_core``, over one database; ``cti.app.crm`` makes them."""

    database: Database
    replies: Replies
    access: Access
    users: Users
    roster: Roster
    directory: Directory
    desks: Desks
    reach: TeamReach
    roles: Roles
    teams: Teams
    sessions: Sessions
    second_step: SecondStep
    tokens: Tokens
    starting: Starting
    audit: Audit
    fields: Fields
    contacts: Contacts
    trash: Trash
    lookup: Lookup
    search: Search
    duplicates: Duplicates
    duplicate_watch: DuplicateWatch
    exchange: Exchange
    timeline: Timeline
    notes: Notes
    files: Files
    tasks: Tasks
    softphones: Softphones
    dispositions: Dispositions
    results: CallResults
    agents: Agents
    agent_rules: AgentRules
    supervising: Supervising
    messages: Messages
    figure_rules: FiguresRules
    alert_rules: AlertsRules
    wallboards: Wallboards
    alerts: Alerts


class Lines(Protocol):
    """Is told of softphones' lines: ``page`` is what a page calls itself, and no other does."""

    def opened(self, actor: Actor, pbx: str, page: str) -> None: ...

    def closed(self, actor: Actor, pbx: str, page: str) -> None: ...


class Unheard:
    """Lines that nobody asks about."""

    def opened(self, actor: Actor, pbx: str, page: str) -> None:
        return

    def closed(self, actor: Actor, pbx: str, page: str) -> None:
        return


async def _nothing(_actor: Actor, _pbx: str) -> str:
    return ""


@dataclass(frozen=True)
class Services:
    calls: Calls
    truth: Truths
    feed: Feed
    crm: Crm
    figures: FigureReports
    clock: Clock
    doctor: Callable[[], Awaitable[Sequence[Finding]]]
    setups: Callable[[], Sequence[PbxSetup]]
    readiness: Callable[[], Awaitable[Mapping[str, str | None]]]
    """Each thing that the product stands on -> None, or why it is not ready."""
    metrics: Callable[[], bytes]
    """The Prometheus text of this process."""
    places: Places = field(default_factory=Places)
    """Who works at which phone now."""
    commands: Commands = field(default_factory=lambda: unconnected(SystemClock()))
    steering: Steering = field(default_factory=lambda: unreached(SystemClock()))
    spying: Spying = field(default_factory=lambda: nobody_reached(SystemClock()))
    playbacks: Playbacks = field(default_factory=lambda: nothing_kept(SystemClock()))
    sip: Mapping[str, str] = field(default_factory=dict)
    """PBX -> the address where it takes SIP over WebSocket."""
    softphone_conf: Callable[[Actor, str], Awaitable[str]] = _nothing
    """What a PBX's file of softphone secrets is made with, as a command to run; empty where there is none."""
    lines: Lines = field(default_factory=Unheard)
    ice: tuple[IceServer, ...] = ()
    """What helps softphones through firewalls."""
    pbxs: tuple[str, ...] = ("main",)
    """The names of the PBXs that are configured."""
    language: str = "fa"
    timezone: str = "Asia/Tehran"
    region: str = "IR"
    demo: bool = False
    """True while the calls come from the simulated PBX."""
    behind_proxy: bool = False
    """True where a proxy on this machine ends TLS for us, so that what it says of its clients is believed."""
    public_hosts: tuple[str, ...] = ()
    """Host names, besides loopback's, that the product is reached by."""
