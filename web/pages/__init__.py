"""The pages, one file each. ``PAGES`` is all of them, in the order of the rail."""

from __future__ import annotations

from web.page import Page
from web.pages import audit, call, calls, calls_export, connect, live, sign_in, truth

PAGES: tuple[Page, ...] = (
    live.PAGE,
    calls.PAGE,
    calls_export.PAGE,
    call.PAGE,
    truth.PAGE,
    truth.DAY,
    connect.PAGE,
    audit.PAGE,
    audit.EXPORT,
    audit.TRAIL,
    sign_in.PAGE,
    sign_in.CODE,
    sign_in.WELCOME,
)
