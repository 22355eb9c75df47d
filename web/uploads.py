"""Bytes that come in, as they come in: never whole in memory, and no more than is allowed.

Neighbours: ``crm_core.files`` keeps them; ``pages.files`` has the form, ``api.files`` the API.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import BodyPartReader, web

from crm_core.files.model import File
from cti.kernel.errors import N_, InvalidError
from web.page import SERVICES, actor_of

PART_BYTES = 256 * 1024


async def keep(
    request: web.Request, parts: AsyncIterator[bytes], name: str, party: str | None, call: str | None
) -> File:
    """Take a file in. Raises what ``Files.begin``, ``Upload.write`` and ``Files.add`` raise; nothing is kept then."""
    files, actor = request.app[SERVICES].crm.files, actor_of(request)
    upload = await files.begin(actor, party, call)
    try:
        async for part in parts:
            await upload.write(part)
        return await files.add(actor, upload, name, party, call)
    finally:
        upload.close()


async def body(request: web.Request) -> AsyncIterator[bytes]:
    """The whole body is the file."""
    async for part in request.content.iter_chunked(PART_BYTES):
        yield part


async def of_form(request: web.Request) -> BodyPartReader:
    """The part of a multipart form that is a file. InvalidError if there is none."""
    if not request.content_type.startswith("multipart/"):
        raise InvalidError(N_("Choose a file first."), at="file")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return part
    except ValueError as error:
        raise InvalidError(N_("The upload was cut off or damaged; send it again."), at="file") from error
    raise InvalidError(N_("Choose a file first."), at="file")


async def chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(PART_BYTES):
        yield part.decode(chunk)
