"""Carries the softphone's SIP at ``/sip`` between a browser and its PBX, untouched (RFC 7118).

So that one address and one certificate serve pages, pushes and calls alike, and no PBX has to be reached by browsers.
The sound itself does not pass here: it goes by DTLS-SRTP between browser and PBX. What is said here is not logged: it
holds credentials. Neighbour: ``held`` has who may have the line, and as long as he may.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from cti.kernel.actor import Actor
from web.held import HEARTBEAT_SECONDS, Held
from web.page import SERVICES

log = logging.getLogger(__name__)

PERMISSION = "desk.use"
PROTOCOL = "sip"
"""The subprotocol of SIP over WebSocket (RFC 7118 §3)."""
LONGEST_MESSAGE = 64 * 1024
"""A SIP message larger than this is none that a browser sends: an offer with many candidates has some 10 kB."""
LONGEST_NAME = 100
MOST_LINES = 4
"""Tabs of one user that may have a line at a time."""
CONNECT_SECONDS = 5.0
NO_PBX = 4404
"""Closed because the PBX cannot be reached by WebSocket: coming back makes sense a little later."""

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse
_CLIENT = web.AppKey("sip client", aiohttp.ClientSession)


def install(app: web.Application) -> None:
    """Put ``/sip`` into the application."""
    held = Held(PERMISSION, longest=LONGEST_MESSAGE, protocols=(PROTOCOL,))
    app.cleanup_ctx.append(_client)

    async def serve(request: web.Request, actor: Actor) -> web.StreamResponse:
        return await _serve(request, actor, held)

    held.install(app, "/sip", serve)


async def _client(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS)) as client:
        app[_CLIENT] = client
        yield


async def _serve(request: web.Request, actor: Actor, held: Held) -> web.StreamResponse:
    services, pbx = request.app[SERVICES], request.query.get("pbx", "")
    address = services.sip.get(pbx)
    if address is None:
        raise web.HTTPNotFound(text="No PBX of that name takes SIP over WebSocket (CTI_PBX_SIP_URL).\n")
    if held.count(actor) >= MOST_LINES:
        raise web.HTTPTooManyRequests(text="Too many tabs have a line already; close one.\n")
    page = request.query.get("page", "")[:LONGEST_NAME]
    async with held.opened(request, actor) as browser:
        services.lines.opened(actor, pbx, page)
        try:
            await _join(request, browser, address, held)
        finally:
            services.lines.closed(actor, pbx, page)
    return browser


async def _join(request: web.Request, browser: web.WebSocketResponse, address: str, held: Held) -> None:
    """Until either side leaves, or the user may no longer; then both are closed."""
    try:
        pbx = await request.app[_CLIENT].ws_connect(
            address, protocols=(PROTOCOL,), heartbeat=HEARTBEAT_SECONDS, max_msg_size=LONGEST_MESSAGE, compress=0
        )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("sip: %s cannot be reached: %r", address, error)
        await browser.close(code=NO_PBX, message=b"the PBX cannot be reached")
        return
    try:
        await held.hold(request, browser, _carry(browser, pbx), _carry(pbx, browser), code=WSCloseCode.GOING_AWAY)
    finally:
        await pbx.close()


async def _carry(near: Socket, far: Socket) -> None:
    """Everything that ``near`` says, to ``far``; a slow reader slows the writer down."""
    with suppress(ConnectionError):
        async for message in near:
            if message.type is WSMsgType.TEXT:
                await far.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await far.send_bytes(message.data)
