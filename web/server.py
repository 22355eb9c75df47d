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

from web import auth, errors, listening, push, pwa, sip
from web.api import openapi
from web.assets import DIST, Assets
from web.guard import LOOPBACK_NAMES, add_headers, guard, is_loopback, require_private
from web.page import ASSETS, RAIL, SERVICES, SIGNED_IN, actor_of, admit, refusal
from web.pages import PAGES
from web.peer import from_loopback
from web.services import Services
from web.tls import Tls

BEAT_SECONDS = 1.0
LONGEST_LINE = 65_536
"""Bytes of an address or a header: a long text in Persian takes six for each letter, and is to be refused in words."""
IMMUTABLE = "public, max-age=31536000, immutable"
INSIST_SECONDS = 180 * 86400
_SOCKETS = web.AppKey("sockets", push.Sockets)
TLS: web.AppKey[Tls | None] = web.AppKey("tls")


def create_app(services: Services, tls: Tls | None = None) -> web.Application:
    """The whole of the web, ready to be served; ``web.assets.ensure_built`` has to have run."""
    hosts = LOOPBACK_NAMES | {host.lower() for host in services.public_hosts}
    names = guard(lambda: hosts if tls is None else hosts | tls.names)
    app = web.Application(middlewares=[errors.middleware, names, auth.middleware])
    app[TLS] = tls
    app[SERVICES], app[ASSETS] = services, Assets()
    app[RAIL] = tuple(page for page in PAGES if page.label)
    sockets = app[_SOCKETS] = push.Sockets()
    app[push.PUSHES] = push.Pushes(services.feed.hub, services.clock, services.crm.access, sockets)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_close_sockets)
    app.cleanup_ctx.append(_beating)
    for page in PAGES:
        app.router.add_get(page.path, admit(page.permission, page.show))
        for form in page.forms:
            app.router.add_post(form.path, admit(form.permission, form.run))
    app.add_routes([*openapi.routes(), web.get("/push", app[push.PUSHES].push)])
    app.add_routes([web.get("/healthz", _alive), web.get("/readyz", _ready), web.get("/metrics", _metrics)])
    app.add_routes(pwa.routes())
    sip.install(app)
    listening.install(app)
    app.router.add_get("/static/dist/{name}", _built_file)
    if tls is not None:
        app.on_response_prepare.append(_insist)
        app.router.add_get("/ca.crt", _authority)
    return app


@dataclass(frozen=True)
class Running:
    """``url`` is where it answers. ``stop`` says goodbye to every browser and returns when all are gone."""

    url: str
    _runner: web.AppRunner

    async def stop(self) -> None:
        await self._runner.cleanup()


async def start(app: web.Application, host: str, port: int) -> Running:
    """Serve ``app`` at ``host``:``port`` (0: a free one). NotPrivateError, if others could read along there."""
    tls = app[TLS]
    require_private(host, tls=tls is not None, behind_proxy=app[SERVICES].behind_proxy)
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=2.0, max_line_size=LONGEST_LINE, max_field_size=LONGEST_LINE
    )
    await runner.setup()
    try:
        context = None if tls is None else tls.context
        await web.TCPSite(runner, host.strip("[]"), port, ssl_context=context).start()
    except OSError:  # the port is taken: what runs beside the pages must not stay behind
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    return Running(f"{'http' if tls is None else 'https'}://{_reached_by(host, tls)}:{bound}", runner)


def _reached_by(host: str, tls: Tls | None) -> str:
    """A name for an address that stands for all of the machine's."""
    if host.strip("[]") not in ("", "0.0.0.0", "::"):
        return host
    names = () if tls is None else sorted(name for name in tls.names if not is_loopback(name) and name[0] != "*")
    return next((name for name in names if name[0].isalpha() and ":" not in name), "127.0.0.1")


async def _insist(request: web.Request, response: web.StreamResponse) -> None:
    """Whoever came by HTTPS comes so ever after; not for a certificate of ours, which a device may stop trusting."""
    tls = request.app[TLS]
    if tls is not None and tls.trusted and request.secure:
        response.headers["Strict-Transport-Security"] = f"max-age={INSIST_SECONDS}"


async def _authority(request: web.Request) -> web.StreamResponse:
    """Our own root, for devices to trust."""
    tls = request.app[TLS]
    if tls is None or tls.authority is None:
        raise web.HTTPNotFound
    response = web.Response(body=await asyncio.to_thread(tls.authority.read_bytes))
    response.headers["Content-Type"] = "application/x-x509-ca-cert"
    response.headers["Content-Disposition"] = 'attachment; filename="tamas-ca.crt"'
    return response


async def _beating(app: web.Application) -> AsyncIterator[None]:
    """Tell every browser the time each second, and ask whether it still may watch, for as long as we run."""
    services = app[SERVICES]

    async def beat() -> None:
        while True:
            for _ in services.feed.beats(services.clock.now()):
                await asyncio.sleep(0)
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
