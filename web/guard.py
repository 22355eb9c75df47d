"""Who may reach the server while there is no sign-in, and what a browser may do with its pages.

Loopback only: another address is refused at start. The Host header must name this machine (else a
page on the internet could rebind its own name to 127.0.0.1 and read our calls), and the socket takes
only our own origin (WebSockets ignore CORS). Neighbours: ``server`` installs it, ``push`` asks it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from crm_core.users.account import User
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.errors import ConfigurationError

LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

ACTOR = web.RequestKey("actor", Actor)
READER = web.RequestKey("reader", User)
"""The user whose preferences the page is written by; not there for who is not signed in."""
CSRF = web.RequestKey("csrf", str)
"""What the session's forms have to carry; empty for who has none."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotLoopbackError(ConfigurationError):
    """The configured address can be reached from other machines, and there is no sign-in yet."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"refusing to listen on {host or 'all addresses'}: there is no sign-in yet, so the pages are for this "
            f"machine only. Set CTI_HTTP to 127.0.0.1:8080 (reach it from elsewhere through an SSH tunnel)."
        )


def require_loopback(host: str) -> None:
    """NotLoopbackError unless ``host`` is an address of this machine alone."""
    if host.lower() == "localhost":
        return
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise NotLoopbackError(host) from None
    if not address.is_loopback:
        raise NotLoopbackError(host)


def host_of(authority: str) -> str:
    """``localhost:8080`` and ``[::1]:8080`` -> ``localhost``, ``::1``; empty if it is no authority."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").lower()
    except ValueError:
        return ""


def same_origin(request: web.Request) -> bool:
    """True for a request of our own pages, or of a program (which sends no Origin)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == request.host.lower()


def guard(allowed_hosts: frozenset[str]) -> Middleware:
    """The middleware: a Host that is not ours is refused; every answer carries the security headers."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if host_of(request.host) not in allowed_hosts:
            raise web.HTTPMisdirectedRequest(text="This server does not answer for that host name.\n")
        request[ACTOR], request[CSRF] = NOBODY, ""  # until ``auth`` knows better
        return await handler(request)

    return middleware


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Every answer, errors too, tells the browser what it may do."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
