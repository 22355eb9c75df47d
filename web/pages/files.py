"""Files of contacts and calls: sent to ``/files``, given back by ``/files/{id}``.

What somebody uploaded is never run in our name: it is given back as an attachment under the type that its bytes have,
with a policy of its own; only pictures are shown in the page.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from crm_core.files.model import File
from crm_core.files.sniff import INLINE
from web import uploads
from web.page import SERVICES, Form, Page, actor_of
from web.sending import answered

POLICY = "default-src 'none'; style-src 'none'; sandbox"


async def _add(request: web.Request) -> web.StreamResponse:
    return await answered(request, _kept(request))


async def _kept(request: web.Request) -> File:
    """Where it belongs stands in the address, so that a refusal does not have to wait for the bytes."""
    party, call = (request.query.get(name) or None for name in ("party", "call"))
    part = await uploads.of_form(request)
    return await uploads.keep(request, uploads.chunks(part), part.filename or "", party, call)


async def _get(request: web.Request) -> web.StreamResponse:
    found, path = await request.app[SERVICES].crm.files.content(actor_of(request), request.match_info["id"])
    return given(found, path, inline="inline" in request.query)


def given(found: File, path: Path, inline: bool = False) -> web.FileResponse:
    """The content of a file as an answer."""
    response = web.FileResponse(path)
    response.content_type = found.media
    shown = inline and found.media in INLINE
    response.headers["Content-Disposition"] = disposition(found.name, shown)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600" if shown else "private, no-store"
    return response


def disposition(name: str, inline: bool = False) -> str:
    """RFC 6266, with the name in UTF-8 (RFC 8187) and a plain one for old programs."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _delete(request: web.Request) -> web.StreamResponse:
    files = request.app[SERVICES].crm.files
    return await answered(request, files.delete(actor_of(request), request.match_info["id"]))


PAGE = Page(
    "/files/{id}",
    "contacts",
    _get,
    permission="contacts.view",
    forms=(
        Form("/files", _add, "contacts.edit"),
        Form("/files/{id}/delete", _delete, "contacts.edit"),
    ),
)
