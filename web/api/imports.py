"""``/api/v1/imports``: contacts from files. A file is sent, its columns are mapped, the dry run tells what would become
of it, it runs, and can be taken back. What takes long goes on by itself: ask again until ``state`` says it is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from crm_core.exchange.model import Import, Policy
from crm_core.exchange.rows import Choices
from crm_core.exchange.shown import ContactImport, shown
from web import uploads
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref
from web.pages.import_errors import send_errors

PERMISSION = "contacts.import"
BYTES = "application/octet-stream"
Target = Annotated[str, Meta(max_length=80)]


class ImportMapping(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``mapping``: a target for each column, in order (``name``, ``number:mobile``, ``field:NAME`` …; empty: left out).
    What is left out stays as it is."""

    mapping: Annotated[tuple[Target, ...], Meta(max_length=300)] | None = None
    policy: Policy | None = None


class ImportReading(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How the file is to be read again; what is left out is guessed. ``header``: the row that names the columns, 0 if
    none does."""

    encoding: Annotated[str, Meta(max_length=40)] = ""
    delimiter: Annotated[str, Meta(pattern="^[,;|\\t]?$", max_length=1)] = ""
    sheet: Annotated[str, Meta(max_length=200)] = ""
    header: Annotated[int, Meta(ge=0, le=9999)] | None = None


class ImportNaming(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(max_length=400, description="What the file is called; only shown")] = ""


class ImportQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 30
    cursor: Annotated[str, Meta(max_length=2000, description="`next` of the page before")] | None = None


def seen(one: Import) -> dict[str, Any]:
    return as_json(shown(one))


async def _list(asked: Asked) -> dict[str, Any]:
    page = await asked.services.crm.exchange.page(asked.actor, asked.query.cursor, asked.query.limit)
    return {"items": [seen(one) for one in page.items], "next": page.next}


async def _add(asked: Asked) -> dict[str, Any]:
    exchange, request = asked.services.crm.exchange, asked.request
    exchange.admit(asked.actor, request.content_length)
    if not request.content_type.startswith("multipart/"):
        return seen(await exchange.receive(asked.actor, asked.query.name, uploads.body(request)))
    part = await uploads.of_form(request)
    name = asked.query.name or part.filename or ""
    return seen(await exchange.receive(asked.actor, name, uploads.chunks(part)))


async def _one(asked: Asked) -> dict[str, Any]:
    return seen(await asked.services.crm.exchange.get(asked.actor, asked.place("id")))


async def _map(asked: Asked) -> dict[str, Any]:
    exchange, body = asked.services.crm.exchange, asked.body(ImportMapping)
    one = await exchange.get(asked.actor, asked.place("id"))
    mapping = one.mapping if body.mapping is None else body.mapping
    return seen(await exchange.map(asked.actor, one.id, mapping, body.policy or one.policy))


async def _reread(asked: Asked) -> dict[str, Any]:
    choices = msgspec.convert(msgspec.to_builtins(asked.body(ImportReading)), Choices)
    return seen(await asked.services.crm.exchange.reread(asked.actor, asked.place("id"), choices))


async def _discard(asked: Asked) -> None:
    await asked.services.crm.exchange.discard(asked.actor, asked.place("id"))


async def _errors(asked: Asked) -> web.StreamResponse:
    one = await asked.services.crm.exchange.get(asked.actor, asked.place("id"))
    return await send_errors(asked.request, one, "csv")


def _step(step: str) -> Callable[[Asked], Awaitable[dict[str, Any]]]:
    async def run(asked: Asked) -> dict[str, Any]:
        return seen(await getattr(asked.services.crm.exchange, step)(asked.actor, asked.place("id")))

    return run


PATH, PLACE = "/api/v1/imports", (("id", "The import's id"),)
ONE, MANY = ref(ContactImport), page_of(ref(ContactImport))
STEPS = (
    ("check", "checkImport", "Begin the dry run; its profile is there when the state is checked"),
    ("start", "startImport", "Begin to import"),
    ("pause", "pauseImport", "Halt; what is written stays"),
    ("resume", "resumeImport", "Go on where it was paused or failed"),
    ("cancel", "cancelImport", "End it; what is written stays, and can be taken back"),
    ("revert", "revertImport", "Take back all that it did, but for what was changed since"),
)
IMPORTS: tuple[Operation, ...] = (
    Operation("GET", PATH, "listImports", "Imports, the newest first", MANY, _list, query=ImportQuery,
              permission=PERMISSION),
    Operation("POST", PATH, "addImport", "Send a file (CSV, XLSX, vCard): the body is its content", ONE, _add,
              query=ImportNaming, permission=PERMISSION, status=201, sends=BYTES),
    Operation("GET", PATH + "/{id}", "getImport", "One import, and how far it is", ONE, _one,
              permission=PERMISSION, places=PLACE, problems=(400, 404)),
    Operation("PATCH", PATH + "/{id}", "mapImport", "Say where its columns go and how it is to be done", ONE, _map,
              body=ImportMapping, permission=PERMISSION, places=PLACE, problems=(400, 404, 409)),
    Operation("POST", PATH + "/{id}/read", "rereadImport", "Read the file again in another way", ONE, _reread,
              body=ImportReading, permission=PERMISSION, places=PLACE, problems=(400, 404, 409)),
    *(Operation("POST", f"{PATH}/{{id}}/{step}", name, summary, ONE, _step(step),
                permission=PERMISSION, places=PLACE, problems=(400, 404, 409)) for step, name, summary in STEPS),
    Operation("GET", PATH + "/{id}/errors", "getImportErrors", "The rows to mend, with the reason in a last column", {},
              _errors, permission=PERMISSION, places=PLACE, problems=(400, 404), gives="text/csv"),
    Operation("DELETE", PATH + "/{id}", "discardImport", "Forget one that has not begun, and its file", None, _discard,
              permission=PERMISSION, places=PLACE, problems=(400, 404, 409)),
)  # fmt: skip
