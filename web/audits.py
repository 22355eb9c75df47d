"""The audit in words: what was done, to what, and which fields changed from what to what.

Neighbours: ``pages.audit`` and ``api.audit`` show entries, ``crm_core.audit`` keeps them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from crm_core.audit.service import AuditEntry
from cti.kernel.actor import Actor
from web.i18n import N_
from web.services import Services

ACTIONS: dict[str, str] = {
    "created": N_("Made"),
    "changed": N_("Edited"),
    "deleted": N_("Removed"),
    "restored": N_("Restored"),
    "purged": N_("Deleted for good"),
    "merged": N_("Merged"),
    "unmerged": N_("Merge undone"),
    "saw": N_("Seen"),
    "exported": N_("Exported"),
    "imported": N_("Imported"),
    "reverted": N_("Import undone"),
    "listened": N_("Listened to"),
    "monitor-listen": N_("Listened in"),
    "monitor-whisper": N_("Whispered"),
    "monitor-barge": N_("Joined in"),
    "paused": N_("Recording paused"),
    "signed-in": N_("Signed in"),
    "signed-out": N_("Signed out"),
    "refused": N_("Refused"),
    "ended": N_("Ended a call"),
    "took-over": N_("Took a call over"),
    "put-first": N_("Put a caller first"),
    "moved": N_("Moved a caller"),
    "supervised": N_("Changed an agent's state"),
    "wrote": N_("Wrote a message"),
}
KINDS: dict[str, str] = {
    "audit": N_("Audit"),
    "call": N_("Call"),
    "company": N_("Company"),
    "contact": N_("Contact"),
    "disposition": N_("Result of calls"),
    "field": N_("Field"),
    "file": N_("File"),
    "import": N_("Import"),
    "message": N_("Message"),
    "note": N_("Note"),
    "past": N_("The live page as it was"),
    "role": N_("Role"),
    "softphone": N_("Softphone"),
    "task": N_("Task"),
    "team": N_("Team"),
    "token": N_("API token"),
    "user": N_("User"),
    "wallboard": N_("Wallboard"),
}
FIELDS: dict[str, str] = {
    "active": N_("Active"),
    "agent": N_("Agent"),
    "addresses": N_("Addresses"),
    "birth_date": N_("Date of birth"),
    "browser": N_("Browser"),
    "phone": N_("Phone"),
    "company_id": N_("Company"),
    "desk": N_("Phone"),
    "direction": N_("Direction"),
    "do_not_call": N_("Do not call"),
    "do_not_sms": N_("Do not send SMS"),
    "due": N_("Due"),
    "economic_code": N_("Economic code"),
    "extensions": N_("Extensions"),
    "fields": N_("Further fields"),
    "filter": N_("Filter"),
    "first_name": N_("First name"),
    "format": N_("Kind of file"),
    "from": N_("From"),
    "language": N_("Language"),
    "last_name": N_("Last name"),
    "links": N_("Web and social accounts"),
    "login": N_("User name"),
    "mails": N_("Mail addresses"),
    "min": N_("Talk at least"),
    "reason": N_("Reason"),
    "state": N_("State"),
    "result": N_("Result"),
    "name": N_("Name"),
    "national_id": N_("National ID"),
    "number": N_("Number"),
    "numbers": N_("Numbers"),
    "outcome": N_("Outcome"),
    "owner": N_("Owner"),
    "password": N_("Password"),
    "permissions": N_("Permissions"),
    "position": N_("Position"),
    "queue": N_("Queue"),
    "queues": N_("Queues"),
    "role": N_("Role"),
    "roles": N_("Relationship"),
    "rows": N_("Rows"),
    "source": N_("Source"),
    "tags": N_("Tags"),
    "team": N_("Team"),
    "teams": N_("Teams"),
    "text": N_("Text"),
    "tier": N_("Tier"),
    "title": N_("Title"),
    "to": N_("To"),
    "type": N_("Type"),
    "user": N_("User"),
    "users": N_("Users"),
}
"""Those fields that have a name for people; others are shown by their own."""

LINKS: dict[str, str] = {
    "call": "/calls/",
    "contact": "/contacts/",
    "company": "/companies/",
    "past": "/live/past?at=",
    "user": "/admin/users/",
}

Say = Callable[[str], str]


class Fact(msgspec.Struct, frozen=True):
    """One thing that an entry tells. ``before`` None: it is no change, ``after`` is all there is."""

    name: str
    after: str
    before: str | None = None


def facts(entry: AuditEntry, say: Say) -> tuple[Fact, ...]:
    """What the entry's detail tells, in words."""
    detail = dict(entry.detail or {})
    changed = detail.pop("changed", None)
    found = [Fact(_field(name, say), _text(value, say)) for name, value in detail.items()]
    if isinstance(changed, dict):
        found += [_change(name, pair, say) for name, pair in changed.items()]
    return tuple(found)


def _change(name: str, pair: Any, say: Say) -> Fact:
    if isinstance(pair, list) and len(pair) == 2:
        return Fact(_field(name, say), _text(pair[1], say), _text(pair[0], say))
    return Fact(_field(name, say), _text(pair, say))


def _field(name: str, say: Say) -> str:
    return say(FIELDS[name]) if name in FIELDS else name


SAY_IT_ALL = ("raw", "address", "text", "value", "name")
"""Of a number, a mail, an address, an account: the part that people know it by."""


def _text(value: Any, say: Say) -> str:
    match value:
        case _ if value in (None, "", [], {}):  # a pattern {} would fit every dict
            return "–"
        case bool():
            return say("Yes") if value else say("No")
        case list():
            return say(", ").join(_text(one, say) for one in value)
        case dict():
            said = next((value[name] for name in SAY_IT_ALL if value.get(name)), None)
            if said is not None:
                return _text(said, say)
            return say(", ").join(f"{_field(name, say)}: {_text(one, say)}" for name, one in value.items() if one)
    return str(value)


def link(kind: str, record: str) -> str | None:
    """The page of a record; None where it has none."""
    return LINKS[kind] + quote(record, safe="") if kind in LINKS and record else None


async def names_of(services: Services, actor: Actor, entries: Iterable[AuditEntry]) -> Mapping[tuple[str, str], str]:
    """The names of those records that have one and that ``actor`` may see."""
    of: dict[str, set[str]] = {}
    for entry in entries:
        of.setdefault(entry.kind, set()).add(entry.record)
    found: dict[tuple[str, str], str] = {}
    if "user" in of:
        found |= {("user", user.id): user.name for user in await services.crm.users.directory(actor)}
    parties = of.get("contact", set()) | of.get("company", set())
    if parties and actor.may("contacts.view"):
        for party_id, party in (await services.crm.contacts.get_many(actor, sorted(parties))).items():
            found |= {("contact", party_id): party.name, ("company", party_id): party.name}
    return found


async def _call(services: Services, actor: Actor, record: str) -> None:
    await services.calls.get(actor, record)


async def _party(services: Services, actor: Actor, record: str) -> None:
    actor.require("contacts.view")


async def _user(services: Services, actor: Actor, record: str) -> None:
    if record != actor.id:
        actor.require("users.manage")


SEEN_BY: dict[str, Callable[[Services, Actor, str], Awaitable[None]]] = {
    "call": _call,
    "contact": _party,
    "company": _party,
    "user": _user,
}


async def require_sight(services: Services, actor: Actor, kind: str, record: str) -> None:
    """The trail of a record is for who has audit.view and may see the record: NotFoundError or ForbiddenError else."""
    actor.require("audit.view")
    if kind in SEEN_BY:
        await SEEN_BY[kind](services, actor, record)
