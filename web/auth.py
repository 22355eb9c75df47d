"""Who asks, by cookie or token; and that a write with a cookie was meant by him (CSRF).

The cookie is HttpOnly and SameSite=Lax; a write needs in addition our own origin and the session's own token, in the
header ``X-CSRF-Token`` or the field ``csrf``. ``Authorization: Bearer`` needs neither: no browser sends it unasked.
Neighbours: ``crm_core.users.access`` knows who has which, ``pages.sign_in`` hands cookies out, ``push`` asks again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from aiohttp import web

from crm_core.users.access import LIFE_SECONDS, Signed
from crm_core.users.sessions import CODE_SECONDS, Visitor
from cti.kernel.errors import N_, ForbiddenError, UnauthenticatedError
from web.guard import ACTOR, CSRF, READER, same_origin
from web.page import SERVICES, in_background, wants_fragment
from web.peer import encrypted, from_loopback, origin_of

COOKIE = "tamas_session"
TICKET = "tamas_sign_in"
SIGN_IN, CODE, WELCOME, SIGN_OUT = "/sign-in", "/sign-in/code", "/welcome", "/sign-out"
HEADER, FIELD = "X-CSRF-Token", "csrf"
THE_DOOR = "X-Sign-In"
"""Of the answer to a script that asks for nobody: where one signs in. The page stays, with what was typed in it."""
SAFE = ("GET", "HEAD", "OPTIONS")
LONGEST_SECRET = 200
UNASKED = ("/healthz", "/static/dist/")
PROBES = ("/readyz", "/metrics")
"""Paths that nobody is looked up for (the probes: on this machine): they answer also while the database is away."""
WHILE_WAITING = (WELCOME, SIGN_OUT)
"""All that is open to who has to choose a password first."""

SIGNED = web.RequestKey("signed", Signed)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StaleError(ForbiddenError):
    """A form with the token of a session of before: its sender is who he says, and may send it again."""


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Looks up who asks and refuses forged writes; what he may do is up to the handler."""
    if request.path.startswith(UNASKED) or (request.path in PROBES and from_loopback(request)):
        return await handler(request)
    signed = await signed_in(request)
    if signed is not None:
        request[SIGNED], request[ACTOR], request[READER] = signed, signed.actor, signed.user
        request[CSRF] = csrf_token(request.cookies.get(COOKIE, ""))
    if request.method not in SAFE and not (signed is not None and signed.actor.kind == "token"):
        await _refuse_forged(request, signed)
    if signed is not None and signed.must_change and request.path not in WHILE_WAITING:
        return _first_choose(request)
    return await handler(request)


async def signed_in(request: web.Request, *, seen: bool = True) -> Signed | None:
    """Who asks, None for nobody. UnauthenticatedError if he shows a token that opens nothing."""
    access, origin = request.app[SERVICES].crm.access, origin_of(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        signed = await access.of_token(token.strip(), origin, seen=seen) if len(token) < LONGEST_SECRET else None
        if signed is None:
            raise UnauthenticatedError(N_("This token is unknown, has expired or was revoked."))
        return signed
    secret = request.cookies.get(COOKIE, "")
    if not 0 < len(secret) < LONGEST_SECRET:
        return None
    return await access.of_session(secret, origin, seen=seen)


def csrf_token(secret: str) -> str:
    """The token of a session's writes: made of its secret, so that nothing has to be kept."""
    return hmac.new(secret.encode(), b"tamas csrf", hashlib.sha256).hexdigest() if secret else ""


async def _refuse_forged(request: web.Request, signed: Signed | None) -> None:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or not same_origin(request):
        raise ForbiddenError(N_("This was sent by another site, not by a page of ours."))
    if signed is None or request.path in (SIGN_IN, CODE):  # a page that stood open while one signed in elsewhere
        return
    given = request.headers.get(HEADER) or await _field(request)
    if not hmac.compare_digest(given.encode("utf-8", "replace"), request[CSRF].encode()):
        raise StaleError(N_("This page is too old to be sent. Open it again, then send it once more."))


async def _field(request: web.Request) -> str:
    """The token in a form. A form with files is left unread, it may be huge: it says ``?csrf=`` in its address."""
    if request.content_type == "application/x-www-form-urlencoded":
        return str((await request.post()).get(FIELD, ""))
    if request.content_type == "multipart/form-data":
        return request.query.get(FIELD, "")
    return ""


def _first_choose(request: web.Request) -> web.StreamResponse:
    if request.path.startswith("/api/") or request.path == "/push" or request.method not in SAFE:
        raise ForbiddenError(N_("Choose a password of your own first: sign in with a browser."))
    return leave_for(request, WELCOME)


# --- going in and out


def visitor(request: web.Request) -> Visitor:
    return Visitor(origin_of(request), request.headers.get("User-Agent", ""))


def set_session(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Give the browser its session, and end the step before it."""
    response.set_cookie(
        COOKIE, secret, max_age=int(LIFE_SECONDS), httponly=True, samesite="Lax", secure=encrypted(request)
    )
    response.del_cookie(TICKET, path=SIGN_IN)


def set_ticket(request: web.Request, response: web.StreamResponse, ticket: str) -> None:
    """Remember that the password was right, until the code is typed."""
    response.set_cookie(
        TICKET,
        ticket,
        max_age=int(CODE_SECONDS),
        path=SIGN_IN,
        httponly=True,
        samesite="Strict",
        secure=encrypted(request),
    )


def clear_session(response: web.StreamResponse) -> None:
    response.del_cookie(COOKIE)


def own_path(text: str) -> str:
    """``text`` if it is a page of ours to go to after signing in, else the first page: never another site."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    plain = text.isprintable() and "\\" not in text and not text.startswith("//")
    if parts.scheme or parts.netloc or not plain or not text.startswith("/") or len(text) > 2000:
        return "/"
    return "/" if parts.path.startswith((SIGN_IN, WELCOME, SIGN_OUT, "/api/", "/push")) else text


def to_sign_in(request: web.Request) -> web.StreamResponse:
    """Who is not signed in goes there first and comes back to where he wanted to go."""
    background = in_background(request)
    there = page_of(request) if background or request.method not in SAFE else own_path(request.path_qs)
    door = SIGN_IN if there == "/" else f"{SIGN_IN}?{next_query(there)}"
    if background:
        return web.Response(text="Sign in first.\n", status=401, headers={THE_DOOR: door, "Cache-Control": "no-store"})
    return leave_for(request, door)


def next_query(there: str) -> str:
    return f"next={quote(there, safe='/')}"


def leave_for(request: web.Request, path: str) -> web.StreamResponse:
    """To another page, whether a browser asks or htmx for a part of one."""
    if wants_fragment(request):
        return web.Response(status=401, headers={"HX-Redirect": path})
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def page_of(request: web.Request) -> str:
    """The page of ours that the fragment or form is part of."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    path, query = parts.path, parts.query
    while path.count("/") > 1 and not _is_page(request, path):
        path, query = path.rpartition("/")[0], ""  # the answer to a form: its page stands above
    return own_path(path + (f"?{query}" if query else ""))


def _is_page(request: web.Request, path: str) -> bool:
    for route in request.app.router.routes():
        if route.method == "GET" and route.resource is not None:
            place = route.resource.get_info()
            if place.get("path") == path or ("pattern" in place and place["pattern"].fullmatch(path)):
                return True
    return False
