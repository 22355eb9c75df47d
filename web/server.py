"""The web application: everything put together, and the address that it may listen on.

``create_app`` wires pages, API, socket and files to the ``Services`` it is given; ``start`` serves it.
Neighbours: ``pages`` and ``api`` list what there is, ``guard`` says who may come in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
from aiohttp import web

from web import auth, errors, push
from web.api import openapi
from web.assets import DIST, Assets
from web.guard import LOOPBACK_NAMES, add_headers, guard, require_loopback
from web.page import ASSETS, RAIL, SERVICES, SIGNED_IN, actor_of, admit, refusal
from web.pages import PAGES
from web.peer import from_loopback
from web.services import Services

BEAT_SECONDS = 1.0
IMMUTABLE = "public, max-age=31536000, immutable"
_SOCKETS = web.AppKey("sockets", push.Sockets)


def create_app(services: Services) -> web.Application:
    """The whole of the web, ready to be served; ``web.assets.ensure_built`` has to have run."""
    hosts = LOOPBACK_NAMES | {host.lower() for host in services.public_hosts}
    app = web.Application(middlewares=[errors.middleware, guard(hosts), auth.middleware])
    app[SERVICES], app[ASSETS] = services, Assets()
    app[RAIL] = tuple(page for page in PAGES if page.label)
    sockets = app[_SOCKETS] = push.Sockets()
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_close_sockets)
    app.cleanup_ctx.append(_beating)
    for page in PAGES:
        app.router.add_get(page.path, admit(page.permission, page.show))
        for form in page.forms:
            app.router.add_post(form.path, admit(form.permission, form.run))
    app.add_routes([*openapi.routes(), push.route(services.feed.hub, services.clock, services.crm.access, sockets)])
    app.add_routes([web.get("/healthz", _alive), web.get("/readyz", _ready), web.get("/metrics", _metrics)])
    app.router.add_get("/static/dist/{name}", _built_file)
    return app


@dataclass(frozen=True)
class Running:
    """``url`` is where it answers. ``stop`` says goodbye to every browser and returns when all are gone."""

    url: str
    _runner: web.AppRunner

    async def stop(self) -> None:
        await self._runner.cleanup()


async def start(app: web.Application, host: str, port: int) -> Running:
    """Serve ``app`` at ``host``:``port`` (0: a free one). NotLoopbackError, if others could reach it there."""
    require_loopback(host)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]"), port).start()
    except OSError:  # the port is taken: what runs beside the pages must not stay behind
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    return Running(f"http://{host}:{bound}", runner)


async def _beating(app: web.Application) -> AsyncIterator[None]:
    """Tell every browser the time each second, and ask whether it still may watch, for as long as we run."""
    services = app[SERVICES]

    async def beat() -> None:
        while True:
            services.feed.beat(services.clock.now())
            await asyncio.sleep(BEAT_SECONDS)

    async def recheck() -> None:  # beside the beat: it may have to wait for the database
        while True:
            await app[_SOCKETS].recheck(services.feed.hub)
            await asyncio.sleep(BEAT_SECONDS)

    tasks = [asyncio.create_task(beat(), name="web:beat"), asyncio.create_task(recheck(), name="web:recheck")]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _close_sockets(app: web.Application) -> None:
    await app[_SOCKETS].close()


async def _built_file(request: web.Request) -> web.StreamResponse:
    """A file of the build. Its name changes with its content, so a browser keeps it for good."""
    path = DIST / request.match_info["name"]
    if path.parent != DIST or not path.is_file():
        raise web.HTTPNotFound
    response = web.FileResponse(path)
    response.headers["Cache-Control"] = IMMUTABLE
    return response


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


def _machine_or_signed_in(request: web.Request) -> None:
    """Probes and collectors on this machine need no token; others do."""
    if not from_loopback(request) and not actor_of(request).known:
        raise refusal(SIGNED_IN, actor_of(request))


async def _ready(request: web.Request) -> web.Response:
    """Each thing that the product stands on; 503 if one of them is missing, with the reason."""
    _machine_or_signed_in(request)
    found = dict(await request.app[SERVICES].readiness())
    ready = all(reason is None for reason in found.values())
    body = {"ready": ready, "checks": {name: reason or "ok" for name, reason in found.items()}}
    return web.Response(body=msgspec.json.encode(body), status=200 if ready else 503, content_type="application/json")


async def _metrics(request: web.Request) -> web.Response:
    _machine_or_signed_in(request)
    response = web.Response(body=request.app[SERVICES].metrics())
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response
