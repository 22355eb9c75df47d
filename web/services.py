"""What the pages and the API need from the rest of the product: the whole list, in one place.

``cti.app`` fills it with the real things; tests fill it with data. Nothing in ``web`` reaches past it.
Neighbours: ``call_log.query`` has the questions and answers of the call log, ``screenpop.feed`` the pushes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from call_log.query import CallFilter, CallTotals, Difference, Page, TruthDay
from crm_core.audit.service import Audit
from crm_core.contacts.service import Contacts
from crm_core.fields.service import Fields
from crm_core.replies.service import Replies
from crm_core.timeline.service import Timeline
from crm_core.users.access import Access
from crm_core.users.roles import Roles
from crm_core.users.second_step import SecondStep
from crm_core.users.service import Users
from crm_core.users.sessions import Sessions
from crm_core.users.teams import Teams
from crm_core.users.tokens import Tokens
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.live.record import CallRecord
from screenpop.feed import Feed

Level = Literal["ok", "warn", "bad"]


class CallLog(Protocol):
    """The call log's questions (``call_log.search`` and ``call_log.store``)."""

    async def page(self, wanted: CallFilter, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]:
        """Newest first; ``cursor`` is ``Page.next`` of the page before. InvalidError: a bad cursor or number."""

    async def totals(self, wanted: CallFilter) -> CallTotals:
        """What the calls that match come to."""

    async def get(self, call_id: str) -> CallRecord | None:
        """The record; for the id of a call that became part of another, the surviving one."""


class Truth(Protocol):
    """How our log compares with the PBX's own records (``call_log.ledger``)."""

    async def days(self, pbx: str, newest: str, count: int = 31) -> Sequence[TruthDay]:
        """``count`` days back from ``newest`` (``YYYY-MM-DD``), that one first."""

    async def day_differences(self, pbx: str, day: str) -> Sequence[Difference]:
        """All that were ever found for one day, repaired or not."""

    async def differences_of(self, call_id: str) -> Sequence[Difference]:
        """All that were ever found for one call."""

    async def confirmed_at(self, call_id: str) -> float | None:
        """When the PBX's truth was last seen to hold this call too; None: never compared, or not in it."""


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
    settings, ``profile`` the TOML of its profile with what was found by itself.
    """

    pbx: str
    connected: bool
    listener: str
    actions: str
    settings: str
    profile: str


@dataclass(frozen=True)
class Crm:
    """The services of ``crm_core``, over one database; ``cti.app.crm`` makes them."""

    database: Database
    replies: Replies
    access: Access
    users: Users
    roles: Roles
    teams: Teams
    sessions: Sessions
    second_step: SecondStep
    tokens: Tokens
    audit: Audit
    fields: Fields
    contacts: Contacts
    timeline: Timeline


@dataclass(frozen=True)
class Services:
    calls: CallLog
    truth: Truth
    feed: Feed
    crm: Crm
    clock: Clock
    doctor: Callable[[], Awaitable[Sequence[Finding]]]
    setups: Callable[[], Sequence[PbxSetup]]
    readiness: Callable[[], Awaitable[Mapping[str, str | None]]]
    """Each thing that the product stands on -> None, or why it is not ready."""
    metrics: Callable[[], bytes]
    """The Prometheus text of this process."""
    pbxs: tuple[str, ...] = ("main",)
    """The names of the PBXs that are configured."""
    language: str = "fa"
    timezone: str = "Asia/Tehran"
    region: str = "IR"
    demo: bool = False
    """True while the calls come from the simulated PBX."""
    public_hosts: tuple[str, ...] = ()
    """Host names, besides loopback's, that the product is reached by."""
