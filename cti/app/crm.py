"""The services of ``crm_core``, made over one database: the one place that knows what each is made of."""

from __future__ import annotations

from functools import partial

from crm_core.audit.service import Audit
from crm_core.contacts.lookup import Lookup
from crm_core.contacts.service import Contacts
from crm_core.exchange.means import Means
from crm_core.exchange.rows import Limits as FileLimits
from crm_core.exchange.service import Exchange
from crm_core.fields.service import Fields
from crm_core.replies.service import Replies
from crm_core.search.service import Search
from crm_core.timeline.service import Timeline
from crm_core.users.access import Access
from crm_core.users.desks import Desks
from crm_core.users.directory import Directory
from crm_core.users.limits import Limits
from crm_core.users.passwords import Passwords
from crm_core.users.roles import Roles
from crm_core.users.roster import Roster
from crm_core.users.second_step import SecondStep
from crm_core.users.service import Users
from crm_core.users.sessions import Sessions
from crm_core.users.teams import Teams
from crm_core.users.tokens import Tokens
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from cti.live.numbers import e164
from web.services import Crm


def open_crm(settings: Settings, database: Database, clock: Clock) -> Crm:
    """All of it; nothing is read or started yet."""
    audit = Audit(database, clock)
    fields = Fields(database, clock, audit)
    numbers = partial(e164, region=settings.region, area_code=_area_code(settings))
    access, passwords, limits = Access(database, clock), Passwords(), Limits(database, clock)
    directory = Directory(database)
    return Crm(
        database=database,
        replies=Replies(database, clock),
        audit=audit,
        access=access,
        users=Users(database, clock, audit, access, passwords, limits),
        roster=Roster(database),
        directory=directory,
        desks=Desks(database, clock, audit, access, directory),
        roles=Roles(database, clock, audit, access),
        teams=Teams(database, clock, audit, access),
        sessions=Sessions(database, clock, audit, access, passwords, limits),
        second_step=SecondStep(database, clock, audit, access, passwords, limits),
        tokens=Tokens(database, clock, audit, access),
        fields=fields,
        timeline=Timeline(database, audit),
        contacts=Contacts(database, clock, audit, fields, numbers),
        lookup=Lookup(database),
        search=Search(database),
    )


def _area_code(settings: Settings) -> str:
    """The site's own: of the first PBX that names one."""
    return next((str(code) for table in settings.pbx.values() if (code := table.get("area_code"))), "")
