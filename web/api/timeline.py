"""``/api/v1/contacts/{id}/timeline`` and its like: what happened with a contact, a company, a number."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from crm_core.timeline.model import Item, of_number, of_party
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import TimelineEntry, page_of, ref

EntryKind = Literal["call", "note", "task", "file", "system"]
MOMENTS = frozenset(("edited_at", "deleted_at", "due_at"))


class TimelineQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which entries; the newest first."""

    kind: Annotated[tuple[EntryKind, ...], Meta(max_length=5, description="Only these kinds")] = ()
    limit: Annotated[int, Meta(ge=1, le=200)] = 30
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None


class Attachment(msgspec.Struct, forbid_unknown_fields=True):
    """``party``: the id of the one contact to show it with; null: everybody who has its number."""

    party: Annotated[str, Meta(max_length=64)] | None


def entry_json(item: Item) -> dict[str, Any]:
    """A ``TimelineEntry`` as JSON: its moments as RFC 3339 text."""
    facts = {name: rfc3339(v) if name in MOMENTS else v for name, v in _whole(item.facts).items()}
    return {
        "id": item.id,
        "kind": item.kind,
        "source": item.source,
        "at": rfc3339(item.at),
        "author": item.author,
        "facts": facts,
        "attached": item.attached,
        "shared": item.shared,
    }


def _whole(facts: msgspec.Struct) -> dict[str, Any]:
    """Every field, also those that have their default."""
    return {name: msgspec.to_builtins(getattr(facts, name)) for name in facts.__struct_fields__}


async def _page(asked: Asked, subject: str) -> dict[str, Any]:
    query: TimelineQuery = asked.query
    timeline = asked.services.crm.timeline
    page = await timeline.page(asked.actor, subject, query.kind, query.cursor, query.limit)
    return {"items": [entry_json(item) for item in page.items], "next": page.next}


async def _of_party(asked: Asked) -> dict[str, Any]:
    return await _page(asked, of_party(asked.place("id")))


async def _of_number(asked: Asked) -> dict[str, Any]:
    return await _page(asked, of_number(asked.place("key")))


async def _attach(asked: Asked) -> None:
    await asked.services.crm.timeline.attach(asked.actor, asked.place("id"), asked.body(Attachment).party)


def _stream(name: str, path: str, summary: str, run: Any, permission: str, place: tuple[str, str]) -> Operation:
    return Operation(
        "GET", path, name, summary, page_of(ref(TimelineEntry)), run, query=TimelineQuery, permission=permission,
        places=(place,), problems=(400, 404), tag="timeline",
    )  # fmt: skip


TIMELINE: tuple[Operation, ...] = (
    _stream(
        "getContactTimeline", "/api/v1/contacts/{id}/timeline", "What happened with a contact, the newest first",
        _of_party, "contacts.view", ("id", "The contact's id"),
    ),
    _stream(
        "getCompanyTimeline", "/api/v1/companies/{id}/timeline", "What happened with a company and its people",
        _of_party, "contacts.view", ("id", "The company's id"),
    ),
    _stream(
        "getNumberTimeline", "/api/v1/numbers/{key}/timeline", "What happened with a number, whoever has it",
        _of_number, "numbers.view", ("key", "The number in E.164, or as it was dialled where it has none"),
    ),
    Operation(
        "PUT", "/api/v1/timeline/{id}/attached", "attachEntry",
        "Show an entry of a shared number with one contact alone, or with everybody again", None, _attach,
        body=Attachment, permission="contacts.edit", places=(("id", "The entry's id"),), problems=(400, 404),
        tag="timeline",
    ),
)  # fmt: skip
