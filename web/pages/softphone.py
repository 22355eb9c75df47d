"""``/phone``: the softphone of whoever works at one: how it is, which microphone and speaker, a test.
``/admin/softphones``: which phones are used in the browser, and where their secrets come from.

No page holds a secret: the browser asks the API for it. Neighbours: ``crm_core.softphones`` keeps the accounts,
``web/src/phone.ts`` is the panel, ``web.sip`` the line.
"""

from __future__ import annotations

from aiohttp import web

from crm_core.softphones.service import MANAGE, USE
from cti.kernel.errors import RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.typed import Typed

PATH = "/admin/softphones"


async def _show(request: web.Request) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    return render(
        request,
        "phone",
        "phone.html",
        mine=services.crm.softphones.used_at(actor.extensions),
        line=bool(services.sip),
    )


async def _list(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request, *, error: RefusedError | None = None, typed: Typed | None = None
) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    endpoints = [
        (one.pbx, endpoint)
        for one in await services.crm.directory.seen(actor)
        for endpoint in one.endpoints
        if endpoint.kind == "phone" and endpoint.name.startswith("PJSIP/")
    ]
    return render(
        request,
        "softphones",
        "softphones.html",
        status=200 if error is None else 422,
        error=None if error is None else said(request, error),
        conf={name: await services.softphone_conf(actor, name) for name in services.pbxs},
        endpoints=endpoints,
        lines=services.sip,
        phones=await services.crm.softphones.all(actor),
        typed=typed,
    )


async def _put(request: web.Request) -> web.StreamResponse:
    typed, softphones = await Typed.of(request), request.app[SERVICES].crm.softphones
    pbx, _, endpoint = typed.text("phone").partition(" ")
    try:
        await softphones.put(
            actor_of(request),
            pbx,
            endpoint,
            typed.text("extension") or endpoint.partition("/")[2],
            login=typed.text("login"),
            secret=typed.text("secret") if typed.text("from") == "typed" else None,
        )
    except RefusedError as error:
        return await _page(request, error=error, typed=typed)
    raise web.HTTPSeeOther(PATH)


async def _remove(request: web.Request) -> web.StreamResponse:
    typed = await Typed.of(request)
    pbx, _, endpoint = typed.text("phone").partition(" ")
    try:
        await request.app[SERVICES].crm.softphones.remove(actor_of(request), pbx, endpoint)
    except RefusedError as error:
        return await _page(request, error=error)
    raise web.HTTPSeeOther(PATH)


async def _rotate(request: web.Request) -> web.StreamResponse:
    typed = await Typed.of(request)
    await request.app[SERVICES].crm.softphones.rotate(actor_of(request), typed.text("pbx"))
    raise web.HTTPSeeOther(PATH)


PAGE = Page(
    path="/phone",
    name="phone",
    show=_show,
    label=N_("My softphone"),
    icon="headphones",
    permission=USE,
    hint=N_("Microphone, speaker and a test of the phone in the browser."),
)
ADMIN = Page(
    path=PATH,
    name="softphones",
    show=_list,
    label=N_("Softphones"),
    icon="headset",
    permission=MANAGE,
    hint=N_("Which phones are used in the browser, and their SIP accounts."),
    forms=(Form(PATH, _put, MANAGE), Form(f"{PATH}/remove", _remove, MANAGE), Form(f"{PATH}/rotate", _rotate, MANAGE)),
)
