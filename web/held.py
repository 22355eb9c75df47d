"""Sockets that are held only as long as their user may: from our own pages, with a permission that he still has.

Whoever is signed out, or loses the permission, loses the socket within seconds; so does everybody when we stop.
Neighbours: ``listening`` and ``sip`` carry something in such a socket; ``push``, which has thousands, looks after its
own in one go and takes from here who may.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSCloseCode, web

from crm_core.users.access import Signed
from cti.kernel.actor import Actor
from cti.kernel.errors import DatabaseUnavailableError, UnauthenticatedError
from web.auth import signed_in
from web.guard import same_origin
from web.page import actor_of, admit

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 20.0
LOOK_SECONDS = 2.0
"""So often it is asked whether the user still may."""
SIGNED_OUT = 4401
"""Closed because nobody is signed in (any more): coming back is of no use before signing in (RFC 6455 §7.4.2)."""

Serve = Callable[[web.Request, Actor], Awaitable[web.StreamResponse]]


def require_own_page(request: web.Request) -> None:
    """403 for the script of another site, whose visitor's cookie comes along."""
    if not same_origin(request):
        raise web.HTTPForbidden(text="This socket is for this server's own pages only.\n")


async def by_now(request: web.Request) -> Actor | None:
    """Who it is by now; None: nobody (any more), or one who has to choose a password first.

    An open socket is no sign of life: a session that nobody uses ends though its page is open.
    """
    try:
        return settled(await signed_in(request, seen=False))
    except UnauthenticatedError:  # a token that was revoked
        return None


def settled(signed: Signed | None) -> Actor | None:
    """Who has to choose a password first may have no socket."""
    return None if signed is None or signed.must_change else signed.actor


class Held:
    """The sockets of one kind. ``longest``: bytes that a browser may say at once."""

    def __init__(self, permission: str, *, longest: int, protocols: tuple[str, ...] = ()) -> None:
        self._permission, self._longest, self._protocols = permission, longest, protocols
        self._open: dict[web.WebSocketResponse, Actor] = {}

    def install(self, app: web.Application, path: str, serve: Serve) -> None:
        """Let ``serve`` answer at ``path`` who may come in, and close all sockets when ``app`` stops."""

        async def admitted(request: web.Request) -> web.StreamResponse:
            require_own_page(request)
            return await serve(request, actor_of(request))

        app.add_routes([web.get(path, admit(self._permission, admitted))])
        app.on_shutdown.append(self._close)

    def count(self, actor: Actor) -> int:
        """How many he has."""
        return sum(one.id == actor.id for one in self._open.values())

    @asynccontextmanager
    async def opened(self, request: web.Request, actor: Actor) -> AsyncIterator[web.WebSocketResponse]:
        """A socket that counts from now on, until this is left."""
        socket = web.WebSocketResponse(
            protocols=self._protocols, heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=self._longest
        )
        self._open[socket] = actor
        try:
            await socket.prepare(request)
            yield socket
        finally:
            del self._open[socket]

    async def hold(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        *ways: Coroutine[Any, Any, None],
        code: int = WSCloseCode.OK,
    ) -> None:
        """Go all ``ways`` until one is at its end, or the user may no longer; then close ``socket``."""
        watch = asyncio.create_task(self._watch(request))
        tasks = [watch, *map(asyncio.create_task, ways)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for error in filter(None, (task.exception() for task in done)):
            log.error("%s: a socket failed", request.path, exc_info=error)
        await socket.close(code=SIGNED_OUT if watch in done else code)

    async def _watch(self, request: web.Request) -> None:
        """Returns when this user may have no such socket any more."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                actor = await by_now(request)
            except DatabaseUnavailableError:
                continue  # who was let in stays until somebody can be asked
            if actor is None or not actor.may(self._permission):
                return

    async def _close(self, _app: web.Application) -> None:
        closing = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open if socket.prepared]
        await asyncio.gather(*closing, return_exceptions=True)
