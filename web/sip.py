"""Carries the softphone's SIP at ``/sip`` between a browser and its PBX, untouched (RFC 7118).

So that one address and one certificate serve pages, pushes and calls alike, and no PBX has to be reached by browsers.
The sound itself does not pass here: it goes by DTLS-SRTP between browser and PBX. Who may not take calls, or comes
from another's page, gets no line; who is signed out loses it. What is said in it is not logged: it holds credentials.
Neighbours: ``web.push`` is the other socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from cti.kernel.actor import Actor
from cti.kernel.errors import DatabaseUnavailableError
from web.auth import signed_in
from web.guard import same_origin
from web.page import SERVICES, refusal
from web.push import SIGNED_OUT

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
HEARTBEAT_SECONDS = 20.0
LOOK_SECONDS = 2.0
"""So soon after he was signed out a user's line is cut."""
NO_PBX = 4404
"""Closed because the PBX cannot be reached by WebSocket: coming back makes sense a little later."""

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse
_CLIENT = web.AppKey("sip client", aiohttp.ClientSession)


class Lines:
    """The lines that are open, and how many each user has."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self._open: set[web.WebSocketResponse] = set()

    def add(self, actor: Actor, socket: web.WebSocketResponse) -> None:
        self.of[actor.id] += 1
        self._open.add(socket)

    def discard(self, actor: Actor, socket: web.WebSocketResponse) -> None:
        self.of[actor.id] -= 1
        self._open.discard(socket)

    async def close(self, _app: web.Application) -> None:
        for socket in tuple(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def install(app: web.Application) -> None:
    """Put ``/sip`` into the application."""
    lines = Lines()
    app.on_shutdown.append(lines.close)
    app.cleanup_ctx.append(_client)

    async def serve(request: web.Request) -> web.StreamResponse:
        return await _serve(request, lines)

    app.add_routes([web.get("/sip", serve)])


async def _client(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS)) as client:
        app[_CLIENT] = client
        yield


async def _serve(request: web.Request, lines: Lines) -> web.StreamResponse:
    if not same_origin(request):
        raise web.HTTPForbidden(text="The softphone's line is for this server's own pages only.\n")
    signed = await signed_in(request, seen=False)
    if signed is None or signed.must_change:
        return web.Response(status=401, text="Sign in first.\n")  # no page to be led to: this is no browser's visit
    if not signed.actor.may(PERMISSION):
        raise refusal(PERMISSION, signed.actor)
    address = request.app[SERVICES].sip.get(request.query.get("pbx", ""))
    if address is None:
        raise web.HTTPNotFound(text="No PBX of that name takes SIP over WebSocket (CTI_PBX_SIP_URL).\n")
    if lines.of[signed.actor.id] >= MOST_LINES:
        raise web.HTTPTooManyRequests(text="Too many tabs have a line already; close one.\n")
    socket = web.WebSocketResponse(
        protocols=(PROTOCOL,), heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=LONGEST_MESSAGE
    )
    await socket.prepare(request)
    lines.add(signed.actor, socket)
    told = request.app[SERVICES].lines
    pbx, page = request.query["pbx"], request.query.get("page", "")[:LONGEST_NAME]
    told.opened(signed.actor, pbx, page)
    try:
        await _join(request, socket, address)
    finally:
        lines.discard(signed.actor, socket)
        told.closed(signed.actor, pbx, page)
    return socket


async def _join(request: web.Request, browser: web.WebSocketResponse, address: str) -> None:
    """Until either side leaves, or the user was signed out; then both are closed."""
    try:
        pbx = await request.app[_CLIENT].ws_connect(
            address, protocols=(PROTOCOL,), heartbeat=HEARTBEAT_SECONDS, max_msg_size=LONGEST_MESSAGE, compress=0
        )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("sip: %s cannot be reached: %r", address, error)
        await browser.close(code=NO_PBX, message=b"the PBX cannot be reached")
        return
    ways = [
        asyncio.create_task(_carry(browser, pbx), name="sip:up"),
        asyncio.create_task(_carry(pbx, browser), name="sip:down"),
        asyncio.create_task(_watch(request), name="sip:watch"),
    ]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await pbx.close()
    code = SIGNED_OUT if ways[2] in done else WSCloseCode.GOING_AWAY
    await browser.close(code=code)


async def _carry(near: Socket, far: Socket) -> None:
    """Everything that ``near`` says, to ``far``; a slow reader slows the writer down."""
    with suppress(ConnectionError):
        async for message in near:
            if message.type is WSMsgType.TEXT:
                await far.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await far.send_bytes(message.data)


async def _watch(request: web.Request) -> None:
    """Returns when this user may have no line any more."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            signed = await signed_in(request, seen=False)
        except DatabaseUnavailableError:
            continue  # who was let in stays until somebody can be asked
        if signed is None or signed.must_change or not signed.actor.may(PERMISSION):
            return
