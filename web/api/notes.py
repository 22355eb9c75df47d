"""``/api/v1/notes``: what people wrote about contacts and calls."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.notes.model import Mention, Note
from crm_core.notes.service import LONGEST_TEXT
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref

Id = Annotated[str, Meta(max_length=64)]
CallId = Annotated[str, Meta(max_length=290)]
Text = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]


class NoteQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All narrow together; the newest first."""

    party: Annotated[Id, Meta(description="About this contact or company")] | None = None
    call: Annotated[CallId, Meta(description="About this call")] | None = None
    author: Annotated[Id, Meta(description="Written by this user")] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None


class MentionQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None


class NoteWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """About a contact or company (``party``), a call, or both. ``@`` and a login or name mentions a user."""

    text: Text
    party: Id | None = None
    call: CallId | None = None


class NoteChange(msgspec.Struct, forbid_unknown_fields=True):
    text: Text


async def _list(asked: Asked) -> dict[str, Any]:
    query: NoteQuery = asked.query
    page = await asked.services.crm.notes.page(asked.actor, **msgspec.structs.asdict(query))
    return {"items": [as_json(note) for note in page.items], "next": page.next}


async def _mentions(asked: Asked) -> dict[str, Any]:
    query: MentionQuery = asked.query
    page = await asked.services.crm.notes.mentions(asked.actor, query.cursor, query.limit)
    items = [as_json(one) | {"note": as_json(one.note)} for one in page.items]
    return {"items": items, "next": page.next}


async def _write(asked: Asked) -> dict[str, Any]:
    body = asked.body(NoteWriting)
    return as_json(await asked.services.crm.notes.write(asked.actor, body.text, body.party, body.call))


async def _one(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.notes.get(asked.actor, asked.place("id")))


async def _change(asked: Asked) -> dict[str, Any]:
    text = asked.body(NoteChange).text
    return as_json(await asked.services.crm.notes.change(asked.actor, asked.place("id"), text))


async def _delete(asked: Asked) -> None:
    await asked.services.crm.notes.delete(asked.actor, asked.place("id"))


async def _seen(asked: Asked) -> None:
    await asked.services.crm.notes.seen(asked.actor, asked.place("id"))


VIEW, EDIT = "contacts.view", "contacts.edit"
PLACE = (("id", "The note's id"),)
NOTES: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/notes", "listNotes", "Notes about a contact or a call, or of an author",
              page_of(ref(Note)), _list, query=NoteQuery, permission=VIEW, problems=(400, 404)),
    Operation("POST", "/api/v1/notes", "writeNote", "Write a note", ref(Note), _write,
              body=NoteWriting, permission=EDIT, problems=(400, 404), status=201),
    Operation("GET", "/api/v1/notes/{id}", "getNote", "One note", ref(Note), _one,
              permission=VIEW, places=PLACE, problems=(400, 404)),
    Operation("PATCH", "/api/v1/notes/{id}", "changeNote", "Change one's own note; others' with notes.moderate",
              ref(Note), _change, body=NoteChange, permission=EDIT, places=PLACE, problems=(400, 404)),
    Operation("DELETE", "/api/v1/notes/{id}", "deleteNote", "Delete one's own note; others' with notes.moderate",
              None, _delete, permission=EDIT, places=PLACE, problems=(400, 404)),
    Operation("GET", "/api/v1/mentions", "listMentions", "The notes that mention me",
              page_of(ref(Mention)), _mentions, query=MentionQuery, permission=VIEW, tag="notes"),
    Operation("POST", "/api/v1/notes/{id}/seen", "seeMention", "I have read a note that mentions me",
              None, _seen, permission=VIEW, places=PLACE, problems=(400,)),
)  # fmt: skip
