"""A small AMI server for tests: it logs in, answers, and misbehaves as told."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Headers = dict[str, str]
Reply = Callable[["Session", Headers], "bytes | None"]

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
CHALLENGE = "123456789"
RIGHTS = ("Challenge", "Login", "Logoff", "Ping", "ListCommands", "CoreSettings", "Filter", "Originate", "QueueStatus")


def block(*pairs: tuple[str, str]) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in pairs).encode() + b"\r\n"


def success(request: Headers, *pairs: tuple[str, str]) -> bytes:
    return block(("Response", "Success"), ("ActionID", request["ActionID"]), *pairs)


def error(request: Headers, message: str) -> bytes:
    return block(("Response", "Error"), ("ActionID", request["ActionID"]), ("Message", message))


def event(name: str, *pairs: tuple[str, str]) -> bytes:
    return block(("Event", name), ("Privilege", "call,all"), *pairs)


class Session:
    """One client. ``mute``: read on, but answer nothing any more."""

    def __init__(self, server: FakeAmi, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.mute = self.logged_in = False

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def cut(self) -> None:
        self.writer.transport.abort()

    async def run(self) -> None:
        try:
            self.send(self.server.greeting)
            while True:
                request = await self._request()
                self.server.requests.append(request)
                reply = None if self.mute else self.server.reply(self, request)
                if reply is not None:
                    self.send(reply)
                    await self.writer.drain()
                if reply is not None and self.server.closes_after(request, reply):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writer.close()

    async def _request(self) -> Headers:
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        headers: Headers = {}
        for line in text.split("\r\n"):
            key, separator, value = line.partition(": ")
            if separator:
                headers[key] = f"{headers[key]}|{value}" if key in headers else value
        return headers


class FakeAmi:
    """Listens on 127.0.0.1. ``replies`` are by action name and go before what it answers by itself."""

    def __init__(self) -> None:
        self.user, self.secret = "tamas", "s3cret"
        self.greeting = GREETING
        self.version = "22.10.1"
        self.rights = list(RIGHTS)
        self.knows_challenge = True
        self.replies: dict[str, Reply] = {}
        self.requests: list[Headers] = []
        self.sessions: list[Session] = []
        self.port = 0

    def url(self, **options: str) -> str:
        query = "&".join(f"{key}={value}" for key, value in {"name": "main", **options}.items())
        return f"ami://{self.user}:{self.secret}@127.0.0.1:{self.port}/?{query}"

    @property
    def session(self) -> Session:
        return self.sessions[-1]

    def sent(self, action: str) -> list[Headers]:
        """The requests of that action so far."""
        return [request for request in self.requests if request["Action"] == action]

    def reply(self, session: Session, request: Headers) -> bytes | None:
        action = request["Action"]
        if action in self.replies:
            return self.replies[action](session, request)
        own: Reply | None = getattr(self, f"_{action.lower()}", None)
        return own(session, request) if own else success(request, ("Message", "done"))

    def closes_after(self, request: Headers, reply: bytes) -> bool:
        return request["Action"] == "Login" and reply.startswith(b"Response: Error")

    def _challenge(self, session: Session, request: Headers) -> bytes:
        if not self.knows_challenge:
            return error(request, "Must specify AuthType")
        return success(request, ("Challenge", CHALLENGE))

    def _login(self, session: Session, request: Headers) -> bytes:
        key = hashlib.md5((CHALLENGE + self.secret).encode()).hexdigest()
        good = request.get("Key") == key if "AuthType" in request else request.get("Secret") == self.secret
        if request["Username"] != self.user or not good:
            return error(request, "Authentication failed")
        session.logged_in = True
        return success(request, ("Message", "Authentication accepted")) + event("FullyBooted", ("Uptime", "1"))

    def _ping(self, session: Session, request: Headers) -> bytes:
        return success(request, ("Ping", "Pong"), ("Timestamp", "1795308697.250000"))

    def _listcommands(self, session: Session, request: Headers) -> bytes:
        return success(request, *[(name, f"Does {name}. (Priv: <none>)") for name in self.rights])

    def _coresettings(self, session: Session, request: Headers) -> bytes:
        return success(request, ("AMIversion", "11.0.0"), ("AsteriskVersion", self.version))

    @asynccontextmanager
    async def running(self, context: ssl.SSLContext | None = None) -> AsyncIterator[FakeAmi]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = Session(self, reader, writer)
            self.sessions.append(session)
            await session.run()

        server = await asyncio.start_server(serve, "127.0.0.1", self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for session in self.sessions:
                session.cut()
            await server.wait_closed()


async def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - any condition, so there is no event to wait for
            await asyncio.sleep(0.002)
