"""Notes as they are written in streams: ``/notes``; the answers are those of ``web.sending``."""

from __future__ import annotations

from aiohttp import web

from web.page import SERVICES, Form, Page, actor_of, render
from web.sending import answered

EDIT = "contacts.edit"


async def _write(request: web.Request) -> web.StreamResponse:
    form, notes = await request.post(), request.app[SERVICES].crm.notes
    party, call = (str(form.get(name, "")) or None for name in ("party", "call"))
    return await answered(request, notes.write(actor_of(request), str(form.get("text", "")), party, call))


async def _change(request: web.Request) -> web.StreamResponse:
    form, notes = await request.post(), request.app[SERVICES].crm.notes
    return await answered(request, notes.change(actor_of(request), request.match_info["id"], str(form.get("text", ""))))


async def _delete(request: web.Request) -> web.StreamResponse:
    return await answered(request, request.app[SERVICES].crm.notes.delete(actor_of(request), request.match_info["id"]))


async def _seen(request: web.Request) -> web.StreamResponse:
    return await answered(request, request.app[SERVICES].crm.notes.seen(actor_of(request), request.match_info["id"]))


async def _mentions(request: web.Request) -> web.StreamResponse:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    page = await crm.notes.mentions(actor, request.query.get("cursor") or None, 20)
    parties = await crm.contacts.get_many(actor, [one.note.party for one in page.items if one.note.party])
    return render(request, "tasks", "mentions.html", mentions=page.items, next=page.next, parties=parties)


MENTIONS = Page(
    "/mentions",
    "tasks",
    _mentions,
    permission="contacts.view",
    forms=(
        Form("/notes", _write, EDIT),
        Form("/notes/{id}", _change, EDIT),
        Form("/notes/{id}/delete", _delete, EDIT),
        Form("/notes/{id}/seen", _seen, "contacts.view"),
    ),
)
"""The notes that mention me: a part of the page of tasks."""
