"""JSON schemas of what the API answers, made from the structs that are answered.

``cti.live.record.to_json`` writes times as RFC 3339 text, so where the struct has epoch seconds the
schema says ``date-time``; ``tests/web/api`` holds real answers to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crm_core.agents.messages import Message, Sent
from crm_core.agents.model import Reason, Rules
from crm_core.alerts.rules import AlertRules
from crm_core.audit.service import AuditEntry
from crm_core.contacts.model import Party, PartyKind
from crm_core.duplicates.model import Suggestion
from crm_core.exchange.shown import ContactImport
from crm_core.fields.model import FieldDef
from crm_core.files.model import File
from crm_core.notes.model import Mention, Note
from crm_core.results.model import Branch, CallNote, CallResult, Disposition, Said
from crm_core.tasks.model import Task
from crm_core.users.account import Role, Team, User
from crm_core.users.desks import Desk
from crm_core.users.differences import Difference
from crm_core.users.directory import PbxSeen
from crm_core.users.sessions import SessionInfo
from crm_core.users.tokens import Token
from crm_core.wallboards.model import Wallboard
from cti.control.service import Dialled, Echoing
from cti.control.steering import Taking
from cti.live.alarms import Alert
from cti.live.figures import FigureRules
from cti.live.record import TIME_FIELDS, CallRecord, rfc3339

REF = "#/components/schemas/{name}"


class UserCreated(msgspec.Struct):
    """``one_time``: the password to sign in with once, told this once; null if one was given."""

    user: User
    one_time: str | None


class OneTimePassword(msgspec.Struct):
    """As ``one_time`` of a new user."""

    one_time: str | None


class TokenCreated(msgspec.Struct):
    """``secret`` goes after ``Authorization: Bearer``; it is told this once."""

    token: Token
    secret: str


class Seated(msgspec.Struct):
    """``extension``: the phone that I chose, null if none. ``taken_from``: the names of who lost it to me."""

    extension: str | None
    taken_from: tuple[str, ...] = ()


class Directory(msgspec.Struct):
    """``pbxs``: what each has, as it last told. ``differences``: where that and the users do not agree."""

    pbxs: tuple[PbxSeen, ...]
    differences: tuple[Difference, ...]


class FoundParty(msgspec.Struct):
    """A contact or company. ``number``: the one that was asked for, else the first, E.164 where it is known."""

    id: str
    kind: PartyKind
    name: str
    company: str
    tier: str
    number: str | None


class FoundText(msgspec.Struct):
    """A text that holds the words that were asked for. ``contact`` and ``call``: the ids of what it is about."""

    id: str
    kind: str
    excerpt: str
    contact: str | None
    call: str | None
    written_at: str | None


class TimelineEntry(msgspec.Struct):
    """Something that happened. ``source``: its id among those of its kind (a call's id, a note's). ``facts`` are those
    of its kind: of a call direction, outcome, talk_seconds …; of a note its text; of a file name and size; of a task
    title and due_at. ``attached``: the one contact it is shown with. ``shared``: several have its number."""

    id: str
    kind: str
    source: str
    at: float
    author: str | None
    facts: dict[str, Any]
    attached: str | None
    shared: bool


class SoftphonePhone(msgspec.Struct):
    """An account to register with. ``line``: the path of its WebSocket on this server. ``ours``: its secret is made by
    the product and changes."""

    pbx: str
    endpoint: str
    extension: str
    login: str
    secret: str
    ours: bool
    uri: str
    line: str


class SoftphoneIce(msgspec.Struct):
    """A STUN or TURN server, as ``RTCPeerConnection`` takes it."""

    urls: str
    username: str = ""
    credential: str = ""


class SoftphoneSettings(msgspec.Struct):
    """The phones in the browser of whoever asks; none if no phone of his is one."""

    phones: tuple[SoftphonePhone, ...]
    ice: tuple[SoftphoneIce, ...]


class SoftphoneQuality(msgspec.Struct):
    """The mean opinion score that the figures come to, 1 (bad) to 4.5."""

    mos: float


class Paused(msgspec.Struct, forbid_unknown_fields=True):
    """``until``: when sound is recorded again by itself; null: it is recorded now."""

    until: str | None


class Monitoring(msgspec.Struct, omit_defaults=True):
    """``monitor``: its id; ``agent``: who is heard. ``uniqueid``: of the channel of my phone; ``audio``: where the
    browser hears it."""

    monitor: str
    agent: str
    uniqueid: str = ""
    audio: str = ""


class MonitorState(msgspec.Struct):
    """``by``: the name of whoever listens; ``of_me``: it is I who am heard. ``extension``: the phone that is heard."""

    id: str
    call: str
    mode: str
    by_means: str = msgspec.field(name="with")
    extension: str
    agent: str
    state: str
    since: str
    by: str
    of_me: bool


class WallboardIssued(msgspec.Struct):
    """A board with its new link, as a path of this server; it is told this once."""

    board: Wallboard
    path: str


class Problem(msgspec.Struct):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


TIMES = TIME_FIELDS | frozenset(
    (
        "created_at",
        "raised_at",
        "cleared_at",
        "taken_at",
        "changed_at",
        "deleted_at",
        "source_at",
        "signed_in_at",
        "made_at",
        "added_at",
        "done_at",
        "due_at",
        "began_at",
        "saved_at",
        "edited_at",
        "written_at",
        "seen_at",
        "expires_at",
        "used_at",
        "issued_at",
        "found_at",
        "finished_at",
        "since",
    )
)
"""The fields of answers that are moments, whatever is answered."""

RECORD: dict[str, Any] = {"$ref": REF.format(name="CallRecord")}
PROBLEM: dict[str, Any] = {"$ref": REF.format(name="Problem")}


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    """A keyset page: ``next`` is the cursor of the one after, null on the last."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}},
    }


