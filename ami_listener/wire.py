"""panoramisk with its transport replaced: the subclasses that one connection runs on.

What stays panoramisk's: actions, their ids, and which answers belong to which action. What is ours,
because panoramisk 1.4 loses letters, connections or calls there (each has a test in ``test_wire`` or
``test_connection``): reading (``protocol`` does it), writing (``encode`` does it), lists, time-outs,
and what becomes of actions when the link goes (they fail; they are never sent again).

``AmiWire`` drains the socket into an inbox at once, because Asterisk cuts a reader that is slow;
``connection`` empties the inbox. Beyond the high-water mark the socket is left alone until it is empty enough.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import deque
from typing import Any, Literal

import msgspec
import panoramisk
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as PanoramiskMessage

from ami_listener.encode import Header, encode
from ami_listener.link import LinkBrokenError
from ami_listener.protocol import Message
from ami_listener.url import PbxUrl
from cti.control.port import PbxSilentError, PbxUnreachableError
from cti.kernel.clock import Clock
from cti.kernel.errors import ConfigurationError

log = logging.getLogger(__name__)

HIGH_WATER = 8 << 20
LOW_WATER = 1 << 20
# A sender of single bytes fills memory with chunks before it fills it with bytes.
HIGH_CHUNKS = 20_000
# Linux; elsewhere the ping watchdog alone notices a dead link.
_KEEPALIVE = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 10_000))

Kind = Literal["single", "list"]


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """What one read of the socket returned, and when (epoch seconds)."""

    data: bytes
    at: float


class Answer(PanoramiskMessage):  # type: ignore[misc]
    """A message in the form that panoramisk matches with actions: its id, and our own message beside it."""

    def __init__(self, message: Message, at: float) -> None:
        super().__init__({"ActionID": message.headers["ActionID"]})
        self.ours = message
        self.at = at


class Request(Action):  # type: ignore[misc]
    """An action that knows when it is answered. Its future gives the answers in order.

    A list begins with ``Response: Success`` and ends with the event that says so (``EventList:
    Complete`` or ``Cancelled``; before Asterisk 13, a name that ends in Complete). Any other
    response is the only one: panoramisk waits for ever for the rest of a list that was refused.
    """

    def __init__(self, headers: dict[str, Header], kind: Kind) -> None:
        super().__init__(headers, as_list=kind == "list")

    def add_message(self, message: Answer) -> bool:
        self.responses.append(message)
        done = self._is_last(message.ours)
        if done and not self.future.done():
            self.future.set_result(list(self.responses))
        return done

    def _is_last(self, message: Message) -> bool:
        if not self.as_list:
            return True
        if not message.event:
            return message.headers.get("Response") != "Success"
        return message.headers.get("EventList") in ("Complete", "Cancelled") or message.event.endswith("Complete")


class AmiWire(AMIProtocol):  # type: ignore[misc]
    """One TCP connection. ``lost`` is set when it is gone, whoever ended it."""

    closed: bool
    responses: dict[str, Request]
    transport: asyncio.Transport

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.inbox: deque[Chunk] = deque()
        self.depth = self.pauses = self.received = 0
        self.paused = False
        self.arrived, self.lost = asyncio.Event(), asyncio.Event()
        self.received_at = clock.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        _keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        self.received_at = self.clock.monotonic()
        self.received += len(data)
        self.depth += len(data)
        self.inbox.append(Chunk(data, self.clock.now()))
        self.arrived.set()
        if not self.paused and (self.depth > HIGH_WATER or len(self.inbox) > HIGH_CHUNKS):
            self.paused = True
            self.pauses += 1
            self.transport.pause_reading()

    async def chunk(self) -> Chunk | None:
        """The next chunk, in order; None when the connection is gone and everything was taken."""
        while not self.inbox:
            if self.lost.is_set():
                return None
            self.arrived.clear()
            await self.arrived.wait()
        chunk = self.inbox.popleft()
        self.depth -= len(chunk.data)
        if self.paused and self.depth <= LOW_WATER and len(self.inbox) <= HIGH_CHUNKS // 2:
            self.paused = False
            # Our own slowness is no silence of the PBX.
            self.received_at = self.clock.monotonic()
            if not self.closed:
                self.transport.resume_reading()
        return chunk

    def send(self, data: dict[str, Header], as_list: bool = False) -> asyncio.Future[list[Answer]]:
        """Send an action; its future gives the answers. Raises ``UnsafeValueError`` before anything is sent."""
        request = data if isinstance(data, Request) else Request(data, "list" if as_list else "single")
        payload = encode(request.items())
        if self.closed:
            raise PbxUnreachableError("there is no link to the PBX")
        self.responses[request.id] = request
        self.transport.write(payload)
        future: asyncio.Future[list[Answer]] = request.future
        return future

    def forget(self, request: Request) -> None:
        """Nobody waits for this action any more; its answers, if they come, are events like others."""
        self.responses.pop(request.id, None)

    def match(self, message: Message, at: float) -> None:
        """Give a message to the action that it answers, if there is one."""
        action_id = message.headers.get("ActionID")
        if action_id is not None and action_id in self.responses:
            self.handle_message(Answer(message, at))

    def connection_lost(self, exc: Exception | None) -> None:
        # What waits for answers is not failed yet: they may be in the inbox. ``close`` does it.
        self.closed = True
        self.lost.set()
        self.arrived.set()

    def close(self) -> None:
        """Close the socket; whatever waits for an answer fails, and is not sent again (panoramisk does)."""
        pending, self.responses = list(self.responses.values()), {}
        for request in pending:
            if not request.future.done():
                request.future.set_exception(PbxSilentError("the link to the PBX broke before it answered"))
                # Not everybody awaits what they sent; the failure of those is told by the link's own state.
                request.future.exception()
        if not self.closed:
            self.closed = True
            self.transport.close()

    def abort(self) -> None:
        """Drop the connection without waiting for what is still to be written: the other side is dead."""
        self.transport.abort()


class AmiManager(panoramisk.Manager):  # type: ignore[misc]
    """panoramisk's manager for one connection; connecting, logging in and reconnecting are ``connection``'s."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)

    def attach(self, wire: AmiWire) -> None:
        """Use this connection from now on."""
        self.protocol = wire
        wire.factory, wire.config = self, self.config
        wire.encoding = self.config["encoding"]

    def connect(self, *_args: object, **_options: object) -> None:
        raise NotImplementedError("connections are made by PbxConnection.run")


async def connect(url: PbxUrl, clock: Clock, seconds: float) -> AmiWire:
    """Open a connection; raises ``LinkBrokenError`` with what is wrong."""
    where = f"{url.host} port {url.port}"
    try:
        context = url.ssl_context()
        name = (url.server_name or url.host) if context else None
        async with asyncio.timeout(seconds):
            _, wire = await asyncio.get_running_loop().create_connection(
                lambda: AmiWire(clock), url.host, url.port, ssl=context, server_hostname=name
            )
    except TimeoutError:
        raise LinkBrokenError("timeout", f"no answer from {where} in {seconds:g} s") from None
    except ConfigurationError as error:
        raise LinkBrokenError("tls", str(error)) from error
    except ssl.SSLError as error:
        raise LinkBrokenError("tls", f"no TLS with {where}: {_tls_reason(error)}") from error
    except OSError as error:
        raise LinkBrokenError("unreachable", f"cannot connect to {where}: {error.strerror or error}") from error
    return wire


def _tls_reason(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or str(error)


def _keep_alive(sock: socket.socket | None) -> None:
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
