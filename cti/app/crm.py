"""The services of ``crm_core``, made over one database: the one place that knows what each is made of."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from call_log.store import CallStore
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
from crm_core.exchange.means import Means
from crm_core.exchange.rows import Limits as FileLimits
from crm_core.exchange.service import Exchange
from crm_core.fields.service import Fields
from crm_core.figures.rules import FiguresRules
from crm_core.files.service import MEGABYTE, Files
from crm_core.notes.service import Notes
from crm_core.replies.service import Replies
from crm_core.results.dispositions import Dispositions
from crm_core.results.part import Calls, CallSource
from crm_core.results.service import CallResults
from crm_core.search.service import Search
from crm_core.softphones.service import Softphones
from crm_core.tasks.service import Tasks
from crm_core.timeline.service import Timeline
from crm_core.users.access import Access
from crm_core.users.desks import Desks
from crm_core.users.directory import Directory
from crm_core.users.limits import Limits
from crm_core.users.passwords import Passwords
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
from cti.app.calls import CallParts
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from cti.kernel.vault import Vault
from cti.live.numbers import e164
from web.services import Crm


def open_crm(settings: Settings, database: Database, clock: Clock, calls: CallSource | None = None) -> Crm:
    """All of it; nothing is read or started yet. ``calls``: the call log of this database, unless it is another."""
    audit = Audit(database, clock)
    fields = Fields(database, clock, audit)
    numbers = partial(e164, region=settings.region, area_code=_area_code(settings))
    access, passwords, limits = Access(database, clock), Passwords(), Limits(database, clock)
    directory = Directory(database)
    timeline = Timeline(database, audit)
    users = Users(database, clock, audit, access, passwords, limits)
    teams = Teams(database, clock, audit, access)
    contacts = Contacts(database, clock, audit, fields, users, teams, numbers)
    notes = Notes(database, clock, audit, timeline, users)
    agent_rules, reach = AgentRules(database, audit), TeamReach()
    alert_rules = AlertsRules(database, audit)
    agents = Agents(database, clock, agent_rules, settings.language)
    tasks = Tasks(database, clock, audit, timeline, users, ZoneInfo(settings.timezone))
    dispositions = Dispositions(database, clock, audit)
    files = _files(settings, database, clock, audit, timeline)
    duplicates = Duplicates(database, clock, audit, contacts)
    exchange = _exchange(settings, database, clock, audit, contacts, timeline, notes, users, teams)
    # The timeline last: it takes out the entries of what the others let go.
    kept = tasks, notes, files, duplicates, exchange, timeline
    trash = Trash(
        database, clock, audit, contacts, settings.trash_days, [one.forget for one in kept], sweep=[files.sweep]
    )
    said = Calls(calls or CallParts(CallStore(database)), users)
    return Crm(
        database=database,
        replies=Replies(database, clock),
        audit=audit,
        agents=agents,
        supervising=Supervising(agents, agent_rules, reach, audit, clock, settings.language),
        messages=Messages(database, clock, audit, reach),
        agent_rules=agent_rules,
        figure_rules=FiguresRules(database, audit),
        access=access,
        users=users,
        roster=Roster(database),
        directory=directory,
        desks=Desks(database, clock, audit, access, directory),
        reach=reach,
        roles=Roles(database, clock, audit, access),
        teams=teams,
        sessions=Sessions(database, clock, audit, access, passwords, limits),
        second_step=SecondStep(database, clock, audit, access, passwords, limits),
        tokens=Tokens(database, clock, audit, access),
        starting=Starting(database, clock, access, users, passwords),
        fields=fields,
        timeline=timeline,
        notes=notes,
        files=files,
        tasks=tasks,
        dispositions=dispositions,
        results=CallResults(database, clock, audit, timeline, dispositions, tasks, users, said),
        softphones=Softphones(database, clock, audit, Vault(settings.folder / "secrets.key")),
        contacts=contacts,
        trash=trash,
        lookup=Lookup(database),
        search=Search(database),
        duplicates=duplicates,
        duplicate_watch=DuplicateWatch(database, clock),
        exchange=exchange,
        alerts=Alerts(database, clock, alert_rules, reach, ZoneInfo(settings.timezone)),
        alert_rules=alert_rules,
        wallboards=Wallboards(database, clock, audit, reach),
    )


def _exchange(
    settings: Settings, database: Database, clock: Clock, audit: Audit, contacts: Contacts, timeline: Timeline,
    notes: Notes, users: Users, teams: Teams,
) -> Exchange:  # fmt: skip
    means = Means(database, clock, audit, contacts, timeline, notes, users, teams, folder=settings.folder / "imports")
    means.region, means.area_code = settings.region, _area_code(settings)
    means.limits = FileLimits(file_bytes=int(settings.import_megabytes * 2**20))
    return Exchange(means)


def _files(settings: Settings, database: Database, clock: Clock, audit: Audit, timeline: Timeline) -> Files:
    largest, room = int(settings.file_megabytes * MEGABYTE), int(settings.files_megabytes * MEGABYTE)
    return Files(database, clock, audit, timeline, settings.folder / "files", largest, room)


def _area_code(settings: Settings) -> str:
    """The site's own: of the first PBX that names one."""
    return next((str(code) for table in settings.pbx.values() if (code := table.get("area_code"))), "")
