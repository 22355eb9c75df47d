"""Carries the sound of a call to the browser of the supervisor who listens to it without a phone: ``/listen/ID``.

One socket, from our own pages alone, for him who began it, and only for as long as he may; when it closes, the
listening ends. Frames are mu-law, 8000 a second, as the PBX sends them. Neighbours: ``cti.control.spying`` has the
sound, ``web/src/listen.ts`` plays it, ``web.sip`` is another such socket.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from cti.control.spying import Ear
from cti.kernel.actor import Actor
from cti.kernel.errors import DatabaseUnavailableError, NotFoundError
from web.auth import signed_in
from web.guard import same_origin
from web.page import SERVICES, refusal
from web.push import SIGNED_OUT

PERMISSION = "monitor.listen"
HEARTBEAT_SECONDS = 20.0
LOOK_SECONDS = 2.0
"""So soon after he was signed out he hears nothing more."""


class Listeners:
    """The sockets of whoever listens now."""

    def __init__(self) -> None:
        self.open: set[web.WebSocketResponse] = set()

    async def close(self, _app: web.Application) -> None:
        for socket in tuple(self.open):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def install(app: web.Application) -> None:
    """Put ``/listen/{id}`` into the application."""
    listeners = Listeners()
    app.on_shutdown.append(listeners.close)

    async def serve(request: web.Request) -> web.StreamResponse:
        return await _serve(request, listeners)

    app.add_routes([web.get("/listen/{id}", serve)])


async def _serve(request: web.Request, listeners: Listeners) -> web.StreamResponse:
    if not same_origin(request):
        raise web.HTTPForbidden(text="Calls are heard in this server's own pages only.\n")
    signed = await signed_in(request, seen=False)
    if signed is None or signed.must_change:
        return web.Response(status=401, text="Sign in first.\n")  # no page to be led to: this is no browser's visit
    if not signed.actor.may(PERMISSION):
        raise refusal(PERMISSION, signed.actor)
    monitor = request.match_info["id"]
    ear = request.app[SERVICES].spying.ear(signed.actor, monitor)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=1024)
    await socket.prepare(request)
    listeners.open.add(socket)
    try:
        await _carry(request, socket, ear)
    finally:
        listeners.open.discard(socket)
        await _stop(request, signed.actor, monitor)
    return socket


async def _carry(request: web.Request, socket: web.WebSocketResponse, ear: Ear) -> None:
    """Until the call is over, the browser leaves, or the user was signed out."""
    ways = [
        asyncio.create_task(_play(socket, ear), name="listen:play"),
        asyncio.create_task(_until_left(socket), name="listen:left"),
        asyncio.create_task(_watch(request), name="listen:watch"),
    ]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    await socket.close(code=SIGNED_OUT if ways[2] in done else WSCloseCode.OK)


async def _play(socket: web.WebSocketResponse, ear: Ear) -> None:
    with suppress(ConnectionError):
        async for frame in ear.frames():
            await socket.send_bytes(frame)


async def _until_left(socket: web.WebSocketResponse) -> None:
    """The browser has nothing to say but goodbye."""
    while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
        continue


async def _watch(request: web.Request) -> None:
    """Returns when this user may not listen any more."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            signed = await signed_in(request, seen=False)
        except DatabaseUnavailableError:
            continue  # who was let in stays until somebody can be asked
        if signed is None or signed.must_change or not signed.actor.may(PERMISSION):
            return


async def _stop(request: web.Request, actor: Actor, monitor: str) -> None:
    """Nobody is at the other end any more, so nobody listens."""
    with suppress(NotFoundError):
        await request.app[SERVICES].spying.stop(actor, monitor)
