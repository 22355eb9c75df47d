"""A body that breaks off leaves nothing behind. (Whole uploads are tested by ``pages.test_files``.)"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tests.crm_core.timeline.people import party
from tests.web.conftest import Stage
from web import auth


async def test_a_line_that_breaks_off(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    contact = await party(crm, "مریم")
    url = urlsplit(on_stage.url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    head = (
        f"POST /api/v1/files?party={contact.id}&name=a HTTP/1.1\r\nHost: {url.netloc}\r\nCookie: {on_stage.cookie}\r\n"
        f"{auth.HEADER}: {on_stage.http.headers[auth.HEADER]}\r\n"
        "Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
    )
    writer.write(head.encode() + bytes(100_000))
    await writer.drain()
    incoming = crm.files._contents._folder / "incoming"
    async with asyncio.timeout(10):
        while not incoming.exists() or not list(incoming.iterdir()):  # noqa: ASYNC110 - the server's disk
            await asyncio.sleep(0.01)
    writer.transport.abort()
    async with asyncio.timeout(10):
        while list(incoming.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await crm.files.page(on_stage.actor)).items == ()
