"""Carries the hub over WebSocket at ``/push``: frames out, hellos in, slow lines cut.

A message is framed once by ``text_frame`` and the same bytes are written to every browser's
transport; that is twice as fast as a send per client. So compression is off, and no message goes
through aiohttp's own writer but its pings and the close. Neighbour: ``screenpop.hub`` decides
everything, this only moves bytes.
"""

from __future__ import annotations

import asyncio
import logging

from aiohttp import WSMsgType, web

from cti.kernel.clock import Clock
from cti.live.record import rfc3339
from screenpop.hub import Client, Hub
from web.guard import same_origin
from web.page import actor_of

log = logging.getLogger(__name__)

BUFFER_BYTES = 64 * 1024
"""What may wait in a browser's socket before its messages queue in the hub (and are cut there)."""
STUCK_SECONDS = 30.0
"""A line that takes nothing for this long is closed; its browser comes back by itself."""
HEARTBEAT_SECONDS = 20.0
MAX_MESSAGE = 64 * 1024


def text_frame(message: bytes) -> bytes:
    """``message`` as one unmasked, final text frame (RFC 6455 §5.2)."""
    size = len(message)
    if size < 126:
        return bytes((0x81, size)) + message
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + message
    return b"\x81\x7f" + size.to_bytes(8, "big") + message


class _Line:
    """One browser's socket: writes what waits, as long as the socket takes it."""

    def __init__(self, request: web.Request, hub: Hub) -> None:
        assert request.transport is not None
        self._transport: asyncio.Transport = request.transport
        self._transport.set_write_buffer_limits(high=BUFFER_BYTES)
        self._writer = request.writer
        self._hub = hub
        self._draining: asyncio.Task[None] | None = None
        self._scheduled = False
        self.client: Client = hub.join(self._wake, actor_of(request))

    def _wake(self) -> None:
        """Write at the end of this turn of the loop, so that a burst is one write."""
        if not self._scheduled and self._draining is None:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        self._scheduled = False
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > BUFFER_BYTES:
            self._draining = asyncio.create_task(self._drain(), name="push:drain")
            return
        if data := self._hub.take(self.client):
            self._transport.write(data)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._writer.drain()
        except (TimeoutError, ConnectionError) as gone:
            log.info("push: a line was closed, it took nothing for %s s (%r)", STUCK_SECONDS, gone)
            self._transport.abort()
            return
        self._draining = None
        self._write()

    def close(self) -> None:
        self._hub.leave(self.client)
        if self._draining is not None:
            self._draining.cancel()


def route(hub: Hub, clock: Clock, open_sockets: set[web.WebSocketResponse]) -> web.RouteDef:
    """The socket; ``open_sockets`` holds those that are open, for whoever has to close them."""

    async def push(request: web.Request) -> web.StreamResponse:
        if not same_origin(request):
            raise web.HTTPForbidden(text="Pushes go to this server's own pages only.\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=MAX_MESSAGE)
        await socket.prepare(request)
        line = _Line(request, hub)
        open_sockets.add(socket)
        hub.beat(rfc3339(clock.now()) or "", line.client)  # before any clock ticks by its snapshot
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    hub.receive(line.client, message.data)
        finally:
            line.close()
            open_sockets.discard(socket)
        return socket

    return web.get("/push", push)
