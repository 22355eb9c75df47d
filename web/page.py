"""A page: its address, its place in the rail, and how a template becomes an answer.

Each module in ``pages`` defines one or two; ``pages.PAGES`` lists them all. A request of htmx gets
the page's fragment, made by the same template that the page includes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from cti.kernel.actor import NOBODY, Actor
from cti.kernel.errors import ForbiddenError, RefusedError, UnauthenticatedError
from web import i18n
from web.assets import Assets
from web.format import Formats
from web.guard import ACTOR, CSRF, READER
from web.scope import scope_of
from web.services import Services
from web.templating import environment
from web.words import words

SERVICES = web.AppKey("services", Services)
ASSETS = web.AppKey("assets", Assets)
RAIL = web.AppKey("rail", tuple["Page", ...])
THEMES = ("light", "dark")
YEAR_SECONDS = 365 * 86400

Show = Callable[[web.Request], Awaitable[web.StreamResponse]]

SCRIPT = "X-Tamas-Script"
"""The header of what is sent in the background."""

ANYBODY = "anybody"
"""In place of a permission: who is not signed in may come in too."""
SIGNED_IN = "signed in"
"""In place of a permission: whoever is signed in."""


@dataclass(frozen=True)
class Form:
    """What a page sends: a POST that changes something and answers with a fragment or a redirect."""

    path: str
    run: Show
    permission: str


@dataclass(frozen=True)
class Page:
    """``label`` and ``icon`` give it a place in the rail; ``name`` marks which place is the current one.

    ``permission``: what its services will ask for, so that the rail shows only what opens; several of which one is
    enough are separated by a bar. ``forms``: what it sends.
    """

    path: str
    name: str
    show: Show
    label: str | None = None
    icon: str = ""
    permission: str = SIGNED_IN
    forms: tuple[Form, ...] = ()
    hint: str = ""
    """Of a page that is set up once: what for, in a sentence. Such pages stand at ``/settings``, not in the rail."""
    letter: str = ""
    """After ``G``, the key that leads there."""


def opens(permission: str, actor: Actor) -> bool:
    """True if ``actor`` may come in where ``permission`` (of a page, a form, an operation) is asked for."""
    if permission == ANYBODY:
        return True
    return actor.known and (permission == SIGNED_IN or any(map(actor.may, permission.split("|"))))


def admit(permission: str, show: Show) -> Show:
    """``show`` for those who may come in; the others get UnauthenticatedError or ForbiddenError."""

    async def shown(request: web.Request) -> web.StreamResponse:
        actor = actor_of(request)
        if not opens(permission, actor):
            raise refusal(permission, actor)
        return await show(request)

    return shown


def refusal(permission: str, actor: Actor) -> RefusedError:
    """Why ``actor`` may not come in where ``permission`` is asked for."""
    if not actor.known:
        return UnauthenticatedError("Sign in, or send Authorization: Bearer TOKEN.")
    return ForbiddenError(f"This needs the permission {permission.replace('|', ' or ')}; ask an administrator for it.")


def navigation(pages: tuple[Page, ...], actor: Actor) -> dict[str, list[Page]]:
    """What opens to ``actor``: the places of the rail, and those of the settings."""
    mine = [page for page in pages if opens(page.permission, actor)]
    return {"rail": [p for p in mine if not p.hint], "settings_pages": [p for p in mine if p.hint]}


def actor_of(request: web.Request) -> Actor:
    """Who asks; ``cti.kernel.actor.NOBODY`` if he is not signed in."""
    actor: Actor = request.get(ACTOR, NOBODY)
    return actor


def language_of(request: web.Request) -> str:
    """What the address asks for, else what the reader chose: as a user, or before signing in by a cookie."""
    reader, setting = request.get(READER), request.app[SERVICES].language
    return i18n.choose(request.query.get("lang"), (reader and reader.language) or request.cookies.get("lang"), setting)


def theme_of(request: web.Request) -> str | None:
    """light or dark; None: as the system has it."""
    reader = request.get(READER)
    theme = (reader and reader.theme) or request.cookies.get("theme")
    return theme if theme in THEMES else None


def formats(request: web.Request) -> Formats:
    """How this request's reader sees dates and numbers."""
    services, language = request.app[SERVICES], language_of(request)
    translate = i18n.translations(language).gettext
    reader = request.get(READER)
    chosen = {"calendar": reader.calendar, "digits": reader.digits} if reader else {}
    return Formats(language, services.timezone, services.region, translate, services.clock.now, **chosen)


def wants_fragment(request: web.Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def in_background(request: web.Request) -> bool:
    """True if a script of the page asks, which has a use for the status and none for another page."""
    return SCRIPT in request.headers or wants_fragment(request)


def render(
    request: web.Request, name: str, template: str, *, status: int = 200, fragment: str | None = None, **values: Any
) -> web.Response:
    """``template`` filled with ``values``; for htmx only ``fragment``, where the page has one."""
    language = language_of(request)
    chosen = fragment if fragment and wants_fragment(request) else template
    text = rendered(request, name, chosen, **values)
    response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Cache-Control"] = "no-store"
    if request.query.get("lang") in i18n.LANGUAGES:
        response.set_cookie("lang", language, max_age=YEAR_SECONDS, samesite="Lax")
    return response


def rendered(request: web.Request, name: str, template: str, **values: Any) -> str:
    """``template`` filled with ``values``, to stand in a page."""
    language = language_of(request)
    return environment(language).get_template(template).render(_context(request, language, name) | values)


def _back(request: web.Request) -> str:
    """This page, without a language asked for in its address."""
    return str(request.rel_url.without_query_params("lang")) if request.method == "GET" else request.path


def _softphone(request: web.Request) -> bool:
    """Does the reader work at a phone that is used in the browser?"""
    services = request.app[SERVICES]
    return bool(services.sip) and services.crm.softphones.used_at(actor_of(request).extensions)


def _context(request: web.Request, language: str, name: str) -> dict[str, Any]:
    other = next(choice for choice in i18n.LANGUAGES if choice != language)
    f, reader = formats(request), request.get(READER)
    return {
        "actor": actor_of(request),
        "asset": request.app[ASSETS].url,
        "csrf": request.get(CSRF, ""),
        "demo": request.app[SERVICES].demo,
        "calendar": f.calendar,
        "density": reader.density if reader else "",
        "digits": "persian" if f.persian else "latin",
        "dir": i18n.DIRECTIONS[language],
        "f": f,
        "here": name,
        "is_live": lambda call: request.app[SERVICES].feed.board.live(call.id) is not None,
        "lang": language,
        "reader": reader,
        "name_of": request.app[SERVICES].feed.board.name_of,
        "other_lang": {
            "code": other,
            "name": i18n.NATIVE[other],
            "url": request.rel_url.update_query(lang=other),
            "back": _back(request),
        },
        **navigation(request.app[RAIL], actor_of(request)),
        "scope": scope_of(actor_of(request)),
        "softphone": actor_of(request).may("desk.use") and _softphone(request),
        "theme": theme_of(request),
        "words": words(i18n.translations(language).gettext),
    }
