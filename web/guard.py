"""Where the server may be reached, under which names, and what a browser may do with its pages.

Beyond loopback only with TLS: another address is refused at start. The Host header must name this machine (else a
page on the internet could rebind its own name to 127.0.0.1 and read our calls), and the socket takes
only our own origin (WebSockets ignore CORS). Neighbours: ``server`` installs it, ``push`` asks it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from crm_core.users.account import User
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.errors import ConfigurationError

NOT_OURS = (
    "This server does not answer for that host name. If people are to reach it by that name, set CTI_PUBLIC_URL to it, "
    "or make the certificate for it too (cti tls --name NAME).\n"
)
LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
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


class NotPrivateError(ConfigurationError):
    """The configured address can be reached from other machines, and what is sent to it could be read on the way."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"refusing to listen on {host or 'all addresses'} without TLS: passwords and calls could be read on the "
            "way. Run `cti tls` once to make a certificate for your network, or set CTI_TLS_CERT and CTI_TLS_KEY; or "
            "set CTI_BEHIND_PROXY=1 if a proxy on this machine ends TLS; or set CTI_HTTP to 127.0.0.1:8080."
        )


def require_private(host: str, *, tls: bool, behind_proxy: bool) -> None:
    """NotPrivateError if what is sent to ``host`` crosses a network in the clear."""
    if not (tls or behind_proxy or is_loopback(host)):
        raise NotPrivateError(host)


def is_loopback(host: str) -> bool:
    """True for an address of this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


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


def ours(host: str, names: Iterable[str]) -> bool:
    """True if ``host`` is one of these names; ``*.example.com`` stands for every one directly beneath it."""
    return any(host == name or (name[:2] == "*." and host.partition(".")[2] == name[2:]) for name in names)


def guard(names: Callable[[], Iterable[str]]) -> Middleware:
    """The middleware: a Host that is not among ``names`` (asked each time) is refused."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not ours(host_of(request.host), names()):
            raise web.HTTPMisdirectedRequest(text=NOT_OURS)
        request[ACTOR], request[CSRF] = NOBODY, ""  # until ``auth`` knows better
        return await handler(request)

    return middleware


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Every answer, errors too, tells the browser what it may do."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
