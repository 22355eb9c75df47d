"""Each permission in words: what it is called, and a sentence on what it lets one do, in groups.

Neighbours: ``cti.kernel.actor.PERMISSIONS`` is the list, and a test holds this to it; the pages of roles and tokens
show it.
"""

from __future__ import annotations

from typing import NamedTuple

from web.i18n import N_


class Words(NamedTuple):
    name: str
    title: str
    says: str


class Group(NamedTuple):
    title: str
    permissions: tuple[Words, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        N_("Calls"),
        (
            Words("live.view", N_("Live page"), N_("Sees which calls are up now and what each agent does.")),
            Words("live.act", N_("Act on calls"), N_("Ends, takes over and moves the calls of their teams.")),
            Words("monitor.listen", N_("Listen in"), N_("Hears the calls of their teams while they last.")),
            Words("monitor.speak", N_("Whisper and barge in"), N_("Speaks to an agent in a call, or to both sides.")),
            Words("playback.view", N_("Playback"), N_("Sees the live page as it was at any time.")),
            Words("calls.view", N_("Own calls"), N_("Sees the calls that their own phone had a part in.")),
            Words("calls.view_team", N_("Calls of the team"), N_("Sees the calls of everybody in their teams.")),
            Words("calls.view_all", N_("All calls"), N_("Sees every call, also those that nobody took.")),
            Words("calls.export", N_("Export calls"), N_("Saves lists of the calls that they see as files.")),
            Words("recordings.listen", N_("Recordings"), N_("Listens to recordings of the calls that they see.")),
            Words("numbers.view", N_("Whole numbers"), N_("Sees phone numbers whole; without it they are masked.")),
            Words("truth.view", N_("Check of the log"), N_("Sees how the call log compares with the PBX's records.")),
        ),
    ),
    Group(
        N_("People"),
        (
            Words("contacts.view", N_("See contacts"), N_("Sees contacts and companies, and finds them.")),
            Words("contacts.edit", N_("Write contacts"), N_("Makes and changes contacts, notes, files and tags.")),
            Words("contacts.delete", N_("Delete contacts"), N_("Puts contacts in the trash and takes them out.")),
            Words("contacts.merge", N_("Merge contacts"), N_("Makes one of two that are the same, and undoes it.")),
            Words("contacts.import", N_("Import"), N_("Brings in contacts from files, and takes an import back.")),
            Words("contacts.export", N_("Export contacts"), N_("Saves lists of contacts as files.")),
            Words("notes.moderate", N_("Others' notes"), N_("Changes and deletes notes that others wrote.")),
        ),
    ),
    Group(
        N_("Work"),
        (
            Words("tasks.use", N_("Tasks"), N_("Has tasks, and gives tasks to others.")),
            Words("tasks.view_all", N_("All tasks"), N_("Sees the tasks of everybody.")),
            Words("desk.use", N_("Take calls"), N_("Sees who is calling, and has a state: ready, paused…")),
            Words("calls.dial", N_("Click to call"), N_("Calls any number in the product by a click.")),
            Words("agents.view", N_("Colleagues"), N_("Sees who of the colleagues is free, in a call or away.")),
            Words("agents.manage", N_("Lead agents"), N_("Pauses, frees and signs in others; sends them messages.")),
            Words("desk.choose", N_("Choose a phone"), N_("Sits down at another phone for the day.")),
            Words("tokens.own", N_("API tokens"), N_("Makes tokens for programs that act with their rights.")),
        ),
    ),
    Group(
        N_("Administration"),
        (
            Words("users.manage", N_("Users and teams"), N_("Makes and changes users, their teams and phones.")),
            Words("roles.manage", N_("Roles"), N_("Says what each role may do, on this very page.")),
            Words("results.manage", N_("Results and pauses"), N_("Defines results of calls and reasons of pauses.")),
            Words("alerts.manage", N_("Alerts"), N_("Says of what the live page warns, and when.")),
            Words("wallboards.manage", N_("Wallboards"), N_("Makes boards for a screen on the wall, and their links.")),
            Words("figures.manage", N_("Figures"), N_("Says how figures are counted, targets and thresholds.")),
            Words("fields.manage", N_("Fields"), N_("Defines the fields of contacts and companies.")),
            Words("audit.view", N_("Audit"), N_("Sees who saw, changed, exported or listened to what.")),
            Words("pbx.manage", N_("PBX"), N_("Connects a PBX, and sees what it has.")),
        ),
    ),
)

TITLES: dict[str, str] = {words.name: words.title for group in GROUPS for words in group.permissions}
