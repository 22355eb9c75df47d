"""Where a request really comes from, and whether it came encrypted: also behind a proxy that ends TLS for us.

``X-Forwarded-*`` can be written by anybody, so it is believed only where ``CTI_BEHIND_PROXY`` is set, and only from a
proxy on this machine. Neighbours: ``auth`` limits by address and marks cookies, the audit keeps the address.
"""

from __future__ import annotations

import ipaddress

from aiohttp import web

from web.page import SERVICES


def peer_of(request: web.Request) -> str:
    """The address of the machine at the other end of the line."""
    return request.remote or ""


def from_loopback(request: web.Request) -> bool:
    """True if somebody on this machine asks, and not a proxy for somebody elsewhere."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via")):
        return False
    return _is_loopback(peer_of(request))


def origin_of(request: web.Request) -> str:
    """The address of whoever asks; that which the proxy adds stands last in its list."""
    if not _proxied(request):
        return peer_of(request)
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip().strip("[]")
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return peer_of(request)


def encrypted(request: web.Request) -> bool:
    """True if the browser speaks HTTPS (or WSS)."""
    if _proxied(request):
        return request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower() == "https"
    return request.secure


def _proxied(request: web.Request) -> bool:
    return request.app[SERVICES].behind_proxy and _is_loopback(peer_of(request))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
