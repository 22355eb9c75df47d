"""``/connect``: how to connect your PBX, step by step, with what the doctor finds."""

from __future__ import annotations

from aiohttp import web

from web.i18n import N_
from web.page import SERVICES, Page, render


async def _show(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    findings = await services.doctor()
    worst = next((level for level in ("bad", "warn") if any(f.level == level for f in findings)), "ok")
    return render(
        request,
        "connect",
        "connect.html",
        fragment="_findings.html",
        findings=findings,
        setups=services.setups(),
        worst=worst,
    )


PAGE = Page(
    path="/connect",
    name="connect",
    show=_show,
    label=N_("Connect"),
    icon="plug",
    permission="pbx.manage",
    hint=N_("What the PBX and this product must be told of each other, and what is still wrong."),
)
"""Prints what the PBX needs and says what is still wrong."""
