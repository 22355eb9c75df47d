"""Carries the sound of a call to the browser of the supervisor who listens to it without a phone: ``/listen/ID``.

One socket, for him who began it; when it closes, the listening ends. Frames are mu-law, 8000 a second, as the PBX sends
them. Neighbours: ``cti.control.spying`` has the sound, ``held`` who may have the socket, ``web/src/listen.ts`` plays.
"""

from __future__ import annotations

from contextlib import suppress

from aiohttp import WSMsgType, web

from cti.control.ears import Ear
from cti.kernel.actor import Actor
from cti.kernel.errors import NotFoundError
from web.held import Held
from web.page import SERVICES

PERMISSION = "monitor.listen"
LONGEST_MESSAGE = 1024
_LEFT = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


def install(app: web.Application) -> None:
    """Put ``/listen/{id}`` into the application."""
    held = Held(PERMISSION, longest=LONGEST_MESSAGE)

    async def serve(request: web.Request, actor: Actor) -> web.StreamResponse:
        spying, monitor = request.app[SERVICES].spying, request.match_info["id"]
        ear = spying.ear(actor, monitor)
        try:
            async with held.opened(request, actor) as socket:
                await held.hold(request, socket, _play(socket, ear), _until_left(socket))
        finally:
            with suppress(NotFoundError):  # the call was over first
                await spying.stop(actor, monitor)
        return socket

    held.install(app, "/listen/{id}", serve)


async def _play(socket: web.WebSocketResponse, ear: Ear) -> None:
    with suppress(ConnectionError):
        async for frame in ear.frames():
            await socket.send_bytes(frame)


async def _until_left(socket: web.WebSocketResponse) -> None:
    """The browser has nothing to say but goodbye."""
    while (await socket.receive()).type not in _LEFT:
        continue
