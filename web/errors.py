"""What went wrong, as an answer: a page for people, a problem document (RFC 9457) under ``/api``.

Neighbour: ``cti.kernel.errors`` sorts errors by what the caller can do; here each class gets its HTTP
status and its words.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from cti.kernel import errors
from web import i18n
from web.auth import StaleError, page_of, to_sign_in
from web.guard import ACTOR
from web.i18n import N_
from web.page import in_background, language_of, render

log = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[Exception], int], ...] = (  # the first that fits
    (errors.NotFoundError, 404),
    (errors.InvalidError, 400),
    (msgspec.ValidationError, 400),
    (errors.UnauthenticatedError, 401),
    (errors.ForbiddenError, 403),
    (errors.TooManyError, 429),
    (errors.ConflictError, 409),
    (errors.RefusedError, 422),
    (errors.UnavailableError, 503),
)
TEXTS: dict[int, tuple[str, str]] = {  # what happened, what to do
    400: (N_("That cannot be read"), N_("Check what you typed in the address or the filters.")),
    401: (N_("Sign in first"), N_("Your session has ended, or you are not signed in.")),
    403: (N_("That is not allowed"), N_("Ask whoever runs this server.")),
    429: (N_("Too often"), N_("Wait a little, then try again.")),
    404: (N_("There is no such page"), N_("The address may be mistyped, or the call was never in the log.")),
    421: (N_("That is not allowed"), N_("Open the page under the address that the server printed at start.")),
    503: (N_("Something outside is down"), N_("The live page goes on. Try again in a moment.")),
    500: (N_("We made a mistake"), N_("It is in the log of the server. What you see elsewhere is not affected.")),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


FOR_PROGRAMS = ("/metrics", "/readyz", "/push")


def said(request: web.Request, error: errors.TamasError) -> str:
    """What the error says, in the reader's language; as it was said where it has no words in it."""
    return _translated(request, error) or str(error)


def _translated(request: web.Request, error: errors.TamasError) -> str | None:
    """None if the sentence is not there in the reader's language. The names of fields are words too."""
    language = language_of(request)
    translate = i18n.translations(language).gettext
    text = translate(error.text) if error.text else ""
    if not text or (text == error.text and language != "en"):
        return None
    values = {name: translate(str(value)) if name == "field" else value for name, value in error.values.items()}
    return text % values if values else text


def _in_words(request: web.Request, error: Exception | None) -> str | None:
    """As ``_translated``, for errors that are meant for people."""
    return _translated(request, error) if isinstance(error, errors.TamasError) else None


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every error into an answer; only mistakes of ours are logged with their traces."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, error.status, error.text or error.reason, dict(error.headers))
    except ConnectionResetError:  # the reader went away in the middle of the answer
        raise
    except Exception as error:
        status = next((code for kind, code in STATUSES if isinstance(error, kind)), 500)
        if status == 500:
            log.exception("%s %s failed", request.method, _named(request))
        headers = {"Retry-After": f"{error.retry_seconds:.0f}"} if isinstance(error, errors.TooManyError) else {}
        return _answer(request, status, str(error) if status < 500 else HTTPStatus(status).phrase, headers, error)


def problem(status: int, detail: str, **more: bool) -> web.Response:
    """A problem document; its ``type`` is ``about:blank``, so ``title`` is the status in words (RFC 9457 §4.2.1).
    ``more``: members of our own (§3.2)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail.strip()}
    return web.Response(body=msgspec.json.encode(body | more), status=status, content_type="application/problem+json")


def _answer(
    request: web.Request, status: int, detail: str, headers: dict[str, str], error: Exception | None = None
) -> web.StreamResponse:
    response: web.StreamResponse
    if request.path.startswith("/api/"):
        more = {"anyway": True} if isinstance(error, errors.AskedFirstError) else {}
        response = problem(status, (in_background(request) and _in_words(request, error)) or detail, **more)
    elif status == 401 and not _for_program(request):
        response = to_sign_in(request)
    elif ACTOR not in request or _for_program(request):  # no page may be shown to that host
        response = web.Response(text=detail.strip() + "\n", status=status)
    else:
        title, hint = TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
        hint = i18n.translations(language_of(request)).gettext(hint)
        if status < 500 and isinstance(error, errors.TamasError):
            hint = _translated(request, error) or hint
        response = _page(request, status, title, hint, error)
    if status == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    for name in ("Allow", "Retry-After"):
        if name in headers:
            response.headers[name] = headers[name]
    return response


def _named(request: web.Request) -> str:
    """The address as a log may have it: a link's key opens something to whoever reads it."""
    key = request.match_info.get("token")
    return request.path.replace(key, "…") if key else request.path


def _for_program(request: web.Request) -> bool:
    """A plain line is of more use than a page; so it is to who opens a socket."""
    return request.path in FOR_PROGRAMS or request.headers.get("Upgrade", "").lower() == "websocket"


STALE = "X-Stale"
"""Of the answer to a script whose page has the token of a session of before."""


def _page(request: web.Request, status: int, title: str, hint: str, error: Exception | None) -> web.StreamResponse:
    """The error in the shell. ``again``: the page whose form could not be taken, to be sent once more."""
    stale = isinstance(error, StaleError)
    if stale and in_background(request):
        return web.Response(text=f"{hint}\n", status=status, headers={STALE: "1"})
    again = page_of(request) if stale else ""
    return render(request, "error", "error.html", status=status, code=status, title=title, hint=hint, again=again)
