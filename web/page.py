"""A page: its address, its place in the rail, and how a template becomes an answer.

Each module in ``pages`` defines one or two; ``pages.PAGES`` lists them all. A request of htmx gets
the page's fragment, made by the same template that the page includes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from web import i18n
from web.assets import Assets
from web.format import Formats
from web.services import Services
from web.templating import environment
from web.words import words

SERVICES = web.AppKey("services", Services)
ASSETS = web.AppKey("assets", Assets)
RAIL = web.AppKey("rail", tuple["Page", ...])
THEMES = ("light", "dark")
YEAR_SECONDS = 365 * 86400

Show = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Page:
    """``label`` and ``icon`` give it a place in the rail; ``name`` marks which place is the current one."""

    path: str
    name: str
    show: Show
    label: str | None = None
    icon: str = ""


def language_of(request: web.Request) -> str:
    setting = request.app[SERVICES].language
    return i18n.choose(request.query.get("lang"), request.cookies.get("lang"), setting)


def formats(request: web.Request) -> Formats:
    """How this request's reader sees dates and numbers."""
    services, language = request.app[SERVICES], language_of(request)
    translate = i18n.translations(language).gettext
    return Formats(language, services.timezone, services.region, translate, services.clock.now)


def wants_fragment(request: web.Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def render(
    request: web.Request, name: str, template: str, *, status: int = 200, fragment: str | None = None, **values: Any
) -> web.Response:
    """``template`` filled with ``values``; for htmx only ``fragment``, where the page has one."""
    language = language_of(request)
    chosen = fragment if fragment and wants_fragment(request) else template
    text = environment(language).get_template(chosen).render(_context(request, language, name) | values)
    response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Cache-Control"] = "no-store"
    if request.query.get("lang") in i18n.LANGUAGES:
        response.set_cookie("lang", language, max_age=YEAR_SECONDS, samesite="Lax")
    return response


def _context(request: web.Request, language: str, name: str) -> dict[str, Any]:
    other = next(choice for choice in i18n.LANGUAGES if choice != language)
    theme = request.cookies.get("theme")
    return {
        "asset": request.app[ASSETS].url,
        "demo": request.app[SERVICES].demo,
        "dir": i18n.DIRECTIONS[language],
        "f": formats(request),
        "here": name,
        "is_live": lambda call: request.app[SERVICES].feed.board.live(call.id) is not None,
        "lang": language,
        "name_of": request.app[SERVICES].feed.board.name_of,
        "other_lang": {"code": other, "name": i18n.NATIVE[other], "url": request.rel_url.update_query(lang=other)},
        "rail": request.app[RAIL],
        "theme": theme if theme in THEMES else None,
        "words": words(i18n.translations(language).gettext),
    }
