"""``/api/v1/files``: files of contacts and calls. The body of an upload is the file itself; what it is called and what
it belongs to stand in the address."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from crm_core.files.model import File
from web import uploads
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref
from web.pages.files import given

Id = Annotated[str, Meta(max_length=64)]
CallId = Annotated[str, Meta(max_length=290)]
BYTES = "application/octet-stream"


class FileQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Both narrow together; the newest first. Deleted files are not listed."""

    party: Annotated[Id, Meta(description="Of this contact or company")] | None = None
    call: Annotated[CallId, Meta(description="Of this call")] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None


class FileNaming(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """It belongs to a contact or company (``party``), a call, or both."""

    name: Annotated[str, Meta(max_length=400, description="What it is called; folders in it are left out")] = ""
    party: Id | None = None
    call: CallId | None = None


async def _list(asked: Asked) -> dict[str, Any]:
    query: FileQuery = asked.query
    page = await asked.services.crm.files.page(asked.actor, **msgspec.structs.asdict(query))
    return {"items": [as_json(file) for file in page.items], "next": page.next}


async def _add(asked: Asked) -> dict[str, Any]:
    query: FileNaming = asked.query
    added = await uploads.keep(asked.request, uploads.body(asked.request), query.name, query.party, query.call)
    return as_json(added)


async def _one(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.files.get(asked.actor, asked.place("id")))


async def _content(asked: Asked) -> web.StreamResponse:
    found, path = await asked.services.crm.files.content(asked.actor, asked.place("id"))
    response = given(found, path)
    response.content_type = BYTES
    return response


async def _delete(asked: Asked) -> None:
    await asked.services.crm.files.delete(asked.actor, asked.place("id"))


VIEW, EDIT = "contacts.view", "contacts.edit"
PLACE = (("id", "The file's id"),)
FILES: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/files", "listFiles", "The files of a contact or a call",
              page_of(ref(File)), _list, query=FileQuery, permission=VIEW),
    Operation("POST", "/api/v1/files", "addFile", "Add a file: the body is its content", ref(File), _add,
              query=FileNaming, permission=EDIT, problems=(400, 404), status=201, sends=BYTES),
    Operation("GET", "/api/v1/files/{id}", "getFile", "What is known of a file", ref(File), _one,
              permission=VIEW, places=PLACE, problems=(400, 404)),
    Operation("GET", "/api/v1/files/{id}/content", "getFileContent", "The content of a file", {}, _content,
              permission=VIEW, places=PLACE, problems=(400, 404), gives=BYTES),
    Operation("DELETE", "/api/v1/files/{id}", "deleteFile", "Delete the content of a file; that it was there stays",
              None, _delete, permission=EDIT, places=PLACE, problems=(400, 404)),
)  # fmt: skip