def whole_list(item: dict[str, Any]) -> dict[str, Any]:
    """A list that is answered whole, in the form of a page."""
    return page_of(item) | {"properties": {"items": {"type": "array", "items": item}, "next": {"type": "null"}}}


ANSWERED: tuple[type[msgspec.Struct], ...] = (
    CallRecord,
    AuditEntry,
    Party,
    FieldDef,
    User,
    Role,
    Team,
    SessionInfo,
    Token,
    Desk,
    PbxSeen,
    Difference,
    UserCreated,
    OneTimePassword,
    TokenCreated,
    Seated,
    Directory,
    FoundParty,
    FoundText,
    Suggestion,
    TimelineEntry,
    Note,
    Mention,
    File,
    ContactImport,
    Task,
    Disposition,
    Branch,
    CallNote,
    CallResult,
    Said,
    SoftphoneSettings,
    SoftphoneQuality,
    Dialled,
    Echoing,
    Monitoring,
    MonitorState,
    Taking,
    Message,
    Sent,
    Paused,
    Reason,
    Rules,
    FigureRules,
    Wallboard,
    WallboardIssued,
    Alert,
    AlertRules,
    Problem,
)
"""The structs that are answered. Each has all its fields, and its times as RFC 3339 text."""


def ref(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct of ``ANSWERED``."""
    return {"$ref": REF.format(name=kind.__name__)}


def components(bodies: Sequence[type[msgspec.Struct]] = ()) -> dict[str, Any]:
    """Every named schema of the API. ``bodies``: the structs that are taken."""
    _, taken = msgspec.json.schema_components(bodies, ref_template=REF)
    _, found = msgspec.json.schema_components(ANSWERED, ref_template=REF)
    for schema in found.values():
        properties = schema.get("properties", {})
        for name in TIMES.intersection(properties):
            properties[name] = _as_text(properties[name])
        schema["required"] = list(properties)  # answers always have every field
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(taken | found))  # tuples become arrays
    return plain


def as_json(answer: msgspec.Struct) -> dict[str, Any]:
    """A struct of ``ANSWERED`` with its own moments as RFC 3339 text (not those of what is inside it)."""
    plain: dict[str, Any] = msgspec.to_builtins(answer)
    for name in TIMES.intersection(plain):
        plain[name] = rfc3339(plain[name])
    return plain


def _as_text(schema: dict[str, Any]) -> dict[str, Any]:
    moment = {"type": "string", "format": "date-time"}
    nullable = any(choice.get("type") == "null" for choice in schema.get("anyOf", ()))
    return {"anyOf": [moment, {"type": "null"}]} if nullable else moment
