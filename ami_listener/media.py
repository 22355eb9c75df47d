"""Takes the sound that PBXs send over WebSocket (Asterisk's chan_websocket), for those who listen without a phone.

The PBX connects to us and begins with a text frame that names its channel's unique id; only an id that ``expect``
announced, which nobody can guess, is let in, once. Then come binary frames of mu-law. Nothing is ever sent back but
the end. Protocol: Asterisk's documentation of chan_websocket (20.16, 21.11, 22.6 and later).
Neighbours: ``cti.control.spying`` asks for it, ``web.listening`` carries it to the browser.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ami_listener.versions import known_since
from cti.kernel.errors import ConfigurationError

log = logging.getLogger(__name__)

PROTOCOL = Subprotocol("media")
PATH = "/media"
START = "MEDIA_START"
FORMAT = "ulaw"
BEGIN_SECONDS = 5.0
"""Who has not said within this time whose sound he brings is sent away."""
MOST_STRANGERS = 20
"""Connections that have not said so yet."""
KNOWN_SINCE: Mapping[int, int] = {20: 16, 21: 11, 22: 6}
"""Asterisk's branches, and in each the first release that has chan_websocket; older branches never get it."""
MOST_WAITING = 50
"""Frames (of 20 ms) kept for a listener who does not keep up: older ones are of no use to him."""
LARGEST_FRAME = 64 * 1024
NOT_EXPECTED = 1008
OVER = 1000


class InUseError(ConfigurationError):
    """The address cannot be had: something else listens there, or it is none of this machine."""


class SocketEar:
    """The sound of one channel."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._news = asyncio.Event()
        self.begun = asyncio.Event()
        """Set when the PBX has brought it."""
        self._over = False
        self._connection: ServerConnection | None = None

    async def frames(self) -> AsyncIterator[bytes]:
        """As they come; for one listener. Ends when the PBX has closed its end, or ``close`` was called."""
        while True:
            while self._frames:
                yield self._frames.popleft()
            if self._over:
                return
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        """The PBX hangs up the channel when its socket is closed."""
        self.end()
        if self._connection is not None:
            await self._connection.close(OVER)

    def begin(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.begun.set()

    def put(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._news.set()

    def end(self) -> None:
        self._over = True
        self._news.set()

    @property
    def over(self) -> bool:
        return self._over


class MediaServer:
    """``address`` is where it listens, once it was started."""

    def __init__(self) -> None:
        self._expected: dict[str, SocketEar] = {}
        self._strangers = 0
        self._server: Server | None = None
        self.address = ("", 0)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Raises ``InUseError`` where the address cannot be had."""
        try:
            self._server = await serve(
                self._serve,
                host,
                port,
                subprotocols=[PROTOCOL],
                max_size=LARGEST_FRAME,
                compression=None,
                close_timeout=1.0,
                ssl=tls,
            )
        except OSError as error:
            raise InUseError(f"CTI_MEDIA: {host}:{port} cannot be used: {error.strerror}") from error
        self.address = next(iter(self._server.sockets)).getsockname()[:2]

    async def close(self) -> None:
        for ear in tuple(self._expected.values()):
            ear.end()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def expect(self, uniqueid: str) -> SocketEar:
        """A channel of that id will bring sound, once."""
        self._expected = {key: ear for key, ear in self._expected.items() if not ear.over}
        ear = self._expected[uniqueid] = SocketEar()
        return ear

    async def _serve(self, connection: ServerConnection) -> None:
        ear = await self._known(connection)
        if ear is None:
            await connection.close(NOT_EXPECTED)
            return
        ear.begin(connection)
        try:
            async for message in connection:
                if isinstance(message, bytes):
                    ear.put(message)
        except ConnectionClosed as closed:
            log.debug("a PBX's sound broke off: %s", closed)
        finally:
            ear.end()

    async def _known(self, connection: ServerConnection) -> SocketEar | None:
        """Whose sound this is; None for a stranger."""
        request = connection.request
        if request is None or request.path.partition("?")[0] != PATH or self._strangers >= MOST_STRANGERS:
            return None
        self._strangers += 1
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                told = started(await connection.recv())
        except (TimeoutError, ConnectionClosed):
            return None
        finally:
            self._strangers -= 1
        if told.get("format") != FORMAT:
            return None
        ear = self._expected.pop(told.get("channel_id", ""), None)
        return ear if ear is not None and not ear.over else None


def started(message: str | bytes) -> dict[str, str]:
    """``MEDIA_START connection_id:… channel:… channel_id:… format:ulaw …`` as a table; empty if it is no such."""
    if not isinstance(message, str):
        return {}
    first, *rest = message.split(" ")
    return dict(part.split(":", 1) for part in rest if ":" in part) if first == START else {}


def can_send(version: str) -> bool | None:
    """Whether an Asterisk of this version (``22.10.1``) can send sound here; None if that cannot be told from it."""
    return None if version.lower().startswith("certified") else known_since(version, KNOWN_SINCE)
