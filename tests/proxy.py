"""A TCP proxy between the product and a server, which breaks the line in the ways in which lines break.

`cut` resets every connection. `freeze` keeps them open and passes nothing on any more, as a line without a FIN does;
with `newcomers` what connects then gets no answer either (a black hole). `slow` passes only so many bytes a second on
to the client. `heal` makes everything that comes after it whole again; connections that were frozen stay dead.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close() sends RST instead of FIN


class Proxy:
    """Listens on a free port of loopback; `Proxy.running(host, port)` is its context manager."""

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.port = 0
        self.connections = 0
        self._black_hole = False
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, host: str, port: int) -> AsyncIterator[Proxy]:
        proxy = cls(host, port)
        proxy._server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy.port = proxy._server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            proxy._server.close()
            proxy.cut()
            await asyncio.gather(*proxy._tasks)

    def instead_of(self, url: str) -> str:
        """The same URL with the proxy's address."""
        host, port = self.target
        return url.replace(f"@{host}:{port}/", f"@127.0.0.1:{self.port}/")

    @property
    def open(self) -> int:
        """Connections that are open, frozen ones too."""
        return len(self._lines)

    def cut(self) -> None:
        """Reset every connection; what comes next is served."""
        for line in tuple(self._lines):
            line.reset()

    def freeze(self, *, newcomers: bool = False) -> None:
        """Pass nothing on any more, and tell nobody."""
        self._black_hole = newcomers
        for line in self._lines:
            line.frozen = True

    def heal(self) -> None:
        """Serve what connects from now on."""
        self._black_hole = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        line = _Line(reader, writer)
        line.frozen = self._black_hole
        self._lines.add(line)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await line.run(*self.target)
        finally:
            self._lines.discard(line)
            self._tasks.discard(task)


class _Line:
    """One client and its connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writers = reader, [writer]
        self._closed = asyncio.Event()
        self.frozen = False

    async def run(self, host: str, port: int) -> None:
        tasks = []
        with suppress(OSError):
            if not self.frozen:
                reader, writer = await asyncio.open_connection(host, port)
                self._writers.append(writer)
                tasks.append(asyncio.create_task(self._pump(self._reader, writer)))
                tasks.append(asyncio.create_task(self._pump(reader, self._writers[0])))
            await self._over(tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()

    async def _over(self, tasks: list[asyncio.Task[None]]) -> None:
        """Return when one side has hung up, or it was reset. A frozen line lasts until then."""
        closed = asyncio.create_task(self._closed.wait())
        try:
            if tasks:
                await asyncio.wait([closed, *tasks], return_when=asyncio.FIRST_COMPLETED)
                if self.frozen:
                    await closed
            else:
                await closed
        finally:
            closed.cancel()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self.frozen:
                await self._closed.wait()
                return
            writer.write(data)
            await writer.drain()

    def reset(self) -> None:
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            if sock is not None and not writer.is_closing():
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        self._closed.set()
