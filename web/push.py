"""Carries the hub over WebSocket at ``/push``: frames out, hellos in, slow lines cut.

A message is framed once by ``text_frame`` and the same bytes are written to every browser's
transport; that is twice as fast as a send per client. So compression is off, and no message goes
through aiohttp's own writer but its pings and the close. Neighbour: ``screenpop.hub`` decides
everything about topics, ``held`` who may have a socket; this
moves bytes, and closes the sockets of who was signed out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from crm_core.users.access import Access
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.errors import DatabaseUnavailableError
from cti.live.record import rfc3339
from screenpop.hub import Client, Hello, Hub
from web.auth import LONGEST_SECRET
from web.held import HEARTBEAT_SECONDS, SIGNED_OUT, by_now, require_own_page, settled
from web.peer import origin_of

log = logging.getLogger(__name__)

BUFFER_BYTES = 64 * 1024
"""What may wait in a browser's socket before its messages queue in the hub (and are cut there)."""
STUCK_SECONDS = 30.0
"""A line that takes nothing for this long is closed; its browser comes back by itself."""
MAX_MESSAGE = 64 * 1024
SLICE = 50
"""Sockets that are looked at in one turn of the loop: who rings meanwhile does not wait for thousands."""
HELLO_SECONDS = 10.0
"""So long a socket without a cookie may take to say its token."""

Look = Callable[[], Awaitable[object | None]]
"""Who it is by now that watches; None: nobody who may."""


def text_frame(message: bytes) -> bytes:
    """``message`` as one unmasked, final text frame (RFC 6455 §5.2)."""
    size = len(message)
    if size < 126:
        return bytes((0x81, size)) + message
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + message
    return b"\x81\x7f" + size.to_bytes(8, "big") + message


class _Waiting:
    """The lines that have something to write: all of a burst in one write, at the end of this turn of the loop, or as
    soon as the hub says that the burst is over."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    def add(self, line: _Line) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.write)
        self._lines.append(line)

    def write(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            line.write()


class _Line:
    """One browser's socket: writes what waits, as long as the socket takes it."""

    def __init__(self, request: web.Request, hub: Hub, actor: object, waiting: _Waiting) -> None:
        assert request.transport is not None
        self._transport: asyncio.Transport = request.transport
        self._transport.set_write_buffer_limits(high=BUFFER_BYTES)
        self._writer = request.writer
        self._hub = hub
        self._draining: asyncio.Task[None] | None = None
        self._scheduled = False
        self._waiting = waiting
        self.client: Client = hub.join(self._wake, actor)

    def _wake(self) -> None:
        if not self._scheduled and self._draining is None:
            self._scheduled = True
            self._waiting.add(self)

    def write(self) -> None:
        """Write what waits, or wait for a socket that takes no more."""
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
        self.write()

    def close(self) -> None:
        self._hub.leave(self.client)
        if self._draining is not None:
            self._draining.cancel()


@dataclass(eq=False)
class _Visit:
    """An open socket, and who stands behind it."""

    socket: web.WebSocketResponse
    look: Look
    actor: object
    line: _Line


class Sockets:
    """All that are open. ``recheck`` has to be called each second."""

    def __init__(self) -> None:
        self._visits: set[_Visit] = set()
        self._closing: set[asyncio.Task[bool]] = set()

    def __len__(self) -> int:
        return len(self._visits)

    def add(self, visit: _Visit) -> None:
        self._visits.add(visit)

    def discard(self, visit: _Visit) -> None:
        self._visits.discard(visit)

    async def recheck(self, hub: Hub) -> None:
        """Close the sockets of those who were signed out, and take from the others what they may no longer see."""
        for number, visit in enumerate(tuple(self._visits)):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            try:
                actor = await visit.look()
            except DatabaseUnavailableError:
                return  # who was let in stays until somebody can be asked
            if actor is None:
                self._turn_out(visit)
            elif actor != visit.actor:
                visit.actor = actor
                hub.become(visit.line.client, actor)

    async def close(self) -> None:
        """Say goodbye to everybody."""
        closing = [v.socket.close(code=WSCloseCode.GOING_AWAY, message=b"restarting") for v in self._visits]
        await asyncio.gather(*closing, *self._closing, return_exceptions=True)

    def _turn_out(self, visit: _Visit) -> None:
        """Nothing more is sent from this moment; that the browser answers our goodbye is not waited for."""
        self.discard(visit)
        visit.line.close()
        task = asyncio.create_task(visit.socket.close(code=SIGNED_OUT, message=b"signed out"), name="push:close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Pushes:
    """Opens the sockets of pages."""

    def __init__(self, hub: Hub, clock: Clock, access: Access, sockets: Sockets) -> None:
        self._hub, self._clock, self._access, self._sockets = hub, clock, access, sockets
        self._waiting = _Waiting()
        hub.settle = self._waiting.write

    async def push(self, request: web.Request) -> web.StreamResponse:
        """The socket of who is signed in. Who has no cookie says a token in his first hello."""
        require_own_page(request)
        look: Look = partial(by_now, request)
        actor = await look()
        socket = await _opened(request)
        first: str | bytes | None = None
        if actor is None:
            first, token = await _first_hello(socket)
            look = _token_looker(self._access, token, request)
            actor = await look()
            if actor is None:
                await socket.send_json({"type": "error", "reason": "unauthenticated"})
                await socket.close(code=SIGNED_OUT, message=b"sign in")
                return socket
        await self._serve(request, socket, look, actor, first)
        return socket

    async def look_on(self, request: web.Request, look: Look) -> web.StreamResponse:
        """The socket of a page that opens in a way of its own; it is closed at once if it opens to nobody (any more),
        which its page hears, and not with an error, which it could not tell from a lost line."""
        require_own_page(request)
        actor = await look()
        socket = await _opened(request)
        if actor is None:
            await socket.close(code=SIGNED_OUT)
        else:
            await self._serve(request, socket, look, actor)
        return socket

    async def _serve(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        look: Look,
        actor: object,
        first: str | bytes | None = None,
    ) -> None:
        visit = _Visit(socket, look, actor, _Line(request, self._hub, actor, self._waiting))
        await _listen(visit, self._hub, self._sockets, rfc3339(self._clock.now()) or "", first)


PUSHES = web.AppKey("pushes", Pushes)


async def _opened(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=MAX_MESSAGE)
    await socket.prepare(request)
    return socket


def _token_looker(access: Access, token: str, request: web.Request) -> Look:
    async def look() -> Actor | None:
        return settled(await access.of_token(token, origin_of(request), seen=False)) if token else None

    return look


async def _first_hello(socket: web.WebSocketResponse) -> tuple[str | bytes | None, str]:
    """The first message and the token in it, both empty if there is none in time."""
    try:
        message = await socket.receive(HELLO_SECONDS)
    except TimeoutError:
        return None, ""
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return None, ""
    try:
        token = msgspec.json.decode(message.data, type=Hello).token or ""
    except (msgspec.DecodeError, UnicodeError):
        return None, ""
    return message.data, token if len(token) < LONGEST_SECRET else ""


async def _listen(visit: _Visit, hub: Hub, sockets: Sockets, now: str, first: str | bytes | None) -> None:
    """Until the browser leaves."""
    client = visit.line.client
    sockets.add(visit)
    hub.beat(now, client)  # before any clock ticks by its snapshot
    if first is not None:
        hub.receive(client, first)
    try:
        async for message in visit.socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and client in hub.clients:
                hub.receive(client, message.data)
    finally:
        visit.line.close()
        sockets.discard(visit)
