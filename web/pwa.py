"""The product as an application on a device: its manifest, and the service worker at the root of the site.

A worker may serve what lies beneath its own address, so it is not served from among the built files. Neighbours:
``web/src/worker.ts`` is the worker, ``web/src/install.ts`` registers it.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from web import i18n
from web.assets import DIST
from web.page import ASSETS, language_of

ICONS = (
    ("icon.svg", "any", "any"),
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)


def routes() -> list[web.RouteDef]:
    return [web.get("/manifest.webmanifest", _manifest), web.get("/worker.js", _worker)]


async def _manifest(request: web.Request) -> web.Response:
    """In the reader's language; the same for all users."""
    language, url = language_of(request), request.app[ASSETS].url
    translate = i18n.translations(language).gettext
    body = {
        "id": "/",
        "name": translate("Tamas"),
        "short_name": translate("Tamas"),
        "description": translate("Every call, and who it was with."),
        "lang": language,
        "dir": i18n.DIRECTIONS[language],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f5f7",
        "theme_color": "#ffffff",
        "protocol_handlers": [{"protocol": scheme, "url": "/work?dial=%s"} for scheme in ("tel", "web+tel")],
        "icons": [
            {"src": url(name), "sizes": sizes, "purpose": purpose, "type": _type(name)}
            for name, sizes, purpose in ICONS
        ],
    }
    return web.Response(
        body=msgspec.json.encode(body),
        content_type="application/manifest+json",
        headers={"Cache-Control": "no-cache", "Vary": "Cookie"},
    )


def _type(name: str) -> str:
    return "image/svg+xml" if name.endswith(".svg") else "image/png"


async def _worker(request: web.Request) -> web.StreamResponse:
    """Never kept by the browser's cache: a new version must arrive."""
    name = request.app[ASSETS].url("worker.js").rpartition("/")[2]
    response = web.FileResponse(DIST / name)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    return response
